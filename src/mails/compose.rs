//! A mail is made when it leaves: its letter writes the text, and the rest is the tenant's and the user's as they are then.

use super::fate::Job;
use super::letter::{Addressed, Letter, Letters, To};
use super::queue::NO_USER;
use super::refused::{self, Tried};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId};
use crate::mail::letter::Text;
use crate::store::{Scope, Store, Tx};
use crate::{people, tenants};

/// A mail but for its headers.
pub(super) struct Draft {
    /// The address to which it goes, as stored.
    pub(super) to: String,
    /// Their name, may be empty.
    pub(super) to_name: String,
    /// Whether the relay has refused this address within the last day.
    pub(super) was_refused: bool,
    /// The sender's name.
    pub(super) sender_name: String,
    /// The sender's address, when the tenant has its own.
    pub(super) from: Option<String>,
    /// Where answers go.
    pub(super) reply_to: Option<String>,
    /// Subject and both parts.
    pub(super) text: Text,
}

/// What became of a mail that was to be made.
pub(super) enum Made {
    /// It is made.
    Draft(Draft),
    /// Its letter saw no more point in it.
    Pointless,
    /// Its tenant was suspended after the mail was leased: it waits.
    Suspended,
    /// The relay has refused its address within the last day, and nobody in charge has asked for it. These words say so.
    HeldBack(String),
}

impl Made {
    /// The address that is tried.
    pub(super) fn tried(&self) -> Option<Tried> {
        let Self::Draft(Draft { to, was_refused, .. }) = self else { return None };
        Some(Tried { email: to.clone(), was_refused: *was_refused })
    }
}

pub(super) type Drafted = Result<Made>;

/// Makes mails; those of a tenant in one read.
pub(super) fn compose(store: &Store, letters: &Letters, jobs: Vec<Job>, now: Timestamp) -> Vec<(Job, Drafted)> {
    let drafts = jobs.chunk_by(|one, next| one.tenant == next.tenant).flat_map(|jobs| {
        let tenant = jobs[0].tenant;
        let made = store.read(Scope::of(tenant), |tx| of_tenant(tx, letters, tenant, jobs, now));
        made.unwrap_or_else(|failure| jobs.iter().map(|_| Err(failure.retold())).collect())
    });
    let drafts: Vec<_> = drafts.collect();
    jobs.into_iter().zip(drafts).collect()
}

fn of_tenant(
    tx: &mut Tx<'_>,
    letters: &Letters,
    tenant: TenantId,
    jobs: &[Job],
    now: Timestamp,
) -> Result<Vec<Drafted>> {
    let Some(tenant) = tenants::find_by_id(tx, tenant)? else {
        return Ok(jobs.iter().map(|_| Ok(Made::Suspended)).collect());
    };
    let mut drafts: Vec<_> = jobs.iter().map(|job| unmade(letters, &tenant, job)).collect();
    let ids: Vec<_> = jobs.iter().map(|job| job.user).collect();
    let users = people::find_each_by_id(tx, tenant.id, &ids)?;
    let known: Vec<_> = jobs
        .iter()
        .zip(&users)
        .enumerate()
        .filter_map(|(nth, (job, user))| Some((nth, (job, user.as_ref()?))))
        .collect();
    let recipients: Vec<_> = known.iter().map(|(_, recipient)| *recipient).collect();
    let own_words = letters.find_own_words(tx, &tenant, &recipients)?;
    let mails = known.iter().zip(&own_words);
    let mails =
        mails.map(|((nth, (job, user)), own)| (*nth, To { job, tenant: &tenant, user, own: own.as_ref(), now }));
    let mails: Vec<_> = mails.collect();
    for (letter, own) in letters.each_with(&mails, |(_, to)| to.job) {
        let to: Vec<_> = own.iter().map(|(_, to)| *to).collect();
        for ((nth, to), text) in own.into_iter().zip(letter.compose(tx, &to)?) {
            let draft = text.and_then(|text| text.map(|text| Draft::of(letter, to, text)).transpose());
            drafts[*nth] = draft.map(|draft| draft.map_or(Made::Pointless, Made::Draft));
        }
    }
    refused::hold_back(tx, letters, tenant.id, jobs.iter().zip(&mut drafts), now)?;
    Ok(drafts)
}

/// As long as no letter has made it for a user.
fn unmade(letters: &Letters, tenant: &Tenant, job: &Job) -> Drafted {
    if !letters.know(&job.kind) {
        return Err(Error::internal(format!("no mail is called {}", job.kind)));
    }
    if job.user != NO_USER {
        return Ok(Made::Pointless);
    }
    let addressed = letters.compose_for_no_user(tenant, job)?;
    Ok(addressed.map_or(Made::Pointless, |addressed| Made::Draft(Draft::for_no_user(tenant, addressed))))
}

impl Draft {
    fn of(letter: &dyn Letter, to: &To<'_>, text: Text) -> Result<Self> {
        let draft = Self::for_no_user(to.tenant, Addressed { to: letter.goes_to(to)?, text });
        Ok(Self { to_name: to.user.full_name(), ..draft })
    }

    fn for_no_user(tenant: &Tenant, Addressed { to, text }: Addressed) -> Self {
        let settings = &tenant.settings;
        Self {
            to_name: String::new(),
            to,
            was_refused: false,
            sender_name: settings.brand.display_name.clone(),
            from: settings.mail.from.clone(),
            reply_to: settings.mail.reply_to.clone(),
            text,
        }
    }
}
