//! The mails about a second factor: the link after it was taken away, and what its owner is told of every change.

mod mail;
mod own;
mod words;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::mail::{FactorFacts, mail};
pub use self::own::WORDED;
pub use self::words::Words;
use super::link::LIFE_SECONDS;
use super::rows;
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::identity::{Actor, TenantId, UserId};
use crate::keys::Keys;
use crate::mail::letter::Text;
use crate::mails::{self, NewMail, Texts, To};
use crate::reset::link::{self, Claim, Purpose};
use crate::store::Tx;

/// The kinds of these mails, in the order of [`Letter`].
pub const KINDS: &[&str] = &[
    "factors.factor_taken_away",
    "factors.factor_set_up",
    "factors.factor_switched_off",
    "factors.recovery_codes_made",
    "factors.recovery_code_used",
];
/// A notice is worth sending for a day.
const WORTH_SECONDS: i64 = 24 * 3_600;

/// A mail about a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// An administrator took it away; with the link to set up another.
    TakenAway,
    /// An app was set up.
    SetUp,
    /// The app was switched off.
    SwitchedOff,
    /// New recovery codes were made.
    CodesMade,
    /// A recovery code was used.
    CodeUsed,
}

impl Letter {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::TakenAway, Self::SetUp, Self::SwitchedOff, Self::CodesMade, Self::CodeUsed];

    fn kind(self) -> &'static str {
        KINDS[self as usize]
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|letter| letter.kind().ends_with(&format!(".{word}")))
    }
}

/// What such a mail tells.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    /// When, in microseconds.
    at: i64,
    /// From which address.
    address: String,
    /// The link.
    link: Option<Uuid>,
    /// The recovery codes that are left.
    left: Option<u32>,
}

impl Told {
    fn of(actor: &Actor, now: Timestamp) -> Self {
        Self { at: now.0, address: actor.address.to_canonical().to_string(), link: None, left: None }
    }

    /// That an administrator took a factor away, with what the link to set up another is known by.
    pub(super) fn taken_away(link: Uuid, actor: &Actor, now: Timestamp) -> Self {
        Self { link: Some(link), ..Self::of(actor, now) }
    }
}

/// Makes these mails.
pub struct Factors {
    keys: Keys,
    public_url: PublicUrl,
}

impl Factors {
    /// Letters whose links are made under these keys and lead to this address.
    pub fn new(keys: Keys, public_url: PublicUrl) -> Self {
        Self { keys, public_url }
    }

    fn text(&self, tx: &mut Tx<'_>, to: &To<'_>) -> Result<Option<Text>> {
        let word = to.job.word();
        let letter =
            Letter::of(word).ok_or_else(|| Error::internal(format!("no mail about a factor is called {word}")))?;
        let told: Told = serde_json::from_str(&to.job.facts).map_err(Error::internal)?;
        let link = match letter {
            Letter::TakenAway => match self.link(tx, to, &told)? {
                None => return Ok(None),
                some => some,
            },
            _ => None,
        };
        let facts = FactorFacts {
            tenant_name: &to.tenant.settings.brand.display_name,
            person_name: &to.user.full_name(),
            at: Timestamp(told.at),
            address: &told.address,
            link: link.as_ref().map(|(link, code, until)| (link.as_str(), code.as_str(), *until)),
            left: told.left.unwrap_or_default(),
            contact: to.tenant.settings.brand.contact.as_deref(),
            language: to.language(),
        };
        Ok(Some(own::write(letter, &facts, &to.called(), to.own)))
    }

    /// The link, the code in it and until when it works; none where it is not the present one any more.
    fn link(&self, tx: &mut Tx<'_>, to: &To<'_>, told: &Told) -> Result<Option<(String, String, Timestamp)>> {
        let factor = rows::find(tx, to.tenant.id, to.user.id)?.filter(|factor| factor.takes_link(told.link, to.now));
        let Some((id, key, until)) = factor.and_then(|one| Some((one.link?, one.link_key?, one.link_expires_at?)))
        else {
            return Ok(None);
        };
        let claim = Claim { tenant: to.tenant.id, reset: id };
        let token = link::token_for(&self.keys, Purpose::Factor, key, claim)
            .ok_or_else(|| Error::internal("the key of a link is no longer in the key file"))?;
        let place = link::place(&self.public_url, to.tenant, "/second-factor", &token);
        Ok(Some((place, token.expose().clone(), until)))
    }
}

/// Queues a mail to a user.
///
/// # Errors
/// Those of the store.
pub(super) fn queue(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    id: Uuid,
    (letter, user): (Letter, UserId),
    told: &Told,
    now: Timestamp,
) -> Result<()> {
    let facts = serde_json::to_string(told).map_err(Error::internal)?;
    let worth = if letter == Letter::TakenAway { LIFE_SECONDS } else { WORTH_SECONDS };
    let mail = NewMail {
        tenant,
        id,
        kind: letter.kind(),
        user,
        reset: None,
        facts: &facts,
        now,
        due_at: now,
        give_up_at: now.plus_seconds(worth),
    };
    mails::queue(tx, &mail)
}

/// What a user is told of their factor.
#[derive(Debug, Clone, Copy)]
pub struct NewNotice {
    /// The id of the mail.
    pub id: Uuid,
    /// To whom.
    pub user: UserId,
    /// What has happened.
    pub letter: Letter,
    /// The recovery codes that are left, where one was used.
    pub left: Option<u32>,
}

/// Tells a user what has happened to their factor.
///
/// # Errors
/// Those of the store.
pub fn tell(tx: &mut Tx<'_>, tenant: TenantId, new: &NewNotice, actor: &Actor, now: Timestamp) -> Result<()> {
    queue(tx, tenant, new.id, (new.letter, new.user), &Told { left: new.left, ..Told::of(actor, now) }, now)
}

impl mails::Letter for Factors {
    fn compose(&self, tx: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(|to| self.text(tx, to)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_is_known_by_its_kind_and_by_its_word_alone() {
        for letter in Letter::ALL {
            let (room, word) = letter.kind().split_once('.').unwrap();
            assert_eq!((room, Letter::of(word)), ("factors", Some(letter)));
        }
        assert_eq!(Letter::of("factor"), None);
    }
}
