use super::super::import::{self, Line};
use super::*;
use crate::act::rig::{NOW, Rig};
use crate::passwords::foreign::Wrapper;

const UID: &str = "0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208";
const CHEAP: Cost = Cost { memory_kib: 64, iterations: 1, parallelism: 1 };

/// As it lies in the store.
fn hash() -> String {
    let quick = Foreign::read("{SSHA}FA7THTnt4TF7TzZSOCWGCN+PKo9zYWx0", Dialect::Usual).unwrap();
    Wrapper::new(CHEAP).unwrap().stored(&quick, [7; 16]).unwrap()
}

fn line(uid: &str, sealed: &str) -> Record {
    let text = format!(r#"{{"kind":"user","uid":"{uid}","email":"a@example.com","password":{{"sealed":"{sealed}"}}}}"#);
    let read = import::read_line(text.as_bytes(), 1, 1, &import::Options::at(NOW));
    let Ok(Line::User(record)) = read else { panic!("{text}") };
    *record
}

fn opened(keys: &Keys, tenant: &str, began: Timestamp, mut record: Record) -> (Option<String>, Vec<Code>) {
    Opener { keys, tenant, began, cost: CHEAP }.open(&mut record);
    (record.password.as_ref().map(Password::scheme), record.codes())
}

#[test]
fn only_the_target_opens_a_hash_for_its_user_and_within_the_life_of_the_key() {
    let (rig, random, other) = (Rig::new(), Random::seeded(3), tempfile::tempdir().unwrap());
    let (keys, elsewhere) = (rig.keys(), Keys::open(&other.path().join("keys"), true, &Random::seeded(99)).unwrap());
    let (text, _, until) = TransferKey::make(&keys, "acme-abcdefgh", &random, NOW).unwrap();
    assert_eq!(until.0.div_euclid(1_000_000), NOW.plus_seconds(LIFE_SECONDS).0.div_euclid(1_000_000));
    let key = TransferKey::read(&format!("{text}\n"), NOW).unwrap();
    let sealed = key.seal(UID, &hash(), &random).unwrap();
    assert!(sealed.len() <= SEALED_MAX && !text.contains(&sealed));
    let closed = (None, vec![Code::NoPassword, Code::HashSealed]);
    let at = |keys, tenant, began, uid| opened(keys, tenant, began, line(uid, &sealed));
    assert_eq!(at(&keys, "acme-abcdefgh", NOW, UID), (Some("argon2id-ssha1".into()), vec![]));
    assert_eq!(at(&elsewhere, "acme-abcdefgh", NOW, UID), closed, "another server");
    assert_eq!(at(&keys, "acme-abcdefgi", NOW, UID), closed, "another tenant");
    assert_eq!(at(&keys, "acme-abcdefgh", until, UID), closed, "another week");
    assert_eq!(at(&keys, "acme-abcdefgh", NOW, &UID.replace("208", "209")), closed, "another user");
    assert!(TransferKey::read(&text, until).unwrap_err().message.contains("counted until"));
}

#[test]
fn a_text_that_is_no_key_is_refused_and_not_repeated() {
    for wrong in ["", "tnt1", "tnt1.a.b", "tnt2.AAAA.AAAA", "tnt1.AAAA.hunter2-in-the-wrong-field"] {
        let refused = TransferKey::read(wrong, NOW).unwrap_err();
        assert!(refused.message.contains("seal_with") && !refused.message.contains("hunter2"), "{}", refused.message);
    }
}

#[test]
fn what_was_sealed_and_cannot_count_here_is_left_behind() {
    let (rig, random) = (Rig::new(), Random::seeded(4));
    let keys = rig.keys();
    let (text, ..) = TransferKey::make(&keys, "acme-abcdefgh", &random, NOW).unwrap();
    let key = TransferKey::read(&text, NOW).unwrap();
    for hash in ["{SSHA}FA7THTnt4TF7TzZSOCWGCN+PKo9zYWx0", "hunter2", "$2b$31$abcdefghijklmnopqrstuu"] {
        let record = line(UID, &key.seal(UID, hash, &random).unwrap());
        let left = opened(&keys, "acme-abcdefgh", NOW, record);
        assert_eq!(left, (None, vec![Code::NoPassword, Code::HashDropped]), "{hash}");
    }
}
