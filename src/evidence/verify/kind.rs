//! The kinds of lines, and which may stand behind which.

/// How the lines of each kind begin.
const BEGINNINGS: [(&str, Kind); 7] = [
    ("{\"evidence\":", Kind::Header),
    ("{\"act\":", Kind::Act),
    ("{\"shared\":", Kind::Shared),
    ("{\"n\":", Kind::User),
    ("{\"totals\":", Kind::Totals),
    ("{\"link\":", Kind::Link),
    ("{\"lines\":", Kind::Closing),
];

/// The kinds of lines, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Header,
    Act,
    Shared,
    User,
    Totals,
    Link,
    Closing,
}

impl Kind {
    /// The kind of a line, by how it begins.
    pub(super) fn of(line: &str) -> Option<Self> {
        BEGINNINGS.iter().find(|(beginning, _)| line.starts_with(beginning)).map(|(_, kind)| *kind)
    }

    /// Whether a line of this kind may stand behind one of another.
    pub(super) fn may_follow(self, before: Option<Self>) -> bool {
        match before {
            None => self == Self::Header,
            Some(Self::Header) => self == Self::Act,
            Some(Self::Act) => matches!(self, Self::Act | Self::Shared),
            Some(Self::Shared | Self::User) => matches!(self, Self::User | Self::Totals),
            Some(Self::Totals) => self == Self::Link,
            Some(Self::Link) => matches!(self, Self::Link | Self::Closing),
            Some(Self::Closing) => false,
        }
    }
}
