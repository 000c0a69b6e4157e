//! A tenant as operators see it: how it does, never who its users are.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::housekeeping::Round;
use crate::identity::TenantSettings;
use crate::tenants::{Asked, Removal, Standing};

/// A round of housekeeping that has ended.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RoundOfHousekeeping")]
pub(super) struct ShownRound {
    began_at: Timestamp,
    ended_at: Timestamp,
    /// Whether nothing is left to do at once; otherwise the next round comes within seconds.
    has_all: bool,
    /// Why something was left undone.
    #[schemars(example = &"The store cannot be reached.")]
    failure: Option<String>,
}

impl ShownRound {
    pub(super) fn of(Round { began_at, ended_at, has_all, failure }: Round) -> Self {
        Self { began_at, ended_at, has_all, failure }
    }
}

/// Whether a tenant is served.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum StateOfTenant {
    /// It is served.
    Served,
    /// Nobody comes in and no mail leaves, until it is resumed.
    Suspended,
    /// The same, and it is deleted when its time is over.
    Removed,
}

/// A tenant.
#[derive(Serialize, JsonSchema)]
pub(super) struct OperatedTenant {
    #[schemars(example = &"example-corp")]
    name: String,
    /// The id of the tenant in the API; it stays when the name changes.
    #[schemars(example = &"example-corp-abcdefgh")]
    uid: String,
    #[schemars(example = &"Example Corp")]
    display_name: String,
    state: StateOfTenant,
    /// How many users it has, service users among them.
    users: i64,
    created_at: Timestamp,
    /// Grows with every change of the tenant.
    revision: i64,
    suspended: Option<AskedOfTenant>,
    /// The wish of an owner, which changes nothing by itself.
    deletion_requested: Option<AskedOfTenant>,
    removal: Option<RemovalOfTenant>,
}

/// What was asked for a tenant.
#[derive(Serialize, JsonSchema)]
struct AskedOfTenant {
    at: Timestamp,
    #[schemars(example = &"owner@example.com")]
    by: String,
    /// To whom to answer; may be empty.
    #[schemars(example = &"owner@example.com")]
    email: String,
    /// Why, as one of the words of the public API; may be empty.
    #[schemars(example = &"REASON_NO_LONGER_NEEDED")]
    reason: String,
    /// Why, in free words; may be empty.
    #[schemars(example = &"We have moved to another place.")]
    feedback: String,
}

/// The removal of a tenant.
#[derive(Serialize, JsonSchema)]
struct RemovalOfTenant {
    at: Timestamp,
    #[schemars(example = &"operator ada@example.com")]
    by: String,
    /// Until when it can be taken back.
    due_at: Timestamp,
    /// Since when its rows have been going.
    begun_at: Option<Timestamp>,
}

/// A tenant with its settings.
#[derive(Serialize, JsonSchema)]
pub(super) struct OperatedTenantInFull {
    #[serde(flatten)]
    tenant: OperatedTenant,
    /// Every setting; the rules for passwords in `password_policy`.
    #[schemars(with = "Map<String, Value>")]
    settings: TenantSettings,
    /// The one-time link of the first owner, where it is told: on the machine itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"https://example-corp.id.example.com/reset#…")]
    link: Option<String>,
}

/// A page of tenants, by name.
#[derive(Serialize, JsonSchema)]
pub(super) struct OperatedTenants {
    items: Vec<OperatedTenant>,
    next: Option<String>,
}

impl OperatedTenants {
    /// These, of a page that could hold so many.
    pub(super) fn of(found: Vec<Standing>, limit: i64) -> Self {
        let is_full = i64::try_from(found.len()).is_ok_and(|count| count >= limit);
        let next = found.last().filter(|_| is_full).map(|last| last.tenant.name.clone());
        Self { items: found.into_iter().map(OperatedTenant::of).collect(), next }
    }
}

impl OperatedTenantInFull {
    /// The tenant as it stands.
    pub(super) fn of(standing: Standing) -> Self {
        Self { settings: standing.tenant.settings.clone(), tenant: OperatedTenant::of(standing), link: None }
    }

    /// The same with the link of its first owner.
    pub(super) fn with(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }
}

impl OperatedTenant {
    fn of(standing: Standing) -> Self {
        let Standing { tenant, suspended, deletion, removal, users, created_at } = standing;
        let state = match (&removal, &suspended) {
            (Some(_), _) => StateOfTenant::Removed,
            (None, Some(_)) => StateOfTenant::Suspended,
            (None, None) => StateOfTenant::Served,
        };
        Self {
            display_name: tenant.settings.brand.display_name,
            name: tenant.name,
            uid: tenant.uid,
            state,
            users,
            created_at,
            revision: tenant.revision,
            // One that is removed is kept out by that.
            suspended: suspended.filter(|_| removal.is_none()).map(AskedOfTenant::of),
            deletion_requested: deletion.map(AskedOfTenant::of),
            removal: removal.map(RemovalOfTenant::of),
        }
    }
}

impl AskedOfTenant {
    fn of((at, Asked { by, email, reason, feedback }): (Timestamp, Asked)) -> Self {
        Self { at, by, email, reason, feedback }
    }
}

impl RemovalOfTenant {
    fn of(Removal { by, asked_at, due_at, begun_at }: Removal) -> Self {
        Self { at: asked_at, by, due_at, begun_at }
    }
}
