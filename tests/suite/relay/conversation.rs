//! One conversation of the test relay: commands in, answers out, in bulk.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Act, Mail, Script, Shared, Step, fault, lock};

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Talks to one client until one side hangs up.
pub async fn converse(tcp: TcpStream, shared: &Shared) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let script = lock(&shared.script).clone();
    match script.tls.clone() {
        Some(tls) if script.implicit_tls => {
            let stream = Box::new(tls.accept(tcp).await?);
            Conversation::new(stream, shared, script, true).run(true).await.map(|_| ())
        }
        tls => {
            // The plain part runs on the socket itself, which the handshake then takes over.
            let Some(tcp) = Conversation::new(tcp, shared, script.clone(), false).run(true).await? else {
                return Ok(());
            };
            let stream = Box::new(tls.expect("STARTTLS is only taken with a certificate").accept(tcp).await?);
            Conversation::new(stream, shared, script, true).run(false).await.map(|_| ())
        }
    }
}

struct Conversation<'a, S> {
    stream: S,
    shared: &'a Shared,
    script: Script,
    encrypted: bool,
    input: Vec<u8>,
    output: Vec<u8>,
    logged_in: bool,
    /// Base64 lines of a login under way.
    login: Option<VecDeque<String>>,
    mail: Option<Mail>,
}

enum Next {
    GoOn,
    StartTls,
    ReadMessage,
    Stop,
}

impl<'a, S: Stream> Conversation<'a, S> {
    fn new(stream: S, shared: &'a Shared, script: Script, encrypted: bool) -> Self {
        let logged_in = script.login.is_none();
        let (input, output) = (Vec::with_capacity(16 * 1024), Vec::new());
        Self { stream, shared, script, encrypted, input, output, logged_in, login: None, mail: None }
    }

    /// Talks until one side hangs up. Returns the stream if TLS is to begin on it.
    async fn run(mut self, greet: bool) -> io::Result<Option<S>> {
        if greet && !self.answer(Step::Greeting, "220 relay.test ready\r\n").await? {
            self.flush().await?;
            return Ok(None);
        }
        loop {
            let Some(line) = self.line().await? else { return Ok(None) };
            match self.command(&line).await? {
                Next::GoOn => {}
                Next::StartTls => {
                    self.flush().await?;
                    return Ok(Some(self.stream));
                }
                Next::ReadMessage if self.message().await? => {}
                Next::ReadMessage | Next::Stop => {
                    self.flush().await?;
                    return Ok(None);
                }
            }
        }
    }

    async fn command(&mut self, line: &str) -> io::Result<Next> {
        if let Some(lines) = &mut self.login {
            lines.push_back(line.to_owned());
            return self.go_on_with_login().await;
        }
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        self.note(if verb == "AUTH" { "AUTH" } else { line });
        let open = match verb.as_str() {
            "EHLO" | "HELO" => {
                let hello = self.hello();
                self.answer(Step::Hello, &hello).await?
            }
            "STARTTLS" if self.offers_starttls() => {
                return Ok(if self.answer(Step::StartTls, "220 go ahead\r\n").await? {
                    Next::StartTls
                } else {
                    Next::Stop
                });
            }
            "AUTH" => {
                self.login = Some(line.split_ascii_whitespace().skip(1).map(str::to_owned).collect());
                return self.go_on_with_login().await;
            }
            "MAIL" | "RCPT" | "RSET" => self.envelope(&verb, line).await?,
            "DATA" if self.mail.as_ref().is_none_or(|mail| mail.to.is_empty()) => {
                self.say("554 5.5.1 no valid recipients\r\n")
            }
            "DATA" => {
                let open = self.answer(Step::Data, "354 end with a dot\r\n").await?;
                if open && self.said(b'3') {
                    return Ok(Next::ReadMessage);
                }
                open
            }
            "NOOP" => self.say("250 2.0.0 ok\r\n"),
            "QUIT" => {
                self.say("221 2.0.0 bye\r\n");
                false
            }
            _ => self.say("502 5.5.2 not known here\r\n"),
        };
        Ok(if open { Next::GoOn } else { Next::Stop })
    }

    /// Reads the envelope of a mail. False ends the conversation.
    async fn envelope(&mut self, verb: &str, line: &str) -> io::Result<bool> {
        Ok(match verb {
            "MAIL" if !self.logged_in => self.say("530 5.7.0 Authentication required\r\n"),
            "MAIL" if self.mail.is_some() => self.say("503 5.5.1 there is a mail already\r\n"),
            "MAIL" if line.contains("SMTPUTF8") && !self.script.utf8 => self.say("555 5.5.4 not offered here\r\n"),
            "MAIL" => {
                let open = self.answer(Step::Mail, "250 2.1.0 ok\r\n").await?;
                if self.said(b'2') {
                    self.mail = Some(Mail {
                        from: path(line),
                        parameters: behind(line),
                        encrypted: self.encrypted,
                        ..Mail::default()
                    });
                }
                open
            }
            "RCPT" if self.mail.is_none() => self.say("503 5.5.1 MAIL first\r\n"),
            "RCPT" if !line.is_ascii() && !self.is_utf8() => self.say("553 5.6.7 that needs SMTPUTF8\r\n"),
            "RCPT" => {
                let open = self.answer(Step::Recipient, "250 2.1.5 ok\r\n").await?;
                if self.said(b'2') {
                    self.mail.iter_mut().for_each(|mail| mail.to.push(path(line)));
                }
                open
            }
            _ => {
                self.mail = None;
                self.answer(Step::Reset, "250 2.0.0 forgotten\r\n").await?
            }
        })
    }

    /// Whether the mail under way was announced as one with letters beyond ASCII.
    fn is_utf8(&self) -> bool {
        self.mail.as_ref().is_some_and(|mail| mail.parameters.split(' ').any(|word| word == "SMTPUTF8"))
    }

    fn offers_starttls(&self) -> bool {
        self.script.tls.is_some() && !self.encrypted
    }

    fn hello(&self) -> String {
        let mut lines = vec!["relay.test".to_owned(), "SIZE 10240000".to_owned(), "8BITMIME".to_owned()];
        if self.script.pipelining {
            lines.push("PIPELINING".to_owned());
        }
        if self.script.utf8 {
            lines.push("SMTPUTF8".to_owned());
        }
        if self.offers_starttls() {
            lines.push("STARTTLS".to_owned());
        } else if self.script.login.is_some() {
            lines.push(format!("AUTH {}", self.script.mechanisms));
        }
        let last = lines.len() - 1;
        lines
            .iter()
            .enumerate()
            .map(|(i, line)| format!("250{}{line}\r\n", if i == last { ' ' } else { '-' }))
            .collect()
    }

    async fn go_on_with_login(&mut self) -> io::Result<Next> {
        let lines = self.login.clone().unwrap_or_default();
        let plain = lines.front().is_some_and(|mechanism| mechanism.eq_ignore_ascii_case("PLAIN"));
        if lines.len() < if plain { 2 } else { 3 } {
            self.say(if lines.len() == 1 { "334 VXNlcm5hbWU6\r\n" } else { "334 UGFzc3dvcmQ6\r\n" });
            return Ok(Next::GoOn);
        }
        self.login = None;
        let (name, password) = self.script.login.unwrap_or_default();
        let given: Vec<_> = lines.iter().skip(1).map(|line| decoded(line)).collect();
        self.logged_in = if plain {
            given[0] == format!("\0{name}\0{password}").as_bytes()
        } else {
            given[0] == name.as_bytes() && given[1] == password.as_bytes()
        };
        let answer = if self.logged_in { "235 2.7.0 welcome\r\n" } else { "535 5.7.8 wrong name or password\r\n" };
        Ok(if self.answer(Step::Login, answer).await? { Next::GoOn } else { Next::Stop })
    }

    /// Reads the message up to the final dot and answers. False ends the conversation.
    async fn message(&mut self) -> io::Result<bool> {
        self.flush().await?;
        let mut mail = self.mail.take().unwrap_or_default();
        let mut from = 0;
        let end = loop {
            if let Some(end) = end_of_message(&self.input, from) {
                break end;
            }
            from = self.input.len().saturating_sub(5);
            match self.stream.read_buf(&mut self.input).await? {
                0 => return Ok(false),
                read => mail.reads.push(read),
            }
        };
        if self.script.keep {
            mail.raw = unstuffed(&self.input[..end]);
        }
        self.input.drain(..end);
        if !self.script.takes.is_zero() {
            tokio::time::sleep(self.script.takes).await;
        }
        let open = self.answer(Step::Body, "250 2.0.0 taken as 1234\r\n").await?;
        mail.taken = self.said(b'2');
        let taken = mail.taken;
        if self.script.keep {
            lock(&self.shared.mails).push(mail);
        }
        // The count tells a test that the mail is in the list.
        self.shared.taken.send_modify(|count| *count += usize::from(taken));
        Ok(open)
    }

    /// Gives the answer of this step, or the scripted fault instead. False ends the conversation.
    async fn answer(&mut self, at: Step, answer: &str) -> io::Result<bool> {
        let line = |text: &str| format!("{text}\r\n");
        match fault(self.shared, at) {
            None => Ok(self.say(answer)),
            Some(Act::Say(text)) => {
                self.say(&line(text));
                Ok(!text.starts_with("421"))
            }
            Some(Act::SayAndHangUp(text)) => {
                self.say(&line(text));
                Ok(false)
            }
            Some(Act::HangUp) => Ok(false),
            Some(Act::Silence) => {
                self.flush().await?;
                std::future::pending().await
            }
            Some(Act::Late(wait)) => {
                self.flush().await?;
                tokio::time::sleep(wait).await;
                Ok(self.say(answer))
            }
            Some(Act::Drip) => {
                self.flush().await?;
                for byte in answer.as_bytes() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    self.stream.write_all(&[*byte]).await?;
                    self.stream.flush().await?;
                }
                Ok(true)
            }
        }
    }

    /// Adds an answer to those that are sent together.
    fn say(&mut self, answer: &str) -> bool {
        self.output.extend_from_slice(answer.as_bytes());
        true
    }

    /// Whether the code of the answer that was just given begins so.
    fn said(&self, digit: u8) -> bool {
        let before = self.output.len().saturating_sub(2);
        let start = self.output[..before].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.output.get(start) == Some(&digit)
    }

    fn note(&self, line: &str) {
        if self.script.keep {
            lock(&self.shared.commands).push(line.to_owned());
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.stream.write_all(&self.output).await?;
            self.stream.flush().await?;
            self.output.clear();
        }
        Ok(())
    }

    /// The next command line. Pending answers are sent before the wait.
    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.input.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8_lossy(&self.input[..end]).into_owned();
                self.input.drain(..end + 2);
                return Ok(Some(line));
            }
            self.flush().await?;
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// The index behind the final dot, if it lies behind `from`.
fn end_of_message(input: &[u8], from: usize) -> Option<usize> {
    if input.starts_with(b".\r\n") {
        return Some(3);
    }
    input[from..].windows(5).position(|window| window == b"\r\n.\r\n").map(|start| from + start + 5)
}

fn unstuffed(message: &[u8]) -> Vec<u8> {
    let text = message.strip_suffix(b".\r\n").unwrap_or(message);
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.flat_map(|line| line.strip_prefix(b".").unwrap_or(line)).copied().collect()
}

/// The text between the angle brackets.
fn path(line: &str) -> String {
    let start = line.find('<').map_or(0, |start| start + 1);
    line[start..].split('>').next().unwrap_or_default().to_owned()
}

/// The parameters behind the closing bracket.
fn behind(line: &str) -> String {
    line.split_once('>').map_or("", |(_, rest)| rest).trim().to_owned()
}

/// Base64 (RFC 4648 § 4), leniently; by hand, so that the benchmark needs no crate for it.
fn decoded(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut out) = (0_u32, 0, Vec::new());
    for value in text.bytes().filter_map(|byte| alphabet.iter().position(|letter| *letter == byte)) {
        bits = (bits << 6 | value as u32) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}
