//! Tenants, users and callers as plain values. No SQL, no HTTP.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::Rights;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::passwords::Policy;

/// The number of a tenant. Random, so that it does not reveal how many there are; never reused.
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
    /// The label in its host name.
    pub name: String,
    /// The tenant id of the API: the name and eight letters.
    pub uid: String,
    /// Grows with every change of the tenant.
    pub revision: i64,
    /// The settings chosen by its administrators.
    pub settings: TenantSettings,
}

/// Settings that a tenant's administrators choose. Stored as JSON; missing members have their defaults, and unknown
/// ones, written by a newer release, are kept.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct TenantSettings {
    /// The name that people see.
    pub display_name: String,
    /// Where the links in mails lead, if not to the installation's own address.
    pub public_url: Option<String>,
    /// The picture at the top of the pages: a path of this server or a `data:` URL.
    pub logo: Option<String>,
    /// The language of mails and pages when the user has none: `en`, `de`, `fr` or `ja`.
    pub language: String,
    /// The sender of mails, if not the installation's own.
    pub mail_from: Option<String>,
    /// Where answers to mails go.
    pub mail_reply_to: Option<String>,
    /// The contact shown in mails and pages, for a user to whom something looks wrong.
    pub contact: Option<String>,
    /// How long a link lives, in minutes: 10 to 1,440.
    pub link_lifetime_minutes: i64,
    /// Whether the old password works until the link is redeemed. Off by default: after an incident a reset must end
    /// it.
    pub keep_password_until_redeemed: bool,
    /// Whether a reset by an administrator also ends the user's API credentials. Off by default, since programs would
    /// stop.
    pub reset_revokes_credentials: bool,
    /// For how many seconds a repeated request of the same administrator returns the same reset.
    pub reset_repeat_seconds: i64,
    /// Mails with a link that administrators may send to one user in an hour. Those that the user or anyone else asks
    /// for have a bound of their own: two less than this, at least one.
    pub reset_mails_per_hour: i64,
    /// Resets by one person in an hour, over all their credentials; 0 for the larger of 50 and 2 % of the users, negative for no limit.
    pub reset_budget_per_hour: i64,
    /// The rules for passwords.
    pub password_policy: Policy,
    /// Wrong passwords before the next guess has to wait.
    pub sign_in_failures_max: i64,
    /// A session ends if it is not used for this long.
    pub session_idle_minutes: i64,
    /// A session ends after this long, even if it is used.
    pub session_absolute_minutes: i64,
    /// The longest life of an API credential.
    pub credential_days_max: i64,
}

impl TenantSettings {
    /// The settings of a new tenant in this installation.
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

/// The holder of a credential, as found by one look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The tenant.
    pub tenant: TenantId,
    /// The tenant's revision, by which a cached tenant is known to be current.
    pub tenant_revision: i64,
    /// The user, with this credential.
    pub caller: Arc<Caller>,
    /// When the credential expires.
    pub expires_at: Timestamp,
}

/// What the last look-up of this credential found. It may be stale, so an operation that uses it reads the same facts
/// again in its own first query and returns `Outdated` if they differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Presumed {
    /// The hash of the secret.
    pub secret_hash: [u8; 32],
    /// The result of the last look-up.
    pub bearer: Bearer,
}

/// The maker of a call, and their proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user: UserId,
    /// Their email, as shown.
    pub email: String,
    /// The credential or session that the call carried.
    pub proof: Proof,
    /// The user's rights.
    pub rights: Arc<Rights>,
}

impl Caller {
    /// The actor for the audit records of a request.
    pub fn actor(&self, address: IpAddr, request_id: Uuid) -> Actor {
        let credential = match &self.proof {
            Proof::Credential(name) => Some(name.clone()),
            Proof::Session(_) => None,
        };
        Actor { user: Some(self.user), name: self.email.clone(), credential, address, request_id }
    }
}

/// How a caller proved their identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// An API credential, by name.
    Credential(String),
    /// A session of a browser, by the hash of its secret.
    Session(Vec<u8>),
}

/// The author of an action, in a form that outlives the user's row.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The user, if there is one.
    pub user: Option<UserId>,
    /// Their email, or `anonymous`, or the part of the house that acted.
    pub name: String,
    /// The name of the API credential, if one was used.
    pub credential: Option<String>,
    /// The client's address.
    pub address: IpAddr,
    /// The id of the request. It is the key of the audit record, so there can be only one.
    pub request_id: Uuid,
}
