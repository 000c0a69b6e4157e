//! Credentials of programs that act as nobody: each has a service user of its own, with roles of its own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::create::SUFFIX;
use super::rows::{self, Credential};
use super::{CredentialKind, NewCredential, Token, brought, expiry, insert, issued, narrowed};
use crate::access::{Grant, Narrowing, Rights};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::EmptyObject;
use crate::mail::address::Email;
use crate::objects::{self, Whole};
use crate::people::{self, NewUser, User};
use crate::random::Random;
use crate::store::Tx;
use crate::terms::IssuedServiceType;
use crate::{giving, groups};

/// The domain of the addresses of service users. No mail reaches it (RFC 2606 § 2).
const DOMAIN: &str = "service.invalid";

/// The body that makes a service credential.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["name"]))]
pub struct ServiceCredentialAsk {
    /// The name, to which random letters are added.
    #[schemars(example = &"deploy-robot")]
    name: Option<String>,
    /// The life in days; 30 if absent or 0.
    #[schemars(example = 30)]
    expiration_days: Option<Whole>,
    /// `SERVICE_API_TOKEN`; or `api_token` beside it, as newer clients say it.
    #[schemars(with = "Option<IssuedServiceType>", example = &"SERVICE_API_TOKEN")]
    r#type: Option<String>,
    /// Present for a token.
    #[schemars(example = EmptyObject {})]
    api_token: Option<EmptyObject>,
    /// The other kinds: a request for one is told that it is not issued.
    #[schemars(skip)]
    api_certificate: Option<IgnoredAny>,
    #[schemars(skip)]
    site_kubeconfig: Option<IgnoredAny>,
    #[schemars(skip)]
    vk8s_kubeconfig: Option<IgnoredAny>,
    /// The roles of its user.
    #[schemars(example = vec![Grant::new("default", "ves-io-monitor-role")])]
    namespace_roles: Option<Vec<Grant>>,
    /// The user groups of its user.
    #[schemars(example = ["ops"])]
    user_group_names: Option<Vec<String>>,
    /// What the token may do at most, beneath what its user may; absent for all of that.
    narrowed_to: Option<Narrowing>,
    /// The address of a service user that came with its tenant without its credential: the token becomes its own. A member of our
    /// own.
    #[schemars(example = &"deploy-robot-abcdefgh@service.invalid")]
    user: Option<String>,
}

/// A service credential that is to be made, with its user.
#[derive(Debug, Clone)]
pub struct NewService {
    /// The credential.
    pub credential: NewCredential,
    user: NewUser,
    user_groups: Vec<String>,
    /// Of a service user that is here already; then none is made.
    of: Option<Email>,
}

/// Checks the request and draws name, ids and secret.
///
/// # Errors
/// `Invalid`, with the name of the field; `NotImplemented` for certificates and other kinds.
pub fn draw(ask: &ServiceCredentialAsk, random: &Random, act: &Act) -> Result<(NewService, Token)> {
    let name = ask.name.as_deref().unwrap_or_default();
    objects::check_name("name", name, objects::NAME_MAX - SUFFIX - 1)?;
    check_kind(ask)?;
    let name = format!("{name}-{}", random.letters(SUFFIX));
    let days = ask.expiration_days.map(|days| days.0).filter(|days| *days != 0);
    let narrowed_to = narrowed::read(ask.narrowed_to.as_ref())?;
    let token = Token::draw_for(narrowed_to.as_ref(), random);
    let person = NewUser::person(Email::parse(&format!("{name}@{DOMAIN}"))?, random, act.now);
    let grants = ask.namespace_roles.clone().unwrap_or_default();
    let user = NewUser { kind: people::Kind::Service, grants, ..person };
    let credential = NewCredential {
        name,
        uid: random.uuid(act.now),
        kind: CredentialKind::ServiceToken,
        user: user.id,
        secret_hash: token.hash(),
        expires_at: expiry(days, &act.tenant.settings.credential, act.now)?,
        narrowed_to,
    };
    let says_more = ask.namespace_roles.is_some() || ask.user_group_names.is_some();
    let of = brought::read(ask.user.as_deref(), says_more)?;
    let user_groups = ask.user_group_names.clone().unwrap_or_default();
    Ok((NewService { credential, user, user_groups, of }, token))
}

fn check_kind(ask: &ServiceCredentialAsk) -> Result<()> {
    let others = [
        ("api_certificate", ask.api_certificate),
        ("site_kubeconfig", ask.site_kubeconfig),
        ("vk8s_kubeconfig", ask.vk8s_kubeconfig),
    ];
    if let Some((asked, _)) = others.into_iter().find(|(_, asked)| asked.is_some()) {
        return Err(issued::not_issued(asked, CredentialKind::ServiceToken));
    }
    match ask.r#type.as_deref().unwrap_or_default() {
        // The default of the public API's list of words, which clients send that say the kind by its own member.
        "" | "API_CERTIFICATE" if ask.api_token.is_some() => Ok(()),
        kind => issued::check("type", kind, CredentialKind::ServiceToken),
    }
}

/// Makes the credential and its user.
///
/// # Errors
/// Those of [`giving::check`] and [`groups::join`]; those of a token's [`super::create`]; `NotFound`, `Forbidden` and `Conflict` for a
/// service user that is not there, is of higher rank, or has its credential.
pub fn create(tx: &mut Tx<'_>, new: &NewService, act: &Act) -> Result<()> {
    narrowed::check(tx, new.credential.narrowed_to.as_ref(), act)?;
    let (user, grants) = match &new.of {
        Some(email) => brought::there(tx, email, act)?,
        None => made(tx, new, act)?,
    };
    let credential = NewCredential { user: user.id, ..new.credential.clone() };
    insert(tx, act.tenant.id, &credential, &act.actor.name, act.now)?;
    let mut facts = json!({
        "type": new.credential.kind.word(),
        "expires_at": new.credential.expires_at,
        "user": user.email,
        "namespace_roles": grants,
        "user_group_names": new.user_groups,
    });
    if let Some(narrowing) = &new.credential.narrowed_to {
        facts["narrowed_to"] = json!(narrowing);
    }
    act.record(tx, "credential.create", &new.credential.name, facts)
}

/// A new service user, with its roles.
fn made(tx: &mut Tx<'_>, new: &NewService, act: &Act) -> Result<(User, Vec<Grant>)> {
    let grants = giving::check(tx, act, &new.user.grants, &[])?;
    let user = NewUser { grants, ..new.user.clone() };
    people::insert(tx, act.tenant.id, &user, &act.actor.name, act.now)?;
    let stored = people::get_by_email(tx, act.tenant.id, &user.email)?;
    groups::join(tx, act, &stored, &new.user_groups)?;
    Ok((stored, user.grants))
}

/// A service credential with the rights of its user.
#[derive(Debug, Clone)]
pub struct ServiceCredential {
    /// The credential.
    pub credential: Credential,
    /// The rights of its user.
    pub rights: Rights,
}

/// All service credentials of a tenant, by name.
///
/// # Errors
/// Those of the store.
pub fn list(tx: &mut Tx<'_>, act: &Act) -> Result<Vec<ServiceCredential>> {
    let all = rows::list(tx, act.tenant.id, CredentialKind::ServiceToken)?;
    all.into_iter().map(|credential| with_rights(tx, act, credential)).collect()
}

/// The service credential of this name.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<ServiceCredential> {
    let found = rows::find_visible(tx, act.tenant.id, (CredentialKind::ServiceToken, name), &act.caller)?;
    with_rights(tx, act, found)
}

fn with_rights(tx: &mut Tx<'_>, act: &Act, credential: Credential) -> Result<ServiceCredential> {
    let rights = people::rights_of(tx, act.tenant.id, credential.user)?;
    Ok(ServiceCredential { credential, rights })
}

/// What replaces the roles and groups of a service user.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ServiceReplacement {
    /// The roles by namespace; absent leaves them as they are.
    namespace_access: Option<AskedAccess>,
    /// The user groups; absent leaves them as they are.
    #[schemars(example = ["ops"])]
    user_group_names: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct AskedAccess {
    /// For each namespace, or `*`, the roles there.
    namespace_role_map: BTreeMap<String, AskedRoles>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct AskedRoles {
    /// The names.
    #[schemars(example = ["ves-io-monitor-role"])]
    names: Vec<String>,
}

impl AskedAccess {
    fn grants(&self) -> Vec<Grant> {
        let each = self.namespace_role_map.iter();
        each.flat_map(|(namespace, roles)| roles.names.iter().map(|role| Grant::new(namespace.clone(), role))).collect()
    }
}

/// Replaces the roles and groups of a service user.
///
/// # Errors
/// `NotFound`; `Forbidden` for a service user of higher rank; those of [`giving::check`] and [`groups::set`].
pub fn replace(tx: &mut Tx<'_>, name: &str, ask: &ServiceReplacement, act: &Act) -> Result<ServiceCredential> {
    let credential = rows::find_changeable(tx, CredentialKind::ServiceToken, name, act)?;
    let tenant = act.tenant.id;
    let user = people::find_by_id(tx, tenant, credential.user)?.ok_or_else(|| Error::internal("no user"))?;
    let before = people::grants_of(tx, tenant, user.id)?;
    if let Some(access) = &ask.namespace_access {
        let after = giving::check(tx, act, &access.grants(), &before)?;
        people::replace_grants(tx, tenant, user.id, &after)?;
    }
    if let Some(names) = &ask.user_group_names {
        groups::set(tx, act, &user, names)?;
    }
    let replaced = with_rights(tx, act, credential)?;
    let after: Vec<&Grant> = replaced.rights.direct().collect();
    let facts = json!({
        "user": user.email,
        "namespace_roles": { "before": before, "after": after },
        "user_group_names": replaced.rights.user_groups(),
    });
    act.record(tx, "credential.replace", name, facts)?;
    Ok(replaced)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::error::Kind;

    fn checked(ask: Value) -> std::result::Result<(), Kind> {
        check_kind(&serde_json::from_value(ask).unwrap()).map_err(|error| error.kind)
    }

    #[test]
    fn a_service_token_is_asked_for_by_its_type_or_by_its_own_member() {
        for ask in [
            json!({ "type": "SERVICE_API_TOKEN" }),
            json!({ "api_token": {} }),
            json!({ "type": "API_CERTIFICATE", "api_token": {}, "api_certificate": null }),
        ] {
            assert_eq!(checked(ask.clone()), Ok(()), "{ask}");
        }
        for other in ["api_certificate", "site_kubeconfig", "vk8s_kubeconfig"] {
            assert_eq!(checked(json!({ other: {} })), Err(Kind::NotImplemented), "{other}");
            assert_eq!(checked(json!({ other: {}, "api_token": {} })), Err(Kind::NotImplemented), "{other}");
        }
        assert_eq!(checked(json!({ "type": "API_CERTIFICATE" })), Err(Kind::NotImplemented));
        assert_eq!(checked(json!({})), Err(Kind::Invalid));
    }
}
