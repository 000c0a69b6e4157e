//! The call by which administrators look for users.

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::UserState;
use super::search::{Count, Filter, FoundUser, Place, Span, count, search};
use crate::access::{ApiGroup, Grant};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Call, CursorKey, Json, Operation, PageSize, Permission, bind};
use crate::people::{self, SignInBy};
use crate::store::Tx;
use crate::terms::IdmType;

const PAGE_USUAL: i64 = 50;
/// The parameters that say who is looked for. A cursor counts only with the same ones.
const ASKED: [&str; 11] = [
    "q",
    "state",
    "idm_type",
    "role",
    "namespace",
    "group",
    "signed_in_after",
    "signed_in_before",
    "password_after",
    "password_before",
    "second_factor",
];

pub(super) fn operations(cursors: &CursorKey) -> Vec<Operation> {
    let reading = Permission::Group(ApiGroup::UamAdminRead);
    let search = Operation::get("/api/tenantry/v1/users", reading, bind(cursors, search_users))
        .id("tenantry.users.search")
        .summary(
            "The users whose address or name begins so and who pass the filter, in the order of what was looked for.",
        );
    vec![filtered(search)]
}

/// A row whose query says who is looked for.
pub fn filtered(operation: Operation) -> Operation {
    operation
        .query::<String>("q", "How the address or a part of the name begins; letter case and width do not count.")
        .query::<UserState>("state", "Only users who stand so.")
        .query::<SignInBy>("idm_type", "Only users who sign in so.")
        .query::<String>("role", "Only users who hold this role, themselves or by a group.")
        .query::<String>("namespace", "Only users of whom a role counts in this namespace; with `role`, that one.")
        .query::<String>("group", "Only users who are in this group.")
        .query::<Timestamp>("signed_in_after", "Only users who signed in at this moment or later.")
        .query::<Timestamp>("signed_in_before", "Only users who have not signed in since, or never.")
        .query::<Timestamp>("password_after", "Only users whose password was set at this moment or later.")
        .query::<Timestamp>("password_before", "Only users who have a password that was set before this moment.")
        .query::<bool>("second_factor", "Only users who have a second factor, or only users who have none.")
        .query::<bool>("count", "Whether to count all of them, too.")
        .query::<String>("cursor", "The `next` of the page before, unchanged, with the same parameters beside it.")
        .query::<PageSize>("limit", "How many at most, up to 1000; 50 unless said.")
}

/// A page of users.
#[derive(Serialize, JsonSchema)]
struct UserPage {
    items: Vec<UserFound>,
    /// Where the next page begins; null at the end. A page of a filter that few users pass may hold fewer users than it could,
    /// or none, and still have a next one.
    next: Option<String>,
    /// How many there are on all pages; null unless asked for.
    count: Option<UserCount>,
    /// Whether the words of users from before an upgrade are still being made: a user without them is not found by `q`.
    #[schemars(example = false)]
    is_reading_in: bool,
}

/// How many users were found.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UserCount")]
struct UserCount {
    /// Up to 10,000.
    #[schemars(example = 42)]
    count: usize,
    /// Whether there are more, or may be: 20,000 users are looked at.
    #[schemars(example = false)]
    more: bool,
}

/// A user who was found.
#[derive(Serialize, JsonSchema)]
struct UserFound {
    /// The id.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    /// The address.
    #[schemars(example = &"jane@example.com")]
    email: String,
    /// First name.
    #[schemars(example = &"Jane")]
    first_name: String,
    /// Last name.
    #[schemars(example = &"Roe")]
    last_name: String,
    /// `VOLTERRA_MANAGED` or `SSO`.
    #[schemars(with = "IdmType")]
    idm_type: &'static str,
    /// Whether an owner of the tenant.
    domain_owner: bool,
    /// Where they stand, in one word.
    #[schemars(example = UserState::Active)]
    state: UserState,
    /// Their own roles in namespaces.
    namespace_roles: Vec<Grant>,
    /// The user groups that they are in, which may give further roles.
    #[schemars(example = &["operations"])]
    group_names: Vec<String>,
    /// When created.
    created_at: Timestamp,
    /// Last successful sign-in.
    last_login_at: Option<Timestamp>,
    /// When the password was set.
    password_changed_at: Option<Timestamp>,
    /// Whether a code is asked for at sign-in.
    has_second_factor: bool,
    /// When a mail left that told them that they are disabled for being inactive unless they sign in.
    inactivity_told_at: Option<Timestamp>,
    /// Since when they are disabled for being inactive.
    asleep_since: Option<Timestamp>,
}

impl From<FoundUser> for UserFound {
    fn from(user: FoundUser) -> Self {
        Self {
            uid: user.uid.to_string(),
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            idm_type: user.sign_in_by.word(),
            domain_owner: user.is_owner,
            state: user.state,
            namespace_roles: user.grants,
            group_names: user.groups,
            created_at: user.created_at,
            last_login_at: user.last_login_at,
            password_changed_at: user.password_changed_at,
            has_second_factor: user.has_second_factor,
            inactivity_told_at: user.sleep.told_at,
            asleep_since: user.sleep.asleep_since,
        }
    }
}

async fn search_users(cursors: CursorKey, call: Call) -> Result<Json<UserPage>> {
    let Searched { users, next, count, is_reading_in } = searched(&cursors, &call).await?;
    let count = count.map(|Count { count, has_more }| UserCount { count, more: has_more });
    Ok(Json(UserPage { items: users.into_iter().map(Into::into).collect(), next, count, is_reading_in }))
}

/// A page of users that a call asks for by its query.
pub struct Searched {
    /// In order.
    pub users: Vec<FoundUser>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// How many there are, where that is asked.
    pub count: Option<Count>,
    /// Whether the words of some users are still being made, who are not found by `q` until then.
    pub is_reading_in: bool,
}

/// The users that a call asks for, whose row is [`filtered`].
///
/// # Errors
/// `Invalid`, by the name of the parameter; those of the store.
pub async fn searched(cursors: &CursorKey, call: &Call) -> Result<Searched> {
    let (filter, asked) = (read_filter(call)?, digest(call));
    let behind = cursors.read_place(call, &asked)?.map(|place| read_place(&place)).transpose()?;
    let (limit, counts, tenant) = (call.limit(PAGE_USUAL, PageSize::MAX)?, call.flag("count")?, call.tenant()?.id);
    let verb = move |tx: &mut Tx<'_>| {
        let page = search(tx, tenant, &filter, behind, usize::try_from(limit).map_err(Error::internal)?)?;
        let count = counts.then(|| count(tx, tenant, &filter)).transpose()?;
        Ok((page, count, filter.beginning.is_some() && people::lacks_words(tx, tenant)?))
    };
    let (page, count, is_reading_in) = call.store.scan(call.scope()?, verb).await?;
    let next = page.next.map(|place| cursors.behind_place(call, &asked, &written_place(&place))).transpose()?;
    Ok(Searched { users: page.users, next, count, is_reading_in })
}

fn read_filter(call: &Call) -> Result<Filter> {
    let beginning = call.text("q").map(|text| people::beginning(&text)).filter(|text| !text.is_empty());
    Ok(Filter {
        beginning,
        state: call.one_of("state")?,
        sign_in_by: call.one_of("idm_type")?,
        role: call.text("role"),
        namespace: call.text("namespace"),
        group: call.text("group"),
        signed_in: span(call, "signed_in_after", "signed_in_before")?,
        password: span(call, "password_after", "password_before")?,
        second_factor: call.text("second_factor").map(|_| call.flag("second_factor")).transpose()?,
    })
}

fn span(call: &Call, after: &str, before: &str) -> Result<Span> {
    Ok(Span { after: call.moment(after)?, before: call.moment(before)? })
}

/// The digest of the question, each text behind its length, so that no two questions have one in common.
fn digest(call: &Call) -> Vec<u8> {
    let texts = ASKED.iter().map(|name| call.text(name).unwrap_or_default());
    let digest = texts
        .fold(Sha256::new(), |digest, text| digest.chain_update((text.len() as u64).to_be_bytes()).chain_update(text));
    digest.finalize().to_vec()
}

fn written_place(place: &Place) -> Vec<u8> {
    [place.user.to_be_bytes().as_slice(), place.key.as_bytes()].concat()
}

/// The place in a cursor, which this server has written.
fn read_place(bytes: &[u8]) -> Result<Place> {
    let (user, key) = bytes.split_first_chunk().ok_or_else(|| Error::internal("a cursor without a place"))?;
    let key = String::from_utf8(key.to_vec()).map_err(Error::internal)?;
    Ok(Place { key, user: i64::from_be_bytes(*user) })
}
