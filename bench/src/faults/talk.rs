//! One conversation of the relay (RFC 5321), until one side hangs up.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use super::sink::{Act, Shared, Step, locked};

/// How a conversation came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// One side has hung up.
    Over,
    /// The client wants TLS on this connection.
    StartTls,
}

/// Holds a conversation on `stream`; TLS is offered until it is in use.
pub fn talk<S: Read + Write>(stream: &mut S, shared: &Shared, offers_tls: bool, is_encrypted: bool) -> io::Result<End> {
    let mut talk = Talk { stream, shared, input: Vec::new(), is_encrypted };
    if !is_encrypted && !talk.answer(Step::Greeting, "220 relay.test ready")? {
        return Ok(End::Over);
    }
    loop {
        let Some(line) = talk.line()? else { return Ok(End::Over) };
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let goes_on = match verb.as_str() {
            "EHLO" if offers_tls => talk.say("250-relay.test\r\n250-8BITMIME\r\n250 STARTTLS")?,
            "EHLO" => talk.say("250-relay.test\r\n250-8BITMIME\r\n250 PIPELINING")?,
            "STARTTLS" if offers_tls => {
                talk.say("220 go ahead")?;
                return Ok(End::StartTls);
            }
            "MAIL" => talk.envelope(Step::Mail)?,
            "RCPT" => talk.envelope(Step::Recipient)?,
            "DATA" => talk.message()?,
            "RSET" | "NOOP" => talk.say("250 2.0.0 ok")?,
            "QUIT" => {
                talk.say("221 2.0.0 bye")?;
                false
            }
            _ => talk.say("502 5.5.2 not known here")?,
        };
        if !goes_on {
            return Ok(End::Over);
        }
    }
}

struct Talk<'a, S> {
    stream: &'a mut S,
    shared: &'a Shared,
    input: Vec<u8>,
    is_encrypted: bool,
}

impl<S: Read + Write> Talk<'_, S> {
    fn envelope(&mut self, at: Step) -> io::Result<bool> {
        self.note_clear();
        self.answer(at, "250 2.1.0 ok")
    }

    fn note_clear(&self) {
        if !self.is_encrypted {
            locked(&self.shared.seen).in_clear += 1;
        }
    }

    fn message(&mut self) -> io::Result<bool> {
        self.note_clear();
        self.say("354 end with a dot")?;
        let Some(message) = self.until_the_dot()? else { return Ok(false) };
        let fault = self.shared.fault(Step::Dot);
        // A relay that refuses a mail does not have it; one that hangs up or falls silent may have it.
        let is_kept = !matches!(fault, Some(Act::Say(_) | Act::SayAndHangUp(_)));
        if is_kept {
            self.shared.keep(&message, self.is_encrypted);
        }
        self.perform(fault, "250 2.0.0 taken")
    }

    /// Gives the answer of this step, or the scripted fault instead; false ends the conversation.
    fn answer(&mut self, at: Step, answer: &str) -> io::Result<bool> {
        let fault = self.shared.fault(at);
        self.perform(fault, answer)
    }

    fn perform(&mut self, fault: Option<Act>, answer: &str) -> io::Result<bool> {
        match fault {
            None => self.say(answer),
            Some(Act::Say(line)) => self.say(line),
            Some(Act::SayAndHangUp(line)) => self.say(line).map(|_| false),
            Some(Act::HangUp) => Ok(false),
            Some(Act::Silence) => {
                // Until the client has had enough.
                while self.stream.read(&mut [0; 512])? > 0 {}
                Ok(false)
            }
            Some(Act::Drip) => {
                for byte in format!("{answer}\r\n").into_bytes() {
                    thread::sleep(Duration::from_secs(1));
                    self.stream.write_all(&[byte])?;
                    self.stream.flush()?;
                }
                Ok(true)
            }
        }
    }

    fn say(&mut self, answer: &str) -> io::Result<bool> {
        self.stream.write_all(format!("{answer}\r\n").as_bytes())?;
        self.stream.flush()?;
        Ok(true)
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.input.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8_lossy(&self.input[..end]).into_owned();
                self.input.drain(..end + 2);
                return Ok(Some(line));
            }
            if !self.read_more()? {
                return Ok(None);
            }
        }
    }

    fn until_the_dot(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = self.input.windows(5).position(|window| window == b"\r\n.\r\n") {
                return Ok(Some(self.input.drain(..end + 5).collect()));
            }
            if !self.read_more()? {
                return Ok(None);
            }
        }
    }

    fn read_more(&mut self) -> io::Result<bool> {
        let mut piece = [0; 8192];
        let count = self.stream.read(&mut piece)?;
        self.input.extend_from_slice(&piece[..count]);
        Ok(count > 0)
    }
}
