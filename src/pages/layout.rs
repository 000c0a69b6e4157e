//! The shell around every page.

use maud::{DOCTYPE, Markup, html};

use super::{accent, assets};
use crate::clock::Timestamp;
use crate::identity::Tenant;
use crate::language::Language;

/// A longer name would push the form off the screen.
const NAME_CHARACTERS_MAX: usize = 80;

/// The facts that every page needs about its site.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The language of all texts.
    pub language: Language,
    /// The tenant's display name.
    pub tenant: &'a str,
    /// The tenant's logo: a path on this host or a `data:` URL. The policy blocks anything else.
    pub logo_url: Option<&'a str>,
    /// The tenant's colour of buttons and links, as `#rrggbb`.
    pub colour: Option<&'a str>,
    /// Whether the site is a tenant's, so that there are accounts.
    pub has_accounts: bool,
}

impl<'a> Site<'a> {
    /// The site of a tenant, or of the product if the tenant is unknown.
    pub fn of(language: Language, tenant: Option<&'a Tenant>) -> Self {
        let name = tenant.map_or("Tenantry", |tenant| match tenant.settings.brand.display_name.as_str() {
            "" => tenant.name.as_str(),
            name => name,
        });
        let brand = tenant.map(|tenant| &tenant.settings.brand);
        Self {
            language,
            tenant: name,
            logo_url: brand.and_then(|brand| brand.logo.as_deref()),
            colour: brand.and_then(|brand| brand.colour.as_deref()),
            has_accounts: tenant.is_some(),
        }
    }
}

/// The width of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// One form.
    Card,
    /// Tables and mails.
    Wide,
}

pub(super) struct Document<'a> {
    pub title: &'a str,
    pub width: Width,
    /// Loaded before anything is drawn; only for work that must not wait.
    pub first_script: Option<&'a str>,
    pub scripts: &'a [&'a str],
}

impl<'a> Document<'a> {
    pub fn card(title: &'a str, scripts: &'a [&'a str]) -> Self {
        Self { title, width: Width::Card, first_script: None, scripts }
    }

    pub fn wide(title: &'a str, scripts: &'a [&'a str]) -> Self {
        Self { title, width: Width::Wide, first_script: None, scripts }
    }
}

pub(super) fn document(site: &Site, document: &Document, body: &Markup) -> Markup {
    let tenant = shortened(site.tenant);
    html! {
        (DOCTYPE)
        html lang=(site.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                title { (document.title) " · " (tenant) }
                @if let Some(script) = document.first_script {
                    script src=(script) {}
                }
                link rel="stylesheet" href=(assets::STYLESHEET);
                @if let Some(path) = site.colour.and_then(accent::path) {
                    link rel="stylesheet" href=(path);
                }
                (icon_link(site))
                @for script in document.scripts {
                    script src=(script) defer {}
                }
            }
            body {
                header class=(column(document.width)) { (brand(site, &tenant)) }
                main class=(column(document.width)) { (body) }
            }
        }
    }
}

/// The tenant's own picture in the browser's tab too. One that stands in the page itself is not sent twice.
pub(super) fn icon_link(site: &Site) -> Markup {
    match site.logo_url.filter(|logo| logo.starts_with('/')) {
        Some(logo) => html! { link rel="icon" href=(logo); },
        None => html! { link rel="icon" type="image/svg+xml" href=(assets::ICON); },
    }
}

fn column(width: Width) -> &'static str {
    match width {
        Width::Card => "column",
        Width::Wide => "column wide",
    }
}

fn brand(site: &Site, tenant: &str) -> Markup {
    html! {
        p class="brand" {
            @if let Some(logo) = site.logo_url {
                img src=(logo) alt=(tenant);
            } @else {
                span class="monogram" aria-hidden="true" { (monogram(tenant)) }
                bdi { (tenant) }
            }
        }
    }
}

pub(super) fn monogram(tenant: &str) -> String {
    tenant
        .chars()
        .find(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_uppercase().collect())
        .unwrap_or_default()
}

pub(super) fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// A time, sent in UTC; the script rewrites it in the reader's time zone and format.
pub(super) fn moment(at: Timestamp) -> Markup {
    let written = at.to_string();
    html! {
        time datetime=(written) { (written.get(..10).unwrap_or_default()) " " (written.get(11..16).unwrap_or_default()) " UTC" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let cut = shortened(&"é".repeat(10_000));
        assert_eq!(cut.chars().count(), NAME_CHARACTERS_MAX + 1);
        assert_eq!(shortened("Example Corp"), "Example Corp");
    }

    #[test]
    fn a_moment_reads_well_without_script() {
        let markup = moment(Timestamp(1_772_615_727_004_211)).into_string();
        assert_eq!(markup, r#"<time datetime="2026-03-04T09:15:27.004211Z">2026-03-04 09:15 UTC</time>"#);
    }
}
