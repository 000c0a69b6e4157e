//! Delivers mails: to a relay, or to the mailbox of the dev mode.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::mailbox::MailboxStore;
use super::message::Message;
use super::smtp::{Accepted, Envelope, Refused, Relay};

/// Delivers mails.
pub struct Carrier {
    kind: Kind,
    mood: AtomicU8,
}

enum Kind {
    Relay(RwLock<Arc<Relay>>),
    Mailbox(MailboxStore),
}

/// How the mailbox of the dev mode behaves, so that people can test their programs against a bad relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    /// Takes every mail.
    Accept,
    /// Refuses for now (451); the mail is tried again later.
    Refuse,
    /// Refuses for good (550).
    Bounce,
    /// Does not answer for 15 seconds.
    Stall,
}

impl Carrier {
    /// A relay.
    pub fn relay(relay: Relay) -> Self {
        Self { kind: Kind::Relay(RwLock::new(Arc::new(relay))), mood: AtomicU8::new(Mood::Accept as u8) }
    }

    /// Uses this relay from now on; mails being sent finish with the old one. Has no effect on the mailbox.
    pub fn change_relay(&self, relay: Relay) {
        if let Kind::Relay(present) = &self.kind {
            *present.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(relay);
        }
    }

    /// The mailbox of the dev mode.
    pub fn mailbox(mailbox: MailboxStore) -> Self {
        Self { kind: Kind::Mailbox(mailbox), mood: AtomicU8::new(Mood::Accept as u8) }
    }

    /// Sets the behaviour of the mailbox.
    pub fn set_mood(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// Sends one mail.
    ///
    /// # Errors
    /// The relay's refusal.
    pub async fn send(&self, message: &Message) -> Result<Accepted, Refused> {
        let refused = |permanent, words: &str, code| Refused {
            permanent,
            code: Some(code),
            is_no_address: permanent,
            ..Refused::for_now(words)
        };
        match self.mood.load(Ordering::SeqCst) {
            mood if mood == Mood::Refuse as u8 => return Err(refused(false, "451 4.3.0 Asked to refuse for now", 451)),
            mood if mood == Mood::Bounce as u8 => return Err(refused(true, "550 5.1.1 Asked to bounce", 550)),
            mood if mood == Mood::Stall as u8 => {
                tokio::time::sleep(Duration::from_secs(15)).await;
                return Err(Refused::for_now("The relay did not answer."));
            }
            _ => {}
        }
        match &self.kind {
            Kind::Relay(relay) => {
                let bytes = message
                    .to_bytes()
                    .map_err(|failure| Refused { permanent: true, ..Refused::for_now(failure.message) })?;
                let envelope = Envelope { from: message.from.address.clone(), to: message.to.address.clone() };
                present(relay).send(&envelope, &bytes).await
            }
            Kind::Mailbox(mailbox) => mailbox.take(message),
        }
    }

    /// The longest time that one mail may take, including the wait for a connection.
    pub fn patience(&self) -> Duration {
        match &self.kind {
            Kind::Relay(relay) => present(relay).patience(),
            Kind::Mailbox(_) => Duration::from_secs(15),
        }
    }

    /// Closes the resting connections to the relay.
    pub async fn rest(&self) {
        if let Kind::Relay(relay) = &self.kind {
            present(relay).rest().await;
        }
    }
}

fn present(relay: &RwLock<Arc<Relay>>) -> Arc<Relay> {
    Arc::clone(&relay.read().unwrap_or_else(PoisonError::into_inner))
}
