//! Reading a mail as its reader does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use uuid::Uuid;

use super::played::Played;
use super::seen::{Letter, Voice};

/// The length of a link's token: the tenant, the reset, and the proof.
const TOKEN: usize = 48;

/// Takes a mail to the life to which it was sent.
pub fn receive(life: &mut Played, mail: &Value) {
    let text = mail["text"].as_str().unwrap();
    let link = mail["link"].as_str().map(|link| link.split_once('#').unwrap());
    let of_reset = link.filter(|(page, _)| page.ends_with("/reset")).map(|(_, token)| token.to_owned());
    life.address_links.extend(link.filter(|(page, _)| page.ends_with("/email")).map(|(_, token)| token.to_owned()));
    let reset = of_reset.map(|token| {
        let bytes = URL_SAFE_NO_PAD.decode(&token[..TOKEN]).unwrap();
        let id = Uuid::from_slice(&bytes[4..20]).unwrap().to_string();
        let number = life.number_of(&id);
        life.links.push((number, token));
        number
    });
    let (voice, old_password) = (voice(text), old_password(text));
    let to = life.number_of_address(mail["to"].as_str().unwrap());
    life.letters.push(Letter { voice, to, reset, minutes: minutes(text), old_password });
}

fn voice(text: &str) -> Voice {
    let voices = [
        ("has reset your password", Voice::Reset),
        ("asks you to choose a", Voice::Reset),
        ("has sent you this link", Voice::Sent),
        ("There is now an account", Voice::Invited),
        ("You asked for", Voice::Asked),
        ("was changed on", Voice::Changed),
        ("It counts once you confirm it", Voice::AddressLink),
        ("is to have another address", Voice::AddressAsked),
        ("Your account had the address", Voice::AddressChanged),
    ];
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    voices.into_iter().find(|(words, _)| text.contains(words)).map_or(Voice::Unknown, |(_, voice)| voice)
}

/// What the mail says about the reader's old password.
fn old_password(text: &str) -> &'static str {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match () {
        () if text.contains("no longer works") => "dead",
        () if text.contains("still works") || text.contains("works until then") => "live",
        () => "none",
    }
}

/// How long the link lives, as the mail says.
fn minutes(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once("The link works once and for about ")?;
    let (number, rest) = rest.split_once(' ')?;
    let unit = if rest.starts_with("hour") { 60 } else { 1 };
    Some(number.parse::<i64>().ok()? * unit)
}
