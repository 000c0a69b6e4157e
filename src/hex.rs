//! Bytes as hexadecimal digits, by which people and programs name digests.

/// Bytes as lower-case digits, two for each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads [`hex`], in either case; `None` for anything but pairs of digits.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    is_hex.then(|| (0..text.len()).step_by(2).map(pair).collect()).flatten()
}

/// Reads a SHA-256: exactly 64 digits.
pub fn digest_from_hex(text: &str) -> Option<[u8; 32]> {
    from_hex(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_was_written() {
        let digest: [u8; 32] = std::array::from_fn(|nth| nth as u8 * 8);
        assert_eq!(digest_from_hex(&hex(&digest)), Some(digest));
        assert_eq!(digest_from_hex(&hex(&digest).to_uppercase()), Some(digest));
        for wrong in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"ä".repeat(32), &"+f".repeat(32)] {
            assert_eq!(digest_from_hex(wrong), None, "{wrong}");
        }
        assert_eq!((from_hex(""), from_hex("0"), from_hex("+f")), (Some(Vec::new()), None, None));
    }
}
