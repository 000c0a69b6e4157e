//! The observations of an onlooker who knows nothing of rows: which resets are over and why, which passwords must open
//! nothing, which sessions have ended. The properties compare them with what the store would do.

use crate::state::{Backup, RESETS, SESSIONS, Store};

/// Events that must never happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Wrong {
    ChangedByOver = 1,
    ChangedWhileLockedOut = 2,
    ChangedByDeadPassword = 4,
    TwoLinks = 8,
    MadeForOver = 16,
    SentAgain = 32,
    RepeatBegan = 64,
    ResetLeftAccess = 128,
    WishTookALink = 256,
    AroundAHold = 512,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Witness {
    /// Resets that ended in any way, a bit each.
    pub over: u8,
    /// Resets whose place a later one took while they lived.
    pub replaced: u8,
    /// How many passwords each reset has set.
    pub changes: [u8; RESETS],
    /// Passwords that must open nothing, a bit each.
    pub dead: u8,
    /// The password that was chosen last.
    pub last: u8,
    /// By which password each session began.
    pub session_passwords: [u8; SESSIONS],
    /// Sessions that have ended.
    pub ended: u8,
    pub is_credential_revoked: bool,
    /// The key of the link in each reset's first mail that the relay took.
    pub links: [Option<u8>; RESETS],
    /// Mails that the relay took and whose fate is not settled yet.
    pub taken: u8,
    /// Mails whose lease ran out while a process carried them.
    pub overdue: u8,
    /// Actions whose record is not written.
    pub unrecorded: u8,
    pub is_restored: bool,
    pub wrongs: u16,
}

impl Witness {
    pub fn new() -> Self {
        Self {
            over: 0,
            replaced: 0,
            changes: [0; RESETS],
            dead: 0,
            last: 0,
            session_passwords: [0; SESSIONS],
            ended: 0,
            is_credential_revoked: false,
            links: [None; RESETS],
            taken: 0,
            overdue: 0,
            unrecorded: 0,
            is_restored: false,
            wrongs: 0,
        }
    }

    pub fn wrong(&mut self, wrong: Wrong) {
        self.wrongs |= wrong as u16;
    }

    pub fn saw(&self, wrong: Wrong) -> bool {
        self.wrongs & wrong as u16 != 0
    }

    pub fn is_over(&self, reset: u8) -> bool {
        self.over & 1 << reset != 0
    }

    pub fn end(&mut self, reset: u8) {
        self.over |= 1 << reset;
    }

    /// Everything open of a user ends with their access, and when they choose a password in another way.
    pub fn end_all(&mut self, store: &Store) {
        store.begun().for_each(|reset| self.end(reset));
    }

    /// A reset begins: earlier ones are over, and an open one was replaced.
    pub fn begin(&mut self, before: &Store, reset: u8, kills_password: bool) {
        for older in before.begun().filter(|older| *older != reset) {
            if !self.is_over(older) {
                self.replaced |= 1 << older;
            }
            self.end(older);
        }
        if kills_password {
            self.dead |= 1 << before.user.password;
        }
    }

    /// A password was chosen: every other is dead.
    pub fn choose(&mut self, before: &Store, password: u8) {
        if !before.user.exists || before.user.is_disabled {
            self.wrong(Wrong::ChangedWhileLockedOut);
        }
        self.dead |= 1 << before.user.password;
        self.last = password;
        self.end_all(before);
    }

    /// The relay took a mail with a link.
    pub fn take(&mut self, mail: u8, reset: u8, link: u8) {
        let first = &mut self.links[usize::from(reset)];
        let is_other = first.is_some_and(|first| first != link);
        first.get_or_insert(link);
        if is_other {
            self.wrong(Wrong::TwoLinks);
        }
        self.taken |= 1 << mail;
    }

    /// The password is that of the backup again; ended and dead things stay so.
    pub fn restore(&mut self, backup: &Backup, next_reset: u8) {
        self.over = (1 << next_reset) - 1;
        self.replaced = 0;
        self.last = backup.last;
        self.session_passwords = backup.session_passwords;
        self.is_restored = true;
    }
}
