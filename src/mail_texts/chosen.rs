//! The chosen texts for the mails that are about to leave. Which texts a tenant has is remembered as of its revision, which
//! every change of a text raises, so that a mail with shipped words costs no look-up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::check::check;
use super::{MailTexts, Place, rows};
use crate::error::Result;
use crate::identity::{Tenant, TenantId};
use crate::language::Language;
use crate::mail::letter::Wording;
use crate::mails::OwnWords;
use crate::store::Tx;

/// Tenants that are remembered. Where more have mail, some are looked up more often.
const REMEMBERED_MAX: usize = 4_096;

/// A kind and a language of which a tenant has its own text.
type Had = (&'static str, Language);

/// What a tenant has, and as of which revision.
type Known = (i64, Arc<[Had]>);

/// Finds the texts that tenants have chosen.
pub struct Chosen {
    room: MailTexts,
    known: Mutex<HashMap<TenantId, Known>>,
}

impl Chosen {
    /// Without memory.
    pub fn new(room: MailTexts) -> Self {
        Self { room, known: Mutex::default() }
    }

    /// Which texts the tenant has.
    fn had(&self, tx: &mut Tx<'_>, tenant: &Tenant) -> Result<Arc<[Had]>> {
        if let Some(had) = self.remembered(tenant) {
            return Ok(had);
        }
        let places = self.room.places();
        let found = rows::find_each(tx, tenant.id, &places)?;
        let had = places.iter().zip(found).filter_map(|(place, own)| own.map(|_| (place.kind.name, place.language)));
        let had: Arc<[Had]> = had.collect();
        self.remember(tenant, &had);
        Ok(had)
    }

    fn remembered(&self, tenant: &Tenant) -> Option<Arc<[Had]>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&tenant.id).filter(|(revision, _)| *revision == tenant.revision).map(|(_, had)| Arc::clone(had))
    }

    fn remember(&self, tenant: &Tenant, had: &Arc<[Had]>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(tenant.id, (tenant.revision, Arc::clone(had)));
    }

    /// Each of these kinds and languages, without repeats, as a place of a text.
    fn places(&self, wanted: &[Had]) -> Vec<Place> {
        let is_wanted = |place: &Place| wanted.contains(&(place.kind.name, place.language));
        self.room.places().into_iter().filter(is_wanted).collect()
    }
}

impl OwnWords for Chosen {
    /// A text that this release would not take is passed over: another release may have taken it, and a mail never lacks its
    /// link.
    fn find_each(&self, tx: &mut Tx<'_>, tenant: &Tenant, mails: &[Had]) -> Result<Vec<Option<Wording>>> {
        let had = self.had(tx, tenant)?;
        let wanted: Vec<Had> = mails.iter().copied().filter(|mail| had.contains(mail)).collect();
        if wanted.is_empty() {
            return Ok(vec![None; mails.len()]);
        }
        let places = self.places(&wanted);
        let found = rows::find_each(tx, tenant.id, &places)?;
        let sound = places.iter().zip(found).filter_map(|(place, own)| {
            let words = own?.words;
            check(&place.kind, &words).is_ok().then_some(((place.kind.name, place.language), words))
        });
        let sound: HashMap<Had, Wording> = sound.collect();
        Ok(mails.iter().map(|mail| sound.get(mail).cloned()).collect())
    }
}
