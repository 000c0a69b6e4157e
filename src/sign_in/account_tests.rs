use super::*;
use crate::error::Kind;
use crate::sign_in::scene::{START, Scene};
use crate::store::{Scope, Value};

const MINE: [u8; 32] = [1; 32];

async fn signed_in_thrice() -> (Scene, Uuid) {
    let scene = Scene::set().await;
    let (tenant, rows) = (scene.tenant, [MINE, [2; 32], [3; 32]].map(|hash| scene.session(hash)));
    let second = rows[1].uid;
    let verb = move |tx: &mut Tx<'_>| rows.iter().try_for_each(|row| sessions::insert(tx, tenant, row, START));
    scene.write(verb).await.unwrap();
    (scene, second)
}

async fn ended(scene: &Scene, session: &str) -> Result<()> {
    end(scene.call("", Some(MINE)), End { session: session.into() }).await.map(drop)
}

#[tokio::test]
async fn one_session_or_all_others_can_be_ended() {
    let (scene, second) = signed_in_thrice().await;
    ended(&scene, &second.to_string()).await.unwrap();
    assert_eq!(scene.column("SELECT secret_hash FROM sessions").len(), 2);
    ended(&scene, "others").await.unwrap();
    assert_eq!(scene.column("SELECT secret_hash FROM sessions"), [Value::Bytes(MINE.to_vec())]);
    assert_eq!(scene.column("SELECT id FROM audit WHERE action = 'session.end'").len(), 2);
}

#[tokio::test]
async fn a_session_that_is_not_there_is_not_found() {
    let (scene, _) = signed_in_thrice().await;
    for which in ["nonsense", "00000000-0000-7000-8000-000000000000"] {
        assert_eq!(ended(&scene, which).await.unwrap_err().kind, Kind::NotFound, "{which}");
    }
}

#[tokio::test]
async fn programs_and_people_read_the_account() {
    let (scene, second) = signed_in_thrice().await;
    let read = format!("{:?}", show(scene.parts(), scene.call("", Some(MINE))).await.unwrap());
    assert!(read.contains("Jane@example.com") && read.contains(&second.to_string()), "{read}");
    let own = SignedIn { user: scene.jane, session: MINE.to_vec() };
    let page = rendered(&scene.call("", Some(MINE)), &own, Refused::Password, &[]).unwrap().into_string();
    assert!(page.contains("Jane@example.com") && page.contains(&second.to_string()), "{page}");
    let refusal = show(scene.parts(), scene.call("", None)).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Unauthenticated);
}

#[tokio::test]
async fn rows_of_sessions_go_when_their_time_is_over() {
    let (scene, _) = signed_in_thrice().await;
    let gone =
        |seconds| scene.store.write(Scope::HOUSE, move |tx| sessions::forget_ended(tx, START.plus_seconds(seconds)));
    assert_eq!(gone(3599).await.unwrap(), 0);
    assert_eq!(gone(3600).await.unwrap(), 3);
}

#[test]
fn roles_are_shown_by_namespace() {
    let grants = [("a", "x"), ("a", "y"), ("b", "x")].map(|(namespace, role)| Grant::new(namespace, role));
    let shown = by_namespace(grants.to_vec());
    assert_eq!(shown.iter().map(|here| here.roles.len()).collect::<Vec<_>>(), [2, 1]);
}
