//! The roles of a user: where each comes from, what is given, and what is taken.

use maud::Markup;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::desk::Around;
use super::resets::is_for_the_page;
use super::{Console, NOT_YET, may};
use crate::access::{ApiGroup, Grant, Held, may_touch};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Answer, Call, Operation, Success, bind, bind_body};
use crate::mail::address::Email;
use crate::pages::console::Place;
use crate::pages::console::user_roles::{Roles, Row, Taking, page, taking};
use crate::pages::told;
use crate::people::{self, User};
use crate::store::Tx;
use crate::users::{self, UserAsk};

const GIVE: &str = "ves.io.schema.user.CustomAPI.AssignRole";
const REPLACE: &str = "ves.io.schema.user.CustomAPI.Replace";

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console/users/{id}/roles", NOT_YET, bind(console, show))
            .id("tenantry.console.user_roles")
            .console(GIVE)
            .answers(&[Success::page()])
            .summary("The page with the roles of a user and where they come from."),
        Operation::post("/console/users/{id}/roles", NOT_YET, bind_body(console, give))
            .id("tenantry.console.give_role")
            .console(GIVE)
            .answers(&[Success::see(), Success::page()])
            .summary("Gives a user a further role, from that page."),
        Operation::get("/console/users/{id}/roles/take", NOT_YET, bind(console, ask))
            .id("tenantry.console.ask_taking_role")
            .console(REPLACE)
            .answers(&[Success::page(), Success::see()])
            .summary("The page that says what happens when a role is taken from a user.")
            .query::<String>("namespace", "The namespace in which the role counts.")
            .query::<String>("role", "The role."),
        Operation::post("/console/users/{id}/roles/take", NOT_YET, bind_body(console, take))
            .id("tenantry.console.take_role")
            .console(REPLACE)
            .answers(&[Success::see(), Success::page()])
            .summary("Takes a role from a user, from that page."),
    ]
}

/// A user with what they hold, and whether the reader may change it.
struct Found {
    user: User,
    email: Email,
    held: Vec<Held>,
    may_change: bool,
}

/// The user whom the path names.
///
/// # Errors
/// `NotFound`; those of the store.
fn found(call: &Call) -> Result<Found> {
    let (tenant, caller) = (call.tenant()?.id, call.caller()?);
    let missing = || Error::not_found("There is no such user in this tenant.");
    let uid = Uuid::parse_str(call.param("id")).map_err(|_| missing())?;
    call.store.read(call.scope()?, |tx| {
        let user = people::find_by_uid(tx, tenant, &uid)?.ok_or_else(missing)?;
        let theirs = people::rights_of(tx, tenant, user.id)?;
        let outranks = may_touch(&caller.rights, &theirs, user.owner_since.is_some()).is_ok();
        let may_change = may(call, ApiGroup::UamWrite) && (outranks || user.id == caller.user);
        let email = Email::parse(&user.email)?;
        Ok(Found { user, email, held: theirs.held().to_vec(), may_change })
    })
}

fn path_of(user: &User) -> String {
    format!("{}/{}/roles", Place::Users.path(), user.uid)
}

async fn show(console: Console, call: Call) -> Result<Answer> {
    rendered(&console, &call, &GrantForm::default(), None).map(Answer::page)
}

fn rendered(console: &Console, call: &Call, typed: &GrantForm, refused: Option<&str>) -> Result<Markup> {
    let (around, Found { user, held, may_change, .. }) = (Around::of(console, call)?, found(call)?);
    let mut rows: Vec<_> = held
        .into_iter()
        .map(|one| Row { namespace: one.grant.namespace, role: one.grant.role, through: one.through })
        .collect();
    rows.sort_by(|one, other| (&one.namespace, &one.role).cmp(&(&other.namespace, &other.role)));
    let content = Roles {
        uid: &user.uid.to_string(),
        email: &user.email,
        name: &user.full_name(),
        rows: &rows,
        may_change,
        typed: (&typed.namespace, &typed.role),
        refused,
        url: &around.url_of(&format!("/api/tenantry/v1/users/{}", user.email)),
    };
    Ok(page(&around.desk(Place::Users), &content))
}

/// A role in a namespace.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ConsoleUserGrant")]
struct GrantForm {
    namespace: String,
    role: String,
}

impl GrantForm {
    fn grant(&self) -> Grant {
        Grant::new(self.namespace.trim(), self.role.trim())
    }
}

async fn give(console: Console, call: Call, form: GrantForm) -> Result<Answer> {
    let (Found { user, email, .. }, act, grant) = (found(&call)?, Act::of(&call)?, form.grant());
    let writing = call.store.write(call.scope()?, move |tx: &mut Tx<'_>| {
        users::give_role(tx, std::slice::from_ref(&email), std::slice::from_ref(&grant), &act)
    });
    match writing.await {
        Ok(()) => Answer::see_at(&path_of(&user)),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(rendered(&console, &call, &form, Some(&sentence))?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}

async fn ask(console: Console, call: Call) -> Result<Answer> {
    let [namespace, role] = ["namespace", "role"].map(|name| call.text(name).unwrap_or_default());
    let (grant, found) = (Grant::new(namespace, role), found(&call)?);
    let is_held = found.held.iter().any(|one| one.through.is_none() && one.grant == grant);
    if found.may_change && is_held {
        return asked(&console, &call, &found.user, &grant, None).map(Answer::page);
    }
    // It was done meanwhile, or the reader may not.
    Answer::see_at(&path_of(&found.user))
}

fn asked(console: &Console, call: &Call, user: &User, grant: &Grant, refused: Option<&str>) -> Result<Markup> {
    let around = Around::of(console, call)?;
    let content = Taking {
        uid: &user.uid.to_string(),
        email: &user.email,
        namespace: &grant.namespace,
        role: &grant.role,
        refused,
    };
    Ok(taking(&around.desk(Place::Users), &content))
}

async fn take(console: Console, call: Call, form: GrantForm) -> Result<Answer> {
    let (Found { user, .. }, act, grant) = (found(&call)?, Act::of(&call)?, form.grant());
    let (id, email, taken) = (user.id, user.email.clone(), grant.clone());
    let writing = call.store.write(call.scope()?, move |tx: &mut Tx<'_>| {
        let mut left = people::grants_of(tx, act.tenant.id, id)?;
        left.retain(|one| *one != taken);
        let ask = UserAsk { email: Some(email.clone()), namespace_roles: Some(left), ..UserAsk::default() };
        users::replace(tx, &ask, &act)
    });
    match writing.await {
        Ok(_) => Answer::see_at(&path_of(&user)),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(asked(&console, &call, &user, &grant, Some(&sentence))?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}
