//! The mails that carry a link, made when they leave: only then is there a link.

mod mail;
mod own;
mod words;

use uuid::Uuid;

pub use self::mail::{LinkFacts, OldPassword, link_mail};
pub use self::own::WORDED;
pub use self::words::Words;
use super::incidents::{self, Incident};
use super::link::{self, Claim};
use super::rows::{self, Kind, Reset};
use super::rules::lifetime_minutes;
use crate::clock::{SECOND, Timestamp};
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId};
use crate::keys::Keys;
use crate::mail::letter::Text;
use crate::mails::{Became, Job, Letter, Settled, Texts, To};
use crate::params;
use crate::passwords;
use crate::secret::Secret;
use crate::store::{Batch, Tx};
use crate::tenants;

/// The kinds of these mails; each is named after the kind of wish for a reset.
pub const KINDS: &[&str] =
    &["reset.administrator", "reset.invitation", "reset.remail", "reset.forgotten", "reset.own", "reset.incident"];

/// All that such a mail says stands in its reset.
pub(super) const NO_FACTS: &str = "{}";

/// Another mail of the same reset may have been given up before.
const MAILED: Batch = Batch::new(
    "UPDATE resets SET mailed_at = COALESCE(mailed_at, $3), undeliverable_at = NULL, relay_words = $4
    WHERE tenant = $1 AND id = $2",
);
const UNDELIVERABLE: Batch = Batch::new(
    "UPDATE resets SET undeliverable_at = $3, relay_words = $4
    WHERE tenant = $1 AND id = $2 AND mailed_at IS NULL",
);
const WORDS: Batch = Batch::new("UPDATE resets SET relay_words = $3 WHERE tenant = $1 AND id = $2");

/// Notes that the one mail of a reset will not arrive, for this reason, if none of its mails has left.
///
/// # Errors
/// Those of the store.
pub fn note_undeliverable(tx: &mut Tx<'_>, tenant: TenantId, reset: &Uuid, why: &str, now: Timestamp) -> Result<()> {
    tx.run(UNDELIVERABLE.text(), &params![tenant, reset, now, why]).map(drop)
}

/// Makes these mails. Links lead to the configured address of the tenant; no request can say where.
pub struct Links {
    keys: Keys,
    public_url: PublicUrl,
}

impl Links {
    /// Letters whose links are made under these keys.
    pub fn new(keys: Keys, public_url: PublicUrl) -> Self {
        Self { keys, public_url }
    }

    /// The mail with its link; none when the reset is over and the mail would only disappoint.
    fn text(&self, to: &To<'_>, resets: &[Reset], incidents: &[Incident]) -> Result<Option<Text>> {
        let word = to.job.word();
        let kind = Kind::from_word(word).ok_or_else(|| Error::internal(format!("no reset is called {word}")))?;
        let reset = resets.iter().find(|reset| Some(reset.id) == to.job.reset);
        let Some(reset) = reset.filter(|reset| reset.is_alive(to.now)) else { return Ok(None) };
        let (link, code) = self.link(to.tenant, reset)?;
        let incident = incidents.iter().find(|incident| Some(incident.id) == reset.incident);
        let contact = incident.and_then(|incident| incident.contact.as_deref());
        let facts = LinkFacts {
            tenant_name: &to.tenant.settings.brand.display_name,
            person_name: &to.user.full_name(),
            link: &link,
            code: code.expose(),
            lives_minutes: minutes_left(reset.expires_at, to.now),
            old_password: old_password(to),
            words: incident.and_then(|incident| incident.words_in(to.language())),
            contact: contact.or(to.tenant.settings.brand.contact.as_deref()),
            language: to.language(),
        };
        Ok(Some(own::write(kind, &facts, &to.called(), to.own)))
    }

    /// The link of a reset, and the code in it.
    fn link(&self, tenant: &Tenant, reset: &Reset) -> Result<(String, Secret<String>)> {
        let claim = Claim { tenant: tenant.id, reset: reset.id };
        let token = link::token(&self.keys, reset.key, claim)
            .ok_or_else(|| Error::internal("the key of a link is no longer in the key file"))?;
        Ok((link::place(&self.public_url, tenant, "/reset", &token), token))
    }
}

/// What the sign-in would say to the password that they had.
fn old_password(to: &To<'_>) -> OldPassword {
    let (user, policy) = (to.user, &to.tenant.settings.password);
    if user.password_hash.is_none() {
        OldPassword::None
    } else if user.password_dead_at.is_some()
        || user.password_must_change_at.is_some()
        || passwords::is_outlived(policy, user.password_changed_at, to.now)
    {
        OldPassword::Dead
    } else {
        OldPassword::Works
    }
}

/// What the way from the request to the relay usually takes; an hour less that is still about an hour.
const ON_THE_WAY_SECONDS: i64 = 10;

/// Rounded down, so that nobody is promised a minute that is not left.
fn minutes_left(expires_at: Timestamp, now: Timestamp) -> u32 {
    let seconds = expires_at.seconds_since(now).max(0) + ON_THE_WAY_SECONDS;
    u32::try_from(seconds / 60).unwrap_or(u32::MAX)
}

/// A mail that is younger leaves so soon that its link need not live longer for it.
const SOON_SECONDS: i64 = 60;

/// A link lives from its mail: one that leaves late, since it had to wait or the relay did not take it, gives the link its
/// whole life. A wish of anyone prolongs no link that an administrator has given.
fn renew_life(tx: &mut Tx<'_>, tenant: &Tenant, jobs: &[&Job], now: Timestamp) -> Result<()> {
    let ids: Vec<_> = jobs.iter().filter_map(|job| job.reset).collect();
    let resets = rows::find_each(tx, tenant.id, &ids)?;
    let incidents = incidents::find_each(tx, tenant.id, resets.iter().filter_map(|reset| reset.incident))?;
    for reset in resets {
        let is_asked = |job: &&&Job| job.reset == Some(reset.id) && job.word() == reset.kind;
        let Some(kind) = Kind::from_word(&reset.kind).filter(|_| jobs.iter().any(|job| is_asked(&job))) else {
            continue;
        };
        let incident = incidents.iter().find(|incident| Some(incident.id) == reset.incident);
        let expires_at = now.plus_seconds(60 * lifetime_minutes(&tenant.settings.reset, kind, incident));
        rows::prolong(tx, tenant.id, &reset, expires_at, now)?;
    }
    Ok(())
}

impl Letter for Links {
    fn leaving(&self, tx: &mut Tx<'_>, jobs: &[&Job], now: Timestamp) -> Result<()> {
        let is_late = |job: &&Job| job.reset.is_some() && (now.0 - job.queued_at.0).abs() >= SOON_SECONDS * SECOND;
        let late: Vec<&Job> = jobs.iter().copied().filter(is_late).collect();
        for jobs in late.chunk_by(|one, next| one.tenant == next.tenant) {
            if let Some(tenant) = tenants::find_by_id(tx, jobs[0].tenant)? {
                renew_life(tx, &tenant, jobs, now)?;
            }
        }
        Ok(())
    }

    fn compose(&self, tx: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        let Some(first) = mails.first() else { return Ok(Vec::new()) };
        let ids: Vec<_> = mails.iter().filter_map(|to| to.job.reset).collect();
        let tenant = first.tenant.id;
        let resets = rows::find_each(tx, tenant, &ids)?;
        let incidents = incidents::find_each(tx, tenant, resets.iter().filter_map(|reset| reset.incident))?;
        Ok(mails.iter().map(|to| self.text(to, &resets, &incidents)).collect())
    }

    /// What an administrator has asked for, as opposed to the user, or anyone who knows the address.
    fn insists(&self, job: &Job) -> bool {
        Kind::from_word(job.word()).is_some_and(|kind| !kind.is_wish())
    }

    /// The timeline of a reset tells what became of its mails.
    fn settled(&self, tx: &mut Tx<'_>, settled: &[&Settled<'_>]) -> Result<()> {
        let (mut mailed, mut waiting, mut undeliverable) = (Vec::new(), Vec::new(), Vec::new());
        for Settled { job, became, now, .. } in settled {
            let Some(reset) = &job.reset else { continue };
            match *became {
                Became::Sent(words) => mailed.push(params![job.tenant, reset, *now, words]),
                Became::Waits(words, _) => waiting.push(params![job.tenant, reset, words]),
                Became::GivenUp(words) => undeliverable.push(params![job.tenant, reset, *now, words]),
                Became::Untried(_) | Became::Pointless => {}
            }
        }
        tx.each(MAILED, &mailed)?;
        tx.each(WORDS, &waiting)?;
        tx.each(UNDELIVERABLE, &undeliverable).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::UserId;
    use crate::random::Random;
    use crate::store::{Scope, Settings, Store};

    #[test]
    fn an_hour_is_an_hour_on_its_way_and_ten_minutes_are_ten() {
        let left = |seconds| minutes_left(Timestamp(0).plus_seconds(seconds), Timestamp(0));
        assert_eq!([3600, 3598, 3580, 600, 59, 40, -1].map(left), [60, 60, 59, 10, 1, 0, 0]);
    }

    #[test]
    fn each_kind_of_reset_has_its_mail_whether_the_row_names_the_room_or_not() {
        assert_eq!(KINDS, Kind::ALL.map(|kind| format!("reset.{}", kind.word())));
        let job = |kind: &str| Job { kind: kind.into(), ..job() };
        assert_eq!(["reset.own", "own"].map(|kind| Kind::from_word(job(kind).word())), [Some(Kind::Own); 2]);
    }

    /// A mail of the reset, tried once.
    fn job() -> Job {
        Job {
            tenant: TenantId(1),
            id: Uuid::from_u128(1),
            kind: "administrator".into(),
            user: UserId(1),
            reset: Some(Uuid::from_u128(9)),
            facts: NO_FACTS.into(),
            queued_at: Timestamp(0),
            give_up_at: Timestamp(i64::MAX),
            attempts: 1,
        }
    }

    #[test]
    fn a_reset_whose_mail_is_taken_after_all_is_undeliverable_no_more() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings::embedded(directory.path(), 10), Timestamp(0)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let keys = Keys::open(&directory.path().join("link.keys"), true, &Random::seeded(1)).unwrap();
        let links = Links::new(keys, "https://example.com".parse().unwrap());
        let states = move |tx: &mut Tx<'_>| {
            let id = Uuid::from_u128(9);
            tx.run(
                "INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, requested_at, requested_by,
                    address, request_id, expires_at)
                 VALUES ($1, $2, 1, 'a@example.com', 'administrator', 1, 1, 0, 'admin', '::1', $2, 9)",
                &params![TenantId(1), &id],
            )?;
            // Mailed again while the first mail still waits: the second bounces, then the first is taken.
            let mut settled = |nth, became| {
                let (job, now, record) =
                    (Job { id: Uuid::from_u128(nth), ..job() }, Timestamp(1_000), Uuid::from_u128(nth));
                links.settled(tx, &[&Settled { job: &job, became, now, record }])?;
                let row =
                    tx.one("SELECT mailed_at, undeliverable_at FROM resets WHERE tenant = $1", &params![TenantId(1)])?;
                Ok((row.get::<Option<Timestamp>>(0)?.is_some(), row.get::<Option<Timestamp>>(1)?.is_some()))
            };
            Ok([settled(2, Became::GivenUp("550 5.1.1 No such user"))?, settled(1, Became::Sent("250 OK"))?])
        };
        let states: [(bool, bool); 2] = runtime.block_on(store.write(Scope::HOUSE, states)).unwrap();
        assert_eq!(states, [(false, true), (true, false)]);
    }
}
