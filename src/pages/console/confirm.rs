//! What happens when you do: the page before each act that ends something for someone.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::parts::{self, crumbs, refusal};
use super::shell::{Desk, Place, document};
use super::user::Act;
use crate::address::shown;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Confirm<'a> {
    /// What is about to be done.
    pub act: Act,
    /// The id outside of the user.
    pub uid: &'a str,
    /// The address.
    pub email: &'a str,
    /// The name.
    pub name: &'a str,
    /// Where the mail goes.
    pub mail_goes_to: &'a str,
    /// Sessions that end.
    pub sessions: u32,
    /// For how long a link works, in minutes.
    pub minutes: u32,
    /// Whether API credentials end too.
    pub ends_credentials: bool,
    /// Whether the old password counts until a new one is chosen.
    pub keeps_password: bool,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
}

/// The page of `GET /console/users/{id}/reset` and its like, and of their `POST` where that is refused.
pub fn page(desk: &Desk, confirm: &Confirm) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let name = if confirm.name.is_empty() { shown(confirm.email).to_string() } else { confirm.name.to_owned() };
    let back = format!("{}/{}", Place::Users.path(), confirm.uid);
    let (title, button, class) = match confirm.act {
        Act::Reset => (words.reset_title(), words.reset(), "primary"),
        Act::Disable => (words.disable_title(), words.disable(), "danger"),
        Act::Enable => (words.enable_title(), words.enable(), "primary"),
        Act::Remove => (words.remove_title(), words.remove(), "danger"),
    };
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Users.path(), words.users()), (&back, &name)]))
            div class="title" { h1 { (title) } }
            p { bdi { (name) } " · " bdi { (shown(confirm.email)) } }
        }
        (refusal(confirm.refused))
        form class="part prose stack" method="post" action={ (back) "/" (confirm.act.word()) } {
            h2 { (words.what_happens()) }
            dl class="facts" { (happens(words, confirm)) }
            div class="row" {
                button class=(class) type="submit" autofocus[confirm.refused.is_none()] { (button) }
                a class="bare" href=(back) { (parts::Words(language).leave_it()) }
            }
        }
    };
    document(desk, title, &body)
}

fn happens(words: Words, confirm: &Confirm) -> Markup {
    let row = |when: &str, what: Markup| html! { div { dt { (when) } dd { (what) } } };
    match confirm.act {
        Act::Reset => html! {
            (row(words.at_once(), html! {
                @if confirm.keeps_password { (words.old_password_stays()) }
                @else { (words.old_password_stops()) " " (words.sessions_end(confirm.sessions)) }
                " " (words.older_link_dies())
            }))
            (row(words.then(), html! { (words.link_goes_to()) " " b { bdi { (shown(confirm.mail_goes_to)) } } ". " (words.works_for(confirm.minutes)) }))
            (row(words.stays(), html! {
                @if confirm.ends_credentials { (words.stays_but_credentials()) } @else { (words.stays_with_credentials()) }
            }))
            (row(words.nobody(), html! { (words.learns_the_password()) }))
        },
        Act::Disable => html! {
            (row(words.at_once(), html! { (words.sessions_end(confirm.sessions)) " " (words.tokens_do_not_count()) }))
            (row(words.stays(), html! { (words.stays_of_disabled()) }))
        },
        Act::Enable => html! { (row(words.at_once(), html! { (words.can_sign_in_again()) })) },
        Act::Remove => html! {
            (row(words.at_once(), html! { (words.sessions_end(confirm.sessions)) " " (words.all_is_removed()) }))
            (row(words.stays(), html! { (words.records_stay()) }))
        },
    }
}
