//! What happens when you do: the page before an act that ends something, other than those on one user.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::parts::{self, crumbs, refusal};
use super::shell::{Desk, document};

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sure<'a> {
    pub(super) title: &'a str,
    /// What it is done to.
    pub(super) subject: &'a str,
    /// The pages above this one; the last one is the way out.
    pub(super) above: &'a [(&'a str, &'a str)],
    /// What happens at once.
    pub(super) at_once: &'a str,
    /// What stays.
    pub(super) stays: &'a str,
    pub(super) action: &'a str,
    /// What the form holds beside its button.
    pub(super) fields: &'a [(&'a str, &'a str)],
    pub(super) button: &'a str,
    /// Why the last attempt was refused.
    pub(super) refused: Option<&'a str>,
}

/// The page.
pub(super) fn sure(desk: &Desk, sure: &Sure) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let back = sure.above.last().map_or("/console", |(path, _)| path);
    let body = html! {
        div class="head" {
            (crumbs(language, sure.above))
            div class="title" { h1 { (sure.title) } }
            p { bdi { (sure.subject) } }
        }
        (refusal(sure.refused))
        form class="part prose stack" method="post" action=(sure.action) {
            h2 { (words.what_happens()) }
            dl class="facts" {
                div { dt { (words.at_once()) } dd { (sure.at_once) } }
                div { dt { (words.stays()) } dd { (sure.stays) } }
            }
            @for (name, value) in sure.fields { input type="hidden" name=(name) value=(value); }
            div class="row" {
                button class="danger" type="submit" autofocus[sure.refused.is_none()] { (sure.button) }
                a class="bare" href=(back) { (parts::Words(language).leave_it()) }
            }
        }
    };
    document(desk, sure.title, &body)
}
