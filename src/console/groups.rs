//! User groups: their list, one of them with members and roles, a new one, and their end.

mod changes;

use maud::Markup;

use super::desk::{Around, counted};
use super::leaf::Leaf;
use super::{Console, NOT_YET, may};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::groups::{self, GroupInFull};
use crate::http::{Answer, Call, Operation, Success, bind, bind_body};
use crate::mail::address::Email;
use crate::pages::console::groups::{Groups, Member, One, Row, one, page, remove};
use crate::pages::console::{Desk, Place};
use crate::people;

const CREATE: &str = "ves.io.schema.user_group.CustomAPI.Create";
const REMOVE: &str = "ves.io.schema.user_group.CustomAPI.Delete";
const LEAVE: &str = "ves.io.schema.user.CustomAPI.RemoveUserFromGroup";
const TAKE: &str = "ves.io.schema.user_group.CustomAPI.RemoveRole";
/// Members that the page of a group names; the list of users has them all.
const MEMBERS: usize = 50;

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    let mut rows = reading(console);
    rows.extend(writing(console));
    rows
}

fn reading(console: &Console) -> Vec<Operation> {
    let asked = |path, id, of, summary| {
        Operation::get(path, NOT_YET, bind(console, changes::ask))
            .id(id)
            .console(of)
            .answers(&[Success::page(), Success::see()])
            .summary(summary)
    };
    vec![
        Operation::get("/console/groups", NOT_YET, bind(console, list))
            .id("tenantry.console.groups")
            .console("ves.io.schema.user_group.API.List")
            .answers(&[Success::page()])
            .summary("The page with the list of user groups.")
            .query::<String>("cursor", "The name behind which the page begins."),
        Operation::get("/console/groups/{name}", NOT_YET, bind(console, show))
            .id("tenantry.console.group")
            .console("ves.io.schema.user_group.CustomAPI.Get")
            .answers(&[Success::page()])
            .summary("The page of one user group."),
        Operation::get("/console/new/group", NOT_YET, bind(console, changes::ask_new))
            .id("tenantry.console.ask_group")
            .console(CREATE)
            .answers(&[Success::page()])
            .summary("The form for a new user group."),
        asked(
            "/console/groups/{name}/remove",
            "tenantry.console.ask_group_removal",
            REMOVE,
            "The page that says what happens when a user group is removed.",
        ),
        asked(
            "/console/groups/{name}/leave",
            "tenantry.console.ask_leaving",
            LEAVE,
            "The page that says what happens when a user is taken out of a user group.",
        )
        .query::<String>("user", "The id of the user."),
        asked(
            "/console/groups/{name}/take",
            "tenantry.console.ask_taking",
            TAKE,
            "The page that says what happens when a role is taken from a user group.",
        )
        .query::<String>("namespace", "The namespace in which the role counts.")
        .query::<String>("role", "The role."),
    ]
}

fn writing(console: &Console) -> Vec<Operation> {
    let row = |operation: Operation, id, of, summary| {
        operation.id(id).console(of).answers(&[Success::see(), Success::page()]).summary(summary)
    };
    vec![
        row(
            Operation::post("/console/new/group", NOT_YET, bind_body(console, changes::make)),
            "tenantry.console.create_group",
            CREATE,
            "Makes a user group, from that form.",
        ),
        row(
            Operation::post("/console/groups/{name}/join", NOT_YET, bind_body(console, changes::join)),
            "tenantry.console.join_group",
            "ves.io.schema.user.CustomAPI.AddUserToGroup",
            "Puts a user into a user group, from its page.",
        ),
        row(
            Operation::post("/console/groups/{name}/leave", NOT_YET, bind_body(console, changes::leave)),
            "tenantry.console.leave_group",
            LEAVE,
            "Takes a user out of a user group, from that page.",
        ),
        row(
            Operation::post("/console/groups/{name}/give", NOT_YET, bind_body(console, changes::give)),
            "tenantry.console.give_to_group",
            "ves.io.schema.user_group.CustomAPI.AssignRole",
            "Gives a user group a further role, from its page.",
        ),
        row(
            Operation::post("/console/groups/{name}/take", NOT_YET, bind_body(console, changes::take)),
            "tenantry.console.take_from_group",
            TAKE,
            "Takes a role from a user group, from that page.",
        ),
        row(
            Operation::post("/console/groups/{name}/remove", NOT_YET, bind_body(console, changes::carry_out)),
            "tenantry.console.remove_group",
            REMOVE,
            "Removes a user group, from that page.",
        ),
    ]
}

async fn list(console: Console, call: Call) -> Result<Answer> {
    let (around, tenant) = (Around::of(&console, &call)?, call.tenant()?.id);
    let all = call.store.scan(call.scope()?, move |tx| people::list_groups(tx, tenant)).await?;
    let leaf = Leaf::of(&call, all, |one| &one.name);
    let rows: Vec<_> = leaf
        .rows
        .iter()
        .map(|one| Row {
            name: one.name.clone(),
            display_name: one.display_name.clone(),
            description: one.description.clone(),
        })
        .collect();
    let content = Groups {
        may_make: may(&call, ApiGroup::UamWrite),
        rows: &rows,
        pager: leaf.pager(),
        url: &around.url_of("/api/web/custom/namespaces/system/user_groups"),
    };
    Ok(Answer::page(page(&around.desk(Place::Groups), &content)))
}

/// A group, with the first of its members and their ids.
struct Found {
    full: GroupInFull,
    members: Vec<Member>,
}

/// The group that the path names.
///
/// # Errors
/// `NotFound`; those of the store.
fn found(call: &Call) -> Result<Found> {
    let (act, tenant) = (Act::of(call)?, call.tenant()?.id);
    call.store.read(call.scope()?, |tx| {
        let full = groups::get(tx, &act, call.param("name"))?;
        let emails = full.members.iter().take(MEMBERS).map(|email| Email::parse(email)).collect::<Result<Vec<_>>>()?;
        let users = people::find_each_by_email(tx, tenant, &emails.iter().collect::<Vec<_>>())?;
        let members = users.into_iter().flatten().map(|user| Member { uid: user.uid.to_string(), email: user.email });
        let members = members.collect();
        Ok(Found { full, members })
    })
}

async fn show(console: Console, call: Call) -> Result<Answer> {
    rendered(&console, &call, one, None).map(Answer::page)
}

/// A page about a group, with what was typed and why it was refused.
fn rendered(
    console: &Console,
    call: &Call,
    page: fn(&Desk, &One) -> Markup,
    refused: Option<(&str, [&str; 3])>,
) -> Result<Markup> {
    let (around, Found { full, members }) = (Around::of(console, call)?, found(call)?);
    let (refused, typed) = refused.map_or((None, ["", "", ""]), |(sentence, typed)| (Some(sentence), typed));
    let content = One {
        name: &full.group.name,
        display_name: &full.group.display_name,
        description: &full.group.description,
        made: (full.group.created_at, &full.group.created_by),
        members: &members,
        all: counted(i64::try_from(full.members.len()).unwrap_or(i64::MAX)),
        grants: &full.grants.iter().map(|one| (one.namespace.clone(), one.role.clone())).collect::<Vec<_>>(),
        may_change: may(call, ApiGroup::UamWrite),
        may_see_users: may(call, ApiGroup::UamAdminRead),
        typed,
        refused,
        url: &around.url_of(&format!("/api/web/custom/namespaces/system/user_groups/{}", full.group.name)),
    };
    Ok(page(&around.desk(Place::Groups), &content))
}

fn path_of(name: &str) -> String {
    format!("{}/{name}", Place::Groups.path())
}
