//! What the mail says that an operator sends to see whether the mail settings work.

use super::letter::{Letter, Text, minute, name};
use crate::clock::Timestamp;
use crate::language::Language;
use crate::words::words;

/// The facts of this mail.
#[derive(Debug, Clone, Copy)]
pub struct TestFacts<'a> {
    /// The sending server, by its public name.
    pub server: &'a str,
    /// The relay.
    pub relay: &'a str,
    /// When it was sent; shown to the minute, in UTC.
    pub at: Timestamp,
    /// The language.
    pub language: Language,
}

/// The mail settings work.
pub fn write(facts: &TestFacts<'_>) -> Text {
    let (words, server) = (Words(facts.language), name(facts.server));
    Letter::new(facts.language, &server, words.subject(&server))
        .say(words.it_worked(&server, name(facts.relay)))
        .say(words.sent_at(minute(facts.at)))
        .finish()
}

// German goes on in lower case after the comma of the greeting; Japanese business mail to nobody by name needs none.
words! {
    subject(server) {
        en "Test mail from {server}"
        de "Testmail von {server}"
        fr "Message de test\u{a0}: {server}"
        ja "{server} からのテストメール"
    }

    it_worked(server, relay) {
        en "Hello,\n\nThis is a test, and it worked: {server} can send mail through {relay}."
        de "Guten Tag,\n\ndies ist ein Test, und er ist gelungen: {server} kann Mails über {relay} versenden."
        fr "Bonjour,\n\nCeci est un test, et il a réussi\u{a0}: {server} peut envoyer du courrier par {relay}."
        ja "これはテストメールです。{server} は {relay} を経由してメールを送信できます。"
    }

    sent_at(at) {
        en "It was sent at {at}. There is nothing to do."
        de "Gesendet: {at}. Sie müssen nichts tun."
        fr "Envoyé\u{a0}: {at}. Vous n’avez rien à faire."
        ja "送信日時：{at}\nご対応は不要です。"
    }
}
