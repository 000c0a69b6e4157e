//! `tenantry mail`: shows the mails waiting in the store, and tests the relay.

use serde_json::{Value, json};
use uuid::Uuid;

use super::arguments::{Mail, MailQueue, MailTest};
use super::opened::Opened;
use super::output::{Output, cell, moment, person};
use crate::address::shown;
use crate::clock::{Clock, Timestamp};
use crate::config::{load, process_environment};
use crate::error::{Error, Result};
use crate::house;
use crate::language::Language;
use crate::mail::address::Email;
use crate::mail::message::{Mailbox, Message};
use crate::mail::smtp::Envelope;
use crate::mail::test_mail::{self, TestFacts};
use crate::params;
use crate::random::Random;
use crate::store::{Row, Scope};

/// # Errors
/// The refusal of the store or the relay.
pub async fn run(verb: Mail, output: Output) -> Result<()> {
    match verb {
        Mail::Queue(ask) => queue(&ask, output),
        Mail::Test(ask) => test(&ask, output).await,
    }
}

const UNSENT: &str =
    "SELECT t.name, m.id, m.kind, u.email, m.queued_at, m.attempts, m.due_at, m.failed_at, m.relay_words
    FROM mails m JOIN tenants t ON t.id = m.tenant LEFT JOIN users u ON u.tenant = m.tenant AND u.id = m.user_id
    WHERE m.sent_at IS NULL AND ($1 = '' OR t.name = $1) ORDER BY m.queued_at LIMIT 1000";

fn queue(ask: &MailQueue, output: Output) -> Result<()> {
    let opened = Opened::existing(&ask.open)?;
    let now = opened.now;
    let name = ask.tenant.clone().unwrap_or_default();
    let found = opened
        .store
        .read(Scope::HOUSE, |tx| tx.all(UNSENT, &params![&name])?.iter().map(read).collect::<Result<Vec<_>>>());
    opened.store.close();
    let items = found?;
    let rows: Vec<_> = items.iter().map(|mail| row(mail, now)).collect();
    let head = ["TO", "TENANT", "KIND", "AGE", "TRIES", "NEXT (UTC)", "THE RELAY'S LAST WORDS"];
    output.table(&json!({ "items": items }), &head, &rows, "No mail waits.")
}

fn read(row: &Row) -> Result<Value> {
    let failed_at: Option<Timestamp> = row.get(7)?;
    Ok(json!({
        "id": row.get::<Uuid>(1)?,
        "tenant": row.get::<String>(0)?,
        "kind": row.get::<String>(2)?,
        "to": row.get::<Option<String>>(3)?,
        "queued_at": row.get::<Timestamp>(4)?,
        "attempts": row.get::<i64>(5)?,
        "next_at": if failed_at.is_some() { None } else { Some(row.get::<Timestamp>(6)?) },
        "given_up_at": failed_at,
        "relay_words": row.get::<Option<String>>(8)?,
    }))
}

fn row(mail: &Value, now: Timestamp) -> Vec<String> {
    let queued = mail["queued_at"].as_str().and_then(Timestamp::parse).unwrap_or(now);
    let next = if mail["next_at"].is_null() { "given up".into() } else { moment(&mail["next_at"]) };
    vec![
        person(&mail["to"]),
        cell(&mail["tenant"]),
        cell(&mail["kind"]),
        age(now.seconds_since(queued)),
        cell(&mail["attempts"]),
        next,
        cell(&mail["relay_words"]),
    ]
}

fn age(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

async fn test(ask: &MailTest, output: Output) -> Result<()> {
    let config = load(&ask.open.sources(process_environment()))?.config;
    let host = config.smtp.host.as_deref().ok_or_else(|| Error::invalid("smtp.host is not set: there is no relay."))?;
    let (now, random) = (Clock::system().now(), Random::system());
    let from = Email::parse(&config.smtp.from)?;
    let to = Email::parse(&ask.to)?;
    let server = config.http.public_url.as_ref().map_or("this server", |url| url.host());
    let text = test_mail::write(&TestFacts { server, relay: host, at: now, language: Language::English });
    let message = Message {
        message_id: format!("{}@{}", random.uuid(now).simple(), from.domain()),
        from: Mailbox::bare(from.clone()),
        reply_to: None,
        to: Mailbox::bare(to.clone()),
        subject: text.subject,
        text: text.text,
        html: text.html,
        date: now,
    };
    let relay = house::relay(&config, host)?;
    output.progress(&format!("Speaking to {host}"));
    let answered = relay.send(&Envelope { from, to }, &message.to_bytes()?).await;
    relay.rest().await;
    output.progress("");
    match answered {
        Ok(accepted) => output.object(
            &json!({ "accepted": true, "relay": host, "words": accepted.reply }),
            &format!("{host} took the mail to {}. It said: {}", shown(&ask.to), accepted.reply),
        ),
        Err(refused) => {
            let code = refused.code.map_or(String::new(), |code| format!("{code} "));
            Err(Error::conflict(format!("{host} did not take the mail: {code}{}", refused.words)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_short() {
        assert_eq!([5, 65, 7_300, 200_000].map(age), ["5 s", "1 min", "2 h", "2 d"]);
    }
}
