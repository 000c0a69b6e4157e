//! Who is who, as plain values: tenants, users, and the one who makes a call. No SQL, no HTTP.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::config::Config;
use crate::passwords::Policy;
use crate::rights::Rights;

/// The number of a tenant. Random, so that it tells nothing about how many there are; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(pub i64);

/// The number of a user inside its tenant. Never shown, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub i64);

/// A tenant as every call needs it.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its number.
    pub id: TenantId,
    /// The word in its host name.
    pub name: String,
    /// What the API calls the tenant id: the name and eight letters.
    pub uid: String,
    /// Grows with every change.
    pub revision: i64,
    /// What its administrators have chosen.
    pub settings: TenantSettings,
}

/// What a tenant's administrators may choose. Stored as JSON; what is missing has its default, and what a newer release
/// has written beside it is left alone.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct TenantSettings {
    /// The name that people see.
    pub display_name: String,
    /// Where the links in mails lead, when it is not the installation's own address.
    pub public_url: Option<String>,
    /// The picture in the head of the pages: a path of this server or a `data:` URL.
    pub logo: Option<String>,
    /// The language of mails and pages when the user has none: `en`, `de`, `fr` or `ja`.
    pub language: String,
    /// The sender of mails, when it is not the installation's own.
    pub mail_from: Option<String>,
    /// Where answers to mails go.
    pub mail_reply_to: Option<String>,
    /// Whom to ask when something looks wrong; shown in mails and pages.
    pub contact: Option<String>,
    /// How long a link lives, in minutes: 10 to 1,440.
    pub link_lifetime_minutes: i64,
    /// Whether the old password works until the link is redeemed. Off, since a reset after an
    /// incident must mean that it is dead.
    pub keep_password_until_redeemed: bool,
    /// Whether a reset by an administrator ends the user's API credentials too. Off, since programs would stop.
    pub reset_revokes_credentials: bool,
    /// How long the same administrator asking again gets the same reset, in seconds.
    pub reset_repeat_seconds: i64,
    /// Mails with a link to one user in an hour, of those that administrators ask for. The wishes of the user and of anyone
    /// have a bound of their own, two below this one, at least one.
    pub reset_mails_per_hour: i64,
    /// Resets by one person in an hour, over all their credentials; 0 for the larger of 50 and 2 % of the users, negative for no limit.
    pub reset_budget_per_hour: i64,
    /// What a password must be.
    pub password_policy: Policy,
    /// Wrong passwords until the next guess has to wait.
    pub sign_in_failures_max: i64,
    /// A session ends when nobody used it for so long.
    pub session_idle_minutes: i64,
    /// A session ends after so long, whatever happens.
    pub session_absolute_minutes: i64,
    /// The longest life of an API credential.
    pub credential_days_max: i64,
}

impl TenantSettings {
    /// What a new tenant begins with in this installation.
    pub fn of(config: &Config, display_name: &str) -> Self {
        let Config { links, reset, sessions, .. } = config;
        let budget = reset.budget_per_person_per_hour;
        Self {
            display_name: display_name.into(),
            link_lifetime_minutes: links.lifetime_minutes.into(),
            reset_repeat_seconds: reset.repeat_window_seconds.into(),
            reset_mails_per_hour: reset.mails_per_user_per_hour.into(),
            reset_budget_per_hour: if budget == u32::MAX { -1 } else { budget.into() },
            session_idle_minutes: sessions.idle_minutes.into(),
            session_absolute_minutes: sessions.absolute_minutes.into(),
            ..Self::default()
        }
    }
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            display_name: String::new(),
            public_url: None,
            logo: None,
            language: "en".into(),
            mail_from: None,
            mail_reply_to: None,
            contact: None,
            link_lifetime_minutes: 60,
            keep_password_until_redeemed: false,
            reset_revokes_credentials: false,
            reset_repeat_seconds: 30,
            reset_mails_per_hour: 5,
            reset_budget_per_hour: 0,
            password_policy: Policy::default(),
            sign_in_failures_max: 5,
            session_idle_minutes: 60,
            session_absolute_minutes: 24 * 60,
            credential_days_max: 365,
        }
    }
}

/// Who holds a credential, as one look at the store tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The tenant.
    pub tenant: TenantId,
    /// Its revision, to see whether what is known of it is still true.
    pub tenant_revision: i64,
    /// The user, by this credential.
    pub caller: Arc<Caller>,
    /// Until when the credential counts.
    pub expires_at: Timestamp,
}

/// Whom the bearer of a secret is taken for, because the last look told so. Whatever is done for them asks again
/// whether it still is so, in the look that it does anyway.
#[derive(Debug, PartialEq, Eq)]
pub struct Presumed {
    /// The hash of the secret.
    pub secret_hash: [u8; 32],
    /// What the last look told.
    pub bearer: Bearer,
}

/// Who makes a call, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user on whose behalf.
    pub user: UserId,
    /// Their email, as shown.
    pub email: String,
    /// With what they showed who they are.
    pub proof: Proof,
    /// What they may do.
    pub rights: Arc<Rights>,
}

impl Caller {
    /// Who to write into the records of a request.
    pub fn actor(&self, address: IpAddr, request_id: Uuid) -> Actor {
        let credential = match &self.proof {
            Proof::Credential(name) => Some(name.clone()),
            Proof::Session(_) => None,
        };
        Actor { user: Some(self.user), name: self.email.clone(), credential, address, request_id }
    }
}

/// With what a caller showed who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// An API credential, by name.
    Credential(String),
    /// A session of a browser, by the hash of its secret.
    Session(Vec<u8>),
}

/// Who did something, for records that outlive them.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The user, if there is one.
    pub user: Option<UserId>,
    /// Their email, or `anonymous`, or the part of the house that acted.
    pub name: String,
    /// The name of the API credential, if one was used.
    pub credential: Option<String>,
    /// Where the call came from.
    pub address: IpAddr,
    /// The id of the request. Its audit record has it as its key, so there can be only one.
    pub request_id: Uuid,
}
