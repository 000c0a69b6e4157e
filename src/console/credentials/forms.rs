//! What the forms about API tokens send.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{Console, KIND, found, path_of, rendered};
use crate::access::{ApiGroup, Narrowing};
use crate::act::Act;
use crate::console::desk::Around;
use crate::console::resets::is_for_the_page;
use crate::credentials::{self, CredentialAsk, CredentialSpec, NewCredential, Token, activate, create, draw};
use crate::error::{Error, Result};
use crate::http::{Answer, Call, Nothing};
use crate::ids;
use crate::objects::Whole;
use crate::pages::console::Place;
use crate::pages::console::credentials::{New, Once, Words, made, new, one, renew, revoke};
use crate::pages::told;
use crate::store::Tx;

/// The life that a form proposes, in days.
const DAYS: i64 = 30;

pub(super) fn usual_days(call: &Call) -> Result<String> {
    Ok(DAYS.min(call.tenant()?.settings.credential.days_max).to_string())
}

/// The form for a new token. Each API group is a field of its own.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleCredential")]
pub(super) struct NewForm {
    /// The id of the form.
    form: String,
    name: String,
    /// The life in days.
    days: String,
    /// Namespaces, with blanks between them.
    namespaces: String,
    /// Networks, with blanks between them.
    networks: String,
    #[serde(flatten)]
    groups: BTreeMap<String, String>,
}

impl NewForm {
    fn ask(&self) -> Result<CredentialAsk> {
        let listed = |text: &str| {
            let list: Vec<_> = text.split([' ', ',', '\n']).map(str::trim).filter(|one| !one.is_empty()).collect();
            (!list.is_empty()).then(|| list.into_iter().map(String::from).collect())
        };
        let groups: Vec<_> = self.groups.keys().cloned().collect();
        let narrowing = Narrowing {
            api_groups: (!groups.is_empty()).then_some(groups),
            namespaces: listed(&self.namespaces),
            networks: listed(&self.networks),
        };
        Ok(CredentialAsk {
            name: Some(self.name.trim().into()),
            expiration_days: Some(Whole(read_days(&self.days)?)),
            spec: Some(CredentialSpec { r#type: Some(KIND.word().into()) }),
            narrowed_to: (narrowing != Narrowing::default()).then_some(narrowing),
        })
    }

    /// The id that the token of this form has.
    fn uid(&self) -> Result<Uuid> {
        let form = Uuid::parse_str(&self.form).map_err(|_| Error::invalid("Field form must be the id of a form."))?;
        Ok(ids::derived(&form, "console credential", 0))
    }
}

fn read_days(typed: &str) -> Result<i64> {
    let wrong = || Error::invalid("Field days must be a whole number of days, 1 or more.");
    typed.trim().parse().ok().filter(|days| *days > 0).ok_or_else(wrong)
}

pub(super) async fn ask_new(console: Console, call: Call) -> Result<Answer> {
    let form =
        NewForm { form: call.random.uuid(call.now()).to_string(), days: usual_days(&call)?, ..NewForm::default() };
    page_of_new(&console, &call, &form, None).map(Answer::page)
}

fn page_of_new(console: &Console, call: &Call, form: &NewForm, refused: Option<&str>) -> Result<maud::Markup> {
    let around = Around::of(console, call)?;
    let groups: Vec<_> = ApiGroup::ALL
        .into_iter()
        .map(|group| (group.name().to_owned(), form.groups.contains_key(group.name())))
        .collect();
    let content = New {
        form: &form.form,
        name: &form.name,
        days: &form.days,
        days_max: call.tenant()?.settings.credential.days_max,
        groups: &groups,
        namespaces: &form.namespaces,
        networks: &form.networks,
        refused,
    };
    Ok(new(&around.desk(Place::Credentials), &content))
}

pub(super) async fn make(console: Console, call: Call, form: NewForm) -> Result<Answer> {
    match made_by(&call, &form).await {
        Ok((new, token)) => {
            let around = Around::of(&console, &call)?;
            let shown = Once {
                name: &new.name,
                token: token.expose(),
                ends_at: new.expires_at,
                url: &around.url_of("/api/web/custom/namespaces/system/whoami"),
            };
            Ok(Answer::page(made(&around.desk(Place::Credentials), &shown)))
        }
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(page_of_new(&console, &call, &form, Some(&sentence))?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}

/// Makes the token, unless this form has made its one before: a page that is loaded again sends it once more.
async fn made_by(call: &Call, form: &NewForm) -> Result<(NewCredential, Token)> {
    let act = Act::of(call)?;
    let (drawn, token) = draw(&form.ask()?, &call.random, &act)?;
    let (new, language) = (NewCredential { uid: form.uid()?, ..drawn }, call.language());
    let kept = new.clone();
    call.store
        .write(call.scope()?, move |tx: &mut Tx<'_>| {
            let own = credentials::of_user(tx, act.tenant.id, act.caller.user)?;
            if own.iter().any(|one| one.uid == new.uid) {
                return Err(Error::conflict(Words(language).was_made_already()));
            }
            create(tx, &new, &act)
        })
        .await?;
    Ok((kept, token))
}

/// The form for a new life of a token.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConsoleRenewal")]
pub(super) struct RenewForm {
    /// The life in days.
    #[serde(default)]
    days: String,
}

pub(super) async fn renew_one(console: Console, call: Call, form: RenewForm) -> Result<Answer> {
    let days = read_days(&form.days);
    let done = match days {
        Ok(days) => changed(&call, move |tx, name, act| credentials::renew(tx, (KIND, name), Some(days), act)).await,
        Err(wrong) => Err(wrong),
    };
    back(&console, &call, (renew, &form.days), done, &path_of(call.param("name")))
}

pub(super) async fn revoke_one(console: Console, call: Call, _: Nothing) -> Result<Answer> {
    let done = changed(&call, |tx, name, act| credentials::revoke(tx, KIND, name, act)).await;
    back(&console, &call, (revoke, ""), done, Place::Credentials.path())
}

/// The button that switches a token off or on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConsoleActivation")]
pub(super) struct ActivateForm {
    /// `true` or `false`: what it is to be.
    active: String,
}

pub(super) async fn activate_one(console: Console, call: Call, form: ActivateForm) -> Result<Answer> {
    let active = form.active == "true";
    let done = changed(&call, move |tx, name, act| activate(tx, (KIND, name), Some(active), act)).await;
    back(&console, &call, (one, ""), done, &path_of(call.param("name")))
}

async fn changed(call: &Call, verb: impl Fn(&mut Tx<'_>, &str, &Act) -> Result<()> + Send + 'static) -> Result<()> {
    let (act, name) = (Act::of(call)?, call.param("name").to_owned());
    call.store.write(call.scope()?, move |tx: &mut Tx<'_>| verb(tx, &name, &act)).await
}

/// To where the result stands; where it was refused, the page from which it was asked for, with the reason.
fn back(
    console: &Console,
    call: &Call,
    (page, days): (super::Page, &str),
    done: Result<()>,
    to: &str,
) -> Result<Answer> {
    match done {
        Ok(()) => Answer::see_at(to),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            let found = call.store.read(call.scope()?, |tx| found(tx, call))?;
            let page = rendered(console, call, &found, page, (days, Some(&sentence)))?;
            Ok(Answer::refused_page(page, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}
