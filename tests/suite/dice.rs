//! Random choices that can be had again: every test that throws dice says its seed, and with
//! `TENANTRY_TEST_SEED` set while the tests are built all of them take that one.

use tenantry::random::Random;

const FIXED: Option<&str> = option_env!("TENANTRY_TEST_SEED");

/// A die (splitmix64: small, and its period is far beyond any test).
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// A die with a new seed, or the fixed one, which it says for `test`.
    pub fn of(test: &str) -> Self {
        let drawn = || u64::from_be_bytes(Random::system().bytes());
        let seed = FIXED.map_or_else(drawn, |text| text.parse().expect("TENANTRY_TEST_SEED is a number"));
        eprintln!("{test}: seed {seed}");
        Self(seed)
    }

    /// Another die for a thread of its own.
    pub fn split(&mut self) -> Self {
        Self(self.next())
    }

    /// Any number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len())]
    }

    /// A text of these letters.
    pub fn text(&mut self, letters: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(*self.pick(letters))).collect()
    }
}

/// The letters of base64url, of which tokens are made.
pub const TOKEN_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
