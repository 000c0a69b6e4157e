//! Sends mail: a bounded pool of connections to one relay (RFC 5321).
//!
//! Promises: at most `connections_max` connections; one mail takes at most `timeout_seconds` once it has a connection;
//! plain text is used to loopback only; an accepted mail is never sent again by this pool.
//! Why this is not lettre's transport: `docs/decisions/0009-own-smtp-client.md`.

mod failure;
mod open;
mod reach;
mod reply;
mod session;
mod settings;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use self::failure::{Failure, Outcome};
use self::reach::Way;
use self::session::Session;
pub use self::settings::{RelaySettings, Security};
use super::address::Email;
use super::literal::one_line;
use crate::error::Result;
use crate::names::{self, Names};
use crate::tls;

/// Longest report of what a relay said, in characters.
pub const WORDS_CHARACTERS_MAX: usize = 300;
/// A connection that rested longer is not used again: relays close idle connections, often without notice.
const IDLE_SECONDS_MAX: u64 = 60;
/// An older connection is not used again, however busy it was: the relay's name may point elsewhere by now.
const AGE_SECONDS_MAX: u64 = 300;

/// The addresses that the relay is told. One mail has one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The address for reports of failure.
    pub from: Email,
    /// The recipient.
    pub to: Email,
}

/// The relay has accepted the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The relay's answer, often with its own queue id.
    pub reply: String,
}

/// The relay has not accepted the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Trying again is useless: the relay answered this very mail with 5xx. Any other failure may pass.
    pub permanent: bool,
    /// The relay's own words after its code, or a sentence on what happened; one line, at most 300 characters.
    pub words: String,
    /// The relay's code, if it gave one.
    pub code: Option<u16>,
    /// The relay was not asked: every connection to it was busy with other mails.
    pub is_untried: bool,
    /// The relay said that there is no such address.
    pub is_no_address: bool,
}

impl Refused {
    /// Of a mail that may pass later, in our own words.
    pub fn for_now(words: impl Into<String>) -> Self {
        Self { permanent: false, words: words.into(), code: None, is_untried: false, is_no_address: false }
    }
}

/// A relay and the connections to it.
pub struct Relay {
    way: Way,
    free: Semaphore,
    resting: Mutex<Vec<Resting>>,
}

struct Resting {
    session: Session,
    since: Instant,
}

impl Relay {
    /// A relay with checked settings. Connects to nothing yet; reads the machine's certificate roots unless
    /// [`Security::None`]. Fails on unsafe settings, and if there is no root to verify a certificate with.
    pub fn new(settings: RelaySettings) -> Result<Self> {
        Self::with_names(settings, names::of_the_system())
    }

    /// The same, with `names` to look the relay's name up.
    ///
    /// # Errors
    /// As [`Relay::new`].
    pub fn with_names(settings: RelaySettings, names: Arc<Names>) -> Result<Self> {
        settings.check()?;
        let tls = match settings.security {
            Security::None => None,
            Security::StartTls | Security::Tls => {
                Some(tls::client("the mail relay", settings.extra_roots_pem.as_deref())?.into())
            }
        };
        let free = Semaphore::new(settings.connections_max);
        let way = Way { settings: Arc::new(settings), tls, names, learnt: Mutex::default() };
        Ok(Self { way, free, resting: Mutex::default() })
    }

    /// Hands one mail to the relay. `message` is a whole RFC 5322 message; its lines may end in any way.
    ///
    /// Waits for a free connection for at most twice `timeout_seconds`, then sends for at most `timeout_seconds`, so
    /// that the holder of a mail's lease knows when the mail is free again. A resting connection that turns out dead
    /// before the relay accepted `MAIL FROM` is replaced by a fresh one, once. May be dropped at any point; the mail
    /// may then have been sent.
    pub async fn send(&self, envelope: &Envelope, message: &[u8]) -> std::result::Result<Accepted, Refused> {
        let settings = &self.way.settings;
        let patience = Duration::from_secs(2 * settings.timeout_seconds);
        let Ok(permit) = timeout(patience, self.free.acquire()).await else {
            let busy = format!("Every connection to the relay {} was busy.", settings.host);
            return Err(Refused { is_untried: true, ..refused(Failure::transient(busy)) });
        };
        let _permit = permit.expect("the semaphore is never closed");
        let deadline = Instant::now() + Duration::from_secs(settings.timeout_seconds);
        match timeout_at(deadline, self.send_on_some(envelope, message)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.way.turn();
                let words =
                    format!("The relay {} did not finish within {} seconds.", settings.host, settings.timeout_seconds);
                Err(refused(Failure::transient(words)))
            }
        }
    }

    /// The longest time that [`Relay::send`] takes.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(3 * self.way.settings.timeout_seconds)
    }

    /// Closes the resting connections with `QUIT`, when the queue is empty and before stopping.
    pub async fn rest(&self) {
        let resting = std::mem::take(&mut *self.resting());
        for Resting { session, .. } in resting {
            let _ = tokio::time::timeout(Duration::from_secs(1), session.quit()).await;
        }
    }

    async fn send_on_some(&self, envelope: &Envelope, message: &[u8]) -> std::result::Result<Accepted, Refused> {
        if let Some(mut session) = self.take_resting() {
            // A third of the time: if this connection is silently dead, a fresh one needs the rest.
            let patience = Duration::from_millis(self.way.settings.timeout_seconds * 1_000 / 3);
            match session.send(envelope, message, Some(patience)).await {
                Err(failure) if failure.before_mail => {}
                outcome => return self.settle(session, outcome),
            }
        }
        let mut session = Session::open(&self.way).await.inspect_err(|_| self.way.turn()).map_err(refused)?;
        let outcome = session.send(envelope, message, None).await;
        self.settle(session, outcome)
    }

    /// Keeps the connection if both sides agree on the state of the conversation.
    fn settle(&self, session: Session, outcome: Outcome<String>) -> std::result::Result<Accepted, Refused> {
        if outcome.as_ref().map_or_else(|failure| failure.in_step, |_| true) {
            self.resting().push(Resting { session, since: Instant::now() });
        }
        outcome.map(|reply| Accepted { reply: words(&reply) }).map_err(refused)
    }

    fn take_resting(&self) -> Option<Session> {
        let mut resting = self.resting();
        let newest = resting.pop()?;
        if newest.since.elapsed() < Duration::from_secs(IDLE_SECONDS_MAX) {
            let is_young = newest.session.since.elapsed() < Duration::from_secs(AGE_SECONDS_MAX);
            return is_young.then_some(newest.session);
        }
        // The newest is too old, so all are.
        resting.clear();
        None
    }

    fn resting(&self) -> MutexGuard<'_, Vec<Resting>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(failure: Failure) -> Refused {
    Refused {
        permanent: failure.permanent,
        words: words(&failure.words),
        code: failure.code,
        is_untried: false,
        is_no_address: failure.says_no_address(),
    }
}

fn words(text: &str) -> String {
    one_line(text, WORDS_CHARACTERS_MAX)
}
