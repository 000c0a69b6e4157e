//! Every letter that the house sends, under the kinds by which the table of mails names it: `<room>.<letter>`.

use crate::config::PublicUrl;
use crate::keys::Keys;
use crate::mail_texts::{self, Chosen, MailTexts, Trials};
use crate::mails::{KindOfMail, Letters};
use crate::words::Part;
use crate::{addresses, factors, heads, incidents, mail, notices, reset, user_settings, users, webhooks};

/// The whole list. Links in them are made under these keys and lead to this address.
pub fn letters(keys: &Keys, public_url: &PublicUrl) -> Letters {
    Letters::default()
        .with(reset::LINKS, reset::Links::new(keys.clone(), public_url.clone()))
        .with(reset::WARNING, reset::Warning)
        .with(incidents::LETTERS, incidents::IncidentLetter)
        .with(notices::KINDS, notices::Notice)
        .with(user_settings::LETTERS, user_settings::AccessLetter)
        .with(addresses::KINDS, addresses::Addresses::new(keys.clone(), public_url.clone()))
        .with(factors::KINDS, factors::Factors::new(keys.clone(), public_url.clone()))
        .with(users::LETTERS, users::AsleepLetter::new(public_url.clone()))
        .with(webhooks::LETTERS, webhooks::TroubleLetter)
        .with(heads::LETTERS, heads::HeadLetter)
        .with(mail_texts::TRIAL, Trials::new(texts_of_mails(public_url)))
        .worded_by(Chosen::new(texts_of_mails(public_url)))
}

/// Every kind of mail whose words a tenant may choose.
const WORDED: [&[KindOfMail]; 9] = [
    &reset::WORDED_LINKS,
    &[reset::WORDED_WARNING],
    &incidents::WORDED,
    &[notices::WORDED],
    &addresses::WORDED,
    &factors::WORDED,
    &[user_settings::WORDED],
    &[users::WORDED],
    &[webhooks::WORDED],
];

/// The texts that tenants choose for these mails.
pub fn texts_of_mails(public_url: &PublicUrl) -> MailTexts {
    MailTexts::new(&WORDED.concat(), public_url.clone())
}

/// The words of every mail.
pub const WORDS: &[Part] = &[
    addresses::Words::PART,
    factors::Words::PART,
    heads::LetterWords::PART,
    incidents::LetterWords::PART,
    mail::letter::Words::PART,
    mail::test_mail::Words::PART,
    mail_texts::Words::PART,
    notices::Words::PART,
    reset::LinkWords::PART,
    reset::WarningWords::PART,
    user_settings::LetterWords::PART,
    users::LetterWords::PART,
    webhooks::LetterWords::PART,
];

#[cfg(test)]
mod tests;
