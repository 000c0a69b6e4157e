//! The operations of the dev mode.

use std::sync::Arc;

use http::header::{self, HeaderValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hosts::Hosts;
use super::trouble::Trouble;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::house::House;
use crate::http::{Answer, Call, Empty, Host, IntoAnswer, Json, Operation, Permission, bind, bind_body};
use crate::mail::carrier::{Carrier, Mood};
use crate::mail::mailbox::{Caught, MailboxStore};
use crate::pages::{Site, mailbox};
use crate::store::Store;

/// The parts of the dev mode.
#[derive(Clone)]
pub struct Dev {
    mailbox: MailboxStore,
    clock: Clock,
    carrier: Arc<Carrier>,
    store: Store,
    trouble: Trouble,
    hosts: Hosts,
}

impl Dev {
    /// The dev mode of a house; `None` if its mails go to a relay.
    pub fn of(house: &House) -> Option<Self> {
        Some(Self {
            mailbox: house.mailbox.clone()?,
            clock: house.clock.clone(),
            carrier: Arc::clone(&house.carrier),
            store: house.store.clone(),
            trouble: Trouble::default(),
            hosts: Hosts { listen: house.config.http.listen.ip(), base_domain: house.config.http.base_domain.clone() },
        })
    }

    /// The planned trouble, which the gate asks about before it admits a call.
    pub fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// Checks, for the gate, the host of a call to this room.
    ///
    /// # Errors
    /// `Forbidden` under a host that is not one of the dev mode's.
    pub fn check_host(&self, host: &Host) -> Result<()> {
        self.hosts.check(host)
    }
}

/// The rows of the dev mode.
pub fn operations(dev: &Dev) -> Vec<Operation> {
    let open = Permission::DevOnly;
    vec![
        Operation::get("/dev/mailbox", open, bind(dev, list)).page().id("tenantry.dev.mailbox"),
        Operation::get("/dev/mailbox/{id}", open, bind(dev, one)).page().id("tenantry.dev.mail"),
        Operation::post("/dev/clock", open, bind_body(dev, move_clock)).id("tenantry.dev.clock"),
        Operation::post("/dev/faults", open, bind_body(dev, plan)).id("tenantry.dev.faults"),
    ]
}

/// A mail as JSON.
#[derive(Serialize)]
struct Mail {
    id: u64,
    at: Timestamp,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
struct Rest {
    to: String,
    from: String,
    reply_to: Option<String>,
    subject: String,
    message_id: String,
    text: String,
    html: String,
    link: Option<String>,
}

impl From<Caught> for Mail {
    fn from(caught: Caught) -> Self {
        let Caught { id, at, to, from, reply_to, subject, message_id, text, html, link } = caught;
        Self { id, at: Timestamp(at), rest: Rest { to, from, reply_to, subject, message_id, text, html, link } }
    }
}

fn site(call: &Call) -> Site<'static> {
    Site::of(call.language(), None)
}

async fn list(dev: Dev, call: Call) -> Result<Answer> {
    let mails = dev.mailbox.list();
    if !call.wants_page() {
        let mails: Vec<Mail> = mails.into_iter().map(Mail::from).collect();
        return Ok(Answer::new("application/json", serde_json::to_vec(&mails).map_err(Error::internal)?));
    }
    let mails: Vec<_> = mails.into_iter().map(shown).collect();
    Ok(page(mailbox::list(&site(&call), &mails)))
}

async fn one(dev: Dev, call: Call) -> Result<Answer> {
    let mail = call.param("id").parse().ok().and_then(|id| dev.mailbox.find(id));
    let mail = mail.ok_or_else(|| Error::not_found("There is no such mail; only the newest are kept."))?;
    if !call.wants_page() {
        return Ok(Answer::new("application/json", serde_json::to_vec(&Mail::from(mail)).map_err(Error::internal)?));
    }
    Ok(page(mailbox::one(&site(&call), &shown(mail), "/dev/mailbox")))
}

fn shown(caught: Caught) -> mailbox::Mail {
    mailbox::Mail {
        href: format!("/dev/mailbox/{}", caught.id),
        at: Timestamp(caught.at),
        from: caught.from,
        to: caught.to,
        subject: caught.subject,
        text: caught.text,
        html: Some(caught.html),
        link: caught.link,
    }
}

fn page(page: maud::Markup) -> Answer {
    let policy = HeaderValue::from_static(mailbox::CONTENT_SECURITY_POLICY);
    Answer::page(page).unreferred().with(header::CONTENT_SECURITY_POLICY, policy)
}

/// How far to move the clock; backwards if negative.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Move {
    advance_seconds: i32,
}

/// The time of the clock.
#[derive(Serialize, JsonSchema)]
struct Now {
    now: Timestamp,
}

async fn move_clock(dev: Dev, _: Call, asked: Move) -> Result<Json<Now>> {
    dev.clock.advance_seconds(asked.advance_seconds.into());
    Ok(Json(Now { now: dev.clock.now() }))
}

/// The trouble to cause; members left out stay as they are.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Faults {
    /// How the relay behaves.
    mail: Option<Mood>,
    /// The answers of the next calls.
    next_calls: Option<NextCalls>,
    /// The n-th call to the store from now fails; 0 for none.
    store_call: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NextCalls {
    count: u32,
    status: u16,
}

async fn plan(dev: Dev, _: Call, asked: Faults) -> Result<Answer> {
    if let Some(mood) = asked.mail {
        dev.carrier.set_mood(mood);
    }
    if let Some(NextCalls { count, status }) = asked.next_calls {
        dev.trouble.plan(count, status)?;
    }
    match asked.store_call {
        Some(0) => dev.store.faults().stop(),
        Some(n) => dev.store.faults().fail_call(n),
        None => {}
    }
    Empty::default().into_answer()
}
