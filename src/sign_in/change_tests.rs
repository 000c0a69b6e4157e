use super::*;
use crate::error::Kind;
use crate::sign_in::scene::{START, Scene, text};
use crate::store::Value;

const MINE: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

async fn signed_in_twice() -> Scene {
    let scene = Scene::set().await;
    let (tenant, mine, other) = (scene.tenant, scene.session(MINE), scene.session(OTHER));
    let verb = move |tx: &mut Tx<'_>| {
        sessions::insert(tx, tenant, &mine, START)?;
        sessions::insert(tx, tenant, &other, START)
    };
    scene.write(verb).await.unwrap();
    scene
}

fn asked(scene: &Scene, new_hash: &str) -> Change {
    let (user, mail_id) = (scene.jane(), scene.random.uuid(START));
    Change { user, new_hash: new_hash.into(), session: MINE.to_vec(), keep: 3, mail_id }
}

async fn write(scene: &Scene, asked: Change) -> Result<()> {
    let (tenant, actor) = (scene.tenant, scene.actor());
    scene.write(move |tx| change(tx, tenant, &asked, &actor, START)).await
}

#[tokio::test]
async fn a_change_ends_the_other_sessions_and_tells_the_user() {
    let scene = signed_in_twice().await;
    let old_hash = scene.jane().password_hash.unwrap();
    write(&scene, asked(&scene, "new")).await.unwrap();
    assert_eq!(scene.jane().password_hash.as_deref(), Some("new"));
    let (tenant, jane) = (scene.tenant, scene.jane);
    let long_ago = START.plus_seconds(-60);
    let open = scene.write(move |tx| sessions::list(tx, tenant, jane, long_ago, START)).await.unwrap();
    assert_eq!(open.iter().map(|session| session.secret_hash.as_slice()).collect::<Vec<_>>(), [MINE]);
    assert_eq!(scene.column("SELECT password_hash FROM password_history"), [text(&old_hash)]);
    assert_eq!(scene.column("SELECT kind FROM mails"), [text("password_changed")]);
    let facts = format!(r#"{{"address":"192.0.2.1","at":{}}}"#, START.0);
    assert_eq!(scene.column("SELECT facts FROM mails"), [text(&facts)]);
    assert_eq!(scene.column("SELECT outcome FROM audit WHERE action = 'password.change'"), [text("accepted")]);
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins() {
    let scene = signed_in_twice().await;
    let (one, two) = (asked(&scene, "one"), asked(&scene, "two"));
    let (one, two) = tokio::join!(write(&scene, one), write(&scene, two));
    let winner = if one.is_ok() { "one" } else { "two" };
    assert_eq!(scene.jane().password_hash.as_deref(), Some(winner));
    let losses: Vec<_> = [one, two].into_iter().filter_map(Result::err).map(|refusal| refusal.kind).collect();
    assert_eq!(losses, [Kind::Conflict]);
    assert_eq!(scene.column("SELECT COUNT(*) FROM mails"), [Value::Int(1)]);
    assert_eq!(scene.column("SELECT COUNT(*) FROM password_history"), [Value::Int(1)]);
}

#[tokio::test]
async fn a_change_loses_against_whatever_came_between() {
    for event in [
        "UPDATE users SET disabled_at = 1",
        "UPDATE users SET session_epoch = session_epoch + 1",
        "UPDATE users SET password_changed_at = password_changed_at + 1",
        "UPDATE users SET password_dead_at = 1",
        "UPDATE users SET open_reset = x'00000000000000000000000000000001'",
    ] {
        let scene = signed_in_twice().await;
        let asked = asked(&scene, "new");
        scene.run(event).await;
        assert_eq!(write(&scene, asked).await.unwrap_err().kind, Kind::Conflict, "{event}");
        assert_ne!(scene.jane().password_hash.as_deref(), Some("new"), "{event}");
    }
}

#[tokio::test]
async fn a_change_cancels_the_open_reset() {
    let scene = signed_in_twice().await;
    scene
        .run(
            "INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, requested_at, requested_by,
                                 address, request_id, expires_at)
             SELECT tenant, x'00000000000000000000000000000001', id, email, 'admin', 0, 1, 1, 'admin', '', x'00', 9000000000000000
             FROM users",
        )
        .await;
    scene.run("UPDATE users SET open_reset = x'00000000000000000000000000000001', open_reset_expires_at = 9000000000000000").await;
    write(&scene, asked(&scene, "new")).await.unwrap();
    assert_eq!(scene.jane().open_reset, None);
    assert_eq!(scene.column("SELECT cancelled_by FROM resets"), [text("password change")]);
    assert_eq!(scene.column("SELECT cancelled_at FROM resets"), [Value::Int(START.0)]);
}

#[tokio::test]
async fn the_history_holds_the_last_passwords_and_no_more() {
    let scene = signed_in_twice().await;
    for new_hash in ["a", "b", "c", "d", "e"] {
        write(&scene, asked(&scene, new_hash)).await.unwrap();
    }
    assert_eq!(
        scene.column("SELECT password_hash FROM password_history ORDER BY retired_at"),
        ["b", "c", "d"].map(text)
    );
    let (tenant, jane) = (scene.tenant, scene.jane);
    let recent = |count| {
        scene.store.read(crate::store::Scope::of(tenant), |tx| people::recent_hashes(tx, tenant, jane, count)).unwrap()
    };
    assert_eq!(recent(3), ["e", "d", "c"]);
    assert_eq!(recent(1), ["e"]);
    assert!(recent(0).is_empty());
}
