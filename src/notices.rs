//! The mail that tells people that their password was changed, from which address and when.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::mail::texts::{self, ChangeFacts, Text};
use crate::mails::{self, Letter, NewMail, Texts, To};
use crate::store::Tx;

/// The kind of this mail.
pub const KINDS: &[&str] = &["notices.password_changed"];

/// Without its room: see [`mails::Letters`].
const WORD: &str = "password_changed";
/// It is worth sending for a day.
const WORTH_SECONDS: i64 = 24 * 3600;

/// A change of a password that its user is to be told of.
#[derive(Debug, Clone, Copy)]
pub struct NewNotice<'a> {
    /// In which tenant.
    pub tenant: TenantId,
    /// The id of the mail.
    pub id: Uuid,
    /// Whose password.
    pub user: UserId,
    /// From where it was changed.
    pub address: &'a str,
    /// The present moment.
    pub now: Timestamp,
}

/// Queues the mail.
///
/// # Errors
/// Those of the store.
pub fn tell_of_change(tx: &mut Tx<'_>, notice: &NewNotice<'_>) -> Result<()> {
    let NewNotice { tenant, id, user, address, now } = *notice;
    let facts = json!({ "at": now.0, "address": address }).to_string();
    let give_up_at = now.plus_seconds(WORTH_SECONDS);
    let mail = NewMail { tenant, id, kind: WORD, user, reset: None, facts: &facts, now, due_at: now, give_up_at };
    mails::queue(tx, &mail)
}

/// Makes this mail.
pub struct Notice;

#[derive(Deserialize)]
struct Changed {
    at: i64,
    address: IpAddr,
}

fn text(to: &To<'_>) -> Result<Option<Text>> {
    let Changed { at, address } = serde_json::from_str(&to.job.facts).map_err(Error::internal)?;
    Ok(Some(texts::password_changed(&ChangeFacts {
        tenant_name: &to.tenant.settings.brand.display_name,
        person_name: &to.user.full_name(),
        at: Timestamp(at),
        from_address: address.to_canonical(),
        contact: to.tenant.settings.brand.contact.as_deref(),
        language: to.language(),
    })))
}

impl Letter for Notice {
    fn compose(&self, _: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(text).collect())
    }
}
