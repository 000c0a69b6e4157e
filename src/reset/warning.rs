//! The mail that warns the owners when a person has used half of their hourly budget: heavy use is how a leaked credential
//! is noticed.

use serde::Deserialize;
use serde_json::json;

use super::ask::Ask;
use crate::error::{Error, Result};
use crate::ids;
use crate::language::Language;
use crate::mail::letter::{self, Filling, Text, Wording};
use crate::mails::{self, Hole, KindOfMail, Letter, NewMail, Sample, Texts, To};
use crate::people;
use crate::store::Tx;
use crate::words::words;

/// The kind of this mail.
pub const KINDS: &[&str] = &["reset.budget"];

/// Without its room: see [`mails::Letters`].
const WORD: &str = "budget";
/// It is worth sending for a day.
const WORTH_SECONDS: i64 = 24 * 3600;

/// The facts of this mail.
#[derive(Debug, Clone, Copy)]
pub struct BudgetFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The name of the owner who gets it; may be empty.
    pub person_name: &'a str,
    /// The address of the person who made the resets.
    pub spender: &'a str,
    /// Resets in the past hour.
    pub used: u64,
    /// Resets that this person may make in an hour.
    pub budget: u64,
    /// The language.
    pub language: Language,
}

/// A person has used half of their budget of resets.
pub fn warning_mail(facts: &BudgetFacts<'_>) -> Text {
    let (words, tenant) = (Words(facts.language), letter::name(facts.tenant_name));
    letter::Letter::new(facts.language, &tenant, words.subject(&tenant))
        .greet(facts.person_name)
        .say(words.half_is_used(letter::name(facts.spender), facts.used, facts.budget))
        .say(words.is_this_planned())
        .aside(words.why_you())
        .finish()
}

/// This kind of mail in a tenant's words. Its facts cannot be left out: the one who may word it may be the one it warns of.
pub const WORDED: KindOfMail = KindOfMail {
    name: KINDS[0],
    sent: "A person has used half of the resets that one person may make in an hour. Owners of the tenant get it.",
    holes: &[
        Hole::GREETING,
        Hole::NAME,
        Hole::TENANT,
        Hole::needed("spender", "The address of the person who made the resets."),
        Hole::needed("used", "How many passwords they have reset within an hour."),
        Hole::needed("budget", "How many one person may reset in an hour."),
    ],
    shipped,
    sample,
};

fn write(facts: &BudgetFacts<'_>, called: &str, own: Option<&Wording>) -> Text {
    let Some(own) = own else { return warning_mail(facts) };
    Filling::new(facts.language, facts.tenant_name, facts.person_name, called)
        .with("spender", letter::name(facts.spender))
        .with("used", facts.used.to_string())
        .with("budget", facts.budget.to_string())
        .write(own)
}

fn shipped(language: Language) -> Wording {
    let words = Words(language);
    let half_is_used = words.half_is_used("{spender}", "{used}", "{budget}");
    Wording {
        subject: words.subject("{tenant}"),
        paragraphs: vec!["{greeting}".into(), half_is_used, words.is_this_planned().into()],
        footer: words.why_you().into(),
        ..Wording::default()
    }
}

fn sample(sample: &Sample<'_>, own: Option<&Wording>) -> Text {
    let facts = BudgetFacts {
        tenant_name: &sample.tenant.settings.brand.display_name,
        person_name: sample.person,
        spender: "helpdesk@example.com",
        used: 25,
        budget: 50,
        language: sample.language,
    };
    write(&facts, sample.person, own)
}

/// Makes this mail.
pub struct Warning;

#[derive(Deserialize)]
struct Spent {
    by: String,
    used: u64,
    budget: u64,
}

/// Queues the mail to each owner. An ask passes the half at most once, so its own mail leads to their ids.
///
/// # Errors
/// Those of the store.
pub(super) fn queue(tx: &mut Tx<'_>, ask: &Ask, used: i64, most: i64) -> Result<()> {
    let facts = json!({ "by": ask.actor.name, "used": used, "budget": most }).to_string();
    for (nth, owner) in people::owner_ids(tx, ask.tenant)?.into_iter().enumerate() {
        let mail = NewMail {
            tenant: ask.tenant,
            id: ids::derived(&ask.mail, WORD, nth),
            kind: WORD,
            user: owner,
            reset: None,
            facts: &facts,
            now: ask.now,
            due_at: ask.now,
            give_up_at: ask.now.plus_seconds(WORTH_SECONDS),
        };
        mails::queue(tx, &mail)?;
    }
    Ok(())
}

fn text(to: &To<'_>) -> Result<Option<Text>> {
    let Spent { by, used, budget } = serde_json::from_str(&to.job.facts).map_err(Error::internal)?;
    let facts = BudgetFacts {
        tenant_name: &to.tenant.settings.brand.display_name,
        person_name: &to.user.full_name(),
        spender: &by,
        used,
        budget,
        language: to.language(),
    };
    Ok(Some(write(&facts, &to.called(), to.own)))
}

impl Letter for Warning {
    fn compose(&self, _: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(text).collect())
    }
}

words! {
    subject(tenant) {
        en "{tenant}: half of a person’s password resets are used"
        de "{tenant}: Die Hälfte der Passwort-Rücksetzungen einer Person ist verbraucht"
        fr "{tenant}\u{a0}: la moitié des réinitialisations d’une personne est utilisée"
        ja "【{tenant}】パスワードのリセット件数が上限の半分に達しました"
    }

    half_is_used(spender, used, budget) {
        en "{spender} has reset {used} passwords within an hour. The limit for one person is {budget} an hour; beyond \
            that, their resets are refused until the next hour begins."
        de "{spender} hat innerhalb einer Stunde {used} Passwörter zurückgesetzt. Erlaubt sind einer Person {budget} \
            pro Stunde; was darüber hinausgeht, wird abgelehnt, bis die nächste Stunde beginnt."
        fr "{spender} a réinitialisé {used} mots de passe en une heure. La limite pour une personne est de {budget} par \
            heure\u{a0}; au-delà, ses réinitialisations sont refusées jusqu’à l’heure suivante."
        ja "{spender} が、1 時間以内に {used} 件のパスワードをリセットしました。上限は 1 人につき 1 時間あたり {budget} \
            件です。上限を超えるリセットは、次の 1 時間が始まるまで拒否されます。"
    }

    is_this_planned() {
        en "If this is planned, there is nothing to do. If not, disable this user now, and look in the audit log whose \
            passwords they have reset and with which credential."
        de "Ist das geplant, müssen Sie nichts tun. Wenn nicht, sperren Sie diese Person jetzt und sehen Sie im \
            Audit-Protokoll nach, wessen Passwörter sie zurückgesetzt hat und mit welchem Zugang."
        fr "Si c’est prévu, vous n’avez rien à faire. Sinon, désactivez cet utilisateur dès maintenant et cherchez \
            dans le journal d’audit quels mots de passe il a réinitialisés et avec quel accès."
        ja "予定された作業であれば、何もなさる必要はありません。そうでない場合は、このユーザーをただちに無効にし、\
            どのユーザーのパスワードがどの認証情報でリセットされたかを監査ログで確認してください。"
    }

    why_you() {
        en "You get this mail because you are an owner."
        de "Sie bekommen diese Mail, weil Sie zu den Eigentümern gehören."
        fr "Vous recevez ce message parce que vous êtes propriétaire."
        ja "このメールは、所有者の方にお送りしています。"
    }
}
