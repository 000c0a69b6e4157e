//! What the administrators of a tenant choose, one struct for each thing that is chosen about. In the database and on the
//! command line the names stand side by side, without these structs: `display_name`, `link_lifetime_minutes`, and so on.

use serde::{Deserialize, Serialize};

use super::password_policy::PasswordPolicy;

/// All settings of a tenant. Stored as JSON; a member that is missing has its default, and one that is not known here, since a
/// newer release wrote it, stays in the store.
#[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct TenantSettings {
    /// What people see of the tenant.
    #[serde(flatten)]
    pub brand: BrandSettings,
    /// Where its mails come from.
    #[serde(flatten)]
    pub mail: MailSettings,
    /// Its password resets.
    #[serde(flatten)]
    pub reset: ResetSettings,
    /// The rules for passwords.
    #[serde(rename = "password_policy")]
    pub password: PasswordPolicy,
    /// Its sign-in.
    #[serde(flatten)]
    pub sign_in: SignInSettings,
    /// How long people stay signed in.
    #[serde(flatten)]
    pub session: SessionSettings,
    /// Its API credentials.
    #[serde(flatten)]
    pub credential: CredentialSettings,
    /// Its terms of service.
    #[serde(flatten)]
    pub terms: TermsSettings,
    /// Users who are brought here.
    pub import: ImportSettings,
    /// Users who are not active for long.
    pub inactive_users: InactiveUsersSettings,
}

/// What people see of a tenant, in pages and mails.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct BrandSettings {
    /// The name that people see, at most 255 bytes; without one they see the tenant's own.
    pub display_name: String,
    /// Where the links in mails lead, if not to the installation's own address.
    pub public_url: Option<String>,
    /// The picture at the top of the pages: a path of this server or a `data:` URL. Uploading a picture sets it.
    pub logo: Option<String>,
    /// The colour of buttons and links on the pages, as `#rrggbb`: dark enough to be read on a light page. On dark pages a
    /// lighter tone of it is used.
    pub colour: Option<String>,
    /// The language of mails and pages when the user has none: `en`, `de`, `fr` or `ja`.
    pub language: String,
    /// The contact shown in mails and pages, for a user to whom something looks wrong.
    pub contact: Option<String>,
}

impl Default for BrandSettings {
    fn default() -> Self {
        Self {
            display_name: String::new(),
            public_url: None,
            logo: None,
            colour: None,
            language: "en".into(),
            contact: None,
        }
    }
}

/// Where the mails of a tenant come from.
#[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct MailSettings {
    /// The sender of mails, if not the installation's own.
    #[serde(rename = "mail_from")]
    pub from: Option<String>,
    /// Where answers to mails go.
    #[serde(rename = "mail_reply_to")]
    pub reply_to: Option<String>,
    /// The address to which the signed ends of the audit log are mailed, once an hour where anything was recorded. It need not be a
    /// user's, and is best one that the administrators of the server cannot read.
    #[serde(rename = "audit_head_mail")]
    pub audit_head: Option<String>,
}

/// What a reset does, and how many there may be.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct ResetSettings {
    /// How long a link lives, in minutes: 10 to 1,440.
    pub link_lifetime_minutes: i64,
    /// Whether the old password works until the link is redeemed. Off by default: after an incident a reset must end
    /// it.
    pub keep_password_until_redeemed: bool,
    /// Whether a reset by an administrator also ends the user's API credentials. Off by default, since programs would
    /// stop.
    #[serde(rename = "reset_revokes_credentials")]
    pub revokes_credentials: bool,
    /// For how many seconds a repeated request of the same administrator returns the same reset.
    #[serde(rename = "reset_repeat_seconds")]
    pub repeat_seconds: i64,
    /// Mails with a link that administrators may send to one user in an hour. Those that the user or anyone else asks
    /// for have a bound of their own: two less than this, at least one.
    #[serde(rename = "reset_mails_per_hour")]
    pub mails_per_hour: i64,
    /// Resets by one person in an hour, over all their credentials; 0 for the larger of 50 and 2 % of the users,
    /// negative for no limit.
    #[serde(rename = "reset_budget_per_hour")]
    pub budget_per_hour: i64,
    /// How many passwords one person may end alone in a day by incidents; 0 for the larger of 500 and 20 % of the users, negative
    /// for no limit.
    pub incident_approval_above: i64,
    /// Whether a second person may agree to an incident by an API token, as on the command line.
    pub incident_agree_by_token: bool,
    /// For how many hours after a change of a user's address mail still goes to the former one, links above all: 0 to 168.
    pub address_cool_off_hours: i64,
}

impl Default for ResetSettings {
    fn default() -> Self {
        Self {
            link_lifetime_minutes: 60,
            keep_password_until_redeemed: false,
            revokes_credentials: false,
            repeat_seconds: 30,
            mails_per_hour: 5,
            budget_per_hour: 0,
            incident_approval_above: 0,
            incident_agree_by_token: false,
            address_cool_off_hours: 24,
        }
    }
}

/// How people sign in.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct SignInSettings {
    /// Wrong passwords before the next guess has to wait: 1 to 100.
    #[serde(rename = "sign_in_failures_max")]
    pub failures_max: i64,
    /// Whether everyone with a password needs a code app too. Whoever has none sets one up at the next sign-in.
    pub second_factor_required: bool,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self { failures_max: 5, second_factor_required: false }
    }
}

/// How long people stay signed in.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct SessionSettings {
    /// A session ends if it is not used for this many minutes.
    #[serde(rename = "session_idle_minutes")]
    pub idle_minutes: i64,
    /// A session ends after this many minutes, even if it is used.
    #[serde(rename = "session_absolute_minutes")]
    pub absolute_minutes: i64,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { idle_minutes: 60, absolute_minutes: 24 * 60 }
    }
}

/// What API credentials may be.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct CredentialSettings {
    /// The longest life of an API credential, in days: 1 to 3,650.
    #[serde(rename = "credential_days_max")]
    pub days_max: i64,
}

impl Default for CredentialSettings {
    fn default() -> Self {
        Self { days_max: 365 }
    }
}

/// The terms of service that its users accept; none by default.
#[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct TermsSettings {
    /// What they say, in as many lines as they have, or where they are to be read.
    #[serde(rename = "terms_text")]
    pub text: String,
    /// Their version, by which users accept them.
    #[serde(rename = "terms_version")]
    pub version: String,
}

/// What may be brought here by an import of users.
#[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct ImportSettings {
    /// Until when an import may bring hashes of passwords along, as an RFC 3339 time at most 7 days ahead; without one, none
    /// may. An owner sets it, since an administrator who brings a hash may know the password.
    pub hashes_until: Option<String>,
}

/// What becomes of users who neither sign in nor use a token for long. Owners and service users stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct InactiveUsersSettings {
    /// After how many days in which they neither signed in nor used a token users are disabled: 14 to 3,650, or 0 for never.
    /// Owners and service users are not; and nobody is who was not told by mail so many days before as `notice_days` says.
    pub disable_days: i64,
    /// How many days before they would be disabled users are told by mail that signing in prevents it: 3 to 90, and fewer than
    /// `disable_days`.
    pub notice_days: i64,
    /// After how many days, counted as those of `disable_days`, users who were disabled for being inactive are removed: at least
    /// 10 more than those, up to 7,300, or 0 for never.
    pub remove_days: i64,
}

/// How many days at least lie between the day when a user is disabled for being inactive and that of the removal.
pub const REMOVED_LATER_DAYS: i64 = 10;

impl Default for InactiveUsersSettings {
    fn default() -> Self {
        Self { disable_days: 0, notice_days: 14, remove_days: 0 }
    }
}

impl InactiveUsersSettings {
    /// Whether anything becomes of them.
    pub fn is_on(&self) -> bool {
        self.disable_days > 0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_names_that_are_stored_stand_side_by_side() {
        let written = serde_json::to_value(TenantSettings::default()).unwrap();
        let policy = written["password_policy"].clone();
        let wanted = json!({
            "address_cool_off_hours": 24, "audit_head_mail": null, "incident_agree_by_token": false,
            "incident_approval_above": 0, "import": { "hashes_until": null },
            "inactive_users": { "disable_days": 0, "notice_days": 14, "remove_days": 0 },
            "colour": null, "contact": null, "credential_days_max": 365, "display_name": "", "keep_password_until_redeemed": false,
            "language": "en", "link_lifetime_minutes": 60, "logo": null, "mail_from": null, "mail_reply_to": null,
            "password_policy": policy, "public_url": null, "reset_budget_per_hour": 0, "reset_mails_per_hour": 5,
            "reset_repeat_seconds": 30, "reset_revokes_credentials": false, "second_factor_required": false, "session_absolute_minutes": 1440,
            "session_idle_minutes": 60, "sign_in_failures_max": 5, "terms_text": "", "terms_version": "",
        });
        assert_eq!(written, wanted);
        assert_eq!(policy["minimum_length"], 12);
    }

    #[test]
    fn what_is_stored_is_read_and_what_is_missing_has_its_default() {
        let usual = serde_json::to_value(TenantSettings::default()).unwrap();
        let other = |value: &Value| match value {
            Value::Bool(value) => json!(!value),
            Value::Number(_) => json!(7),
            Value::Object(import) if import.contains_key("hashes_until") => {
                json!({ "hashes_until": "2026-03-04T09:15:27Z" })
            }
            Value::Object(inactive) if inactive.contains_key("notice_days") => json!({ "notice_days": 7 }),
            Value::Object(_) => json!({ "minimum_length": 15 }),
            _ => json!("something"),
        };
        for (name, default) in usual.as_object().unwrap() {
            let stored = json!({ name: other(default), "a_setting_of_a_newer_release": { "a": 1 } });
            let read: TenantSettings = serde_json::from_value(stored.clone()).unwrap();
            let mut expected = usual.clone();
            match &stored[name] {
                Value::Object(members) => {
                    members.iter().for_each(|(member, value)| expected[name][member] = value.clone());
                }
                chosen => expected[name] = chosen.clone(),
            }
            assert_eq!(serde_json::to_value(read).unwrap(), expected, "{name}");
        }
    }
}
