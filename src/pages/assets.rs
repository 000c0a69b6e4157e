//! The files that pages load: one stylesheet, our own scripts, the icon. They are in the binary.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// Its path.
    pub path: &'static str,
    /// For `Content-Type`; send `X-Content-Type-Options: nosniff` with it.
    pub content_type: &'static str,
    /// The content.
    pub body: Cow<'static, str>,
    /// A strong validator with its quotes (RFC 9110 § 8.8.3). With `Cache-Control: no-cache` a browser asks
    /// each time and gets 304, so that a new release never meets an old script.
    pub etag: String,
}

/// The stylesheet of every page.
pub const STYLESHEET: &str = "/assets/tenantry.css";
/// The stylesheet of the console.
pub const CONSOLE_STYLESHEET: &str = "/assets/console.css";
/// The script of the console, for comfort alone.
pub const CONSOLE_SCRIPT: &str = "/assets/console.js";
/// The icon in the browser's tab.
pub const ICON: &str = "/assets/icon.svg";
/// Takes the token out of the page's address; see [`super::reset`].
pub const RESET_SCRIPT: &str = "/assets/reset.js";
/// The same for [`super::email`] and [`super::second_factor`].
pub const LINK_SCRIPT: &str = "/assets/link.js";
/// Shows and hides passwords, ticks off the rules, draws the strength.
pub const PASSWORD_SCRIPT: &str = "/assets/password.js";
/// Rewrites times in the reader's own time zone.
pub const TIMES_SCRIPT: &str = "/assets/times.js";

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// The stylesheet of the console, what others build on first.
const CONSOLE_PARTS: [&str; 18] = [
    include_str!("assets/console/tokens.css"),
    include_str!("assets/console/ground.css"),
    include_str!("assets/console/icons.css"),
    include_str!("assets/console/shell.css"),
    include_str!("assets/console/head.css"),
    include_str!("assets/console/forms.css"),
    include_str!("assets/console/states.css"),
    include_str!("assets/console/lists.css"),
    include_str!("assets/console/panels.css"),
    include_str!("assets/console/facts.css"),
    include_str!("assets/console/overview.css"),
    include_str!("assets/console/timeline.css"),
    include_str!("assets/console/log.css"),
    include_str!("assets/console/stages.css"),
    include_str!("assets/console/matrix.css"),
    include_str!("assets/console/narrow.css"),
    include_str!("assets/console/phone.css"),
    include_str!("assets/console/media.css"),
];

static ALL: LazyLock<[Asset; 8]> = LazyLock::new(|| {
    [
        asset(STYLESHEET, CSS, include_str!("assets/tenantry.css")),
        asset(RESET_SCRIPT, JAVASCRIPT, include_str!("assets/reset.js")),
        asset(LINK_SCRIPT, JAVASCRIPT, include_str!("assets/link.js")),
        asset(PASSWORD_SCRIPT, JAVASCRIPT, include_str!("assets/password.js")),
        asset(TIMES_SCRIPT, JAVASCRIPT, include_str!("assets/times.js")),
        asset(ICON, SVG, include_str!("assets/icon.svg")),
        asset(CONSOLE_STYLESHEET, CSS, squeezed(&CONSOLE_PARTS.concat())),
        asset(CONSOLE_SCRIPT, JAVASCRIPT, include_str!("assets/console/console.js")),
    ]
});

/// Every embedded file.
pub fn all() -> &'static [Asset] {
    &*ALL
}

/// The file at `path`.
pub fn find(path: &str) -> Option<&'static Asset> {
    all().iter().find(|asset| asset.path == path)
}

/// The same rules without comments, indentation and empty lines.
fn squeezed(stylesheet: &str) -> String {
    let mut left = String::with_capacity(stylesheet.len());
    let mut rest = stylesheet;
    while let Some((before, behind)) = rest.split_once("/*") {
        left.push_str(before);
        rest = behind.split_once("*/").map_or("", |(_, behind)| behind);
    }
    left.push_str(rest);
    left.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn asset(path: &'static str, content_type: &'static str, body: impl Into<Cow<'static, str>>) -> Asset {
    let (body, mut etag) = (body.into(), String::from("\""));
    for byte in &Sha256::digest(body.as_bytes())[..16] {
        write!(etag, "{byte:02x}").expect("a String takes every write");
    }
    etag.push('"');
    Asset { path, content_type, body, etag }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_and_has_its_own_validator() {
        for asset in all() {
            assert_eq!(find(asset.path).unwrap().etag, asset.etag);
            assert_eq!(asset.etag.len(), 34);
            assert_eq!(all().iter().filter(|other| other.etag == asset.etag).count(), 1);
        }
        assert!(find("/assets/../mod.rs").is_none());
    }

    #[test]
    fn a_squeezed_stylesheet_has_the_same_rules() {
        assert_eq!(
            squeezed("/* a */\n.b {\n  color: red; /* c */\n}\n\n.d { e: f }"),
            ".b {\ncolor: red;\n}\n.d { e: f }"
        );
        let squeezed = squeezed(&CONSOLE_PARTS.concat());
        assert_eq!(squeezed.matches('{').count(), CONSOLE_PARTS.concat().matches('{').count());
        assert_eq!(squeezed.matches('{').count(), squeezed.matches('}').count());
        assert!(!squeezed.contains("/*"));
    }

    /// What a browser loads for the first page of the console, beside the page itself.
    #[test]
    fn the_console_weighs_no_more_than_it_may() {
        let weight = |path: &str| find(path).unwrap().body.len();
        assert!(weight(CONSOLE_STYLESHEET) <= 46 * 1024, "{}", weight(CONSOLE_STYLESHEET));
        assert!(weight(CONSOLE_SCRIPT) <= 8 * 1024, "{}", weight(CONSOLE_SCRIPT));
    }

    #[test]
    fn no_file_loads_anything_from_elsewhere() {
        for asset in all() {
            let own = asset.body.replace("http://www.w3.org/2000/svg", "");
            assert!(!own.contains("://"), "{} names another place", asset.path);
            assert!(!own.contains("@import"), "{} imports", asset.path);
            assert!(!own.contains("innerHTML"), "{} writes markup", asset.path);
        }
    }
}
