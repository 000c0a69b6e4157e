//! The requests: rendered by hand into the generator's buffer, with addresses drawn from the whole store.

use std::io::Write;

/// A repeatable draw (xorshift64*, Marsaglia and Vigna); it chooses addresses, never secrets.
pub struct Draw(u64);

impl Draw {
    /// The same numbers for the same seed.
    pub fn seeded(seed: u64) -> Self {
        // Zero would stay zero for ever.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number from 1 to `largest`. The bias of the multiplication is below `largest` / 2^32.
    pub fn up_to(&mut self, largest: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        ((high * largest) >> 32) + 1
    }

    /// The numbers from 1 to `count` in random order (Fisher and Yates).
    pub fn shuffled(&mut self, count: u32) -> Vec<u32> {
        let mut numbers: Vec<u32> = (1..=count).collect();
        for last in (1..numbers.len()).rev() {
            let other = self.up_to(last as u64 + 1) - 1;
            numbers.swap(last, other as usize);
        }
        numbers
    }
}

/// A request whose head is always the same but for the length of the body.
pub struct Template {
    head: Vec<u8>,
}

impl Template {
    /// `POST path` with a JSON body, on `host`, with an API token.
    pub fn post_json(path: &str, host: &str, api_token: &str) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: APIToken {api_token}\r\n\
             Content-Type: application/json\r\nContent-Length: "
        );
        Self { head: head.into_bytes() }
    }

    /// `POST path` with a JSON body, on `host`, by anyone.
    pub fn post_openly(path: &str, host: &str) -> Self {
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: ");
        Self { head: head.into_bytes() }
    }

    /// Writes the whole request into `buffer`.
    pub fn write(&self, body: &[u8], buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(&self.head);
        write!(buffer, "{}\r\n\r\n", body.len()).expect("a vector takes what is written to it");
        buffer.extend_from_slice(body);
    }
}

/// A whole `GET path` on `host`, with further header lines (each ended by CR LF).
pub fn get(path: &str, host: &str, further: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{further}\r\n").into_bytes()
}

/// Asks for resets of `user00001@example.com` and so on, in passes: each pass asks for every user once, in random order.
/// A second ask for the same user so soon would be taken for a repeat, which writes nothing and flatters.
pub struct Resets {
    template: Template,
    order: Vec<u32>,
    next: usize,
    body: Vec<u8>,
}

impl Resets {
    /// Resets on the tenant's `host`, with the administrator's token, of `users` users.
    pub fn new(host: &str, api_token: &str, users: u32, seed: u64) -> Self {
        let template = Template::post_json("/api/web/custom/password/admin_reset", host, api_token);
        Self { template, order: Draw::seeded(seed).shuffled(users), next: 0, body: Vec::with_capacity(64) }
    }

    /// Whether the next one is the first of a pass.
    pub fn begins_a_pass(&self) -> bool {
        self.next == 0
    }

    /// Writes the next one; there is always one more.
    pub fn write_next(&mut self, buffer: &mut Vec<u8>) {
        let user = self.order[self.next];
        self.next = (self.next + 1) % self.order.len();
        self.body.clear();
        write!(self.body, r#"{{"email":"user{user:05}@example.com"}}"#).expect("a vector takes what is written to it");
        self.template.write(&self.body, buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draw_repeats_and_reaches_every_user_alike() {
        let numbers = |seed| {
            let mut draw = Draw::seeded(seed);
            (0..100_000).map(|_| draw.up_to(100)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        let mut seen = [0_u32; 101];
        numbers(7).into_iter().for_each(|user| seen[user as usize] += 1);
        assert_eq!(seen[0], 0);
        assert!(seen[1..].iter().all(|count| (800..1_200).contains(count)), "{seen:?}");
    }

    #[test]
    fn a_pass_asks_for_every_user_once() {
        let mut resets = Resets::new("localhost", "secret", 500, 3);
        let mut passes = [Vec::new(), Vec::new()];
        for pass in &mut passes {
            assert!(resets.begins_a_pass());
            for _ in 0..500 {
                let mut buffer = Vec::new();
                resets.write_next(&mut buffer);
                pass.push(String::from_utf8(buffer).unwrap());
            }
        }
        let in_order = passes[0].is_sorted();
        passes.iter_mut().for_each(|pass| pass.sort());
        let [mut first, second] = passes;
        assert_eq!(first, second);
        first.dedup();
        assert_eq!((first.len(), in_order), (500, false));
    }

    #[test]
    fn a_reset_is_a_whole_request() {
        let mut buffer = Vec::new();
        Resets::new("example-corp.localhost:8080", "secret", 1, 1).write_next(&mut buffer);
        assert_eq!(
            String::from_utf8(buffer).unwrap(),
            "POST /api/web/custom/password/admin_reset HTTP/1.1\r\nHost: example-corp.localhost:8080\r\n\
             Authorization: APIToken secret\r\nContent-Type: application/json\r\nContent-Length: 33\r\n\r\n\
             {\"email\":\"user00001@example.com\"}"
        );
    }
}
