//! The settings of a user in the words of the public API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::acceptance::Acceptance;
use super::access_request::seconds_to_wait;
use super::change::Change;
use super::image::Image;
use super::notifications::{Choices, List, Shown, shown};
use super::rows::Kept;
use super::view::{Personas, View};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::EmptyObject;
use crate::objects::{EMPTY, Whole, empty_if_null};
use crate::terms::OtpStatus;

#[derive(Serialize, JsonSchema)]
pub(super) struct Settings {
    /// The picture in base64; empty where there is none.
    #[schemars(example = &"R0lGODlhAQABAAAAACw=")]
    image: String,
    initial_access: InitialAccess,
    /// Whether the user may ask for access now.
    is_next_request_allowed: bool,
    notifications: Vec<Notification>,
    otp_enabled: bool,
    #[schemars(with = "OtpStatus")]
    otp_status: &'static str,
}

/// What became of the user's last request for access.
#[derive(Serialize, JsonSchema)]
struct InitialAccess {
    requested: bool,
    /// Whether a mail about it has left.
    email_sent: bool,
    last_requesting_time: Option<Timestamp>,
}

impl Settings {
    pub(super) fn new(kept: &Kept, image: Option<&Image>, has_factor: bool, now: Timestamp) -> Self {
        Self {
            image: image.map(Image::base64).unwrap_or_default(),
            initial_access: InitialAccess {
                requested: kept.access_requested_at.is_some(),
                email_sent: kept.access_mailed_at.is_some(),
                last_requesting_time: kept.access_requested_at,
            },
            is_next_request_allowed: seconds_to_wait(kept.access_requested_at, now) == 0,
            notifications: listed(List::Own, &kept.notifications).collect(),
            otp_enabled: has_factor,
            otp_status: if has_factor { "OTP_ENABLED" } else { "OTP_DISABLED" },
        }
    }
}

#[derive(Serialize, JsonSchema)]
struct Notification {
    #[schemars(example = &"access-request")]
    code: String,
    #[schemars(example = &"A user asks for access")]
    label: String,
    #[schemars(example = &"A mail to the owners of the tenant when a user asks for access.")]
    description: &'static str,
    enabled: bool,
}

fn listed(list: List, choices: &Choices) -> impl Iterator<Item = Notification> {
    let notification = |Shown { code, label, description, enabled }| Notification { code, label, description, enabled };
    shown(list, choices).into_iter().map(notification)
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Notifications {
    notifications: Vec<Notification>,
}

impl Notifications {
    /// One list, or both.
    pub(super) fn new(list: Option<List>, kept: &Kept) -> Self {
        let own = listed(List::Own, &kept.notifications).filter(|_| list != Some(List::OfOwners));
        let of_owners = listed(List::OfOwners, &kept.admin_notifications).filter(|_| list != Some(List::Own));
        Self { notifications: own.chain(of_owners).collect() }
    }
}

/// Settings to change. What is absent or empty stays as it is.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "OwnSettingsAsk")]
pub(super) struct SettingsAsk {
    /// The codes of all notices that are to be on; the others of the user's own list go off.
    #[schemars(example = ["password-changed"])]
    enabled_notifications: Option<Vec<String>>,
    #[schemars(example = &"Jane")]
    first_name: Option<String>,
    #[schemars(example = &"Roe")]
    last_name: Option<String>,
    /// A picture in base64: PNG, JPEG, GIF or WebP, at most 1 MiB.
    #[schemars(example = &"R0lGODlhAQABAAAAACw=")]
    image: Option<String>,
    /// False switches your code app off, by a session that has proved a moment ago who it is of. One is set up on the account
    /// page alone.
    #[schemars(example = false)]
    otp_enabled: Option<bool>,
}

impl SettingsAsk {
    pub(super) fn change(self) -> Result<Change> {
        let image = self.image.filter(|image| !image.is_empty());
        Ok(Change {
            first_name: self.first_name.filter(|name| !name.is_empty()),
            last_name: self.last_name.filter(|name| !name.is_empty()),
            image: image.map(|image| Image::read(&image, "")).transpose()?,
            enabled_notifications: self.enabled_notifications,
            has_factor: self.otp_enabled,
        })
    }
}

/// A picture to keep.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ImageAsk {
    /// Its type; may be absent, since the picture says it.
    #[serde(default, deserialize_with = "empty_if_null")]
    #[schemars(example = &"image/gif")]
    content_type: String,
    /// The picture in base64: PNG, JPEG, GIF or WebP, at most 1 MiB.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"R0lGODlhAQABAAAAACw=")]
    image: String,
}

impl ImageAsk {
    pub(super) fn image(&self) -> Result<Image> {
        if self.image.is_empty() {
            return Err(Error::invalid("Field image should be not empty in request."));
        }
        Image::read(&self.image, &self.content_type)
    }
}

/// A picture; all empty where there is none.
#[derive(Serialize, JsonSchema)]
pub(super) struct ImageShown {
    #[schemars(example = &"image/gif")]
    content_type: String,
    /// The picture in base64.
    #[schemars(example = &"R0lGODlhAQABAAAAACw=")]
    data: String,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    extensions: [String; 0],
}

impl ImageShown {
    pub(super) fn new(image: Option<Image>) -> Self {
        let data = image.as_ref().map(Image::base64).unwrap_or_default();
        Self { content_type: image.map(|image| image.content_type).unwrap_or_default(), data, extensions: [] }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ViewShown {
    advanced_view: bool,
    /// Whether the user has ever said how they want to see things.
    initialized: bool,
    persona_preferences: PersonasShown,
}

/// For which work the user wants to see things.
#[derive(Serialize, JsonSchema)]
struct PersonasShown {
    billing: bool,
    dev_ops: bool,
    developer: bool,
    master: bool,
    net_ops: bool,
    sec_ops: bool,
}

impl ViewShown {
    pub(super) fn new(view: Option<View>) -> Self {
        let initialized = view.is_some();
        let View { advanced_view, persona_preferences } = view.unwrap_or_default();
        let Personas { billing, dev_ops, developer, master, net_ops, sec_ops } = persona_preferences;
        let persona_preferences = PersonasShown { billing, dev_ops, developer, master, net_ops, sec_ops };
        Self { advanced_view, initialized, persona_preferences }
    }
}

/// Choices about notices: whether each is wanted, by its code.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct ChoicesAsk {
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = serde_json::json!({ "access-request": false }))]
    pub(super) ntfn_preferences_map: Choices,
}

/// A choice to take back.
#[derive(Deserialize, JsonSchema)]
pub(super) struct UnsetAsk {
    /// The code of the notice.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"access-request")]
    pub(super) ntfn_to_unset: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct TermsShown {
    /// What they say, or where they are to be read; empty where the tenant has none here.
    #[schemars(example = &"https://example.com/terms")]
    pub(super) text: String,
    #[schemars(example = &"2026-03")]
    pub(super) version: String,
}

/// The terms that are accepted.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct AcceptAsk {
    /// The path names it; this is read where a client leaves `{namespace}` there.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"system")]
    #[allow(dead_code, reason = "sent by clients of the contract; the path decides")]
    namespace: String,
    /// What is accepted; the version if it is empty.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"2026-03")]
    tos_accepted: String,
    /// When it was accepted, in milliseconds since 1970; now if it is absent or 0.
    #[schemars(with = "String", example = &"1772615727004")]
    tos_accepted_at: Option<Whole>,
    /// The version; the tenant's present one if it is empty.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"2026-03")]
    tos_version: String,
}

impl AcceptAsk {
    pub(super) fn acceptance(self) -> Acceptance {
        let at_milliseconds = self.tos_accepted_at.map_or(0, |at| at.0);
        Acceptance { words: self.tos_accepted, version: self.tos_version, at_milliseconds }
    }
}
