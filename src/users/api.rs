//! The calls about users.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::create::read_address;
use super::give::{GiveAsk, MembershipAsk};
use super::object::{UserObject, object};
use super::wire::{UserInFull, UserItem, UserList};
use super::{
    AddressedAsk, FirstLink, UserAsk, codes_api, create, disable, draw, enable, give_role, group_add, group_remove,
    last_logins, list, list_inactive, owner_api, remove, replace, search_api, show,
};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::{Call, CursorKey, Empty, EmptyObject, Items, Json, Listing, Operation, Permission, bind_body};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::objects::{Gone, listing};
use crate::people::User;
use crate::store::Tx;

/// A user may have many roles.
const BODY_MAX: usize = 256 * 1024;

/// The operations of this room; `keys` make the first links of new users, and cursors.
pub fn operations(keys: &Keys) -> Vec<Operation> {
    let mut operations = contracted(keys);
    operations.extend(about_access());
    operations.extend(about_sign_ins());
    operations.extend(owner_api::operations(keys));
    operations.extend(codes_api::operations(keys));
    operations.extend(our_own());
    operations.extend(search_api::operations(&CursorKey::of(keys)));
    operations
}

fn contracted(keys: &Keys) -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamWrite);
    let lock = Permission::Group(ApiGroup::UamAdminWrite);
    vec![
        Operation::get(
            "/api/web/custom/namespaces/{namespace}/user_roles",
            Permission::Group(ApiGroup::UamRead),
            list_all,
        )
        .id("ves.io.schema.user.CustomAPI.List")
        .in_system()
        .summary("List all users with their roles."),
        Operation::post("/api/web/custom/namespaces/{namespace}/user_roles", write, bind_body(keys, create_one))
            .id("ves.io.schema.user.CustomAPI.Create")
            .in_system()
            .summary("Create a user; one with a password here is mailed a link to choose it.")
            .body_max(BODY_MAX),
        Operation::put("/api/web/custom/namespaces/{namespace}/user_roles", write, replace_addressed)
            .id("ves.io.schema.user.CustomAPI.Replace")
            .in_system()
            .summary("Replace names and roles of a user; what is absent stays, an empty list takes all away.")
            .body_max(BODY_MAX),
        Operation::post("/api/web/custom/namespaces/{namespace}/user_roles/{name}", write, replace_one)
            .id("ves.io.schema.user.CustomAPI.Replace_post_post_post")
            .in_system()
            .summary("Replace names and roles of the user whom the path names.")
            .body_max(BODY_MAX),
        Operation::post("/api/web/custom/namespaces/{namespace}/users/cascade_delete", write, remove_one)
            .id("ves.io.schema.user.CustomAPI.CascadeDelete")
            .in_system()
            .summary("Remove a user with their sessions and credentials."),
        Operation::put("/api/web/namespaces/system/user/settings/idm/disable", lock, disable_contracted)
            .id("ves.io.schema.user.setting.CustomAPI.DisableUserInIDM")
            .summary("Lock a user out."),
        Operation::put("/api/web/namespaces/system/user/settings/idm/enable", lock, enable_contracted)
            .id("ves.io.schema.user.setting.CustomAPI.EnableUserInIDM")
            .summary("Let a disabled user in again."),
    ]
}

fn about_access() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamWrite);
    vec![
        Operation::post("/api/web/custom/namespaces/{namespace}/role_users", write, give_one_role)
            .id("ves.io.schema.user.CustomAPI.AssignRole")
            .in_system()
            .summary("Give a role in several namespaces to several users, beside those that they have.")
            .body_max(BODY_MAX),
        Operation::put("/api/web/custom/namespaces/system/users/group_add", write, add_to_groups)
            .id("ves.io.schema.user.CustomAPI.AddUserToGroup")
            .summary("Put a user into groups.")
            .body_max(BODY_MAX),
        Operation::put("/api/web/custom/namespaces/system/users/group_remove", write, remove_from_groups)
            .id("ves.io.schema.user.CustomAPI.RemoveUserFromGroup")
            .summary("Take a user out of groups.")
            .body_max(BODY_MAX),
    ]
}

fn about_sign_ins() -> Vec<Operation> {
    let read = Permission::Group(ApiGroup::UamRead);
    vec![
        Operation::get("/api/web/namespaces/system/tenant/idm/users/inactive", read, list_inactive_users)
            .id("ves.io.schema.tenant.CustomAPI.ListInactiveUsers")
            .summary("List the users who have not signed in for 90 days."),
        Operation::get("/api/web/namespaces/system/tenant/idm/events/last_login", read, map_last_logins)
            .id("ves.io.schema.tenant.CustomAPI.GetLastLoginMap")
            .summary("Show when each user signed in last."),
    ]
}

fn our_own() -> Vec<Operation> {
    let lock = Permission::Group(ApiGroup::UamAdminWrite);
    vec![
        Operation::get("/api/tenantry/v1/users/{email}", Permission::Group(ApiGroup::UamRead), show_one)
            .id("tenantry.users.show")
            .summary("Show one user in full, with the state of their password."),
        Operation::post("/api/tenantry/v1/users/disable", lock, disable_one)
            .id("tenantry.users.disable")
            .summary("Lock a user out: sessions end, tokens do not count, an open link opens nothing."),
        Operation::post("/api/tenantry/v1/users/enable", lock, enable_one)
            .id("tenantry.users.enable")
            .summary("Let a disabled user in again."),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(default)]
#[derive(Default)]
#[schemars(extend("required" = ["email"]))]
struct UserRemoval {
    #[schemars(example = &"jane@example.com")]
    email: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserLock {
    #[schemars(example = &"jane@example.com")]
    email: String,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["user_email"]))]
struct UserEmail {
    #[schemars(example = &"jane@example.com")]
    user_email: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct UsersGone {
    #[schemars(example = true)]
    delete_ok: bool,
    items: Vec<Gone>,
}

#[derive(Serialize, JsonSchema)]
struct InactiveUsers {
    users: Vec<InactiveUser>,
}

#[derive(Serialize, JsonSchema)]
struct InactiveUser {
    #[schemars(example = &"jane@example.com")]
    email: String,
}

#[derive(Serialize, JsonSchema)]
struct LastLogins {
    /// The time of the last sign-in by the address of the user.
    #[schemars(example = json!({ "jane@example.com": "2026-03-04T09:15:27.000000Z" }))]
    last_login_map: BTreeMap<String, Timestamp>,
}

/// What a change of a membership answers.
#[derive(Default, Serialize, JsonSchema)]
struct MembershipAnswer {
    /// Always null: failures are told by the status.
    error: Option<EmptyObject>,
}

async fn give_one_role(call: Call, ask: GiveAsk) -> Result<Empty> {
    let (act, (emails, grants)) = (Act::of(&call)?, ask.read()?);
    call.store.write(call.scope()?, move |tx| give_role(tx, &emails, &grants, &act)).await?;
    Ok(Empty::default())
}

async fn add_to_groups(call: Call, ask: MembershipAsk) -> Result<Json<MembershipAnswer>> {
    let (act, (email, names)) = (Act::of(&call)?, ask.read()?);
    call.store.write(call.scope()?, move |tx| group_add(tx, &email, &names, &act)).await?;
    Ok(Json(MembershipAnswer::default()))
}

async fn remove_from_groups(call: Call, ask: MembershipAsk) -> Result<Json<MembershipAnswer>> {
    let (act, (email, names)) = (Act::of(&call)?, ask.read()?);
    call.store.write(call.scope()?, move |tx| group_remove(tx, &email, &names, &act)).await?;
    Ok(Json(MembershipAnswer::default()))
}

async fn list_all(call: Call) -> Result<Listing<UserList>> {
    let tenant = call.tenant()?.clone();
    let verb = move |tx: &mut Tx<'_>, after: &str, items: &mut Items| {
        list(tx, tenant.id, after, |user| items.push(&UserItem::new(user, &tenant)))
    };
    listing(&call, "", verb).await
}

async fn list_inactive_users(call: Call) -> Result<Json<InactiveUsers>> {
    let (tenant, now) = (call.tenant()?.id, call.now());
    let emails = call.store.scan(call.scope()?, move |tx| list_inactive(tx, tenant, now)).await?;
    Ok(Json(InactiveUsers { users: emails.into_iter().map(|email| InactiveUser { email }).collect() }))
}

async fn map_last_logins(call: Call) -> Result<Json<LastLogins>> {
    let tenant = call.tenant()?.id;
    let last_login_map = call.store.scan(call.scope()?, move |tx| last_logins(tx, tenant)).await?;
    Ok(Json(LastLogins { last_login_map }))
}

async fn create_one(keys: Keys, call: Call, AddressedAsk(ask): AddressedAsk) -> Result<Json<UserObject>> {
    let act = Act::of(&call)?;
    let (new, link) = (draw(&ask, &call.random, &act)?, FirstLink::draw(&keys, &call.random, &act));
    let user_groups = ask.group_names.unwrap_or_default();
    let tenant = act.tenant.clone();
    let making = call.store.write(call.scope()?, move |tx| create(tx, &new, &user_groups, &link, &act));
    Ok(Json(object(making.await?, &tenant)))
}

async fn replace_one(call: Call, mut ask: UserAsk) -> Result<Json<UserObject>> {
    let act = Act::of(&call)?;
    // Where the path names someone, the path wins.
    if let Some(named) = call.head.param("name") {
        ask.email = Some(named.into());
    }
    let tenant = act.tenant.clone();
    let replacing = call.store.write(call.scope()?, move |tx| replace(tx, &ask, &act));
    Ok(Json(object(replacing.await?, &tenant)))
}

async fn replace_addressed(call: Call, AddressedAsk(ask): AddressedAsk) -> Result<Json<UserObject>> {
    replace_one(call, ask).await
}

async fn remove_one(call: Call, ask: UserRemoval) -> Result<Json<UsersGone>> {
    let (act, email) = (Act::of(&call)?, read_address("email", ask.email.as_deref())?);
    let user = call.store.write(call.scope()?, move |tx| remove(tx, &email, &act)).await?;
    let item = Gone {
        object_type: "ves.io.schema.user.Object".into(),
        object_name: user.email,
        object_uid: user.uid.to_string(),
        error_message: "",
    };
    Ok(Json(UsersGone { delete_ok: true, items: vec![item] }))
}

async fn show_one(call: Call) -> Result<Json<UserInFull>> {
    let email = read_address("email", Some(call.param("email")))?;
    show_user(&call, &email).map(Json)
}

async fn disable_one(call: Call, ask: UserLock) -> Result<Json<UserInFull>> {
    lock(&call, &read_address("email", Some(&ask.email))?, disable).await.map(Json)
}

async fn enable_one(call: Call, ask: UserLock) -> Result<Json<UserInFull>> {
    lock(&call, &read_address("email", Some(&ask.email))?, enable).await.map(Json)
}

async fn disable_contracted(call: Call, ask: UserEmail) -> Result<Empty> {
    lock(&call, &read_address("user_email", ask.user_email.as_deref())?, disable).await.map(|_| Empty::default())
}

async fn enable_contracted(call: Call, ask: UserEmail) -> Result<Empty> {
    lock(&call, &read_address("user_email", ask.user_email.as_deref())?, enable).await.map(|_| Empty::default())
}

type Lock = fn(&mut Tx<'_>, &Email, &Act) -> Result<User>;

async fn lock(call: &Call, email: &Email, verb: Lock) -> Result<UserInFull> {
    let (act, key) = (Act::of(call)?, email.clone());
    call.store.write(call.scope()?, move |tx| verb(tx, &key, &act)).await?;
    show_user(call, email)
}

fn show_user(call: &Call, email: &Email) -> Result<UserInFull> {
    let (tenant, now) = (call.tenant()?, call.now());
    call.store.read(call.scope()?, |tx| show(tx, tenant, email, now)).map(UserInFull::new)
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
