//! The bounds. One scene with everything would have more states than fit into memory, so each scene has much of its own
//! subject and little of the rest.

use crate::state::WISHES;

/// The reason for a request. The drift test compares these with `reset/rows.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Ends the sessions, and the password unless the tenant keeps it.
    Administrator,
    /// Mails a link and leaves the rest.
    Remail,
    /// As `Remail`; that its user has no password yet changes nothing of the protocol.
    Invitation,
    /// By anyone who knows the address.
    Forgotten,
    /// As `Forgotten`, by the signed-in user.
    Own,
    /// By an incident: as `Administrator`, whose mail is held until it is released.
    Incident,
}

impl Kind {
    /// Whether no administrator stands behind it.
    pub fn is_wish(self) -> bool {
        matches!(self, Self::Forgotten | Self::Own)
    }

    /// Whether it ends the sessions.
    pub fn ends_access(self) -> bool {
        matches!(self, Self::Administrator | Self::Incident)
    }
}

/// A request for a reset. It may be repeated: the caller may not have received the answer.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub kind: Kind,
    /// Whether the old password dies at once; else it stays until the link is used.
    pub kills_password: bool,
    /// Whether it comes with an Idempotency-Key.
    pub has_key: bool,
    /// The caller.
    pub by: u8,
}

/// How often each thing may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Left {
    pub asks: [u8; WISHES],
    pub redeems: u8,
    pub opens: u8,
    pub resends: u8,
    pub sign_ins: u8,
    pub changes: u8,
    pub cancels: u8,
    pub disables: u8,
    pub deletes: u8,
    pub revokes: u8,
    pub crashes: u8,
    pub stalls: u8,
    pub refusals: u8,
    pub bounces: u8,
    pub rotations: u8,
    pub backups: u8,
    pub releases: u8,
}

/// One set of bounds.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    pub name: &'static str,
    pub what: &'static str,
    pub wishes: [Wish; WISHES],
    pub left: Left,
    /// Whether links may grow too old.
    pub expires: bool,
    /// Whether a repeat within the window gets the open reset.
    pub has_window: bool,
    /// Whether each step of a mail can be interrupted and raced; otherwise it is sent in one step.
    pub has_mail_in_steps: bool,
    /// Whether other transactions may commit between a transaction's reads and its writes, as READ COMMITTED allows.
    pub is_read_committed: bool,
}

const ADMINISTRATOR: Wish = Wish { kind: Kind::Administrator, kills_password: true, has_key: true, by: 0 };
const KEYLESS: Wish = Wish { has_key: false, ..ADMINISTRATOR };
/// Where the tenant keeps the old password until the link is used.
const KEEPING: Wish = Wish { kills_password: false, ..KEYLESS };
const INCIDENT: Wish = Wish { kind: Kind::Incident, by: 2, ..KEYLESS };
const REMAIL: Wish = Wish { kind: Kind::Remail, ..KEEPING };
const INVITATION: Wish = Wish { kind: Kind::Invitation, ..KEEPING };
const FORGOTTEN: Wish = Wish { kind: Kind::Forgotten, by: 1, ..KEEPING };
const OWN: Wish = Wish { kind: Kind::Own, ..FORGOTTEN };

const NOTHING: Left = Left {
    asks: [0; WISHES],
    redeems: 0,
    opens: 0,
    resends: 0,
    sign_ins: 0,
    changes: 0,
    cancels: 0,
    disables: 0,
    deletes: 0,
    revokes: 0,
    crashes: 0,
    stalls: 0,
    refusals: 0,
    bounces: 0,
    rotations: 0,
    backups: 0,
    releases: 0,
};

/// Every scene.
pub const SCENES: [Scene; 9] = [
    Scene {
        name: "links",
        what: "two resets, two redeemers, everything else that changes a password or ends a link, a crash",
        wishes: [ADMINISTRATOR, FORGOTTEN, OWN],
        left: Left {
            asks: [1, 1, 0],
            redeems: 3,
            opens: 1,
            cancels: 1,
            changes: 1,
            sign_ins: 1,
            disables: 1,
            deletes: 1,
            crashes: 1,
            ..NOTHING
        },
        expires: true,
        has_window: false,
        has_mail_in_steps: false,
        is_read_committed: false,
    },
    Scene {
        name: "mail",
        what: "a reset and a resend against a relay in every mood, a crash, a lease that runs out, a new key",
        wishes: [ADMINISTRATOR, FORGOTTEN, OWN],
        left: Left {
            asks: [1, 0, 0],
            resends: 1,
            cancels: 1,
            crashes: 1,
            stalls: 1,
            refusals: 1,
            bounces: 1,
            rotations: 1,
            ..NOTHING
        },
        expires: true,
        has_window: false,
        has_mail_in_steps: true,
        is_read_committed: false,
    },
    Scene {
        name: "two mails",
        what: "a reset supersedes another while either's mail is anywhere on its way, with a crash and a lease that runs out",
        wishes: [ADMINISTRATOR, FORGOTTEN, OWN],
        left: Left { asks: [1, 1, 0], redeems: 1, crashes: 1, stalls: 1, refusals: 1, ..NOTHING },
        expires: false,
        has_window: false,
        has_mail_in_steps: true,
        is_read_committed: false,
    },
    Scene {
        name: "repeats",
        what: "wishes asked again after lost answers, with and without a key, a window, a crash",
        wishes: [ADMINISTRATOR, KEYLESS, OWN],
        left: Left { asks: [2, 2, 0], redeems: 2, cancels: 1, bounces: 1, crashes: 1, ..NOTHING },
        expires: true,
        has_window: true,
        has_mail_in_steps: false,
        is_read_committed: false,
    },
    Scene {
        name: "kinds",
        what: "a link that was sent, a reset and wishes of anyone in every order, within the window and beyond it",
        wishes: [REMAIL, KEYLESS, FORGOTTEN],
        left: Left { asks: [1, 2, 1], redeems: 1, ..NOTHING },
        expires: false,
        has_window: true,
        has_mail_in_steps: false,
        is_read_committed: false,
    },
    Scene {
        name: "settings",
        what: "an invitation, a reset that keeps the password and one that ends it, with a sign-in between them",
        wishes: [KEEPING, KEYLESS, INVITATION],
        left: Left { asks: [2, 1, 1], redeems: 1, sign_ins: 1, ..NOTHING },
        expires: false,
        has_window: true,
        has_mail_in_steps: false,
        is_read_committed: true,
    },
    Scene {
        name: "incident",
        what: "an incident that holds, another one, a reset and wishes of anyone beside it, a user locked out, the release",
        wishes: [INCIDENT, KEYLESS, FORGOTTEN],
        left: Left { asks: [2, 1, 1], redeems: 1, sign_ins: 1, disables: 1, cancels: 1, releases: 2, ..NOTHING },
        expires: true,
        has_window: false,
        has_mail_in_steps: false,
        is_read_committed: false,
    },
    Scene {
        name: "restore",
        what: "a backup at any point and its restore, with links, sessions and a credential that ended meanwhile",
        wishes: [ADMINISTRATOR, FORGOTTEN, OWN],
        left: Left {
            asks: [1, 1, 0],
            redeems: 2,
            cancels: 1,
            changes: 1,
            sign_ins: 1,
            disables: 1,
            revokes: 1,
            backups: 1,
            ..NOTHING
        },
        expires: false,
        has_window: false,
        has_mail_in_steps: false,
        is_read_committed: false,
    },
    Scene {
        name: "read committed",
        what: "others commit between a transaction's reads and its writes",
        wishes: [ADMINISTRATOR, FORGOTTEN, OWN],
        left: Left { asks: [1, 2, 0], redeems: 1, cancels: 1, disables: 1, ..NOTHING },
        expires: false,
        has_window: false,
        has_mail_in_steps: false,
        is_read_committed: true,
    },
];
