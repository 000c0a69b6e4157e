//! The part of the account page about the user's address.

use maud::{Markup, html};

use super::Words;
use crate::address::shown;
use crate::clock::Timestamp;
use crate::language::Language;
use crate::pages::form;
use crate::pages::layout::moment;
use crate::pages::password::{self, Field};

/// What the page says of the address.
#[derive(Debug, Clone, Copy, Default)]
pub struct Address<'a> {
    /// The new address that is not confirmed yet, and until when its link works.
    pub pending: Option<(&'a str, Timestamp)>,
    /// The former address, and until when mail still goes there.
    pub former: Option<(&'a str, Timestamp)>,
    /// Why a change was refused.
    pub problems: &'a [String],
}

pub(super) fn card(language: Language, address: &Address) -> Markup {
    let (words, wrong) = (Words(language), !address.problems.is_empty());
    let current = Field {
        name: "current_password",
        id: "email_password",
        label: words.current_password(),
        autocomplete: "current-password",
        described_by: wrong.then_some("problems"),
        wrong,
    };
    html! {
        section #email-card .card {
            h2 { (words.change_email()) }
            @if let Some((former, until)) = address.former {
                p class="note" { (words.mail_goes_to()) " " bdi { (shown(former)) } " " (words.goes_until()) " " (moment(until)) }
            }
            @if let Some((email, until)) = address.pending { (pending(words, email, until)) }
            (form::problems(language, address.problems))
            form method="post" action="/account/email" data-busy=(form::Words(language).busy()) {
                div class="field" {
                    label for="new_email" { (words.new_email()) }
                    input #new_email type="text" name="email" required autocomplete="email" autocapitalize="none"
                        spellcheck="false" inputmode="email" maxlength="320"
                        aria-invalid=[wrong.then_some("true")] aria-describedby={ @if wrong { "problems " } "new-email-hint" };
                    p #new-email-hint .hint { (words.new_email_hint()) }
                }
                (password::field(language, &current))
                (form::submit(words.save_email()))
            }
        }
    }
}

fn pending(words: Words, email: &str, until: Timestamp) -> Markup {
    html! {
        p class="success" role="status" { (words.pending_email()) " " bdi { (shown(email)) } }
        p class="note" { (words.pending_until()) " " (moment(until)) }
        form method="post" action="/account/email/cancel" {
            button class="secondary" type="submit" { (words.keep_email()) }
        }
    }
}
