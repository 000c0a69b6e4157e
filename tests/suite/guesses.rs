//! Ten thousand random steps of people who cannot read the victims' mail: no password changes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};
use tenantry::access::{EVERY, Grant};
use tenantry::clock::Clock;
use tenantry::config::Config;
use tenantry::store::Scope;

use crate::dice::{Dice, TOKEN_LETTERS};
use crate::people::in_system;
use crate::rig::{GOOD_PASSWORD, Rig};
use crate::wire::{Wire, request};

const STEPS: usize = 10_000;
const THREADS: usize = 4;
/// Requests sent without waiting for an answer.
const AT_ONCE: usize = 32;
const VICTIMS: [&str; 6] = [
    "admin@example.com",
    "hello@example.com",
    "jane@example.com",
    "user00001@example.com",
    "user00002@example.com",
    "user00003@example.com",
];

fn hasty(config: &mut Config) {
    config.passwords.queue_max = 10_000;
    config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
}

/// A caller; the rights of each differ.
#[derive(Clone)]
struct Attacker {
    credentials: String,
    dice: Dice,
    clock: Clock,
    tenant: i64,
    /// Ids of resets that a helper has seen, links excepted.
    ids: Vec<String>,
}

impl Attacker {
    fn step(&mut self) -> String {
        match self.dice.below(100) {
            0..35 => self.guess_a_token(),
            35..45 => self.open(),
            45..53 => self.sign_in(),
            53..58 => self.ask_for_a_link(),
            58..62 => self.reset_someone(),
            62..70 => self.forge_a_session(),
            70..78 => self.forge_a_credential(),
            78..84 => self.touch_a_reset(),
            84..90 => self.rewrite_someone(),
            90..95 => self.send_nonsense(),
            95..99 => self.look(),
            _ => self.wait(),
        }
    }

    fn victim(&mut self) -> &'static str {
        VICTIMS[self.dice.below(VICTIMS.len())]
    }

    /// A new address for most steps, so that the limits by address are not what holds here.
    fn headers(&mut self) -> String {
        let (a, b, c) = (self.dice.below(256), self.dice.below(256), 1 + self.dice.below(250));
        format!("X-Forwarded-For: 10.{a}.{b}.{c}\r\n{}", self.credentials)
    }

    fn post(&mut self, path: &str, body: &Value) -> String {
        let headers = self.headers();
        request("POST", path, &headers, &body.to_string())
    }

    /// Any text, a text of the right shape, or the right tenant and reset with a wrong proof.
    fn token(&mut self) -> String {
        match self.dice.below(4) {
            0 => {
                let length = self.dice.below(70);
                self.dice.text(TOKEN_LETTERS, length)
            }
            1 if !self.ids.is_empty() => self.token_of_a_known_reset(),
            _ => self.dice.text(TOKEN_LETTERS, 48),
        }
    }

    /// A helper knows the id of a reset, but not the 128 bits of its token.
    fn token_of_a_known_reset(&mut self) -> String {
        use base64::Engine;
        let id: uuid::Uuid = self.dice.pick(&self.ids).parse().unwrap();
        let mut bytes = u32::try_from(self.tenant).unwrap().to_be_bytes().to_vec();
        bytes.extend(id.as_bytes());
        bytes.extend(self.dice.next().to_be_bytes());
        bytes.extend(self.dice.next().to_be_bytes());
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }

    fn guess_a_token(&mut self) -> String {
        let body = json!({ "token": self.token(), "password": GOOD_PASSWORD });
        self.post("/reset", &body)
    }

    fn open(&mut self) -> String {
        let body = json!({ "token": self.token() });
        self.post("/reset/open", &body)
    }

    fn sign_in(&mut self) -> String {
        let password = self.dice.text(b"abcdefghijklmnopqrstuvwxyz", 20);
        let body = json!({ "email": self.victim(), "password": password });
        self.post("/signin", &body)
    }

    fn ask_for_a_link(&mut self) -> String {
        let path = *self.dice.pick(&["/forgot", "/reset/fresh", "/no_auth/send_password_email"]);
        let body = json!({ "email": self.victim() });
        self.post(path, &body)
    }

    fn reset_someone(&mut self) -> String {
        let path = *self
            .dice
            .pick(&["/api/web/custom/password/admin_reset", "/api/web/custom/namespaces/system/send_password_email"]);
        let body = json!({ "email": self.victim() });
        self.post(path, &body)
    }

    fn forge_a_session(&mut self) -> String {
        let secret = self.dice.text(TOKEN_LETTERS, 43);
        let headers = format!("Cookie: tenantry={}.{secret}\r\n", self.tenant);
        let body = json!({ "current_password": "guess", "password": GOOD_PASSWORD }).to_string();
        let path = *self.dice.pick(&["/account/password", "/account/sessions/end", "/api/web/custom/password/reset"]);
        request("POST", path, &headers, &body)
    }

    fn forge_a_credential(&mut self) -> String {
        let secret = self.dice.text(TOKEN_LETTERS, 40);
        let body = json!({ "email": self.victim() }).to_string();
        let headers = format!("Authorization: APIToken {secret}\r\n");
        request("POST", "/api/web/custom/password/admin_reset", &headers, &body)
    }

    fn touch_a_reset(&mut self) -> String {
        let id = match self.ids.is_empty() {
            true => uuid::Uuid::from_u64_pair(self.dice.next(), self.dice.next()).to_string(),
            false => self.dice.pick(&self.ids).clone(),
        };
        let what = *self.dice.pick(&["cancel", "resend"]);
        self.post(&format!("/api/tenantry/v1/resets/{id}/{what}"), &json!({}))
    }

    /// Members that no call has: a password beside the address, a hash beside the name.
    fn rewrite_someone(&mut self) -> String {
        let email = self.victim();
        let path = *self.dice.pick(&[
            "/api/web/custom/namespaces/system/user_roles/x",
            "/api/web/custom/password/admin_reset",
            "/api/tenantry/v1/users/enable",
            "/account/password",
        ]);
        let body = json!({
            "email": email, "password": GOOD_PASSWORD, "password_hash": "$argon2id$", "current_password": "guess",
            "token": "", "first_name": "Mallory",
        });
        self.post(path, &body)
    }

    fn send_nonsense(&mut self) -> String {
        let path = *self.dice.pick(&["/reset", "/signin", "/reset/open", "/account/password", "/", "/nowhere"]);
        let method = *self.dice.pick(&["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]);
        let length = self.dice.below(60);
        let body = self.dice.text(b"{}[]\":,abc0123 \\", length);
        let headers = self.headers();
        request(method, path, &headers, &body)
    }

    fn look(&mut self) -> String {
        let path = *self.dice.pick(&["/reset", "/forgot", "/api/tenantry/v1/resets?limit=5", "/metrics", "/account"]);
        let headers = self.headers();
        request("GET", path, &headers, "")
    }

    fn wait(&mut self) -> String {
        self.clock.advance_seconds(*self.dice.pick(&[1, 40, 600, 4_000]));
        request("GET", "/livez", "", "")
    }

    fn run(&mut self, rig: std::net::SocketAddr, steps: usize, refused: &AtomicBool) -> usize {
        let (mut wire, mut answered) = (Wire::to(rig), 0);
        while answered < steps {
            let requests: Vec<String> = (0..AT_ONCE).map(|_| self.step()).collect();
            let replies = wire.ask(&requests);
            for (reply, asked) in replies.iter().zip(&requests) {
                assert_ne!(reply.status, 500, "{asked}\n{reply:?}");
                if asked.starts_with("POST /reset ") || asked.starts_with("POST /signin ") {
                    assert!(!matches!(reply.status, 200..400), "{asked}\n{reply:?}");
                    refused.store(true, Ordering::Relaxed);
                }
                self.ids.extend(reply.header("tenantry-reset-id").map(str::to_owned));
            }
            answered += replies.len();
        }
        answered
    }
}

/// Every victim's password as the store has it.
fn passwords(rig: &Rig) -> Vec<(Option<String>, Option<i64>)> {
    let statement = "SELECT email, password_hash, password_changed_at FROM users WHERE email LIKE '%@example.com'";
    let rows = rig.store.read(Scope::HOUSE, |tx| tx.all(statement, &[])).unwrap();
    let of = |email: &str| {
        let row = rows.iter().find(|row| row.get::<String>(0).unwrap() == email).expect("nobody removed a victim");
        (row.get(1).unwrap(), row.get(2).unwrap())
    };
    VICTIMS.iter().map(|email| of(email)).collect()
}

#[test]
fn without_the_mail_ten_thousand_steps_change_no_password() {
    let mut dice = Dice::of("guesses");
    let data = tempfile::tempdir().unwrap();
    let rig = Rig::at(data.path(), 3, hasty);
    rig.choose(|settings| settings.reset.mails_per_hour = 1_000_000);
    // All rights of the victims who are no owners, and the right to reset them.
    let helping = [in_system("ves-io-uam-admin-role"), vec![Grant::new(EVERY, "ves-io-default-role")]].concat();
    let plain = rig.add_member(rig.tenant(), "plain@example.org", in_system("ves-io-default-role"));
    let helper = rig.add_member(rig.tenant(), "helper@example.org", helping);
    let credentials = [String::new(), header(&plain), header(&helper), String::new()];
    let (before, tenant) = (passwords(&rig), rig.tenant().0);
    let (done, refused) = (AtomicBool::new(false), AtomicBool::new(false));
    let made: usize = thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert_eq!(passwords(&rig), before);
                thread::sleep(std::time::Duration::from_millis(100));
            }
        });
        let attackers: Vec<_> = (0..THREADS)
            .map(|nth| {
                let (credentials, dice, clock) = (credentials[nth].clone(), dice.split(), rig.clock.clone());
                let mut attacker = Attacker { credentials, dice, clock, tenant, ids: Vec::new() };
                let (address, refused) = (rig.address, &refused);
                scope.spawn(move || attacker.run(address, STEPS / THREADS, refused))
            })
            .collect();
        let made = attackers.into_iter().map(|attacker| attacker.join()).collect::<Vec<_>>();
        done.store(true, Ordering::Relaxed);
        watcher.join().unwrap();
        made.into_iter().map(Result::unwrap).sum()
    });
    assert_eq!(passwords(&rig), before);
    assert!(made >= STEPS && refused.load(Ordering::Relaxed));
    eprintln!("guesses: {made} steps, no password changed");
}

fn header(token: &str) -> String {
    format!("Authorization: APIToken {token}\r\n")
}
