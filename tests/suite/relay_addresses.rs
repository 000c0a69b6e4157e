//! A relay whose name has many addresses, of which the first are silent in every way that a machine can be.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tenantry::mail::address::Email;
use tenantry::mail::smtp::{Accepted, Envelope, Refused, Relay, RelaySettings, Security};
use tenantry::names::Names;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::relay::{self, Act, Fault, Script, Step};

/// One of this machine's many addresses.
fn at(last: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, last], port))
}

/// Returns one of these lists for each look-up, the last one for ever.
fn names(mut answers: Vec<Vec<SocketAddr>>) -> (Arc<Names>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    answers.reverse();
    let (answers, count) = (Mutex::new(answers), Arc::clone(&asked));
    let tell = move |_: &str, _: u16| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut answers = answers.lock().unwrap();
        let next = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
        Box::pin(async move { Ok(next) }) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
    };
    (Arc::new(tell), asked)
}

fn relay(port: u16, names: Arc<Names>) -> Relay {
    let settings = RelaySettings::new("relay.example.com", port);
    // In clear, since certificates are not tested here; a name of many addresses is allowed as long as all are local.
    let settings = RelaySettings { host: "localhost".into(), security: Security::None, timeout_seconds: 5, ..settings };
    Relay::with_names(settings, names).unwrap()
}

async fn send(relay: &Relay) -> Result<Accepted, Refused> {
    let email = |text| Email::parse(text).unwrap();
    relay.send(&Envelope { from: email("a@example.com"), to: email("b@example.com") }, b"Subject: x\r\n\r\nx\r\n").await
}

/// An address where nothing answers: its queue of connections is full.
async fn full(address: SocketAddr) -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(address).unwrap();
    let listener = socket.listen(1).unwrap();
    let mut waiting = Vec::new();
    let patience = std::time::Duration::from_millis(200);
    while let Ok(Ok(one)) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
        waiting.push(one);
        assert!(waiting.len() < 64, "it is never full");
    }
    (listener, waiting)
}

#[tokio::test]
async fn a_relay_is_reached_whose_first_addresses_are_silent_and_remembered_then() {
    let sink = relay::Relay::start(Script::default()).await;
    let port = sink.address.port();
    let _full = full(at(2, port)).await;
    // The system takes the connection, and nobody says a word on it.
    let mute = TcpListener::bind(at(3, port)).await.unwrap();
    // Nobody listens at 127.0.0.4.
    let (names, asked) = names(vec![vec![at(2, port), at(3, port), at(4, port), at(1, port)]]);
    let relay = relay(port, names);
    send(&relay).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(1), mute.accept()).await.unwrap().unwrap();
    for round in 2..=4 {
        sink.hang_up();
        send(&relay).await.unwrap();
        assert_eq!((sink.taken(), asked.load(Ordering::SeqCst)), (round, round), "the name is asked each time");
    }
    let again = tokio::time::timeout(std::time::Duration::from_millis(100), mute.accept()).await;
    assert!(again.is_err(), "an address that greeted is tried first");
}

#[tokio::test]
async fn an_address_that_greets_and_then_is_of_no_use_is_not_tried_for_ever() {
    let sink = relay::Relay::start(Script::default()).await;
    let port = sink.address.port();
    let faults = vec![Fault::new(Step::Hello, Act::HangUp)];
    let useless = relay::Relay::start_at(at(2, port), Script { faults, ..Script::default() }).await;
    let (names, _) = names(vec![vec![at(2, port), at(1, port)]]);
    let relay = relay(port, names);
    assert!(!send(&relay).await.unwrap_err().permanent);
    send(&relay).await.unwrap();
    assert_eq!((useless.taken(), sink.taken()), (0, 1));
}

#[tokio::test]
async fn a_relay_that_moves_is_found_at_its_new_address() {
    let old = relay::Relay::start(Script::default()).await;
    let port = old.address.port();
    let new = relay::Relay::start_at(at(2, port), Script::default()).await;
    let (names, _) = names(vec![vec![at(1, port)], vec![at(2, port)]]);
    let relay = relay(port, names);
    send(&relay).await.unwrap();
    old.hang_up();
    send(&relay).await.unwrap();
    assert_eq!((old.taken(), new.taken()), (1, 1));
}

#[tokio::test]
async fn where_nobody_answers_the_reason_is_told() {
    let port = relay::Relay::start(Script::default()).await.address.port();
    let (names, _) = names(vec![vec![at(4, port), at(5, port)]]);
    let words = send(&relay(port, names)).await.unwrap_err().words;
    assert!(words.contains("(127.0.0.5) cannot be reached: Connection refused"), "{words}");
    let (names, _) = self::names(vec![vec![]]);
    assert!(send(&relay(port, names)).await.unwrap_err().words.contains("has no address"));
}
