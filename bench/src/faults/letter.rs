//! The parts of a mail that a case needs: its Message-ID, and the link with the reset that it names. Pure.

use uuid::Uuid;

/// The length of the secret behind a link's `#`.
const TOKEN_LENGTH: usize = 48;

/// A mail that was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Its Message-ID.
    pub message_id: String,
    /// The reset and the secret of its link, if it has one.
    pub link: Option<(Uuid, String)>,
}

/// Reads a message as it came behind DATA.
pub fn read(message: &[u8]) -> Letter {
    let text = String::from_utf8_lossy(message);
    let message_id = text
        .lines()
        .take_while(|line| !line.is_empty())
        .find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("message-id")))
        .map(|(_, value)| value.trim().to_string());
    // Quoted-printable: soft line ends, and the two characters of a link that are written as numbers.
    let text = text.replace("=\r\n", "").replace("=3D", "=").replace("=23", "#");
    let token = text.split_once("/reset#").and_then(|(_, rest)| rest.get(..TOKEN_LENGTH)).map(str::to_string);
    let link = token.and_then(|token| Some((reset_of(&token)?, token)));
    Letter { message_id: message_id.unwrap_or_default(), link }
}

/// The reset that a link's secret names. It begins with four bytes of the tenant and the sixteen of the reset, in base64url (RFC 4648 § 5).
pub fn reset_of(token: &str) -> Option<Uuid> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in token.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 6 | value as u32) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Uuid::from_slice(bytes.get(4..20)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_and_its_reset_are_found_whatever_the_lines() {
        let reset = Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
        let token = "AAAAAQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g";
        let message = format!(
            "Message-ID: <1@example.com>\r\nSubject: x\r\n\r\nhttp://a.localhost:1/reset=\r\n=23{}=\r\n{}\r\nbye\r\n.\r\n",
            &token[..9],
            &token[9..]
        );
        let letter = read(message.as_bytes());
        assert_eq!(letter, Letter { message_id: "<1@example.com>".into(), link: Some((reset, token.into())) });
    }

    #[test]
    fn a_mail_without_a_link_has_none() {
        assert_eq!(read(b"Message-Id: <2@x>\r\n\r\n/reset#short").link, None);
        assert_eq!(read(b"").message_id, "");
    }
}
