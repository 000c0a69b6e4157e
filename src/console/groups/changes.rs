//! What is changed about a user group, each by the verb that the API calls.

use maud::Markup;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{Console, found, path_of, remove, rendered};
use crate::access::{ApiGroup, Grant};
use crate::act::Act;
use crate::console::desk::Around;
use crate::console::may;
use crate::console::resets::is_for_the_page;
use crate::error::{Error, Result};
use crate::groups::{self, GroupAsk};
use crate::http::{Answer, Call, Nothing};
use crate::mail::address::Email;
use crate::pages::console::Place;
use crate::pages::console::groups::{Leaving, New, Taking, leaving, new, one, taking};
use crate::pages::told;
use crate::people::{self, Group, User};
use crate::store::Tx;
use crate::users;

/// The form for a new group.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ConsoleGroup")]
pub(super) struct NewForm {
    name: String,
    display_name: String,
    description: String,
}

pub(super) async fn ask_new(console: Console, call: Call) -> Result<Answer> {
    page_of_new(&console, &call, &NewForm::default(), None).map(Answer::page)
}

fn page_of_new(console: &Console, call: &Call, form: &NewForm, refused: Option<&str>) -> Result<Markup> {
    let around = Around::of(console, call)?;
    let (name, display_name, description) = (&form.name, &form.display_name, &form.description);
    Ok(new(&around.desk(Place::Groups), &New { name, display_name, description, refused }))
}

pub(super) async fn make(console: Console, call: Call, form: NewForm) -> Result<Answer> {
    match made(&call, &form).await {
        Ok(name) => Answer::see_at(&path_of(&name)),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(page_of_new(&console, &call, &form, Some(&sentence))?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}

async fn made(call: &Call, form: &NewForm) -> Result<String> {
    let (act, name) = (Act::of(call)?, form.name.trim().to_owned());
    groups::check_name(&name)?;
    let (display_name, description) = (Some(form.display_name.clone()), Some(form.description.clone()));
    let wanted = groups::wanted(GroupAsk { display_name, description, ..GroupAsk::default() })?;
    let new = Group::new(name, &act.actor.name, &call.random, act.now);
    let made = call.store.write(call.scope()?, move |tx: &mut Tx<'_>| groups::create(tx, &new, &wanted, &act)).await?;
    Ok(made.group.name)
}

/// The page before a change, by the last word of the path; the page of the group where the reader may not make it, or where it
/// was made meanwhile.
pub(super) async fn ask(console: Console, call: Call) -> Result<Answer> {
    let name = found(&call)?.full.group.name;
    if !may(&call, ApiGroup::UamWrite) {
        return Answer::see_at(&path_of(&name));
    }
    let page = match call.head.path.rsplit('/').next() {
        Some("leave") => page_of_leaving(&console, &call, &call.text("user").unwrap_or_default(), None)?,
        Some("take") => {
            let [namespace, role] = ["namespace", "role"].map(|name| call.text(name).unwrap_or_default());
            page_of_taking(&console, &call, &Grant::new(namespace, role), None)?
        }
        _ => Some(rendered(&console, &call, remove, None)?),
    };
    page.map_or_else(|| Answer::see_at(&path_of(&name)), |page| Ok(Answer::page(page)))
}

/// The user of this id.
fn user_of(call: &Call, uid: &str) -> Result<User> {
    let missing = || Error::not_found("There is no such user in this tenant.");
    let (tenant, uid) = (call.tenant()?.id, Uuid::parse_str(uid).map_err(|_| missing())?);
    call.store.read(call.scope()?, |tx| people::find_by_uid(tx, tenant, &uid))?.ok_or_else(missing)
}

fn page_of_leaving(console: &Console, call: &Call, uid: &str, refused: Option<&str>) -> Result<Option<Markup>> {
    let (around, user, full) = (Around::of(console, call)?, user_of(call, uid)?, found(call)?.full);
    if !full.members.contains(&user.email) {
        return Ok(None);
    }
    let content = Leaving { group: &full.group.name, uid, email: &user.email, refused };
    Ok(Some(leaving(&around.desk(Place::Groups), &content)))
}

fn page_of_taking(console: &Console, call: &Call, grant: &Grant, refused: Option<&str>) -> Result<Option<Markup>> {
    let (around, full) = (Around::of(console, call)?, found(call)?.full);
    if !full.grants.contains(grant) {
        return Ok(None);
    }
    let content = Taking { group: &full.group.name, namespace: &grant.namespace, role: &grant.role, refused };
    Ok(Some(taking(&around.desk(Place::Groups), &content)))
}

/// Who is to join.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ConsoleJoining")]
pub(super) struct JoinForm {
    /// The address of the user.
    email: String,
}

pub(super) async fn join(console: Console, call: Call, form: JoinForm) -> Result<Answer> {
    let done = match Email::parse(form.email.trim()) {
        Ok(email) => member_changed(&call, email, users::group_add).await,
        Err(wrong) => Err(wrong),
    };
    let typed = [form.email.as_str(), "", ""];
    back(&call, done, |sentence| rendered(&console, &call, one, Some((sentence, typed))).map(Some))
}

/// Who is to leave.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ConsoleLeaving")]
pub(super) struct LeaveForm {
    /// The id of the user.
    user: String,
}

pub(super) async fn leave(console: Console, call: Call, form: LeaveForm) -> Result<Answer> {
    let email = Email::parse(&user_of(&call, &form.user)?.email)?;
    let done = member_changed(&call, email, users::group_remove).await;
    back(&call, done, |sentence| page_of_leaving(&console, &call, &form.user, Some(sentence)))
}

type Membership = fn(&mut Tx<'_>, &Email, &[String], &Act) -> Result<()>;

async fn member_changed(call: &Call, email: Email, verb: Membership) -> Result<()> {
    let (act, names) = (Act::of(call)?, vec![found(call)?.full.group.name]);
    call.store.write(call.scope()?, move |tx: &mut Tx<'_>| verb(tx, &email, &names, &act)).await
}

/// A role in a namespace.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ConsoleGrant")]
pub(super) struct GrantForm {
    namespace: String,
    role: String,
}

impl GrantForm {
    fn grant(&self) -> Grant {
        Grant::new(self.namespace.trim(), self.role.trim())
    }
}

pub(super) async fn give(console: Console, call: Call, form: GrantForm) -> Result<Answer> {
    let done = roles_changed(&call, form.grant(), groups::assign_roles).await;
    let typed = ["", form.namespace.as_str(), form.role.as_str()];
    back(&call, done, |sentence| rendered(&console, &call, one, Some((sentence, typed))).map(Some))
}

pub(super) async fn take(console: Console, call: Call, form: GrantForm) -> Result<Answer> {
    let done = roles_changed(&call, form.grant(), groups::remove_roles).await;
    back(&call, done, |sentence| page_of_taking(&console, &call, &form.grant(), Some(sentence)))
}

type Change = fn(&mut Tx<'_>, &str, &[Grant], &Act) -> Result<groups::GroupInFull>;

async fn roles_changed(call: &Call, grant: Grant, verb: Change) -> Result<()> {
    let (act, name) = (Act::of(call)?, call.param("name").to_owned());
    let writing =
        call.store.write(call.scope()?, move |tx: &mut Tx<'_>| verb(tx, &name, std::slice::from_ref(&grant), &act));
    writing.await.map(drop)
}

pub(super) async fn carry_out(console: Console, call: Call, _: Nothing) -> Result<Answer> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_owned());
    match call.store.write(call.scope()?, move |tx: &mut Tx<'_>| groups::remove(tx, &name, &act)).await {
        Ok(()) => Ok(Answer::see(Place::Groups.path())),
        refused => {
            back(&call, refused, |sentence| rendered(&console, &call, remove, Some((sentence, ["", "", ""]))).map(Some))
        }
    }
}

/// To the page of the group; where it was refused, the page from which it was asked for, with the reason.
/// There is no such page where it was done meanwhile.
fn back(call: &Call, done: Result<()>, again: impl FnOnce(&str) -> Result<Option<Markup>>) -> Result<Answer> {
    let path = path_of(call.param("name"));
    match done {
        Ok(()) => Answer::see_at(&path),
        Err(refusal) if is_for_the_page(&refusal) => {
            let page = again(&told::problem(&refusal, call.language()))?;
            page.map_or_else(|| Answer::see_at(&path), |page| Ok(Answer::refused_page(page, refusal.kind)))
        }
        Err(failure) => Err(failure),
    }
}
