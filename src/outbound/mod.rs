//! The one way to call a URL that somebody of a tenant has chosen.
//!
//! Such a URL may be chosen to reach what only this machine can reach. So for each call the name is looked up once, each address
//! that it has is judged, and the connection goes to an address that was judged: a name that answers otherwise a moment later gains
//! nothing.
//!
//! - https, with the certificate of the host. http only where each address lies in a network that the operator allows.
//! - Only public addresses, and those in the operator's networks.
//! - No redirect is followed, no proxy is asked, no cookie is kept, no connection is used again.
//! - 5 s until there is a connection, 15 s in all; of the answer 16 KiB are read, and of its head no more than that.
//!
//! It knows nothing of the domain.

mod call;
mod judge;
mod target;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::sync::OnceCell;

use crate::error::{Error, Result};
use crate::names::{self, Names};
use crate::network::Network;
use crate::tls;

pub use self::call::{Answer, Request, Unanswered};
pub use self::target::Target;

/// How long until there is a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a call takes at most.
pub const CALL: Duration = Duration::from_secs(15);

/// Calls URLs of tenants. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Parts>);

struct Parts {
    /// Networks of the operator that may be called though they are not public.
    allowed: Vec<Network>,
    /// Certificates to trust besides those that this machine trusts.
    ca_file: Option<PathBuf>,
    names: Arc<Names>,
    /// Made by the first call over https, since the roots of a machine are many.
    tls: OnceCell<Arc<ClientConfig>>,
    connect: Duration,
    call: Duration,
}

impl Outbound {
    /// Calls public addresses and these networks, and trusts the certificates of this file too.
    pub fn new(allowed: Vec<Network>, ca_file: Option<PathBuf>) -> Self {
        Self::with_names(allowed, ca_file, names::of_the_system())
    }

    /// The same, with `names` to look hosts up.
    pub fn with_names(allowed: Vec<Network>, ca_file: Option<PathBuf>, names: Arc<Names>) -> Self {
        Self(Arc::new(Parts { allowed, ca_file, names, tls: OnceCell::new(), connect: CONNECT, call: CALL }))
    }

    /// The same, less patient: for tests.
    #[cfg(test)]
    fn within(self, connect: Duration, call: Duration) -> Self {
        let Parts { allowed, ca_file, names, .. } = &*self.0;
        let (allowed, ca_file, names) = (allowed.clone(), ca_file.clone(), Arc::clone(names));
        Self(Arc::new(Parts { allowed, ca_file, names, tls: OnceCell::new(), connect, call }))
    }

    /// Whether the operator allows any network, so that http may do.
    pub fn allows_http(&self) -> bool {
        !self.0.allowed.is_empty()
    }

    async fn tls(&self) -> Result<Arc<ClientConfig>> {
        let make = || async {
            let file = self.0.ca_file.clone();
            tokio::task::spawn_blocking(move || client(file)).await.map_err(Error::internal)?
        };
        self.0.tls.get_or_try_init(make).await.cloned()
    }
}

fn client(ca_file: Option<PathBuf>) -> Result<Arc<ClientConfig>> {
    let extra = ca_file.map(std::fs::read).transpose();
    let extra = extra.map_err(|cause| Error::invalid(format!("outbound.ca_file cannot be read: {cause}.")))?;
    tls::client("the servers of webhooks", extra.as_deref())
}

#[cfg(test)]
mod tests;
