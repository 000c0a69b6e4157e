use super::*;
use crate::error::Kind;
use crate::secret::Secret;
use crate::sign_in::scene::{PASSWORD, START, Scene, later, text};
use crate::store::Value;

async fn guess_at(scene: &Scene, claim: &Claim, now: Timestamp) -> Result<Guess> {
    let (tenant, claim) = (scene.tenant, claim.clone());
    scene.write(move |tx| begin(tx, tenant, &claim, &[3; 32], 5, now)).await
}

async fn accepted(scene: &Scene, arrival: Arrival) -> bool {
    let (tenant, actor) = (scene.tenant, scene.actor());
    let house = scene.house(tenant);
    let accepted = scene.write(move |tx| accept(tx, &house, &arrival, &actor, START)).await.unwrap();
    accepted == Arrived::In
}

async fn wrong(scene: &Scene, claim: &Claim) -> Option<Kind> {
    guess_at(scene, claim, START).await.err().map(|refusal| refusal.kind)
}

fn claim(typed: &str) -> Claim {
    Claim::new(typed, None)
}

fn stranger_kind() -> Option<Kind> {
    Some(Kind::TooMany { retry_after_seconds: 30 })
}

#[tokio::test]
async fn a_right_password_begins_a_session_and_clears_the_count() {
    let scene = Scene::set().await;
    let guess = guess_at(&scene, &claim(" jane@EXAMPLE.com"), START).await.unwrap();
    let verdict = scene.hasher.verify(Secret::new(PASSWORD.into()), guess.stored_hash(), later()).await.unwrap();
    assert_eq!(verdict, Verdict::Right);
    assert!(accepted(&scene, scene.arrival(&guess, [1; 32])).await);
    assert_eq!(scene.column("SELECT failures FROM sign_in_failures"), []);
    assert_eq!(scene.column("SELECT secret_hash FROM sessions"), [Value::Bytes(vec![1; 32])]);
    assert_eq!(scene.column("SELECT outcome FROM audit WHERE action = 'sign_in'"), [text("accepted")]);
    assert_eq!(scene.jane().last_login_at, Some(START));
}

#[tokio::test]
async fn a_planted_session_ends_at_the_sign_in() {
    let scene = Scene::set().await;
    let (tenant, planted) = (scene.tenant, scene.session([9; 32]));
    scene.write(move |tx| crate::sessions::insert(tx, tenant, &planted, START)).await.unwrap();
    let guess = guess_at(&scene, &claim("jane@example.com"), START).await.unwrap();
    assert!(accepted(&scene, Arrival { replaced: Some([9; 32]), ..scene.arrival(&guess, [1; 32]) }).await);
    assert_eq!(scene.column("SELECT secret_hash FROM sessions"), [Value::Bytes(vec![1; 32])]);
}

#[tokio::test]
async fn nobody_gets_in_on_a_state_that_ended_while_the_hash_was_computed() {
    for event in [
        "UPDATE users SET disabled_at = 1",
        "UPDATE users SET password_dead_at = 1",
        "UPDATE users SET session_epoch = 1",
        "UPDATE users SET password_hash = 'other', password_changed_at = password_changed_at + 1",
    ] {
        let scene = Scene::set().await;
        let guess = guess_at(&scene, &claim("jane@example.com"), START).await.unwrap();
        scene.run(event).await;
        assert!(!accepted(&scene, scene.arrival(&guess, [1; 32])).await, "{event}");
        assert_eq!(scene.column("SELECT secret_hash FROM sessions"), [], "{event}");
        assert_eq!(scene.column("SELECT outcome FROM audit WHERE action = 'sign_in'"), [text("refused")], "{event}");
    }
}

#[tokio::test]
async fn a_hash_at_an_old_cost_is_replaced() {
    let scene = Scene::set().await;
    let guess = guess_at(&scene, &claim("jane@example.com"), START).await.unwrap();
    assert!(accepted(&scene, Arrival { rehashed: Some("new".into()), ..scene.arrival(&guess, [1; 32]) }).await);
    assert_eq!(scene.jane().password_hash.as_deref(), Some("new"));
    assert_eq!(scene.jane().password_changed_at, Some(START));
}

#[tokio::test]
async fn two_sign_ins_at_once_may_both_replace_an_old_hash() {
    let scene = Scene::set().await;
    let guess = guess_at(&scene, &claim("jane@example.com"), START).await.unwrap();
    for (hash, session) in [("one", [1; 32]), ("two", [2; 32])] {
        assert!(accepted(&scene, Arrival { rehashed: Some(hash.into()), ..scene.arrival(&guess, session) }).await);
    }
    assert_eq!(scene.column("SELECT uid FROM sessions").len(), 2);
}

#[tokio::test]
async fn a_user_who_cannot_sign_in_is_compared_with_their_own_hash_and_refused_all_the_same() {
    for (state, has_hash) in [
        ("UPDATE users SET disabled_at = 1", true),
        ("UPDATE users SET idm_type = 'SSO'", true),
        ("UPDATE users SET kind = 'SERVICE'", true),
        ("UPDATE users SET password_dead_at = 1", true),
        ("UPDATE users SET password_hash = NULL", false),
        ("UPDATE users SET email_key = 'other'", false),
    ] {
        let scene = Scene::set().await;
        scene.run(state).await;
        let guess = guess_at(&scene, &claim("jane@example.com"), START).await.unwrap();
        let own = scene.jane().password_hash.filter(|_| has_hash);
        assert_eq!(guess.stored_hash() == own, has_hash, "{state}");
        assert!(guess.entrant(Verdict::Right).is_none(), "{state}");
    }
}

#[tokio::test]
async fn known_and_unknown_addresses_wait_alike() {
    let scene = Scene::set().await;
    for typed in ["jane@example.com", "nobody@example.com", "no address"] {
        for _ in 0..5 {
            assert_eq!(wrong(&scene, &claim(typed)).await, None, "{typed}");
        }
        assert_eq!(wrong(&scene, &claim(typed)).await, stranger_kind(), "{typed}");
        assert_eq!(wrong(&scene, &claim(&typed.to_uppercase())).await, stranger_kind(), "{typed}");
        assert!(guess_at(&scene, &claim(typed), START.plus_seconds(30)).await.is_ok(), "{typed}");
        assert!(guess_at(&scene, &claim(typed), START.plus_seconds(60)).await.is_err(), "{typed}");
    }
}

#[tokio::test]
async fn strangers_cannot_lock_out_the_owner_of_a_known_device() {
    let scene = Scene::set().await;
    for _ in 0..6 {
        let _ = wrong(&scene, &claim("jane@example.com")).await;
    }
    assert_eq!(wrong(&scene, &claim("jane@example.com")).await, stranger_kind());
    assert_eq!(wrong(&scene, &Claim::new("jane@example.com", Some(scene.jane().uid))).await, None);
    let of_another = Claim::new("jane@example.com", Some(Uuid::from_bytes([5; 16])));
    assert_eq!(wrong(&scene, &of_another).await, stranger_kind());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_five_hundred_guesses_at_once_five_are_hashed() {
    let scene = std::sync::Arc::new(Scene::set().await);
    let hashed_before = scene.hasher.hashes_started();
    let guesses = (0..500).map(|number| {
        let scene = std::sync::Arc::clone(&scene);
        tokio::spawn(async move {
            let typed = if number % 2 == 0 { "jane@example.com" } else { "JANE@Example.com" };
            if let Ok(guess) = guess_at(&scene, &claim(typed), START).await {
                let verdict = scene.hasher.verify(Secret::new("wrong".into()), guess.stored_hash(), later()).await;
                assert_eq!(verdict.unwrap(), Verdict::Wrong);
            }
        })
    });
    for guess in guesses.collect::<Vec<_>>() {
        guess.await.unwrap();
    }
    assert_eq!(scene.hasher.hashes_started() - hashed_before, 5);
}

#[tokio::test]
async fn what_is_no_address_is_not_recorded() {
    let scene = Scene::set().await;
    let claim = claim("my secret password");
    let guess = guess_at(&scene, &claim, START).await.unwrap();
    let (tenant, actor) = (scene.tenant, scene.actor());
    scene.write(move |tx| refuse_guess(tx, tenant, &claim, &guess, &actor, START)).await.unwrap();
    assert_eq!(scene.column("SELECT subject FROM audit WHERE action = 'sign_in'"), [text("")]);
    let facts = scene.column("SELECT facts FROM audit WHERE action = 'sign_in'");
    assert_eq!(facts, [text(r#"{"reason":"unknown address"}"#)]);
}
