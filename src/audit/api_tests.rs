use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use uuid::Uuid;

use super::*;
use crate::audit::{Event, record_each};
use crate::error::Kind;
use crate::http::{Admitted, Head, Namespace};
use crate::identity::{Actor, Tenant};
use crate::keys::Keys;
use crate::random::Random;
use crate::store::{Scope, Settings, Store};

const TENANT: TenantId = TenantId(7);

fn call(store: &Store, query: &str) -> Call {
    let head = Head {
        method: http::Method::GET,
        host: Default::default(),
        path: "".into(),
        query: query.into(),
        headers: http::HeaderMap::new(),
        params: Vec::new(),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        is_local: false,
        request_id: Uuid::nil(),
        now: Timestamp(0),
        deadline: Instant::now() + std::time::Duration::from_secs(60),
    };
    let (name, uid) = ("acme".into(), "acme-abcdefgh".into());
    let tenant = Tenant { id: TENANT, name, uid, revision: 1, settings: Default::default(), is_suspended: false };
    let admitted = Admitted { tenant: Some(Arc::new(tenant)), caller: None, presumed: None };
    let body = bytes::Bytes::new();
    Call {
        head: head.into(),
        namespace: Namespace::system(),
        body,
        is_form: false,
        store: store.clone(),
        random: Random::seeded(1),
        admitted,
        operation: "",
        contents: Default::default(),
    }
}

async fn three_records(dir: &tempfile::TempDir) -> Store {
    let store = Store::open(&Settings::embedded(dir.path(), 9), Timestamp(0)).unwrap();
    for id in 1..=3 {
        let verb = move |tx: &mut crate::store::Tx<'_>| {
            let (name, address, request_id) = ("root".into(), Ipv4Addr::LOCALHOST.into(), Uuid::from_u128(id));
            let actor = Actor { user: None, name, credential: None, address, request_id };
            let (at, outcome, facts) = (Timestamp(id as i64), Outcome::Accepted, Value::Null);
            let event = Event { tenant: TENANT, at, action: "a.b", outcome, actor: &actor, subject: "ada", facts };
            record_each(tx, &[event])
        };
        store.write(Scope::of(TENANT), verb).await.unwrap();
    }
    store
}

fn cursors(dir: &tempfile::TempDir) -> CursorKey {
    CursorKey::of(&Keys::open(&dir.path().join("link.keys"), true, &Random::seeded(1)).unwrap())
}

#[tokio::test]
async fn pages_follow_each_other_from_the_newest() {
    let dir = tempfile::TempDir::new().unwrap();
    let store = three_records(&dir).await;
    let key = cursors(&dir);
    let first = list(key.clone(), call(&store, "limit=2&actor=root")).await.unwrap().0;
    assert_eq!(first.items.iter().map(|item| item.at.0).collect::<Vec<_>>(), [3, 2]);
    let cursor = first.next.unwrap();
    let second = list(key.clone(), call(&store, &format!("limit=2&cursor={cursor}"))).await.unwrap().0;
    assert_eq!(second.items.iter().map(|item| item.at.0).collect::<Vec<_>>(), [1]);
    assert_eq!(second.next, None);
    let none = list(key, call(&store, "outcome=refused")).await.unwrap().0;
    assert!(none.items.is_empty());
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let dir = tempfile::TempDir::new().unwrap();
    let store = three_records(&dir).await;
    for query in ["cursor=forged", "limit=0", "limit=1001", "since=yesterday"] {
        let refused = list(cursors(&dir), call(&store, query)).await;
        assert_eq!(refused.err().map(|failure| failure.kind), Some(Kind::Invalid), "{query}");
    }
}

#[tokio::test]
async fn an_export_and_a_verification_are_answered() {
    let dir = tempfile::TempDir::new().unwrap();
    let store = three_records(&dir).await;
    let key = AuditKey::new([1; 32]);
    assert!(export(cursors(&dir), call(&store, "limit=2")).await.is_ok());
    let verdict = verify(key, call(&store, "")).await.unwrap().0;
    assert!(verdict.sound && verdict.verified.unsealed == 3, "{}", verdict.sentence);
}
