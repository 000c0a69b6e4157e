//! The conditions in the code that keep the promises, each with its place in the sources. Any of them can be taken out
//! of the model, to see which promise breaks.

use std::fmt;
use std::str::FromStr;

macro_rules! guards {
    ($($guard:ident, $file:literal, $text:literal, $what:literal;)*) => {
        /// A condition of the code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Guard {
            $(#[doc = $what] $guard,)*
        }

        impl Guard {
            /// Every one, in the order of the code.
            pub const ALL: &[Self] = &[$(Self::$guard,)*];

            /// Its file, and the words by which it is found there.
            pub fn place(self) -> (&'static str, &'static str) {
                match self { $(Self::$guard => ($file, $text),)* }
            }

            /// The condition in words.
            pub fn what(self) -> &'static str {
                match self { $(Self::$guard => $what,)* }
            }

            fn variant(self) -> &'static str {
                match self { $(Self::$guard => stringify!($guard),)* }
            }
        }
    };
}

guards! {
    RequestRequiresEpoch, "src/reset/begin.rs", "session_epoch = $3",
        "a request requires the epoch that it read";
    RequestRequiresEnabled, "src/reset/begin.rs", "AND disabled_at IS NULL",
        "a request requires that the user is not disabled";
    RequestRequiresSamePlace, "src/reset/begin.rs", "AND open_reset IS NOT DISTINCT FROM $10",
        "a request requires the open reset that it read";
    RequestRefusesDisabled, "src/reset/decide.rs", "target.is_disabled",
        "a request refuses a user whom it read as disabled";
    RequestTakesThePlace, "src/reset/begin.rs", "last_reset = $4, open_reset = $4",
        "a request takes the user's one place for an open reset";
    RequestSupersedes, "src/reset/begin.rs", "SET superseded_at = $3",
        "a request writes on the older reset that it is superseded";
    RequestKillsPassword, "src/reset/begin.rs", "CASE WHEN $5 = 1 THEN COALESCE(password_dead_at, $6)",
        "an administrator's request kills the old password";
    RequestEndsSessions, "src/reset/begin.rs", "session_epoch = session_epoch + $11",
        "an administrator's request ends the sessions";
    RequestQueuesMail, "src/reset/begin.rs", "mails::queue_each(tx, &mails)",
        "a request queues its mail in its own transaction";
    RequestRecords, "src/reset/request.rs", "audit::record_each(tx, &events)",
        "a request writes its record in its own transaction";
    RequestLooksUnderKey, "src/reset/request.rs", "keys::question(asks)",
        "a request looks whether its Idempotency-Key was used";
    KeyIsUsedOnce, "migrations/0001_identity.sql", "PRIMARY KEY (tenant, actor, idempotency_key)",
        "an Idempotency-Key has one row";
    HoldShutsEveryDoor, "src/reset/decide.rs", "target.held_by.is_some()",
        "a request gives nothing to a user whom an incident holds";
    ReleaseRequiresPlace, "src/reset/mail_each.rs", "AND u.open_reset = $3",
        "a release requires that the held reset is in its user's place still";
    RepeatAnswersTheOpenOne, "src/reset/decide.rs", "is_repeat(ask, &target, open)",
        "a repeat within the window gets the open reset";
    RepeatIsOfTheSameKind, "src/reset/decide.rs", "open.kind == Kind::Administrator",
        "an administrator's reset is the repeat of an administrator's reset alone";
    RepeatRequiresDeadPassword, "src/reset/decide.rs", "!target.password_is_alive || !ask.rules.kills_password",
        "a repeat that would end the password requires that it is dead";
    RepeatRequiresNoSignIn, "src/reset/decide.rs", "at >= open.requested_at",
        "a repeat requires that nobody has signed in since";
    WishMailsTheSameLink, "src/reset/decide.rs", "ask.kind.is_wish() && !open.kind.is_wish()",
        "a wish of anyone mails an administrator's link again";
    RedeemRequiresPlace, "src/reset/redeem.rs", "AND open_reset = $3",
        "a redemption requires that the place still names its reset";
    RedeemRequiresTime, "src/reset/redeem.rs", "AND open_reset_expires_at > $5",
        "a redemption requires that the link is not late";
    RedeemRequiresEnabled, "src/reset/redeem.rs", "AND disabled_at IS NULL",
        "a redemption requires that the user is not disabled";
    RedeemEmptiesThePlace, "src/reset/redeem.rs", "open_reset = NULL, open_reset_expires_at = NULL",
        "a redemption empties the place";
    RedeemEndsSessions, "src/reset/redeem.rs", "session_epoch = session_epoch + 1",
        "a redemption ends the sessions";
    CancelRequiresPlace, "src/reset/end.rs", "AND open_reset = $3",
        "a cancellation requires that the place still names its reset";
    CancelEmptiesThePlace, "src/reset/end.rs", "SET open_reset = NULL, open_reset_expires_at = NULL",
        "a cancellation empties the place";
    SignInRefusesDead, "src/sign_in/attempt.rs", "user.password_dead_at.map",
        "a sign-in refuses a password that it read as dead";
    SignInRequiresLiving, "src/people/password.rs", "AND disabled_at IS NULL AND password_dead_at IS NULL",
        "a sign-in requires, as it begins the session, that the password is not dead";
    SignInRequiresSame, "src/people/password.rs", "COALESCE(password_changed_at, 0) = $5",
        "a sign-in requires that the password is still the one that was checked";
    SignInRequiresEpoch, "src/people/password.rs", "session_epoch = $6",
        "a sign-in requires the epoch that it read";
    SessionCountsInItsEpoch, "src/sessions/rows.rs", "u.session_epoch = s.epoch",
        "a session counts only in the epoch in which it began";
    ChangeRequiresEpoch, "src/people/password.rs", "session_epoch = $5",
        "a change requires the epoch that it read";
    ChangeRequiresSame, "src/people/password.rs", "COALESCE(password_changed_at, 0) = $6",
        "a change requires that the password is still the one that was checked";
    ChangeRequiresSamePlace, "src/people/password.rs", "(open_reset = $7 OR (open_reset IS NULL AND $7 IS NULL))",
        "a change requires the open reset that it read";
    ChangeRequiresLiving, "src/people/password.rs", "AND disabled_at IS NULL AND password_dead_at IS NULL",
        "a change requires that the password is not dead";
    ChangeEmptiesThePlace, "src/sign_in/change.rs", "reset::end_open(tx, tenant, user.id, reset",
        "a change empties the place";
    ChangeEndsSessions, "src/people/password.rs", "session_epoch = session_epoch + 1",
        "a change ends all other sessions";
    DisableEmptiesThePlace, "src/users/lock.rs", "reset::end_unless_held(tx, tenant, user.id, open, by, now)?",
        "disabling empties the place";
    DisableEndsSessions, "src/people/access.rs", "session_epoch = session_epoch + 1",
        "disabling ends the sessions";
    LeaseRequiresDueTime, "src/mails/lease.rs", "AND due_at = $3",
        "a lease requires the due time that was read";
    LeaseMovesDueTime, "src/mails/lease.rs", "UPDATE mails SET due_at = $4",
        "a lease moves the due time";
    LeaseRunsOut, "src/mails/worker.rs", "lease(tx, &due, until)",
        "a lease is a due time that comes";
    SentIsNotDue, "src/mails/lease.rs", "AND sent_at IS NULL AND failed_at IS NULL",
        "what has its fate is not due";
    MadeForTheLiving, "src/reset/letters.rs", "filter(|reset| reset.is_alive(to.now))",
        "a mail with a link is made only while its reset lives";
    LinkFromItsRow, "src/reset/letters.rs", "link::token(&self.keys, reset.key",
        "a link is made under the key that stands in the reset's row";
    UndeliverableOnlyIfNotMailed, "src/reset/letters.rs", "AND mailed_at IS NULL",
        "a reset is called undeliverable only while none of its mails was taken";
    MailedIsNotUndeliverable, "src/reset/letters.rs", "undeliverable_at = NULL, relay_words = $4",
        "a reset whose mail was taken after all is undeliverable no more";
    RestoreVoidsResets, "src/people/end_access.rs", "open_reset = NULL, open_reset_expires_at = NULL",
        "a restore ends every open reset";
    RestoreEndsSessions, "src/people/end_access.rs", "SET session_epoch = session_epoch + 1",
        "a restore ends every session";
    RestoreKillsPasswords, "src/people/end_access.rs", "SET password_dead_at = $2",
        "a restore kills every password, unless told to let them stay";
    RestoreRevokesCredentials, "src/credentials/deactivate_all.rs", "SET inactive_at = $2 WHERE tenant = $1 AND inactive_at IS NULL",
        "a restore revokes every credential";
}

/// Guards that are taken out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Removed(u64);

impl Removed {
    /// These are taken out.
    pub fn of(guards: &[Guard]) -> Self {
        Self(guards.iter().fold(0, |bits, guard| bits | 1 << *guard as u64))
    }

    /// Whether this one still stands.
    pub fn keeps(self, guard: Guard) -> bool {
        self.0 & 1 << guard as u64 == 0
    }
}

/// `RequestKillsPassword` is `request-kills-password` on the command line.
impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, letter) in self.variant().chars().enumerate() {
            let dash = if letter.is_uppercase() && nth > 0 { "-" } else { "" };
            write!(f, "{dash}{}", letter.to_ascii_lowercase())?;
        }
        Ok(())
    }
}

impl FromStr for Guard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|guard| guard.to_string() == text);
        found.copied().ok_or_else(|| format!("there is no guard {text}; --guards lists them"))
    }
}
