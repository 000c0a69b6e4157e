//! The mail that tells a user that their account will be disabled unless they sign in. Only what the relay took counts: it is
//! noted with the user, and without it nobody is disabled.

use uuid::Uuid;

use super::judge::{disabled_from, is_to_be_told};
use super::own;
use super::words::Words;
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::language::Language;
use crate::mail::letter::{self, Text, minute};
use crate::mails::{self, Became, Letter, NewMail, Settled, Texts, To};
use crate::people::{self, Quiet, Sleeper};
use crate::store::Tx;
use crate::tenants;

/// The kind of this mail.
pub const KINDS: &[&str] = &["users.falls_asleep"];

/// Without its room: see [`mails::Letters`].
const WORD: &str = "falls_asleep";
/// It is worth sending for three days: some days later another one is queued, as long as there is a cause.
const WORTH_SECONDS: i64 = 3 * 24 * 3600;

/// The facts of this mail.
#[derive(Debug, Clone, Copy)]
pub struct AsleepFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The recipient's name; may be empty.
    pub person_name: &'a str,
    /// The page for signing in.
    pub link: &'a str,
    /// From when on the account is disabled; shown to the minute, in UTC.
    pub until: Timestamp,
    /// Whether the tenant removes disabled accounts later.
    pub is_removed: bool,
    /// The tenant's contact.
    pub contact: Option<&'a str>,
    /// The language.
    pub language: Language,
}

/// Your account will be disabled unless you sign in. Its link proves nothing: it leads to the page for signing in.
pub fn asleep_mail(facts: &AsleepFacts<'_>) -> Text {
    let (words, tenant) = (Words(facts.language), letter::name(facts.tenant_name));
    let mut mail = letter::Letter::new(facts.language, &tenant, words.subject(&tenant))
        .greet(facts.person_name)
        .say(words.disabled_from(&tenant, minute(facts.until)))
        .say(words.to_stay())
        .link(words.label(), facts.link);
    if facts.is_removed {
        mail = mail.say(words.removed());
    }
    let ask = letter::contact(facts.contact).map_or_else(|| words.ask().into(), |contact| words.ask_them(contact));
    mail.say(words.not_needed()).aside(ask).finish()
}

/// Queues the mail to a user.
///
/// # Errors
/// Those of the store.
pub(super) fn queue(tx: &mut Tx<'_>, tenant: TenantId, id: &Uuid, user: UserId, now: Timestamp) -> Result<()> {
    let (kind, facts, give_up_at) = (WORD, "{}", now.plus_seconds(WORTH_SECONDS));
    mails::queue(tx, &NewMail { tenant, id: *id, kind, user, reset: None, facts, now, due_at: now, give_up_at })
}

/// Makes this mail.
pub struct AsleepLetter {
    public_url: PublicUrl,
}

impl AsleepLetter {
    /// A letter whose link leads to this address.
    pub fn new(public_url: PublicUrl) -> Self {
        Self { public_url }
    }

    /// None where it is not true any more: they were here, or another mail has taken its place.
    fn text(&self, to: &To<'_>, user: Option<&Quiet>, sleeper: Option<&Sleeper>, anew: Timestamp) -> Option<Text> {
        let (user, sleeper) = (user?, sleeper.filter(|sleeper| sleeper.mail == to.job.id)?);
        let settings = &to.tenant.settings;
        let days = settings.inactive_users;
        if !is_to_be_told(user, sleeper, anew, &days, to.now) {
            return None;
        }
        let facts = AsleepFacts {
            tenant_name: &settings.brand.display_name,
            person_name: &to.user.full_name(),
            link: &format!("{}/signin", tenants::base_url(to.tenant, &self.public_url)),
            until: disabled_from(sleeper.inactive_since, &days, to.now),
            is_removed: days.remove_days > 0,
            contact: settings.brand.contact.as_deref(),
            language: to.language(),
        };
        Some(own::write(&facts, &to.called(), to.own))
    }
}

impl Letter for AsleepLetter {
    fn compose(&self, tx: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        let Some(tenant) = mails.first().map(|to| to.tenant.id) else { return Ok(Vec::new()) };
        let ids: Vec<_> = mails.iter().map(|to| to.user.id).collect();
        let users = people::activity_of_each(tx, tenant, &ids)?;
        let sleepers = people::sleepers(tx, tenant, &ids)?;
        let anew = tenants::awake_since(tx, tenant)?.unwrap_or_default();
        let known = users.iter().zip(&sleepers);
        let texts = mails.iter().zip(known);
        Ok(texts.map(|(to, (user, sleeper))| Ok(self.text(to, user.as_ref(), sleeper.as_ref(), anew))).collect())
    }

    fn settled(&self, tx: &mut Tx<'_>, settled: &[&Settled<'_>]) -> Result<()> {
        let sent = settled.iter().filter(|one| matches!(one.became, Became::Sent(_)));
        let sent: Vec<_> = sent.map(|one| (one.job.tenant, one.job.user, one.job.id, one.now)).collect();
        people::note_mailed(tx, &sent)
    }
}
