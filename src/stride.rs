//! How many rows a slice of long work takes: so many as hold the writing thread for some 20 ms.

use std::time::Duration;

/// A slice takes about so long.
const TAKES: Duration = Duration::from_millis(20);

/// The size of the next slice, between two bounds.
#[derive(Debug, Clone, Copy)]
pub struct Stride {
    least: usize,
    most: usize,
    size: usize,
}

impl Stride {
    /// Begins with a quarter of the most.
    pub fn between(least: usize, most: usize) -> Self {
        Self { least, most, size: (most / 4).max(least) }
    }

    /// How many rows the next slice takes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Notes how long a slice took.
    pub fn note(&mut self, took: Duration) {
        if took > TAKES * 3 / 2 {
            self.size /= 2;
        } else if took < TAKES * 3 / 4 {
            self.size *= 2;
        }
        self.size = self.size.clamp(self.least, self.most);
    }
}

/// How long to rest behind a slice where others wait for the store, so that long work takes half of it at most.
pub fn rest(took: Duration) -> Duration {
    took.min(TAKES * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_grows_and_shrinks_within_its_bounds() {
        let ms = Duration::from_millis;
        let mut stride = Stride::between(16, 256);
        let mut after = |took| {
            stride.note(ms(took));
            stride.size()
        };
        assert_eq!([5, 5, 1, 20, 100].map(&mut after), [128, 256, 256, 256, 128]);
        assert_eq!([900, 900, 900, 900].map(after), [64, 32, 16, 16]);
        assert_eq!([rest(ms(7)), rest(ms(9_000))], [ms(7), ms(200)]);
    }
}
