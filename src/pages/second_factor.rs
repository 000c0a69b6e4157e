//! The pages about a code app: whether there is one, a new one, its recovery codes, and the link that another one needs.
//!
//! The token of the link stands behind `#`, as that of [`super::email`], and the script takes it from there.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::assets::{LINK_SCRIPT, PASSWORD_SCRIPT, TIMES_SCRIPT};
use super::layout::{Document, Site, document, moment};
use super::password::{self, Field};
use super::{code, form, qr, reset};
use crate::clock::Timestamp;

/// Fewer recovery codes than this are few.
const FEW: u32 = 3;

/// A new app.
#[derive(Debug, Clone, Copy)]
pub struct SetUp<'a> {
    /// Where the form with its first code is sent.
    pub action: &'a str,
    /// The secret, in base32.
    pub secret: &'a str,
    /// The same as an address that apps read.
    pub address: &'a str,
    /// Why the code was refused.
    pub problems: &'a [String],
}

/// The page of a new app: the picture, the secret, and the field for its first code.
pub fn set_up(site: &Site, new: &SetUp) -> Markup {
    let (words, shared) = (Words(site.language), form::Words(site.language));
    let body = html! {
        section class="card" {
            h1 { (words.set_up()) }
            (form::problems(site.language, new.problems))
            p class="lead" { (words.scan()) }
            @if let Some(picture) = qr::picture(new.address, words.picture()) { p class="picture" { (picture) } }
            p { (words.type_it()) }
            p class="secret-key" { code { (in_groups(new.secret)) } }
            form method="post" action=(new.action) data-busy=(shared.busy()) {
                (code::field(site.language, !new.problems.is_empty()))
                (form::submit(words.switch_on()))
            }
            p class="note" { (words.not_yet()) }
        }
    };
    document(site, &Document::card(words.set_up(), &[PASSWORD_SCRIPT]), &body)
}

fn in_groups(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The recovery codes, which are shown this once.
pub fn codes(site: &Site, codes: &[String], next: &str) -> Markup {
    let words = Words(site.language);
    let body = html! {
        section class="card" {
            h1 { (words.codes()) }
            p class="success" role="status" { (words.is_on()) }
            p class="lead" { (words.keep_codes()) }
            ul class="codes" { @for one in codes { li { code { (one) } } } }
            p class="note" { (words.shown_once()) }
            a class="primary" href=(next) { (words.kept()) }
        }
    };
    document(site, &Document::card(words.codes(), &[]), &body)
}

/// The page where another app needs the link that was mailed; with a page to go back to for one who is signed in.
pub fn held(site: &Site, back: Option<&str>, problems: &[String]) -> Markup {
    let (words, shared) = (Words(site.language), form::Words(site.language));
    let body = html! {
        section class="card" {
            h1 { (words.held()) }
            (form::problems(site.language, problems))
            p class="lead" { (words.held_what()) }
            form method="post" action="/second-factor/link" data-busy=(shared.busy()) {
                button class="secondary" type="submit" { (words.fresh_link()) }
            }
            p class="note" {
                @match back {
                    Some(back) => a href=(back) { (words.to_account()) },
                    None => a href="/signin" { (shared.to_signin()) },
                }
            }
        }
    };
    document(site, &Document::card(words.held(), &[]), &body)
}

/// The code app of one who is signed in.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// Since when there is one.
    pub since: Option<Timestamp>,
    /// The recovery codes that can still be used.
    pub codes_left: u32,
    /// Whether the tenant requires one.
    pub is_required: bool,
    /// Why what was asked was refused.
    pub problems: &'a [String],
}

/// The page of `GET /account/second-factor`.
pub fn own(site: &Site, own: &Own) -> Markup {
    let words = Words(site.language);
    let body = html! {
        section class="card" {
            h1 { (words.title()) }
            (form::problems(site.language, own.problems))
            @match own.since {
                Some(since) => (on(words, own, since)),
                None => {
                    p class="lead" { (words.off()) }
                    (button("/account/second-factor/begin", "primary", words.set_up()))
                }
            }
            p class="note" { a href="/account" { (words.to_account()) } }
        }
    };
    document(site, &Document::card(words.title(), &[TIMES_SCRIPT]), &body)
}

fn on(words: Words, own: &Own, since: Timestamp) -> Markup {
    html! {
        p class="lead" { (words.on_since()) " " (moment(since)) }
        p { (words.codes_left(own.codes_left)) }
        @if own.codes_left < FEW { p { (words.make_new()) } }
        (button("/account/second-factor/recovery", "secondary", words.renew()))
        (button("/account/second-factor/begin", "secondary", words.replace()))
        @if own.is_required {
            p class="note" { (words.required()) }
        } @else {
            (button("/account/second-factor/remove", "secondary", words.switch_off()))
        }
    }
}

fn button(action: &str, class: &str, label: &str) -> Markup {
    html! { form method="post" action=(action) { button class=(class) type="submit" { (label) } } }
}

/// The page of `GET /second-factor`, and of `POST /second-factor` if it fails: then with the token.
pub fn link(site: &Site, token: &str, problems: &[String]) -> Markup {
    let (words, shared, wrong) = (Words(site.language), form::Words(site.language), !problems.is_empty());
    let of_code = reset::Words(site.language);
    let field = Field {
        name: "password",
        id: "password",
        label: shared.password(),
        autocomplete: "current-password",
        described_by: wrong.then_some("problems"),
        wrong,
    };
    let body = html! {
        section class="card" {
            h1 { (words.by_link()) }
            p class="lead" { (words.by_link_what()) }
            (form::problems(site.language, problems))
            form method="post" action="/second-factor" data-busy=(shared.busy()) {
                div #code .field {
                    label for="token" { (of_code.code()) }
                    input #token type="text" name="token" value=(token) required autocomplete="off" autocapitalize="none"
                        spellcheck="false" aria-invalid=[wrong.then_some("true")]
                        aria-describedby={ @if wrong { "problems " } "code-hint" };
                    p #code-hint .hint { (of_code.code_hint()) }
                }
                (password::field(site.language, &field))
                (form::submit(words.go_on()))
            }
        }
    };
    let scripts = &[PASSWORD_SCRIPT];
    let shell = Document { first_script: Some(LINK_SCRIPT), ..Document::card(words.by_link(), scripts) };
    document(site, &shell, &body)
}
