//! The operator's commands: asked of the process that serves the data directory, by its socket. Where none does, this process
//! opens the store and serves itself, so that a command takes the same way and says the same.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::arguments::Open;
use super::client::Client;
use super::opened::Opened;
use super::output::Output;
use super::row::{Operation, Shows, ask};
use super::unix::Way;
use crate::app::operators_server;
use crate::config::{Config, load, process_environment};
use crate::error::{Error, Kind, Result};
use crate::house::local_socket;
use crate::operator;

/// The way to the operator's calls of one data directory.
pub struct Local {
    client: Client,
    /// The store, where this process serves it.
    opened: Option<Opened>,
}

/// What a command does to a store that no process serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It looks at it.
    Read,
    /// It changes it.
    Change,
    /// The same, and it makes the store if there is none.
    Make,
}

impl Local {
    /// The process that serves this data directory, or the store itself.
    ///
    /// # Errors
    /// One sentence if there is none, if it is in use by a process that serves no socket, or if it is someone else's.
    pub fn of(config: Config, to: Use, runtime: &Runtime) -> Result<Self> {
        if let Some(client) = served(&config.store.data_dir)? {
            return Ok(Self { client, opened: None });
        }
        let opened = open(config, to)?;
        let Opened { store, keys, config, random, now } = &opened;
        if to != Use::Read {
            runtime.block_on(operator::make_tenant(store, config, random, *now))?;
        }
        let server = Arc::new(operators_server(store, keys, config, random)?);
        let (way, mut asked) = mpsc::unbounded_channel();
        runtime.spawn(async move {
            while let Some(stream) = asked.recv().await {
                let server = Arc::clone(&server);
                tokio::spawn(async move { server.answer(stream).await });
            }
        });
        Ok(Self {
            client: Client::local(Way::Here(way, runtime.handle().clone()), "this process"),
            opened: Some(opened),
        })
    }

    /// By which calls are made.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if let Some(opened) = &self.opened {
            opened.store.close();
        }
    }
}

/// The store. A process that serves it without a socket does not hinder a look.
fn open(config: Config, to: Use) -> Result<Opened> {
    match to {
        Use::Make => Opened::of(config),
        Use::Change => Opened::existing(config),
        Use::Read => match Opened::existing(config.clone()) {
            Err(held) if held.kind == Kind::Conflict => Opened::beside(config),
            outcome => outcome,
        },
    }
}

/// Calls an operation at the data directory that the flags and settings name, and shows its answer.
///
/// # Errors
/// As [`Local::of`]; the refusal of the server.
pub fn call(
    open: &Open,
    to: Use,
    (operation, shows): (Operation<'_>, Shows),
    output: Output,
    runtime: &Runtime,
) -> Result<()> {
    let config = load(&open.sources(process_environment()))?.config;
    ask(Local::of(config, to, runtime)?.client(), operation, shows, output)
}

/// The process that serves a data directory, if one does.
///
/// # Errors
/// One sentence if its socket is someone else's.
pub fn served(data_dir: &Path) -> Result<Option<Client>> {
    let path = local_socket(data_dir);
    match UnixStream::connect(&path) {
        Ok(_) => {
            let place = path.display().to_string();
            Ok(Some(Client::local(Way::Socket(path), &place)))
        }
        // A path that is too long for a socket is no way to one.
        Err(cause)
            if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput) =>
        {
            Ok(None)
        }
        Err(cause) => Err(Error::conflict(format!(
            "A server may be running, and its socket {} cannot be opened: {cause}. Give this command as the user of the server.",
            path.display()
        ))),
    }
}
