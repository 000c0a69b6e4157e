//! Reads as much of an HTTP/1.1 answer (RFC 9112) as a load generator needs: where it ends, and what it says.

use memchr::memchr;

use crate::Result;

/// An answer that has arrived whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Where the body begins, counted in bytes from the start of the answer.
    pub body_from: usize,
    /// Where the answer ends.
    pub ends_at: usize,
    /// Whether the connection takes another request.
    pub keeps_alive: bool,
}

impl Answer {
    /// Reads the answer at the start of `bytes`; `None` if it is incomplete. Fails on bytes that are no HTTP/1.1
    /// answer, and on a body without `Content-Length`, which the measured servers never send.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(first_end) = memchr(b'\n', bytes) else { return Ok(None) };
        let status = read_status(&bytes[..first_end])?;
        let (mut length, mut keeps_alive) = (None, true);
        let mut at = first_end + 1;
        loop {
            let Some(line_length) = memchr(b'\n', &bytes[at..]) else { return Ok(None) };
            let line = bytes[at..at + line_length].trim_ascii_end();
            at += line_length + 1;
            if line.is_empty() {
                break;
            }
            // Most fields start with another letter and are passed over after one look.
            if line[0] | 0x20 == b'c' {
                if let Some(value) = value_of(line, b"content-length:") {
                    length = Some(read_number(value)?);
                } else if let Some(value) = value_of(line, b"connection:") {
                    keeps_alive = !value.eq_ignore_ascii_case(b"close");
                }
            }
        }
        let length = match (length, status) {
            (_, 204 | 304) => 0,
            (Some(length), _) => length,
            (None, _) => return Err(format!("An answer with status {status} came without Content-Length.").into()),
        };
        let ends_at = at + length;
        Ok((bytes.len() >= ends_at).then_some(Self { status, body_from: at, ends_at, keeps_alive }))
    }
}

fn read_status(line: &[u8]) -> Result<u16> {
    match line {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1', b' ', digits @ ..] if digits.len() >= 3 => {
            Ok(u16::try_from(read_number(&digits[..3])?)?)
        }
        _ => Err(format!("This is no HTTP/1.1 status line: {}", String::from_utf8_lossy(line)).into()),
    }
}

fn value_of<'a>(line: &'a [u8], name_and_colon: &[u8]) -> Option<&'a [u8]> {
    let (name, value) = line.split_at_checked(name_and_colon.len())?;
    name.eq_ignore_ascii_case(name_and_colon).then(|| value.trim_ascii())
}

fn read_number(digits: &[u8]) -> Result<usize> {
    Ok(std::str::from_utf8(digits)?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-LENGTH:  2 \r\n\r\n{}";

    #[test]
    fn an_answer_is_read_only_when_its_last_byte_is_there() {
        for length in 0..WHOLE.len() {
            assert_eq!(Answer::read(&WHOLE[..length]).unwrap(), None, "{length} bytes");
        }
        let answer = Answer::read(WHOLE).unwrap().unwrap();
        assert_eq!((answer.status, answer.ends_at, answer.keeps_alive), (200, WHOLE.len(), true));
        assert_eq!(&WHOLE[answer.body_from..answer.ends_at], b"{}");
    }

    #[test]
    fn what_follows_the_answer_is_left_alone() {
        let twice = [WHOLE, WHOLE].concat();
        assert_eq!(Answer::read(&twice).unwrap().unwrap().ends_at, WHOLE.len());
    }

    #[test]
    fn close_and_no_content_are_understood() {
        let closing = b"HTTP/1.1 503 Service Unavailable\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n";
        let answer = Answer::read(closing).unwrap().unwrap();
        assert_eq!((answer.status, answer.keeps_alive), (503, false));
        let empty = b"HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n\r\n";
        let answer = Answer::read(empty).unwrap().unwrap();
        assert_eq!((answer.status, answer.ends_at), (204, empty.len()));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for broken in [
            "SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/1.1 2x0 OK\r\n\r\n",
            "HTTP/1.1 20",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ] {
            let read = Answer::read(broken.as_bytes());
            assert!(if broken.contains('\n') { read.is_err() } else { read.unwrap().is_none() }, "{broken}");
        }
    }
}
