//! PostgreSQL, for several processes on one database. A change is a transaction of its own on one of a few writing
//! connections; it holds its tenant while it runs, so that a tenant's changes happen one after the other, as they do on
//! the embedded engine, in whichever process they are asked for. Hot verbs share the tenant with their like: they look
//! without holding anything, and write what is still as they found it. Reads run beside it on a bounded pool.

mod address;
mod answers;
mod checks;
mod connection;
mod driver;
mod explain;
mod failure;
mod fate;
mod merge;
mod named;
mod parameters;
mod place;
mod prepared;
mod probe;
mod readers;
mod schema;
mod servers;
mod session;
mod settings;
mod timeline;
mod tls;
mod transaction;
mod values;
mod words;
mod writer;

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use self::fate::Line;
use self::readers::Readers;
use self::settings::Address;
use super::faults::Faults;
use super::job::Writer as Place;
use super::queue::{Queue, held};
use super::{Scope, Sent, Server, Tx};
use crate::clock::Timestamp;
use crate::error::{Error, Result};

pub use self::place::Beside;
pub(super) use self::place::{is_there, require_nobody};
pub use self::settings::{PostgresSettings, check};
pub use self::transaction::Transaction;
pub(super) use self::writer::Writer;

/// Connections that write. Two hot verbs keep two busy each; the others are for what comes beside them.
pub(super) const WRITERS: usize = 6;

/// The engine with its threads.
pub struct Engine {
    address: Arc<Address>,
    readers: Readers,
    queue: Queue,
    threads: Mutex<Vec<JoinHandle<()>>>,
    faults: Arc<Faults>,
}

impl Engine {
    pub(super) fn open(settings: &PostgresSettings, queue_max: usize, now: Timestamp) -> Result<Self> {
        let address = Arc::new(Address::parse(settings)?);
        schema::prepare(&address, now)?;
        let (queue, receiver) = Queue::new(queue_max, WRITERS);
        let line = Arc::new(Line::new(receiver, queue.figures(), WRITERS));
        let faults = Arc::new(Faults::default());
        let start = |nth: usize| {
            let line = Arc::clone(&line);
            let writer = Writer::new(Arc::clone(&address), Arc::clone(&faults), Arc::clone(&line));
            let run = move || write(&writer, &line);
            std::thread::Builder::new().name(format!("store-writer-{nth}")).spawn(run).map_err(Error::internal)
        };
        let threads = (1..=WRITERS).map(start).collect::<Result<_>>()?;
        let readers = Readers::new(Arc::clone(&address), settings.readers_max);
        Ok(Self { address, readers, queue, threads: Mutex::new(threads), faults })
    }

    pub(super) fn read<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.readers.read(scope, verb)
    }

    pub(super) fn scan<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.readers.scan(scope, verb)
    }

    pub(super) fn glance<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.readers.glance(scope, verb)
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The server watches over its own files; what we can see is whether it answers.
    pub(super) fn check(&self) -> Result<Vec<String>> {
        self.readers.glance(Scope::HOUSE, |tx| tx.maybe("SELECT 1 FROM tenants LIMIT 1", &[]))?;
        Ok(Vec::new())
    }

    pub(super) fn server(&self) -> Option<Server> {
        self.address.servers.latest()
    }

    /// See [`super::Store::advice`].
    pub(super) fn advice(&self) -> Result<Option<String>> {
        if self.address.servers.are_several() { self.glance(Scope::HOUSE, checks::advice) } else { Ok(None) }
    }

    pub(super) fn silences(&self) -> u64 {
        self.address.servers.silences()
    }

    pub(super) fn explain(&self, statement: &str, sent: Sent) -> Result<Vec<String>> {
        self.readers.explain(statement, sent)
    }

    pub(super) fn close(&self) {
        self.queue.close();
        for thread in held(&self.threads).drain(..) {
            // The last handle may go away with a job, on a writer itself, which then ends anyway.
            if thread.thread().id() != std::thread::current().id() {
                // A thread that panicked has already said so; there is nothing left to wait for.
                let _ = thread.join();
            }
        }
        self.readers.close();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}

/// One job after the other, until the line is closed and empty.
fn write(writer: &Writer, line: &Line) {
    while let Some(mut job) = line.next() {
        line.count(job.run(&Place::Postgres(writer)));
        job.settle(&Ok(()));
        writer.outlast_doubt();
    }
    writer.leave();
}
