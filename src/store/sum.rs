//! What rows say, as one number: the sum of the SHA-256 of each, since engines sort text differently and the same rows must
//! have the same digest whatever their order.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::{Row, Value};

/// The sum of digests, four words of 64 bits each for itself.
#[derive(Default)]
pub(super) struct Sum([u64; 4]);

impl Sum {
    pub(super) fn add(&mut self, row: &Row) {
        let digest: [u8; 32] = Sha256::digest(canonical(row)).into();
        for (word, bytes) in self.0.iter_mut().zip(digest.as_chunks::<8>().0) {
            *word = word.wrapping_add(u64::from_be_bytes(*bytes));
        }
    }

    pub(super) fn hex(&self) -> String {
        self.0.iter().fold(String::new(), |mut hex, word| {
            // A String takes whatever is written to it.
            let _ = write!(hex, "{word:016x}");
            hex
        })
    }
}

/// Each value with its kind and its length before it, so that no two rows have the same bytes.
fn canonical(row: &Row) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in &row.0 {
        let number;
        let (kind, content): (u8, &[u8]) = match value {
            Value::Null => (0, &[]),
            Value::Int(int) => {
                number = int.to_be_bytes();
                (1, &number)
            }
            Value::Text(text) => (2, text.as_bytes()),
            Value::Bytes(content) => (3, content),
        };
        bytes.push(kind);
        bytes.extend((content.len() as u64).to_be_bytes());
        bytes.extend(content);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::Int),
            ".{0,3}".prop_map(Value::Text),
            proptest::collection::vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
        ]
    }

    proptest! {
        #[test]
        fn different_rows_have_different_bytes(
            one in proptest::collection::vec(value(), 0..4),
            other in proptest::collection::vec(value(), 0..4),
        ) {
            let (one, other) = (Row(one), Row(other));
            prop_assert_eq!(one == other, canonical(&one) == canonical(&other));
        }

        #[test]
        fn the_order_of_rows_does_not_matter_and_each_of_them_does(
            rows in proptest::collection::vec(proptest::collection::vec(value(), 2), 1..6),
        ) {
            let digest = |rows: &mut dyn Iterator<Item = &Vec<Value>>| {
                let mut sum = Sum::default();
                rows.for_each(|row| sum.add(&Row(row.clone())));
                sum.hex()
            };
            prop_assert_eq!(digest(&mut rows.iter()), digest(&mut rows.iter().rev()));
            prop_assert_ne!(digest(&mut rows.iter()), digest(&mut rows.iter().skip(1)));
        }
    }
}
