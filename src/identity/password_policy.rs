//! A tenant's rules for passwords, as they are chosen and stored. `passwords` applies them.

use serde::{Deserialize, Serialize};

/// The tenant's `password_policy`, spelt as in the settings of the public API, with one more member:
/// `minimum_strength`. Members left out have their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct PasswordPolicy {
    /// Unicode code points at least; 7 to 256.
    pub minimum_length: u32,
    /// Digits at least; up to 16. NIST and ASVS advise against this and the three rules that follow.
    pub digits: u32,
    /// Lower-case letters at least; up to 16.
    pub lowercase_characters: u32,
    /// Upper-case letters at least; up to 16.
    pub uppercase_characters: u32,
    /// Characters that are neither letter nor digit at least; up to 16.
    pub special_characters: u32,
    /// How many of the last passwords may not come again, the present one included; 0 to 24.
    pub not_recently_used: u32,
    /// Whether the email address and its local part are forbidden in the password.
    pub not_username: bool,
    /// Days until a password must be changed, up to 1080; 0 is never, as NIST and ASVS 6.2.10 ask.
    #[serde(rename = "expire_password")]
    pub expire_password_days: u32,
    /// The least strength estimate, 0 (anything) to 4.
    pub minimum_strength: u8,
}

impl Default for PasswordPolicy {
    /// Twelve code points, no composition rules, no expiry. NIST SP 800-63B-4 § 3.1.1.2 asks for 15 where the password
    /// is the only factor; a tenant under that rule raises `minimum_length`.
    fn default() -> Self {
        Self {
            minimum_length: 12,
            digits: 0,
            lowercase_characters: 0,
            uppercase_characters: 0,
            special_characters: 0,
            not_recently_used: 3,
            not_username: true,
            expire_password_days: 0,
            minimum_strength: 3,
        }
    }
}
