//! As much of PostgreSQL's protocol (version 3, in clear) as it takes to see a commit go by, and its answer. Pure.

use std::collections::{HashSet, VecDeque};

/// One conversation, both sides fed as they pass.
#[derive(Debug, Default)]
pub struct Conversation {
    client: FromClient,
    server: Vec<u8>,
    is_open: bool,
    /// For each answer to come, whether it answers a commit.
    awaited: VecDeque<bool>,
}

/// The client's side.
#[derive(Debug, Default)]
struct FromClient {
    held: Vec<u8>,
    /// The very first message has no type.
    has_begun: bool,
    is_in_transaction: bool,
    /// Names of prepared statements that end a transaction by keeping it, and of those that write.
    commits: HashSet<Vec<u8>>,
    writes: HashSet<Vec<u8>>,
    /// Names of portals made of them.
    committing: HashSet<Vec<u8>>,
    /// Whether a commit was asked for since the last answer was.
    is_commit_asked: bool,
}

impl Conversation {
    /// How many of the messages that these bytes of the client complete ask for a commit: by that word, or by a statement
    /// that writes and is a transaction of its own.
    pub fn client_says(&mut self, bytes: &[u8]) -> usize {
        let (commits, asked) = self.client.feed(bytes);
        self.awaited.extend(asked);
        commits
    }

    /// How many of the messages that these bytes of the server complete say that a commit was done.
    pub fn server_says(&mut self, bytes: &[u8]) -> usize {
        self.server.extend_from_slice(bytes);
        let mut done = 0;
        while let Some((kind, body)) = take_message(&mut self.server) {
            let is_commit = self.awaited.front().is_some_and(|is_commit| *is_commit);
            match kind {
                b'C' if is_commit && body != b"ROLLBACK\0" => done += 1,
                // The first says that the session is open.
                b'Z' if self.is_open => _ = self.awaited.pop_front(),
                b'Z' => self.is_open = true,
                _ => {}
            }
        }
        done
    }
}

impl FromClient {
    /// The number of commits in these bytes, and for each expected answer whether it answers a commit.
    fn feed(&mut self, bytes: &[u8]) -> (usize, Vec<bool>) {
        self.held.extend_from_slice(bytes);
        let (mut commits, mut asked) = (0, Vec::new());
        if !self.has_begun {
            let length = length_at(&self.held, 0).filter(|length| self.held.len() >= *length);
            let Some(length) = length else { return (commits, asked) };
            self.held.drain(..length);
            self.has_begun = true;
        }
        while let Some((kind, body)) = take_message(&mut self.held) {
            let is_commit = self.is_commit(kind, &body);
            commits += usize::from(is_commit);
            self.is_commit_asked |= is_commit;
            if matches!(kind, b'Q' | b'S') {
                asked.push(std::mem::take(&mut self.is_commit_asked));
            }
        }
        (commits, asked)
    }

    fn is_commit(&mut self, kind: u8, body: &[u8]) -> bool {
        let mut texts = body.split(|byte| *byte == 0);
        let mut next = || texts.next().unwrap_or_default().to_vec();
        match kind {
            b'Q' => {
                let query = next();
                self.is_in_transaction = match &*first_word(&query) {
                    "BEGIN" => true,
                    "COMMIT" | "END" | "ROLLBACK" => false,
                    _ => self.is_in_transaction,
                };
                commits(&query)
            }
            b'P' => {
                let (name, query) = (next(), next());
                keep(&mut self.commits, &name, commits(&query));
                keep(&mut self.writes, &name, writes(&query));
                false
            }
            b'B' => {
                let (portal, statement) = (next(), next());
                let is_whole = self.writes.contains(&statement) && !self.is_in_transaction;
                keep(&mut self.committing, &portal, self.commits.contains(&statement) || is_whole);
                false
            }
            b'E' => self.committing.contains(&next()),
            _ => false,
        }
    }
}

fn keep(names: &mut HashSet<Vec<u8>>, name: &[u8], is_one: bool) {
    if is_one {
        names.insert(name.to_vec());
    } else {
        names.remove(name);
    }
}

fn first_word(query: &[u8]) -> String {
    let words = String::from_utf8_lossy(query).to_ascii_uppercase();
    words.split(|c: char| c.is_whitespace() || c == ';').find(|word| !word.is_empty()).unwrap_or_default().to_owned()
}

/// Whether a query writes in parts of one statement, as hot verbs do.
fn writes(query: &[u8]) -> bool {
    let text = String::from_utf8_lossy(query).to_ascii_uppercase();
    first_word(query) == "WITH" && ["INSERT INTO", "UPDATE"].iter().any(|verb| text.contains(verb))
}

/// Whether a query ends its transaction by keeping it.
fn commits(query: &[u8]) -> bool {
    let words = String::from_utf8_lossy(query).to_ascii_uppercase();
    let words: Vec<_> = words.split(|c: char| c.is_whitespace() || c == ';').filter(|word| !word.is_empty()).collect();
    matches!(words.first(), Some(&"COMMIT" | &"END")) && !words.contains(&"PREPARED")
}

/// The first whole message: its type and its body.
fn take_message(held: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let length = length_at(held, 1)?;
    if held.len() < 1 + length {
        return None;
    }
    let message: Vec<u8> = held.drain(..=length).collect();
    Some((message[0], message[5..].to_vec()))
}

/// A length field counts itself.
fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = bytes.get(at..at + 4)?;
    let length = u32::from_be_bytes(digits.try_into().ok()?) as usize;
    Some(length.max(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], &length[..], body].concat()
    }

    fn start_up() -> Vec<u8> {
        let body = b"\0\x03\0\0user\0tenantry\0\0";
        [&u32::try_from(body.len() + 4).unwrap().to_be_bytes()[..], body].concat()
    }

    fn commits_in(messages: &[Vec<u8>]) -> usize {
        Conversation::default().client_says(&[start_up(), messages.concat()].concat())
    }

    #[test]
    fn a_simple_commit_is_seen_and_nothing_else() {
        assert_eq!(commits_in(&[message(b'Q', b"COMMIT\0")]), 1);
        assert_eq!(commits_in(&[message(b'Q', b" commit ;\0"), message(b'Q', b"END\0")]), 2);
        for other in ["BEGIN", "ROLLBACK", "SELECT 'COMMIT'", "COMMIT PREPARED 'x'", ""] {
            assert_eq!(commits_in(&[message(b'Q', format!("{other}\0").as_bytes())]), 0, "{other}");
        }
    }

    #[test]
    fn a_prepared_commit_is_seen_when_it_is_executed() {
        let parse = message(b'P', b"s1\0COMMIT\0\0\0");
        let bind = message(b'B', b"p1\0s1\0\0\0\0\0\0\0");
        let execute = message(b'E', b"p1\0\0\0\0\0");
        assert_eq!(commits_in(&[parse.clone(), bind.clone()]), 0);
        assert_eq!(commits_in(&[parse, bind.clone(), execute.clone(), message(b'S', b"")]), 1);
        let other = message(b'P', b"s1\0SELECT 1\0\0\0");
        assert_eq!(commits_in(&[other, bind, execute]), 0);
    }

    #[test]
    fn it_does_not_matter_where_the_bytes_are_cut() {
        let whole = [start_up(), message(b'Q', b"BEGIN\0"), message(b'Q', b"COMMIT\0")].concat();
        for cut in 0..whole.len() {
            let mut talk = Conversation::default();
            let seen = talk.client_says(&whole[..cut]) + talk.client_says(&whole[cut..]);
            assert_eq!(seen, 1, "cut at {cut}");
        }
    }

    #[test]
    fn a_statement_that_writes_is_a_commit_where_it_is_a_transaction() {
        let parse = message(b'P', b"s1\0WITH w0 AS (UPDATE t SET a = 1 RETURNING 1) SELECT 1\0\0\0");
        let run = [message(b'B', b"\0s1\0\0\0\0\0\0\0"), message(b'E', b"\0\0\0\0\0"), message(b'S', b"")].concat();
        assert_eq!(commits_in(&[parse.clone(), run.clone()]), 1);
        let (begin, commit) = (message(b'Q', b"BEGIN READ WRITE\0"), message(b'Q', b"COMMIT\0"));
        assert_eq!(commits_in(&[parse.clone(), begin.clone(), run.clone()]), 0);
        assert_eq!(commits_in(&[parse, begin, commit, run]), 2);
        let look = message(b'P', b"s1\0WITH w0 AS (SELECT 1) SELECT 1\0\0\0");
        let run = [message(b'B', b"\0s1\0\0\0\0\0\0\0"), message(b'E', b"\0\0\0\0\0")].concat();
        assert_eq!(commits_in(&[look, run]), 0);
    }

    #[test]
    fn the_answer_to_a_commit_is_seen_and_no_other() {
        let ready = message(b'Z', b"I");
        let done = |what: &[u8]| [message(b'C', what), message(b'Z', b"I")].concat();
        let ask = |text: &[u8]| message(b'Q', text);
        let mut talk = Conversation::default();
        talk.client_says(&[start_up(), ask(b"UPDATE t\0"), ask(b"COMMIT\0"), ask(b"COMMIT\0")].concat());
        assert_eq!(talk.server_says(&[ready, done(b"UPDATE 1\0")].concat()), 0);
        assert_eq!(talk.server_says(&done(b"ROLLBACK\0")), 0);
        let answer = done(b"COMMIT\0");
        assert_eq!(talk.server_says(&answer[..3]) + talk.server_says(&answer[3..]), 1);

        let parse = message(b'P', b"s1\0WITH w0 AS (INSERT INTO t VALUES (1)) SELECT 1\0\0\0");
        let run = [message(b'B', b"\0s1\0\0\0\0\0\0\0"), message(b'E', b"\0\0\0\0\0"), message(b'S', b"")].concat();
        talk.client_says(&[parse, message(b'S', b""), run].concat());
        assert_eq!(talk.server_says(&[message(b'1', b""), message(b'Z', b"I")].concat()), 0, "prepared");
        assert_eq!(talk.server_says(&[message(b'2', b""), done(b"SELECT 1\0")].concat()), 1);
    }
}
