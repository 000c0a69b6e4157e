use super::*;
use crate::access::Grant;
use crate::act::rig::{NOW, OWNER, Rig};
use crate::error::{Kind, Result};
use crate::objects::{AskedMetadata, KeptMetadata};

fn make(rig: &Rig, name: &str) -> Result<Namespace> {
    let act = rig.act_of(OWNER);
    let asked = AskedMetadata { name: Some(name.into()), ..AskedMetadata::default() };
    let new = NewNamespace::draw(&asked, &rig.random, &act)?;
    rig.write(move |tx| create(tx, &new, &act))
}

fn take_away(rig: &Rig, name: &'static str) -> Result<RemovedNamespace> {
    let act = rig.act_of(OWNER);
    rig.write(move |tx| remove(tx, name, &act))
}

#[test]
fn a_namespace_is_there_at_once_and_only_once() {
    let rig = Rig::new();
    make(&rig, "team-a").unwrap();
    let names: Vec<String> = rig.read(|tx| list(tx, rig.tenant.id)).into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["default", "shared", "system", "team-a"]);
    let again = make(&rig, "team-a").unwrap_err();
    assert_eq!(again.kind, Kind::Duplicate);
    assert!(again.message.contains("already exist"), "{}", again.message);
    assert_eq!(rig.records("namespace.create"), 1);
}

#[test]
fn a_name_that_is_no_label_is_refused() {
    let rig = Rig::new();
    for name in ["", "*", "Team", "a/b", "{namespace}"] {
        assert_eq!(make(&rig, name).unwrap_err().kind, Kind::Invalid, "{name}");
    }
}

#[test]
fn roles_in_a_namespace_go_with_it() {
    let rig = Rig::new();
    make(&rig, "team-a").unwrap();
    rig.add("jane@example.com", &[Grant::new("team-a", "ves-io-monitor-role")], false);
    take_away(&rig, "team-a").unwrap();
    assert_eq!(take_away(&rig, "team-a").unwrap_err().kind, Kind::NotFound);
    make(&rig, "team-a").unwrap();
    assert!(!rig.act_of("jane@example.com").caller.rights.know("team-a"));
}

#[test]
fn what_every_tenant_has_stays() {
    let rig = Rig::new();
    for name in ["system", "shared", "default"] {
        assert_eq!(take_away(&rig, name).unwrap_err().kind, Kind::Forbidden, "{name}");
    }
}

#[test]
fn a_replacement_sets_the_whole_and_never_creates() {
    let rig = Rig::new();
    let kept = KeptMetadata { description: "ours".into(), ..KeptMetadata::default() };
    let (act, metadata) = (rig.act_of(OWNER), kept.clone());
    rig.write(move |tx| replace(tx, "default", &metadata, &act)).unwrap();
    let found = rig.read(|tx| get(tx, rig.tenant.id, "default"));
    assert_eq!((found.metadata, found.modified_at), (kept.clone(), Some(NOW)));
    let act = rig.act_of(OWNER);
    assert_eq!(rig.write(move |tx| replace(tx, "nowhere", &kept, &act)).unwrap_err().kind, Kind::NotFound);
}
