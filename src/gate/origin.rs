//! Where a call comes from and for whom it says it is.

use http::{Method, header};

use crate::error::{Error, Kind, Result, Told};
use crate::http::{Admitted, Head, Host, Operation, Permission};
use crate::identity::Proof;
use crate::pages::told;

/// What a browser without Fetch Metadata calls the origin of the forms on the page of the link: that page lets nobody refer
/// to it, since its address holds the token (Fetch, "append a request `Origin` header"). Any page can have itself called
/// so. Yet what these forms ask for is granted to every client that holds the token of the body, or to anyone at all, and no cookie
/// is looked at: a page elsewhere that sends them gets nothing by the browser of someone else that it could not have by its
/// own. Browsers with Fetch Metadata tell the two apart all the same.
const NOWHERE: &str = "null";

/// A foreign page may make a browser send what the browser holds; it cannot forge these headers.
pub(super) fn check_origin(head: &Head, operation: &Operation, admitted: &Admitted) -> Result<()> {
    let is_safe = matches!(head.method, Method::GET | Method::HEAD);
    let is_by_session = admitted.caller.as_ref().is_some_and(|caller| matches!(caller.proof, Proof::Session(_)));
    let is_steering = operation.permission == Permission::DevOnly;
    if is_safe || !(operation.is_page || is_by_session || is_steering) {
        return Ok(());
    }
    if is_ours(head, operation) { Ok(()) } else { Err(told::error(Kind::Forbidden, Told::ForeignForm)) }
}

/// What browsers say of the page behind a request: Fetch Metadata where the place is a secure context, else the page's
/// origin, and the very old ones its address alone. A program says nothing of the kind.
fn is_ours(head: &Head, operation: &Operation) -> bool {
    if let Some(site) = head.header("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let page = head.headers.get(header::ORIGIN).or_else(|| head.headers.get(header::REFERER));
    // A browser that says nothing of the kind is older than the console needs, and a program has the API.
    let may_say_nothing = operation.console_of.is_none();
    page.map_or(may_say_nothing, |page| {
        let found = page.to_str().ok().and_then(Host::of_url);
        found.is_some_and(|found| found.is_page_of(&head.host)) || page == NOWHERE && operation.uses_no_cookie
    })
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
