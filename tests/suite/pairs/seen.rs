//! What can be seen of a life from outside: in the same words for the server and for the model.

/// What one call came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Which of the user's resets the answer names: the number in the order of their making.
    pub reset: Option<usize>,
    /// Whether it says that it is the answer of an earlier call.
    pub is_replayed: bool,
}

impl Answer {
    pub fn of(status: u16) -> Self {
        Self { status, reset: None, is_replayed: false }
    }
}

/// To whom a mail speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voice {
    /// To someone whose password an administrator has ended.
    Reset,
    /// To someone to whom an administrator sends a link.
    Sent,
    Invited,
    /// To someone who asked.
    Asked,
    /// Tells of a change.
    Changed,
    Unknown,
}

/// A mail in the user's mailbox.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Letter {
    pub voice: Voice,
    pub reset: Option<usize>,
    /// How long the link lives, as the mail says.
    pub minutes: Option<i64>,
    /// What it says of the password until now; `none` where it says nothing.
    pub old_password: &'static str,
}

/// The user as administrators are shown them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
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
    /// Seconds from now until its link dies; below 0 it is dead of age.
    pub left: i64,
    /// Whether it is found by the user's address.
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
    /// What opening each link that was mailed answers.
    pub links: Vec<u16>,
    /// What signing in with each password answers, the oldest first.
    pub passwords: Vec<u16>,
}

impl View {
    /// What is not the same, a line each.
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
