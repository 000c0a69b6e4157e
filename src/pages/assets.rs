//! The files that pages load: one stylesheet, our own scripts, the icon. They are in the binary.

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
    pub body: &'static str,
    /// A strong validator with its quotes (RFC 9110 § 8.8.3). With `Cache-Control: no-cache` a browser asks
    /// each time and gets 304, so that a new release never meets an old script.
    pub etag: String,
}

/// The stylesheet of every page.
pub const STYLESHEET: &str = "/assets/tenantry.css";
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

static ALL: LazyLock<[Asset; 6]> = LazyLock::new(|| {
    [
        asset(STYLESHEET, CSS, include_str!("assets/tenantry.css")),
        asset(RESET_SCRIPT, JAVASCRIPT, include_str!("assets/reset.js")),
        asset(LINK_SCRIPT, JAVASCRIPT, include_str!("assets/link.js")),
        asset(PASSWORD_SCRIPT, JAVASCRIPT, include_str!("assets/password.js")),
        asset(TIMES_SCRIPT, JAVASCRIPT, include_str!("assets/times.js")),
        asset(ICON, SVG, include_str!("assets/icon.svg")),
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

fn asset(path: &'static str, content_type: &'static str, body: &'static str) -> Asset {
    let mut etag = String::from("\"");
    for byte in &Sha256::digest(body)[..16] {
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
    fn no_file_loads_anything_from_elsewhere() {
        for asset in all() {
            let own = asset.body.replace("http://www.w3.org/2000/svg", "");
            assert!(!own.contains("://"), "{} names another place", asset.path);
            assert!(!own.contains("@import"), "{} imports", asset.path);
            assert!(!own.contains("innerHTML"), "{} writes markup", asset.path);
        }
    }
}
