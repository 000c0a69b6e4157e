//! The pages about access in every state: tokens, roles, namespaces, groups, and the roles of a user.

use tenantry::pages::console::credentials::{self, Credentials, New, Once, One};
use tenantry::pages::console::groups::{self, Leaving, Member, Taking};
use tenantry::pages::console::namespaces;
use tenantry::pages::console::new_user;
use tenantry::pages::console::rank::{self, Pair, Rank, Verdict};
use tenantry::pages::console::roles;
use tenantry::pages::console::user_roles;
use tenantry::pages::console::{Desk, Pager};

use crate::console_pages::NOON;

const TOKEN_STATES: [credentials::State; 4] =
    [credentials::State::Works, credentials::State::EndsSoon, credentials::State::Ended, credentials::State::Off];

/// Names of the pages, with their markup.
pub fn of_access(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    [
        of_credentials(desk, text),
        of_tokens(desk, text),
        of_user_roles(desk, text),
        of_groups(desk, text),
        of_roles(desk, text),
        of_rank(desk, text),
        of_namespaces(desk, text),
    ]
    .concat()
}

fn of_credentials(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let rows = TOKEN_STATES.map(|state| credentials::Row {
        name: text.into(),
        owner: text.into(),
        state,
        made_at: NOON,
        ends_at: NOON,
        is_narrowed: state == credentials::State::Works,
    });
    let pager = Pager { first: Some("/console/credentials"), next: Some("/console/credentials?cursor=a") };
    let full = Credentials { q: text, sees_all: true, may_make: true, rows: &rows, pager, url: text };
    let empty = Credentials { rows: &[], ..full };
    let none = Credentials { q: "", sees_all: false, ..empty };
    [("console credentials", full), ("console credentials not found", empty), ("console credentials empty", none)]
        .map(|(name, shown)| (name, credentials::page(desk, &shown).into_string()))
        .into()
}

fn of_tokens(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let list = [text.to_owned()];
    let whole = One {
        name: text,
        state: credentials::State::Works,
        owner: text,
        owner_uid: None,
        made: (NOON, text),
        ends_at: NOON,
        narrowed: [&[], &[], &[]],
        may_change: false,
        days_max: 90,
        days: text,
        refused: None,
        url: text,
    };
    let full = One { owner_uid: Some("0196"), narrowed: [&list; 3], may_change: true, refused: Some(text), ..whole };
    let groups = [("ves-io-uam-read".to_owned(), true), ("ves-io-uam-write".to_owned(), false)];
    let new = New {
        form: "0196",
        name: text,
        days: text,
        days_max: 1,
        groups: &groups,
        namespaces: text,
        networks: text,
        refused: Some(text),
    };
    let once = Once { name: text, token: text, ends_at: NOON, url: text };
    vec![
        ("console credential", credentials::one(desk, &full).into_string()),
        ("console credential of another", credentials::one(desk, &whole).into_string()),
        ("console renewal asked", credentials::renew(desk, &full).into_string()),
        ("console revocation asked", credentials::revoke(desk, &full).into_string()),
        ("console new credential", credentials::new(desk, &new).into_string()),
        ("console credential shown", credentials::made(desk, &once).into_string()),
    ]
}

fn of_user_roles(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let rows = [None, Some(text.to_owned())].map(|through| user_roles::Row {
        namespace: text.into(),
        role: text.into(),
        through,
    });
    let full = user_roles::Roles {
        uid: "0196",
        email: text,
        name: text,
        rows: &rows,
        may_change: true,
        typed: (text, text),
        refused: Some(text),
        url: text,
    };
    let bare = user_roles::Roles { name: "", rows: &[], may_change: false, refused: None, ..full };
    let taking = user_roles::Taking { uid: "0196", email: text, namespace: text, role: text, refused: Some(text) };
    let new = new_user::New {
        email: text,
        first_name: text,
        last_name: text,
        by_sso: true,
        role: text,
        namespace: text,
        refused: Some(text),
    };
    vec![
        ("console user roles", user_roles::page(desk, &full).into_string()),
        ("console user roles none", user_roles::page(desk, &bare).into_string()),
        ("console taking role asked", user_roles::taking(desk, &taking).into_string()),
        ("console new user", new_user::page(desk, &new).into_string()),
    ]
}

fn of_groups(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let rows = [groups::Row { name: text.into(), display_name: text.into(), description: text.into() }];
    let list = groups::Groups { may_make: true, rows: &rows, pager: Pager::default(), url: text };
    let (members, grants) = ([Member { uid: "0196".into(), email: text.into() }], [(text.to_owned(), text.to_owned())]);
    let full = groups::One {
        name: text,
        display_name: text,
        description: text,
        made: (NOON, text),
        members: &members,
        all: 2,
        grants: &grants,
        may_change: true,
        may_see_users: true,
        typed: [text; 3],
        refused: Some(text),
        url: text,
    };
    let read = groups::One { may_change: false, may_see_users: false, refused: None, ..full };
    let bare = groups::One { members: &[], grants: &[], all: 0, description: "", refused: None, ..full };
    let new = groups::New { name: text, display_name: text, description: text, refused: Some(text) };
    let leaving = Leaving { group: text, uid: "0196", email: text, refused: Some(text) };
    let taking = Taking { group: text, namespace: text, role: text, refused: None };
    vec![
        ("console groups", groups::page(desk, &list).into_string()),
        ("console groups empty", groups::page(desk, &groups::Groups { rows: &[], ..list }).into_string()),
        ("console group", groups::one(desk, &full).into_string()),
        ("console group read", groups::one(desk, &read).into_string()),
        ("console group bare", groups::one(desk, &bare).into_string()),
        ("console new group", groups::new(desk, &new).into_string()),
        ("console leaving asked", groups::leaving(desk, &leaving).into_string()),
        ("console taking asked", groups::taking(desk, &taking).into_string()),
        ("console group removal asked", groups::remove(desk, &full).into_string()),
    ]
}

fn of_roles(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let has = [text.to_owned()];
    let rows = [true, false].map(|is_built_in| roles::Row { name: text.into(), is_built_in, groups: has.to_vec() });
    let list = roles::Roles { may_make: true, may_see_users: true, rows: &rows, pager: Pager::default(), url: text };
    let groups = [("ves-io-uam-read".to_owned(), true), ("ves-io-uam-write".to_owned(), false)];
    let full = roles::One {
        name: text,
        description: text,
        is_built_in: false,
        made: (NOON, text),
        has: &has,
        groups: &groups,
        may_change: true,
        may_see_users: true,
        refused: Some(text),
        url: text,
    };
    let read = roles::One {
        is_built_in: true,
        may_change: false,
        may_see_users: false,
        refused: None,
        description: "",
        ..full
    };
    let new = roles::New { name: text, description: text, groups: &groups, refused: Some(text) };
    let reader = roles::Roles { may_make: false, may_see_users: false, ..list };
    vec![
        ("console roles", roles::page(desk, &list).into_string()),
        ("console roles read", roles::page(desk, &reader).into_string()),
        ("console role", roles::one(desk, &full).into_string()),
        ("console role read", roles::one(desk, &read).into_string()),
        ("console new role", roles::new(desk, &new).into_string()),
        ("console role removal asked", roles::remove(desk, &full).into_string()),
    ]
}

fn of_rank(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let verdicts = vec![Verdict::Yes, Verdict::ResetsNobody, Verdict::Lacks(vec!["ves-io-namespace-write"])];
    let row = |resets_nobody| rank::Row { role: text.into(), resets_nobody, verdicts: verdicts.clone() };
    let rows = [row(false), row(true), row(false)];
    let mut shown: Vec<_> = verdicts.iter().map(|verdict| (Some(verdict), false)).collect();
    shown.extend([(None, false), (None, true)]);
    let page = |(verdict, is_unknown)| {
        let content = Rank { pair: Pair { who: text, whom: text, verdict, is_unknown }, rows: &rows, url: text };
        rank::page(desk, &content).into_string()
    };
    let names =
        ["console rank", "console rank of equals", "console rank lacking", "console rank bare", "console rank unknown"];
    names.into_iter().zip(shown.into_iter().map(page)).collect()
}

fn of_namespaces(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let rows = [true, false].map(|is_built_in| namespaces::Row {
        name: text.into(),
        description: text.into(),
        made_by: text.into(),
        is_built_in,
    });
    let list = namespaces::Namespaces { may_make: true, rows: &rows, pager: Pager::default(), url: text };
    let full = namespaces::One {
        name: text,
        description: text,
        made: (NOON, text),
        is_built_in: false,
        may_remove: true,
        may_see_users: true,
        refused: Some(text),
        url: text,
    };
    let bare = namespaces::One { is_built_in: true, may_remove: false, may_see_users: false, refused: None, ..full };
    let new = namespaces::New { name: text, description: text, refused: Some(text) };
    let none = namespaces::Namespaces { rows: &[], may_make: false, ..list };
    vec![
        ("console namespaces", namespaces::page(desk, &list).into_string()),
        ("console namespaces empty", namespaces::page(desk, &none).into_string()),
        ("console namespace", namespaces::one(desk, &full).into_string()),
        ("console namespace of every tenant", namespaces::one(desk, &bare).into_string()),
        ("console new namespace", namespaces::new(desk, &new).into_string()),
        ("console namespace removal asked", namespaces::remove(desk, &full).into_string()),
    ]
}
