//! Who may do what, where and to whom, decided by pure functions over plain values.
//!
//! A role counts in the namespace where it was given. `*` stands for every application namespace,
//! now and later, and never for `system` or `shared`. The sum of all grants holds; nothing denies.

mod decide;
mod groups;
mod narrowing;
mod rank;
mod rights;
mod roles;

pub use self::decide::{Because, Decision, decide};
pub use self::groups::{ApiGroup, ApiGroups};
pub use self::narrowing::Narrowing;
pub use self::rank::may_touch;
pub use self::rights::{Grant, Held, Missing, Rights};
pub use self::roles::{ADMIN_ROLE, BUILT_IN, OWNER_ROLE, built_in_role};

/// The namespace in which a tenant is administered.
pub const SYSTEM: &str = "system";
/// The namespace whose objects all others may use.
pub const SHARED: &str = "shared";
/// Every application namespace, as a grant names it.
pub const EVERY: &str = "*";
