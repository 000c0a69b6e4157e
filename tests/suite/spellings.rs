//! A password is the same however a keyboard spells it.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;
use tenantry::params;

use crate::rig::Rig;

const EMAIL: &str = "jane@example.com";
/// Letters and their marks by themselves; in one; in full width and tied together.
const SPELLINGS: [&str; 3] = [
    "cafe\u{301} lantern over fish water",
    "caf\u{e9} lantern over fish water",
    "caf\u{e9} ｌａｎｔｅｒｎ over ﬁsh water",
];

fn choose(rig: &Rig, mails: usize, password: &str) -> u16 {
    rig.clock.advance_seconds(3600);
    assert_eq!(rig.reset(EMAIL).status, 200);
    rig.redeem(&rig.token(EMAIL, mails), password)
}

/// Changes the own password in a new session.
fn change(rig: &Rig, current: &str, new: &str) -> u16 {
    let cookie = rig.session(EMAIL, current);
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
    let body = json!({ "current_password": current, "password": new }).to_string();
    rig.send("POST", "/account/password", &headers, Some(&body)).status
}

#[test]
fn a_password_set_in_one_spelling_is_right_in_every_other_and_recent_in_every_other() {
    let rig = Rig::start();
    let [apart, in_one, wide] = SPELLINGS;
    assert_eq!(choose(&rig, 1, apart), 204);
    for typed in SPELLINGS {
        assert_eq!(rig.sign_in(EMAIL, typed), 204, "{typed}");
    }
    assert_eq!(rig.sign_in(EMAIL, "cafe lantern over fish water"), 401);
    assert_eq!(change(&rig, in_one, wide), 422, "the same password");
    // The second mail reported the new password.
    assert_eq!(choose(&rig, 3, wide), 422, "nor by a link");
    assert_eq!(rig.redeem(&rig.token(EMAIL, 3), "another lantern, quite unlike"), 204);
    assert_eq!(change(&rig, "another lantern, quite unlike", in_one), 422, "nor one of before");
    assert_eq!(change(&rig, "ａｎｏｔｈｅｒ lantern, quite unlike", "a third lantern: e\u{301}ire"), 204);
    assert_eq!(rig.sign_in(EMAIL, "a third lantern: \u{e9}ire"), 204);
}

/// The PHC string of a password as it was typed, which is how they were made before there was one form.
fn hashed_as_typed(typed: &str) -> String {
    let (salt, mut hash) = ([7; 16], [0; 32]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, Some(32)).unwrap());
    argon2.hash_password_into(typed.as_bytes(), &salt, &mut hash).unwrap();
    format!("$argon2id$v=19$m=64,t=1,p=1${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash))
}

#[test]
fn a_hash_from_before_there_was_one_form_is_made_anew_when_its_spelling_is_typed() {
    let rig = Rig::start();
    let old = hashed_as_typed(SPELLINGS[0]);
    let verb = move |tx: &mut tenantry::store::Tx<'_>| {
        tx.run("UPDATE users SET password_hash = $1 WHERE email = $2", &params![&old, EMAIL])
    };
    assert_eq!(rig.write(verb), 1);
    assert_eq!(rig.sign_in(EMAIL, SPELLINGS[1]), 401, "nobody can tell what it was made of");
    assert_eq!(rig.sign_in(EMAIL, SPELLINGS[0]), 204);
    for typed in SPELLINGS {
        assert_eq!(rig.sign_in(EMAIL, typed), 204, "{typed}");
    }
}

#[test]
fn a_wrong_password_counts_once_in_any_spelling() {
    let rig = Rig::start();
    for typed in ["wrong e\u{301}", "ｗｒｏｎｇ", "wrong \u{fb01}", "e\u{301}", "Ａ"] {
        assert_eq!(rig.sign_in(EMAIL, typed), 401, "{typed}");
    }
    assert_eq!(rig.sign_in(EMAIL, "wrong"), 429, "after as many as anyone has");
}
