//! Finds where the heads of requests begin and end in a connection's bytes, and how long the next head may take.
//!
//! The HTTP parser accepts a line that ends in LF alone (RFC 9112 § 2.2 allows it), and some proxies do not. Where two
//! programs disagree on where a request ends, an attacker can smuggle a second one past the first program. So the lines
//! are checked here too. The length of a body comes from the parser; only after it is the next head looked for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The state of the heads of one connection. Cheap to clone.
#[derive(Clone)]
pub(super) struct Heads(Arc<Mutex<State>>);

/// How long a client may take for its next request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// From the answer before to the first byte of the next request.
    pub(super) idle: Duration,
    /// From the first byte of a request to the end of its head; for the first request, from the opening of the
    /// connection.
    pub(super) head: Duration,
}

struct State {
    patience: Patience,
    at: At,
    /// Whether a line of the present head ended in LF alone.
    has_bare_lf: bool,
    /// When the present wait began.
    since: Instant,
    is_first: bool,
    /// Whether a request is being answered.
    is_busy: bool,
}

/// The position in the stream after the last byte.
#[derive(Debug, PartialEq, Eq)]
enum At {
    /// In a head, or before one. Empty lines before a head are skipped (RFC 9112 § 2.2).
    Head { has_begun: bool, is_line_empty: bool, last: u8 },
    /// After a head that the parser has not reported yet; with the bytes that have come since.
    Behind(Vec<u8>),
    /// In a body with this many bytes left.
    Body(u64),
    /// No further head is looked for, since none will be answered.
    Over,
}

const BEFORE_A_HEAD: At = At::Head { has_begun: false, is_line_empty: true, last: b'\n' };

/// Held while a request is answered; dropping it starts the wait for the next one.
pub(super) struct Busy(Heads);

impl Heads {
    pub(super) fn new(patience: Patience) -> Self {
        Self(Arc::new(Mutex::new(State {
            patience,
            at: BEFORE_A_HEAD,
            has_bare_lf: false,
            since: Instant::now(),
            is_first: true,
            is_busy: false,
        })))
    }

    /// Takes note of bytes that have arrived.
    pub(super) fn come(&self, bytes: &[u8], now: Instant) {
        self.state().come(bytes, now);
    }

    /// Takes note that something was sent.
    pub(super) fn sent(&self, now: Instant) {
        self.state().since = now;
    }

    /// Takes note that the parser has read a head, and of the length of its body; `None` for a chunked one. True if
    /// every line of the head ended in CR LF.
    pub(super) fn parsed(&self, body: Option<u64>, now: Instant) -> (bool, Busy) {
        let mut state = self.state();
        let is_clean = !state.has_bare_lf;
        let come = match std::mem::replace(&mut state.at, At::Over) {
            At::Behind(come) if is_clean => come,
            _ => Vec::new(),
        };
        (state.has_bare_lf, state.is_first, state.is_busy) = (false, false, true);
        if let Some(length) = body.filter(|_| is_clean) {
            state.at = if length == 0 { BEFORE_A_HEAD } else { At::Body(length) };
            state.come(&come, now);
        }
        (is_clean, Busy(self.clone()))
    }

    /// When the client's silence becomes too long; `None` while the client waits for us, or while a body is read, which
    /// has a bound of its own.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let state = self.state();
        let At::Head { has_begun, .. } = state.at else { return None };
        let patience = if has_begun || state.is_first { state.patience.head } else { state.patience.idle };
        (!state.is_busy).then(|| state.since + patience)
    }

    /// Whether bytes may still arrive that nobody will read. Closing the connection on them would destroy the answer.
    pub(super) fn is_midway(&self) -> bool {
        !matches!(self.state().at, At::Head { has_begun: false, .. })
    }

    /// A panic while this is held leaves the state whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.state();
        (state.is_busy, state.since) = (false, Instant::now());
    }
}

impl State {
    fn come(&mut self, mut bytes: &[u8], now: Instant) {
        while !bytes.is_empty() {
            bytes = match &mut self.at {
                At::Head { .. } => self.head(bytes, now),
                At::Behind(come) => {
                    come.extend_from_slice(bytes);
                    return;
                }
                At::Body(left) => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= taken as u64;
                    &bytes[taken..]
                }
                At::Over => return,
            };
            if self.at == At::Body(0) {
                self.at = BEFORE_A_HEAD;
            }
        }
    }

    /// Scans the head; returns the bytes after its end, if it has ended.
    fn head<'b>(&mut self, bytes: &'b [u8], now: Instant) -> &'b [u8] {
        let At::Head { has_begun, is_line_empty, last } = &mut self.at else { return bytes };
        for (nth, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => {
                    self.has_bare_lf |= *last != b'\r';
                    if *is_line_empty && *has_begun {
                        self.at = At::Behind(Vec::new());
                        return &bytes[nth + 1..];
                    }
                    *is_line_empty = true;
                }
                b'\r' => {}
                _ => {
                    if !*has_begun && !self.is_first {
                        self.since = now;
                    }
                    (*has_begun, *is_line_empty) = (true, false);
                }
            }
            *last = *byte;
        }
        &[]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATIENCE: Patience = Patience { idle: Duration::from_secs(75), head: Duration::from_secs(10) };

    fn heads() -> (Heads, Instant) {
        let heads = Heads::new(PATIENCE);
        let opened = heads.state().since;
        (heads, opened)
    }

    /// For requests that arrive in pieces of this size: whether each head is clean.
    fn found(requests: &[(&str, u64)], piece: usize) -> Vec<bool> {
        let (heads, now) = heads();
        let bytes: String = requests.iter().map(|(text, _)| *text).collect();
        let (mut verdicts, mut come, mut end) = (Vec::new(), 0, 0);
        for (text, body) in requests {
            end += text.len();
            let head = end - usize::try_from(*body).unwrap();
            while come < head {
                let next = (come + piece).min(bytes.len());
                heads.come(&bytes.as_bytes()[come..next], now);
                come = next;
            }
            verdicts.push(heads.parsed(Some(*body), now).0);
        }
        verdicts
    }

    #[test]
    fn a_line_that_ends_in_lf_alone_is_found_in_every_head_and_in_no_body() {
        let requests = [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0),
            ("\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\na\n\r\n\n\n", 6),
            ("GET / HTTP/1.1\r\n\r\n", 0),
        ];
        let bare = [
            "GET / HTTP/1.1\nHost: a\n\n",
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
            "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ];
        for piece in 1..200 {
            assert_eq!(found(&requests, piece), [true; 3], "{piece}");
            for bare in bare {
                assert_eq!(found(&[requests[1], (bare, 0)], piece), [true, false], "{bare:?} {piece}");
            }
        }
    }

    #[test]
    fn the_first_head_has_its_time_from_the_opening() {
        let (heads, opened) = heads();
        assert_eq!(heads.deadline(), Some(opened + PATIENCE.head));
        heads.come(b"GET /", opened + Duration::from_secs(9));
        assert_eq!(heads.deadline(), Some(opened + PATIENCE.head));
    }

    #[test]
    fn a_further_head_has_its_time_from_its_first_byte_and_an_idle_client_its_own() {
        let (heads, opened) = heads();
        heads.come(b"GET / HTTP/1.1\r\n\r\n", opened);
        assert_eq!(heads.deadline(), None, "the parser is about to tell");
        let (_, busy) = heads.parsed(Some(0), opened);
        assert_eq!(heads.deadline(), None, "it waits for us");
        drop(busy);
        let answered = opened + Duration::from_secs(100);
        heads.sent(answered);
        assert!(!heads.is_midway());
        assert_eq!(heads.deadline(), Some(answered + PATIENCE.idle));
        heads.come(b"\r\n", answered + Duration::from_secs(1));
        assert_eq!(heads.deadline(), Some(answered + PATIENCE.idle), "an empty line is nothing");
        let late = answered + PATIENCE.idle - Duration::from_millis(1);
        heads.come(b"G", late);
        assert_eq!(heads.deadline(), Some(late + PATIENCE.head), "a request at the limit is a request");
        heads.come(b"ET / HTTP/1.1\r\n", late + Duration::from_secs(9));
        assert_eq!(heads.deadline(), Some(late + PATIENCE.head), "and one that trickles is cut");
    }

    #[test]
    fn behind_a_body_in_chunks_no_head_is_looked_for() {
        let (heads, now) = heads();
        heads.come(b"POST / HTTP/1.1\r\n\r\n5\r\nhello", now);
        assert!(heads.parsed(None, now).0);
        heads.come(b"\r\n0\r\n\r\n", now);
        assert_eq!((heads.deadline(), heads.state().at == At::Over), (None, true));
    }

    proptest! {
        #[test]
        fn bodies_of_any_bytes_hide_and_make_no_head(
            bodies in prop::collection::vec(prop::collection::vec(prop::sample::select(b"\r\na".to_vec()), 0..9), 1..5),
            piece in 1..40_usize,
        ) {
            let requests: Vec<String> =
                bodies.iter().map(|body| "POST / HTTP/1.1\r\n\r\n".to_string() + std::str::from_utf8(body).unwrap()).collect();
            let requests: Vec<_> =
                requests.iter().zip(&bodies).map(|(request, body)| (request.as_str(), body.len() as u64)).collect();
            prop_assert!(found(&requests, piece).into_iter().all(|is_clean| is_clean));
        }
    }
}
