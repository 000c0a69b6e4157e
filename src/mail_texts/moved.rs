//! Chosen texts as they leave and come with a whole tenant in a file.

use serde_json::{Map, Value};

use super::check::check;
use super::rows::{self, Own};
use super::wire::AskedWords;
use super::{MailTexts, Place};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::mail::letter::Wording;
use crate::store::Tx;
use crate::tenants;
use crate::text;

/// A text from a file, which this tenant may have.
pub struct MovedText {
    place: Place,
    words: Wording,
}

impl MailTexts {
    /// The text of these names, judged as one that an administrator chooses.
    ///
    /// # Errors
    /// `NotFound` for a kind of mail or a language that there is not; `Invalid` for words that such a mail cannot have.
    pub fn moved(&self, kind: &str, language: &str, words: &Map<String, Value>) -> Result<MovedText> {
        let place = self.place(kind, language)?;
        let asked: AskedWords = serde_json::from_value(Value::Object(words.clone())).map_err(|refused| {
            Error::invalid(format!("These are no words of a mail: {}.", text::shown(&refused.to_string())))
        })?;
        let words = Wording::from(asked);
        check(&place.kind, &words)?;
        Ok(MovedText { place, words })
    }
}

impl MovedText {
    /// Whether the text that the tenant has chosen is this one; `None` if it has chosen none.
    ///
    /// # Errors
    /// Those of the store.
    pub fn is_as_chosen(&self, tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<bool>> {
        Ok(rows::find(tx, tenant, &self.place)?.map(|own| own.words == self.words))
    }

    /// Chooses the text, without a record.
    ///
    /// # Errors
    /// Those of the store.
    pub fn bring(self, tx: &mut Tx<'_>, act: &Act) -> Result<()> {
        let own = Own { words: self.words, changed_at: act.now, changed_by: act.actor.name.clone() };
        rows::keep(tx, act.tenant.id, &self.place, &own)?;
        tenants::raise_revision(tx, act.tenant.id)
    }
}
