//! The state of a reset, which follows from its times: once as a function and once as SQL, for lists that ask for it.

use serde::Serialize;

use super::rows::Reset;
use crate::clock::Timestamp;
use crate::terms::Word;

/// The state of a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ResetState")]
pub enum State {
    /// The mail has not been sent yet.
    Requested,
    /// The relay took the mail.
    Mailed,
    /// The page of the link was opened.
    Opened,
    /// A new password was chosen.
    Redeemed,
    /// A later reset took its place.
    Superseded,
    /// The link expired.
    Expired,
    /// The relay did not take the mail while the link lived.
    Undeliverable,
    /// An administrator, a change of the password or the end of the account ended it.
    Cancelled,
}

impl Word for State {
    const ALL: &'static [Self] = &[
        Self::Requested,
        Self::Mailed,
        Self::Opened,
        Self::Redeemed,
        Self::Superseded,
        Self::Expired,
        Self::Undeliverable,
        Self::Cancelled,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Mailed => "mailed",
            Self::Opened => "opened",
            Self::Redeemed => "redeemed",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Undeliverable => "undeliverable",
            Self::Cancelled => "cancelled",
        }
    }
}

impl State {
    /// The state of a reset at `now`.
    pub fn of(reset: &Reset, now: Timestamp) -> Self {
        if reset.redeemed_at.is_some() {
            Self::Redeemed
        } else if reset.superseded_at.is_some() {
            Self::Superseded
        } else if reset.cancelled_at.is_some() {
            Self::Cancelled
        } else if reset.held_at.is_some() {
            if reset.is_open { Self::Requested } else { Self::Cancelled }
        } else if reset.undeliverable_at.is_some() {
            Self::Undeliverable
        } else if reset.expires_at <= now {
            Self::Expired
        } else if !reset.is_open {
            Self::Cancelled
        } else if reset.opened_at.is_some() {
            Self::Opened
        } else if reset.mailed_at.is_some() {
            Self::Mailed
        } else {
            Self::Requested
        }
    }
}

/// The word of the state at the moment `$now`, as [`State::of`] has it, over `r` and `u` of the columns of a reset.
macro_rules! state_word {
    ($now:literal) => {
        concat!(
            "CASE WHEN r.redeemed_at IS NOT NULL THEN 'redeemed'
                WHEN r.superseded_at IS NOT NULL THEN 'superseded'
                WHEN r.cancelled_at IS NOT NULL THEN 'cancelled'
                WHEN r.held_at IS NOT NULL THEN CASE WHEN u.id IS NULL THEN 'cancelled' ELSE 'requested' END
                WHEN r.undeliverable_at IS NOT NULL THEN 'undeliverable'
                WHEN r.expires_at <= ",
            $now,
            " THEN 'expired'
                WHEN u.id IS NULL THEN 'cancelled'
                WHEN r.opened_at IS NOT NULL THEN 'opened'
                WHEN r.mailed_at IS NOT NULL THEN 'mailed'
                ELSE 'requested' END"
        )
    };
}
pub(super) use state_word;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::UserId;
    use crate::params;
    use crate::store::{Scope, Settings, Store};

    const NOW: Timestamp = Timestamp(1_000);

    /// A reset for each subset of the times that a reset can have, each before, at and after its end, open and not.
    fn every_reset() -> Vec<Reset> {
        let all = 0..1 << 9;
        let ends = all.flat_map(|bits: u32| [999, 1_000, 1_001].map(|end| (bits, Timestamp(end))));
        ends.map(|(bits, expires_at)| {
            let at = |bit: u32| (bits & (1 << bit) != 0).then_some(Timestamp(7));
            Reset {
                id: Uuid::nil(),
                user: UserId(1),
                email: String::new(),
                kind: String::new(),
                kills_password: at(7).is_some(),
                key: 1,
                requested_at: Timestamp(1),
                requested_by: String::new(),
                credential: None,
                address: String::new(),
                expires_at,
                mailed_at: at(0),
                relay_words: None,
                opened_at: at(1),
                redeemed_at: at(2),
                redeemed_from: None,
                superseded_at: at(3),
                cancelled_at: at(4),
                cancelled_by: None,
                undeliverable_at: at(5),
                previous: None,
                mail_waits_until: None,
                credentials_revoked: None,
                incident: None,
                held_at: at(8),
                redeem_record: None,
                is_open: at(6).is_some(),
            }
        })
        .collect()
    }

    #[test]
    fn the_store_computes_the_same_state() {
        const ASK: &str = concat!(
            "SELECT ",
            state_word!("$1"),
            " FROM (SELECT $2 AS mailed_at, $3 AS opened_at, $4 AS redeemed_at, $5 AS superseded_at, $6 AS cancelled_at,
                        $7 AS undeliverable_at, $8 AS expires_at, $10 AS held_at) r, (SELECT $9 AS id) u"
        );
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings::embedded(directory.path(), 9), NOW).unwrap();
        let mut seen = std::collections::HashSet::new();
        for reset in every_reset() {
            let asked = params![
                NOW,
                reset.mailed_at,
                reset.opened_at,
                reset.redeemed_at,
                reset.superseded_at,
                reset.cancelled_at,
                reset.undeliverable_at,
                reset.expires_at,
                reset.is_open.then_some(reset.user),
                reset.held_at,
            ];
            let word: String = store.read(Scope::HOUSE, |tx| tx.one(ASK, &asked)?.get(0)).unwrap();
            assert_eq!(word, State::of(&reset, NOW).word(), "{reset:?}");
            seen.insert(word);
        }
        assert_eq!(seen.len(), State::ALL.len());
    }
}
