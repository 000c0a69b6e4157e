//! One user: how they stand, what happened to them, and what can be done.

mod timeline;
mod words;

use maud::{Markup, html};

use self::timeline::timeline;
pub use self::timeline::{Event, What};
pub use self::words::Words;
use super::moments::moment;
use super::parts::{Pager, crumbs, curl, foot, icon, id};
use super::shell::{Desk, Place, document};
use super::state::{Stage, Standing};
use crate::address::shown;
use crate::clock::Timestamp;
use crate::language::Language;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct User<'a> {
    /// The id outside.
    pub uid: &'a str,
    /// The address.
    pub email: &'a str,
    /// The name.
    pub name: &'a str,
    /// Where they stand.
    pub standing: Standing,
    /// The open reset, with how far it has come, and until when its link works.
    pub open: Option<Open<'a>>,
    /// What can be done to them, as the reader's rights and their standing allow.
    pub acts: &'a [Act],
    /// Why the reader may do nothing to them.
    pub above: Option<&'a str>,
    /// What happened, the newest first.
    pub events: &'a [Event],
    /// Whether an owner of the tenant.
    pub is_owner: bool,
    /// How they sign in.
    pub way: Way,
    /// Roles by namespace.
    pub roles: &'a [(String, String)],
    /// Whether the reader may open the page of their roles.
    pub may_see_roles: bool,
    /// The groups that they are in.
    pub groups: &'a [String],
    /// Open sessions.
    pub sessions: &'a [Session],
    /// Last successful sign-in.
    pub last_sign_in: Option<Timestamp>,
    /// When created, and by whom.
    pub created: (Timestamp, &'a str),
    /// Since when the address is known to be theirs.
    pub verified_at: Option<Timestamp>,
    /// When the password was set.
    pub password_changed_at: Option<Timestamp>,
    /// Where mail goes while that is not their address.
    pub mail_goes_to: Option<&'a str>,
    /// The call behind the page.
    pub url: &'a str,
}

/// The open reset of a user.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    /// Its id.
    pub id: &'a str,
    /// How far it has come.
    pub stage: Stage,
    /// Until when its link works.
    pub until: Timestamp,
}

/// What can be done to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The password ends, and a link goes out.
    Reset,
    /// They are locked out.
    Disable,
    /// They are let in again.
    Enable,
    /// They are removed.
    Remove,
}

impl Act {
    /// The last part of its path.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Remove => "remove",
        }
    }
}

/// How a user signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a password alone.
    Password,
    /// By a password and a code.
    PasswordAndCode,
    /// Elsewhere.
    SingleSignOn,
}

/// An open session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Where it was last used from.
    pub from: String,
    /// The last request.
    pub seen_at: Timestamp,
}

/// The page of `GET /console/users/{id}`.
pub fn page(desk: &Desk, user: &User) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let title = if user.name.is_empty() { shown(user.email).to_string() } else { user.name.to_owned() };
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Users.path(), words.users())]))
            div class="title" { h1 { bdi { (title) } } (user.standing.chip(language)) }
            p { bdi { (shown(user.email)) } }
            (acts(words, user))
        }
        (standing(words, user))
        div class="two" {
            section class="part" aria-labelledby="tl" {
                h2 #tl { (words.timeline()) }
                (timeline(language, words, user.events))
            }
            div class="aside" { (facts(language, words, user)) (roles(words, user)) (sessions(words, user.sessions)) }
        }
        (foot(language, words.foot(), true, Pager::default()))
        (curl(language, user.url))
    };
    document(desk, &title, &body)
}

fn acts(words: Words, user: &User) -> Markup {
    let path = |act: Act| format!("{}/{}/{}", Place::Users.path(), user.uid, act.word());
    let further: Vec<_> = user.acts.iter().filter(|act| **act != Act::Reset).collect();
    html! {
        div class="acts" {
            @if user.acts.contains(&Act::Reset) {
                a class="primary" href=(path(Act::Reset)) data-key="r" { (words.reset_password()) }
            }
            @if !further.is_empty() {
                button class="button" type="button" popovertarget="acts" aria-label=(words.more_acts()) { (icon("more")) }
                div #acts .menu popover { ul { @for act in further { li { (link(words, *act, &path(*act))) } } } }
            }
        }
    }
}

fn link(words: Words, act: Act, path: &str) -> Markup {
    match act {
        Act::Reset => html! { a href=(path) { (words.reset_password()) } },
        Act::Enable => html! { a href=(path) { (words.enable()) } },
        Act::Disable => html! { a class="bad" href=(path) { (words.disable()) } },
        Act::Remove => html! { a class="bad" href=(path) { (words.remove()) } },
    }
}

/// How things are, and what helps. The first sentence answers why this person cannot sign in.
fn standing(words: Words, user: &User) -> Markup {
    let sentence = match (user.standing, user.open) {
        (Standing::Disabled, _) => Some(("bad", words.is_disabled(), None)),
        (Standing::PasswordDead, None) => Some(("wait", words.dead_without_link(), None)),
        (_, Some(open)) if open.stage == Stage::Held => Some(("wait", words.is_held(), Some(open))),
        (Standing::PasswordDead | Standing::Invited, Some(open)) => Some(("", words.link_is_out(), Some(open))),
        (Standing::Active, Some(open)) => Some(("", words.link_beside_password(), Some(open))),
        (Standing::Invited, None) => Some(("wait", words.invited_without_link(), None)),
        (Standing::Active, None) => None,
    };
    html! {
        @if let Some((tone, sentence, open)) = sentence {
            section class={ "notice " (tone) } aria-labelledby="stand" {
                (icon("resets"))
                div {
                    h2 #stand { (sentence) }
                    @if let Some(open) = open.filter(|open| open.stage != Stage::Held) {
                        p { (words.works_until()) " " (moment(open.until)) }
                    }
                }
                @if let Some(open) = open {
                    div class="acts" { a class="button tight" href={ (Place::Resets.path()) "/" (open.id) } { (words.open_the_reset()) } }
                }
            }
        }
        @if let Some(why) = user.above {
            div class="notice plain" { (icon("policy")) div { p { (words.you_may_not()) } p { (why) } } }
        }
    }
}

fn facts(language: Language, words: Words, user: &User) -> Markup {
    let way = match user.way {
        Way::Password => words.password(),
        Way::PasswordAndCode => words.password_and_code(),
        Way::SingleSignOn => words.single_sign_on(),
    };
    let or_none = |at: Option<Timestamp>| at.map_or_else(|| html! { (words.none()) }, moment);
    html! {
        section class="part" aria-labelledby="facts" {
            h2 #facts { (words.facts()) }
            dl class="facts small" {
                div { dt { (words.signs_in_with()) } dd { (way) } }
                div { dt { (words.password_set()) } dd { (or_none(user.password_changed_at)) } }
                div { dt { (words.last_sign_in()) } dd { (or_none(user.last_sign_in)) } }
                div { dt { (words.address_verified()) } dd { (or_none(user.verified_at)) } }
                @if let Some(former) = user.mail_goes_to { div { dt { (words.mail_goes_to()) } dd { bdi { (former) } } } }
                div { dt { (words.created()) } dd { (moment(user.created.0)) " · " bdi { (user.created.1) } } }
                div { dt { (words.the_id()) } dd { (id(language, user.uid)) } }
            }
        }
    }
}

fn roles(words: Words, user: &User) -> Markup {
    html! {
        section class="part" aria-labelledby="roles" {
            h2 #roles { (words.roles()) }
            @if user.may_see_roles { p { a href={ (Place::Users.path()) "/" (user.uid) "/roles" } { (words.whence_and_change()) } } }
            dl class="facts small" {
                @if user.is_owner { div { dt { (words.tenant()) } dd { (words.owner()) } } }
                @for (namespace, role) in user.roles { div { dt { bdi { (namespace) } } dd { bdi { (role) } } } }
                @if !user.groups.is_empty() { div { dt { (words.groups()) } dd { bdi { (user.groups.join(", ")) } } } }
            }
        }
    }
}

fn sessions(words: Words, sessions: &[Session]) -> Markup {
    html! {
        section class="part" aria-labelledby="sess" {
            h2 #sess { (words.sessions()) }
            @if sessions.is_empty() { p class="quiet" { (words.no_session()) } } @else {
                dl class="facts small" { @for session in sessions { div { dt { code { (session.from) } } dd { (moment(session.seen_at)) } } } }
            }
        }
    }
}
