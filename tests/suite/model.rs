//! Random steps of administrators and users against a reference model: after each the answer and the
//! states of the user's resets are those of the model.

use std::fs::File;
use std::io::{BufRead, BufReader};

use serde_json::{Value, json};
use tenantry::clock::{SECOND, Timestamp};
use tenantry::config::Config;

use crate::dice::{Dice, TOKEN_LETTERS};
use crate::people::owner;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const STEPS: usize = 2_500;
const PEOPLE: usize = 5;
const LIFETIME: i64 = 3600;
const REPEAT: i64 = 30;
/// More than are played: the bounds of mails are played elsewhere.
const MAILS_PER_HOUR: i64 = 1_000;
const THE_USER: &str = "the user";

/// A reset as the model knows it.
struct Reset {
    id: String,
    token: String,
    by: &'static str,
    at: Timestamp,
    expires_at: Timestamp,
    is_opened: bool,
    /// How it ended, if it did before its time.
    end: Option<&'static str>,
}

impl Reset {
    fn is_alive(&self, now: Timestamp) -> bool {
        self.end.is_none() && now < self.expires_at
    }

    fn state(&self, now: Timestamp) -> &'static str {
        match self.end {
            Some(end) => end,
            None if !self.is_alive(now) => "expired",
            None if self.is_opened => "opened",
            None => "mailed",
        }
    }
}

/// A user as the model knows them.
struct Person {
    email: String,
    password: String,
    old_passwords: Vec<String>,
    is_dead: bool,
    is_disabled: bool,
    resets: Vec<Reset>,
    wished_at: Option<Timestamp>,
}

impl Person {
    fn alive(&mut self, now: Timestamp) -> Option<&mut Reset> {
        self.resets.last_mut().filter(|reset| reset.is_alive(now))
    }

    fn end(&mut self, now: Timestamp, how: &'static str) {
        if let Some(reset) = self.alive(now) {
            reset.end = Some(how);
        }
    }

    fn choose(&mut self, password: String) {
        self.old_passwords.push(std::mem::replace(&mut self.password, password));
        self.is_dead = false;
    }
}

/// The mailbox's file, read on from where it was read last.
struct Mailbox {
    file: BufReader<File>,
    line: String,
}

impl Mailbox {
    /// The token of the next mail with a link.
    fn next_token(&mut self) -> String {
        for _ in 0..2_000 {
            self.file.read_line(&mut self.line).unwrap();
            if !self.line.ends_with('\n') {
                std::thread::sleep(std::time::Duration::from_millis(5));
                continue;
            }
            let mail: Value = serde_json::from_str(&std::mem::take(&mut self.line)).unwrap();
            if let Some(link) = mail["link"].as_str() {
                return link.split_once('#').unwrap().1.to_string();
            }
        }
        panic!("no mail came");
    }
}

struct Play {
    rig: Rig,
    dice: Dice,
    mailbox: Mailbox,
    admins: [(&'static str, String); 2],
    people: Vec<Person>,
    chosen: usize,
    /// What was done, for the words of a failure.
    told: String,
}

impl Play {
    fn new(rig: Rig, dice: Dice, data: &std::path::Path) -> Self {
        rig.choose(|settings| {
            settings.sign_in_failures_max = 1_000_000;
            settings.reset_mails_per_hour = MAILS_PER_HOUR;
        });
        let second = rig.add_member(rig.tenant(), "second@example.com", owner());
        let admins = [("admin@example.com", rig.sample.api_token.clone()), ("second@example.com", second)];
        let file = BufReader::new(File::open(data.join("mailbox.jsonl")).unwrap());
        let people = (1..=PEOPLE)
            .map(|number| Person {
                email: format!("user{number:05}@example.com"),
                password: rig.sample.user_password.clone(),
                old_passwords: Vec::new(),
                is_dead: false,
                is_disabled: false,
                resets: Vec::new(),
                wished_at: None,
            })
            .collect();
        let mailbox = Mailbox { file, line: String::new() };
        Self { rig, dice, mailbox, admins, people, chosen: 0, told: String::new() }
    }

    fn now(&self) -> Timestamp {
        self.rig.clock.now()
    }

    /// A call from an address of its own: the buckets by address are not what is modelled.
    fn post(&mut self, path: &str, body: &Value, cookie: Option<&str>) -> Answered {
        let address = format!("10.{}.{}.7", self.dice.below(256), self.dice.below(256));
        let mut headers = vec![("Content-Type", "application/json"), ("X-Forwarded-For", address.as_str())];
        headers.extend(cookie.map(|cookie| ("Cookie", cookie)));
        self.rig.send("POST", path, &headers, Some(&body.to_string()))
    }

    fn expect(&mut self, what: &str, nth: usize, got: u16, expected: u16) {
        self.told = format!("{what} for {} at {}", self.people[nth].email, self.now());
        assert_eq!(got, expected, "{}", self.told);
    }

    fn step(&mut self) {
        let nth = self.dice.below(PEOPLE);
        match self.dice.below(100) {
            0..18 => self.admin_reset(nth),
            18..23 => self.forgot(nth),
            23..33 => self.open(nth),
            33..50 => self.redeem(nth),
            50..56 => self.cancel(nth),
            56..62 => self.resend(nth),
            62..67 => self.disable(nth),
            67..75 => self.enable(nth),
            75..82 => self.sign_in(nth),
            82..87 => self.change(nth),
            _ => self.wait(),
        }
        self.compare(nth, 4);
    }

    fn wait(&mut self) {
        let seconds = *self.dice.pick(&[1, 5, 29, 30, 31, 600, 1800, 3599, 3600]);
        self.rig.clock.advance_seconds(seconds);
    }

    fn admin_reset(&mut self, nth: usize) {
        let (now, admin) = (self.now(), self.dice.below(2));
        let (by, token) = self.admins[admin].clone();
        let body = json!({ "email": self.people[nth].email });
        let answered = self.rig.as_token(&token, "POST", "/api/web/custom/password/admin_reset", Some(&body));
        let person = &mut self.people[nth];
        let repeated = person.alive(now).filter(|it| it.by == by && now.0 - it.at.0 < REPEAT * SECOND);
        let repeated = repeated.map(|reset| reset.id.clone());
        if person.is_disabled {
            return self.expect("admin_reset of someone disabled", nth, answered.status, 409);
        }
        if let Some(id) = repeated {
            assert_eq!(answered.header("tenantry-reset-id"), Some(id.as_str()));
            return self.expect("admin_reset again", nth, answered.status, 200);
        }
        self.expect("admin_reset", nth, answered.status, 200);
        self.people[nth].is_dead = true;
        let id = answered.header("tenantry-reset-id").unwrap().to_string();
        self.begin(nth, id, by);
    }

    /// Asked for only where the model foresees a link: the answer is the same for everyone.
    fn forgot(&mut self, nth: usize) {
        let now = self.now();
        let person = &mut self.people[nth];
        let is_recent = |at: Timestamp| now.0 - at.0 < REPEAT * SECOND;
        let alive = person.alive(now).map(|reset| (reset.by, reset.at, reset.token.clone()));
        let is_repeat = match &alive {
            Some((THE_USER, at, _)) => is_recent(*at),
            Some(_) => person.wished_at.is_some_and(is_recent),
            None => false,
        };
        if person.is_disabled || is_repeat {
            return;
        }
        person.wished_at = Some(now);
        let email = person.email.clone();
        let answered = self.post("/forgot", &json!({ "email": email }), None);
        self.expect("forgot", nth, answered.status, 200);
        if let Some((_, _, token)) = alive.filter(|(by, ..)| *by != THE_USER) {
            return assert_eq!(self.mailbox.next_token(), token, "the link that an administrator has given");
        }
        let latest = self.people[nth].resets.last().map(|reset| reset.id.clone());
        let path = format!("/api/tenantry/v1/resets?limit=1&email={email}");
        for _ in 0..1_000 {
            let id = self.rig.get(&path).body["items"][0]["id"].as_str().map(str::to_owned);
            if let Some(id) = id.filter(|id| Some(id) != latest.as_ref()) {
                return self.begin(nth, id, THE_USER);
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("{email} asked for a link and there is none");
    }

    fn begin(&mut self, nth: usize, id: String, by: &'static str) {
        let (now, token) = (self.now(), self.mailbox.next_token());
        self.wait_until_mailed(&id);
        let person = &mut self.people[nth];
        person.end(now, "superseded");
        let expires_at = now.plus_seconds(LIFETIME);
        person.resets.push(Reset { id, token, by, at: now, expires_at, is_opened: false, end: None });
    }

    /// The mail is in the mailbox a moment before its reset says so.
    fn wait_until_mailed(&self, id: &str) {
        for _ in 0..1_000 {
            if self.rig.get(&format!("/api/tenantry/v1/resets/{id}")).body["state"] != "requested" {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("{id} was never mailed");
    }

    /// A link of this user, mostly the newest; or one that nobody made.
    fn token(&mut self, nth: usize) -> (Option<usize>, String) {
        let count = self.people[nth].resets.len();
        if count == 0 || self.dice.below(10) == 0 {
            return (None, self.dice.text(TOKEN_LETTERS, 48));
        }
        let which = if self.dice.below(3) > 0 { count - 1 } else { self.dice.below(count) };
        (Some(which), self.people[nth].resets[which].token.clone())
    }

    fn is_alive(&self, nth: usize, which: Option<usize>) -> bool {
        which.is_some_and(|which| self.people[nth].resets[which].is_alive(self.now()))
    }

    fn open(&mut self, nth: usize) {
        let (which, token) = self.token(nth);
        let answered = self.post("/reset/open", &json!({ "token": token }), None);
        let alive = self.is_alive(nth, which);
        self.expect("open", nth, answered.status, if alive { 200 } else { 400 });
        if alive {
            self.people[nth].resets[which.unwrap()].is_opened = true;
        }
    }

    fn new_password(&mut self) -> String {
        self.chosen += 1;
        format!("{GOOD_PASSWORD} {:05}", self.chosen)
    }

    fn redeem(&mut self, nth: usize) {
        let (which, token) = self.token(nth);
        let good = self.dice.below(4) > 0;
        let password = if good { self.new_password() } else { "short".to_string() };
        let answered = self.post("/reset", &json!({ "token": token, "password": password }), None);
        let expected = match (self.is_alive(nth, which), good) {
            (false, _) => 400,
            (true, false) => 422,
            (true, true) => 204,
        };
        self.expect("redeem", nth, answered.status, expected);
        if expected == 204 {
            self.people[nth].resets[which.unwrap()].end = Some("redeemed");
            self.people[nth].choose(password);
        }
    }

    fn touch(&mut self, nth: usize, what: &str) -> Option<(usize, u16)> {
        let count = self.people[nth].resets.len();
        let which = if count == 0 { return None } else { count - 1 - self.dice.below(count.min(2)) };
        let path = format!("/api/tenantry/v1/resets/{}/{what}", self.people[nth].resets[which].id);
        let admin = self.dice.below(2);
        let answered = self.rig.as_token(&self.admins[admin].1, "POST", &path, Some(&json!({})));
        Some((which, answered.status))
    }

    fn cancel(&mut self, nth: usize) {
        let Some((which, status)) = self.touch(nth, "cancel") else { return };
        let alive = self.is_alive(nth, Some(which));
        self.expect("cancel", nth, status, if alive { 200 } else { 409 });
        if alive {
            self.people[nth].resets[which].end = Some("cancelled");
        }
    }

    fn resend(&mut self, nth: usize) {
        let Some((which, status)) = self.touch(nth, "resend") else { return };
        let now = self.now();
        let expected = if self.is_alive(nth, Some(which)) { 200 } else { 409 };
        self.expect("resend", nth, status, expected);
        if expected == 200 {
            self.people[nth].resets[which].expires_at = now.plus_seconds(LIFETIME);
            assert_eq!(self.mailbox.next_token(), self.people[nth].resets[which].token, "the same link");
        }
    }

    fn disable(&mut self, nth: usize) {
        let now = self.now();
        let answered = self.rig.post("/api/tenantry/v1/users/disable", &json!({ "email": self.people[nth].email }));
        self.expect("disable", nth, answered.status, 200);
        self.people[nth].end(now, "cancelled");
        self.people[nth].is_disabled = true;
    }

    fn enable(&mut self, nth: usize) {
        let answered = self.rig.post("/api/tenantry/v1/users/enable", &json!({ "email": self.people[nth].email }));
        self.expect("enable", nth, answered.status, 200);
        self.people[nth].is_disabled = false;
    }

    fn sign_in(&mut self, nth: usize) {
        let person = &self.people[nth];
        let works = !person.is_dead && !person.is_disabled;
        let (email, present) = (person.email.clone(), person.password.clone());
        let old = person.old_passwords.last().cloned();
        let answered = self.post("/signin", &json!({ "email": email, "password": present }), None);
        self.expect("sign-in", nth, answered.status, if works { 204 } else { 401 });
        if let Some(old) = old {
            let answered = self.post("/signin", &json!({ "email": email, "password": old }), None);
            self.expect("sign-in with an old password", nth, answered.status, 401);
        }
    }

    fn change(&mut self, nth: usize) {
        let person = &self.people[nth];
        if person.is_dead || person.is_disabled {
            return;
        }
        let (now, email, present) = (self.now(), person.email.clone(), person.password.clone());
        let signed_in = self.post("/signin", &json!({ "email": email, "password": present }), None);
        self.expect("sign-in", nth, signed_in.status, 204);
        let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_string();
        let (password, knows) = (self.new_password(), self.dice.below(4) > 0);
        let current = if knows { present } else { "a guess".to_string() };
        let body = json!({ "current_password": current, "password": password });
        let answered = self.post("/account/password", &body, Some(&cookie));
        self.expect("change", nth, answered.status, if knows { 204 } else { 401 });
        if knows {
            self.people[nth].end(now, "cancelled");
            self.people[nth].choose(password);
        }
    }

    /// The latest resets of a user are in the states of the model.
    fn compare(&self, nth: usize, latest: usize) {
        let now = self.now();
        for reset in self.people[nth].resets.iter().rev().take(latest) {
            let shown = self.rig.get(&format!("/api/tenantry/v1/resets/{}", reset.id));
            assert_eq!(shown.status, 200);
            assert_eq!(shown.body["state"], reset.state(now), "after {}: {}", self.told, shown.text);
        }
    }
}

#[test]
fn the_server_does_what_the_model_of_a_reset_says() {
    let dice = Dice::of("model");
    let data = tempfile::tempdir().unwrap();
    let rig = Rig::at(data.path(), u32::try_from(PEOPLE).unwrap(), |config: &mut Config| {
        (config.passwords.memory_kib, config.passwords.iterations) = (64, 1);
        config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    let mut play = Play::new(rig, dice, data.path());
    for _ in 0..STEPS {
        play.step();
    }
    let count: usize = play.people.iter().map(|person| person.resets.len()).sum();
    for nth in 0..PEOPLE {
        play.compare(nth, usize::MAX);
    }
    eprintln!("model: {STEPS} steps, {count} resets, each as the model says");
}
