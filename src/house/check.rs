//! Checks whether a server could start, as far as possible without opening the store.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use super::{House, cost, relay, store_settings};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::passwords::Hasher;
use crate::private;
use crate::random::Random;
use crate::store::Store;

impl House {
    /// Asks each part whether it accepts these settings, and leaves nothing behind. The first objection is the sentence
    /// of the error, further ones are its details.
    ///
    /// # Errors
    /// `Invalid`.
    pub fn check(config: &Config) -> Result<()> {
        let answers = [
            Hasher::check(cost(config)),
            data_dir(config),
            Store::check_settings(&store_settings(config)),
            key_file(config),
            config.smtp.host.as_ref().map_or(Ok(()), |host| relay(config, host).map(drop)),
        ];
        let mut reasons = answers.into_iter().filter_map(Result::err);
        match reasons.next() {
            None => Ok(()),
            Some(first) => Err(first.with_details(reasons.map(|reason| reason.message).collect())),
        }
    }

    /// Whether a server could listen at this address if no other process did.
    ///
    /// # Errors
    /// `Invalid`, such as for an address of another machine, or a port that needs privileges.
    pub fn check_listen(address: SocketAddr) -> Result<()> {
        match TcpListener::bind(address) {
            Err(cause) if cause.kind() != ErrorKind::AddrInUse => Err(not_listened(address, &cause)),
            _ => Ok(()),
        }
    }
}

/// The error for an address that cannot be listened on.
pub fn not_listened(address: SocketAddr, cause: &std::io::Error) -> Error {
    Error::invalid(format!("{address} cannot be listened on: {cause}. Choose another address with --listen."))
}

fn data_dir(config: &Config) -> Result<()> {
    let directory = &config.store.data_dir;
    private::probe(directory).map_err(|cause| {
        Error::invalid(format!(
            "`store.data_dir` is {}, where nothing can be written: {cause}. Give Tenantry a directory that it may write.",
            directory.display()
        ))
    })
}

/// A missing key file is fine: it is made together with a new store.
fn key_file(config: &Config) -> Result<()> {
    let path = &config.links.key_file;
    if path.exists() {
        return Keys::open(path, false, &Random::system()).map(drop);
    }
    let directory = path.parent().unwrap_or(path);
    if directory == config.store.data_dir {
        return Ok(());
    }
    private::probe(directory).map_err(|cause| {
        Error::invalid(format!("`links.key_file` is {}, which cannot be made: {cause}.", path.display()))
    })
}
