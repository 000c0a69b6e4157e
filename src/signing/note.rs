//! Signed notes (C2SP, https://c2sp.org/signed-note): a text, an empty line, and a line for each signature. Pure.
//!
//! The same format as that of Go's `golang.org/x/mod/sumdb/note`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::hex::{from_hex, hex};

/// The byte by which a key or a signature says that it is of Ed25519.
const ED25519_BYTE: u8 = 1;
/// What each line of a signature begins with.
pub(super) const DASH: &str = "\u{2014} ";
/// Signatures of a note, at most.
const SIGNATURES_MAX: usize = 100;
/// Bytes of a key's id before each signature.
const ID_BYTES: usize = 4;

/// The public half of a key, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
}

impl VerifierKey {
    /// A key of this name.
    ///
    /// # Errors
    /// `Invalid` for a name that no key may have: it is empty, or has a space or a plus.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self> {
        if !is_name(name) {
            return Err(Error::invalid(format!("A key cannot be called {name:?}.")));
        }
        Ok(Self { name: name.into(), public })
    }

    /// Reads `name+hash+base64`, as [`VerifierKey`] is written.
    ///
    /// # Errors
    /// `Invalid` for any other text.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text.trim()).ok_or_else(|| {
            Error::invalid(
                "This is not a key. It is one line of three parts with a plus between them, as \
                 https://YOUR-SERVER/.well-known/tenantry-keys has it.",
            )
        })
    }

    fn read(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let key = STANDARD.decode(key).ok()?;
        let (kind, public) = key.split_first()?;
        let key = Self { name: name.into(), public: public.try_into().ok()? };
        (is_name(name) && *kind == ED25519_BYTE && from_hex(id)? == key.id()).then_some(key)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id, which stands before each of its signatures.
    fn id(&self) -> [u8; ID_BYTES] {
        let hash = Sha256::new().chain_update(&self.name).chain_update(b"\n").chain_update(self.bytes()).finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// The bytes of the public half.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    fn bytes(&self) -> Vec<u8> {
        [&[ED25519_BYTE], self.public.as_slice()].concat()
    }

    fn has_signed(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}+{}+{}", self.name, hex(&self.id()), STANDARD.encode(self.bytes()))
    }
}

/// A key that signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl SigningKey {
    /// The key of this name out of the seed of its private half (RFC 8032 § 5.1.5).
    ///
    /// # Errors
    /// `Invalid` for a name that no key may have.
    pub fn of_seed(name: &str, seed: &[u8; 32]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        let pair = pair.map_err(|rejected| Error::internal(rejected.to_string()))?;
        let public = pair.public_key().as_ref().try_into().map_err(Error::internal)?;
        Ok(Self { verifier: VerifierKey::new(name, public)?, pair })
    }

    /// Its public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The signed note of a text.
    ///
    /// # Errors
    /// `Internal` for a text that does not end with its last line, or has control characters.
    pub fn sign(&self, text: &str) -> Result<String> {
        if !text.ends_with('\n') || !is_plain(text) {
            return Err(Error::internal("a text that is to be signed is not one of whole lines"));
        }
        let signature = [self.verifier.id().as_slice(), self.pair.sign(text.as_bytes()).as_ref()].concat();
        Ok(format!("{text}\n{DASH}{} {}\n", self.verifier.name, STANDARD.encode(signature)))
    }
}

/// Why a text is not the signed note of these keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSigned {
    /// It is not a signed note.
    Malformed,
    /// None of these keys has signed it.
    ByAnother,
    /// It names one of these keys, and the signature is not of this text.
    Wrong,
}

/// The text of a signed note, and which of these keys has signed it: the first of them in the note.
///
/// # Errors
/// [`NotSigned`].
pub fn open<'n, 'k>(note: &'n str, keys: &'k [VerifierKey]) -> Result<(&'n str, &'k VerifierKey), NotSigned> {
    let (text, signatures) = parts(note)?;
    let mut by = None;
    for (name, signature) in signatures {
        let (id, signature) = signature.split_at(ID_BYTES);
        let Some(key) = keys.iter().find(|key| key.name == name && key.id() == id) else { continue };
        if !key.has_signed(text, signature) {
            return Err(NotSigned::Wrong);
        }
        by = by.or(Some(key));
    }
    by.map(|key| (text, key)).ok_or(NotSigned::ByAnother)
}

/// The text of a signed note, whoever has signed it.
pub fn text_of(note: &str) -> Option<&str> {
    parts(note).ok().map(|(text, _)| text)
}

type Signature<'n> = (&'n str, Vec<u8>);

fn parts(note: &str) -> Result<(&str, Vec<Signature<'_>>), NotSigned> {
    let split = note.rfind("\n\n").filter(|_| is_plain(note)).ok_or(NotSigned::Malformed)?;
    let (text, lines) = (&note[..=split], &note[split + 2..]);
    let lines = lines.strip_suffix('\n').ok_or(NotSigned::Malformed)?;
    let signatures: Vec<_> = lines.split('\n').map(signature).collect::<Option<_>>().ok_or(NotSigned::Malformed)?;
    if signatures.len() > SIGNATURES_MAX { Err(NotSigned::Malformed) } else { Ok((text, signatures)) }
}

fn signature(line: &str) -> Option<Signature<'_>> {
    let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    (is_name(name) && signature.len() > ID_BYTES).then_some((name, signature))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|sign: char| sign.is_whitespace() || sign == '+' || sign.is_control())
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|sign| sign >= ' ' || sign == '\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAME: &str = "id.example.com/tenantry";
    /// Made by Go's `golang.org/x/mod/sumdb/note` v0.43.0 with the seed 00 01 … 1f.
    const GO_KEY: &str = "id.example.com/tenantry+391aa9f0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    const GO_NOTE: &str = "id.example.com/tenantry/example-corp/evidence\n10023\n\nä\n\n\u{2014} id.example.com/tenantry \
        ORqp8OJgqakzbiKluN6SAKW1FiGg0gkNa9rnKh4Uom5nMPsTKZijdzYv/KnPOepN3biBJfR6JVL8Bw4cEXsDePeWkAI=\n";
    const TEXT: &str = "id.example.com/tenantry/example-corp/evidence\n10023\n\nä\n";

    fn key(name: &str, byte: u8) -> SigningKey {
        SigningKey::of_seed(name, &[byte; 32]).unwrap()
    }

    #[test]
    fn a_note_is_the_one_that_the_package_of_go_makes_and_reads() {
        let key = SigningKey::of_seed(NAME, &std::array::from_fn(|at| at as u8)).unwrap();
        assert_eq!(key.verifier().to_string(), GO_KEY);
        assert_eq!(key.sign(TEXT).unwrap(), GO_NOTE);
        let read = VerifierKey::parse(GO_KEY).unwrap();
        assert_eq!(open(GO_NOTE, &[read]).map(|(text, by)| (text, by.to_string())), Ok((TEXT, GO_KEY.into())));
    }

    #[test]
    fn a_signature_counts_by_its_own_key_and_others_are_passed_over() {
        let (one, other) = (key(NAME, 1), key(NAME, 2));
        let (ours, theirs) = ([one.verifier().clone()], [other.verifier().clone()]);
        let note = one.sign("a\n").unwrap();
        assert_eq!(open(&note, &theirs), Err(NotSigned::ByAnother));
        let line = |note: &str| note.split("\n\n").last().unwrap().to_owned();
        let both = format!("{}{}", other.sign("a\n").unwrap(), line(&note));
        assert_eq!(open(&both, &ours).unwrap().1, &ours[0]);
        assert_eq!(open(&both, &theirs).unwrap().1, &theirs[0]);
        let moved = format!("b\n\n{}", line(&note));
        assert_eq!(open(&moved, &ours), Err(NotSigned::Wrong));
        assert_eq!(open(&moved, &theirs), Err(NotSigned::ByAnother));
        assert_eq!(open(&note, &[key("else", 1).verifier().clone()]), Err(NotSigned::ByAnother));
    }

    #[test]
    fn other_texts_are_no_keys_and_no_notes() {
        for text in ["", "a", "a+b", "a+00000000+", &GO_KEY.replace("391a", "391b"), &GO_KEY.replace("+AQ", "+Ag")] {
            assert!(VerifierKey::parse(text).is_err(), "{text}");
        }
        for text in ["", "a\n", "a\n\n", "a\n\nb\n", GO_NOTE.trim_end(), &GO_NOTE.replace('1', "\t")] {
            assert_eq!(open(text, &[]), Err(NotSigned::Malformed), "{text}");
        }
        for name in ["", "a b", "a+b", "a\n"] {
            assert!(SigningKey::of_seed(name, &[0; 32]).is_err(), "{name}");
        }
        for text in ["", "a", "a\r\n"] {
            assert!(key(NAME, 1).sign(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_note_opens_as_it_was_signed_and_in_no_other_form(
            lines in prop::collection::vec("[ -~äé\u{2014}]{0,20}", 1..5),
            at in any::<prop::sample::Index>(),
            bit in 0_u32..8,
        ) {
            let (text, key) = (lines.join("\n") + "\n", key(NAME, 3));
            let (note, keys) = (key.sign(&text).unwrap(), [key.verifier().clone()]);
            prop_assert_eq!(open(&note, &keys), Ok((text.as_str(), &keys[0])));
            prop_assert_eq!(text_of(&note), Some(text.as_str()));
            let mut changed = note.clone().into_bytes();
            let at = at.index(changed.len());
            changed[at] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(changed) {
                prop_assert!(open(&changed, &keys).is_err(), "{:?}", changed);
            }
        }

        #[test]
        fn a_key_is_read_as_it_was_written(public in any::<[u8; 32]>(), name in "[a-z./]{1,20}") {
            let key = VerifierKey::new(&name, public).unwrap();
            prop_assert_eq!(VerifierKey::parse(&key.to_string()).unwrap(), key);
        }
    }
}
