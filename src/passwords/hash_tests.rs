use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const CHEAP: Cost = Cost { memory_kib: 8, iterations: 1, parallelism: 1 };

fn hasher(cost: Cost) -> Hasher {
    Hasher::start(cost, 1, 4, Random::seeded(7)).unwrap()
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

fn hashed(hasher: &Hasher, password: &str) -> String {
    run(hasher.hash(secret(password), later())).unwrap()
}

fn verdict(hasher: &Hasher, password: &str, stored: &str) -> Verdict {
    run(hasher.verify(secret(password), Some(stored.to_owned()), later())).unwrap()
}

/// Holds the only thread until the sender is dropped.
fn hold(hasher: &Hasher) -> Sender<()> {
    let (release, held) = channel();
    let (begun, has_begun) = channel();
    hasher
        .enqueue(
            1,
            Box::new(move |_| {
                begun.send(()).unwrap();
                let _ = held.recv();
            }),
        )
        .unwrap();
    has_begun.recv().unwrap();
    release
}

#[test]
fn a_hash_is_a_phc_string_that_other_programs_read() {
    use argon2::{Argon2, PasswordVerifier};
    let text = hashed(&hasher(Cost::default()), "glacier-tuba-orbit");
    assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
    assert!(Argon2::default().verify_password(b"glacier-tuba-orbit", text.as_str()).is_ok());
    assert!(Argon2::default().verify_password(b"glacier-tuba-orbiT", text.as_str()).is_err());
}

#[test]
fn two_hashes_of_one_password_differ_and_both_verify() {
    let hasher = hasher(CHEAP);
    let (one, two) = (hashed(&hasher, "same"), hashed(&hasher, "same"));
    assert_ne!(one, two);
    assert_eq!(verdict(&hasher, "same", &one), Verdict::Right);
    assert_eq!(verdict(&hasher, "same", &two), Verdict::Right);
}

#[test]
fn every_byte_counts_however_long_the_beginning_they_share() {
    let hasher = hasher(CHEAP);
    let long_username = "u".repeat(300);
    for beginning in [72, 128, 256].map(|length| "p".repeat(length)).into_iter().chain([long_username]) {
        let stored = hashed(&hasher, &format!("{beginning}a"));
        assert_eq!(verdict(&hasher, &format!("{beginning}a"), &stored), Verdict::Right);
        assert_eq!(verdict(&hasher, &format!("{beginning}b"), &stored), Verdict::Wrong);
        assert_eq!(verdict(&hasher, &beginning, &stored), Verdict::Wrong);
    }
}

#[test]
fn case_13_nothing_is_trimmed_or_cut() {
    let hasher = hasher(CHEAP);
    for (one, other) in [("secret", " secret"), ("secret ", "secret"), ("a\0b", "a")] {
        let stored = hashed(&hasher, one);
        assert_eq!(verdict(&hasher, one, &stored), Verdict::Right);
        assert_eq!(verdict(&hasher, other, &stored), Verdict::Wrong);
    }
}

/// One password, in the spellings of several keyboards.
const SPELLINGS: [&str; 4] = ["é-ﬁre-Ａ1", "e\u{301}-fire-A1", "é-fire-A1", "e\u{301}-ﬁre-Ａ１"];

/// A hash made before the NFKC form was introduced.
fn hashed_verbatim(typed: &str) -> String {
    let params = CHEAP.params().unwrap();
    Area::new(params, Arc::default(), Arc::default()).hash(typed.as_bytes(), [3; SALT_BYTES]).unwrap()
}

#[test]
fn a_password_is_right_in_every_spelling() {
    let hasher = hasher(CHEAP);
    for (one, other) in SPELLINGS.iter().flat_map(|one| SPELLINGS.map(|other| (one, other))) {
        let stored = hashed(&hasher, one);
        let before = hasher.hashes_started();
        assert_eq!(verdict(&hasher, other, &stored), Verdict::Right, "{one} {other}");
        assert_eq!(hasher.hashes_started(), before + 1);
        assert!(run(hasher.matches_any(secret(other), vec![stored], later())).unwrap());
    }
}

#[test]
fn a_hash_of_another_form_matches_that_form_and_counts_as_old() {
    let hasher = hasher(CHEAP);
    let stored = hashed_verbatim(SPELLINGS[1]);
    assert_eq!(verdict(&hasher, SPELLINGS[1], &stored), Verdict::RightButOld);
    assert_eq!(verdict(&hasher, SPELLINGS[2], &stored), Verdict::Wrong);
    assert_eq!(verdict(&hasher, "plain", &hashed_verbatim("plain")), Verdict::Right);
    assert!(run(hasher.matches_any(secret(SPELLINGS[1]), vec![stored], later())).unwrap());
}

#[test]
fn a_second_hash_is_made_only_for_another_form_whether_or_not_the_user_exists() {
    let hasher = hasher(CHEAP);
    let stored = hashed(&hasher, "secret");
    for (typed, hashes) in [("wrong", 1), ("é", 1), ("e\u{301}", 2), ("ｗｒｏｎｇ", 2)] {
        for stored in [Some(stored.clone()), Some("no hash".into()), None] {
            let before = hasher.hashes_started();
            assert_eq!(run(hasher.verify(secret(typed), stored, later())).unwrap(), Verdict::Wrong);
            assert_eq!(hasher.hashes_started() - before, hashes, "{typed}");
        }
    }
}

#[test]
fn another_cost_than_the_present_one_is_right_but_old() {
    let present = hasher(Cost { memory_kib: 16, ..CHEAP });
    for other in [CHEAP, Cost { memory_kib: 64, ..CHEAP }, Cost { memory_kib: 16, iterations: 2, parallelism: 2 }] {
        let stored = hashed(&hasher(other), "secret");
        assert_eq!(verdict(&present, "secret", &stored), Verdict::RightButOld);
        assert_eq!(verdict(&present, "other", &stored), Verdict::Wrong);
    }
}

#[test]
fn an_unknown_user_costs_as_much_as_a_known_one() {
    let hasher = hasher(CHEAP);
    let malformed = [
        "",
        "$",
        "plain",
        "$2b$10$é",
        "$argon2id$v=19$m=8,t=1,p=1",
        "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo",
    ];
    for stored in malformed.map(|text| Some(text.to_owned())).into_iter().chain([None]) {
        let before = hasher.hashes_started();
        assert_eq!(run(hasher.verify(secret("secret"), stored, later())).unwrap(), Verdict::Wrong);
        assert_eq!(hasher.hashes_started(), before + 1);
    }
}

#[test]
fn the_history_is_searched_until_one_fits() {
    let hasher = hasher(CHEAP);
    let stored: Vec<_> = ["one", "two", "three"].iter().map(|old| hashed(&hasher, old)).collect();
    let is_old = |password: &str| run(hasher.matches_any(secret(password), stored.clone(), later())).unwrap();
    assert_eq!((is_old("one"), is_old("three"), is_old("four")), (true, true, false));
    let before = hasher.hashes_started();
    assert!(!run(hasher.matches_any(secret("one"), Vec::new(), later())).unwrap());
    assert_eq!(hasher.hashes_started(), before);
}

#[test]
fn a_full_queue_refuses_at_once() {
    let hasher = hasher(CHEAP);
    let release = hold(&hasher);
    for _ in 0..5 {
        hasher.enqueue(1, Box::new(|_| ())).unwrap();
    }
    assert_eq!(hasher.queued(), 5);
    let refused = run(hasher.hash(secret("secret"), later())).unwrap_err();
    assert_eq!(refused.kind, Kind::Unavailable { retry_after_seconds: 1 });
    assert_eq!(hasher.queued(), 5);
    drop(release);
}

#[test]
fn jobs_are_refused_by_what_they_weigh_and_one_comes_in_however_heavy() {
    let hasher = hasher(CHEAP);
    let release = hold(&hasher);
    let heavy = format!("$bcrypt$c=14${}${}", "A".repeat(22), "A".repeat(31));
    assert!(hasher.weight(Some(&heavy)) > hasher.places());
    hasher.enqueue(hasher.weight(Some(&heavy)), Box::new(|_| ())).unwrap();
    assert!(hasher.enqueue(1, Box::new(|_| ())).is_err(), "behind nearly a second of work");
    drop(release);
}

#[test]
fn a_job_behind_the_flood_of_another_tenant_is_the_second_one_done() {
    let hasher = hasher(CHEAP);
    let release = hold(&hasher);
    let (done, order) = channel();
    for turn in [1, 1, 1, 2] {
        let done = done.clone();
        hasher.in_turn_of(turn).enqueue(1, Box::new(move |_| done.send(turn).unwrap())).unwrap();
    }
    drop((release, done));
    assert_eq!(order.iter().collect::<Vec<_>>(), [1, 2, 1, 1]);
}

#[test]
fn as_many_as_there_are_places_for_are_hashed_however_late_the_threads_look() {
    let hasher = Hasher::start(CHEAP, 2, 2, Random::seeded(7)).unwrap();
    run(async {
        for _ in 0..200 {
            let ask = |hasher: Hasher| tokio::spawn(async move { hasher.hash(secret("secret"), later()).await });
            let asked: Vec<_> = (0..4).map(|_| ask(hasher.clone())).collect();
            for one in asked {
                one.await.unwrap().unwrap();
            }
        }
    });
}

#[test]
fn what_comes_too_late_is_not_hashed() {
    let hasher = hasher(CHEAP);
    let passed = Instant::now();
    let failures = [
        run(hasher.hash(secret("secret"), passed)).unwrap_err(),
        run(hasher.verify(secret("secret"), None, passed)).unwrap_err(),
        run(hasher.matches_any(secret("secret"), vec!["$".into()], passed)).unwrap_err(),
    ];
    assert_eq!(failures.map(|error| error.kind), [Kind::Timeout; 3]);
    assert_eq!((hasher.hashes_started(), hasher.queued()), (0, 0));
}

#[test]
fn what_nobody_waits_for_is_not_hashed() {
    let hasher = hasher(CHEAP);
    let release = hold(&hasher);
    run(async {
        let mut asked = Box::pin(hasher.hash(secret("secret"), later()));
        // Polled once, so the job is queued; then dropped, as when a client hangs up.
        std::future::poll_fn(|context| {
            assert!(asked.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    });
    assert_eq!(hasher.queued(), 1);
    drop(release);
    hashed(&hasher, "the next one");
    assert_eq!((hasher.hashes_started(), hasher.queued()), (1, 0));
}

#[test]
fn the_threads_end_with_the_last_hasher() {
    use std::cell::OnceCell;
    thread_local!(static ALIVE: OnceCell<Sender<()>> = const { OnceCell::new() });
    let hasher = hasher(CHEAP);
    let (alive, ended) = channel();
    hasher
        .enqueue(
            1,
            Box::new(move |_| {
                alive.send(()).unwrap();
                // Dropped with the thread, which closes the other end of the channel.
                ALIVE.with(|cell| cell.set(alive)).unwrap();
            }),
        )
        .unwrap();
    ended.recv().unwrap();
    let other = hasher.clone();
    drop(hasher);
    hashed(&other, "still at work");
    drop(other);
    assert!(ended.recv().is_err());
}

#[test]
fn a_cost_that_cannot_be_paid_is_refused_with_a_sentence() {
    for cost in [
        Cost { memory_kib: 7, ..CHEAP },
        Cost { iterations: 0, ..CHEAP },
        Cost { parallelism: 0, ..CHEAP },
        Cost { memory_kib: u32::MAX, ..CHEAP },
        Cost { iterations: u32::MAX, ..CHEAP },
    ] {
        let refused = Hasher::start(cost, 1, 1, Random::seeded(1)).err().expect("refused");
        assert_eq!(refused.kind, Kind::Invalid);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn only_the_password_itself_is_right(password in any::<String>(), other in any::<String>()) {
        let hasher = hasher(CHEAP);
        let stored = hashed(&hasher, &password);
        prop_assert_eq!(verdict(&hasher, &password, &stored), Verdict::Right);
        let is_same = form::normal(&other).eq(form::normal(&password));
        prop_assert_eq!(verdict(&hasher, &other, &stored) == Verdict::Right, is_same);
    }

    #[test]
    fn no_stored_text_makes_it_panic(
        stored in prop_oneof![any::<String>(), "\\$argon2(id|i|d|x)\\$v=(16|19|7)\\$m=[0-9]{1,3},t=[0-3],p=[0-9]\\$[A-Za-z0-9+/]{0,30}(\\$[A-Za-z0-9+/é]{0,50})?"]
    ) {
        let hasher = hasher(CHEAP);
        prop_assert_eq!(verdict(&hasher, "secret", &stored), Verdict::Wrong);
        prop_assert_eq!(hasher.hashes_started(), 1);
    }
}
