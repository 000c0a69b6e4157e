//! The list of users.

use std::collections::BTreeSet;

use super::desk::{Around, counted};
use super::{Console, NOT_YET, may};
use crate::access::ApiGroup;
use crate::error::Result;
use crate::http::{Answer, Call, Operation, Success, bind};
use crate::pages::console::users::{Row, Users, View, page};
use crate::pages::console::{Pager, Place, Standing};
use crate::people::SignInBy;
use crate::tenants;
use crate::users::{FoundUser, UserState, filtered, searched};

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    let list = Operation::get("/console/users", NOT_YET, bind(console, list))
        .id("tenantry.console.users")
        .console("tenantry.users.search")
        .answers(&[Success::page()])
        .summary("The page with the list of users.");
    vec![filtered(list)]
}

async fn list(console: Console, call: Call) -> Result<Answer> {
    let found = searched(&console.cursors, &call).await?;
    let (around, tenant) = (Around::of(&console, &call)?, call.tenant()?.id);
    let all = call.store.read(call.scope()?, |tx| tenants::count_users(tx, tenant))?;
    let rows: Vec<_> = found.users.into_iter().map(row).collect();
    let (first, next) = (beginning(&call), found.next.as_deref().map(|cursor| behind(&call, cursor)));
    let users = Users {
        all: counted(all),
        q: &call.text("q").unwrap_or_default(),
        view: view(&call),
        may_make: may(&call, ApiGroup::UamWrite),
        rows: &rows,
        is_reading_in: found.is_reading_in,
        pager: Pager { first: first.as_deref(), next: next.as_deref() },
        url: &around.url_with_query(&call, "/api/tenantry/v1/users"),
    };
    Ok(Answer::page(page(&around.desk(Place::Users), &users)))
}

fn row(user: FoundUser) -> Row {
    let standing = match user.state {
        UserState::Disabled => Standing::Disabled,
        UserState::Invited => Standing::Invited,
        UserState::Active if user.has_dead_password => Standing::PasswordDead,
        UserState::Active => Standing::Active,
    };
    let roles: BTreeSet<_> = user.grants.into_iter().map(|grant| grant.role).collect();
    Row {
        uid: user.uid.to_string(),
        name: format!("{} {}", user.first_name, user.last_name).trim().to_owned(),
        email: user.email,
        standing,
        is_owner: user.is_owner,
        by_sso: user.sign_in_by == SignInBy::SingleSignOn,
        has_second_factor: user.has_second_factor,
        roles: roles.into_iter().collect(),
        last_sign_in: user.last_login_at,
    }
}

/// The view whose filter the query is.
fn view(call: &Call) -> View {
    let asked = |name: &str| call.text(name).unwrap_or_default();
    let views = [View::Invited, View::Disabled, View::SingleSignOn, View::WithoutSecondFactor];
    let named = ["state", "idm_type", "role", "namespace", "group", "second_factor"];
    let given: Vec<_> =
        named.into_iter().map(|name| (name, asked(name))).filter(|(_, value)| !value.is_empty()).collect();
    let is = |view: &View| {
        let query = view.query();
        query.len() == given.len() && query.iter().zip(&given).all(|(one, other)| one.0 == other.0 && one.1 == other.1)
    };
    match given.is_empty() {
        true => View::Everyone,
        false => views.into_iter().find(is).unwrap_or(View::Other),
    }
}

/// The list from its beginning, for a page behind it.
pub(super) fn beginning(call: &Call) -> Option<String> {
    call.text("cursor").map(|_| with_query(call, None))
}

/// The page behind a cursor.
pub(super) fn behind(call: &Call, cursor: &str) -> String {
    with_query(call, Some(cursor))
}

/// This page with another cursor.
fn with_query(call: &Call, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(call.head.query.as_bytes()).filter(|(name, _)| name != "cursor") {
        query.append_pair(&name, &value);
    }
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    match query.finish() {
        query if query.is_empty() => call.head.path.to_string(),
        query => format!("{}?{query}", call.head.path),
    }
}
