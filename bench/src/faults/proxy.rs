//! Stands between Tenantry and PostgreSQL and cuts the line at the worst moment: when a commit has been done and its
//! answer is on its way, or when a commit is on its way and never arrives.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::protocol::Conversation;
use crate::Result;

/// The message to be lost next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The answer to a COMMIT that was done.
    Answer,
    /// A COMMIT that the server never sees.
    Commit,
}

const NOTHING: u8 = 0;
const ANSWER: u8 = 1;
const COMMIT: u8 = 2;

/// The proxy; it listens until the process ends.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    next: AtomicU8,
    cuts: AtomicU64,
    last: Mutex<Option<Instant>>,
}

impl Proxy {
    /// Starts before the server on `port` of this machine.
    pub fn start(port: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let own = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let passing = Arc::clone(&shared);
        let pass_on = move || {
            for client in listener.incoming().flatten() {
                // A server that is away refuses the client too, which closes as this value goes.
                if let Ok(server) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))) {
                    let _ = join(&client, &server, &passing);
                }
            }
        };
        thread::Builder::new().name("proxy".into()).spawn(pass_on)?;
        Ok(Self { port: own, shared })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Loses the next of its kind, once.
    pub fn lose(&self, loss: Loss) {
        self.shared.next.store(if loss == Loss::Answer { ANSWER } else { COMMIT }, Ordering::SeqCst);
    }

    /// How often something was lost.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }

    /// When something was lost last.
    pub fn last(&self) -> Option<Instant> {
        *self.shared.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Whether this message is the one to lose; it is then marked as lost.
    fn takes(&self, kind: u8) -> bool {
        if self.next.compare_exchange(kind, NOTHING, Ordering::SeqCst, Ordering::SeqCst).is_err() {
            return false;
        }
        *held(&self.last) = Some(Instant::now());
        self.cuts.fetch_add(1, Ordering::SeqCst);
        true
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn join(client: &TcpStream, server: &TcpStream, shared: &Arc<Shared>) -> Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let talk = Arc::new(Mutex::new(Conversation::default()));
    let (asks, answers) = (Arc::clone(&talk), talk);
    let of_client = Arc::clone(shared);
    let up = (client.try_clone()?, server.try_clone()?);
    thread::Builder::new()
        .spawn(move || pass(up.0, up.1, |bytes| held(&asks).client_says(bytes) > 0 && of_client.takes(COMMIT)))?;
    let of_server = Arc::clone(shared);
    let down = (server.try_clone()?, client.try_clone()?);
    thread::Builder::new().spawn(move || {
        pass(down.0, down.1, |bytes| held(&answers).server_says(bytes) > 0 && of_server.takes(ANSWER))
    })?;
    Ok(())
}

/// Passes bytes on until one side closes, or until the present bytes are to be lost: then both sides are closed, and
/// none of these bytes arrive.
fn pass(mut from: TcpStream, mut to: TcpStream, mut is_lost: impl FnMut(&[u8]) -> bool) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if is_lost(&piece[..count]) || to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    for side in [&from, &to] {
        // Fails where that side has closed already.
        let _ = side.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &[u8] = b"\0\0\0\x08\0\x03\0\0";
    const ASK: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";
    const DONE: &[u8] = b"C\0\0\0\x0bCOMMIT\0Z\0\0\0\x05I";

    /// A conversation through a proxy that loses `loss`: the bytes that the server got, and those that the client got.
    fn talk(loss: Option<Loss>) -> (Vec<u8>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap().port()).unwrap();
        loss.into_iter().for_each(|loss| proxy.lose(loss));
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut got = vec![0; START.len()];
            stream.read_exact(&mut got).unwrap();
            let mut rest = vec![0; ASK.len()];
            if stream.read_exact(&mut rest).is_ok() {
                got.extend(rest);
                stream.write_all(DONE).unwrap();
            }
            let _ = stream.shutdown(Shutdown::Write);
            got
        });
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
        client.write_all(START).unwrap();
        // A piece of its own, as after any answer.
        thread::sleep(std::time::Duration::from_millis(100));
        client.write_all(ASK).unwrap();
        let mut got = Vec::new();
        let _ = client.read_to_end(&mut got);
        assert_eq!((proxy.cuts(), proxy.last().is_some()), (u64::from(loss.is_some()), loss.is_some()));
        (server.join().unwrap(), got)
    }

    #[test]
    fn what_is_not_to_be_lost_passes_unchanged() {
        assert_eq!(talk(None), ([START, ASK].concat(), DONE.to_vec()));
    }

    #[test]
    fn a_lost_answer_was_done_and_a_lost_commit_was_not() {
        assert_eq!(talk(Some(Loss::Answer)), ([START, ASK].concat(), Vec::new()));
        assert_eq!(talk(Some(Loss::Commit)), (START.to_vec(), Vec::new()));
    }
}
