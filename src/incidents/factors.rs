//! Code apps that may be a thief's: those set up since a moment are taken away with the password, where the incident asks for that.

use serde_json::json;

use super::due::Due;
use super::ids;
use super::rows::Incident;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::factors;
use crate::identity::{Actor, TenantId, UserId};
use crate::reset::Fate;
use crate::store::Tx;

/// The round in which the ids of these records stand, apart from those of the ends of passwords and of reminders.
pub(super) const ROUND: u8 = u8::MAX;

/// The users of a slice, with the addresses of users who have set up a code app since that moment.
pub(super) struct Added<'a> {
    users: &'a [(i64, UserId)],
    of: Vec<Option<String>>,
}

impl<'a> Added<'a> {
    /// Reads them; where the incident asks for none, nothing is read.
    pub(super) fn find(
        tx: &mut Tx<'_>,
        incident: &Incident,
        tenant: TenantId,
        users: &'a [(i64, UserId)],
    ) -> Result<Self> {
        let of = match incident.terms.remove_factors_since {
            Some(since) => {
                let ids: Vec<_> = users.iter().map(|(_, user)| *user).collect();
                factors::set_up_since(tx, tenant, &ids, since)?
            }
            None => Vec::new(),
        };
        Ok(Self { users, of })
    }

    /// Takes away those of users whose passwords have ended, each with its one record. How many there were.
    pub(super) fn remove(
        self,
        tx: &mut Tx<'_>,
        due: Due,
        incident: &Incident,
        fates: &[Fate],
        now: Timestamp,
    ) -> Result<i64> {
        let (run, mut users, mut told) = (incident.run()?, Vec::new(), Vec::new());
        for (((place, user), email), fate) in self.users.iter().zip(self.of).zip(fates) {
            if let Some(email) = email.filter(|_| !matches!(fate, Fate::Spared(_))) {
                users.push(*user);
                told.push((incident.authority.actor(ids::of_place(&run, ROUND, *place)), email));
            }
        }
        users.iter().try_for_each(|user| factors::forget(tx, due.tenant, *user))?;
        let facts = json!({ "incident": due.id, "set_up_since": incident.terms.remove_factors_since });
        let events: Vec<_> =
            told.iter().map(|(actor, email)| event(due.tenant, actor, email, facts.clone(), now)).collect();
        audit::record_each(tx, &events)?;
        Ok(users.len() as i64)
    }
}

fn event<'a>(
    tenant: TenantId,
    actor: &'a Actor,
    subject: &'a str,
    facts: serde_json::Value,
    at: Timestamp,
) -> Event<'a> {
    let (action, outcome) = ("user.reset_codes", Outcome::Accepted);
    Event { tenant, at, action, outcome, actor, subject, facts }
}
