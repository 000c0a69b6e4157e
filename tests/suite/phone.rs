//! A phone with a code app, and what a browser does with it.

use serde_json::{Value, json};
use tenantry::clock::{SECOND, Timestamp};
use totp_rs::{Builder, Secret};

use crate::rig::{Answered, Rig};

const BEGIN: &str = "/account/second-factor/begin";
const CONFIRM: &str = "/account/second-factor/confirm";

/// A code app that was given a secret.
#[derive(Clone)]
pub struct Phone {
    /// The secret, in base32.
    pub secret: String,
}

impl Phone {
    /// The code that it shows at a time.
    pub fn code_at(&self, at: Timestamp) -> String {
        let secret = Secret::try_from_base32(&self.secret).unwrap();
        let app = Builder::new().with_secret(secret).build_noncompliant();
        app.generate(u64::try_from(at.0 / SECOND).unwrap()).to_string()
    }

    /// The code that it shows now.
    pub fn code(&self, rig: &Rig) -> String {
        self.code_at(rig.clock.now())
    }

    /// The code of the next half minute, once that has come: no code counts twice.
    pub fn next_code(&self, rig: &Rig) -> String {
        rig.clock.advance_seconds(30);
        self.code(rig)
    }
}

/// The cookies that an answer sets, as a browser sends them back.
pub fn cookies(answered: &Answered) -> Vec<String> {
    let set = answered.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value);
    set.map(|value| value.split(';').next().unwrap().to_owned()).collect()
}

/// One cookie of an answer, by its name.
pub fn cookie(answered: &Answered, name: &str) -> Option<String> {
    cookies(answered).into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")) && !cookie.ends_with('='))
}

/// A call of JSON with these cookies.
pub fn ask(rig: &Rig, cookie: &str, path: &str, body: &Value) -> Answered {
    rig.send("POST", path, &[("Cookie", cookie), ("Content-Type", "application/json")], Some(&body.to_string()))
}

/// The form of a page with these cookies, as a browser sends it.
pub fn form(rig: &Rig, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answered {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [
        ("Cookie", cookie),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "text/html"),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    rig.send("POST", path, &headers, Some(&body))
}

/// A page as a browser asks for it.
pub fn page(rig: &Rig, cookie: &str, path: &str) -> Answered {
    rig.send("GET", path, &[("Cookie", cookie), ("Accept", "text/html")], None)
}

/// What stands in the key of a page that sets up an app.
pub fn key_on(page: &str) -> Phone {
    let (_, rest) = page.split_once("<p class=\"secret-key\"><code>").expect("a page with a key");
    Phone { secret: rest.split('<').next().unwrap().replace(' ', "") }
}

/// Begins to set up an app in this session; returns its phone and both cookies.
pub fn begin(rig: &Rig, session: &str) -> (Phone, String) {
    let begun = ask(rig, session, BEGIN, &json!({}));
    assert_eq!(begun.status, 200, "{}", begun.text);
    let step = cookie(&begun, "tenantry-step").expect("the cookie of a step");
    (Phone { secret: begun.body["secret"].as_str().unwrap().into() }, format!("{session}; {step}"))
}

/// Sets up an app in this session; returns its phone and the recovery codes.
pub fn enrol(rig: &Rig, session: &str) -> (Phone, Vec<String>) {
    let (phone, both) = begin(rig, session);
    let confirmed = ask(rig, &both, CONFIRM, &json!({ "code": phone.code(rig) }));
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let codes = confirmed.body["recovery_codes"].as_array().unwrap();
    (phone, codes.iter().map(|code| code.as_str().unwrap().into()).collect())
}

/// A sign-in of a program with a code.
pub fn sign_in(rig: &Rig, email: &str, password: &str, code: &str) -> Answered {
    rig.post_open("/signin", &json!({ "email": email, "password": password, "code": code }))
}

/// A browser behind the right password: the page that it is sent to, and the cookie of its step.
pub fn step(rig: &Rig, email: &str, password: &str) -> (String, String) {
    let answered = form(rig, "", "/signin", &[("email", email), ("password", password)]);
    assert_eq!(answered.status, 303, "{}", answered.text);
    assert!(cookie(&answered, "tenantry").is_none(), "no session yet");
    let step = cookie(&answered, "tenantry-step").expect("the cookie of a step");
    (answered.header("location").unwrap().into(), step)
}

/// The token of the link number `nth` to set up another app, once this address has it.
pub fn factor_link(rig: &Rig, email: &str, nth: usize) -> String {
    for _ in 0..400 {
        let mails = rig.mails(email);
        let links = mails.iter().filter_map(|mail| mail["link"].as_str());
        if let Some((_, token)) = links.filter_map(|link| link.split_once("/second-factor#")).nth(nth - 1) {
            return token.into();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{email} has fewer than {nth} links to set up an app");
}

/// Brings Jane, who holds this session, to where an operation about a second factor has something to do. Returns the cookies
/// and the body with which it does it.
pub fn ready(rig: &Rig, id: &str, session: &str) -> Option<(String, Value)> {
    const JANE: &str = "jane@example.com";
    let password = rig.sample.user_password.clone();
    let owner_puts = |path: &str, body: Value| {
        let answered = rig.as_token(&rig.sample.api_token, "PUT", path, Some(&body));
        assert_eq!(answered.status, 200, "{}", answered.text);
    };
    let require = || owner_puts("/api/web/namespaces/system/tenant/settings/otp/enable", json!({}));
    let take_away = || {
        enrol(rig, session);
        owner_puts("/api/web/namespaces/system/user/otp/admin_reset", json!({ "user_email": JANE }));
    };
    match id {
        "tenantry.sign_in.code" => {
            let (phone, _) = enrol(rig, session);
            Some((step(rig, JANE, &password).1, json!({ "code": phone.next_code(rig) })))
        }
        "tenantry.sign_in.enrol" => {
            require();
            let step = step(rig, JANE, &password).1;
            let phone = key_on(&page(rig, &step, "/signin/enrol").text);
            Some((step, json!({ "code": phone.code(rig) })))
        }
        "tenantry.second_factor.open" => {
            take_away();
            Some((session.into(), json!({ "token": factor_link(rig, JANE, 1), "password": password })))
        }
        "tenantry.second_factor.link" => {
            take_away();
            require();
            Some((step(rig, JANE, &password).1, json!({})))
        }
        "tenantry.account.confirm_second_factor" => {
            let (phone, both) = begin(rig, session);
            Some((both, json!({ "code": phone.code(rig) })))
        }
        "tenantry.account.renew_recovery_codes" | "tenantry.account.remove_second_factor" => {
            enrol(rig, session);
            Some((session.into(), json!({})))
        }
        _ => None,
    }
}
