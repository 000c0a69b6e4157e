//! Where a call comes from and for whom it says it is.

use http::{Method, header};

use crate::error::{Error, Result, Told};
use crate::http::{Admitted, Head, Operation};
use crate::identity::Proof;

/// A foreign page may make a browser send what the browser holds; it cannot forge these headers.
pub(super) fn check_origin(head: &Head, operation: &Operation, admitted: &Admitted) -> Result<()> {
    let is_safe = matches!(head.method, Method::GET | Method::HEAD);
    let is_by_session = admitted.caller.as_ref().is_some_and(|caller| matches!(caller.proof, Proof::Session(_)));
    if is_safe || !(operation.is_page || is_by_session) {
        return Ok(());
    }
    let is_ours = match (head.header("sec-fetch-site"), head.header(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = head.header(header::HOST).unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        }
        (None, None) => true,
    };
    if is_ours {
        Ok(())
    } else {
        let sentence = "This form was sent from another site. Open the page here and send it again.";
        Err(Error::forbidden(sentence).told(Told::ForeignForm))
    }
}

/// A client that says for which tenant it works must not work for another.
pub(super) fn check_named_tenant(head: &Head, admitted: &Admitted) -> Result<()> {
    let (Some(named), Some(tenant)) = (head.headers.get("x-volterra-apigw-tenant"), &admitted.tenant) else {
        return Ok(());
    };
    let is_this = |name: &str| named.as_bytes() == name.as_bytes();
    if is_this(&tenant.name) || is_this(&tenant.uid) {
        return Ok(());
    }
    Err(Error::forbidden("The header x-volterra-apigw-tenant names another tenant than the credential."))
}
