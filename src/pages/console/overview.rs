//! The first page of the console. It answers one question first: is anything wrong?

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::moments::moment;
use super::shell::{Desk, Place, document};
use super::state::{Stage, chip};
use crate::address::shown;
use crate::clock::Timestamp;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Overview<'a> {
    /// Users of the tenant.
    pub users: u32,
    /// What needs someone.
    pub needs: &'a [Need],
    /// The newest resets.
    pub resets: &'a [Newest],
    /// The newest tries to sign in.
    pub sign_ins: &'a [Try],
}

/// Something that needs someone.
#[derive(Debug, Clone)]
pub enum Need {
    /// An incident that is not at its end.
    Incident {
        /// Its name.
        name: String,
        /// Where it stands.
        state: IncidentState,
        /// Users whose passwords have ended.
        ended: u32,
    },
    /// The relay has refused mails for now.
    RefusedForNow {
        /// So many.
        mails: u32,
        /// Its words for one of them.
        words: String,
    },
    /// A link that has not reached its user.
    Undeliverable {
        /// The reset.
        id: String,
        /// The address.
        email: String,
        /// The relay's words.
        words: String,
    },
}

/// The states of an incident in which somebody may have to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentState {
    /// A second person has to agree.
    Awaiting,
    /// Passwords end.
    Ending,
    /// The mails wait to be released.
    Held,
    /// Mails leave.
    Mailing,
}

/// A reset in a row.
#[derive(Debug, Clone)]
pub struct Newest {
    /// The id.
    pub id: String,
    /// The address of the user.
    pub email: String,
    /// How far it has come.
    pub stage: Stage,
    /// When it was requested.
    pub at: Timestamp,
}

/// A try to sign in.
#[derive(Debug, Clone)]
pub struct Try {
    /// The address of the user.
    pub email: String,
    /// The client's address.
    pub from: String,
    /// Whether a session began.
    pub succeeded: bool,
    /// When.
    pub at: Timestamp,
}

/// The page of `GET /console`.
pub fn page(desk: &Desk, overview: &Overview) -> Markup {
    let words = Words(desk.site.language);
    let body = html! {
        div class="head" {
            div class="title" { h1 { (words.title()) } }
            p { (words.lead()) }
            div class="acts" { a class="primary" href="/console/users" { (words.reset_a_password()) } }
        }
        (needs(words, overview.needs))
        h2 class="unseen" { (words.figures()) }
        dl class="figures" {
            div { dt { (words.users()) } dd { a href="/console/users" { (overview.users) } } }
            div { dt { (words.mails_waiting()) } dd { (desk.pulse.mails) } }
            div { dt { (words.mails_refused()) } dd { (desk.pulse.mails_refused) } }
        }
        (resets(desk, words, overview.resets))
        (sign_ins(words, overview.sign_ins))
        div class="foot" { p { (words.foot()) } }
    };
    document(desk, words.title(), &body)
}

fn needs(words: Words, needs: &[Need]) -> Markup {
    html! {
        section class="part" aria-labelledby="now" {
            h2 #now { (words.needs_someone()) }
            @if needs.is_empty() {
                p class="quiet" { (words.all_is_well()) }
            } @else {
                ul class="attention" { @for need in needs { li { (need_row(words, need)) } } }
            }
        }
    }
}

fn need_row(words: Words, need: &Need) -> Markup {
    match need {
        Need::Incident { name, state, ended } => html! {
            (incident_chip(words, *state))
            p { bdi { b { (name) } } " · " (words.ended(*ended)) }
        },
        Need::RefusedForNow { mails, words: said } => html! {
            (chip("wait", words.mail()))
            p { (words.refused_for_now(*mails)) " " q { (said) } }
        },
        Need::Undeliverable { id, email, words: said } => html! {
            (chip("bad", words.mail()))
            p { a href={ "/console/resets/" (id) } { bdi { (shown(email)) } } " · " (words.refused_for_good()) " " q { (said) } }
        },
    }
}

fn incident_chip(words: Words, state: IncidentState) -> Markup {
    match state {
        IncidentState::Awaiting => chip("wait", words.incident_awaiting()),
        IncidentState::Ending => chip("info", words.incident_ending()),
        IncidentState::Held => chip("wait", words.incident_held()),
        IncidentState::Mailing => chip("info", words.incident_mailing()),
    }
}

fn resets(desk: &Desk, words: Words, resets: &[Newest]) -> Markup {
    html! {
        section class="part" aria-labelledby="newest" {
            div class="between" { h2 #newest { (words.newest_resets()) } a href=(Place::Resets.path()) { (words.all_of_them()) } }
            @if resets.is_empty() { p class="quiet" { (words.no_reset()) } } @else {
                table class="mini" {
                    caption class="unseen" { (words.newest_resets()) }
                    tbody { @for reset in resets { tr {
                        th scope="row" { a href={ "/console/resets/" (reset.id) } { bdi { (shown(&reset.email)) } } }
                        td { (reset.stage.shown(desk.site.language)) }
                        td class="number quiet" { (moment(reset.at)) }
                    } } }
                }
            }
        }
    }
}

fn sign_ins(words: Words, tries: &[Try]) -> Markup {
    html! {
        section class="part" aria-labelledby="tries" {
            h2 #tries { (words.newest_sign_ins()) }
            @if tries.is_empty() { p class="quiet" { (words.no_sign_in()) } } @else {
                table class="mini" {
                    caption class="unseen" { (words.newest_sign_ins()) }
                    tbody { @for one in tries { tr {
                        th scope="row" { bdi { (shown(&one.email)) } }
                        td { (if one.succeeded { chip("good", words.succeeded()) } else { chip("bad", words.refused()) }) }
                        td { code class="quiet" { (one.from) } }
                        td class="number quiet" { (moment(one.at)) }
                    } } }
                }
            }
        }
    }
}
