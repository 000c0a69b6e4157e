//! May this person do that, and why: asked by an administrator.

use schemars::JsonSchema;
use serde::Serialize;

use crate::access::{ADMIN_ROLE, ApiGroup, Rights, SYSTEM, decide, may_touch};
use crate::credentials;
use crate::error::{Error, Result};
use crate::http::{Call, Json, Listed, Operation, Permission};
use crate::identity::{Caller, TenantId};
use crate::mail::address::Email;
use crate::people::{self, User, get_by_email};
use crate::store::Tx;

/// The operation that answers it.
pub(super) fn operation() -> Operation {
    Operation::get("/api/tenantry/v1/can", Permission::Group(ApiGroup::UamRead), answer)
        .id("tenantry.access.can")
        .summary("Tell whether a user may make a call, with the rules that allow it or the right that is missing.")
        .needed_query::<String>("user", "The address of the user.")
        .needed_query::<String>(
            "operation",
            "The id of the operation, or its method and path with a blank between them.",
        )
        .query::<String>("namespace", "The namespace of the call; `system` unless said.")
        .query::<String>("credential", "The name of a token of the user by which the call would be made.")
        .query::<String>("target", "The address of the user on whom it would act, if it acts on one.")
}

/// Whether a user may make a call.
#[derive(Debug, Serialize, JsonSchema)]
struct Can {
    allowed: bool,
    /// The id of the operation.
    #[schemars(example = &"ves.io.schema.user.CustomAPI.ResetPasswordByAdmin")]
    operation: String,
    /// The namespace in which it would act.
    #[schemars(example = &"system")]
    namespace: String,
    /// Each rule that allows it, or what stands in the way.
    #[schemars(example = [
        "jane@example.com has the role ves-io-admin-role in system, and ves-io-admin-role has ves-io-uam-admin-write."
    ])]
    because: Vec<String>,
}

async fn answer(call: Call) -> Result<Json<Can>> {
    let required = |name: &'static str| match call.query(name).filter(|value| !value.is_empty()) {
        Some(value) => Ok(value),
        None => Err(Error::invalid(format!("Field {name} should be not empty in request."))),
    };
    let (user, asked) = (Email::parse(&required("user")?)?, required("operation")?);
    let namespace = call.query("namespace").filter(|name| !name.is_empty()).unwrap_or_else(|| SYSTEM.into());
    let target = call.query("target").filter(|target| !target.is_empty());
    let target = target.map(|target| Email::parse(&target)).transpose()?;
    let credential = call.query("credential").filter(|name| !name.is_empty());
    let (row, acts_in) = find(&call, &asked, &namespace)?;
    let (tenant, caller) = (call.tenant()?.id, call.caller()?);
    let (permission, operation) = (row.permission, row.id.to_string());
    let because = call.store.read(call.scope()?, |tx| {
        let user = Person::of(tx, tenant, &user)?.by(tx, tenant, credential.as_deref(), caller)?;
        let target = target.as_ref().map(|target| Person::of(tx, tenant, target)).transpose()?;
        Ok(judge(&user, permission, &acts_in, target.as_ref()))
    })?;
    let (allowed, because) = match because {
        Ok(rules) => (true, rules),
        Err(refusals) => (false, refusals),
    };
    Ok(Json(Can { allowed, operation, namespace: acts_in, because }))
}

/// The row that is meant, by its id or by method and path.
fn find<'c>(call: &'c Call, asked: &str, namespace: &str) -> Result<(&'c Listed, String)> {
    let found = match asked.trim().split_once(' ') {
        Some((method, path)) => call.contents.find(method, path.trim(), namespace),
        None => call.contents.find_by_id(asked.trim(), namespace),
    };
    found.ok_or_else(|| {
        Error::not_found("No operation has this id, or this method and path. Their list is in /openapi.json.")
    })
}

/// A user with all that a decision needs.
struct Person {
    tenant: TenantId,
    user: User,
    rights: Rights,
}

impl Person {
    fn of(tx: &mut Tx<'_>, tenant: TenantId, email: &Email) -> Result<Self> {
        let user = get_by_email(tx, tenant, email)?;
        let rights = people::rights_of(tx, tenant, user.id)?;
        Ok(Self { tenant, user, rights })
    }

    /// What keeps them from an operator's calls.
    fn lack_to_operate(&self) -> Option<String> {
        let email = &self.user.email;
        if self.tenant != TenantId::SYSTEM {
            return Some(format!(
                "Only operators may make this call, and {email} is a user of another tenant than theirs."
            ));
        }
        let missing = self.rights.lack_to_operate()?;
        Some(format!(
            "{email} lacks the right {} in the namespace {}, which operators have.",
            missing.group, missing.namespace
        ))
    }

    /// The same person, acting by a credential of theirs, if one is named.
    fn by(self, tx: &mut Tx<'_>, tenant: TenantId, credential: Option<&str>, caller: &Caller) -> Result<Self> {
        let Some(name) = credential else { return Ok(self) };
        let narrowing = credentials::narrowing_of(tx, tenant, (self.user.id, name), caller)?;
        Ok(Self { rights: self.rights.narrowed(narrowing), ..self })
    }
}

/// The rules that allow the call, or what stands in its way.
fn judge(
    who: &Person,
    permission: Permission,
    namespace: &str,
    target: Option<&Person>,
) -> std::result::Result<Vec<String>, Vec<String>> {
    let email = &who.user.email;
    let mut in_the_way = Vec::new();
    if who.user.disabled_at.is_some() {
        in_the_way.push(format!("{email} is disabled, so no call of theirs is accepted."));
    }
    let mut rules = match permission {
        Permission::Public | Permission::Open => vec!["Anyone may make this call.".into()],
        Permission::SignedIn => vec!["Anyone with a valid credential or session may make this call.".into()],
        Permission::DevOnly => vec!["Only the dev mode serves this call, to anyone.".into()],
        Permission::Operator => {
            in_the_way.extend(who.lack_to_operate());
            vec![format!("{email} is an operator: a user of the operators' tenant with the rights of {ADMIN_ROLE}.")]
        }
        Permission::Group(group) => {
            let decision = decide(&who.rights, group, namespace);
            if !decision.is_allowed() {
                in_the_way.extend(decision.chain(email));
            }
            decision.chain(email)
        }
    };
    let is_other = |target: &&Person| target.user.id != who.user.id || who.rights.is_narrowed();
    if let Some(target) = target.filter(is_other) {
        match may_touch(&who.rights, &target.rights, target.user.owner_since.is_some()) {
            Ok(()) => rules.push(format!("{} has no right that {email} lacks.", target.user.email)),
            Err(missing) => in_the_way.push(format!(
                "{} has the right {} in the namespace {}, which {email} lacks.",
                target.user.email, missing.group, missing.namespace
            )),
        }
    }
    if in_the_way.is_empty() { Ok(rules) } else { Err(in_the_way) }
}
