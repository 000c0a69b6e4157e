use std::sync::mpsc;
use std::task::{Context, Waker};
use std::time::Duration;

use super::*;
use crate::clock::Timestamp;
use crate::identity::TenantId;
use crate::store::{Settings, Store};

const PATIENCE: Duration = Duration::from_secs(20);

fn store(queue_max: usize) -> (Store, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let settings = Settings::embedded(directory.path(), queue_max);
    (Store::open(&settings, Timestamp(0)).unwrap(), directory)
}

/// Holds the writer until the sender goes.
fn hold(store: &Store) -> mpsc::Sender<()> {
    let (let_go, wait) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let store = store.clone();
    tokio::spawn(async move {
        let verb = move |_: &mut Tx<'_>| {
            let _ = begun.send(());
            let _ = wait.recv();
            Ok(())
        };
        store.write(Scope::HOUSE, verb).await
    });
    has_begun.recv_timeout(PATIENCE).unwrap();
    let_go
}

/// Answers each ask with the number of asks in its call.
fn count_up(_: &mut Tx<'_>, asks: &[u64]) -> Result<Vec<u64>> {
    Ok(vec![asks.len() as u64; asks.len()])
}

type Calls = Arc<Mutex<Vec<Vec<u64>>>>;

/// Notes who was in which call.
fn note(_: &mut Tx<'_>, asks: &[(u64, Calls)]) -> Result<Vec<()>> {
    held(&asks[0].1).push(asks.iter().map(|ask| ask.0).collect());
    Ok(vec![(); asks.len()])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ask_behind_the_flood_of_another_tenant_is_in_the_first_call() {
    let (store, _directory) = store(4_000);
    let group = store.group(|ask: &(u64, Calls)| ask.0, note);
    let calls = Calls::default();
    let held_writer = hold(&store);
    let ask = |tenant, number| tokio::spawn(group.call(Scope::of(TenantId(tenant)), (number, Arc::clone(&calls))));
    let mut asked: Vec<_> = (0..1_000).map(|number| ask(1, number)).collect();
    asked.push(ask(2, 5_000));
    drop(held_writer);
    for asked in asked {
        tokio::time::timeout(PATIENCE, asked).await.unwrap().unwrap().unwrap();
    }
    let calls = held(&calls);
    assert_eq!(calls[0].iter().take(3).collect::<Vec<_>>(), [&0, &5_000, &1]);
    assert_eq!(calls.iter().map(Vec::len).sum::<usize>(), 1_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_leaves_room_in_the_queue_for_others() {
    let (store, _directory) = store(100);
    let group = store.group(|ask: &u64| *ask, count_up);
    let held_writer = hold(&store);
    let mut asked = Vec::new();
    let mut refused = 0;
    for (tenant, count) in [(1, 200), (2, 10), (3, 10)] {
        for number in 0..count {
            let scope = Scope::of(TenantId(tenant));
            let mut ask = Box::pin(group.call(scope, tenant.cast_unsigned() * 1_000 + number));
            match ask.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                std::task::Poll::Pending => asked.push(tokio::spawn(ask)),
                std::task::Poll::Ready(answer) => {
                    assert_eq!((tenant, answer.unwrap_err().kind), (1, too_much_waits().kind));
                    refused += 1;
                }
            }
        }
    }
    assert_eq!((asked.len(), refused), (95, 125));
    drop(held_writer);
    for asked in asked {
        tokio::time::timeout(PATIENCE, asked).await.unwrap().unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_who_waits_when_the_store_closes_is_answered() {
    let (store, _directory) = store(600);
    let group = store.group(|ask: &u64| *ask, count_up);
    let let_go = hold(&store);
    let asks: Vec<_> = (0..400).map(|ask| tokio::spawn(group.call(Scope::HOUSE, ask))).collect();
    let closing = store.clone();
    let closed = std::thread::spawn(move || closing.close());
    let is_open = || {
        let asked = std::pin::pin!(store.write(Scope::HOUSE, |_| Ok(())));
        asked.poll(&mut Context::from_waker(Waker::noop())).is_pending()
    };
    while is_open() {
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(let_go);
    closed.join().unwrap();
    for asked in asks {
        let answered = tokio::time::timeout(PATIENCE, asked).await;
        assert!(answered.is_ok_and(|answered| answered.unwrap().is_ok()));
    }
}
