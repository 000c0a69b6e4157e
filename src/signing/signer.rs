//! Signs what leaves the installation, with the key that follows from the current key of the key file.

use super::note::{SigningKey, VerifierKey};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::secret::Secret;

/// Signs texts in the name of the installation. Cheap to clone.
#[derive(Clone)]
pub struct Signer {
    keys: Keys,
    installation: String,
    /// What its keys are called, and what each signed text begins with.
    name: String,
}

/// What the keys of an installation are called.
pub fn name_under(domain: &str) -> String {
    format!("{domain}/tenantry")
}

impl Signer {
    /// The signer of an installation with these keys under this domain.
    pub fn new(keys: &Keys, domain: &str) -> Self {
        Self { keys: keys.clone(), installation: domain.into(), name: name_under(domain) }
    }

    /// The domain of the installation.
    pub fn installation(&self) -> &str {
        &self.installation
    }

    /// The number of the key that signs now.
    pub fn current(&self) -> i64 {
        self.keys.current()
    }

    /// Signs lines by the current key, as a signed note. Its first line tells whose they are and what they are about: the name of
    /// the installation, then this suffix, such as `example-corp/audit`.
    ///
    /// # Errors
    /// As [`Signer::sign_by`].
    pub fn sign(&self, suffix: &str, lines: &str) -> Result<String> {
        self.sign_by(self.current(), suffix, lines)
    }

    /// The same by the key of a number, for what began under it.
    ///
    /// # Errors
    /// `Internal` if there is no such key any more, or where the lines are not whole ones.
    pub fn sign_by(&self, number: i64, suffix: &str, lines: &str) -> Result<String> {
        self.key(number)?.sign(&format!("{}\n{lines}", self.origin(suffix)))
    }

    /// The first line of what is signed.
    pub fn origin(&self, suffix: &str) -> String {
        format!("{}/{suffix}", self.name)
    }

    /// The public half of the key of a number.
    ///
    /// # Errors
    /// `Internal` if there is no such key any more.
    pub fn verifier(&self, number: i64) -> Result<VerifierKey> {
        Ok(self.key(number)?.verifier().clone())
    }

    /// The numbers of all keys of the file, the newest first.
    pub(super) fn numbers(&self) -> Vec<i64> {
        self.keys.numbers()
    }

    fn key(&self, number: i64) -> Result<SigningKey> {
        let seed = self.keys.mac(number, "evidence", &[]).map(Secret::new);
        let seed = seed.ok_or_else(|| Error::internal(format!("key {number} is not in the key file")))?;
        SigningKey::of_seed(&self.name, seed.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::super::note;
    use super::*;
    use crate::keys;
    use crate::random::Random;

    #[test]
    fn what_was_signed_before_a_rotation_is_verified_by_the_key_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("link.keys");
        let keys = Keys::open(&path, true, &Random::seeded(1)).unwrap();
        let signer = Signer::new(&keys, "id.example.com");
        let first = signer.sign("acme/audit", "1\n").unwrap();
        keys::rotate(&path, &Random::seeded(2)).unwrap();
        assert!(keys.refresh());
        let second = signer.sign("acme/audit", "1\n").unwrap();
        let (one, two) = (signer.verifier(1).unwrap(), signer.verifier(2).unwrap());
        assert_eq!(signer.current(), 2);
        assert_eq!(
            note::open(&first, std::slice::from_ref(&one)).unwrap().0,
            "id.example.com/tenantry/acme/audit\n1\n"
        );
        assert!(note::open(&second, &[one]).is_err() && note::open(&second, &[two]).is_ok());
        assert_eq!(signer.sign_by(1, "acme/audit", "1\n").unwrap(), first);
        assert!(signer.verifier(3).is_err());
    }
}
