use super::*;
use crate::sessions;
use crate::sign_in::scene::{PASSWORD, START, Scene, text};

const MINE: [u8; 32] = [1; 32];
const NEW: &str = "walnut-comet-fiddle-harbour";

async fn signed_in_scene() -> Scene {
    let scene = Scene::set().await;
    let (tenant, session) = (scene.tenant, scene.session(MINE));
    scene.write(move |tx| sessions::insert(tx, tenant, &session, START)).await.unwrap();
    scene
}

async fn asked(scene: &Scene, current: &str, new: &str) -> Result<()> {
    let ask = Ask { _username: None, current_password: Secret::new(current.into()), password: Secret::new(new.into()) };
    change(scene.parts(), scene.call("", Some(MINE)), ask).await.map(drop)
}

#[tokio::test]
async fn a_user_who_knows_the_password_can_change_it() {
    let scene = signed_in_scene().await;
    asked(&scene, PASSWORD, NEW).await.unwrap();
    let stored = scene.jane().password_hash;
    let verdict = scene.hasher.verify(Secret::new(NEW.into()), stored, crate::sign_in::scene::later()).await;
    assert_eq!(verdict.unwrap(), Verdict::Right);
    assert!(scene.column("SELECT failures FROM sign_in_failures").is_empty());
}

#[tokio::test]
async fn guesses_at_the_present_password_are_counted() {
    let scene = signed_in_scene().await;
    for _ in 0..5 {
        assert_eq!(asked(&scene, "wrong", NEW).await.unwrap_err().kind, Kind::Unauthenticated);
    }
    assert_eq!(asked(&scene, PASSWORD, NEW).await.unwrap_err().kind, Kind::TooMany { retry_after_seconds: 30 });
    let outcomes = scene.column("SELECT outcome FROM audit WHERE action = 'password.change'");
    assert_eq!(outcomes, vec![text("refused"); 5]);
}

#[tokio::test]
async fn a_password_that_was_used_recently_is_refused() {
    let scene = signed_in_scene().await;
    asked(&scene, PASSWORD, NEW).await.unwrap();
    for again in [PASSWORD, NEW] {
        let refusal = asked(&scene, NEW, again).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.details.len()), (Kind::Refused, 1), "{again}");
    }
}

#[tokio::test]
async fn a_weak_password_costs_no_guess() {
    let scene = signed_in_scene().await;
    assert_eq!(asked(&scene, PASSWORD, "short").await.unwrap_err().kind, Kind::Refused);
    assert!(scene.column("SELECT failures FROM sign_in_failures").is_empty());
}
