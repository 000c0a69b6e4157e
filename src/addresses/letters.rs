//! The mails about a change of an address: the link to the new one, and what the former one is told.

mod mail;
mod own;
mod words;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::mail::{AddressFacts, mail};
pub use self::own::WORDED;
pub use self::words::Words;
use super::rows::{self, Change, LIFE_SECONDS};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::mail::letter::Text;
use crate::mails::{self, NewMail, Texts, To};
use crate::people;
use crate::reset::link::{self, Claim, Purpose};
use crate::store::Tx;

/// The kinds of these mails, in the order of [`Letter`].
pub const KINDS: &[&str] = &[
    "addresses.address_to_confirm",
    "addresses.address_requested",
    "addresses.address_changed",
    "addresses.address_left",
];

/// A mail about a change of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// To the new address: the link that makes it count.
    Confirm,
    /// To where mail of the account goes: a change was requested.
    Requested,
    /// To the new address: it counts.
    Changed,
    /// To where mail of the account went before: the account has another address.
    Left,
}

impl Letter {
    const ALL: [Self; 4] = [Self::Confirm, Self::Requested, Self::Changed, Self::Left];

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
    pub(super) change: Uuid,
    /// The address of the account before the change.
    pub(super) from: String,
    /// The address after it.
    pub(super) to: String,
    /// To which of the account's addresses this mail goes.
    pub(super) goes_to: String,
    /// When the change was requested, or made, in microseconds.
    pub(super) at: i64,
    /// Until when the link works, or until when mail still goes to the former address, in microseconds.
    pub(super) until: Option<i64>,
}

/// Makes these mails.
pub struct Addresses {
    keys: Keys,
    public_url: PublicUrl,
}

impl Addresses {
    /// Letters whose links are made under these keys and lead to this address.
    pub fn new(keys: Keys, public_url: PublicUrl) -> Self {
        Self { keys, public_url }
    }

    fn text(&self, tx: &mut Tx<'_>, to: &To<'_>) -> Result<Option<Text>> {
        let (letter, told) = read(to)?;
        let link = match letter {
            Letter::Confirm => match self.link(tx, to, &told)? {
                None => return Ok(None),
                some => some,
            },
            Letter::Requested | Letter::Changed | Letter::Left => None,
        };
        let facts = AddressFacts {
            tenant_name: &to.tenant.settings.brand.display_name,
            person_name: &to.user.full_name(),
            from: &told.from,
            to: &told.to,
            link: link.as_ref().map(|(link, code)| (link.as_str(), code.as_str())),
            at: Timestamp(told.at),
            until: told.until.map(Timestamp),
            contact: to.tenant.settings.brand.contact.as_deref(),
            language: to.language(),
        };
        Ok(Some(own::write(letter, &facts, &to.called(), to.own)))
    }

    /// The link of a change, and the code in it; none when the change waits no more, or another user has the address.
    fn link(&self, tx: &mut Tx<'_>, to: &To<'_>, told: &Told) -> Result<Option<(String, String)>> {
        let (tenant, user) = (to.tenant, to.user);
        let change = rows::find(tx, tenant.id, &told.change)?.filter(|change| change.waits(user, to.now));
        let Some(change) = change else { return Ok(None) };
        if people::find_by_email(tx, tenant.id, &Email::parse(&change.email)?)?.is_some() {
            return Ok(None);
        }
        let claim = Claim { tenant: tenant.id, reset: change.id };
        let token = link::token_for(&self.keys, Purpose::Address, change.key, claim)
            .ok_or_else(|| Error::internal("the key of a link is no longer in the key file"))?;
        Ok(Some((link::place(&self.public_url, tenant, "/email", &token), token.expose().clone())))
    }
}

fn read(to: &To<'_>) -> Result<(Letter, Told)> {
    let word = to.job.word();
    let letter =
        Letter::of(word).ok_or_else(|| Error::internal(format!("no mail about an address is called {word}")))?;
    Ok((letter, serde_json::from_str(&to.job.facts).map_err(Error::internal)?))
}

/// Queues a mail to a user; it is of no use once the link would be dead.
///
/// # Errors
/// Those of the store.
pub(super) fn queue(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    id: Uuid,
    (letter, change): (Letter, &Change),
    told: &Told,
    now: Timestamp,
) -> Result<()> {
    let facts = serde_json::to_string(told).map_err(Error::internal)?;
    let mail = NewMail {
        tenant,
        id,
        kind: letter.kind(),
        user: change.user,
        reset: None,
        facts: &facts,
        now,
        due_at: now,
        give_up_at: now.plus_seconds(LIFE_SECONDS),
    };
    mails::queue(tx, &mail)
}

impl mails::Letter for Addresses {
    fn compose(&self, tx: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(|to| self.text(tx, to)).collect())
    }

    /// Each is about one of the account's addresses, and goes there.
    fn goes_to(&self, to: &To<'_>) -> Result<String> {
        read(to).map(|(_, told)| told.goes_to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_is_known_by_its_kind_and_by_its_word_alone() {
        for letter in Letter::ALL {
            let (room, word) = letter.kind().split_once('.').unwrap();
            assert_eq!((room, Letter::of(word)), ("addresses", Some(letter)));
        }
        assert_eq!(Letter::of("address"), None);
    }
}
