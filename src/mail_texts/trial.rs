//! A mail to oneself, to see how a text looks where it is read: the facts are made up, and the link opens nothing.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::words::Words;
use super::{MailTexts, Place, rows};
use crate::act::Act;
use crate::clock::{SECOND, Timestamp};
use crate::error::{Error, Result};
use crate::identity::Tenant;
use crate::ids;
use crate::language::Language;
use crate::mail::letter::{Text, Wording};
use crate::mails::{self, Letter, NewMail, Sample, Texts, To};
use crate::people::{self, Kind, User};
use crate::random::Random;
use crate::store::Tx;
use crate::tenants;

/// The kind of this mail.
pub const KINDS: &[&str] = &["mail_texts.trial"];

/// Without its room: see [`mails::Letters`].
const WORD: &str = "trial";
const HOUR_SECONDS: i64 = 3600;
/// The code in the link of a sample. It is none, so its page says that the link is dead.
const CODE: &str = "sample";

/// Which text is tried.
#[derive(Serialize, Deserialize)]
struct Facts {
    kind: String,
    language: Language,
    /// Without them the shipped ones.
    words: Option<Wording>,
}

/// The text of a mail with facts that are made up.
pub(super) fn sample(
    room: &MailTexts,
    tenant: &Tenant,
    (place, words): (&Place, Option<&Wording>),
    person: &str,
    now: Timestamp,
) -> Text {
    let base = tenants::base_url(tenant, &room.public_url);
    let pages = base.trim_end_matches('/');
    let facts = Sample { tenant, person, pages, code: CODE, language: place.language, now };
    (place.kind.sample)(&facts, words)
}

/// Queues the mail to the caller, in these words or in those that count now. Returns the address.
///
/// # Errors
/// `Conflict` for a service user, who reads no mail; `TooMany` beyond the tenant's bound of mails in an hour.
pub(super) fn queue(tx: &mut Tx<'_>, place: &Place, words: Option<&Wording>, act: &Act) -> Result<String> {
    let tenant = act.tenant.id;
    let caller = people::find_by_id(tx, tenant, act.caller.user)?;
    let caller = caller.filter(|user| user.kind == Kind::Person).ok_or_else(|| {
        Error::conflict(
            "A test mail goes to the caller, and a service user has no mailbox. Ask with a credential of your own.",
        )
    })?;
    let words = match words {
        Some(words) => Some(words.clone()),
        None => rows::find(tx, tenant, place)?.map(|own| own.words),
    };
    let facts = Facts { kind: place.kind.name.into(), language: place.language, words };
    let facts = serde_json::to_string(&facts).map_err(Error::internal)?;
    let id = free_id(tx, act, &caller)?;
    mails::queue(
        tx,
        &NewMail {
            tenant,
            id,
            kind: WORD,
            user: caller.id,
            reset: None,
            facts: &facts,
            now: act.now,
            due_at: act.now,
            give_up_at: act.now.plus_seconds(HOUR_SECONDS),
        },
    )?;
    act.record(tx, "mail_text.try", place.kind.name, json!({ "language": place.language.tag() }))?;
    Ok(caller.email)
}

/// Each hour has as many ids for a person's test mails as the tenant allows mails to one person in an hour; the first that no
/// mail has.
fn free_id(tx: &mut Tx<'_>, act: &Act, user: &User) -> Result<uuid::Uuid> {
    let most = act.tenant.settings.reset.mails_per_hour.max(1);
    let hour = HOUR_SECONDS * SECOND;
    let began_at = Timestamp(act.now.0 - act.now.0.rem_euclid(hour));
    let purpose = format!("{WORD} of {} in {}", user.uid, act.tenant.uid);
    let of_hour = Random::least_uuid(began_at);
    let ids: Vec<_> =
        (0..usize::try_from(most).unwrap_or(1)).map(|nth| ids::derived(&of_hour, &purpose, nth)).collect();
    let taken = mails::are_queued(tx, act.tenant.id, &ids)?;
    let free = ids.into_iter().zip(taken).find_map(|(id, is_taken)| (!is_taken).then_some(id));
    free.ok_or_else(|| {
        let wait = (began_at.0 + hour - act.now.0).div_euclid(SECOND) + 1;
        Error::too_many(
            format!(
                "You already got {most} test mails within this hour. Look at a preview, or wait for the next hour."
            ),
            u32::try_from(wait).unwrap_or(1),
        )
    })
}

/// Makes these mails.
pub struct Trials {
    room: MailTexts,
}

impl Trials {
    /// Of the texts of this room.
    pub fn new(room: MailTexts) -> Self {
        Self { room }
    }

    fn text(&self, to: &To<'_>) -> Result<Option<Text>> {
        let Facts { kind, language, words } = serde_json::from_str(&to.job.facts).map_err(Error::internal)?;
        let place = self.room.place(&kind, language.tag())?;
        let text = sample(&self.room, to.tenant, (&place, words.as_ref()), &to.called(), to.now);
        Ok(Some(Text { subject: Words(language).subject(&text.subject), ..text }))
    }
}

impl Letter for Trials {
    fn compose(&self, _: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(|to| self.text(to)).collect())
    }
}
