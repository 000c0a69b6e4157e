//! How `crypt` spells bytes: an alphabet of its own, the lowest bits first, and for most schemes the bytes in an order of
//! their own.

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The order of `md5-crypt`: which byte of the digest each decoded byte is.
pub(super) const MD5: [usize; 16] = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];

/// The order of SHA-crypt. Triples that turn in a circle, and one or two bytes that are left.
pub(super) fn sha(bytes: usize) -> Vec<usize> {
    let (third, is_long) = (bytes / 3, bytes == 64);
    let mut order = Vec::with_capacity(bytes);
    for nth in 0..third {
        let triple = [nth, nth + third, nth + 2 * third];
        // Each next triple begins one further on; SHA-512 turns the other way than SHA-256.
        let turn = if is_long { (3 - nth % 3) % 3 } else { nth % 3 };
        let turned = |at: usize| triple[(at + 3 - turn) % 3];
        // The last of three is the lowest in the text.
        order.extend([turned(2), turned(1), turned(0)]);
    }
    if is_long {
        order.push(63)
    } else {
        order.extend([30, 31])
    }
    order
}

/// The value of one character.
pub(super) fn value(character: u8) -> Option<u32> {
    ALPHABET.iter().position(|known| *known == character).and_then(|at| u32::try_from(at).ok())
}

/// The digest of a text; `None` if the text has another length or alphabet.
pub(super) fn decoded(text: &str, order: &[usize], bytes: usize) -> Option<Vec<u8>> {
    if text.len() != (bytes * 4).div_ceil(3) {
        return None;
    }
    let mut places = order.iter();
    let mut digest = vec![0; bytes];
    for four in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for (nth, character) in four.iter().enumerate() {
            bits |= value(*character)? << (6 * nth);
        }
        for (nth, place) in places.by_ref().take(four.len() * 6 / 8).enumerate() {
            digest[*place] = (bits >> (8 * nth)).to_le_bytes()[0];
        }
    }
    Some(digest)
}
