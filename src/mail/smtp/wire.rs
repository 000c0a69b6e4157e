//! Sends bytes and reads answers, over TCP or TLS.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::reply::{REPLY_OCTETS_MAX, Reply, parse_line};

/// Longest line of a message in octets, its end not counted (RFC 5322 § 2.1.1).
pub const LINE_OCTETS_MAX: usize = 998;

/// A stream that carries a conversation.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Our side of a conversation.
pub struct Wire<S>(BufReader<S>);

impl<S: Stream> Wire<S> {
    /// Wraps a stream of which nothing has been read.
    pub fn new(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    /// Returns the stream, unless the relay has sent more than was asked for: before a TLS handshake that would be text
    /// that an attacker injected.
    pub fn into_inner(self) -> io::Result<S> {
        if self.0.buffer().is_empty() { Ok(self.0.into_inner()) } else { Err(broken("spoke out of turn")) }
    }

    /// Sends all of `bytes` at once.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stream = self.0.get_mut();
        stream.write_all(bytes).await?;
        stream.flush().await
    }

    /// Reads one whole answer.
    pub async fn read(&mut self) -> io::Result<Reply> {
        let mut left = REPLY_OCTETS_MAX;
        let mut lines = Vec::with_capacity(1);
        let mut line = Vec::with_capacity(128);
        loop {
            line.clear();
            (&mut self.0).take(left as u64).read_until(b'\n', &mut line).await?;
            left -= line.len();
            if !line.ends_with(b"\n") {
                return Err(if left == 0 { broken("answered at too great length") } else { broken("hung up") });
            }
            let (code, more, text) =
                parse_line(&line).ok_or_else(|| broken("answered with something else than SMTP"))?;
            lines.push(text);
            if !more {
                return Ok(Reply { code, lines });
            }
        }
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The message as it follows `DATA`, with the final dot: one buffer, so that it leaves in one write.
///
/// Every line ending becomes CRLF, since relays disagree on whether a lone CR or LF before a dot ends a mail. A leading
/// dot is doubled (RFC 5321 § 4.5.2). `None` if a line is longer than 998 octets.
pub fn stuffed(message: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 32 + 8);
    let mut rest = message;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        if line.len() > LINE_OCTETS_MAX {
            return None;
        }
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
        rest = after.strip_prefix(b"\r\n").or_else(|| after.get(1..)).unwrap_or_default();
    }
    out.extend_from_slice(b".\r\n");
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_dot_at_the_start_of_a_line_is_doubled() {
        assert_eq!(stuffed(b"a\r\n.\r\n..b\r\n").unwrap(), b"a\r\n..\r\n...b\r\n.\r\n");
        assert_eq!(stuffed(b".").unwrap(), b"..\r\n.\r\n");
        assert_eq!(stuffed(b"").unwrap(), b".\r\n");
    }

    #[test]
    fn a_lone_line_end_cannot_hide_the_end_of_the_mail() {
        for message in [&b"a\n.\nMAIL FROM:<x@y>\n"[..], b"a\r.\rMAIL FROM:<x@y>\r", b"a\n.\r\nMAIL FROM:<x@y>"] {
            assert_eq!(stuffed(message).unwrap(), b"a\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n");
        }
    }

    #[test]
    fn an_endless_line_is_not_sent() {
        assert!(stuffed(&[b'a'; LINE_OCTETS_MAX]).is_some());
        assert!(stuffed(&[b'a'; LINE_OCTETS_MAX + 1]).is_none());
    }

    proptest! {
        #[test]
        fn the_final_dot_is_the_only_one(message in "[a.\r\n]{0,60}") {
            let out = String::from_utf8(stuffed(message.as_bytes()).unwrap()).unwrap();
            let lines: Vec<_> = out.split("\r\n").collect();
            prop_assert_eq!(&lines[lines.len() - 2..], [".", ""]);
            prop_assert!(lines[..lines.len() - 2].iter().all(|line| *line != "." && !line.contains(['\r', '\n'])));
        }
    }
}
