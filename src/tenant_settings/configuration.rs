//! The one configuration object of a tenant. What it says stands in the tenant's settings and nowhere else; kept as an object
//! are its name, its metadata and its id.

use serde_json::{Value, json};

use super::Changes;
use super::idm::back_to_defaults;
use crate::access::{ApiGroup, SYSTEM};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId};
use crate::objects::{self, KeptObject, MovingKind, NewObject, Place, Said};
use crate::store::Tx;
use crate::tenants;

/// Where the object stands.
pub(super) fn place() -> Place {
    Place {
        kind: "ves.io.schema.views.tenant_configuration",
        singular: "tenant_configuration",
        namespace: SYSTEM.to_owned(),
    }
}

/// How the object moves with its tenant. What it says stands in the settings, which move by themselves.
pub fn moving_configuration() -> MovingKind {
    let Place { kind: id, singular, .. } = place();
    let spec = |spec: Value| match spec {
        Value::Object(members) if members.is_empty() => Ok(NO_SPEC.to_owned()),
        _ => Err(Error::invalid("Field spec must be empty: the settings have a line of their own.")),
    };
    let action = "tenant_configuration.create";
    let (write, lives_in) = (ApiGroup::UamAdminWrite, Some(SYSTEM));
    MovingKind { id, singular, action, write, lives_in, is_single: true, spec: Box::new(spec) }
}

/// What is kept of an object that says all else in the tenant's settings.
pub(super) const NO_SPEC: &str = "{}";

/// The object, if it was made.
///
/// # Errors
/// Those of the store.
pub(super) fn find(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<KeptObject>> {
    let mut found = None;
    objects::each(tx, tenant, &place(), "", |kept| {
        found = Some(kept);
        Ok(())
    })?;
    Ok(found)
}

/// Makes the object. Settings that the request does not name go back to their defaults, so that what is read is what was sent.
///
/// # Errors
/// `Duplicate` where there is one, whatever its name; `Invalid`, with the name of the setting.
pub(super) fn create(tx: &mut Tx<'_>, new: &NewObject, asked: &Changes, act: &Act) -> Result<(KeptObject, Tenant)> {
    if let Some(other) = find(tx, act.tenant.id)?.filter(|other| other.name != new.name) {
        return Err(Error::duplicate(format!(
            "Object already exists: a tenant has one tenant configuration, and it is {}. Replace that one, or remove it first.",
            other.name
        )));
    }
    let made = objects::insert(tx, new, act)?;
    let (tenant, settings) = tenants::change(tx, act.tenant.id, &whole(asked))?;
    act.record(tx, "tenant_configuration.create", &new.name, json!({ "settings": settings }))?;
    Ok((made, tenant))
}

/// Sets metadata and settings anew, those that the request does not name to their defaults.
///
/// # Errors
/// `NotFound`; `Invalid`, with the name of the setting.
pub(super) fn replace(tx: &mut Tx<'_>, name: &str, said: &Said, asked: &Changes, act: &Act) -> Result<()> {
    objects::overwrite(tx, &place(), name, said, act)?;
    let (_, settings) = tenants::change(tx, act.tenant.id, &whole(asked))?;
    let facts = json!({ "metadata": said.metadata, "settings": settings });
    act.record(tx, "tenant_configuration.replace", name, facts)
}

/// Removes the object; its settings go back to their defaults.
///
/// # Errors
/// `NotFound`.
pub(super) fn remove(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<()> {
    objects::take(tx, &place(), name, act.tenant.id)?;
    let (_, settings) = tenants::change(tx, act.tenant.id, &back_to_defaults())?;
    act.record(tx, "tenant_configuration.remove", name, json!({ "settings": settings }))
}

fn whole(asked: &Changes) -> Changes {
    let mut changes = back_to_defaults();
    changes.extend_from_slice(asked);
    changes
}
