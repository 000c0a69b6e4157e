//! The console: pages on which administrators do in a browser what the API does for programs.
//!
//! It has no right of its own. Each of its rows names the operation of the API whose verb it calls, and has the permission of
//! that operation; what a form does leaves the record that the call leaves. It stands above all rooms, since a page shows
//! what several of them know: a user with their resets, their tries to sign in and their sessions.
//!
//! A page of an object has its id in its address, never an email address, which would stay in histories and logs. Whatever
//! narrows a list stands in its query, by the names of the API.

mod acts;
mod audit;
mod credentials;
mod desk;
mod find;
mod groups;
mod leaf;
mod namespaces;
mod new_user;
mod overview;
mod rank;
mod resets;
mod roles;
mod theme;
mod user;
mod user_roles;
mod users;
mod webhooks;

use crate::config::PublicUrl;
use crate::house::House;
use crate::http::{CursorKey, Operation, Permission};
use crate::keys::Keys;
use crate::reset::Resets;
use crate::webhooks::Webhooks;

/// What the pages need.
#[derive(Clone)]
struct Console {
    resets: Resets,
    webhooks: Webhooks,
    cursors: CursorKey,
    keys: Keys,
    public_url: PublicUrl,
    is_https: bool,
}

/// The rows of the console, over those of the API.
pub fn operations(house: &House, api: &[Operation]) -> Vec<Operation> {
    let console = Console {
        resets: house.resets.clone(),
        webhooks: house.webhooks(),
        cursors: CursorKey::of(&house.keys),
        keys: house.keys.clone(),
        is_https: house.public_url.is_https(),
        public_url: house.public_url.clone(),
    };
    let rows = [
        overview::operations(&console),
        find::operations(&console),
        users::operations(&console),
        user::operations(&console),
        acts::operations(&console),
        new_user::operations(&console),
        user_roles::operations(&console),
        resets::operations(&console),
        groups::operations(&console),
        roles::operations(&console),
        rank::operations(&console),
        namespaces::operations(&console),
        credentials::operations(&console),
        webhooks::operations(&console),
        audit::operations(&console),
        theme::operations(&console),
    ];
    rows.concat().into_iter().map(|row| with_permission(row, api)).collect()
}

/// The row with the permission of the operation that it names. The table is refused where there is none of that name.
fn with_permission(mut row: Operation, api: &[Operation]) -> Operation {
    let behind = api.iter().find(|operation| Some(operation.id) == row.console_of);
    if let Some(operation) = behind {
        row.permission = operation.permission;
        // What asks a program's session for a fresh proof asks a browser before its form is filled in.
        row.fresh = operation.fresh.map(|_| row.path);
    }
    row
}

/// Of a row before it has that of its operation.
const NOT_YET: Permission = Permission::Operator;

/// Whether the reader of a page may read what the console shows, or change it.
fn may(call: &crate::http::Call, group: crate::access::ApiGroup) -> bool {
    call.caller().is_ok_and(|caller| caller.rights.allow(group, crate::access::SYSTEM))
}
