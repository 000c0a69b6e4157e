//! The mail that tells the owners of a tenant that a user asks for access.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::notifications::wants_access_requests;
use super::rows::REQUEST_MAILED;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::UserId;
use crate::language::Language;
use crate::mail::letter::{self, Filling, Text, Wording, minute};
use crate::mails::{self, Became, Hole, Job, KindOfMail, Letter, NewMail, Sample, Settled, Texts, To};
use crate::people::{self, User};
use crate::store::Tx;
use crate::words::words;
use crate::{ids, params};

/// The kind of this mail.
pub const KINDS: &[&str] = &["user_settings.access_requested"];

/// Without its room: see [`mails::Letters`].
const WORD: &str = "access_requested";
/// It is worth sending for a day: then the user may ask again.
const WORTH_SECONDS: i64 = 24 * 3600;

/// The facts of this mail.
#[derive(Debug, Clone, Copy)]
pub struct AccessFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The name of the owner who gets it; may be empty.
    pub person_name: &'a str,
    /// The address of the user who asks.
    pub asker: &'a str,
    /// When they asked; shown to the minute, in UTC.
    pub at: Timestamp,
    /// The language.
    pub language: Language,
}

/// A user asks for access. Holds no link.
pub fn access_mail(facts: &AccessFacts<'_>) -> Text {
    let (words, tenant) = (Words(facts.language), letter::name(facts.tenant_name));
    let asker = letter::name(facts.asker);
    letter::Letter::new(facts.language, &tenant, words.subject(&tenant))
        .greet(facts.person_name)
        .say(words.asks(asker, &tenant, minute(facts.at)))
        .say(words.what_to_do())
        .aside(words.why_you())
        .finish()
}

/// This kind of mail in a tenant's words. Who asked, and when, cannot be left out: an owner decides by that.
pub const WORDED: KindOfMail = KindOfMail {
    name: KINDS[0],
    sent: "A user asks for access. Owners of the tenant get it, but for those who do not want it.",
    holes: &[
        Hole::GREETING,
        Hole::NAME,
        Hole::TENANT,
        Hole::needed("asker", "The address of the user who asks."),
        Hole::needed("at", "When they asked, to the minute, in UTC."),
    ],
    shipped,
    sample,
};

fn write(facts: &AccessFacts<'_>, called: &str, own: Option<&Wording>) -> Text {
    let Some(own) = own else { return access_mail(facts) };
    Filling::new(facts.language, facts.tenant_name, facts.person_name, called)
        .with("asker", letter::name(facts.asker))
        .with("at", minute(facts.at))
        .write(own)
}

fn shipped(language: Language) -> Wording {
    let words = Words(language);
    let asks = words.asks("{asker}", "{tenant}", "{at}");
    let mut paragraphs = vec!["{greeting}".to_owned()];
    paragraphs.extend(asks.split("\n\n").map(String::from));
    paragraphs.push(words.what_to_do().into());
    Wording { subject: words.subject("{tenant}"), paragraphs, footer: words.why_you().into(), ..Wording::default() }
}

fn sample(sample: &Sample<'_>, own: Option<&Wording>) -> Text {
    let facts = AccessFacts {
        tenant_name: &sample.tenant.settings.brand.display_name,
        person_name: sample.person,
        asker: "jane@example.com",
        at: sample.now,
        language: sample.language,
    };
    write(&facts, sample.person, own)
}

/// Makes this mail.
pub struct AccessLetter;

#[derive(Serialize, Deserialize)]
struct Request {
    by: i64,
    at: i64,
}

/// Queues the mail to each of these owners.
///
/// # Errors
/// Those of the store.
pub(super) fn queue(tx: &mut Tx<'_>, act: &Act, mail: &Uuid, user: &User, owners: &[UserId]) -> Result<()> {
    let facts = serde_json::to_string(&Request { by: user.id.0, at: act.now.0 }).map_err(Error::internal)?;
    for (nth, owner) in owners.iter().enumerate() {
        let mail = NewMail {
            tenant: act.tenant.id,
            id: ids::derived(mail, WORD, nth),
            kind: WORD,
            user: *owner,
            reset: None,
            facts: &facts,
            now: act.now,
            due_at: act.now,
            give_up_at: act.now.plus_seconds(WORTH_SECONDS),
        };
        mails::queue(tx, &mail)?;
    }
    Ok(())
}

fn request(job: &Job) -> Result<Request> {
    serde_json::from_str(&job.facts).map_err(Error::internal)
}

/// There is no point in it for an owner who does not want it, nor about a user who is gone or locked out.
fn text(tx: &mut Tx<'_>, to: &To<'_>) -> Result<Option<Text>> {
    let (tenant, asked) = (to.tenant.id, request(to.job)?);
    if !wants_access_requests(tx, tenant, to.user.id)? {
        return Ok(None);
    }
    let asker = people::find_by_id(tx, tenant, UserId(asked.by))?.filter(|user| user.disabled_at.is_none());
    Ok(asker.map(|asker| {
        let facts = AccessFacts {
            tenant_name: &to.tenant.settings.brand.display_name,
            person_name: &to.user.full_name(),
            asker: &asker.email,
            at: Timestamp(asked.at),
            language: to.language(),
        };
        write(&facts, &to.called(), to.own)
    }))
}

impl Letter for AccessLetter {
    fn compose(&self, tx: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(|to| text(tx, to)).collect())
    }

    /// The user sees in their settings that a mail has left.
    fn settled(&self, tx: &mut Tx<'_>, settled: &[&Settled<'_>]) -> Result<()> {
        let sent = settled.iter().filter(|one| matches!(one.became, Became::Sent(_)));
        let rows = sent.map(|one| {
            let asked = request(one.job)?;
            Ok(params![one.job.tenant, UserId(asked.by), Timestamp(asked.at), one.now])
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        tx.each(REQUEST_MAILED, &rows).map(drop)
    }
}

words! {
    subject(tenant) {
        en "{tenant}: a user asks for access"
        de "{tenant}: Jemand bittet um Zugriff"
        fr "{tenant}\u{a0}: un utilisateur demande un accès"
        ja "【{tenant}】アクセス権の申請がありました"
    }

    asks(asker, tenant, at) {
        en "{asker} asks for access to {tenant}. They asked on {at}."
        de "{asker} bittet um Zugriff auf {tenant}. Zeitpunkt der Bitte: {at}."
        fr "{asker} demande un accès à {tenant}. Date de la demande\u{a0}: {at}."
        ja "{asker} が、{tenant} へのアクセス権を申請しました。\n\n日時：{at}"
    }

    what_to_do() {
        en "If they should have access, give them a role or put them into a user group. If not, there is nothing to do: \
            nothing changes by this request."
        de "Soll diese Person Zugriff bekommen, geben Sie ihr eine Rolle oder nehmen Sie sie in eine Gruppe auf. Wenn \
            nicht, müssen Sie nichts tun: Durch die Bitte allein ändert sich nichts."
        fr "Si cette personne doit avoir accès, donnez-lui un rôle ou ajoutez-la à un groupe. Sinon, vous n’avez rien à \
            faire\u{a0}: la demande seule ne change rien."
        ja "アクセスを許可する場合は、ロールを割り当てるか、ユーザーグループに追加してください。許可しない場合は、\
            何もなさる必要はありません。この申請だけでは何も変わりません。"
    }

    why_you() {
        en "You get this mail because you are an owner. You can switch it off in your settings, under admin_notifications."
        de "Sie bekommen diese Mail, weil Sie zu den Eigentümern gehören. In Ihren Einstellungen können Sie sie unter \
            admin_notifications abschalten."
        fr "Vous recevez ce message parce que vous êtes propriétaire. Vous pouvez le désactiver dans vos paramètres, sous \
            admin_notifications."
        ja "このメールは、所有者の方にお送りしています。設定の admin_notifications で停止できます。"
    }
}
