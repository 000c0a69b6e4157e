//! Starts the parts of the server together and stops them in order.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::audit::{self, AuditKey, Witness};
use crate::bulk;
use crate::clock::Clock;
use crate::config::{Config, Http, OnLostHistory, Syslog, open_files_max};
use crate::contract;
use crate::dev::Dev;
use crate::error::Result;
use crate::gate::HouseGate;
use crate::heads;
use crate::house::{House, LocalSocket, PAGES};
use crate::housekeeping::Housekeeping;
use crate::http::{Limits, Metrics, Places, Router, Server, Serving};
use crate::incidents::Running;
use crate::keys::Keys;
use crate::letters::letters;
use crate::lost_history::LostHistory;
use crate::mail::address::Email;
use crate::mails;
use crate::operations::{moving, operations};
use crate::operator::{self, Operating};
use crate::person::Erasing;
use crate::random::Random;
use crate::reset;
use crate::signing;
use crate::store::Store;
use crate::transfer;
use crate::webhooks;

impl House {
    /// Serves until `until` ends, then drains: the requests under way, the mails being sent, the store.
    ///
    /// # Errors
    /// `Internal` if the table of operations is invalid.
    pub async fn serve(self, listener: TcpListener, until: impl Future<Output = ()>) -> Result<()> {
        operator::make_tenant(&self.store, &self.config, &self.random, self.clock.now()).await?;
        let (socket, local) = LocalSocket::open(&self.config.store.data_dir).unzip();
        let dev = Dev::of(&self);
        let router =
            Router::new(operations(&self, dev.as_ref()), &self.metrics)?.with_unserved(contract::operations())?;
        let gate =
            HouseGate::new(self.store.clone(), self.public_url.is_https(), self.config.http.base_domain.clone(), dev);
        let serving = Serving {
            router,
            gate: Arc::new(gate),
            pages: PAGES,
            store: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            limits: self.limits(),
            is_draining: Arc::clone(&self.is_draining),
            certificate: self.certificate.clone(),
        };
        let server = Server::new(serving, &self.metrics);
        let (stop, stopped) = watch::channel(false);
        let workers = self.workers(&stopped)?;
        let mut told_at = Instant::now();
        let until = async {
            until.await;
            told_at = Instant::now();
        };
        server.serve(listener, local, until).await;
        drop(socket);
        let _ = stop.send(true);
        // One drain for requests and workers together. A mail still being sent is leased, and the next process sends
        // it.
        let _ = tokio::time::timeout_at(told_at + self.drain(), workers.join_all()).await;
        self.store.close();
        Ok(())
    }

    /// The tasks beside the requests: sending mail, sealing audit records, sending their heads, acts on many users, uploaded files, deleting
    /// expired rows.
    fn workers(&self, stopped: &watch::Receiver<bool>) -> Result<JoinSet<()>> {
        let mut workers = JoinSet::new();
        workers.spawn(self.mails()?.run(stopped.clone()));
        workers.spawn(self.sender().run(stopped.clone()));
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let witness = Witness::default();
        let key = self.audit_key();
        workers.spawn(audit::keep_sealing(store.clone(), key, clock.clone(), witness.clone(), stopped.clone()));
        workers.spawn(self.head_maker().keep_making(stopped.clone()));
        if let Some(shipper) = self.head_shipper() {
            workers.spawn(shipper.keep_sending(stopped.clone()));
        }
        workers.spawn(self.lost_history(witness).watch(stopped.clone()));
        let (resets, random) = (self.resets.clone(), self.random.clone());
        workers.spawn(reset::keep_carrying_out(resets, store.clone(), clock.clone(), random.clone(), stopped.clone()));
        let erasing =
            Erasing { store: store.clone(), key: self.audit_key(), clock: clock.clone(), random: random.clone() };
        workers.spawn(erasing.keep_going_on(stopped.clone()));
        workers.spawn(bulk::keep_going(store.clone(), clock.clone(), stopped.clone()));
        let incidents = Running { store: store.clone(), keys: self.keys.clone() };
        workers.spawn(incidents.keep_going(clock.clone(), stopped.clone()));
        let moving = moving(self);
        let going_on = transfer::keep_going_on(moving, store.clone(), clock.clone(), random.clone(), stopped.clone());
        workers.spawn(going_on);
        workers.spawn(transfer::keep_inviting(store, self.keys.clone(), clock, random, stopped.clone()));
        workers.spawn(self.housekeeping.clone().keep_house(stopped.clone()));
        workers.spawn(self.keys.clone().keep_fresh(stopped.clone()));
        let (store, clock) = (self.store.clone(), self.clock.clone());
        workers.spawn(signing::keep_known(self.signer(), store, clock, stopped.clone()));
        Ok(workers)
    }

    fn lost_history(&self, witness: Witness) -> LostHistory {
        let help = "Audit chains that lost sealed links since the start: the database has forgotten something";
        LostHistory {
            store: self.store.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            witness,
            recent: self.resets.recent.clone(),
            losses: self.metrics.gauge("store_went_back", help),
            stops_writing: self.config.store.on_lost_history == OnLostHistory::StopWriting,
        }
    }

    fn mails(&self) -> Result<mails::Worker> {
        let letters = letters(&self.keys, &self.public_url);
        let (clock, random, carrier) = (self.clock.clone(), self.random.clone(), Arc::clone(&self.carrier));
        let from = Email::parse(&self.config.smtp.from)?;
        Ok(mails::Worker::new(self.store.clone(), clock, random, letters, carrier, from))
    }

    fn head_maker(&self) -> heads::Maker {
        heads::Maker {
            store: self.store.clone(),
            signer: self.signer(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            has_receiver: self.config.syslog.host.is_some(),
        }
    }

    fn head_shipper(&self) -> Option<heads::Shipper> {
        let Syslog { host, port, ca_file } = self.config.syslog.clone();
        let receiver = heads::Receiver { host: host?, port, ca_file };
        let (store, clock) = (self.store.clone(), self.clock.clone());
        Some(heads::Shipper::new(store, clock, receiver, self.config.installation().into()))
    }

    fn sender(&self) -> webhooks::Worker {
        let (store, clock, random) = (self.store.clone(), self.clock.clone(), self.random.clone());
        webhooks::Worker::new(store, clock, random, self.webhooks(), &self.metrics)
    }

    fn drain(&self) -> Duration {
        Duration::from_secs(self.config.http.drain_seconds.into())
    }

    fn limits(&self) -> Limits {
        let changing = self.changing.clone();
        Limits {
            connections_max: connections_max(self.config.http.connections_max as usize),
            trusted_proxies: Arc::new(move |address| changing.is_trusted_proxy(address)),
            // The dev mode must not bind a browser for a year: other programs on this machine are called localhost too.
            demands_https: self.public_url.is_https() && self.mailbox.is_none(),
            ..limits(&self.config.http, self.hasher.places())
        }
    }
}

/// The limits of these settings, for a server that nobody but its own process reaches.
fn limits(http: &Http, hashes: usize) -> Limits {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Limits {
        connections_max: http.connections_max as usize,
        connections_per_address_max: http.connections_per_address_max as usize,
        header: seconds(http.header_seconds),
        idle: seconds(http.idle_seconds),
        body: seconds(http.body_seconds),
        places: Places { reads: http.reads_max as usize, writes: http.writes_max as usize, hashes },
        request: seconds(http.deadline_seconds),
        drain: seconds(http.drain_seconds),
        trusted_proxies: Arc::new(|_| false),
        demands_https: false,
    }
}

/// A server of the operator's calls alone, over an open store: for a command where no other process serves it.
///
/// # Errors
/// `Internal` if the table of operations is invalid.
pub fn operators_server(store: &Store, keys: &Keys, config: &Config, random: &Random) -> Result<Server> {
    let metrics = Metrics::default();
    let clock = Clock::system();
    let room = Operating::new(config, keys, &Housekeeping::new(store, &clock, random, AuditKey::of(keys)));
    let serving = Serving {
        router: Router::new(operator::operations(&room), &metrics)?,
        gate: Arc::new(HouseGate::new(store.clone(), true, config.http.base_domain.clone(), None)),
        pages: PAGES,
        store: store.clone(),
        clock,
        random: random.clone(),
        limits: limits(&config.http, 1),
        is_draining: Arc::default(),
        certificate: None,
    };
    Ok(Server::new(serving, &metrics))
}

/// Open files other than client connections: the store, the relay, and connections that are being turned away.
const OTHER_FILES: usize = 160;
/// Even with few files the server must serve some clients.
const CONNECTIONS_LEAST: usize = 16;

/// The wanted number of connections, lowered to what the file limit allows: a client's connection must not take the
/// last file from the store.
fn connections_max(wanted: usize) -> usize {
    let Some(files) = open_files_max() else { return wanted };
    let possible = files.saturating_sub(OTHER_FILES).max(CONNECTIONS_LEAST);
    if possible < wanted {
        tracing::warn!(
            files,
            connections = possible,
            "fewer connections than http.connections_max: raise the limit of open files"
        );
    }
    possible.min(wanted)
}
