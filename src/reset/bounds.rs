//! Mails with a link that other rooms send count in the same bound as those of resets.

use super::limits::MailTimes;
use super::rows::Kind;
use super::rules::rules;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Tenant, UserId};
use crate::params;
use crate::store::Tx;

/// Counts a mail with a link that a user gets now: `is_wish` if the user asked for it and no administrator.
///
/// # Errors
/// `TooMany` beyond the bound; `Conflict` if another mail was counted at the same moment.
pub fn count_mail(tx: &mut Tx<'_>, tenant: &Tenant, user: UserId, is_wish: bool, now: Timestamp) -> Result<()> {
    let kind = if is_wish { Kind::Own } else { Kind::Remail };
    let times: String = tx
        .one("SELECT reset_mail_times FROM users WHERE tenant = $1 AND id = $2", &params![tenant.id, user])?
        .get(0)?;
    let next = MailTimes::parse(&times).admit(kind.bound(), rules(tenant, kind).mails_per_hour, now)?.text();
    let noted = tx.run(
        "UPDATE users SET reset_mail_times = $4 WHERE tenant = $1 AND id = $2 AND reset_mail_times = $3",
        &params![tenant.id, user, &times, &next],
    )?;
    match noted {
        1 => Ok(()),
        _ => {
            Err(Error::conflict("Another link was mailed to this user at this moment. Nothing was changed; try again."))
        }
    }
}
