//! What is done to one user, each behind a page that says what happens.

use super::desk::{Around, counted};
use super::resets::is_for_the_page;
use super::user::{Found, found};
use super::{Console, NOT_YET};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Answer, Call, Nothing, Operation, Success, bind, bind_body};
use crate::mail::address::Email;
use crate::pages::console::Place;
use crate::pages::console::confirm::{Confirm, page};
use crate::pages::console::user::Act as What;
use crate::pages::told;
use crate::reset::reset_by_administrator;
use crate::store::Tx;
use crate::users;

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    let rows = [
        (What::Reset, "/console/users/{id}/reset", "ves.io.schema.user.CustomAPI.ResetPasswordByAdmin"),
        (What::Disable, "/console/users/{id}/disable", "tenantry.users.disable"),
        (What::Enable, "/console/users/{id}/enable", "tenantry.users.enable"),
        (What::Remove, "/console/users/{id}/remove", "ves.io.schema.user.CustomAPI.CascadeDelete"),
    ];
    rows.into_iter()
        .flat_map(|(act, path, of)| [asking(console, act, path, of), doing(console, act, path, of)])
        .collect()
}

fn asking(console: &Console, act: What, path: &'static str, of: &'static str) -> Operation {
    Operation::get(path, NOT_YET, bind(&(console.clone(), act), ask))
        .id(asked_id(act))
        .console(of)
        .answers(&[Success::page(), Success::see()])
        .summary("The page that says what happens when it is done.")
}

fn doing(console: &Console, act: What, path: &'static str, of: &'static str) -> Operation {
    Operation::post(path, NOT_YET, bind_body(&(console.clone(), act), carry_out))
        .id(id(act))
        .console(of)
        .answers(&[Success::see(), Success::page()])
        .summary("Does it, from that page.")
}

fn asked_id(act: What) -> &'static str {
    match act {
        What::Reset => "tenantry.console.ask_reset",
        What::Disable => "tenantry.console.ask_disable",
        What::Enable => "tenantry.console.ask_enable",
        What::Remove => "tenantry.console.ask_remove",
    }
}

fn id(act: What) -> &'static str {
    match act {
        What::Reset => "tenantry.console.reset_password",
        What::Disable => "tenantry.console.disable_user",
        What::Enable => "tenantry.console.enable_user",
        What::Remove => "tenantry.console.remove_user",
    }
}

async fn ask((console, act): (Console, What), call: Call) -> Result<Answer> {
    let found = call.store.read(call.scope()?, |tx| found(tx, &call))?;
    if found.acts.contains(&act) {
        return rendered(&console, &call, act, &found, None).map(Answer::page);
    }
    // It was done meanwhile, or the reader may not: the page of the user says which.
    Answer::see_at(&format!("{}/{}", Place::Users.path(), found.shown.user.uid))
}

fn rendered(console: &Console, call: &Call, act: What, found: &Found, refused: Option<&str>) -> Result<maud::Markup> {
    let (around, settings) = (Around::of(console, call)?, &call.tenant()?.settings);
    let (uid, name) = (found.shown.user.uid.to_string(), found.shown.user.full_name());
    let confirm = Confirm {
        act,
        uid: &uid,
        email: &found.shown.user.email,
        name: &name,
        mail_goes_to: &found.shown.mail_goes_to.0,
        sessions: u32::try_from(found.shown.sessions.len()).unwrap_or(u32::MAX),
        minutes: counted(settings.reset.link_lifetime_minutes),
        ends_credentials: settings.reset.revokes_credentials,
        keeps_password: settings.reset.keep_password_until_redeemed,
        refused,
    };
    Ok(page(&around.desk(Place::Users), &confirm))
}

async fn carry_out((console, act): (Console, What), call: Call, _: Nothing) -> Result<Answer> {
    let found = call.store.read(call.scope()?, |tx| found(tx, &call))?;
    let email = Email::parse(&found.shown.user.email)?;
    match done(&console, &call, act, email).await {
        Ok(()) if act == What::Remove => Ok(Answer::see(Place::Users.path())),
        Ok(()) => Answer::see_at(&format!("{}/{}", Place::Users.path(), found.shown.user.uid)),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            let page = rendered(&console, &call, act, &found, Some(&sentence))?;
            Ok(Answer::refused_page(page, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}

/// Calls the verb that the API calls.
async fn done(console: &Console, call: &Call, what: What, email: Email) -> Result<(), Error> {
    let act = Act::of(call)?;
    let verb = match what {
        What::Reset => return reset_by_administrator(&console.resets, call, email).await.map(drop),
        What::Disable => users::disable,
        What::Enable => users::enable,
        What::Remove => users::remove,
    };
    call.store.write(call.scope()?, move |tx: &mut Tx<'_>| verb(tx, &email, &act)).await.map(drop)
}
