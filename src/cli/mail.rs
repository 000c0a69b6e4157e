//! `tenantry mail`: shows and steers the mail that was not sent, and tests the relay.

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::arguments::{Mail, MailId, MailTest};
use super::client::in_path;
use super::local::{Use, call};
use super::output::{Output, cell, moment, person};
use super::row::{Operation, Shows, Table};
use super::tenant::TENANTS;
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
use crate::random::Random;

const MAILS: &str = "/api/tenantry/v1/system/mails";
const TABLE: Table = Table {
    columns: &[
        ("ID", |mail| cell(&mail["id"])),
        ("TO", |mail| person(&mail["to"])),
        ("TENANT", |mail| cell(&mail["tenant"])),
        ("KIND", |mail| cell(&mail["kind"])),
        ("AGE", old),
        ("TRIES", |mail| cell(&mail["attempts"])),
        ("NEXT (UTC)", next),
        ("THE RELAY'S LAST WORDS", |mail| cell(&mail["relay_words"])),
    ],
    nothing: "No mail waits.",
};
const REFUSED: Table = Table {
    columns: &[
        ("ADDRESS", |refused| person(&refused["email"])),
        ("REFUSED (UTC)", |refused| moment(&refused["refused_at"])),
        ("UNTIL (UTC)", |refused| moment(&refused["until"])),
        ("THE RELAY'S WORDS", |refused| cell(&refused["relay_words"])),
    ],
    nothing: "No address is refused.",
};
/// More than anyone reads.
const SHOWN_MAX: u32 = 1_000;

/// # Errors
/// The refusal of the server or the relay.
pub fn run(verb: Mail, output: Output, runtime: &Runtime) -> Result<()> {
    match verb {
        Mail::Queue(ask) => {
            let query = [("tenant", ask.tenant)];
            let listed = (Operation::Pages(MAILS.into(), &query, SHOWN_MAX), Shows::Table(&TABLE));
            call(&ask.open, Use::Read, listed, output, runtime)
        }
        Mail::Retry(ask) => steer(&ask, "retry", "The mail is tried at once.", output, runtime),
        Mail::Drop(ask) => steer(&ask, "drop", "The mail is given up.", output, runtime),
        Mail::Refused { tenant, open } => {
            let path = format!("{TENANTS}/{}/refused_addresses", in_path(&tenant));
            call(
                &open,
                Use::Read,
                (Operation::Pages(path.into(), &[], u32::MAX), Shows::Table(&REFUSED)),
                output,
                runtime,
            )
        }
        Mail::Allow { tenant, email, open } => {
            let path = format!("{TENANTS}/{}/refused_addresses/allow", in_path(&tenant));
            let allowed =
                (Operation::Post(path, json!({ "email": email })), Shows::Text("Mail goes there again.".into()));
            call(&open, Use::Change, allowed, output, runtime)
        }
        Mail::Test(ask) => runtime.block_on(test(&ask, output)),
    }
}

fn steer(
    MailId { tenant, id, open }: &MailId,
    verb: &str,
    done: &str,
    output: Output,
    runtime: &Runtime,
) -> Result<()> {
    let path = format!("{TENANTS}/{}/mails/{}/{verb}", in_path(tenant), in_path(id));
    call(open, Use::Change, (Operation::Post(path, json!({})), Shows::Text(done.into())), output, runtime)
}

fn old(mail: &Value) -> String {
    let now = Clock::system().now();
    let queued = mail["queued_at"].as_str().and_then(Timestamp::parse).unwrap_or(now);
    age(now.seconds_since(queued).max(0))
}

fn next(mail: &Value) -> String {
    if mail["next_at"].is_null() { "given up".into() } else { moment(&mail["next_at"]) }
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
