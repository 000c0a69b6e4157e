//! One connection, over which mails are sent one after the other.

use std::io;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::Envelope;
use super::failure::{Failure, Outcome};
use super::open::open;
use super::reach::Way;
use super::reply::Reply;
use super::wire::{Stream, Wire, stuffed};

/// Answers to `RCPT TO` that accept the recipient (RFC 5321 § 4.2.3).
const RECIPIENT_TAKEN: std::ops::RangeInclusive<u16> = 250..=251;

/// Of a mail to or from an address with letters beyond ASCII (RFC 6531 § 3.4), to a relay that does not offer the extension.
const NO_SMTPUTF8: &str = "The relay does not take addresses with letters beyond ASCII (SMTPUTF8, RFC 6531). Have it switched on \
    there, or give the user an address in ASCII.";

/// A connection that is open, protected as configured, and logged in.
pub struct Session {
    wire: Wire<Box<dyn Stream>>,
    pipelining: bool,
    eight_bit: bool,
    utf8: bool,
    /// The relay may still hold the beginning of a mail that it refused.
    unfinished: bool,
    /// When it was opened.
    pub(super) since: Instant,
}

impl Session {
    /// Connects and does everything that precedes the first mail.
    pub(super) async fn open(way: &Way) -> Outcome<Self> {
        let (wire, hello) = open(way).await?;
        let (pipelining, eight_bit, utf8) =
            (hello.offers("PIPELINING"), hello.offers("8BITMIME"), hello.offers("SMTPUTF8"));
        Ok(Self { wire, pipelining, eight_bit, utf8, unfinished: false, since: Instant::now() })
    }

    /// Sends one mail and returns the relay's words. `patience` bounds the wait for the answer to `MAIL FROM`.
    pub async fn send(&mut self, envelope: &Envelope, message: &[u8], patience: Option<Duration>) -> Outcome<String> {
        let body = stuffed(message).ok_or_else(|| unsendable("The message has a line of more than 998 octets."))?;
        let parameters = self.parameters(envelope, message)?;
        let from = format!("MAIL FROM:<{}>{parameters}\r\n", envelope.from);
        let to = format!("RCPT TO:<{}>\r\n", envelope.to);
        let rset = if std::mem::replace(&mut self.unfinished, true) { "RSET\r\n" } else { "" };
        if self.pipelining {
            self.begin_at_once(&format!("{rset}{from}{to}DATA\r\n"), !rset.is_empty(), patience).await?;
        } else {
            self.begin([rset, &from, &to], patience).await?;
        }
        let written = self.wire.write(&body).await;
        // A relay that hangs up in the middle has often sent its reason before.
        let reply = match (self.wire.read().await, written) {
            (Ok(reply), Err(error)) if reply.code < 400 => return Err(error.into()),
            (Ok(reply), _) => reply,
            (Err(error), _) => return Err(error.into()),
        };
        // Only 250 accepts a mail; any other positive answer means that the relay has lost track.
        if reply.code != 250 {
            return Err(Failure::mail(&reply));
        }
        self.unfinished = false;
        Ok(reply.words())
    }

    /// What this mail needs of the relay beyond the basic protocol (RFC 6152 § 2, RFC 6531 § 3.4). Nothing is sent where the
    /// relay does not offer it, so that the next mail finds the connection as it was.
    fn parameters(&self, envelope: &Envelope, message: &[u8]) -> Outcome<String> {
        let needs_utf8 = !(envelope.from.is_ascii() && envelope.to.is_ascii());
        // Before a mail is given up for good, a connection that has rested is replaced: the relay may have learnt it since.
        let unoffered = |words| Failure { before_mail: true, ..unsendable(words) };
        if needs_utf8 && !self.utf8 {
            return Err(unoffered(NO_SMTPUTF8));
        }
        if !message.is_ascii() && !self.eight_bit {
            return Err(unoffered("The message has 8-bit text, which the relay does not take."));
        }
        let body = if message.is_ascii() { "" } else { " BODY=8BITMIME" };
        Ok(format!("{body}{}", if needs_utf8 { " SMTPUTF8" } else { "" }))
    }

    /// Closes the connection with `QUIT`.
    pub async fn quit(mut self) {
        if self.wire.write(b"QUIT\r\n").await.is_ok() {
            let _ = self.wire.read().await;
        }
    }

    /// Sends all commands before the message in one flight (RFC 2920 § 3.1).
    async fn begin_at_once(&mut self, flight: &str, with_rset: bool, patience: Option<Duration>) -> Outcome<()> {
        let mail = self.ask(flight, with_rset, patience).await?;
        if mail.code != 250 {
            return Err(Failure { before_mail: mail.code == 421, ..Failure::mail(&mail) }.out_of_step());
        }
        let recipient = self.wire.read().await?;
        if recipient.code == 421 {
            return Err(Failure::mail(&recipient));
        }
        let data = self.wire.read().await;
        if !RECIPIENT_TAKEN.contains(&recipient.code) {
            // A relay that accepted `DATA` without a recipient would take an empty message; closing the connection
            // prevents that.
            let in_step = data.is_ok_and(|data| data.code >= 400 && data.code != 421);
            return Err(Failure { in_step, ..Failure::recipient(&recipient) });
        }
        let data = data?;
        if data.code == 354 { Ok(()) } else { Err(Failure::mail(&data)) }
    }

    async fn begin(&mut self, [rset, from, to]: [&str; 3], patience: Option<Duration>) -> Outcome<()> {
        if !rset.is_empty() {
            self.ask(rset, false, patience).await?;
        }
        let mail = self.ask(from, false, patience).await?;
        if mail.code != 250 {
            return Err(Failure { before_mail: mail.code == 421, ..Failure::mail(&mail) });
        }
        for (command, codes) in [(to, RECIPIENT_TAKEN), ("DATA\r\n", 354..=354)] {
            self.wire.write(command.as_bytes()).await?;
            let reply = self.wire.read().await?;
            if !codes.contains(&reply.code) {
                return Err(if command == to { Failure::recipient(&reply) } else { Failure::mail(&reply) });
            }
        }
        Ok(())
    }

    /// Sends commands up to and including `MAIL FROM`; a failure here comes before the mail.
    async fn ask(&mut self, commands: &str, skip_one: bool, patience: Option<Duration>) -> Outcome<Reply> {
        let exchange = async {
            self.wire.write(commands.as_bytes()).await?;
            let first = self.wire.read().await?;
            if skip_one && first.code != 421 { self.wire.read().await } else { Ok(first) }
        };
        let outcome = match patience {
            None => exchange.await,
            Some(patience) => timeout(patience, exchange).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
        };
        outcome.map_err(|error| Failure { before_mail: true, ..error.into() })
    }
}

fn unsendable(words: &str) -> Failure {
    Failure { permanent: true, in_step: true, ..Failure::transient(words) }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll};

    use tokio::io::AsyncWrite;

    use super::*;

    /// Records each write; on a socket without Nagle's delay one write leaves as one packet.
    #[derive(Clone, Default)]
    struct Flights(Arc<Mutex<Vec<Vec<u8>>>>);

    impl AsyncWrite for Flights {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.0.lock().unwrap().push(bytes.to_vec());
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// The writes for one mail if the relay gives these answers.
    async fn flights(pipelining: bool, answers: &'static str, message: &[u8]) -> Vec<String> {
        let flights = Flights::default();
        let wire = Wire::new(Box::new(tokio::io::join(answers.as_bytes(), flights.clone())) as Box<dyn Stream>);
        let mut session =
            Session { wire, pipelining, eight_bit: true, utf8: false, unfinished: false, since: Instant::now() };
        let email = |text: &str| text.parse().unwrap();
        let envelope = Envelope { from: email("a@example.com"), to: email("b@example.com") };
        session.send(&envelope, message, None).await.unwrap();
        let flights = flights.0.lock().unwrap();
        flights.iter().map(|flight| String::from_utf8(flight.clone()).unwrap()).collect()
    }

    #[tokio::test]
    async fn commands_leave_in_one_flight_and_the_body_with_its_dot_in_another() {
        let sent = flights(true, "250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n", b"Subject: x\r\n\r\n.\r\nend").await;
        assert_eq!(
            sent,
            [
                "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n",
                "Subject: x\r\n\r\n..\r\nend\r\n.\r\n",
            ]
        );
    }

    #[tokio::test]
    async fn a_relay_that_takes_commands_one_by_one_gets_them_so() {
        let sent = flights(false, "250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n", "é".as_bytes()).await;
        assert_eq!(
            sent,
            ["MAIL FROM:<a@example.com> BODY=8BITMIME\r\n", "RCPT TO:<b@example.com>\r\n", "DATA\r\n", "é\r\n.\r\n",]
        );
    }
}
