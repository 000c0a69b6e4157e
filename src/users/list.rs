//! All users of a tenant in one answer, as the public API has it: clients know no pages. So the answer
//! is written piece by piece, and a tenant of a hundred thousand needs little more memory than its text.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::show::UserState;
use crate::access::Grant;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Answer, IntoAnswer, Success};
use crate::identity::{Tenant, UserId};
use crate::params;
use crate::people::{self, Kind, SignInBy};
use crate::store::{Row, Tx};
use crate::terms::{IdmType, SyncMode, TenantType, UserType};

const PAGE: usize = 2_000;
const USERS: &str = "SELECT id, email_key, email, first_name, last_name, kind, idm_type, owner_since, disabled_at,
           created_at, last_login_at, password_hash IS NOT NULL, group_roles
    FROM users WHERE tenant = $1 AND email_key > $2 AND kind <> 'SERVICE' ORDER BY email_key LIMIT 2000";
const GRANTS: &str = "SELECT g.user_id, g.namespace, g.role
    FROM users u JOIN grants g ON g.tenant = u.tenant AND g.user_id = u.id
    WHERE u.tenant = $1 AND u.email_key > $2 AND u.email_key <= $3 ORDER BY u.email_key, g.namespace, g.role";

/// The list, already written.
#[derive(Debug)]
pub struct UserList(pub Vec<u8>);

impl IntoAnswer for UserList {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::new("application/json", self.0))
    }

    fn successes() -> Vec<Success> {
        vec![Success::json::<UserItems>()]
    }
}

/// What is written there, for the documentation.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
#[schemars(rename = "UserList")]
struct UserItems {
    items: Vec<UserItem>,
}

#[derive(Serialize, JsonSchema)]
struct UserItem {
    #[schemars(example = &"system")]
    namespace: &'static str,
    #[schemars(example = &"jane@example.com")]
    name: String,
    #[schemars(example = &"jane@example.com")]
    email: String,
    #[schemars(example = &"Jane")]
    first_name: String,
    #[schemars(example = &"Roe")]
    last_name: String,
    #[schemars(with = "UserType")]
    r#type: &'static str,
    namespace_roles: Vec<Grant>,
    #[schemars(example = &"example-corp-abcdefgh")]
    tenant: String,
    #[schemars(with = "TenantType")]
    tenant_type: &'static str,
    #[schemars(with = "IdmType")]
    idm_type: &'static str,
    domain_owner: bool,
    otp_enabled: bool,
    disabled: bool,
    /// Our own: the public API has no word for it.
    #[schemars(example = UserState::Active)]
    state: UserState,
    creation_timestamp: Timestamp,
    last_login_timestamp: Option<Timestamp>,
    #[schemars(example = ["ops"])]
    group_names: Vec<String>,
    #[schemars(with = "SyncMode")]
    sync_mode: &'static str,
}

/// Lists the people of a tenant by address. Service users are not among them: clean-up programs would
/// remove them.
///
/// # Errors
/// Those of the store.
pub fn list(tx: &mut Tx<'_>, tenant: &Tenant) -> Result<UserList> {
    let mut text = b"{\"items\":[".to_vec();
    let mut after = String::new();
    loop {
        let page = tx.all(USERS, &params![tenant.id, &after])?;
        let Some(last) = page.last() else { break };
        let until: String = last.get(1)?;
        let mut grants = grants_between(tx, tenant, &after, &until)?;
        for row in &page {
            if !text.ends_with(b"[") {
                text.push(b',');
            }
            serde_json::to_writer(&mut text, &item(row, tenant, &mut grants)?).map_err(Error::internal)?;
        }
        after = until;
        if page.len() < PAGE {
            break;
        }
    }
    text.extend_from_slice(b"]}");
    Ok(UserList(text))
}

fn grants_between(tx: &mut Tx<'_>, tenant: &Tenant, after: &str, until: &str) -> Result<HashMap<UserId, Vec<Grant>>> {
    let mut grants: HashMap<UserId, Vec<Grant>> = HashMap::new();
    for row in tx.all(GRANTS, &params![tenant.id, after, until])? {
        grants.entry(row.get(0)?).or_default().push(Grant { namespace: row.get(1)?, role: row.get(2)? });
    }
    Ok(grants)
}

fn item(row: &Row, tenant: &Tenant, grants: &mut HashMap<UserId, Vec<Grant>>) -> Result<UserItem> {
    let email: String = row.get(2)?;
    let sign_in_by: SignInBy = row.get(6)?;
    let disabled = row.get::<Option<Timestamp>>(8)?.is_some();
    Ok(UserItem {
        namespace: "system",
        name: email.clone(),
        email,
        first_name: row.get(3)?,
        last_name: row.get(4)?,
        r#type: row.get::<Kind>(5)?.word(),
        namespace_roles: grants.remove(&row.get(0)?).unwrap_or_default(),
        tenant: tenant.uid.clone(),
        tenant_type: "ENTERPRISE",
        state: UserState::of(disabled, sign_in_by == SignInBy::Password, row.get(11)?),
        idm_type: sign_in_by.word(),
        domain_owner: row.get::<Option<Timestamp>>(7)?.is_some(),
        otp_enabled: false,
        disabled,
        creation_timestamp: row.get(9)?,
        last_login_timestamp: row.get(10)?,
        group_names: people::user_groups(row.get::<Option<String>>(12)?.as_deref())?,
        sync_mode: "SELF",
    })
}
