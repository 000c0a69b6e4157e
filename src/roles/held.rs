//! The roles that users were given in a namespace, each as an object.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::rows;
use crate::access::SYSTEM;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::Call;
use crate::identity::Tenant;
use crate::objects::{KeptMetadata, Reference};
use crate::people::{self, Holder};
use crate::views::{BUILT_IN_TENANT, Shown};

/// The spec of a role that was given: to which user, and where it counts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct HeldSpec {
    #[schemars(example = &"default")]
    namespace: String,
    role: Vec<Reference>,
    user: Vec<Reference>,
}

/// The roles that users were given in the namespace of the path, by address and role.
pub(super) async fn in_namespace(call: &Call) -> Result<Vec<Shown<HeldSpec>>> {
    let (tenant, namespace) = (call.tenant()?.clone(), call.param("namespace").to_string());
    let found = call.store.scan(call.scope()?, move |tx| {
        let own = rows::list(tx, tenant.id, &tenant.uid)?;
        let holders = people::holders_in(tx, tenant.id, &namespace)?;
        let role_uid = |name: &str| {
            let built_in = rows::find_built_in(name).map(|role| role.uid);
            built_in.or_else(|| own.iter().find(|role| role.name == name).map(|role| role.uid))
        };
        Ok(holders.into_iter().map(|holder| shown(&tenant, &namespace, role_uid(&holder.role), holder)).collect())
    });
    found.await
}

fn shown(tenant: &Tenant, namespace: &str, role_uid: Option<Uuid>, holder: Holder) -> Shown<HeldSpec> {
    let is_built_in = crate::access::built_in_role(&holder.role).is_some();
    let role = Reference {
        kind: "role",
        name: holder.role.clone(),
        namespace: if is_built_in { crate::access::SHARED } else { SYSTEM }.into(),
        tenant: if is_built_in { BUILT_IN_TENANT.into() } else { tenant.uid.clone() },
        uid: role_uid.unwrap_or_default().to_string(),
    };
    let user = Reference {
        kind: "user",
        name: holder.email.clone(),
        namespace: SYSTEM.into(),
        tenant: tenant.uid.clone(),
        uid: holder.uid.to_string(),
    };
    let uid = crate::ids::derived(&holder.uid, &format!("{namespace}/{}", holder.role), 0);
    Shown {
        name: uid.to_string(),
        namespace: SYSTEM,
        tenant: tenant.uid.clone(),
        uid,
        kept: KeptMetadata::default(),
        created_at: holder.since,
        created_by: String::new(),
        modified_at: None::<Timestamp>,
        spec: HeldSpec { namespace: namespace.into(), role: vec![role], user: vec![user] },
    }
}
