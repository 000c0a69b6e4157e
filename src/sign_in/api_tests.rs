use super::*;
use crate::sign_in::scene::{PASSWORD, START, Scene};

fn ask(email: &str, password: &str) -> Ask {
    Ask { email: email.into(), password: Secret::new(password.into()), code: None }
}

#[tokio::test]
async fn every_refused_sign_in_gets_one_answer_for_one_hash() {
    for (state, password) in [
        ("UPDATE users SET disabled_at = 1", PASSWORD),
        ("UPDATE users SET idm_type = 'SSO'", PASSWORD),
        ("UPDATE users SET password_hash = NULL", PASSWORD),
        ("UPDATE users SET password_dead_at = 1", PASSWORD),
        ("UPDATE users SET email_key = 'other'", PASSWORD),
        ("UPDATE users SET last_login_at = 1", "wrong"),
    ] {
        let scene = Scene::set().await;
        scene.run(state).await;
        let hashed_before = scene.hasher.hashes_started();
        let answer = sign_in(scene.parts(), scene.call("", None), ask("jane@example.com", password)).await;
        let refusal = answer.unwrap_err();
        assert_eq!((refusal.kind, refusal.details.len()), (Kind::Unauthenticated, 0), "{state}");
        assert_eq!(refusal.message, pages::signin::Words(crate::language::Language::English).refused(), "{state}");
        assert_eq!(scene.hasher.hashes_started() - hashed_before, 1, "{state}");
        assert_eq!(scene.column("SELECT outcome FROM audit WHERE action = 'sign_in'").len(), 1, "{state}");
    }
}

#[tokio::test]
async fn a_sign_in_sets_a_session_and_knows_the_device_again() {
    let scene = Scene::set().await;
    let entered = enter(&scene.parts(), &scene.call("", None), ask("jane@example.com", PASSWORD)).await.unwrap();
    let Entered::In(cookies) = entered else { panic!("{entered:?}") };
    let cookies: Vec<_> = cookies.iter().map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect();
    assert!(cookies[0].starts_with("__Host-tenantry="), "{cookies:?}");
    for _ in 0..6 {
        let _ = enter(&scene.parts(), &scene.call("", None), ask("jane@example.com", "wrong")).await;
    }
    let stranger = enter(&scene.parts(), &scene.call("", None), ask("jane@example.com", PASSWORD)).await;
    assert_eq!(stranger.unwrap_err().kind, Kind::TooMany { retry_after_seconds: 30 });
    let owner = scene.call(&cookies.join("; "), None);
    assert!(enter(&scene.parts(), &owner, ask("jane@example.com", PASSWORD)).await.is_ok());
    let sessions = scene.column("SELECT uid FROM sessions");
    assert_eq!(sessions.len(), 1, "the session that came along ends");
}

#[tokio::test]
async fn a_guess_that_must_wait_costs_no_hash() {
    let scene = Scene::set().await;
    let hashed_before = scene.hasher.hashes_started();
    for _ in 0..20 {
        let _ = enter(&scene.parts(), &scene.call("", None), ask("nobody@example.com", "wrong")).await;
    }
    assert_eq!(scene.hasher.hashes_started() - hashed_before, 5);
}

#[tokio::test]
async fn a_right_password_that_is_too_old_leads_to_the_link() {
    let scene = Scene::set().await;
    let mut call = scene.call("", None);
    let mut tenant = Tenant::clone(call.tenant().unwrap());
    tenant.settings.password.expire_password_days = 90;
    call.admitted.tenant = Some(tenant.into());
    std::sync::Arc::get_mut(&mut call.head).unwrap().now = START.plus_seconds(90 * 24 * 3600);
    let refusal = enter(&scene.parts(), &call, ask("jane@example.com", PASSWORD)).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Forbidden);
    assert!(scene.column("SELECT uid FROM sessions").is_empty());
}

#[tokio::test]
async fn a_sign_out_ends_the_session() {
    let scene = Scene::set().await;
    let (tenant, session) = (scene.tenant, scene.session([1; 32]));
    scene.write(move |tx| sessions::insert(tx, tenant, &session, START)).await.unwrap();
    sign_out(scene.parts(), scene.call("", Some([1; 32])), Nothing {}).await.unwrap();
    assert!(scene.column("SELECT uid FROM sessions").is_empty());
    assert_eq!(scene.column("SELECT action FROM audit WHERE action = 'sign_out'").len(), 1);
}
