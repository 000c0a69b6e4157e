//! The lines of users: each record is of this incident, and each redemption of the link beside which it stands.

use uuid::Uuid;

use super::super::UserLine;
use super::super::lines::{Outcome, Reminder};
use super::super::record::Said;
use super::walk::{Checked, Walk};

/// The action of the record of a code app that was taken away.
const APP_TAKEN_AWAY: &str = "user.reset_codes";

impl Walk<'_> {
    pub(super) fn user(&mut self, user: &UserLine) -> Checked<()> {
        self.totals.add(user);
        if user.n != self.totals.listed {
            return Err(self.fault(&format!("should be of user {} and is of {}", self.totals.listed, user.n)));
        }
        if (user.outcome == Outcome::Ended) != user.record.is_some() {
            return Err(self.fault("tells an end without its record, or a record without an end"));
        }
        if user.record.is_none() && (user.code_app.is_some() || !user.reminders.is_empty()) {
            return Err(self.fault("tells what came of an end that it does not tell"));
        }
        let line = user.at.zip(user.email.as_deref());
        if let Some(said) = &user.record {
            if self.is_plain() && said.subject.is_some() && said.subject != user.email {
                return Err(self.fault("tells an address that is not that of its record"));
            }
            self.of_the_incident(said, line)?;
        }
        self.redemption(user.record.as_ref(), user.redeem.as_ref())?;
        if let Some(said) = &user.code_app {
            if said.action.as_deref() != Some(APP_TAKEN_AWAY) {
                return Err(self.fault("tells a code app by a record of something else"));
            }
            self.of_the_incident(said, line)?;
        }
        user.reminders.iter().try_for_each(|one| self.reminder(user, one))
    }

    fn reminder(&mut self, user: &UserLine, one: &Reminder) -> Checked<()> {
        let Some(said) = &one.record else {
            return Err(self.fault("tells the link of a reminder without its record"));
        };
        self.of_the_incident(said, said.at.zip(user.email.as_deref()))?;
        self.redemption(Some(said), one.redeem.as_ref())
    }

    /// Adds a record that has to name this incident.
    fn of_the_incident(&mut self, said: &Said, line: Option<(i64, &str)>) -> Checked<()> {
        let named = said.fact("incident").and_then(|named| named.as_str().map(str::to_owned));
        if named != self.header.as_ref().map(|header| header.incident.to_string()) {
            return Err(self.fault("tells a record of something else"));
        }
        let record = said.record(line, self.shared.as_ref());
        self.add(said, record.as_ref())
    }

    /// Adds the record of a redemption, which has to name the reset of this record where it tells its facts: both have one id.
    fn redemption(&mut self, of: Option<&Said>, redeem: Option<&Said>) -> Checked<()> {
        let Some(said) = redeem else { return Ok(()) };
        let named = said.fact("reset").and_then(|named| Uuid::try_parse(named.as_str()?).ok());
        if said.facts.is_some() && (named.is_none() || named != of.and_then(Said::id)) {
            return Err(self.fault("tells the redemption of another link"));
        }
        let record = said.record(None, None);
        self.add(said, record.as_ref())
    }
}
