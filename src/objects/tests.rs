use serde_json::json;

use super::*;
use crate::act::rig::{NOW, OWNER, Rig};
use crate::error::{Kind, Result};

fn place(namespace: &str) -> Place {
    Place { kind: "ves.io.schema.gadget", singular: "gadget", namespace: namespace.into() }
}

fn said() -> Said {
    Said { metadata: KeptMetadata::default(), spec: json!({ "size": 1 }).to_string() }
}

fn make(rig: &Rig, place: Place, name: &str) -> Result<KeptObject> {
    let act = rig.act_of(OWNER);
    let new = NewObject { place, name: name.into(), uid: rig.random.uuid(NOW), said: said() };
    rig.write(move |tx| create(tx, &new, &act))
}

#[test]
fn no_object_is_made_in_a_namespace_that_went_since_the_gate_looked() {
    let rig = Rig::new();
    let refused = make(&rig, place("team-a"), "main").unwrap_err();
    assert_eq!(
        (refused.kind, refused.message.as_str()),
        (Kind::NotFound, "Namespace team-a was not found in this tenant.")
    );
    assert_eq!(rig.records("gadget.create"), 0);
}

#[test]
fn an_object_is_found_under_its_own_kind_and_namespace_only() {
    let rig = Rig::new();
    let (tenant, here) = (rig.tenant.id, place("default"));
    let made = make(&rig, here.clone(), "main").unwrap();
    let found = rig.read(|tx| get(tx, tenant, &here, "main"));
    assert_eq!((found.uid, found.spec, found.modified_at), (made.uid, said().spec, None));
    for elsewhere in [place("shared"), Place { kind: "ves.io.schema.contact", ..here.clone() }] {
        let absent = rig.read(|tx| Ok(get(tx, tenant, &elsewhere, "main").unwrap_err().kind));
        assert_eq!(absent, Kind::NotFound);
        let mut count = 0;
        rig.read(|tx| {
            each(tx, tenant, &elsewhere, "", |_| {
                count += 1;
                Ok(())
            })
        });
        assert_eq!(count, 0);
        let act = rig.act_of(OWNER);
        assert_eq!(rig.write(move |tx| remove(tx, &elsewhere, "main", &act)).unwrap_err().kind, Kind::NotFound);
    }
    let again = make(&rig, here, "main").unwrap_err();
    assert_eq!(again.kind, Kind::Duplicate);
    assert_eq!(again.message, "Object already exists: a gadget with the name main in namespace default.");
}
