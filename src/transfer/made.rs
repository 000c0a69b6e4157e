//! What comes with a whole tenant beside its users is made, or changed where every tenant has it. See [`super::things`].

use serde_json::json;
use uuid::Uuid;

use super::import::{Thing, What};
use super::lines::Row;
use super::records::Records;
use super::things::{changes, grants_of, group_of, kept};
use crate::access::SYSTEM;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::mail_texts::MailTexts;
use crate::people::{self, GroupChange};
use crate::random::Random;
use crate::store::Tx;
use crate::{namespaces, roles, tenants};

/// Makes a thing that is not there yet.
///
/// # Errors
/// Those of the store.
pub(super) fn make(
    tx: &mut Tx<'_>,
    records: &mut Records<'_>,
    row: &Row,
    thing: &Thing,
    (random, mail_texts): (&Random, &MailTexts),
) -> Result<()> {
    let act = records.act;
    let (tenant, by) = (act.tenant.id, act.actor.name.clone());
    let uid = thing.about.uid.unwrap_or_else(|| random.uuid(act.now));
    let created_at = thing.about.created_at.unwrap_or(act.now);
    let name = thing.name.clone();
    match &thing.what {
        What::Settings(_) => change_thing(tx, records, row, thing),
        What::Namespace => {
            let metadata = kept(&thing.about)?;
            let new = namespaces::Namespace { name, uid, metadata, created_at, created_by: by, modified_at: None };
            namespaces::insert(tx, tenant, &new)?;
            records.of_thing(row, "namespace.create", &thing.name, json!({}));
            Ok(())
        }
        What::Role(groups) => make_role(tx, records, row, thing, (groups, uid, created_at)),
        What::Group { roles, .. } => {
            people::insert_group(tx, tenant, &group_of(thing, uid, created_at, &by))?;
            let give = grants_of(roles);
            people::change_group(tx, tenant, &name, &GroupChange { give: give.clone(), ..GroupChange::default() })?;
            records.of_thing(row, "group.create", &thing.name, json!({ "namespace_roles": give }));
            Ok(())
        }
        What::MailText { language, words } => {
            mail_texts.moved(&thing.name, language, words)?.bring(tx, act)?;
            records.of_thing(row, "mail_text.set", &thing.name, json!({ "language": language }));
            Ok(())
        }
        What::Object { namespace, of_kind, spec } => {
            super::objects::make(tx, records, row, thing, (namespace, of_kind, spec), random)
        }
    }
}

fn make_role(
    tx: &mut Tx<'_>,
    records: &mut Records<'_>,
    row: &Row,
    thing: &Thing,
    (groups, uid, created_at): (&[String], Uuid, Timestamp),
) -> Result<()> {
    let act = records.act;
    let new = roles::Role {
        name: thing.name.clone(),
        namespace: SYSTEM,
        tenant: act.tenant.uid.clone(),
        uid,
        kept: kept(&thing.about)?,
        created_at,
        created_by: act.actor.name.clone(),
        modified_at: None,
        spec: roles::read_groups(groups)?,
    };
    roles::insert(tx, act.tenant.id, &new)?;
    records.of_thing(row, "role.create", &thing.name, json!({ "api_groups": new.spec }));
    Ok(())
}

/// Changes what every tenant has.
///
/// # Errors
/// `Conflict` where someone else changes the settings at the same moment; those of the store.
pub(super) fn change_thing(tx: &mut Tx<'_>, records: &mut Records<'_>, row: &Row, thing: &Thing) -> Result<()> {
    let act = records.act;
    match &thing.what {
        What::Settings(settings) => {
            let (tenant, facts) = tenants::change(tx, act.tenant.id, &changes(settings)?)?;
            records.of_thing(row, "tenant.set", &tenant.name, facts);
        }
        _ => {
            let metadata = kept(&thing.about)?;
            namespaces::describe(tx, act.tenant.id, &thing.name, &metadata, act.now)?;
            records.of_thing(row, "namespace.replace", &thing.name, json!({ "metadata": metadata }));
        }
    }
    Ok(())
}
