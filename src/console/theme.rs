//! Light or dark, as the reader has chosen. It stays in the browser, in a cookie that grants nothing.

use http::header::{self, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Console, NOT_YET};
use crate::error::{Error, Result};
use crate::http::{Answer, Call, Operation, Success, bind_body, is_in_console};
use crate::pages::console::Theme;

const COOKIE: &str = "tenantry-theme";
/// The longest that browsers keep a cookie (RFC 6265bis § 5.5).
const MAX_AGE_SECONDS: u32 = 400 * 24 * 3600;

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::post("/console/theme", NOT_YET, bind_body(console, choose))
            .id("tenantry.console.theme")
            .console("ves.io.schema.user.CustomAPI.Get")
            .answers(&[Success::see()])
            .summary("Light or dark, for this browser."),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConsoleTheme")]
struct Choice {
    /// `system`, `light` or `dark`.
    theme: String,
    /// The page to come back to.
    #[serde(default)]
    back: String,
}

/// What the browser has been told to use.
pub(super) fn chosen(call: &Call) -> Theme {
    call.head.cookies(COOKIE).find_map(read).unwrap_or_default()
}

fn read(word: &str) -> Option<Theme> {
    Theme::ALL.into_iter().find(|theme| theme.word() == word)
}

async fn choose(console: Console, _: Call, choice: Choice) -> Result<Answer> {
    let theme = read(&choice.theme).ok_or_else(|| Error::invalid("Field theme must be system, light or dark."))?;
    let secure = if console.is_https { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={MAX_AGE_SECONDS}{secure}", theme.word());
    let back = Some(choice.back.as_str()).filter(|back| is_in_console(back)).unwrap_or("/console");
    Ok(Answer::see_at(back)?.with(header::SET_COOKIE, HeaderValue::from_str(&cookie).map_err(Error::internal)?))
}
