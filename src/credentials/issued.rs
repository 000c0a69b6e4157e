//! Which credentials are issued here: tokens alone. The public API has certificates and kubeconfig files beside them.

use super::CredentialKind;
use crate::error::{Error, Kind, Result};

/// The types that no call issues.
const NOT_ISSUED: [&str; 6] = [
    "API_CERTIFICATE",
    "KUBE_CONFIG",
    "SITE_GLOBAL_KUBE_CONFIG",
    "SERVICE_API_CERTIFICATE",
    "SERVICE_KUBE_CONFIG",
    "SERVICE_SITE_GLOBAL_KUBE_CONFIG",
];

/// The types of tokens; each is made by a call of its own.
const TOKENS: [&str; 3] = ["API_TOKEN", "SERVICE_API_TOKEN", "SCIM_API_TOKEN"];

/// Whether a call that issues `own` can issue the type that `field` names.
///
/// # Errors
/// `NotImplemented`, by its name, for what is no token; `Invalid` for another token, for none and for what is no type.
pub(super) fn check(field: &str, asked: &str, own: CredentialKind) -> Result<()> {
    let token = own.word();
    if asked == token {
        return Ok(());
    }
    if NOT_ISSUED.contains(&asked) {
        return Err(not_issued(asked, own));
    }
    Err(Error::invalid(if asked.is_empty() {
        format!("Field {field} should be not nil, got nil in request.")
    } else if TOKENS.contains(&asked) {
        format!("Field {field} names a token that has a call of its own, {asked}. Ask for {token}.")
    } else {
        format!("Field {field} is none of the known types. Ask for {token}.")
    }))
}

/// The refusal of what is no token, by the name by which it was asked for.
pub(super) fn not_issued(asked: &str, own: CredentialKind) -> Error {
    let sentence = format!(
        "{asked} is not served: certificates and kubeconfig files are not issued here. Ask for {}.",
        own.word()
    );
    Error::new(Kind::NotImplemented, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_issues_its_token_and_says_by_name_what_is_not_issued() {
        for own in [CredentialKind::Token, CredentialKind::ServiceToken] {
            assert!(check("type", own.word(), own).is_ok());
            for asked in NOT_ISSUED {
                let refused = check("type", asked, own).unwrap_err();
                assert!(refused.kind == Kind::NotImplemented && refused.message.starts_with(asked), "{asked}");
            }
            for asked in TOKENS.into_iter().chain(["", "TOKEN"]).filter(|asked| *asked != own.word()) {
                assert_eq!(check("type", asked, own).unwrap_err().kind, Kind::Invalid, "{asked}");
            }
        }
    }
}
