//! The mailbox of the dev mode: it catches every mail instead of sending it.
//!
//! It is the one place beside the user's browser where links may stand, so it is kept apart from the
//! store: in memory, and in a file of its own that only the dev mode writes.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::message::Message;
use super::smtp::{Accepted, Refused};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// Mails kept; older ones are forgotten.
const KEPT: usize = 1_000;

/// One caught mail.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Caught {
    /// Grows by one with each mail.
    pub id: u64,
    /// When it was caught, in microseconds since 1970.
    #[serde(rename = "at_microseconds")]
    pub at: i64,
    /// The recipient.
    pub to: String,
    /// The sender.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// The Message-ID, the same when a mail is sent again.
    pub message_id: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The link that the mail is about.
    pub link: Option<String>,
}

/// The mailbox. Cheap to clone.
#[derive(Clone)]
pub struct MailboxStore {
    inner: Arc<Mutex<Inner>>,
    clock: Clock,
}

struct Inner {
    mails: VecDeque<Caught>,
    next: u64,
    file: File,
}

impl MailboxStore {
    /// The mailbox kept in `path`, with the mails of before.
    ///
    /// # Errors
    /// `Internal` when the file cannot be used.
    pub fn open(path: &Path, clock: Clock) -> Result<Self> {
        let mut mails = VecDeque::new();
        if let Ok(file) = File::open(path) {
            // A line that broke off with the process is a mail that was not taken: it is sent again.
            let lines = BufReader::new(file).lines().map_while(std::result::Result::ok);
            for mail in lines.filter_map(|line| serde_json::from_str::<Caught>(&line).ok()) {
                mails.push_back(mail);
                if mails.len() > KEPT {
                    mails.pop_front();
                }
            }
        }
        let next = mails.back().map_or(1, |mail: &Caught| mail.id + 1);
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(Error::internal)?;
        Ok(Self { inner: Arc::new(Mutex::new(Inner { mails, next, file })), clock })
    }

    /// Every mail, the newest last.
    pub fn list(&self) -> Vec<Caught> {
        self.locked().mails.iter().cloned().collect()
    }

    /// One mail.
    pub fn find(&self, id: u64) -> Option<Caught> {
        self.locked().mails.iter().find(|mail| mail.id == id).cloned()
    }

    pub(super) fn take(&self, message: &Message) -> std::result::Result<Accepted, Refused> {
        let mut inner = self.locked();
        let id = inner.next;
        let mail = Caught {
            id,
            at: self.clock.now().0,
            to: message.to.address.as_str().into(),
            from: message.from.address.as_str().into(),
            subject: message.subject.clone(),
            message_id: message.message_id.clone(),
            link: link(&message.text),
            text: message.text.clone(),
            html: message.html.clone(),
        };
        let line = serde_json::to_string(&mail).unwrap_or_default() + "\n";
        inner.file.write_all(line.as_bytes()).map_err(|cause| Refused {
            permanent: false,
            words: format!("The mailbox could not be written: {cause}"),
            code: None,
        })?;
        inner.next += 1;
        inner.mails.push_back(mail);
        if inner.mails.len() > KEPT {
            inner.mails.pop_front();
        }
        Ok(Accepted { reply: format!("250 2.0.0 Caught as mail {id}") })
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn link(text: &str) -> Option<String> {
    text.split_whitespace().find(|word| word.starts_with("http") && word.contains("/reset#")).map(str::to_string)
}
