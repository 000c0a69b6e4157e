//! The odd cases of the catalogue about the reset protocol (RP), its mails (ML) and its pages (WP).

use serde_json::{Value, json};
use tenantry::params;
use tenantry::store::Scope;

use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const EMAIL: &str = "hello@example.com";
const OTHER_PASSWORD: &str = "seven herons crossing the slow river";

fn hash_of(rig: &Rig, email: &'static str) -> Option<String> {
    let read = |tx: &mut tenantry::store::Tx<'_>| {
        let row = tx.maybe("SELECT password_hash FROM users WHERE email = $1", &params![email])?;
        row.map_or(Ok(None), |row| row.get(0))
    };
    rig.store.read(Scope::HOUSE, read).unwrap()
}

fn redeem(rig: &Rig, token: &Value, password: &str) -> Answered {
    rig.post_open("/reset", &json!({ "token": token, "password": password }))
}

fn masked(answered: &Answered) -> (u16, String) {
    (answered.status, answered.text.replace(answered.header("x-request-id").unwrap(), "ID"))
}

fn dead_link(rig: &Rig) -> (u16, String) {
    let answered = redeem(rig, &json!("A".repeat(48)), GOOD_PASSWORD);
    assert_eq!((answered.status, answered.message()), (400, "This link no longer works. Ask for a fresh one."));
    masked(&answered)
}

#[test]
fn case_31_a_used_link_stays_dead_at_once_after_a_day_and_after_tidying() {
    let rig = Rig::start();
    assert_eq!(rig.reset(EMAIL).status, 200);
    let token = json!(rig.token(EMAIL, 1));
    assert_eq!(redeem(&rig, &token, GOOD_PASSWORD).status, 204);
    let hash = hash_of(&rig, EMAIL);
    assert_eq!(masked(&redeem(&rig, &token, OTHER_PASSWORD)), dead_link(&rig));
    rig.clock.advance_seconds(24 * 3600);
    assert_eq!(masked(&redeem(&rig, &token, OTHER_PASSWORD)), dead_link(&rig));
    rig.write(|tx| tx.run("DELETE FROM mails", &[]).map(drop));
    assert_eq!(masked(&redeem(&rig, &token, OTHER_PASSWORD)), dead_link(&rig));
    assert_eq!(hash_of(&rig, EMAIL), hash);
}

#[test]
fn a_redemption_hashes_twice_against_the_old_password_and_for_the_new_one() {
    let rig = Rig::start();
    assert_eq!(rig.reset(EMAIL).status, 200);
    let token = json!(rig.token(EMAIL, 1));
    let before = rig.hashes();
    assert_eq!(redeem(&rig, &token, GOOD_PASSWORD).status, 204);
    assert_eq!(rig.hashes() - before, 2);
}

#[test]
fn case_33_what_is_no_token_is_refused_before_anything_is_looked_up() {
    let rig = Rig::start();
    assert_eq!(rig.reset(EMAIL).status, 200);
    let token = rig.token(EMAIL, 1);
    let hash = hash_of(&rig, EMAIL);
    for text in [
        String::new(),
        " ".into(),
        token[..47].into(),
        format!("{token}A"),
        format!("{}!", &token[..47]),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into(),
        token.to_uppercase(),
        format!("{}{}", &token[24..], &token[..24]),
    ] {
        assert_eq!(masked(&redeem(&rig, &json!(text), GOOD_PASSWORD)), dead_link(&rig), "{text}");
    }
    for wrong in [json!(null), json!(0), json!(false), json!([]), json!({}), json!([token])] {
        let answered = redeem(&rig, &wrong, GOOD_PASSWORD);
        assert_eq!(answered.status, 400, "{wrong} {}", answered.text);
        assert!(answered.message().contains("token"), "{wrong} {}", answered.text);
    }
    let missing = rig.post_open("/reset", &json!({ "password": GOOD_PASSWORD }));
    assert_eq!((missing.status, missing.message()), (400, "Field token should be not nil, got nil in request."));
    assert_eq!(hash_of(&rig, EMAIL), hash);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
}

#[test]
fn case_35_of_two_resets_only_the_newer_works() {
    let rig = Rig::start();
    assert_eq!(rig.reset(EMAIL).status, 200);
    let older = json!(rig.token(EMAIL, 1));
    rig.clock.advance_seconds(31);
    assert_eq!(rig.reset(EMAIL).status, 200);
    let newer = json!(rig.token(EMAIL, 2));
    assert_ne!(older, newer);
    assert_eq!(masked(&redeem(&rig, &older, OTHER_PASSWORD)), dead_link(&rig));
    assert_eq!(redeem(&rig, &newer, GOOD_PASSWORD).status, 204);
    assert_eq!((rig.sign_in(EMAIL, OTHER_PASSWORD), rig.sign_in(EMAIL, GOOD_PASSWORD)), (401, 204));
}

#[test]
fn case_37_the_token_alone_says_whose_password_it_is() {
    let rig = Rig::start();
    let victim = hash_of(&rig, "jane@example.com");
    assert_eq!(rig.reset(EMAIL).status, 200);
    let token = rig.token(EMAIL, 1);
    for (name, value) in [("user_id", json!(1)), ("email", json!("jane@example.com")), ("ns", json!("system"))] {
        let mut body = json!({ "token": token, "password": GOOD_PASSWORD });
        body[name] = value;
        let answered = rig.post_open("/reset", &body);
        assert_eq!(answered.status, 400, "{name} {}", answered.text);
        assert_eq!(answered.message(), format!("Field {name} is not known to this call. Leave it out."));
    }
    let headers = [
        ("Content-Type", "application/json"),
        ("X-User", "jane@example.com"),
        ("Cookie", "user=jane@example.com; email=jane@example.com"),
        ("Authorization", "APIToken jane@example.com"),
    ];
    let body = json!({ "token": token, "password": GOOD_PASSWORD, "username": "jane@example.com" }).to_string();
    let path = "/reset?email=jane@example.com&user_id=1&username=jane@example.com";
    assert_eq!(rig.send("POST", path, &headers, Some(&body)).status, 204);
    assert_eq!(hash_of(&rig, "jane@example.com"), victim);
    assert_eq!((rig.sign_in(EMAIL, GOOD_PASSWORD), rig.sign_in("jane@example.com", GOOD_PASSWORD)), (204, 401));
}

#[test]
fn case_39_a_refused_password_uses_nothing_up() {
    let rig = Rig::start();
    assert_eq!(rig.reset(EMAIL).status, 200);
    let token = json!(rig.token(EMAIL, 1));
    for password in ["short", "password1234", "hello@example.com", "aaaaaaaaaaaaaaaa", &"x".repeat(257)] {
        let answered = redeem(&rig, &token, password);
        assert_eq!((answered.status, &answered.body["code"]), (422, &json!(3)), "{password} {}", answered.text);
        assert!(!answered.body["details"].as_array().unwrap().is_empty(), "{password} {}", answered.text);
    }
    assert_eq!(redeem(&rig, &token, GOOD_PASSWORD).status, 204);
}

#[test]
fn case_41_a_link_of_someone_who_may_have_no_password_any_more_revives_nothing() {
    let changes: [fn(&Rig); 3] = [
        |rig| {
            let disabled = rig.post("/api/tenantry/v1/users/disable", &json!({ "email": EMAIL }));
            assert_eq!(disabled.status, 200, "{}", disabled.text);
        },
        |rig| {
            rig.write(|tx| tx.run("UPDATE users SET idm_type = 'SSO' WHERE email = 'hello@example.com'", &[]).map(drop))
        },
        |rig| {
            let path = "/api/web/custom/namespaces/system/users/cascade_delete";
            assert_eq!(rig.post(path, &json!({ "email": EMAIL })).status, 200);
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let rig = Rig::start();
        assert_eq!(rig.reset(EMAIL).status, 200);
        let token = json!(rig.token(EMAIL, 1));
        change(&rig);
        let hash = hash_of(&rig, EMAIL);
        assert_eq!(masked(&redeem(&rig, &token, GOOD_PASSWORD)), dead_link(&rig), "{number}");
        assert_eq!(hash_of(&rig, EMAIL), hash, "{number}");
    }
}

#[test]
fn case_51_names_are_literal_text_of_one_line_wherever_they_stand() {
    let long = "long ".repeat(2_000);
    let names = [
        "Corp\r\nBcc: eve@example.com\r\n\r\nClick http://evil.example",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "{{7*7}} ${7*7} %s <%= 7 %>",
        "Corp\u{202e}moc.live\u{2066}\u{200f}",
        long.as_str(),
    ];
    for name in names {
        let rig = Rig::start();
        let named = name.to_string();
        rig.choose(move |settings| settings.brand.display_name = named.clone());
        let named = name.to_string();
        rig.add_user(rig.tenant(), "named@example.com", move |new| new.first_name = named);
        assert_eq!(rig.reset("named@example.com").status, 200);
        let mails = rig.wait_for_mails("named@example.com", 1);
        let all = rig.send("GET", "/dev/mailbox", &[("Accept", "application/json")], None).body;
        assert_eq!((mails.len(), all.as_array().unwrap().len()), (1, 1), "one mail, to one person: {all}");
        let text = |member: &str| mails[0][member].as_str().unwrap().to_string();
        for member in ["subject", "from", "to"] {
            let line = text(member);
            assert!(line.chars().count() <= 300, "{member}: {line}");
            assert!(!line.chars().any(|c| c.is_control() || is_bidi(c)), "{member}: {line:?}");
        }
        assert!(!text("html").contains("<script") && !text("html").contains("<img"), "{}", text("html"));
        assert!(!text("text").lines().any(|line| line.starts_with("Bcc:")), "{}", text("text"));
        assert!(!name.starts_with("{{") || text("text").contains(name), "nothing is computed: {}", text("text"));
        assert!(!text("text").chars().any(is_bidi) && !text("html").chars().any(is_bidi));
        assert!(text("text").len() + text("html").len() < 40_000, "a long name is cut");
        let page = rig.send("GET", "/signin", &[("Accept", "text/html"), ("Host", "example-corp.localhost")], None);
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("<script>alert") && !page.text.contains("<img src=x"), "{}", page.text);
    }
}

/// Turns the direction of the text behind it.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn case_59_a_scanner_that_opens_the_link_in_every_way_does_not_use_it_up() {
    let rig = Rig::start();
    assert_eq!(rig.reset(EMAIL).status, 200);
    let token = rig.token(EMAIL, 1);
    let prefetching = [("Sec-Purpose", "prefetch"), ("Purpose", "prefetch"), ("X-Moz", "prefetch")];
    for path in ["/reset".to_string(), format!("/reset?token={token}"), "/account".into(), "/signin".into()] {
        for number in 0..20 {
            let address = format!("198.51.100.{number}");
            let mut headers = vec![("Accept", "text/html"), ("X-Forwarded-For", address.as_str())];
            headers.extend(prefetching);
            let answered = rig.send("GET", &path, &headers, None);
            assert!(matches!(answered.status, 200 | 303), "{path} {}", answered.status);
        }
        assert!(matches!(rig.send("HEAD", &path, &[], None).status, 200 | 401), "{path}");
        assert_eq!(rig.send("OPTIONS", &path, &[], None).status, 404, "{path}");
    }
    assert_eq!(rig.post_open("/reset/open", &json!({ "token": token })).status, 200);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
}

#[test]
fn case_63_a_page_of_another_site_posts_nothing_here() {
    let rig = Rig::start();
    assert_eq!(rig.reset(EMAIL).status, 200);
    let token = rig.token(EMAIL, 1);
    let hash = hash_of(&rig, EMAIL);
    let form = format!("token={token}&password={}", GOOD_PASSWORD.replace(' ', "+"));
    let sign_in = format!("email=jane%40example.com&password={}", rig.sample.user_password);
    let cross: [&[(&str, &str)]; 5] = [
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
        &[("Origin", "http://127.0.0.1.evil.example")],
    ];
    for headers in cross {
        let json_body = json!({ "token": token, "password": GOOD_PASSWORD }).to_string();
        let bodies = [
            ("/reset", "application/x-www-form-urlencoded", form.as_str()),
            ("/reset", "application/json", &json_body),
            ("/signin", "application/x-www-form-urlencoded", &sign_in),
            ("/signout", "application/x-www-form-urlencoded", ""),
            ("/forgot", "application/x-www-form-urlencoded", "email=hello%40example.com"),
        ];
        for (path, content_type, body) in bodies {
            if path == "/reset" && headers == [("Origin", "null")] {
                // The name that browsers without Fetch Metadata give that page; the token alone authorises.
                continue;
            }
            let mut all = vec![("Content-Type", content_type)];
            all.extend(headers);
            let answered = rig.send("POST", path, &all, Some(body));
            assert_eq!(answered.status, 403, "{path} {headers:?} {}", answered.text);
            assert!(answered.headers.iter().all(|(name, _)| name != "set-cookie"), "{path} {headers:?}");
        }
    }
    let tricked = rig.send("POST", "/reset", &[("Content-Type", "text/plain")], Some(&form));
    assert_eq!(tricked.status, 400);
    assert_eq!(hash_of(&rig, EMAIL), hash);
    let own = format!("http://{}", rig.address);
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", own.as_str())];
    assert_eq!(rig.send("POST", "/reset", &headers, Some(&form)).status, 303);
    assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);
}
