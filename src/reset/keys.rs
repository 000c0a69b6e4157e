//! `Idempotency-Key`: it names one call. For a day, the same person with the same key and the same meaning gets the
//! answer of that call again, and nothing is done.

use sha2::{Digest, Sha256};

use super::ask::Ask;
use super::decide::Decision;
use super::named::{Named, UnderKey};
use crate::error::{Error, Result};
use crate::http::Call;
use crate::mail::address::Email;
use crate::params;
use crate::store::{Answer, Batch, Question, Tx};

const FIND: Batch = Batch::new(
    "SELECT body_digest, reset_id, created_at FROM reset_keys
    WHERE tenant = $1 AND actor = $2 AND idempotency_key = $3",
);
const KEEP: Batch = Batch::new(
    "INSERT INTO reset_keys (tenant, actor, idempotency_key, body_digest, reset_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)",
);
/// Reuses the row of a key whose day is over.
const KEEP_ANEW: Batch = Batch::new(
    "UPDATE reset_keys SET body_digest = $4, reset_id = $5, created_at = $6
    WHERE tenant = $1 AND actor = $2 AND idempotency_key = $3 AND created_at = $7",
);

/// The caller's key with the meaning of the call: the operation and the user, however the body spells them.
///
/// # Errors
/// `Invalid` for a key of a wrong length.
pub(super) fn of(call: &Call, operation: &str, email: &Email) -> Result<Option<Named>> {
    let Some(key) = call.head.header("idempotency-key") else { return Ok(None) };
    let key = key.trim().trim_matches('"');
    if key.is_empty() || key.len() > 255 {
        return Err(Error::invalid("The header Idempotency-Key is a text of 1 to 255 characters."));
    }
    let digest =
        |what: &[u8], of: &[u8]| Sha256::new().chain_update(what).chain_update([0]).chain_update(of).finalize();
    Ok(Some(Named {
        key: key.to_string(),
        meaning: digest(operation.as_bytes(), email.key().as_bytes()).to_vec(),
        older_meaning: digest(call.head.path.as_bytes(), &call.body).to_vec(),
    }))
}

/// Asks for the keys of those requests that have one.
pub(super) fn question(asks: &[Ask]) -> Question {
    let keyed = asks.iter().filter_map(|ask| Some((ask, ask.idempotency.as_ref()?)));
    Question::new(FIND, keyed.map(|(ask, named)| params![ask.tenant, &ask.actor.name, &named.key]))
}

/// The stored call for each request.
pub(super) fn read(asks: &[Ask], found: &[Answer]) -> Result<Vec<Option<UnderKey>>> {
    let mut found = found.iter();
    let under_key = |ask: &Ask| match ask.idempotency.as_ref().and_then(|_| found.next()) {
        Some(answer) => answer.rows.first().map(read_one).transpose(),
        None => Ok(None),
    };
    asks.iter().map(under_key).collect()
}

fn read_one(row: &crate::store::Row) -> Result<UnderKey> {
    Ok(UnderKey { meaning: row.get(0)?, reset: row.get(1)?, asked_at: row.get(2)? })
}

/// Stores the keys of accepted calls, repeats included, with their answers.
///
/// # Errors
/// Those of [`Tx::put`], if another call stored the key meanwhile.
pub(super) fn keep(tx: &mut Tx<'_>, asks: &[Ask], decided: &[Decision], known: &[Option<UnderKey>]) -> Result<()> {
    let (mut new, mut anew) = (Vec::new(), Vec::new());
    for ((ask, decided), known) in asks.iter().zip(decided).zip(known) {
        let (Some(Named { key, meaning, .. }), Some(reset)) = (&ask.idempotency, decided.accepted(ask)) else {
            continue;
        };
        match known {
            None => new.push((ask, key, meaning, reset)),
            Some(known) => anew.push((ask, key, meaning, reset, known.asked_at)),
        }
    }
    let rows = new.iter().map(|(ask, key, meaning, reset)| {
        params![ask.tenant, &ask.actor.name, *key, meaning.as_slice(), reset, ask.now]
    });
    tx.put(KEEP, &rows.collect::<Vec<_>>())?;
    let rows = anew.iter().map(|(ask, key, meaning, reset, asked_at)| {
        params![ask.tenant, &ask.actor.name, *key, meaning.as_slice(), reset, ask.now, *asked_at]
    });
    tx.put(KEEP_ANEW, &rows.collect::<Vec<_>>())
}
