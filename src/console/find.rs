//! The field that finds anything: an exact address or id leads straight to its page, all else to the list of users.

use form_urlencoded::byte_serialize;
use uuid::Uuid;

use super::{Console, NOT_YET};
use crate::error::Result;
use crate::http::{Answer, Call, Operation, Success, bind};
use crate::mail::address::Email;
use crate::pages::console::Place;
use crate::{people, reset};

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console/find", NOT_YET, bind(console, find))
            .id("tenantry.console.find")
            .console("tenantry.users.search")
            .answers(&[Success::see()])
            .summary("Leads to what an address, an id or the beginning of a name means.")
            .query::<String>("q", "What was typed."),
    ]
}

async fn find(_: Console, call: Call) -> Result<Answer> {
    let typed = call.text("q").unwrap_or_default();
    let found = call.store.read(call.scope()?, |tx| {
        let tenant = call.tenant()?.id;
        if let Ok(email) = Email::parse(typed.trim())
            && let Some(user) = people::find_by_email(tx, tenant, &email)?
        {
            return Ok(Some(format!("{}/{}", Place::Users.path(), user.uid)));
        }
        let Ok(id) = Uuid::try_parse(typed.trim()) else { return Ok(None) };
        if people::find_by_uid(tx, tenant, &id)?.is_some() {
            return Ok(Some(format!("{}/{id}", Place::Users.path())));
        }
        Ok(reset::find(tx, tenant, &id)?.map(|_| format!("{}/{id}", Place::Resets.path())))
    })?;
    let listed =
        || format!("{}?q={}", Place::Users.path(), byte_serialize(typed.trim().as_bytes()).collect::<String>());
    Answer::see_at(&found.unwrap_or_else(listed))
}
