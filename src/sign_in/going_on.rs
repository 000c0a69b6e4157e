//! Where a browser goes on to once it is signed in: to its account, or back to the page of the console from which it was sent
//! here. That page waits in a cookie, since a sign-in may take several steps.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header;

use super::SignIn;
use super::api::header_value;
use crate::error::Result;
use crate::http::{Answer, Call, is_in_console};
use crate::text;

/// The page of one's own account.
pub(super) const USUAL: &str = "/account";
/// Longer than a sign-in takes.
const SECONDS: u32 = 900;

fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-tenantry-to" } else { "tenantry-to" }
}

/// The page that the query asks for, if it is one of the console.
///
/// # Errors
/// `Invalid` for what no text may hold.
pub(super) fn asked(call: &Call) -> Result<Option<String>> {
    let asked = call.query("to");
    text::check("to", asked.as_deref().unwrap_or_default())?;
    Ok(asked.filter(|place| is_in_console(place)))
}

/// Lets the browser keep the page.
pub(super) fn keep(parts: &SignIn, answer: Answer, place: &str) -> Result<Answer> {
    let (name, value, secure) = (name(parts.is_https), URL_SAFE_NO_PAD.encode(place), secure(parts));
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={SECONDS}{secure}");
    Ok(answer.with(header::SET_COOKIE, header_value(&cookie)?))
}

/// The page to go on to.
pub(super) fn place(parts: &SignIn, call: &Call) -> String {
    let kept = call.head.cookies(name(parts.is_https)).find_map(|value| {
        let place = String::from_utf8(URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
        is_in_console(&place).then_some(place)
    });
    kept.unwrap_or_else(|| USUAL.into())
}

/// Sends a browser on that has just been signed in; what it kept ends.
pub(super) fn go_on(parts: &SignIn, call: &Call) -> Result<Answer> {
    let place = place(parts, call);
    let answer = Answer::see_at(&place)?;
    if place == USUAL { Ok(answer) } else { forget(parts, answer) }
}

/// Takes the page back that the browser keeps.
pub(super) fn forget(parts: &SignIn, answer: Answer) -> Result<Answer> {
    let cookie = format!("{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{}", name(parts.is_https), secure(parts));
    Ok(answer.with(header::SET_COOKIE, header_value(&cookie)?))
}

fn secure(parts: &SignIn) -> &'static str {
    if parts.is_https { "; Secure" } else { "" }
}
