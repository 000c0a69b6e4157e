//! One token, a new one, and what is done with one.

use maud::{Markup, html};

use super::super::fields::{Field, field, ticks};
use super::super::moments::{day, moment};
use super::super::parts::{self, Pager, crumbs, curl, encoded, foot, icon, refusal};
use super::super::shell::{Desk, Place, document};
use super::super::sure::{Sure, sure};
use super::{State, Words};
use crate::address::shown;
use crate::clock::Timestamp;

/// The content of the page of one token.
#[derive(Debug, Clone, Copy)]
pub struct One<'a> {
    /// The name.
    pub name: &'a str,
    /// Where it stands.
    pub state: State,
    /// The address of its user.
    pub owner: &'a str,
    /// The id outside of its user, where the reader may look at users.
    pub owner_uid: Option<&'a str>,
    /// When it was made, and by whom.
    pub made: (Timestamp, &'a str),
    /// When it ends.
    pub ends_at: Timestamp,
    /// The API groups, namespaces and networks that it is narrowed to; an empty list where it is not.
    pub narrowed: [&'a [String]; 3],
    /// Whether the reader may change it.
    pub may_change: bool,
    /// The most days of life that the tenant allows.
    pub days_max: i64,
    /// What was typed for its new life, in days.
    pub days: &'a str,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
    /// The call behind the page.
    pub url: &'a str,
}

impl One<'_> {
    fn path(&self) -> String {
        format!("{}/{}", Place::Credentials.path(), encoded(self.name))
    }
}

/// The page of `GET /console/credentials/{name}`.
pub fn one(desk: &Desk, one: &One) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Credentials.path(), words.title())]))
            div class="title" { h1 { bdi { (one.name) } } (one.state.chip(words)) }
            @if one.may_change { (acts(words, one)) }
        }
        (refusal(one.refused))
        section class="part prose" aria-labelledby="facts" {
            h2 #facts { (words.facts()) }
            (facts(words, one))
        }
        (foot(language, words.foot(), true, Pager::default()))
        (curl(language, one.url))
    };
    document(desk, one.name, &body)
}

fn acts(words: Words, one: &One) -> Markup {
    let (path, is_off) = (one.path(), one.state == State::Off);
    html! {
        div class="acts" {
            form method="post" action={ (path) "/activate" } {
                input type="hidden" name="active" value=(is_off);
                button class="button" type="submit" { @if is_off { (words.switch_on()) } @else { (words.switch_off()) } }
            }
            a class="button warns" href={ (path) "/revoke" } { (words.revoke_it()) }
            a class="primary" href={ (path) "/renew" } { (words.renew_it()) }
        }
    }
}

fn facts(words: Words, one: &One) -> Markup {
    let names = [words.api_groups(), words.namespaces(), words.networks()];
    html! {
        dl class="facts" {
            div {
                dt { (words.owner()) }
                dd {
                    @match one.owner_uid {
                        Some(uid) => a href={ (Place::Users.path()) "/" (uid) } { bdi { (shown(one.owner)) } },
                        None => bdi { (shown(one.owner)) },
                    }
                }
            }
            div { dt { (words.made_at()) } dd { (moment(one.made.0)) " · " bdi { (one.made.1) } } }
            div { dt { (words.ends()) } dd { (day(one.ends_at)) } }
            @if one.narrowed.iter().all(|list| list.is_empty()) { div { dt { (words.may_do()) } dd { (words.all_of_its_user()) } } }
            @for (name, list) in names.iter().zip(one.narrowed).filter(|(_, list)| !list.is_empty()) {
                div { dt { (name) } dd { bdi { (list.join(", ")) } } }
            }
        }
    }
}

/// What stands in the form for a new token.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The id of this form, by which it makes one token and no second one.
    pub form: &'a str,
    /// The name that was typed.
    pub name: &'a str,
    /// The days that were typed.
    pub days: &'a str,
    /// The most days that the tenant allows.
    pub days_max: i64,
    /// The API groups, and which are ticked.
    pub groups: &'a [(String, bool)],
    /// The namespaces that were typed.
    pub namespaces: &'a str,
    /// The networks that were typed.
    pub networks: &'a str,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
}

/// The page of `GET /console/credentials/new`, and of its `POST` where that is refused.
pub fn new(desk: &Desk, new: &New) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let days_hint = words.days_hint(u32::try_from(new.days_max).unwrap_or(u32::MAX));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Credentials.path(), words.title())]))
            div class="title" { h1 { (words.make()) } }
            p { (words.new_says()) }
        }
        (refusal(new.refused))
        form class="part prose stack" method="post" action={ (Place::Credentials.path()) "/new" } {
            input type="hidden" name="form" value=(new.form);
            (field(language, Field { hint: words.name_hint(), value: new.name, length_max: 54, ..Field::text("name", words.name()) }))
            (field(language, Field { hint: &days_hint, value: new.days, length_max: 6, ..Field::text("days", words.days()) }))
            h2 { (words.narrow_it()) }
            (ticks(words.api_groups(), words.api_groups_hint(), new.groups))
            (field(language, Field { hint: words.namespaces_hint(), value: new.namespaces, is_optional: true, length_max: 4000, ..Field::text("namespaces", words.namespaces()) }))
            (field(language, Field { hint: words.networks_hint(), value: new.networks, is_optional: true, length_max: 4000, ..Field::text("networks", words.networks()) }))
            div class="row" {
                button class="primary" type="submit" { (words.make()) }
                a class="bare" href=(Place::Credentials.path()) { (parts::Words(language).leave_it()) }
            }
        }
    };
    document(desk, words.make(), &body)
}

/// A token on the one page that shows it.
#[derive(Debug, Clone, Copy)]
pub struct Once<'a> {
    /// Its name.
    pub name: &'a str,
    /// The token itself.
    pub token: &'a str,
    /// When it ends.
    pub ends_at: Timestamp,
    /// A call that tells whether it works.
    pub url: &'a str,
}

/// The answer to `POST /console/credentials/new`.
pub fn made(desk: &Desk, made: &Once) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let shared = parts::Words(language);
    let path = format!("{}/{}", Place::Credentials.path(), encoded(made.name));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Credentials.path(), words.title())]))
            div class="title" { h1 { bdi { (made.name) } } }
        }
        section class="notice good" aria-labelledby="copyit" role="status" {
            (icon("credentials"))
            div { h2 #copyit { (words.copy_it_now()) } p { (words.only_its_hash()) } }
        }
        div class="part prose stack" {
            div class="field" { h2 { (words.token()) } pre #token .code { (made.token) } }
            div class="row" {
                button class="primary" type="button" hidden data-copy="token" data-copied=(shared.copied()) { (icon("copy")) (shared.copy()) }
                a class="button" href=(path) { (words.i_have_it()) }
            }
            div class="field" {
                h2 { (words.try_it()) }
                pre class="code" { "curl --header \"Authorization: APIToken $TOKEN\" \\\n  '" (made.url) "'" }
            }
            dl class="facts" { div { dt { (words.ends()) } dd { (day(made.ends_at)) } } }
        }
    };
    document(desk, made.name, &body)
}

/// The page of `GET /console/credentials/{name}/renew`, and of its `POST` where that is refused.
pub fn renew(desk: &Desk, one: &One) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let (path, days_hint) = (one.path(), words.days_hint(u32::try_from(one.days_max).unwrap_or(u32::MAX)));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Credentials.path(), words.title()), (&path, one.name)]))
            div class="title" { h1 { (words.renew_title()) } }
            p { (words.renew_says()) }
        }
        (refusal(one.refused))
        form class="part prose stack" method="post" action={ (path) "/renew" } {
            dl class="facts" { div { dt { (words.ends()) } dd { (day(one.ends_at)) } } }
            (field(language, Field { hint: &days_hint, value: one.days, length_max: 6, ..Field::text("days", words.days()) }))
            div class="row" {
                button class="primary" type="submit" { (words.renew()) }
                a class="bare" href=(path) { (parts::Words(language).leave_it()) }
            }
        }
    };
    document(desk, words.renew_title(), &body)
}

/// The page of `GET /console/credentials/{name}/revoke`, and of its `POST` where that is refused.
pub fn revoke(desk: &Desk, one: &One) -> Markup {
    let (words, path) = (Words(desk.site.language), one.path());
    let content = Sure {
        title: words.revoke_title(),
        subject: one.name,
        above: &[(Place::Credentials.path(), words.title()), (&path, one.name)],
        at_once: words.revoked_at_once(),
        stays: words.revoked_stays(),
        action: &format!("{path}/revoke"),
        fields: &[],
        button: words.revoke(),
        refused: one.refused,
    };
    sure(desk, &content)
}
