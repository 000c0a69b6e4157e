//! Applies a tenant's rules for passwords, without the blocklist and the strength estimate.

use super::form;
use super::reason::Reason;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::PasswordPolicy;
use crate::language::Language;

/// NIST asks that at least 64 be taken; four times that still costs nothing to hash.
pub(super) const CODE_POINTS_MAX: u32 = 256;
/// Four bytes for each code point, so that every password of 256 code points is taken.
const BYTES_MAX: usize = 1024;
/// Shorter pieces of names are in half of all words.
const CONTEXT_WORD_LETTERS_MIN: usize = 4;
/// The shortest password that a tenant may allow, in code points.
pub const MINIMUM_LENGTH_MIN: u32 = 7;
/// A history costs one hash for each old password; more than this would hold a hashing thread for seconds.
const NOT_RECENTLY_USED_MAX: u32 = 24;

/// The user whose password it is: words that an attacker would try first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The email address, which is also the username.
    pub email: String,
    /// Given name, or empty.
    pub first_name: String,
    /// Family name, or empty.
    pub last_name: String,
    /// The name of the organisation as people know it.
    pub tenant_name: String,
}

impl About {
    /// Words for the strength estimate: the names, the address, and the words of its domain. The domain's words are
    /// weighed but not forbidden: `mail` or `home` may well stand in a good password.
    pub(super) fn weighed(&self) -> Vec<String> {
        let domain = self.email.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.usernames().into_iter().chain(self.names()).chain(words_of(domain)).collect()
    }

    /// The words of the user's and the organisation's names.
    fn names(&self) -> Vec<String> {
        [&self.first_name, &self.last_name, &self.tenant_name].into_iter().flat_map(|name| words_of(name)).collect()
    }

    /// The address, its local part and the words of it, in lower case.
    fn usernames(&self) -> Vec<String> {
        let email = lower(&self.email);
        let local = email.rsplit_once('@').map_or(email.as_str(), |(local, _)| local);
        let mut usernames = words_of(local);
        usernames.extend([local.to_owned(), email.clone()]);
        usernames.retain(|name| !name.is_empty());
        usernames
    }
}

/// A name of fewer than four letters matters only if it is the whole password.
fn is_in(lower: &str, name: &str) -> bool {
    lower == name || (name.chars().count() >= CONTEXT_WORD_LETTERS_MIN && lower.contains(name))
}

/// Lower case, in the form in which passwords are judged.
fn lower(text: &str) -> String {
    form::normal(text).collect::<String>().to_lowercase()
}

/// The words of four letters or more, in lower case.
fn words_of(text: &str) -> Vec<String> {
    let lower = lower(text);
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.chars().count() >= CONTEXT_WORD_LETTERS_MIN).map(str::to_owned).collect()
}

/// Whether a tenant may have this policy.
///
/// # Errors
/// `Invalid` with a sentence that names the field.
pub fn validate(policy: &PasswordPolicy) -> Result<()> {
    let limits = [
        ("minimum_length", policy.minimum_length, MINIMUM_LENGTH_MIN, CODE_POINTS_MAX),
        ("digits", policy.digits, 0, 16),
        ("lowercase_characters", policy.lowercase_characters, 0, 16),
        ("uppercase_characters", policy.uppercase_characters, 0, 16),
        ("special_characters", policy.special_characters, 0, 16),
        ("not_recently_used", policy.not_recently_used, 0, NOT_RECENTLY_USED_MAX),
        ("expire_password", policy.expire_password_days, 0, 1080),
        ("minimum_strength", u32::from(policy.minimum_strength), 0, 4),
    ];
    for (field, value, least, most) in limits {
        if !(least..=most).contains(&value) {
            return Err(Error::invalid(format!(
                "Field {field} of the password policy should be from {least} to {most}, not {value}."
            )));
        }
    }
    Ok(())
}

/// Whether the password is too old to sign in with.
pub fn is_outlived(policy: &PasswordPolicy, changed_at: Option<Timestamp>, now: Timestamp) -> bool {
    let age_seconds = changed_at.map_or(0, |at| now.seconds_since(at));
    let days = i64::from(policy.expire_password_days);
    days > 0 && age_seconds >= days * 24 * 3600
}

/// The rules that the password breaks, in the order of [`rules`]; empty if none. `password` is in the NFKC
/// form. An overlong password breaks that rule only: checking the others is not worth the work.
pub(super) fn check(policy: &PasswordPolicy, password: &str, about: &About) -> Vec<Reason> {
    if password.len() > BYTES_MAX || password.chars().count() > CODE_POINTS_MAX as usize {
        return vec![Reason::TooLong(CODE_POINTS_MAX)];
    }
    let mut broken: Vec<Reason> = counted(policy).into_iter().filter(|rule| is_short_of(password, *rule)).collect();
    let lower = password.to_lowercase();
    if policy.not_username && about.usernames().iter().any(|name| is_in(&lower, name)) {
        broken.push(Reason::Username);
    }
    if about.names().iter().any(|name| is_in(&lower, name)) {
        broken.push(Reason::ContextWord);
    }
    broken
}

/// The hints for the page: code and sentence of each rule of this policy.
pub fn rules(policy: &PasswordPolicy, language: Language) -> Vec<(&'static str, String)> {
    let mut rules = counted(policy);
    rules.extend(policy.not_username.then_some(Reason::Username));
    rules.extend([Reason::ContextWord, Reason::Leaked]);
    rules.extend((policy.minimum_strength > 0).then_some(Reason::TooWeak));
    rules.extend((policy.not_recently_used > 0).then_some(Reason::RecentlyUsed(policy.not_recently_used)));
    rules.into_iter().map(|rule| (rule.code(), rule.sentence(language))).collect()
}

/// The rules that count something.
fn counted(policy: &PasswordPolicy) -> Vec<Reason> {
    let classes = [
        (policy.digits, Reason::TooFewDigits(policy.digits)),
        (policy.lowercase_characters, Reason::TooFewLowercase(policy.lowercase_characters)),
        (policy.uppercase_characters, Reason::TooFewUppercase(policy.uppercase_characters)),
        (policy.special_characters, Reason::TooFewSpecial(policy.special_characters)),
    ];
    let wanted = classes.into_iter().filter(|(least, _)| *least > 0).map(|(_, rule)| rule);
    std::iter::once(Reason::TooShort(policy.minimum_length)).chain(wanted).collect()
}

/// Whether the password has fewer code points of the rule's kind than it asks for. Letters of every script count.
fn is_short_of(password: &str, rule: Reason) -> bool {
    let (least, is_counted): (u32, fn(char) -> bool) = match rule {
        Reason::TooShort(least) => (least, |_| true),
        Reason::TooFewDigits(least) => (least, char::is_numeric),
        Reason::TooFewLowercase(least) => (least, char::is_lowercase),
        Reason::TooFewUppercase(least) => (least, char::is_uppercase),
        Reason::TooFewSpecial(least) => (least, |c| !c.is_alphanumeric()),
        _ => return false,
    };
    password.chars().filter(|c| is_counted(*c)).count() < least as usize
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
