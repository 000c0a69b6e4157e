//! SQL over deliveries and their attempts.

use uuid::Uuid;

use crate::audit::Place;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Row, Tx};
use crate::terms::Word;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "WebhookDeliveryState", rename_all = "snake_case")]
pub(crate) enum State {
    /// It was not delivered yet.
    Waiting,
    /// The receiver has said that it has it.
    Delivered,
    /// Its tries are used up.
    Failed,
}

impl Word for State {
    const ALL: &'static [Self] = &[Self::Waiting, Self::Delivered, Self::Failed];

    fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// An event on its way to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) id: Uuid,
    pub(super) event: String,
    pub(super) record: Uuid,
    /// Where its record stands in the chain.
    pub(super) place: Place,
    pub(super) queued_at: Timestamp,
    pub(super) due_at: Timestamp,
    /// Attempts that were begun, all of them.
    pub(super) attempts: i64,
    /// Those since it was queued or sent again.
    pub(super) tries: i64,
    pub(super) delivered_at: Option<Timestamp>,
    pub(super) failed_at: Option<Timestamp>,
    /// What it sends, where no record stands behind it.
    pub(super) body: Option<String>,
}

impl Delivery {
    pub(super) fn state(&self) -> State {
        match (self.delivered_at, self.failed_at) {
            (Some(_), _) => State::Delivered,
            (None, Some(_)) => State::Failed,
            (None, None) => State::Waiting,
        }
    }
}

/// The columns of [`Delivery`], in its order; a macro so that statements stay static texts.
macro_rules! delivery_columns {
    () => {
        "id, event, record, link, position, queued_at, due_at, attempts, tries, delivered_at, failed_at, body"
    };
}
pub(super) use delivery_columns;

pub(super) fn read(row: &Row) -> Result<Delivery> {
    let mut row = row.columns();
    Ok(Delivery {
        id: row.take()?,
        event: row.take()?,
        record: row.take()?,
        place: Place { link: row.take()?, position: row.take()? },
        queued_at: row.take()?,
        due_at: row.take()?,
        attempts: row.take()?,
        tries: row.take()?,
        delivered_at: row.take()?,
        failed_at: row.take()?,
        body: row.take()?,
    })
}

/// A delivery that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct New {
    pub(super) id: Uuid,
    pub(super) event: &'static str,
    pub(super) record: Uuid,
    pub(super) place: Place,
}

/// Queues deliveries. One that is there already stays as it is.
pub(super) fn queue(tx: &mut Tx<'_>, tenant: TenantId, webhook: Uuid, new: &[New], now: Timestamp) -> Result<()> {
    const INSERT: Batch = Batch::new(
        "INSERT INTO webhook_deliveries (tenant, id, webhook, event, record, link, position, queued_at, due_at, attempts, tries)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, 0) ON CONFLICT (tenant, id) DO NOTHING",
    );
    let rows: Vec<_> = new
        .iter()
        .map(|one| {
            let Place { link, position } = one.place;
            params![tenant, &one.id, &webhook, one.event, &one.record, link, position, now]
        })
        .collect();
    tx.each(INSERT, &rows).map(drop)
}

/// Queues a delivery with a body of its own, behind the records of a link.
pub(super) fn queue_own(
    tx: &mut Tx<'_>,
    (tenant, webhook): (TenantId, Uuid),
    (id, event, link): (Uuid, &'static str, i64),
    body: &str,
    now: Timestamp,
) -> Result<()> {
    tx.run(
        "INSERT INTO webhook_deliveries (tenant, id, webhook, event, record, link, position, queued_at, due_at, attempts, tries, body)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7, 0, 0, $8)",
        &params![tenant, &id, &webhook, event, &Uuid::nil(), link, now, body],
    )
    .map(drop)
}

/// How many deliveries of a webhook wait, up to a bound.
pub(super) fn count_waiting(tx: &mut Tx<'_>, tenant: TenantId, webhook: Uuid, most: i64) -> Result<i64> {
    let statement = "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_deliveries
        WHERE tenant = $1 AND webhook = $2 AND delivered_at IS NULL AND failed_at IS NULL LIMIT $3) w";
    tx.one(statement, &params![tenant, &webhook, most])?.get(0)
}

/// The latest deliveries of a webhook before one, the newest first; those in one state alone where it is given.
pub(super) fn list(
    tx: &mut Tx<'_>,
    (tenant, webhook): (TenantId, Uuid),
    state: Option<State>,
    before: Uuid,
    most: i64,
) -> Result<Vec<Delivery>> {
    let statement = concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM webhook_deliveries WHERE tenant = $1 AND webhook = $2 AND id < $3
            AND ($4 = '' OR $4 = CASE WHEN delivered_at IS NOT NULL THEN 'delivered'
                WHEN failed_at IS NOT NULL THEN 'failed' ELSE 'waiting' END)
          ORDER BY id DESC LIMIT $5"
    );
    let state = state.map_or("", Word::word);
    tx.all(statement, &params![tenant, &webhook, &before, state, most])?.iter().map(read).collect()
}

/// A delivery of this webhook.
///
/// # Errors
/// `NotFound`.
pub(super) fn get(tx: &mut Tx<'_>, tenant: TenantId, webhook: Uuid, id: Uuid) -> Result<Delivery> {
    let statement = concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM webhook_deliveries WHERE tenant = $1 AND id = $2 AND webhook = $3"
    );
    let found = tx.maybe(statement, &params![tenant, &id, &webhook])?;
    found.map(|row| read(&row)).transpose()?.ok_or_else(not_found)
}

pub(super) fn not_found() -> Error {
    Error::not_found(
        "This delivery was not found at this webhook. `tenantry webhook deliveries` lists them; they are kept for 30 days.",
    )
}

/// Lets a delivery begin anew, due now.
pub(super) fn resend(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE webhook_deliveries SET delivered_at = NULL, failed_at = NULL, leased_until = NULL, tries = 0, due_at = $3
         WHERE tenant = $1 AND id = $2",
        &params![tenant, &id, now],
    )
    .map(drop)
}

/// Lets every delivery of a webhook that waits begin anew, due now.
pub(super) fn resume(tx: &mut Tx<'_>, tenant: TenantId, webhook: Uuid, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE webhook_deliveries SET tries = 0, due_at = $3
         WHERE tenant = $1 AND webhook = $2 AND delivered_at IS NULL AND failed_at IS NULL",
        &params![tenant, &webhook, now],
    )
    .map(drop)
}

/// Gives up every delivery of a webhook that waits.
pub(super) fn give_up(tx: &mut Tx<'_>, tenant: TenantId, webhook: Uuid, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE webhook_deliveries SET failed_at = $3, leased_until = NULL
         WHERE tenant = $1 AND webhook = $2 AND delivered_at IS NULL AND failed_at IS NULL",
        &params![tenant, &webhook, now],
    )
    .map(drop)
}

/// An attempt that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) number: i64,
    pub(super) at: Timestamp,
    /// What the receiver answered; none where there was no answer.
    pub(super) status: Option<i64>,
    /// The beginning of its answer, or why there was none.
    pub(super) words: String,
    pub(super) millis: i64,
}

pub(super) fn note_attempt(tx: &mut Tx<'_>, tenant: TenantId, delivery: Uuid, attempt: &Attempt) -> Result<()> {
    tx.run(
        "INSERT INTO webhook_attempts (tenant, delivery, number, at, status, words, millis)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, delivery, number) DO NOTHING",
        &params![tenant, &delivery, attempt.number, attempt.at, attempt.status, &attempt.words, attempt.millis],
    )
    .map(drop)
}

/// The attempts of each of these deliveries, the first one first.
pub(super) fn attempts_of(tx: &mut Tx<'_>, tenant: TenantId, deliveries: &[Delivery]) -> Result<Vec<Vec<Attempt>>> {
    const ATTEMPTS: Batch = Batch::new(
        "SELECT number, at, status, words, millis FROM webhook_attempts WHERE tenant = $1 AND delivery = $2
         ORDER BY number LIMIT 100",
    );
    let asked: Vec<_> = deliveries.iter().map(|delivery| params![tenant, &delivery.id]).collect();
    let answers = tx.each(ATTEMPTS, &asked)?;
    answers.iter().map(|answer| answer.rows.iter().map(read_attempt).collect()).collect()
}

fn read_attempt(row: &Row) -> Result<Attempt> {
    let mut row = row.columns();
    Ok(Attempt { number: row.take()?, at: row.take()?, status: row.take()?, words: row.take()?, millis: row.take()? })
}
