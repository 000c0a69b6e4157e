//! People and service users: who they are, what they may do, whether they may sign in.

mod history;
mod rows;

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, Tenant};
use crate::store::Tx;

pub use history::{recent_hashes, retire_hash};
pub use rows::{NewUser, User, email_taken, find_by_email, find_by_id, grants_of, insert, replace_grants, rights_of};

/// Sends a new user their first link, in the transaction that makes them. The room of resets provides it.
pub type Invite = Arc<dyn Fn(&mut Tx<'_>, &NewUser, &Tenant, &Actor, Timestamp) -> Result<()> + Send + Sync>;
