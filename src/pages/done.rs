//! The last page of each process.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::layout::{Document, Site, document};
use super::{form, signin};

/// The page after a successful `POST /reset`.
pub fn password_changed(site: &Site) -> Markup {
    let (words, signin) = (Words(site.language), signin::Words(site.language));
    let body = html! {
        section class="card" {
            (mark("done"))
            h1 { (words.changed()) }
            p class="lead" { (words.changed_next()) }
            a class="primary" href="/signin" { (signin.title()) }
            p class="note" { (words.not_you()) }
        }
    };
    document(site, &Document::card(words.changed(), &[]), &body)
}

/// The page after a link's form was sent a second time: this time it changed nothing.
pub fn changed_before(site: &Site) -> Markup {
    let (words, signin) = (Words(site.language), signin::Words(site.language));
    let body = html! {
        section class="card" {
            (mark("done"))
            h1 { (words.changed_before()) }
            p class="lead" { (words.changed_before_next()) }
            a class="primary" href="/signin" { (signin.title()) }
            p class="note" { a href="/forgot" { (signin.forgot()) } }
        }
    };
    document(site, &Document::card(words.changed_before(), &[]), &body)
}

/// The one answer to every request for a link, whether the address is known or not.
pub fn mail_on_its_way(site: &Site) -> Markup {
    let (words, shared) = (Words(site.language), form::Words(site.language));
    let body = html! {
        section class="card" {
            (mark("mail"))
            h1 { (words.sent()) }
            p class="lead" { (words.sent_what()) }
            p { (words.nothing_there()) }
            p class="note" { a href="/signin" { (shared.to_signin()) } }
        }
    };
    document(site, &Document::card(words.sent(), &[]), &body)
}

/// The page after a new address was confirmed.
pub fn address_changed(site: &Site) -> Markup {
    let (words, signin) = (Words(site.language), signin::Words(site.language));
    let body = html! {
        section class="card" {
            (mark("done"))
            h1 { (words.address_changed()) }
            p class="lead" { (words.address_changed_next()) }
            a class="primary" href="/signin" { (signin.title()) }
            p class="note" { a href="/forgot" { (signin.forgot()) } }
        }
    };
    document(site, &Document::card(words.address_changed(), &[]), &body)
}

/// The page after `POST /signout`.
pub fn signed_out(site: &Site) -> Markup {
    let (words, signin) = (Words(site.language), signin::Words(site.language));
    let body = html! {
        section class="card" {
            (mark("done"))
            h1 { (words.signed_out()) }
            p class="lead" { (words.signed_out_next()) }
            a class="primary" href="/signin" { (signin.title()) }
        }
    };
    document(site, &Document::card(words.signed_out(), &[]), &body)
}

fn mark(which: &str) -> Markup {
    let drawing = match which {
        "mail" => "M3 6.5h18v12H3zM3.5 7l8.5 6.5L20.500 7",
        _ => "M5 12.500l4.500 4.500L19 7.500",
    };
    html! {
        svg class={ "mark " (which) } viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false" {
            path d=(drawing) {}
        }
    }
}
