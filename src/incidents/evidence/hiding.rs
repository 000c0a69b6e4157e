//! Names of people in a file of evidence: as they are, or each as a number that stands for it in this file alone.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::super::people::Outcome as Stands;
use super::found::{Found, Renewed, has_ended};
use crate::audit::Record;
use crate::evidence::{Emails, Outcome, Reminder, Said, Shared, UserLine};
use crate::hex::hex;
use crate::random::Random;
use crate::reset::ResetOutcome;
use crate::secret::Secret;
use crate::terms::Word as _;

/// How names are told.
pub(super) struct Hiding(Option<Secret<[u8; 32]>>);

impl Hiding {
    /// With a key that is drawn for this file, where they are hidden.
    pub(super) fn of(emails: Emails, random: &Random) -> Self {
        Self((emails == Emails::Hidden).then(|| Secret::new(random.bytes())))
    }

    /// The key, where they are hidden.
    pub(super) fn key(&self) -> Option<&[u8; 32]> {
        self.0.as_ref().map(Secret::expose)
    }

    pub(super) fn emails(&self) -> Emails {
        if self.0.is_some() { Emails::Hidden } else { Emails::Plain }
    }

    /// A name as the file tells it.
    pub(super) fn name(&self, name: &str) -> String {
        let Some(key) = self.key() else { return name.to_owned() };
        let mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
        hex(&mac.chain_update(name).finalize().into_bytes())
    }

    /// The record of an act. Hidden, it tells that it was done, when and by whom, and none of the texts in which people are named.
    pub(super) fn act(&self, record: &Record) -> Said {
        let whole = Said::whole(record);
        match self.emails() {
            Emails::Plain => whole,
            Emails::Hidden => Said {
                actor: Some(self.name(&record.actor)),
                credential: None,
                address: None,
                facts: None,
                salt: None,
                ..whole
            },
        }
    }

    /// The line of a user.
    pub(super) fn user(&self, n: i64, user: &Found, shared: &Shared) -> UserLine {
        let Found { person, record, redeem, .. } = user;
        let of_now = person.user.as_ref().map(|(_, email, ..)| email).or(person.listed.as_ref());
        let email = record.as_ref().map(|record| &record.subject).or(of_now);
        let reset = person.reset.as_ref();
        UserLine {
            n,
            email: email.map(|email| self.name(email)),
            outcome: outcome(user),
            reason: person.reason.map(|reason| reason.word().to_owned()),
            state: reset.map(|_| person.outcome.word().to_owned()),
            at: record.as_ref().map(|record| record.at.0),
            record: record.as_ref().map(|record| self.end(record, shared)),
            mailed_at: reset.and_then(|reset| reset.mailed_at),
            relay: reset.and_then(|reset| self.relay(reset)),
            opened_at: reset.and_then(|reset| reset.opened_at),
            redeemed_at: reset.and_then(|reset| reset.redeemed_at),
            redeem: redeem.as_ref().map(|record| self.redemption(record)),
            code_app: user.code_app.as_ref().map(|record| self.end(record, shared)),
            reminders: user.renewed.iter().map(|one| self.reminder(one, record.as_ref(), shared)).collect(),
        }
    }

    /// The line of a link that a reminder brought to a user, with the record of the end of their password.
    fn reminder(&self, one: &Renewed, end: Option<&Record>, shared: &Shared) -> Reminder {
        let Renewed { round, reset, record, redeem } = one;
        let record = record.as_ref().map(|record| {
            let said = self.end(record, shared);
            let is_another = end.is_none_or(|end| end.subject != record.subject);
            let subject = said.subject.or_else(|| is_another.then(|| self.name(&record.subject)));
            Said { at: Some(record.at.0), subject, ..said }
        });
        Reminder {
            round: *round,
            record,
            mailed_at: reset.mailed_at,
            relay: self.relay(reset),
            opened_at: reset.opened_at,
            redeemed_at: reset.redeemed_at,
            redeem: redeem.as_ref().map(|record| self.redemption(record)),
        }
    }

    /// The relay's words, which may name people.
    fn relay(&self, reset: &ResetOutcome) -> Option<String> {
        reset.relay_words.clone().filter(|_| self.emails() == Emails::Plain)
    }

    /// The record of the end of a password, or of what went with it, whose facts name nobody.
    fn end(&self, record: &Record, shared: &Shared) -> Said {
        let brief = Said::brief(record);
        match self.emails() {
            Emails::Plain if shared.is_of(record) => brief,
            Emails::Plain => Said::whole(record),
            Emails::Hidden if record.action == shared.action => Said { salt: None, ..brief },
            Emails::Hidden => Said { salt: None, action: Some(record.action.clone()), ..brief },
        }
    }

    fn redemption(&self, record: &Record) -> Said {
        match self.emails() {
            Emails::Plain => Said::whole(record),
            Emails::Hidden => Said { at: Some(record.at.0), facts: None, salt: None, ..Said::brief(record) },
        }
    }
}

fn outcome(user: &Found) -> Outcome {
    match user.person.outcome {
        _ if has_ended(&user.person) => Outcome::Ended,
        Stands::LeftOut if user.person.was_to_end() => Outcome::Dropped,
        Stands::LeftOut => Outcome::LeftOut,
        _ => Outcome::NotReached,
    }
}
