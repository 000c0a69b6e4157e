//! The view of a life from outside: the same values for the server and for the model.

/// The result of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Which of the user's resets the answer names: the number in the order of their making.
    pub reset: Option<usize>,
    /// Whether the answer says that it repeats that of an earlier call.
    pub is_replayed: bool,
}

impl Answer {
    pub fn of(status: u16) -> Self {
        Self { status, reset: None, is_replayed: false }
    }
}

/// The occasion of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voice {
    /// An administrator has ended the reader's password.
    Reset,
    /// An administrator has sent a link.
    Sent,
    Invited,
    /// The reader asked for it.
    Asked,
    /// It reports a change.
    Changed,
    /// It asks a new address to confirm itself.
    AddressLink,
    /// It reports that another address was asked for.
    AddressAsked,
    /// It reports that the account has another address.
    AddressChanged,
    Unknown,
}

/// A mail in the user's mailbox.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Letter {
    pub voice: Voice,
    /// To which of the user's two addresses.
    pub to: usize,
    pub reset: Option<usize>,
    /// How long the link lives, as the mail says.
    pub minutes: Option<i64>,
    /// What it says about the old password; `none` if it says nothing.
    pub old_password: &'static str,
}

/// The user as administrators are shown them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which of the two addresses.
    pub address: usize,
    /// The one that waits for its link.
    pub waiting: Option<usize>,
    /// The one to which mail goes.
    pub mailed: usize,
    pub password: String,
    pub is_disabled: bool,
    pub open: Option<usize>,
    pub sessions: usize,
    pub roles: usize,
}

/// A reset as administrators are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownReset {
    pub kind: String,
    pub state: String,
    pub kills: bool,
    /// Seconds until its link expires; below 0 if it has expired.
    pub left: i64,
    /// Whether a search by the user's address finds it.
    pub is_found: bool,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    pub answers: Vec<Answer>,
    pub user: Option<Shown>,
    pub resets: Vec<ShownReset>,
    pub letters: Vec<Letter>,
    pub records: Vec<String>,
    /// Whether each session lives.
    pub sessions: Vec<bool>,
    /// Whether each credential works.
    pub credentials: Vec<bool>,
    /// The status of opening each mailed link.
    pub links: Vec<u16>,
    /// The status of signing in with each password, the oldest first.
    pub passwords: Vec<u16>,
}

impl View {
    /// The differences, a line each.
    pub fn differences(&self, expected: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, is_same: bool, seen: String, expected: String| {
            if !is_same {
                found.push(format!("{what}: {seen}, by the model {expected}"));
            }
        };
        macro_rules! compare {
            ($($field:ident),*) => {
                $(compare(
                    stringify!($field),
                    self.$field == expected.$field,
                    format!("{:?}", self.$field),
                    format!("{:?}", expected.$field),
                );)*
            };
        }
        compare!(answers, user, resets, letters, records, sessions, credentials, links, passwords);
        found
    }
}
