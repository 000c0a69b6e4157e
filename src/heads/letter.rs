//! The mail with a head, to the address that an owner has entered for it, which need not be that of a user.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rows::Kept;
use crate::error::{Error, Result};
use crate::identity::Tenant;
use crate::language::Language;
use crate::mail::letter::{self, Text};
use crate::mails::{self, Addressed, Job, Letter, NO_USER, NewMail, Texts, To};
use crate::store::Tx;
use crate::words::words;

/// The kind of this mail.
pub const KINDS: &[&str] = &["heads.head"];

/// Without its room: see [`mails::Letters`].
const WORD: &str = "head";
/// It is worth sending for three days: later ones say more.
const WORTH_SECONDS: i64 = 3 * 24 * 3600;

/// What is kept with the mail.
#[derive(Serialize, Deserialize)]
struct Facts {
    to: String,
    number: i64,
    note: String,
}

/// Queues the mail, where the tenant has an address for it.
///
/// # Errors
/// Those of the store.
pub(super) fn queue(tx: &mut Tx<'_>, tenant: &Tenant, head: &Kept, id: Uuid) -> Result<()> {
    let Some(to) = &tenant.settings.mail.audit_head else { return Ok(()) };
    let facts = Facts { to: to.clone(), number: head.number, note: head.note.clone() };
    let facts = serde_json::to_string(&facts).map_err(Error::internal)?;
    let (now, facts, give_up_at) = (head.made_at, facts.as_str(), head.made_at.plus_seconds(WORTH_SECONDS));
    let (tenant, kind, user) = (tenant.id, WORD, NO_USER);
    mails::queue(tx, &NewMail { tenant, id, kind, user, reset: None, facts, now, due_at: now, give_up_at })
}

/// The text of the mail: the note stands in it as it is.
pub fn head_mail(tenant_name: &str, number: i64, note: &str, language: Language) -> Text {
    let (words, tenant) = (Words(language), letter::name(tenant_name));
    letter::Letter::new(language, &tenant, words.subject(&tenant, number))
        .say(words.what_it_is(&tenant))
        .verbatim(note)
        .say(words.how_to_use())
        .aside(words.why_you())
        .finish()
}

/// Makes this mail.
pub struct HeadLetter;

impl Letter for HeadLetter {
    /// No user gets it.
    fn compose(&self, _: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(|_| Ok(None)).collect())
    }

    fn compose_for_no_user(&self, tenant: &Tenant, job: &Job) -> Result<Option<Addressed>> {
        let Facts { to, number, note } = serde_json::from_str(&job.facts).map_err(Error::internal)?;
        let brand = &tenant.settings.brand;
        let language = Language::from_tag(&brand.language).unwrap_or_default();
        Ok(Some(Addressed { to, text: head_mail(&brand.display_name, number, &note, language) }))
    }

    /// A record would be sealed, and the next head tell of it to the same address, for ever.
    fn is_recorded(&self) -> bool {
        false
    }
}

words! {
    subject(tenant, number) {
        en "{tenant}: head {number} of the audit log"
        de "{tenant}: Stand {number} des Audit-Protokolls"
        fr "{tenant}\u{a0}: état {number} du journal d’audit"
        ja "【{tenant}】監査ログのヘッド {number}"
    }

    what_it_is(tenant) {
        en "This is the signed end of the audit log of {tenant}. Keep it where the administrators of the server cannot change it."
        de "Dies ist das signierte Ende des Audit-Protokolls von {tenant}. Bewahren Sie es dort auf, wo es die Administration des \
            Servers nicht ändern kann."
        fr "Voici la fin signée du journal d’audit de {tenant}. Conservez-la là où les administrateurs du serveur ne peuvent pas \
            la modifier."
        ja "これは {tenant} の監査ログの、署名された末尾です。サーバーの管理者が変更できない場所に保管してください。"
    }

    how_to_use() {
        en "Saved as a file, `tenantry audit verify --head FILE` compares it with the log later on, and tells whether anything \
            before it was changed or cut off."
        de "Als Datei gesichert, vergleicht `tenantry audit verify --head DATEI` es später mit dem Protokoll und sagt, ob etwas \
            davor geändert oder abgeschnitten wurde."
        fr "Enregistrée dans un fichier, `tenantry audit verify --head FICHIER` la compare plus tard avec le journal et indique si \
            quelque chose de ce qui précède a été modifié ou coupé."
        ja "ファイルとして保存すると、あとから `tenantry audit verify --head ファイル名` でログと比較し、それ以前の記録が変更または\
            削除されていないかを確認できます。"
    }

    why_you() {
        en "You get this mail because an owner has entered this address for it."
        de "Sie bekommen diese Mail, weil jemand aus dem Kreis der Eigentümer diese Adresse dafür eingetragen hat."
        fr "Vous recevez ce message parce qu’un propriétaire a indiqué cette adresse à cet effet."
        ja "このメールは、所有者が登録したアドレスにお送りしています。"
    }
}
