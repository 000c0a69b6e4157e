//! A state of the model: the relevant rows of the store, the memory of two processes, and the observations of an
//! onlooker.

use crate::scene::Left;
use crate::witness::Witness;

pub const RESETS: usize = 3;
pub const MAILS: usize = 4;
pub const SESSIONS: usize = 2;
pub const PROCESSES: usize = 2;
pub const WISHES: usize = 3;

/// The user's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct User {
    pub exists: bool,
    pub is_disabled: bool,
    pub epoch: u8,
    /// Which password: each is chosen once, so it is its own `password_changed_at` too.
    pub password: u8,
    pub is_dead: bool,
    pub open: Option<u8>,
}

/// A row of `resets`. The moments are flags: when they were does not matter, only that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Reset {
    pub exists: bool,
    pub wish: u8,
    pub key: u8,
    pub is_in_window: bool,
    /// Whether the user has signed in since it was requested.
    pub is_outlived: bool,
    pub is_mailed: bool,
    pub is_opened: bool,
    pub is_redeemed: bool,
    pub is_superseded: bool,
    pub is_cancelled: bool,
    pub is_undeliverable: bool,
    pub is_expired: bool,
    /// Whether an incident keeps its mail.
    pub is_held: bool,
}

/// A row of `mails`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Mail {
    pub exists: bool,
    pub reset: u8,
    /// Which value `due_at` has: a new number for each new value.
    pub due: u8,
    pub is_due: bool,
    /// Whether the due time is the end of a lease.
    pub is_leased: bool,
    pub is_sent: bool,
    pub is_failed: bool,
}

impl Mail {
    pub fn is_pending(&self) -> bool {
        self.exists && !self.is_sent && !self.is_failed
    }
}

/// A row of `sessions`: the epoch in which it began.
pub type Session = Option<u8>;

/// The durable content of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Store {
    pub user: User,
    pub resets: [Reset; RESETS],
    pub mails: [Mail; MAILS],
    pub sessions: [Session; SESSIONS],
    pub has_credential: bool,
    /// Rows of `reset_keys`: the reset that a wish began.
    pub keys: [Option<u8>; WISHES],
}

/// A decision that was made from values read, and is not yet written. The numbers are the values read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    Request { wish: u8, read: Read },
    Redeem { reset: u8, password: u8 },
    SignIn { password: u8, epoch: u8 },
    Change { session: u8, knows: u8, password: u8, epoch: u8, open: Option<u8> },
    Cancel { reset: u8 },
    Disable { open: Option<u8> },
    Delete { open: Option<u8> },
}

/// The values that a request read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Read {
    pub epoch: u8,
    pub is_locked: bool,
    /// The reset in the user's place, even if its time is over.
    pub place: Option<u8>,
    /// The same if it is open.
    pub open: Option<u8>,
    pub under_key: Option<u8>,
    /// Whether all that it would do was done by the open one and still holds.
    pub is_repeat: bool,
    pub password: u8,
    /// The sessions that counted, a bit each.
    pub sessions: u8,
}

/// A mail in the hands of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carry {
    /// Found due, not leased yet.
    Found { mail: u8, due: u8 },
    /// Leased and made; `link` is the key of its link.
    Made { mail: u8, link: u8 },
    /// The relay answered, or it need not be asked; the fate is not written yet.
    Settling { mail: u8, fate: Fate },
}

impl Carry {
    pub fn mail(self) -> u8 {
        match self {
            Self::Found { mail, .. } | Self::Made { mail, .. } | Self::Settling { mail, .. } => mail,
        }
    }
}

/// The outcome of an attempt. The drift test compares these with `mails/settle.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    Sent,
    Refused { permanent: bool },
    Pointless,
}

/// One server process: at most one request and one mail at a time. A crash empties it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Process {
    pub op: Option<Op>,
    pub carry: Option<Carry>,
    /// A mail that is to be queued by a second transaction; only without the guard.
    pub owed_mail: Option<u8>,
    /// A record that is to be written by a second transaction; only without the guard.
    pub owes_record: bool,
}

/// A backup, and what was known of passwords then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Backup {
    pub store: Store,
    pub last: u8,
    pub session_passwords: [u8; SESSIONS],
}

/// One moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    pub store: Store,
    pub processes: [Process; PROCESSES],
    pub backup: Option<Backup>,
    /// Ids are drawn and never come back, whatever is restored.
    pub next_reset: u8,
    pub next_mail: u8,
    pub next_password: u8,
    /// The key under which new links are made.
    pub key: u8,
    /// The steps still allowed by the bounds.
    pub left: Left,
    pub seen: Witness,
}

/// The word for a reset. The drift test compares these with `reset/state.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Requested,
    Mailed,
    Opened,
    Redeemed,
    Superseded,
    Expired,
    Undeliverable,
    Cancelled,
}

impl Store {
    pub fn is_open(&self, reset: u8) -> bool {
        self.user.exists && self.resets[usize::from(reset)].exists && self.user.open == Some(reset)
    }

    pub fn is_alive(&self, reset: u8) -> bool {
        let row = &self.resets[usize::from(reset)];
        self.is_open(reset) && !row.is_expired && !row.is_held
    }

    /// Whether the user is held by it: the mail waits, and so does every other door.
    pub fn is_held(&self, reset: u8) -> bool {
        self.is_open(reset) && self.resets[usize::from(reset)].is_held
    }

    /// As `Reset::state` has it.
    pub fn word(&self, reset: u8) -> Word {
        let row = &self.resets[usize::from(reset)];
        if row.is_redeemed {
            Word::Redeemed
        } else if row.is_superseded {
            Word::Superseded
        } else if row.is_cancelled {
            Word::Cancelled
        } else if row.is_held {
            if self.is_open(reset) { Word::Requested } else { Word::Cancelled }
        } else if row.is_undeliverable {
            Word::Undeliverable
        } else if row.is_expired {
            Word::Expired
        } else if !self.is_open(reset) {
            Word::Cancelled
        } else if row.is_opened {
            Word::Opened
        } else if row.is_mailed {
            Word::Mailed
        } else {
            Word::Requested
        }
    }

    /// The resets that have a row.
    pub fn begun(&self) -> impl Iterator<Item = u8> + '_ {
        (0..RESETS as u8).filter(|reset| self.resets[usize::from(*reset)].exists)
    }
}
