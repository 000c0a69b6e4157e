//! A new user, who is mailed a link to choose a password.

use maud::Markup;
use schemars::JsonSchema;
use serde::Deserialize;

use super::desk::Around;
use super::resets::is_for_the_page;
use super::{Console, NOT_YET};
use crate::access::Grant;
use crate::act::Act;
use crate::error::Result;
use crate::http::{Answer, Call, Operation, Success, bind, bind_body};
use crate::pages::console::Place;
use crate::pages::console::new_user::{New, page};
use crate::pages::told;
use crate::people::User;
use crate::store::Tx;
use crate::users::{FirstLink, UserAsk, create, draw};

const CREATE: &str = "ves.io.schema.user.CustomAPI.Create";

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console/users/new", NOT_YET, bind(console, ask))
            .id("tenantry.console.ask_user")
            .console(CREATE)
            .answers(&[Success::page()])
            .summary("The form for a new user."),
        Operation::post("/console/users/new", NOT_YET, bind_body(console, make))
            .id("tenantry.console.create_user")
            .console(CREATE)
            .answers(&[Success::see(), Success::page()])
            .summary("Makes a user, from that form."),
    ]
}

/// The form for a new user.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ConsoleUser")]
struct NewForm {
    email: String,
    first_name: String,
    last_name: String,
    /// `on` for a user of single sign-on.
    sso: String,
    /// A first role, if any.
    role: String,
    /// The namespace in which it counts.
    namespace: String,
}

impl NewForm {
    fn ask(&self) -> UserAsk {
        let role = Some(self.role.trim()).filter(|role| !role.is_empty());
        UserAsk {
            email: Some(self.email.trim().into()),
            first_name: Some(self.first_name.trim().into()),
            last_name: Some(self.last_name.trim().into()),
            idm_type: (!self.sso.is_empty()).then(|| "SSO".into()),
            namespace_roles: role.map(|role| vec![Grant::new(self.namespace.trim(), role)]),
            ..UserAsk::default()
        }
    }
}

async fn ask(console: Console, call: Call) -> Result<Answer> {
    let form = NewForm { namespace: crate::access::SYSTEM.into(), ..NewForm::default() };
    rendered(&console, &call, &form, None).map(Answer::page)
}

fn rendered(console: &Console, call: &Call, form: &NewForm, refused: Option<&str>) -> Result<Markup> {
    let around = Around::of(console, call)?;
    let content = New {
        email: &form.email,
        first_name: &form.first_name,
        last_name: &form.last_name,
        by_sso: !form.sso.is_empty(),
        role: &form.role,
        namespace: &form.namespace,
        refused,
    };
    Ok(page(&around.desk(Place::Users), &content))
}

async fn make(console: Console, call: Call, form: NewForm) -> Result<Answer> {
    match made(&console, &call, &form).await {
        Ok(user) => Answer::see_at(&format!("{}/{}", Place::Users.path(), user.uid)),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(rendered(&console, &call, &form, Some(&sentence))?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}

async fn made(console: &Console, call: &Call, form: &NewForm) -> Result<User> {
    let act = Act::of(call)?;
    let new = draw(&form.ask(), &call.random, &act)?;
    let link = FirstLink::draw(&console.keys, &call.random, &act);
    call.store.write(call.scope()?, move |tx: &mut Tx<'_>| create(tx, &new, &[], &link, &act)).await
}
