//! As much of PostgreSQL's protocol (version 3, in clear) as it takes to see a COMMIT go by, and its answer. Pure.

use std::collections::HashSet;

/// The client's side of a conversation, fed as it passes.
#[derive(Debug, Default)]
pub struct FromClient {
    held: Vec<u8>,
    /// The very first message has no type.
    has_begun: bool,
    /// Names of prepared statements that commit.
    statements: HashSet<Vec<u8>>,
    /// Names of portals made of them.
    portals: HashSet<Vec<u8>>,
}

impl FromClient {
    /// How many of the messages that these bytes complete ask for a COMMIT.
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        self.held.extend_from_slice(bytes);
        let mut commits = 0;
        if !self.has_begun {
            let Some(length) = length_at(&self.held, 0).filter(|length| self.held.len() >= *length) else { return 0 };
            self.held.drain(..length);
            self.has_begun = true;
        }
        while let Some((kind, body)) = take_message(&mut self.held) {
            commits += usize::from(self.is_commit(kind, &body));
        }
        commits
    }

    fn is_commit(&mut self, kind: u8, body: &[u8]) -> bool {
        let mut texts = body.split(|byte| *byte == 0);
        let mut next = || texts.next().unwrap_or_default().to_vec();
        match kind {
            b'Q' => commits(&next()),
            b'P' => {
                let (name, query) = (next(), next());
                self.statements.remove(&name);
                if commits(&query) {
                    self.statements.insert(name);
                }
                false
            }
            b'B' => {
                let (portal, statement) = (next(), next());
                self.portals.remove(&portal);
                if self.statements.contains(&statement) {
                    self.portals.insert(portal);
                }
                false
            }
            b'E' => self.portals.contains(&next()),
            _ => false,
        }
    }
}

/// The server's side of a conversation, fed as it passes.
#[derive(Debug, Default)]
pub struct FromServer {
    held: Vec<u8>,
}

impl FromServer {
    /// How many of the messages that these bytes complete say that a COMMIT was done.
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        self.held.extend_from_slice(bytes);
        let mut done = 0;
        while let Some((kind, body)) = take_message(&mut self.held) {
            done += usize::from(kind == b'C' && body == b"COMMIT\0");
        }
        done
    }
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

/// A length counts itself and what follows.
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
        FromClient::default().feed(&[start_up(), messages.concat()].concat())
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
            let mut client = FromClient::default();
            let seen = client.feed(&whole[..cut]) + client.feed(&whole[cut..]);
            assert_eq!(seen, 1, "cut at {cut}");
        }
    }

    #[test]
    fn the_answer_to_a_commit_is_seen_and_that_to_a_rollback_is_not() {
        let mut server = FromServer::default();
        assert_eq!(server.feed(&message(b'C', b"UPDATE 1\0")), 0);
        assert_eq!(server.feed(&message(b'C', b"ROLLBACK\0")), 0);
        let answer = [message(b'C', b"COMMIT\0"), message(b'Z', b"I")].concat();
        assert_eq!(server.feed(&answer[..3]) + server.feed(&answer[3..]), 1);
    }
}
