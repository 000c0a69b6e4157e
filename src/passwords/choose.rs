//! A new password on its way into the store: judged, compared with the former ones, hashed.

use std::time::Instant;

use super::{About, Hasher, Reason, judge, refused};
use crate::error::{Error, Result};
use crate::identity::PasswordPolicy;
use crate::language::Language;
use crate::secret::Secret;

/// A new password that breaks no rule of the policy but perhaps the one about former passwords, which costs a hash for
/// each of them.
pub struct NewPassword {
    text: Secret<String>,
    not_recently_used: u32,
    language: Language,
}

impl NewPassword {
    /// Judges a password by policy, list of leaked ones and strength. `language` is that of the reasons.
    ///
    /// # Errors
    /// `Refused`, with a sentence for each broken rule.
    pub async fn judged(
        policy: &PasswordPolicy,
        about: About,
        text: Secret<String>,
        language: Language,
    ) -> Result<Self> {
        let (rules, candidate) = (policy.clone(), text.clone());
        // A long password takes some milliseconds: not on a thread that serves other requests.
        let reasons = tokio::task::spawn_blocking(move || judge(&rules, &about, candidate.expose()));
        let reasons = reasons.await.map_err(Error::internal)?;
        match reasons.is_empty() {
            true => Ok(Self { text, not_recently_used: policy.not_recently_used, language }),
            false => Err(refused(&reasons, language)),
        }
    }

    /// Compares it with the hashes of the former passwords and returns the PHC string to be stored.
    ///
    /// # Errors
    /// `Refused` if it is one of them; as for [`Hasher::hash`].
    pub async fn hashed(self, hasher: &Hasher, former: Vec<String>, deadline: Instant) -> Result<String> {
        if hasher.matches_any(self.text.clone(), former, deadline).await? {
            return Err(refused(&[Reason::RecentlyUsed(self.not_recently_used)], self.language));
        }
        hasher.hash(self.text, deadline).await
    }
}
