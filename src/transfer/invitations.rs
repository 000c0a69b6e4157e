//! Who of an import is invited by mail, and how fast: asked for once it has come to its end, changed, taken back.

use std::net::{IpAddr, Ipv4Addr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::rows;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::people::{Kind, SignInBy, User};
use crate::store::{Row, Tx};
use crate::terms::Word;

/// How many leave in an hour, where nothing is said: a relay that sends more at once is soon taken for a source of spam.
const PER_HOUR: i64 = 500;
const PER_HOUR_MAX: i64 = 100_000;

/// Which users of an import are invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "InvitedUsers")]
#[serde(rename_all = "snake_case")]
pub(super) enum Whom {
    /// None, or none any more.
    None,
    /// Users without a password.
    WithoutPassword,
    /// All who have not signed in yet.
    All,
}

impl Word for Whom {
    const ALL: &'static [Self] = &[Self::None, Self::WithoutPassword, Self::All];

    fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::WithoutPassword => "without_password",
            Self::All => "all",
        }
    }
}

impl Whom {
    /// Whether a user is to be invited: only one who can choose a password here, has not signed in, and has no link already.
    pub(super) fn holds(self, user: &User) -> bool {
        let is_local = user.kind == Kind::Person && user.sign_in_by == SignInBy::Password;
        let may_choose = is_local && user.disabled_at.is_none();
        let is_new = user.last_login_at.is_none() && user.open_reset.is_none();
        let is_meant = match self {
            Self::None => false,
            Self::WithoutPassword => user.password_hash.is_none(),
            Self::All => true,
        };
        may_choose && is_new && is_meant
    }
}

/// Who is to be invited.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "InvitationsAsk")]
pub(super) struct Ask {
    /// Which users of the import; `none` ends what is under way.
    whom: Whom,
    /// How many mails leave in an hour; 500 unless said.
    #[serde(default)]
    #[schemars(example = 500)]
    per_hour: Option<i64>,
}

/// The invitations of an import.
#[derive(Debug, Clone)]
pub(super) struct Invitations {
    pub(super) import: Uuid,
    pub(super) whom: Whom,
    pub(super) per_hour: i64,
    pub(super) asked_at: Timestamp,
    /// Who has asked for them; a record is made under an id of its own.
    pub(super) actor: Actor,
    /// The row of the import up to which all were looked at.
    pub(super) after: i64,
    pub(super) invited: i64,
    /// When the next ones are due; none once all have theirs.
    pub(super) next_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "SELECT import_id, whom, per_hour, asked_at, asked_by, credential, address, after, invited, next_at
     FROM import_invitations WHERE tenant = $1 AND import_id = $2";

fn read(row: &Row) -> Result<Invitations> {
    let address = row.get::<String>(6)?.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let (name, credential) = (row.get(4)?, row.get(5)?);
    Ok(Invitations {
        import: row.get(0)?,
        whom: row.get(1)?,
        per_hour: row.get(2)?,
        asked_at: row.get(3)?,
        actor: Actor { user: None, name, credential, address, request_id: row.get(0)? },
        after: row.get(7)?,
        invited: row.get(8)?,
        next_at: row.get(9)?,
    })
}

pub(super) fn find(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid) -> Result<Option<Invitations>> {
    tx.maybe(COLUMNS, &params![tenant, &import])?.map(|row| read(&row)).transpose()
}

/// Asks for the invitations of an import that has come to its end. Asked again, it begins again with the users
/// who have no link, at the new pace.
///
/// # Errors
/// `NotFound`; `Conflict` for an import that has not run, or still does; `Invalid` for a pace.
pub(super) fn ask(tx: &mut Tx<'_>, import: Uuid, ask: &Ask, act: &Act) -> Result<Shown> {
    let tenant = act.tenant.id;
    let of = rows::get(tx, tenant, import)?;
    if of.run_at.is_none() || of.ended_at.is_none() {
        return Err(Error::conflict("Users are invited once their import has run to its end."));
    }
    let per_hour = ask.per_hour.unwrap_or(PER_HOUR);
    if !(1..=PER_HOUR_MAX).contains(&per_hour) {
        return Err(Error::invalid(format!("Field per_hour must be a number from 1 to {PER_HOUR_MAX}.")));
    }
    let next_at = (ask.whom != Whom::None).then_some(act.now);
    tx.run(
        "INSERT INTO import_invitations (tenant, import_id, whom, per_hour, asked_at, asked_by, credential, address, after,
            invited, next_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9)
         ON CONFLICT (tenant, import_id) DO UPDATE SET whom = excluded.whom, per_hour = excluded.per_hour,
            asked_at = excluded.asked_at, asked_by = excluded.asked_by, credential = excluded.credential,
            address = excluded.address, after = 0, next_at = excluded.next_at",
        &params![
            tenant,
            &import,
            ask.whom.word(),
            per_hour,
            act.now,
            &act.actor.name,
            act.actor.credential.as_deref(),
            &act.actor.address.to_string(),
            next_at
        ],
    )?;
    let facts = json!({ "whom": ask.whom, "per_hour": per_hour });
    act.record(tx, "import.invite", &import.to_string(), facts)?;
    show(tx, tenant, import)
}

/// Ends the invitations that are under way in a tenant; of how many imports they were.
///
/// # Errors
/// Those of the store.
pub fn end_invitations(tx: &mut Tx<'_>, tenant: TenantId) -> Result<u64> {
    tx.run(
        "UPDATE import_invitations SET whom = 'none', next_at = NULL WHERE tenant = $1 AND next_at IS NOT NULL",
        &params![tenant],
    )
}

/// How far the invitations of an import are.
///
/// # Errors
/// `NotFound` for an import that is not there.
pub(super) fn show(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid) -> Result<Shown> {
    let import = rows::get(tx, tenant, import)?.id;
    Ok(Shown::of(import, find(tx, tenant, import)?))
}

/// The invitations of an import, as callers see them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Invitations")]
pub(super) struct Shown {
    /// The import.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    import: String,
    whom: Whom,
    /// How many mails leave in an hour.
    #[schemars(example = 500)]
    per_hour: i64,
    /// When they were asked for; null where they never were.
    asked_at: Option<Timestamp>,
    #[schemars(example = &"owner@example.com")]
    asked_by: Option<String>,
    /// How many were invited so far.
    #[schemars(example = 120)]
    invited: i64,
    /// When the next ones are invited; null once all were.
    next_at: Option<Timestamp>,
}

impl Shown {
    fn of(import: Uuid, asked: Option<Invitations>) -> Self {
        let (whom, per_hour) = asked.as_ref().map_or((Whom::None, PER_HOUR), |asked| (asked.whom, asked.per_hour));
        Self {
            import: import.to_string(),
            whom,
            per_hour,
            asked_at: asked.as_ref().map(|asked| asked.asked_at),
            invited: asked.as_ref().map_or(0, |asked| asked.invited),
            next_at: asked.as_ref().and_then(|asked| asked.next_at),
            asked_by: asked.map(|asked| asked.actor.name),
        }
    }
}
