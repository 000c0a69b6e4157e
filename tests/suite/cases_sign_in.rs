//! The odd cases of the catalogue about authentication (AN).

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tenantry::params;
use tenantry::people::SignInBy;
use tenantry::store::Scope;

use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const EMAIL: &str = "hello@example.com";

/// How many passwords were hashed since the start.
fn masked(answered: &Answered) -> (u16, String) {
    (answered.status, answered.text.replace(answered.header("x-request-id").unwrap(), "ID"))
}

fn try_to_sign_in(rig: &Rig, email: &str, password: &str) -> Answered {
    rig.post_open("/signin", &json!({ "email": email, "password": password }))
}

#[test]
fn case_11_every_refused_sign_in_gets_the_same_bytes_for_the_same_work() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    let stored = rig.store.read(Scope::HOUSE, |tx| {
        tx.one("SELECT password_hash FROM users WHERE email = 'hello@example.com'", &[])?.get::<String>(0)
    });
    let stored = stored.unwrap();
    rig.add_user(tenant, "sso@example.com", |new| {
        (new.sign_in_by, new.password_hash) = (SignInBy::SingleSignOn, Some(stored.clone()))
    });
    rig.add_user(tenant, "new@example.com", |_| {});
    rig.add_user(tenant, "disabled@example.com", |new| new.password_hash = Some(stored.clone()));
    rig.add_user(tenant, "reset@example.com", |new| new.password_hash = Some(stored));
    assert_eq!(rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "disabled@example.com" })).status, 200);
    assert_eq!(rig.reset("reset@example.com").status, 200);

    let right = rig.sample.user_password.clone();
    let classes = [
        ("unknown@example.com", right.as_str()),
        ("jane@example.com", "not her password"),
        ("disabled@example.com", &right),
        ("sso@example.com", &right),
        ("reset@example.com", &right),
        ("new@example.com", &right),
        ("no address at all", &right),
    ];
    let expected = masked(&try_to_sign_in(&rig, "somebody@example.com", "whatever it is"));
    assert_eq!(expected.0, 401);
    for (email, password) in classes {
        let before = rig.hashes();
        let answered = try_to_sign_in(&rig, email, password);
        assert_eq!(masked(&answered), expected, "{email}");
        assert_eq!(rig.hashes() - before, 1, "{email}");
    }
    for (email, password) in classes {
        let locked: Vec<Answered> = (0..5).map(|_| try_to_sign_in(&rig, email, password)).collect();
        let before = rig.hashes();
        let answered = try_to_sign_in(&rig, email, password);
        assert_eq!(masked(&answered), masked(&locked[4]), "{email}");
        assert_eq!((answered.status, answered.header("retry-after")), (429, Some("30")), "{email}");
        assert_eq!(rig.hashes(), before, "{email}");
    }
}

/// Sets a password by a fresh link; the status.
fn set_password(rig: &Rig, password: &str) -> u16 {
    rig.clock.advance_seconds(3600);
    let links =
        || rig.mails(EMAIL).iter().filter(|mail| mail["link"].as_str().is_some_and(|link| link.contains('#'))).count();
    let before = links();
    assert_eq!(rig.reset(EMAIL).status, 200);
    // The notice of the last change may arrive in between; it holds no link.
    for _ in 0..1_000 {
        if links() > before {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let token = rig.token(EMAIL, 1);
    rig.redeem(&token, password)
}

#[test]
fn case_13_a_password_is_counted_in_code_points_and_nothing_is_cut() {
    let rig = Rig::start();
    rig.choose(|settings| settings.password.minimum_length = 15);
    let emoji: String = "🦀🌋🎻🧊🪁🦉🧭🪴🫖🚲🪐🎲🦔🧵🛶".chars().collect();
    let fourteen: String = emoji.chars().take(14).collect();
    assert_eq!(set_password(&rig, &fourteen), 422);
    assert_eq!(set_password(&rig, &emoji), 204);
    assert_eq!(rig.sign_in(EMAIL, &emoji), 204);

    let spaced = format!("  {GOOD_PASSWORD} ");
    assert_eq!(set_password(&rig, &spaced), 204);
    assert_eq!((rig.sign_in(EMAIL, GOOD_PASSWORD), rig.sign_in(EMAIL, &spaced)), (401, 204));

    let cut = "quiet harbour lantern";
    let with_nul = format!("{cut}\0 and what follows it");
    assert_eq!(set_password(&rig, &with_nul), 400, "control characters are no part of a password");
    assert_eq!((rig.sign_in(EMAIL, cut), rig.sign_in(EMAIL, &with_nul)), (401, 400));
}

#[test]
fn case_15_parallel_guesses_are_hashed_no_oftener_than_allowed_and_the_owner_gets_in_later() {
    let rig = Rig::start();
    let before = rig.hashes();
    let next = AtomicUsize::new(0);
    let spellings = [EMAIL, "HELLO@example.com", "hello@EXAMPLE.com", " hello@example.com ", "Hello@Example.Com"];
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while let guess @ ..500 = next.fetch_add(1, Ordering::SeqCst) {
                    let email = spellings[guess % spellings.len()];
                    let answered = match guess % 2 {
                        0 => try_to_sign_in(&rig, email, &format!("wrong guess {guess}")),
                        _ => {
                            let form =
                                format!("email={}&password=wrong+{guess}", email.replace('@', "%40").replace(' ', "+"));
                            let headers =
                                [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html")];
                            rig.send("POST", "/signin", &headers, Some(&form))
                        }
                    };
                    assert!(matches!(answered.status, 401 | 429), "{}", answered.text);
                    assert_eq!(answered.header("retry-after").is_some(), answered.status == 429);
                }
            });
        }
    });
    assert_eq!(rig.hashes() - before, 5, "as many as the tenant allows at once");
    let right = rig.sample.user_password.clone();
    assert_eq!(rig.sign_in(EMAIL, &right), 429);
    rig.clock.advance_seconds(15 * 60);
    assert_eq!(rig.sign_in(EMAIL, &right), 204);
}

#[test]
fn case_17_a_credential_that_is_nearly_right_is_as_wrong_as_none() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let flipped: String =
        token.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c }).collect();
    let last = if token.ends_with('A') { 'B' } else { 'A' };
    let wrong = [
        String::new(),
        "APIToken".into(),
        "APIToken ".into(),
        token.clone(),
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("APIToken{token}"),
        format!("APIToken x{token}"),
        format!("APIToken {}", &token[..token.len() - 1]),
        format!("APIToken {token}A"),
        format!("APIToken {}{last}", &token[..token.len() - 1]),
        format!("APIToken {flipped}"),
        format!("APIToken {token},APIToken {token}"),
        format!("APIToken {}", token.replacen("tny_", "TNY_", 1)),
    ];
    let path = "/api/web/custom/namespaces/system/whoami";
    let mut answers: Vec<Answered> =
        wrong.iter().map(|value| rig.send("GET", path, &[("Authorization", value)], None)).collect();
    answers.push(rig.send("GET", path, &[], None));
    let authorization = rig.authorization();
    answers.push(rig.send("GET", path, &[("Authorization", &authorization), ("Authorization", &authorization)], None));
    for (number, answered) in answers.iter().enumerate() {
        assert_eq!((answered.status, &answered.body["code"]), (401, &json!(16)), "{number} {}", answered.text);
        assert_eq!(answered.header("www-authenticate"), Some("APIToken"), "{number}");
        assert!(!answered.text.contains(&token[4..20]), "{number} {}", answered.text);
    }
    for scheme in ["APIToken", "apitoken", "Bearer"] {
        assert_eq!(rig.send("GET", path, &[("Authorization", &format!("{scheme} {token}"))], None).status, 200);
    }
}

/// From where the audit log says that this request came.
fn address_on_record(rig: &Rig, answered: &Answered) -> String {
    let id = uuid::Uuid::parse_str(answered.header("x-request-id").unwrap()).unwrap();
    let found =
        rig.store.read(Scope::HOUSE, |tx| tx.one("SELECT address FROM audit WHERE id = $1", &params![&id])?.get(0));
    found.unwrap()
}

/// A call that leaves an audit record; returns its status and the address in the record.
fn recorded(rig: &Rig, forwarded: &[(&str, &str)]) -> (u16, String) {
    let authorization = rig.authorization();
    let mut headers = vec![("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    headers.extend(forwarded);
    let body: Value = json!({ "name": "way", "spec": { "type": "API_TOKEN" } });
    let path = "/api/web/namespaces/system/api_credentials";
    let answered = rig.send("POST", path, &headers, Some(&body.to_string()));
    (answered.status, address_on_record(rig, &answered))
}

#[test]
fn case_19_what_a_request_says_of_its_way_changes_nothing_but_the_address_and_only_from_a_proxy_of_ours() {
    let long = "1".repeat(10_000);
    let nonsense = ["a", long.as_str(), "198.51.100.7%eth0", "", " ", ",", "127.0.0.1:99999", "198.51.100", "unknown"];
    let names = ["X-Forwarded-For", "Forwarded", "X-Real-IP"];
    let stranger = Rig::start();
    for value in nonsense.into_iter().chain(["198.51.100.7"]) {
        for name in names {
            let seen = recorded(&stranger, &[(name, value)]);
            assert_eq!(seen, (200, "127.0.0.1".into()), "{name}: {}", &value[..value.len().min(40)]);
        }
    }
    let behind = Rig::with(|config| config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]);
    for value in nonsense {
        for name in names {
            let seen = recorded(&behind, &[(name, value)]);
            assert_eq!(seen, (200, "127.0.0.1".into()), "{name}: {}", &value[..value.len().min(40)]);
        }
    }
    assert_eq!(recorded(&behind, &[("X-Forwarded-For", "198.51.100.7")]).1, "198.51.100.7");
    assert_eq!(recorded(&behind, &[("X-Forwarded-For", "203.0.113.1, 198.51.100.7, 127.0.0.2")]).1, "198.51.100.7");
    assert_eq!(recorded(&behind, &[("Forwarded", "for=203.0.113.1, for=\"198.51.100.7:80\"")]).1, "198.51.100.7");
    assert_eq!(recorded(&behind, &[("X-Real-IP", "198.51.100.7")]).1, "127.0.0.1");
    let both = [("X-Forwarded-For", "198.51.100.7"), ("Forwarded", "for=203.0.113.1")];
    assert_eq!(recorded(&behind, &both).1, "127.0.0.1", "one of them is the client's own word");
    let none =
        behind.send("GET", "/api/web/custom/namespaces/system/whoami", &[("X-Forwarded-For", "127.0.0.1")], None);
    assert_eq!(none.status, 401);
}

#[test]
fn a_new_password_is_refused_with_the_same_words_at_a_link_and_on_the_account_page() {
    let rig = Rig::start();
    rig.choose(|settings| settings.brand.display_name = String::new());
    let old = rig.sample.user_password.clone();
    let cookie = rig.session(EMAIL, &old);
    assert_eq!(rig.post_open("/forgot", &json!({ "email": EMAIL })).status, 200);
    let token = rig.token(EMAIL, 1);
    let on_the_account_page = |password: &str| {
        let ask = json!({ "current_password": old, "password": password }).to_string();
        let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
        rig.send("POST", "/account/password", &headers, Some(&ask))
    };
    for (password, reason) in [
        ("short", "Use at least 12 characters."),
        ("password", "Do not use a password that is known from data leaks."),
        ("hello@example.com over quiet water", "Do not use your email address or the part before the @."),
        ("Hanna over quiet harbour water", "Do not use your name or the name of your organisation."),
        // The tenant's name counts where it has no other name.
        ("a corp over quiet harbour water", "Do not use your name or the name of your organisation."),
        (&old, "Do not use one of your last 3 passwords."),
    ] {
        let at_the_link = rig.post_open("/reset", &json!({ "token": token, "password": password }));
        let here = on_the_account_page(password);
        assert_eq!(masked(&at_the_link), masked(&here), "{password}");
        assert_eq!(at_the_link.status, 422, "{password}");
        let reasons = at_the_link.body["details"].as_array().unwrap();
        assert!(reasons.contains(&json!({ "reason": reason })), "{}", at_the_link.text);
    }
    assert_eq!(on_the_account_page(GOOD_PASSWORD).status, 204);
}
