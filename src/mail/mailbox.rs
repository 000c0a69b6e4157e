//! The mailbox of the dev mode: it catches every mail instead of sending it.
//!
//! Apart from the user's browser this is the only place that may hold links, so it is kept apart from the store: in
//! memory, and in a file of its own that only the dev mode writes.

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
use crate::private;

/// How many mails are kept; older ones are dropped.
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
    /// Where answers go, if not to the sender.
    #[serde(default)]
    pub reply_to: Option<String>,
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
    /// The mailbox kept in `path`, with the mails already in it.
    ///
    /// # Errors
    /// `Internal` if the file cannot be used.
    pub fn open(path: &Path, clock: Clock) -> Result<Self> {
        let mut mails = VecDeque::new();
        let mut is_whole = true;
        if let Ok(file) = File::open(path) {
            let (mut file, mut line) = (BufReader::new(file), Vec::new());
            while file.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                // An incomplete last line is a mail that was not accepted when the process ended; it is sent again.
                mails.extend(serde_json::from_slice::<Caught>(&line).ok());
                if mails.len() > KEPT {
                    mails.pop_front();
                }
                is_whole = line.ends_with(b"\n");
                line.clear();
            }
        }
        let next = mails.back().map_or(1, |mail: &Caught| mail.id + 1);
        let mut file = private::open(OpenOptions::new().create(true).append(true), path).map_err(Error::internal)?;
        if !is_whole {
            // Without this the next mail would continue the incomplete line and be lost with it.
            file.write_all(b"\n").map_err(Error::internal)?;
        }
        Ok(Self { inner: Arc::new(Mutex::new(Inner { mails, next, file })), clock })
    }

    /// Every mail, oldest first.
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
            reply_to: message.reply_to.as_ref().map(|mailbox| mailbox.address.as_str().into()),
            subject: message.subject.clone(),
            message_id: message.message_id.clone(),
            link: link(&message.text),
            text: message.text.clone(),
            html: message.html.clone(),
        };
        let line = serde_json::to_string(&mail).unwrap_or_default() + "\n";
        let unwritten = |cause: std::io::Error| Refused::for_now(format!("The mailbox could not be written: {cause}"));
        inner.file.write_all(line.as_bytes()).map_err(unwritten)?;
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
    // Each link of ours has its token behind this sign.
    text.split_whitespace().find(|word| word.starts_with("http") && word.contains('#')).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::mail::message::Mailbox;

    fn message(subject: &str) -> Message {
        let someone = || Mailbox::bare("a@example.com".parse().unwrap());
        Message {
            message_id: "1@example.com".into(),
            from: someone(),
            reply_to: None,
            to: someone(),
            subject: subject.into(),
            text: "Grüße".into(),
            html: String::new(),
            date: Timestamp(0),
        }
    }

    #[test]
    fn a_line_that_broke_off_costs_no_mail_after_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mailbox.jsonl");
        let open = || MailboxStore::open(&path, Clock::by_hand(Timestamp(0))).unwrap();
        open().take(&message("whole")).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for broken in 1..whole.len() {
            std::fs::write(&path, [&whole[..], &whole[..broken]].concat()).unwrap();
            open().take(&message("later")).unwrap();
            let subjects: Vec<String> = open().list().into_iter().map(|mail| mail.subject).collect();
            assert_eq!((subjects.first().unwrap().as_str(), subjects.last().unwrap().as_str()), ("whole", "later"));
        }
    }
}
