//! The mailbox of the development server, which catches all mail.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::assets::TIMES_SCRIPT;
use super::layout::{Document, Site, document, moment};
use crate::clock::Timestamp;

/// The policy for the pages of the mailbox. A mail carries inline styles, as mail programs want it, and the frame that
/// shows it obeys the policy of the page around it. The frame's sandbox still forbids scripts in mails.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; \
     img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// One caught mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The path of its page.
    pub href: String,
    /// When it was caught.
    pub at: Timestamp,
    /// The sender.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: Option<String>,
    /// The link that the mail is about.
    pub link: Option<String>,
}

/// Every mail, newest first. `mails` must be in order of arrival.
pub fn list(site: &Site, mails: &[Mail]) -> Markup {
    let words = Words(site.language);
    let body = html! {
        section class="card" {
            div class="heading" {
                h1 { (words.title()) }
                a class="secondary" href="" { (words.reload()) }
            }
            p class="lead" { (words.lead()) }
            @if mails.is_empty() { p class="empty" { (words.empty()) } }
            ul class="mails" {
                @for mail in mails.iter().rev() {
                    li { a href=(mail.href) {
                        strong { bdi { (mail.subject) } }
                        span { bdi { (mail.to) } }
                        span class="quiet" { (moment(mail.at)) }
                    } }
                }
            }
        }
    };
    document(site, &Document::wide(words.title(), &[TIMES_SCRIPT]), &body)
}

/// One mail. `back` is the path of the list.
pub fn one(site: &Site, mail: &Mail, back: &str) -> Markup {
    let words = Words(site.language);
    let body = html! {
        p class="back" { a href=(back) { "← " (words.title()) } }
        section class="card" {
            h1 { bdi { (mail.subject) } }
            dl {
                div { dt { (words.from()) } dd { bdi { (mail.from) } } }
                div { dt { (words.to()) } dd { bdi { (mail.to) } } }
                div { dt { (words.at()) } dd { (moment(mail.at)) } }
            }
            @if let Some(link) = mail.link.as_deref().filter(|link| is_web(link)) {
                a #link .primary href=(link) rel="noreferrer" { (words.open_link()) }
            }
            h2 { (words.text()) }
            pre #text { (linked(&mail.text)) }
            @if let Some(part) = &mail.html {
                h2 { (words.html()) }
                iframe title=(words.html()) srcdoc={ "<base target=\"_blank\">" (part) }
                    sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" {}
            }
        }
    };
    document(site, &Document::wide(&mail.subject, &[TIMES_SCRIPT]), &body)
}

fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

fn linked(text: &str) -> Markup {
    html! {
        @for piece in text.split_inclusive(char::is_whitespace) {
            @let word = piece.trim_end();
            @if is_web(word) {
                a href=(word) rel="noreferrer" { (word) }
                (piece[word.len()..])
            } @else { (piece) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_become_links_and_nothing_else_does() {
        let markup = linked("Open\n  https://a.example/reset#x\nnow. javascript:alert(1) <b>").into_string();
        assert_eq!(
            markup,
            "Open\n  <a href=\"https://a.example/reset#x\" rel=\"noreferrer\">https://a.example/reset#x</a>\n\
             now. javascript:alert(1) &lt;b&gt;"
        );
    }
}
