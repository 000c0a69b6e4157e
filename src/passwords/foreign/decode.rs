//! Bytes and numbers as other products spell them.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Refused;
use super::text::Read;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
/// bcrypt has an alphabet of its own. Its salts have bits at their end that mean nothing.
const BCRYPT: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, LENIENT);

/// Base64 without padding.
pub(super) fn b64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Base64, padded or not.
pub(super) fn from_b64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// passlib writes `.` for `+`.
pub(super) fn from_ab64(text: &str) -> Read<Vec<u8>> {
    bytes(&text.replace('.', "+"))
}

pub(super) fn bytes(text: &str) -> Read<Vec<u8>> {
    from_b64(text).ok_or(Refused::Malformed)
}

pub(super) fn from_hex(text: &str) -> Read<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !is_hex(text) {
        return Err(Refused::Malformed);
    }
    let pairs = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16));
    pairs.collect::<Result<_, _>>().map_err(|_| Refused::Malformed)
}

pub(super) fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A number as these formats write it. One beyond 32 bits is a cost that nobody pays.
pub(super) fn number(text: &str) -> Read<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refused::Malformed);
    }
    Ok(text.parse().unwrap_or(u32::MAX))
}

/// `name=value` in a list with commas.
pub(super) fn param(list: &str, name: &str) -> Read<u32> {
    let value = list.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    number(value.ok_or(Refused::Malformed)?)
}

pub(super) fn logarithm(n: &str) -> Read<u32> {
    power(number(n)?)
}

pub(super) fn power(n: u32) -> Read<u32> {
    match n {
        // More than 32 bits: no power of two that anyone computes.
        u32::MAX => Ok(31),
        _ if n.is_power_of_two() => Ok(n.trailing_zeros()),
        _ => Err(Refused::Malformed),
    }
}

/// bcrypt's own base64.
pub(super) fn from_bcrypt(text: &str) -> Read<Vec<u8>> {
    BCRYPT.decode(text).map_err(|_| Refused::Malformed)
}
