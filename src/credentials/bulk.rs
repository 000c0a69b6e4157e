//! Many credentials revoked by one call: those named, or all that have expired.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CredentialKind;
use super::revoke::delete;
use super::rows;
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Kind, Result};
use crate::http::{Call, EmptyObject, Json, Operation, Permission};
use crate::store::Tx;
use crate::terms::{self, CredentialType};

/// Names in one call (as in the public API).
const NAMES_MAX: usize = 200;

/// The operations that revoke in bulk.
pub(super) fn operations() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamAdminWrite);
    vec![
        Operation::post("/api/web/namespaces/system/bulk_revoke/api_credentials", write, revoke_tokens)
            .id("ves.io.schema.api_credential.CustomAPI.BulkRevoke")
            .summary("Revoke the API tokens that are named, or all that have expired."),
        Operation::post("/api/web/namespaces/system/bulk_revoke/service_credentials", write, revoke_service_tokens)
            .id("ves.io.schema.api_credential.CustomAPI.BulkRevokeServiceCredentials")
            .summary("Revoke the service credentials that are named, or all that have expired."),
    ]
}

/// Which credentials to revoke: by name, or those that have expired.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct BulkAsk {
    /// Those of these names.
    #[schemars(example = NameSelector { names: vec!["ci-robot-abcdefgh".into()] })]
    name_selector: Option<NameSelector>,
    /// Those that have expired.
    expired_selector: Option<ExpiredSelector>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct NameSelector {
    /// The names, 1 to 200.
    #[schemars(example = ["ci-robot-abcdefgh"])]
    names: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct ExpiredSelector {
    /// All that have expired.
    all: Option<EmptyObject>,
    /// Those of this type that have expired.
    #[serde(deserialize_with = "terms::optional")]
    #[schemars(with = "Option<CredentialType>")]
    credential_type: Option<CredentialType>,
}

/// What became of each.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct BulkAnswer {
    /// Those that are revoked now.
    #[schemars(example = ["ci-robot-abcdefgh"])]
    credentials_marked_for_deletion: Vec<String>,
    /// Those that are not, since there are none of these names, or their users are of higher rank.
    #[schemars(example = ["absent-abcdefgh"])]
    credentials_failed: Vec<String>,
    /// The reason for the first one that is not.
    #[schemars(example = &"")]
    error_message: String,
}

async fn revoke_tokens(call: Call, ask: BulkAsk) -> Result<Json<BulkAnswer>> {
    revoke_all(call, ask, CredentialKind::Token).await
}

async fn revoke_service_tokens(call: Call, ask: BulkAsk) -> Result<Json<BulkAnswer>> {
    revoke_all(call, ask, CredentialKind::ServiceToken).await
}

async fn revoke_all(call: Call, ask: BulkAsk, kind: CredentialKind) -> Result<Json<BulkAnswer>> {
    let act = Act::of(&call)?;
    let which = read(ask, kind)?;
    call.store.write(call.scope()?, move |tx| revoke_each(tx, kind, &which, &act)).await.map(Json)
}

#[derive(Debug, Clone)]
enum Which {
    Named(Vec<String>),
    Expired,
    /// Expired ones of a type of which none is issued here.
    None,
}

fn read(ask: BulkAsk, kind: CredentialKind) -> Result<Which> {
    match (ask.name_selector, ask.expired_selector) {
        (Some(NameSelector { mut names }), None) => {
            names.sort();
            names.dedup();
            if names.is_empty() || names.len() > NAMES_MAX {
                return Err(Error::invalid(format!("Field name_selector.names must have 1 to {NAMES_MAX} names.")));
            }
            Ok(Which::Named(names))
        }
        (None, Some(ExpiredSelector { all: Some(_), credential_type: None })) => Ok(Which::Expired),
        (None, Some(ExpiredSelector { all: None, credential_type: Some(asked) })) => {
            Ok(if asked == kind.told() { Which::Expired } else { Which::None })
        }
        _ => Err(Error::invalid(
            "Send either name_selector, or expired_selector with either all or credential_type, to say which are meant.",
        )),
    }
}

fn revoke_each(tx: &mut Tx<'_>, kind: CredentialKind, which: &Which, act: &Act) -> Result<BulkAnswer> {
    let names = match which {
        Which::Named(names) => names.clone(),
        Which::Expired => {
            let all = rows::list(tx, act.tenant.id, kind)?.into_iter();
            all.filter(|credential| credential.expires_at <= act.now).map(|credential| credential.name).collect()
        }
        Which::None => Vec::new(),
    };
    let mut answer = BulkAnswer::default();
    for name in names {
        match delete(tx, kind, &name, act) {
            Ok(_) => answer.credentials_marked_for_deletion.push(name),
            Err(failure) if matches!(failure.kind, Kind::NotFound | Kind::Forbidden) => {
                if answer.credentials_failed.is_empty() {
                    answer.error_message = failure.message;
                }
                answer.credentials_failed.push(name);
            }
            Err(failure) => return Err(failure),
        }
    }
    let facts = json!({ "revoked": answer.credentials_marked_for_deletion, "failed": answer.credentials_failed });
    act.record(tx, "credential.revoke_in_bulk", kind.word(), facts)?;
    Ok(answer)
}
