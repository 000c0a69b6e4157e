//! The mail that tells the owners of a tenant that a webhook delivers nothing: after a day, and when it is switched off by that.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rows::Webhook;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::ids;
use crate::language::Language;
use crate::mail::letter::{self, Filling, Text, Wording, minute};
use crate::mails::{self, Hole, KindOfMail, Letter, NewMail, Sample, Texts, To};
use crate::people;
use crate::store::Tx;
use crate::words::words;

/// The kind of this mail.
pub const KINDS: &[&str] = &["webhooks.trouble"];

/// Without its room: see [`mails::Letters`].
const WORD: &str = "trouble";
/// It is worth sending for a day.
const WORTH_SECONDS: i64 = 24 * 3600;

/// The facts of this mail.
#[derive(Debug, Clone, Copy)]
pub struct TroubleFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The name of the owner who gets it; may be empty.
    pub person_name: &'a str,
    /// The name of the webhook.
    pub webhook: &'a str,
    /// Since when it delivers nothing; shown to the minute, in UTC.
    pub since: Timestamp,
    /// Whether it is switched off.
    pub is_off: bool,
    /// The language.
    pub language: Language,
}

/// A webhook delivers nothing. Holds no link.
pub fn trouble_mail(facts: &TroubleFacts<'_>) -> Text {
    let (words, tenant) = (Words(facts.language), letter::name(facts.tenant_name));
    letter::Letter::new(facts.language, &tenant, words.subject(&tenant))
        .greet(facts.person_name)
        .say(words.delivers_nothing(letter::name(facts.webhook), minute(facts.since)))
        .say(state(&words, facts.is_off))
        .say(words.where_to_look())
        .aside(words.why_you())
        .finish()
}

fn state(words: &Words, is_off: bool) -> &'static str {
    if is_off { words.is_off() } else { words.will_be_off() }
}

/// This kind of mail in a tenant's words.
pub const WORDED: KindOfMail = KindOfMail {
    name: KINDS[0],
    sent: "A webhook has delivered nothing for a day, or was switched off for that. Owners of the tenant get it.",
    holes: &[
        Hole::GREETING,
        Hole::NAME,
        Hole::TENANT,
        Hole::needed("webhook", "The name of the webhook."),
        Hole::needed("since", "Since when it delivers nothing, to the minute, in UTC."),
        Hole::needed("state", "A sentence that says whether it is switched off, or when it will be."),
    ],
    shipped,
    sample,
};

fn write(facts: &TroubleFacts<'_>, called: &str, own: Option<&Wording>) -> Text {
    let Some(own) = own else { return trouble_mail(facts) };
    Filling::new(facts.language, facts.tenant_name, facts.person_name, called)
        .with("webhook", letter::name(facts.webhook))
        .with("since", minute(facts.since))
        .with("state", state(&Words(facts.language), facts.is_off))
        .write(own)
}

fn shipped(language: Language) -> Wording {
    let words = Words(language);
    let said = [&words.delivers_nothing("{webhook}", "{since}"), "{state}", words.where_to_look()];
    Wording {
        subject: words.subject("{tenant}"),
        paragraphs: ["{greeting}"].into_iter().chain(said).map(String::from).collect(),
        footer: words.why_you().into(),
        ..Wording::default()
    }
}

fn sample(sample: &Sample<'_>, own: Option<&Wording>) -> Text {
    let facts = TroubleFacts {
        tenant_name: &sample.tenant.settings.brand.display_name,
        person_name: sample.person,
        webhook: "Help desk",
        since: sample.now.plus_seconds(-24 * 3600),
        is_off: false,
        language: sample.language,
    };
    write(&facts, sample.person, own)
}

/// Makes this mail.
pub struct TroubleLetter;

/// What is kept with the mail.
#[derive(Serialize, Deserialize)]
struct Kept {
    webhook: String,
    since: i64,
    is_off: bool,
}

/// Queues the mail to each owner; their ids follow from `of`.
///
/// # Errors
/// Those of the store.
pub(super) fn tell_owners(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    webhook: &Webhook,
    of: &Uuid,
    now: Timestamp,
) -> Result<()> {
    let since = webhook.failing_since.unwrap_or(now).0;
    let kept = Kept { webhook: webhook.name.clone(), since, is_off: webhook.off_at.is_some() };
    let facts = serde_json::to_string(&kept).map_err(Error::internal)?;
    for (nth, user) in people::owner_ids(tx, tenant)?.into_iter().enumerate() {
        let (id, give_up_at) = (ids::derived(of, WORD, nth), now.plus_seconds(WORTH_SECONDS));
        let (kind, facts) = (WORD, facts.as_str());
        mails::queue(tx, &NewMail { tenant, id, kind, user, reset: None, facts, now, due_at: now, give_up_at })?;
    }
    Ok(())
}

fn text(to: &To<'_>) -> Result<Option<Text>> {
    let Kept { webhook, since, is_off } = serde_json::from_str(&to.job.facts).map_err(Error::internal)?;
    let facts = TroubleFacts {
        tenant_name: &to.tenant.settings.brand.display_name,
        person_name: &to.user.full_name(),
        webhook: &webhook,
        since: Timestamp(since),
        is_off,
        language: to.language(),
    };
    Ok(Some(write(&facts, &to.called(), to.own)))
}

impl Letter for TroubleLetter {
    fn compose(&self, _: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(text).collect())
    }
}

words! {
    subject(tenant) {
        en "{tenant}: a webhook delivers nothing"
        de "{tenant}: Ein Webhook stellt nichts mehr zu"
        fr "{tenant}\u{a0}: un webhook ne livre plus rien"
        ja "【{tenant}】Webhook の配信が行われていません"
    }

    delivers_nothing(webhook, since) {
        en "The webhook “{webhook}” has delivered nothing since {since}: its receiver does not take what it is sent."
        de "Der Webhook „{webhook}“ hat nichts mehr zugestellt seit: {since}. Der Empfänger nimmt nicht an, was ihm geschickt \
            wird."
        fr "Le webhook «\u{a0}{webhook}\u{a0}» n’a rien livré depuis\u{a0}: {since}. Son destinataire n’accepte pas ce qui lui \
            est envoyé."
        ja "Webhook「{webhook}」は {since} 以降、何も配信できていません。受信側が受け付けていません。"
    }

    will_be_off() {
        en "If nothing can be delivered for five days, it is switched off. What happens until then waits, and is delivered \
            once the receiver works again."
        de "Wenn fünf Tage lang nichts zugestellt werden kann, wird er abgeschaltet. Was bis dahin geschieht, wartet und wird \
            zugestellt, sobald der Empfänger wieder arbeitet."
        fr "Si rien ne peut être livré pendant cinq jours, il est désactivé. Ce qui se passe d’ici là attend, et sera livré \
            dès que le destinataire fonctionnera de nouveau."
        ja "5 日間配信できない状態が続くと、この Webhook は無効になります。それまでに発生したイベントは保留され、受信側が\
            復旧したあとに配信されます。"
    }

    is_off() {
        en "It is switched off now. Once the receiver works again, switch the webhook on: it goes on where it stood."
        de "Er ist jetzt abgeschaltet. Sobald der Empfänger wieder arbeitet, schalten Sie den Webhook ein: Er macht dort \
            weiter, wo er stand."
        fr "Il est maintenant désactivé. Dès que le destinataire fonctionne de nouveau, réactivez le webhook\u{a0}: il \
            reprend là où il en était."
        ja "この Webhook は無効になりました。受信側が復旧したら有効にしてください。停止した箇所から再開します。"
    }

    where_to_look() {
        en "The list of its deliveries says what the receiver has answered."
        de "Die Liste seiner Zustellungen zeigt, was der Empfänger geantwortet hat."
        fr "La liste de ses livraisons montre ce que le destinataire a répondu."
        ja "受信側の応答は、この Webhook の配信一覧で確認できます。"
    }

    why_you() {
        en "You get this mail because you are an owner."
        de "Sie bekommen diese Mail, weil Sie zu den Eigentümern gehören."
        fr "Vous recevez ce message parce que vous êtes propriétaire."
        ja "このメールは、所有者の方にお送りしています。"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_words_make_the_shipped_mail() {
        for (language, is_off) in Language::ALL.into_iter().flat_map(|one| [(one, false), (one, true)]) {
            let facts = TroubleFacts {
                tenant_name: "Example Corp",
                person_name: "Alice Example",
                webhook: "Help desk",
                since: Timestamp(0),
                is_off,
                language,
            };
            assert_eq!(write(&facts, "Alice Example", Some(&shipped(language))), trouble_mail(&facts), "{language:?}");
        }
    }
}
