//! Repeatable random choices. A run of the suite judges a change, so it uses the same seed as the run before it. With
//! `TENANTRY_TEST_SEED=new` it searches with another seed and prints it; a number that such a search printed repeats
//! it.

use tenantry::random::Random;

/// The number by which the suite is thrown where nothing else is said.
const USUAL: u64 = 20_261_129;

/// A die (splitmix64: small, and its period is far beyond any test).
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// The die for `test`, which says its seed.
    #[expect(clippy::disallowed_methods, reason = "who runs the suite says so; it is no setting of the product")]
    pub fn of(test: &str) -> Self {
        let seed = match std::env::var("TENANTRY_TEST_SEED") {
            Err(_) => USUAL,
            Ok(word) if word == "new" => u64::from_be_bytes(Random::system().bytes()),
            Ok(number) => number.parse().expect("TENANTRY_TEST_SEED is `new` or a number"),
        };
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
