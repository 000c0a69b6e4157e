//! The calls about the words of mails.

use super::check::check;
use super::set::{remove, set};
use super::wire::{All, AskedTrial, AskedWords, OfKind, Preview, Removal, Shown, Tried};
use super::words::Words;
use super::{MailTexts, Place, rows, trial};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::http::{Call, Empty, Json, Operation, Permission, bind, bind_body};
use crate::mail::letter::Wording;

const TEXTS: &str = "/api/tenantry/v1/mail_texts";
const TEXT: &str = "/api/tenantry/v1/mail_texts/{kind}/languages/{language}";

/// Twenty paragraphs of a thousand characters, and the rest, in an alphabet that takes four bytes for each.
const BODY_MAX: usize = 96 * 1024;

/// The operations of this room.
pub fn operations(room: &MailTexts) -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamAdminRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        Operation::get(TEXTS, read, bind(room, list))
            .id("tenantry.mail_texts.list")
            .summary("List the kinds of mail with their words, shipped and chosen, in each language."),
        Operation::get(TEXT, read, bind(room, show))
            .id("tenantry.mail_texts.show")
            .summary("Show the words of one kind of mail in one language."),
        Operation::delete(TEXT, write, bind_body(room, give_up))
            .id("tenantry.mail_texts.remove")
            .summary("Return to the shipped words of one kind of mail in one language."),
        Operation::put(TEXT, write, bind_body(room, choose))
            .id("tenantry.mail_texts.set")
            .body_max(BODY_MAX)
            .summary("Choose the words of one kind of mail in one language; they count from the next mail."),
        Operation::post(
            "/api/tenantry/v1/mail_texts/{kind}/languages/{language}/preview",
            read,
            bind_body(room, preview),
        )
        .id("tenantry.mail_texts.preview")
        .body_max(BODY_MAX)
        .summary("Show a mail as it would be read, with facts that are made up; nothing is changed or sent."),
        Operation::post(
            "/api/tenantry/v1/mail_texts/{kind}/languages/{language}/test",
            write,
            bind_body(room, send_test),
        )
        .id("tenantry.mail_texts.test")
        .body_max(BODY_MAX)
        .summary("Send the caller such a mail, with facts that are made up and a link that opens nothing."),
    ]
}

fn place(room: &MailTexts, call: &Call) -> Result<Place> {
    room.place(call.param("kind"), call.param("language"))
}

/// The words that were asked, if they can be.
fn checked(place: &Place, asked: AskedWords) -> Result<Wording> {
    let words = asked.into();
    check(&place.kind, &words).map(|()| words)
}

async fn list(room: MailTexts, call: Call) -> Result<Json<All>> {
    let (tenant, places) = (call.tenant()?.id, room.places());
    let own = call.store.read(call.scope()?, |tx| rows::find_each(tx, tenant, &places))?;
    let texts: Vec<_> = places.into_iter().zip(own).collect();
    let kinds = texts.chunk_by(|(one, _), (next, _)| one.kind.name == next.kind.name);
    Ok(Json(All { items: kinds.filter_map(OfKind::of).collect() }))
}

async fn show(room: MailTexts, call: Call) -> Result<Json<Shown>> {
    let (tenant, place) = (call.tenant()?.id, place(&room, &call)?);
    let own = call.store.read(call.scope()?, |tx| rows::find(tx, tenant, &place))?;
    Ok(Json(Shown::of(&place, own)))
}

async fn choose(room: MailTexts, call: Call, asked: AskedWords) -> Result<Json<Shown>> {
    let (act, place) = (Act::of(&call)?, place(&room, &call)?);
    let words = checked(&place, asked)?;
    let own = call.store.write(call.scope()?, move |tx| set(tx, &place, &words, &act)).await?;
    Ok(Json(Shown::of(&place, Some(own))))
}

async fn give_up(room: MailTexts, call: Call, _: Removal) -> Result<Empty> {
    let (act, place) = (Act::of(&call)?, place(&room, &call)?);
    call.store.write(call.scope()?, move |tx| remove(tx, &place, &act)).await?;
    Ok(Empty::default())
}

async fn preview(room: MailTexts, call: Call, asked: AskedTrial) -> Result<Json<Preview>> {
    let (tenant, place) = (call.tenant()?, place(&room, &call)?);
    let words = match asked.words {
        Some(asked) => Some(checked(&place, asked)?),
        None => call.store.read(call.scope()?, |tx| rows::find(tx, tenant.id, &place))?.map(|own| own.words),
    };
    let person = Words(place.language).person();
    Ok(Json(trial::sample(&room, tenant, (&place, words.as_ref()), person, call.now()).into()))
}

async fn send_test(room: MailTexts, call: Call, asked: AskedTrial) -> Result<Json<Tried>> {
    let (act, place) = (Act::of(&call)?, place(&room, &call)?);
    let words = asked.words.map(|asked| checked(&place, asked)).transpose()?;
    let to = call.store.write(call.scope()?, move |tx| trial::queue(tx, &place, words.as_ref(), &act)).await?;
    Ok(Json(Tried { to }))
}
