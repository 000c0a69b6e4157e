//! The mail that tells people that their password was changed, from which address and when.

use std::net::{IpAddr, Ipv4Addr};

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::language::Language;
use crate::mail::letter::{self, Filling, Text, Wording, minute};
use crate::mails::{self, Hole, KindOfMail, Letter, NewMail, Sample, Texts, To};
use crate::store::Tx;
use crate::words::words;

/// The kind of this mail.
pub const KINDS: &[&str] = &["notices.password_changed"];

/// Without its room: see [`mails::Letters`].
const WORD: &str = "password_changed";
/// It is worth sending for a day.
const WORTH_SECONDS: i64 = 24 * 3600;

/// A change of a password that its user is to be told of.
#[derive(Debug, Clone, Copy)]
pub struct NewNotice<'a> {
    /// In which tenant.
    pub tenant: TenantId,
    /// The id of the mail.
    pub id: Uuid,
    /// Whose password.
    pub user: UserId,
    /// From where it was changed.
    pub address: &'a str,
    /// The present moment.
    pub now: Timestamp,
}

/// Queues the mail.
///
/// # Errors
/// Those of the store.
pub fn tell_of_change(tx: &mut Tx<'_>, notice: &NewNotice<'_>) -> Result<()> {
    let NewNotice { tenant, id, user, address, now } = *notice;
    let facts = json!({ "at": now.0, "address": address }).to_string();
    let give_up_at = now.plus_seconds(WORTH_SECONDS);
    let mail = NewMail { tenant, id, kind: WORD, user, reset: None, facts: &facts, now, due_at: now, give_up_at };
    mails::queue(tx, &mail)
}

/// The facts of this mail.
#[derive(Debug, Clone, Copy)]
pub struct ChangeFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The recipient's name; may be empty.
    pub person_name: &'a str,
    /// When it was changed; shown to the minute, in UTC.
    pub at: Timestamp,
    /// The client's address.
    pub from_address: IpAddr,
    /// The tenant's contact.
    pub contact: Option<&'a str>,
    /// The language.
    pub language: Language,
}

/// Your password was changed, when and from where. Holds no link.
pub fn change_mail(facts: &ChangeFacts<'_>) -> Text {
    let (words, tenant) = (Words(facts.language), letter::name(facts.tenant_name));
    let not_by_you = letter::contact(facts.contact)
        .map_or_else(|| words.not_by_you().into(), |contact| words.not_by_you_tell(contact));
    letter::Letter::new(facts.language, &tenant, words.subject(&tenant))
        .greet(facts.person_name)
        .say(words.changed(&tenant, minute(facts.at), facts.from_address))
        .say(words.by_you())
        .say(not_by_you)
        .aside(words.no_link())
        .finish()
}

/// This kind of mail in a tenant's words. When and from where it was changed lets the reader judge whether it was them.
pub const WORDED: KindOfMail = KindOfMail {
    name: KINDS[0],
    sent: "The password of the recipient was changed.",
    holes: &[
        Hole::GREETING,
        Hole::NAME,
        Hole::TENANT,
        Hole::needed("at", "When it was changed, to the minute, in UTC."),
        Hole::needed("address", "The network address from which it was changed."),
        Hole::CONTACT,
    ],
    shipped,
    sample,
};

fn write(facts: &ChangeFacts<'_>, called: &str, own: Option<&Wording>) -> Text {
    let Some(own) = own else { return change_mail(facts) };
    Filling::new(facts.language, facts.tenant_name, facts.person_name, called)
        .with("at", minute(facts.at))
        .with("address", facts.from_address.to_string())
        .with_contact(facts.contact)
        .write(own)
}

fn shipped(language: Language) -> Wording {
    let words = Words(language);
    let changed = words.changed("{tenant}", "{at}", "{address}");
    let mut paragraphs = vec!["{greeting}".to_owned()];
    paragraphs.extend(changed.split("\n\n").map(String::from));
    paragraphs.extend([words.by_you().into(), words.not_by_you_tell("{contact}")]);
    Wording { subject: words.subject("{tenant}"), paragraphs, footer: words.no_link().into(), ..Wording::default() }
}

/// An address that belongs to nobody (RFC 5737).
const NOBODYS: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

fn sample(sample: &Sample<'_>, own: Option<&Wording>) -> Text {
    let facts = ChangeFacts {
        tenant_name: &sample.tenant.settings.brand.display_name,
        person_name: sample.person,
        at: sample.now,
        from_address: NOBODYS,
        contact: sample.tenant.settings.brand.contact.as_deref(),
        language: sample.language,
    };
    write(&facts, sample.person, own)
}

/// Makes this mail.
pub struct Notice;

#[derive(Deserialize)]
struct Changed {
    at: i64,
    address: IpAddr,
}

fn text(to: &To<'_>) -> Result<Option<Text>> {
    let Changed { at, address } = serde_json::from_str(&to.job.facts).map_err(Error::internal)?;
    let facts = ChangeFacts {
        tenant_name: &to.tenant.settings.brand.display_name,
        person_name: &to.user.full_name(),
        at: Timestamp(at),
        from_address: address.to_canonical(),
        contact: to.tenant.settings.brand.contact.as_deref(),
        language: to.language(),
    };
    Ok(Some(write(&facts, &to.called(), to.own)))
}

impl Letter for Notice {
    fn compose(&self, _: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(text).collect())
    }
}

words! {
    subject(tenant) {
        en "Your password for {tenant} was changed"
        de "Ihr Passwort für {tenant} wurde geändert"
        fr "Votre mot de passe pour {tenant} a été modifié"
        ja "【{tenant}】パスワードが変更されました"
    }

    changed(tenant, at, address) {
        en "Your password for {tenant} was changed on {at}, from the address {address}."
        de "Ihr Passwort für {tenant} wurde geändert: {at}, von der Adresse {address} aus."
        fr "Votre mot de passe pour {tenant} a été modifié\u{a0}: {at}, depuis l’adresse {address}."
        ja "{tenant} のパスワードが変更されました。\n\n日時：{at}\n接続元アドレス：{address}"
    }

    by_you() {
        en "If that was you, there is nothing to do."
        de "Wenn Sie das waren, müssen Sie nichts tun."
        fr "Si c’était vous, vous n’avez rien à faire."
        ja "ご本人による変更であれば、何もなさる必要はありません。"
    }

    not_by_you() {
        en "If it was not you, tell your administrator right away and have your password reset."
        de "Das waren nicht Sie? Dann melden Sie sich bitte sofort bei Ihrer Administration."
        fr "Ce n’était pas vous\u{a0}? Prévenez sans attendre votre administrateur."
        ja "お心当たりがない場合は、すぐに管理者までご連絡ください。"
    }

    not_by_you_tell(contact) {
        en "If it was not you, tell {contact} right away and have your password reset."
        de "Das waren nicht Sie? Dann melden Sie sich bitte sofort bei: {contact}"
        fr "Ce n’était pas vous\u{a0}? Donnez l’alerte sans attendre\u{a0}: {contact}"
        ja "お心当たりがない場合は、すぐに {contact} までご連絡ください。"
    }

    no_link() {
        en "This mail has no link in it, and we never ask for your password by mail."
        de "Diese Mail enthält keinen Link, und wir fragen nie per Mail nach Ihrem Passwort."
        fr "Ce message ne contient aucun lien, et nous ne demandons jamais votre mot de passe par courriel."
        ja "このメールにリンクは含まれていません。メールでパスワードをお尋ねすることは決してありません。"
    }
}
