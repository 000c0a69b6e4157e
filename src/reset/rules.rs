//! The settings of a tenant by which a reset is judged.

use super::incidents::Incident;
use super::rows::Kind;
use crate::identity::{ResetSettings, Tenant};

/// The tenant's settings that a request needs.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How long the link lives.
    pub lifetime_minutes: i64,
    /// Whether the old password dies now.
    pub kills_password: bool,
    /// Whether the user's API credentials end too.
    pub revokes_credentials: bool,
    /// For how long a repeated request returns the same reset.
    pub repeat_seconds: i64,
    /// Mails with a link to one user in an hour, of those that count in the same bound.
    pub mails_per_hour: i64,
    /// Resets by one person in an hour; 0 for the default, negative for no limit.
    pub budget_per_hour: i64,
}

/// Longer than a reset's: a new user does not expect the mail.
pub(super) const INVITATION_MINUTES: i64 = 24 * 60;
/// How far the bound of self-requested mails lies below that of administrators.
const WISHES_FEWER: i64 = 2;

/// The tenant's settings for a reset of this kind.
pub(super) fn rules(tenant: &Tenant, kind: Kind) -> Rules {
    let settings = &tenant.settings.reset;
    let mails_per_hour = settings.mails_per_hour;
    Rules {
        lifetime_minutes: lifetime_minutes(settings, kind, None),
        kills_password: kind.ends_access() && !settings.keep_password_until_redeemed,
        revokes_credentials: kind.ends_access() && settings.revokes_credentials,
        repeat_seconds: settings.repeat_seconds,
        mails_per_hour: if kind.is_wish() { (mails_per_hour - WISHES_FEWER).max(1) } else { mails_per_hour },
        budget_per_hour: settings.budget_per_hour,
    }
}

/// Those of an incident, which spends nobody's budget and ends every password; its links have their life from their mails.
pub(super) fn of_incident(tenant: &Tenant, revokes_credentials: bool) -> Rules {
    let mails_per_hour = tenant.settings.reset.mails_per_hour;
    Rules {
        lifetime_minutes: 0,
        kills_password: true,
        revokes_credentials,
        repeat_seconds: 0,
        mails_per_hour,
        budget_per_hour: -1,
    }
}

/// What an incident gives its links unless it says otherwise, in hours.
const INCIDENT_HOURS: i64 = 24;

/// The life of a link of this kind; that of an incident says its own.
pub(super) fn lifetime_minutes(settings: &ResetSettings, kind: Kind, incident: Option<&Incident>) -> i64 {
    match kind {
        Kind::Invitation => INVITATION_MINUTES,
        Kind::Incident => 60 * incident.map_or(INCIDENT_HOURS, |incident| incident.link_hours),
        Kind::Administrator | Kind::Remail | Kind::Forgotten | Kind::Own => settings.link_lifetime_minutes,
    }
}
