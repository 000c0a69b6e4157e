//! Objects in namespaces that come with a whole tenant: judged by their kinds, and made with the ids and the age that they had.

use serde_json::{Map, Value, json};

use super::import::{Code, Reason, Thing, ThingKind};
use super::judge::{Judge, Verdict};
use super::lines::Row;
use super::records::Records;
use super::targets::Brings;
use super::things::{Judged, kept, shape};
use crate::error::{Error, Result};
use crate::objects::{self, MovingKind, NewObject, Place, Said};
use crate::random::Random;
use crate::store::Tx;
use crate::text::shown;
use crate::{contacts, namespaces, tenant_settings};

/// The kind of this id, if its objects move.
pub(super) fn kind_of(id: &str) -> Option<MovingKind> {
    [contacts::moving(), tenant_settings::moving_configuration()].into_iter().find(|kind| kind.id == id)
}

impl MovingKind {
    fn place(&self, namespace: &str) -> Place {
        Place { kind: self.id, singular: self.singular, namespace: namespace.to_owned() }
    }

    fn said(&self, thing: &Thing, spec: &Map<String, Value>) -> Result<Said> {
        Ok(Said { metadata: kept(&thing.about)?, spec: (self.spec)(Value::Object(spec.clone()))? })
    }
}

impl Judge<'_> {
    /// What is to be done for an object.
    pub(super) fn object<'r>(
        &mut self,
        tx: &mut Tx<'_>,
        thing: &'r Thing,
        (namespace, of_kind): (&str, &str),
        spec: &Map<String, Value>,
    ) -> Result<Judged<Verdict<'r>>> {
        let Some(kind) = kind_of(of_kind) else { return Ok(Err(Reason::field(Code::Shape, "type"))) };
        let said = match kind.said(thing, spec) {
            Ok(said) => said,
            Err(refused) => return shape(refused, "spec"),
        };
        let (tenant, place) = (self.act.tenant.id, kind.place(namespace));
        if let Some(there) = objects::find(tx, tenant, &place, &thing.name)? {
            let is_same = there.metadata == said.metadata && there.spec == said.spec;
            return Ok(if is_same { Ok(Verdict::Leave) } else { Err(Reason::row(Code::ExistsDiffers)) });
        }
        if kind.lives_in.is_some_and(|only| only != namespace) {
            return Ok(Err(
                Reason::field(Code::Shape, "namespace").because(format!("{} lives elsewhere", shown(of_kind)))
            ));
        }
        let is_there = namespaces::exists(tx, tenant, namespace)?
            || self.targets.brought(tx, ThingKind::Namespace, namespace)?.is_some();
        if !is_there {
            return Ok(Err(Reason::field(Code::NamespaceUnknown, "namespace")));
        }
        if kind.is_single && objects::is_any(tx, tenant, &place)? {
            return Ok(Err(Reason::row(Code::ExistsDiffers)));
        }
        if let Err(refused) = objects::check_name("name", &thing.name, objects::NAME_MAX) {
            return shape(refused, "name");
        }
        self.targets.bring(&thing.key(), Brings::Object);
        Ok(Ok(Verdict::MakeThing(thing)))
    }
}

/// Makes an object, with its record.
///
/// # Errors
/// Those of the store.
pub(super) fn make(
    tx: &mut Tx<'_>,
    records: &mut Records<'_>,
    row: &Row,
    thing: &Thing,
    (namespace, of_kind, spec): (&str, &str, &Map<String, Value>),
    random: &Random,
) -> Result<()> {
    let act = records.act;
    let kind = kind_of(of_kind).ok_or_else(|| Error::internal("the kind of an object is gone"))?;
    let uid = thing.about.uid.unwrap_or_else(|| random.uuid(act.now));
    let new = NewObject { place: kind.place(namespace), name: thing.name.clone(), uid, said: kind.said(thing, spec)? };
    objects::bring(tx, &new, thing.about.created_at.unwrap_or(act.now), act)?;
    records.of_thing(row, kind.action, &thing.name, json!({ "namespace": namespace }));
    Ok(())
}
