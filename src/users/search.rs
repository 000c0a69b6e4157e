//! The users who are looked for: by how their address or a name begins, and by a filter, page by page.
//!
//! A page is a part of one index: of the addresses, or of the words that people are found by. The filter is asked of each user
//! that is read, here and not in the engine, so that it means the same on both. A page stops when it is full, and when so many
//! users were looked at: then the next one goes on behind them. See `docs/decisions/0037-words-by-which-people-are-found.md`.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Sleep, UserState};
use crate::access::Grant;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::people::{self, SignInBy};
use crate::store::{Batch, Row, Tx};

/// The users whom a page of a filter looks at.
const FILTERED: Reach = Reach { at_once: 500, most: 5_000 };
/// The users whom a count looks at.
const COUNTED: Reach = Reach { at_once: 2_000, most: 20_000 };
/// Up to here matches are counted.
const COUNTED_MAX: usize = 10_000;

/// The columns of [`FoundUser`], in its order; a macro so that statements stay static texts.
macro_rules! found_columns {
    () => {
        "u.id, u.uid, u.email, u.first_name, u.last_name, u.idm_type, u.owner_since, u.disabled_at, u.created_at,
            u.last_login_at, u.password_hash IS NOT NULL, u.password_changed_at, u.group_roles, f.seed IS NOT NULL,
            u.password_dead_at IS NOT NULL"
    };
}
const BY_ADDRESS: &str = concat!(
    "SELECT ",
    found_columns!(),
    ", u.email_key FROM users u LEFT JOIN second_factors f ON f.tenant = u.tenant AND f.user_id = u.id
    WHERE u.tenant = $1 AND u.email_key > $2 AND u.kind <> 'SERVICE' ORDER BY u.email_key LIMIT $3"
);
const BY_WORD: &str = concat!(
    "SELECT ",
    found_columns!(),
    ", w.word FROM user_words w JOIN users u ON u.tenant = w.tenant AND u.id = w.user_id
        LEFT JOIN second_factors f ON f.tenant = w.tenant AND f.user_id = w.user_id
    WHERE w.tenant = $1 AND (w.word, w.user_id) > ($2, $3) AND w.word < $4 ORDER BY w.word, w.user_id LIMIT $5"
);
const BY_ID: Batch = Batch::new(concat!(
    "SELECT ",
    found_columns!(),
    ", u.email_key FROM users u LEFT JOIN second_factors f ON f.tenant = u.tenant AND f.user_id = u.id
    WHERE u.tenant = $1 AND u.id = $2"
));
const GRANTS: Batch =
    Batch::new("SELECT namespace, role FROM grants WHERE tenant = $1 AND user_id = $2 ORDER BY namespace, role");

/// Which users a search asks for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// How the address or a name begins, in the letters of [`people::beginning`].
    pub beginning: Option<String>,
    /// Where they stand.
    pub state: Option<UserState>,
    /// How they sign in.
    pub sign_in_by: Option<SignInBy>,
    /// A role that they hold, themselves or by a group.
    pub role: Option<String>,
    /// A namespace in which a role of theirs counts; with `role`, that one.
    pub namespace: Option<String>,
    /// A group that they are in.
    pub group: Option<String>,
    /// When they signed in last.
    pub signed_in: Span,
    /// When their password was set.
    pub password: Span,
    /// Whether they have a second factor.
    pub second_factor: Option<bool>,
}

/// A part of time: from `after` on, and before `before`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// From then on.
    pub after: Option<Timestamp>,
    /// Before then.
    pub before: Option<Timestamp>,
}

impl Span {
    /// Whether this moment lies in it. What never happened lies in no part that has a beginning, and in one without if `never`.
    fn takes(self, at: Option<Timestamp>, never: bool) -> bool {
        match at {
            Some(at) => self.after.is_none_or(|after| at >= after) && self.before.is_none_or(|before| at < before),
            None => self.after.is_none() && (never || self.before.is_none()),
        }
    }

    fn is_any(self) -> bool {
        self.after.is_none() && self.before.is_none()
    }
}

/// How many users are looked at: in one statement, and in all.
#[derive(Debug, Clone, Copy)]
struct Reach {
    at_once: usize,
    most: usize,
}

/// The place of a user in the order of a search: the address, or the word and the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The address as it is looked up, or the word.
    pub key: String,
    /// Whose word it is; 0 in the order of addresses.
    pub user: i64,
}

/// A user who was found.
#[derive(Debug, Clone)]
pub struct FoundUser {
    /// The number.
    pub id: UserId,
    /// The id outside.
    pub uid: Uuid,
    /// The address, as first written.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// How they sign in.
    pub sign_in_by: SignInBy,
    /// Whether an owner of the tenant.
    pub is_owner: bool,
    /// Where they stand.
    pub state: UserState,
    /// When created.
    pub created_at: Timestamp,
    /// Last successful sign-in.
    pub last_login_at: Option<Timestamp>,
    /// When the password was set.
    pub password_changed_at: Option<Timestamp>,
    /// Whether a reset has ended the password.
    pub has_dead_password: bool,
    /// What is known of them as of one who is inactive; nothing of most.
    pub sleep: Sleep,
    /// Their own roles in namespaces, sorted.
    pub grants: Vec<Grant>,
    /// The user groups that they are in, by name.
    pub groups: Vec<String>,
    /// Whether they have a second factor.
    pub has_second_factor: bool,
    by_groups: Vec<Grant>,
    place: Place,
}

/// A page of them.
#[derive(Debug, Default)]
pub struct FoundPage {
    /// In order.
    pub users: Vec<FoundUser>,
    /// Where the next page begins; none at the end.
    pub next: Option<Place>,
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// So many were counted.
    pub count: usize,
    /// Whether there are more, or may be.
    pub has_more: bool,
}

/// The users who pass the filter, behind a place, `limit` at most.
///
/// # Errors
/// Those of the store.
pub fn search(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    filter: &Filter,
    behind: Option<Place>,
    limit: usize,
) -> Result<FoundPage> {
    let mut page = FoundPage::default();
    let reach = if filter.is_any() { Reach { at_once: limit.max(100), ..FILTERED } } else { FILTERED };
    page.next = walk(tx, tenant, filter, behind, reach, |user| {
        page.users.push(user);
        page.users.len() < limit
    })?;
    fill_in_grants(tx, tenant, &mut page.users)?;
    let users: Vec<_> = page.users.iter().map(|user| user.id).collect();
    for (user, sleeper) in page.users.iter_mut().zip(people::sleepers(tx, tenant, &users)?) {
        user.sleep = Sleep::of(sleeper.as_ref());
    }
    Ok(page)
}

/// These users as a search finds them, in their order, with their roles; none for one who is gone.
///
/// # Errors
/// Those of the store.
pub fn found_each(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId]) -> Result<Vec<Option<FoundUser>>> {
    let asked: Vec<_> = users.iter().map(|user| params![tenant, *user]).collect();
    let answers = tx.each(BY_ID, &asked)?;
    let mut found: Vec<_> =
        answers.iter().flat_map(|answer| &answer.rows).map(|row| read(row, false)).collect::<Result<_>>()?;
    fill_in_grants(tx, tenant, &mut found)?;
    let mut found = found.into_iter().peekable();
    Ok(users.iter().map(|user| found.next_if(|next| next.id == *user)).collect())
}

/// How many users pass the filter.
///
/// # Errors
/// Those of the store.
pub fn count(tx: &mut Tx<'_>, tenant: TenantId, filter: &Filter) -> Result<Count> {
    let mut count = 0;
    let rest = walk(tx, tenant, filter, None, COUNTED, |_| {
        count += 1;
        count <= COUNTED_MAX
    })?;
    Ok(Count { count: count.min(COUNTED_MAX), has_more: rest.is_some() })
}

/// Hands each user who passes the filter to `take` until that wants no more, or so many were looked at. Returns the place of
/// the last one who was looked at, unless there are no others.
fn walk(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    filter: &Filter,
    behind: Option<Place>,
    reach: Reach,
    mut take: impl FnMut(FoundUser) -> bool,
) -> Result<Option<Place>> {
    let (mut place, mut left) = (behind, reach.most);
    while left > 0 {
        let window = left.min(reach.at_once);
        let mut users = read_window(tx, tenant, filter, place.as_ref(), window)?;
        let (found, last) = (users.len(), users.last().map(|user| user.place.clone()));
        users.retain(|user| filter.takes_row(user));
        if filter.asks_for_roles() {
            fill_in_grants(tx, tenant, &mut users)?;
        }
        for user in users.into_iter().filter(|user| filter.takes_roles(user)) {
            let at = user.place.clone();
            if !take(user) {
                return Ok(Some(at));
            }
        }
        if found < window {
            return Ok(None);
        }
        place = last.or(place);
        left -= found;
    }
    Ok(place)
}

fn read_window(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    filter: &Filter,
    behind: Option<&Place>,
    most: usize,
) -> Result<Vec<FoundUser>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = match &filter.beginning {
        None => tx.all(BY_ADDRESS, &params![tenant, behind.map_or("", |place| place.key.as_str()), most])?,
        Some(beginning) => {
            let (word, user) = behind.map_or((beginning, -1), |place| (&place.key, place.user));
            let end = format!("{beginning}{}", char::MAX);
            tx.all(BY_WORD, &params![tenant, word, user, &end, most])?
        }
    };
    rows.iter().map(|row| read(row, filter.beginning.is_some())).collect()
}

fn read(row: &Row, is_by_word: bool) -> Result<FoundUser> {
    let (id, sign_in_by): (UserId, SignInBy) = (row.get(0)?, row.get(5)?);
    let by_groups = row.get::<Option<String>>(12)?;
    let is_disabled = row.get::<Option<Timestamp>>(7)?.is_some();
    Ok(FoundUser {
        id,
        uid: row.get(1)?,
        email: row.get(2)?,
        first_name: row.get(3)?,
        last_name: row.get(4)?,
        sign_in_by,
        is_owner: row.get::<Option<Timestamp>>(6)?.is_some(),
        state: UserState::of(is_disabled, sign_in_by == SignInBy::Password, row.get(10)?),
        created_at: row.get(8)?,
        last_login_at: row.get(9)?,
        password_changed_at: row.get(11)?,
        sleep: Sleep::default(),
        grants: Vec::new(),
        groups: people::user_groups(by_groups.as_deref())?,
        by_groups: people::grants_by_groups(by_groups.as_deref())?,
        has_second_factor: row.get(13)?,
        has_dead_password: row.get(14)?,
        place: Place { key: row.get(15)?, user: if is_by_word { id.0 } else { 0 } },
    })
}

fn words(user: &FoundUser) -> impl Iterator<Item = String> {
    people::words_of(&user.email, &user.first_name, &user.last_name).into_iter()
}

/// Reads the roles of those whose roles are not read yet.
fn fill_in_grants(tx: &mut Tx<'_>, tenant: TenantId, users: &mut [FoundUser]) -> Result<()> {
    let lacking: Vec<UserId> = users.iter().filter(|user| user.grants.is_empty()).map(|user| user.id).collect();
    let asked: Vec<_> = lacking.iter().map(|user| params![tenant, *user]).collect();
    let mut grants: HashMap<UserId, Vec<Grant>> = HashMap::new();
    for (user, answer) in lacking.iter().zip(tx.each(GRANTS, &asked)?) {
        let read = |row: &Row| Ok(Grant { namespace: row.get(0)?, role: row.get(1)? });
        grants.insert(*user, answer.rows.iter().map(read).collect::<Result<_>>()?);
    }
    for user in users {
        if let Some(grants) = grants.remove(&user.id) {
            user.grants = grants;
        }
    }
    Ok(())
}

impl Filter {
    /// Whether everyone passes.
    pub fn asks_nothing(&self) -> bool {
        self.beginning.is_none() && self.is_any()
    }

    /// Whether the user passes, who was found by whatever way.
    pub fn takes(&self, user: &FoundUser) -> bool {
        let begins_so = |beginning: &String| words(user).any(|word| word.starts_with(beginning.as_str()));
        self.beginning.as_ref().is_none_or(begins_so) && self.takes_facts(user) && self.takes_roles(user)
    }

    /// Whether every user passes who begins so.
    fn is_any(&self) -> bool {
        let Self { beginning: _, state, sign_in_by, role, namespace, group, signed_in, password, second_factor } = self;
        state.is_none()
            && sign_in_by.is_none()
            && role.is_none()
            && namespace.is_none()
            && group.is_none()
            && signed_in.is_any()
            && password.is_any()
            && second_factor.is_none()
    }

    /// Whether the user passes as far as their row tells.
    fn takes_row(&self, user: &FoundUser) -> bool {
        self.is_first_word(user) && self.takes_facts(user)
    }

    fn takes_facts(&self, user: &FoundUser) -> bool {
        self.state.is_none_or(|state| state == user.state)
            && self.sign_in_by.is_none_or(|way| way == user.sign_in_by)
            && self.group.as_ref().is_none_or(|group| user.groups.contains(group))
            && self.signed_in.takes(user.last_login_at, true)
            && self.password.takes(user.password_changed_at, false)
            && self.second_factor.is_none_or(|wanted| wanted == user.has_second_factor)
    }

    /// Of the words of a user that begin so, the first counts: each user comes once. Words that an older release has left
    /// when it gave the user another name count no more.
    fn is_first_word(&self, user: &FoundUser) -> bool {
        let Some(beginning) = &self.beginning else { return true };
        words(user).find(|word| word.starts_with(beginning.as_str())) == Some(user.place.key.clone())
    }

    fn asks_for_roles(&self) -> bool {
        self.role.is_some() || self.namespace.is_some()
    }

    fn takes_roles(&self, user: &FoundUser) -> bool {
        let is_asked = |grant: &Grant| {
            self.role.as_ref().is_none_or(|role| *role == grant.role)
                && self.namespace.as_ref().is_none_or(|namespace| grant.counts_in(namespace))
        };
        !self.asks_for_roles() || user.grants.iter().chain(&user.by_groups).any(is_asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_happened_lies_before_every_moment_or_nowhere() {
        let (early, late) = (Some(Timestamp(5)), Some(Timestamp(9)));
        let span = |after, before| Span { after, before };
        assert!(span(early, late).takes(Some(Timestamp(5)), false) && span(early, None).takes(late, false));
        assert!(!span(early, late).takes(late, false) && !span(early, late).takes(Some(Timestamp(4)), false));
        assert!(span(None, late).takes(None, true) && !span(None, late).takes(None, false));
        assert!(!span(early, None).takes(None, true) && Span::default().takes(None, false));
    }
}
