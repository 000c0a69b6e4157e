//! What happened to a user, the newest first.

use maud::{Markup, html};

use super::Words;
use crate::clock::Timestamp;
use crate::language::Language;
use crate::pages::console::moments::{day, time_of_day};
use crate::pages::console::shell::Place;
use crate::pages::console::state::Stage;

/// Something that happened to a user.
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum What {
    /// A reset was begun.
    Reset {
        /// Its id.
        id: String,
        /// How far it has come by now.
        stage: Stage,
        /// Who has asked for it.
        by: String,
        /// From which address.
        from: String,
        /// Whether it ended the password at once.
        ended_password: bool,
    },
    /// Its mail left; the relay's words.
    Mailed(String),
    /// The relay did not take its mail; its words.
    Undeliverable(String),
    /// The page of its link was opened.
    Opened,
    /// A new password was chosen by it.
    Redeemed,
    /// They signed in, from an address.
    SignedIn(String),
    /// A try to sign in was refused: from an address, and why.
    Refused(String, String),
    /// They were created, by somebody.
    Created(String),
    /// They were locked out, by somebody.
    Disabled(String),
}

/// The days with what happened on each.
pub(super) fn timeline(language: Language, words: Words, events: &[Event]) -> Markup {
    html! {
        ol class="line" {
            @for (nth, event) in events.iter().enumerate() {
                @let today = day(event.at);
                @if nth == 0 || day(events[nth - 1].at) != today { li class="day" { h3 { time datetime=(today) { (today) } } } }
                li class={ "k-" (tone(&event.what)) } { (time_of_day(event.at)) div { (what(language, words, &event.what)) } }
            }
        }
    }
}

fn tone(what: &What) -> &'static str {
    match what {
        What::Reset { ended_password: true, .. } => "dead",
        What::Reset { .. } | What::Mailed(_) | What::Opened => "live",
        What::Undeliverable(_) | What::Refused(..) | What::Disabled(_) => "bad",
        What::Redeemed | What::SignedIn(_) => "good",
        What::Created(_) => "step",
    }
}

fn what(language: Language, words: Words, what: &What) -> Markup {
    match what {
        What::Reset { id, stage, by, from, ended_password } => html! {
            p {
                b { (if *ended_password { words.password_was_reset() } else { words.link_was_asked_for() }) } " · "
                a href={ (Place::Resets.path()) "/" (id) } { (stage.name(language)) }
            }
            p class="by" { (words.by_whom()) " " bdi { (by) } " · " code { (from) } }
        },
        What::Mailed(said) => html! { p { (words.was_mailed()) } p class="said" { (said) } },
        What::Undeliverable(said) => html! { p { (words.was_not_taken()) } p class="said" { (said) } },
        What::Opened => html! { p { (words.was_opened()) } },
        What::Redeemed => html! { p { (words.was_redeemed()) } },
        What::SignedIn(from) => html! { p { (words.signed_in()) } p class="by" { code { (from) } } },
        What::Refused(from, why) => html! { p { (words.was_refused()) } p class="by" { (why) " · " code { (from) } } },
        What::Created(by) => html! { p { (words.was_created()) } p class="by" { (words.by_whom()) " " bdi { (by) } } },
        What::Disabled(by) => {
            html! { p { (words.was_disabled()) } p class="by" { (words.by_whom()) " " bdi { (by) } } }
        }
    }
}
