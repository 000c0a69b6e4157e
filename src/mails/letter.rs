//! What a room provides for the mails that it queues.

use std::sync::Arc;

use super::fate::{Job, Settled};
use super::given_up::record_given_up;
use super::own_words::OwnWords;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::Tenant;
use crate::language::Language;
use crate::mail::letter::{Text, Wording};
use crate::people::User;
use crate::store::Tx;

/// A mail that is about to leave, with tenant and user as they are now.
#[derive(Clone, Copy)]
pub struct To<'a> {
    /// The mail.
    pub job: &'a Job,
    /// Its tenant.
    pub tenant: &'a Tenant,
    /// Its recipient.
    pub user: &'a User,
    /// The words that the tenant has chosen for it; without them it has its shipped ones.
    pub own: Option<&'a Wording>,
    /// The present moment.
    pub now: Timestamp,
}

impl To<'_> {
    /// The language of the user, or of the tenant.
    pub fn language(&self) -> Language {
        language(self.tenant, self.user)
    }

    /// The recipient's name, or their address where they have none.
    pub fn called(&self) -> String {
        let name = self.user.full_name();
        if name.is_empty() { self.user.email.clone() } else { name }
    }
}

/// The language of the mails to this user.
pub(super) fn language(tenant: &Tenant, user: &User) -> Language {
    user.language.or_else(|| Language::from_tag(&tenant.settings.brand.language)).unwrap_or_default()
}

/// A text for each mail, in their order. None where there is no more point in the mail. An error concerns one mail alone,
/// which is tried again later.
pub type Texts = Vec<Result<Option<Text>>>;

/// A mail to an address that need not be a user's.
pub struct Addressed {
    /// The address.
    pub to: String,
    /// What it says.
    pub text: Text,
}

/// A kind of mail, or several that belong together.
pub trait Letter: Send + Sync {
    /// Called in the change that leases these mails, before they are made.
    ///
    /// # Errors
    /// Those of the store; then none of them is leased.
    fn leaving(&self, _: &mut Tx<'_>, _: &[&Job], _: Timestamp) -> Result<()> {
        Ok(())
    }

    /// Makes the texts of mails of one tenant.
    ///
    /// # Errors
    /// Those of the store, for all of these mails; they are tried again.
    fn compose(&self, tx: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts>;

    /// To which address a mail goes: where all mail of its user goes, unless it is about another address of theirs.
    ///
    /// # Errors
    /// `Internal` when the facts of the mail cannot be read; it is tried again later.
    fn goes_to(&self, to: &To<'_>) -> Result<String> {
        Ok(to.user.mail_goes_to(&to.tenant.settings, to.now).into())
    }

    /// Makes a mail whose user there is not. None where there is no more point in it, as in the mail to a user who was removed.
    ///
    /// # Errors
    /// `Internal` when the facts of the mail cannot be read; it is tried again later.
    fn compose_for_no_user(&self, _: &Tenant, _: &Job) -> Result<Option<Addressed>> {
        Ok(None)
    }

    /// Whether a record tells that a mail was given up.
    fn is_recorded(&self) -> bool {
        true
    }

    /// Whether somebody in charge of its user has asked for this mail: then it is tried also where the relay has refused the
    /// address before. Mail that users or strangers can set off is not.
    fn insists(&self, _: &Job) -> bool {
        false
    }

    /// Called in the change that writes what became of these mails.
    ///
    /// # Errors
    /// Those of the store; then nothing is written, and it is called again.
    fn settled(&self, _: &mut Tx<'_>, _: &[&Settled<'_>]) -> Result<()> {
        Ok(())
    }
}

struct Registered {
    kinds: &'static [&'static str],
    letter: Arc<dyn Letter>,
}

/// Every letter of the house, each under its kinds: `<room>.<letter>`, and where the words come from that tenants choose.
#[derive(Default)]
pub struct Letters {
    all: Vec<Registered>,
    own_words: Option<Arc<dyn OwnWords>>,
}

impl Letters {
    /// With one letter more, for these kinds.
    #[must_use]
    pub fn with(mut self, kinds: &'static [&'static str], letter: impl Letter + 'static) -> Self {
        self.all.push(Registered { kinds, letter: Arc::new(letter) });
        self
    }

    /// With the words that tenants choose.
    #[must_use]
    pub fn worded_by(mut self, own_words: impl OwnWords + 'static) -> Self {
        self.own_words = Some(Arc::new(own_words));
        self
    }

    /// The words that the tenant has chosen for each of these mails.
    pub(super) fn find_own_words(
        &self,
        tx: &mut Tx<'_>,
        tenant: &Tenant,
        mails: &[(&Job, &User)],
    ) -> Result<Vec<Option<Wording>>> {
        let kinds = mails.iter().map(|(job, user)| (self.name_of(&job.kind), language(tenant, user)));
        let kinds: Vec<_> = kinds.map(|(kind, language)| (kind.unwrap_or_default(), language)).collect();
        match &self.own_words {
            Some(own_words) => own_words.find_each(tx, tenant, &kinds),
            None => Ok(vec![None; mails.len()]),
        }
    }

    /// The name of a kind, with its room in front.
    fn name_of(&self, kind: &str) -> Option<&'static str> {
        self.kinds().find(|known| is_named(known, kind))
    }

    /// The kinds that there are.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.all.iter().flat_map(|one| one.kinds.iter().copied())
    }

    /// Whether there is a letter for mails of this kind.
    pub fn know(&self, kind: &str) -> bool {
        self.all.iter().any(|one| one.is_of(kind))
    }

    /// Whether this mail is tried whatever the relay has said of its address.
    pub(super) fn insist(&self, job: &Job) -> bool {
        self.all.iter().any(|one| one.is_of(&job.kind) && one.letter.insists(job))
    }

    fn is_recorded(&self, job: &Job) -> bool {
        self.letter_of(job).is_none_or(Letter::is_recorded)
    }

    /// Makes a mail whose user there is not.
    pub(super) fn compose_for_no_user(&self, tenant: &Tenant, job: &Job) -> Result<Option<Addressed>> {
        self.letter_of(job).map_or(Ok(None), |letter| letter.compose_for_no_user(tenant, job))
    }

    fn letter_of(&self, job: &Job) -> Option<&dyn Letter> {
        self.all.iter().find(|one| one.is_of(&job.kind)).map(|one| &*one.letter)
    }

    /// Calls each letter that has mails among those that are about to leave.
    pub(super) fn leaving(&self, tx: &mut Tx<'_>, jobs: &[Job], now: Timestamp) -> Result<()> {
        self.each_with(jobs, |job| job).try_for_each(|(letter, own)| letter.leaving(tx, &own, now))
    }

    /// Calls each letter that has mails among those that were settled, and records every mail that was given up, also one
    /// of a kind that only another release knows, unless its letter forbids it.
    pub(super) fn settled(&self, tx: &mut Tx<'_>, all: &[Settled<'_>]) -> Result<()> {
        self.each_with(all, |one| one.job).try_for_each(|(letter, own)| letter.settled(tx, &own))?;
        record_given_up(tx, all.iter().filter(|one| self.is_recorded(one.job)))
    }

    /// The letters that have mails among these, each with its own, in their order.
    pub(super) fn each_with<'l, 'a, T>(
        &'l self,
        all: &'a [T],
        job: impl Fn(&T) -> &Job + Copy + 'l,
    ) -> impl Iterator<Item = (&'l dyn Letter, Vec<&'a T>)>
    where
        'a: 'l,
    {
        self.all.iter().filter_map(move |one| {
            let own: Vec<_> = all.iter().filter(|each| one.is_of(&job(each).kind)).collect();
            (!own.is_empty()).then_some((&*one.letter, own))
        })
    }
}

impl Registered {
    /// A row may name the letter alone, without its room. This release writes it so, because the one before knows nothing
    /// else and may run beside it.
    fn is_of(&self, kind: &str) -> bool {
        self.kinds.iter().any(|known| is_named(known, kind))
    }
}

/// Whether a row means this kind, with or without its room in front. Asked of each kind for each mail, so it looks at nothing
/// but the end.
fn is_named(known: &str, kind: &str) -> bool {
    known.strip_suffix(kind).is_some_and(|room| room.is_empty() || room.ends_with('.'))
}
