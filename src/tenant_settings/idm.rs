//! How people sign in to a tenant: the shown name, the bound of wrong guesses, and the rules for passwords.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Changes, set, tenant_named};
use crate::error::{Error, Result};
use crate::http::{Call, Empty, Json};
use crate::identity::{PasswordPolicy, TenantSettings};
use crate::objects::Whole;

#[derive(Clone, Serialize, JsonSchema)]
pub(super) struct IdmSettings {
    basic_configuration: ShownName,
    brute_force_detection_settings: Guesses,
    password_policy: PasswordPolicy,
}

#[derive(Clone, Serialize, JsonSchema)]
struct ShownName {
    #[schemars(example = &"Example Corp")]
    display_name: String,
}

#[derive(Clone, Serialize, JsonSchema)]
struct Guesses {
    #[schemars(example = 5)]
    max_login_failures: i64,
}

impl IdmSettings {
    /// These parts of a tenant's settings.
    pub(super) fn of(settings: &TenantSettings) -> Self {
        Self {
            basic_configuration: ShownName { display_name: settings.brand.display_name.clone() },
            brute_force_detection_settings: Guesses { max_login_failures: settings.sign_in.failures_max },
            password_policy: settings.password.clone(),
        }
    }
}

pub(super) async fn show_idm(call: Call) -> Result<Json<IdmSettings>> {
    Ok(Json(IdmSettings::of(&call.tenant()?.settings)))
}

/// Settings to change; a part that is absent, or a member of a part, stays as it is.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct IdmAsk {
    basic_configuration: Option<AskedName>,
    brute_force_detection_settings: Option<AskedGuesses>,
    password_policy: Option<AskedPolicy>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct AskedName {
    /// The name that people see, at most 255 bytes.
    #[schemars(example = &"Example Corp")]
    display_name: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct AskedGuesses {
    /// Wrong passwords before the next guess has to wait: 1 to 30; 0 leaves it as it is.
    #[schemars(example = 5)]
    max_login_failures: Option<Whole>,
}

/// The rules for passwords, as in the answer.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[allow(missing_docs, reason = "the members are those of the policy")]
struct AskedPolicy {
    #[schemars(example = 12)]
    minimum_length: Option<Whole>,
    #[schemars(example = 0)]
    digits: Option<Whole>,
    #[schemars(example = 0)]
    lowercase_characters: Option<Whole>,
    #[schemars(example = 0)]
    uppercase_characters: Option<Whole>,
    #[schemars(example = 0)]
    special_characters: Option<Whole>,
    #[schemars(example = 3)]
    not_recently_used: Option<Whole>,
    #[schemars(example = true)]
    not_username: Option<bool>,
    #[schemars(example = 0)]
    expire_password: Option<Whole>,
    #[schemars(example = 3)]
    minimum_strength: Option<Whole>,
}

/// The most wrong guesses (as in the public API).
const GUESSES_MAX: i64 = 30;

impl IdmAsk {
    /// The settings that the request names.
    pub(super) fn changes(self) -> Result<Changes> {
        let mut changes = Changes::new();
        if let Some(name) = self.basic_configuration.and_then(|part| part.display_name) {
            changes.push(("display_name".into(), name));
        }
        let guesses = self.brute_force_detection_settings.and_then(|part| part.max_login_failures);
        if let Some(guesses) = guesses.filter(|guesses| guesses.0 != 0) {
            if !(1..=GUESSES_MAX).contains(&guesses.0) {
                return Err(Error::invalid(
                    "Field brute_force_detection_settings.max_login_failures must be from 1 to 30.",
                ));
            }
            changes.push(("sign_in_failures_max".into(), guesses.0.to_string()));
        }
        changes.extend(self.password_policy.unwrap_or_default().changes());
        Ok(changes)
    }
}

/// The settings of the public API's three parts. `minimum_strength` is ours, so that its clients neither send nor know it.
const OF_THE_PUBLIC_API: [&str; 10] = [
    "display_name",
    "sign_in_failures_max",
    "password_policy.minimum_length",
    "password_policy.digits",
    "password_policy.lowercase_characters",
    "password_policy.uppercase_characters",
    "password_policy.special_characters",
    "password_policy.not_recently_used",
    "password_policy.not_username",
    "password_policy.expire_password",
];

/// Brings the three parts back to their defaults; changes behind these are made after them.
pub(super) fn back_to_defaults() -> Changes {
    OF_THE_PUBLIC_API.map(|name| (name.to_owned(), String::new())).into()
}

impl AskedPolicy {
    fn changes(self) -> Changes {
        let numbers = [
            ("minimum_length", self.minimum_length),
            ("digits", self.digits),
            ("lowercase_characters", self.lowercase_characters),
            ("uppercase_characters", self.uppercase_characters),
            ("special_characters", self.special_characters),
            ("not_recently_used", self.not_recently_used),
            ("expire_password", self.expire_password),
            ("minimum_strength", self.minimum_strength),
        ];
        let numbers = numbers.into_iter().filter_map(|(name, asked)| Some((name, asked?.0.to_string())));
        let flag = self.not_username.map(|flag| ("not_username", flag.to_string()));
        numbers.chain(flag).map(|(name, value)| (format!("password_policy.{name}"), value)).collect()
    }
}

pub(super) async fn change_idm(call: Call, ask: IdmAsk) -> Result<Empty> {
    let changes = ask.changes()?;
    set(&call, changes).await.map(|_| Empty::default())
}

/// The rules for passwords, as anyone may see them.
#[derive(Serialize, JsonSchema)]
pub(super) struct PolicyShown {
    minimum_length: u32,
    digits: u32,
    lowercase_characters: u32,
    uppercase_characters: u32,
    special_characters: u32,
    not_recently_used: u32,
    not_username: bool,
}

pub(super) async fn show_policy(call: Call) -> Result<Json<PolicyShown>> {
    let policy = tenant_named(&call)?.settings.password;
    Ok(Json(PolicyShown {
        minimum_length: policy.minimum_length,
        digits: policy.digits,
        lowercase_characters: policy.lowercase_characters,
        uppercase_characters: policy.uppercase_characters,
        special_characters: policy.special_characters,
        not_recently_used: policy.not_recently_used,
        not_username: policy.not_username,
    }))
}
