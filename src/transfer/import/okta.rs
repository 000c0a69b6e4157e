//! The list of users of Okta, as its API answers it. Okta gives no hashes.

use super::codes::Code;
use super::draft::Draft;
use super::encoding::File;
use super::json::Step;
use super::lists::{Lists, Shape};
use super::members::Members;
use super::options::Options;
use super::record::{FileTold, Key, Reason, State, Told};

/// What says nothing of the person.
const SILENT: [&str; 10] = [
    "activated",
    "statusChanged",
    "lastLogin",
    "lastUpdated",
    "passwordChanged",
    "type",
    "_links",
    "_embedded",
    "transitioningToStatus",
    "realmId",
];

const SHAPE: Shape = Shape { source: "okta", email: "profile.email", paths: &[&[Step::Each]], sure: "profile", fill };

/// Opens the files.
///
/// # Errors
/// As [`Lists::open`].
pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Lists, FileTold> {
    Lists::open(&SHAPE, files, options)
}

fn fill(_: usize, draft: &mut Draft, mut user: Members) -> Result<(), Reason> {
    draft.keys = user.text("id")?.map(|id| Key::new("okta", None, id)).into_iter().collect();
    let mut profile = user.object("profile")?.unwrap_or_default();
    draft.email = profile.text("email")?.unwrap_or_default();
    draft.username = profile.text("login")?;
    draft.first_name = ("profile.firstName", profile.text("firstName")?.unwrap_or_default());
    draft.last_name = ("profile.lastName", profile.text("lastName")?.unwrap_or_default());
    draft.language = profile.text("preferredLanguage")?.or(profile.text("locale")?).map(|tag| ("profile.locale", tag));
    draft.name = profile.text("displayName")?.filter(|_| !draft.has_names()).map(|name| ("profile.displayName", name));
    draft.created_at = user.moment("created")?;
    match user.text("status")?.as_deref() {
        Some("DEPROVISIONED") => return Err(Reason::field(Code::StateRemoved, "status")),
        Some("SUSPENDED") => draft.state = State::Disabled,
        Some("LOCKED_OUT") => draft.told.push(Told::row(Code::LockDropped)),
        _ => {}
    }
    let mut credentials = user.object("credentials")?.unwrap_or_default();
    let mut provider = credentials.object("provider")?.unwrap_or_default();
    let (kind, name) = (provider.text("type")?.unwrap_or_default(), provider.text("name")?.unwrap_or_default());
    match kind.as_str() {
        "" | "OKTA" | "IMPORT" => {}
        "FEDERATION" | "SOCIAL" => draft.identity = Some((name, draft.username.clone().unwrap_or_default())),
        // A directory behind Okta: the user has no password at either.
        _ => draft.told.push(Told::field(Code::Federated, "credentials.provider")),
    }
    if credentials.any("recovery_question").is_some() {
        draft.dropped.push("credentials.recovery_question".into());
    }
    user.forget(&SILENT);
    draft.dropped.extend(user.left());
    draft.dropped.extend(profile.left());
    Ok(())
}
