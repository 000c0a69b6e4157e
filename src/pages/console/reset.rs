//! One reset: how far it is, what the relay said, and what helps if the mail does not arrive.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::moments::moment;
use super::parts::{Pager, crumbs, curl, foot, id, refusal};
use super::shell::{Desk, Place, document};
use super::state::{Stage, chip};
use crate::address::shown;
use crate::clock::Timestamp;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Reset<'a> {
    /// The id.
    pub id: &'a str,
    /// The address of the user at that time.
    pub email: &'a str,
    /// The id outside of the user, if they are still there.
    pub uid: Option<&'a str>,
    /// How far it has come.
    pub stage: Stage,
    /// Whether the request ended the password.
    pub ended_password: bool,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// By whom, and from which address.
    pub requested_by: (&'a str, &'a str),
    /// When the relay took the mail.
    pub mailed_at: Option<Timestamp>,
    /// When the relay refused it for good.
    pub undeliverable_at: Option<Timestamp>,
    /// The relay's last words.
    pub relay_words: Option<&'a str>,
    /// When the page of the link was opened.
    pub opened_at: Option<Timestamp>,
    /// When a password was chosen by it.
    pub redeemed_at: Option<Timestamp>,
    /// Until when the link works.
    pub expires_at: Timestamp,
    /// Whether it can be mailed again.
    pub may_resend: bool,
    /// Whether it can be cancelled.
    pub may_cancel: bool,
    /// Whether an incident has begun it.
    pub of_incident: bool,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
    /// The call behind the page.
    pub url: &'a str,
}

/// The page of `GET /console/resets/{id}`.
pub fn page(desk: &Desk, reset: &Reset) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let is_open = matches!(reset.stage, Stage::Requested | Stage::Mailed | Stage::Opened);
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Resets.path(), words.resets())]))
            div class="title" { h1 { (words.title()) } (chip(reset.stage.tone(), reset.stage.name(language))) }
            p { bdi { (shown(reset.email)) } @if is_open { " · " (words.works_until()) " " (moment(reset.expires_at)) } }
            (acts(words, reset))
        }
        (refusal(reset.refused))
        section class="part" aria-labelledby="far" {
            h2 #far .unseen { (words.how_far()) }
            (stages(words, reset))
        }
        div class="two" {
            section class="part" aria-labelledby="help" {
                h2 #help { (words.if_it_does_not_arrive()) }
                ul class="stack small" {
                    @if let Some(said) = reset.relay_words { li { (words.relay_said()) " " code { (said) } } }
                    li { (words.user_can_ask()) }
                    li { (words.same_link()) }
                }
            }
            div class="aside" { (facts(language, words, reset)) }
        }
        (foot(language, words.foot(), true, Pager::default()))
        (curl(language, reset.url))
    };
    document(desk, words.title(), &body)
}

fn acts(words: Words, reset: &Reset) -> Markup {
    let path = |word: &str| format!("{}/{}/{word}", Place::Resets.path(), reset.id);
    html! {
        div class="acts" {
            @if reset.may_cancel {
                form method="post" action=(path("cancel")) { button class="button warns" type="submit" { (words.cancel()) } }
            }
            @if reset.may_resend {
                form method="post" action=(path("resend")) { button class="primary" type="submit" { (words.mail_again()) } }
            }
        }
    }
}

fn stages(words: Words, reset: &Reset) -> Markup {
    let first = if reset.ended_password { words.dead() } else { words.asked_for() };
    let mailed = match (reset.mailed_at, reset.undeliverable_at) {
        (_, Some(at)) => ("stop", Some(at)),
        (Some(at), None) => ("on", Some(at)),
        (None, None) => ("", None),
    };
    let step = |at: Option<Timestamp>| (if at.is_some() { "on" } else { "" }, at);
    let all = [
        (first, ("on", Some(reset.requested_at))),
        (words.mailed(), mailed),
        (words.opened(), step(reset.opened_at)),
        (words.redeemed(), step(reset.redeemed_at)),
    ];
    html! {
        ol class="stages" {
            @for (name, (class, at)) in all {
                li class=(if reset.redeemed_at.is_some() { "done" } else { class }) {
                    h3 { (name) }
                    p { @match at { Some(at) => (moment(at)), None => span class="quiet" { (words.not_yet()) } } }
                }
            }
        }
    }
}

fn facts(language: crate::language::Language, words: Words, reset: &Reset) -> Markup {
    let (by, from) = reset.requested_by;
    html! {
        section class="part" aria-labelledby="facts" {
            h2 #facts { (words.facts()) }
            dl class="facts small" {
                div {
                    dt { (words.user()) }
                    dd {
                        @if let Some(uid) = reset.uid { a href={ (Place::Users.path()) "/" (uid) } { bdi { (shown(reset.email)) } } }
                        @else { bdi { (shown(reset.email)) } " · " (words.is_gone()) }
                    }
                }
                div { dt { (words.requested_by()) } dd { bdi { (by) } " · " code { (from) } } }
                @if reset.of_incident { div { dt { (words.kind()) } dd { (words.by_an_incident()) } } }
                div { dt { (words.the_link()) } dd { (words.nobody_sees_it()) } }
                div { dt { (words.the_id()) } dd { (id(language, reset.id)) } }
            }
        }
    }
}
