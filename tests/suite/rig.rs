//! Starts the real server on a free port, with a clock set by hand, and speaks to it over HTTP.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry::clock::{Clock, Timestamp};
use tenantry::config::{Config, Passwords};
use tenantry::dev::{Authority, Sample, prepare};
use tenantry::house::House;
use tenantry::random::Random;
use tenantry::secret::Secret;
use tenantry::store::Store;

use crate::copies::{Original, sample_for};
use crate::engine::{database_of, is_postgres};
use crate::running::{Running, listen};

/// Wednesday, 4 March 2026, 09:15:27 UTC.
pub const START: Timestamp = Timestamp(1_772_615_727_000_000);
/// A password that every default policy takes.
pub const GOOD_PASSWORD: &str = "a lantern over quiet harbour water";

/// What a hash costs in a rig, in KiB and passes: next to nothing, or it would be most of what a test does.
const CHEAP: (u32, u32) = (64, 1);

/// Gives a server the usual cost of a hash: for tests of what happens while one is made.
pub fn hash_at_full_cost(config: &mut Config) {
    let Passwords { memory_kib, iterations, .. } =
        Config::for_dev(config.http.listen, &config.store.data_dir).passwords;
    (config.passwords.memory_kib, config.passwords.iterations) = (memory_kib, iterations);
}

/// A running server with its sample tenant.
pub struct Rig {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its clock.
    pub clock: Clock,
    /// Its store, to read what no call shows.
    pub store: Store,
    /// The users of the sample tenant.
    pub sample: Sample,
    /// Its data directory; empty when the test brought its own.
    pub data: Option<TempDir>,
    agent: ureq::Agent,
    running: Running,
}

/// The server's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body, if it is JSON.
    pub body: Value,
    /// The body as it came, if it is a text.
    pub text: String,
    /// The headers, names in lower case, in order.
    pub headers: Vec<(String, String)>,
}

impl Answered {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The sentence of an error.
    pub fn message(&self) -> &str {
        // RFC 7644 and RFC 9457 call it so.
        self.body["message"].as_str().or(self.body["detail"].as_str()).unwrap_or_default()
    }
}

impl Rig {
    /// A server as `dev` runs it, but for what a hash costs.
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// A server with other settings.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::equipped(change, |_| {})
    }

    /// A server that speaks https as `dev --tls` does; requests of the rig itself need http.
    pub fn in_tls(change: impl FnOnce(&mut Config)) -> Self {
        Self::equipped(change, |house| {
            let authority = Authority::open(&house.config.store.data_dir, Clock::system().now()).unwrap();
            house.certificate = Some(authority.certify(vec!["localhost".into()]).unwrap());
        })
    }

    /// A server on a copy of a store that a rig has filled at the beginning of its time.
    pub fn copy_of(original: &Original, sample: &Sample) -> Self {
        let data = tempfile::tempdir().unwrap();
        original.copy_to(data.path(), is_postgres());
        let (runtime, listener, address) = listen();
        let clock = Clock::by_hand(START);
        let house = open(settings_for(data.path(), address, |_| {}), &clock);
        let store = house.store.clone();
        let mut rig = Self::of(address, clock, store, sample.clone(), Running::start(runtime, listener, house));
        rig.data = Some(data);
        rig
    }

    fn equipped(change: impl FnOnce(&mut Config), equip: impl FnOnce(&mut House)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (runtime, listener, address) = listen();
        let config = settings_for(data.path(), address, change);
        let copied = sample_for(&config);
        let clock = Clock::by_hand(START);
        let mut house = open(config, &clock);
        equip(&mut house);
        let sample = copied.unwrap_or_else(|| runtime.block_on(prepare(&house, 0)).unwrap());
        let store = house.store.clone();
        let mut rig = Self::of(address, clock, store, sample, Running::start(runtime, listener, house));
        rig.data = Some(data);
        rig
    }

    /// A server on a directory of the test's, with `users` further users in the sample tenant.
    pub fn at(data: &Path, users: u32, change: impl FnOnce(&mut Config)) -> Self {
        let (runtime, listener, address) = listen();
        let clock = Clock::by_hand(START);
        let house = open(settings_for(data, address, change), &clock);
        let store = house.store.clone();
        let sample = runtime.block_on(prepare(&house, users)).unwrap();
        Self::of(address, clock, store, sample, Running::start(runtime, listener, house))
    }

    /// A server at a given time on an existing store with these users, made at the usual cost of a hash.
    pub fn on(data: &Path, moment: Timestamp, sample: Sample) -> Self {
        let (runtime, listener, address) = listen();
        let clock = Clock::by_hand(moment);
        let house = open(settings_for(data, address, hash_at_full_cost), &clock);
        let store = house.store.clone();
        Self::of(address, clock, store, sample, Running::start(runtime, listener, house))
    }

    fn of(address: SocketAddr, clock: Clock, store: Store, sample: Sample, running: Running) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections_per_host(16)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        Self { address, clock, store, sample, data: None, agent, running }
    }

    /// Stops the server and starts another on the same directory, at the same moment of the same clock.
    pub fn restart(&mut self, data: &Path, change: impl FnOnce(&mut Config)) {
        self.stop();
        let (runtime, listener, address) = listen();
        let house = open(settings_for(data, address, change), &self.clock);
        (self.address, self.store) = (address, house.store.clone());
        self.running = Running::start(runtime, listener, house);
    }

    /// One request with these headers; none beside them.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answered {
        self.send_any(method, path, headers, body.map(str::as_bytes))
    }

    /// The same with a body that need not be text.
    pub fn send_bytes(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answered {
        self.send_any(method, path, headers, Some(body))
    }

    fn send_any(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answered {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body.to_vec()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        read(response.unwrap())
    }

    /// GET as the sample tenant's owner.
    pub fn get(&self, path: &str) -> Answered {
        self.send("GET", path, &[("Authorization", &self.authorization())], None)
    }

    /// POST of JSON as the sample tenant's owner.
    pub fn post(&self, path: &str, body: &Value) -> Answered {
        self.as_token(&self.sample.api_token, "POST", path, Some(body))
    }

    /// A call with another token.
    pub fn as_token(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answered {
        let authorization = format!("APIToken {token}");
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        self.send(method, path, &headers, body.map(Value::to_string).as_deref())
    }

    /// POST of JSON by nobody in particular.
    pub fn post_open(&self, path: &str, body: &Value) -> Answered {
        self.send("POST", path, &[("Content-Type", "application/json")], Some(&body.to_string()))
    }

    /// The header value of the owner's token.
    pub fn authorization(&self) -> String {
        format!("APIToken {}", self.sample.api_token)
    }

    /// The call of the main job.
    pub fn reset(&self, email: &str) -> Answered {
        self.post("/api/web/custom/password/admin_reset", &json!({ "email": email }))
    }

    /// The status of a sign-in.
    pub fn sign_in(&self, email: &str, password: &str) -> u16 {
        self.post_open("/signin", &json!({ "email": email, "password": password })).status
    }

    /// The same at the host of this tenant.
    pub fn sign_in_at(&self, tenant: &str, email: &str, password: &str) -> u16 {
        let host = format!("{tenant}.localhost");
        let body = json!({ "email": email, "password": password }).to_string();
        let headers = [("Host", host.as_str()), ("Content-Type", "application/json")];
        self.send("POST", "/signin", &headers, Some(&body)).status
    }

    /// The cookie of a new session, as a browser sends it back.
    pub fn session(&self, email: &str, password: &str) -> String {
        let answered = self.post_open("/signin", &json!({ "email": email, "password": password }));
        assert_eq!(answered.status, 204, "{}", answered.text);
        let mut cookies = answered.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value);
        let cookie = cookies.find(|value| value.starts_with("tenantry=")).expect("a sign-in sets its cookie");
        cookie.split(';').next().unwrap().into()
    }

    /// The status of a redemption.
    pub fn redeem(&self, token: &str, password: &str) -> u16 {
        self.post_open("/reset", &json!({ "token": token, "password": password })).status
    }

    /// Every mail to this address, the newest last.
    pub fn mails(&self, email: &str) -> Vec<Value> {
        let mails = self.send("GET", "/dev/mailbox", &[("Accept", "application/json")], None).body;
        mails.as_array().unwrap().iter().filter(|mail| mail["to"] == email).cloned().collect()
    }

    /// Waits until this address has `count` mails.
    pub fn wait_for_mails(&self, email: &str, count: usize) -> Vec<Value> {
        for _ in 0..3_000 {
            let mails = self.mails(email);
            if mails.len() >= count {
                return mails;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{email} has {} mails, not {count}", self.mails(email).len());
    }

    /// Passwords that were hashed since the start.
    pub fn hashes(&self) -> u64 {
        let text = self.send("GET", "/metrics", &[], None).text;
        let line = text.lines().find(|line| line.starts_with("tenantry_password_hashes ")).unwrap();
        line.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The token of the newest link to this address, once it has `count` mails.
    pub fn token(&self, email: &str, count: usize) -> String {
        let mails = self.wait_for_mails(email, count);
        let link = mails.iter().rev().find_map(|mail| mail["link"].as_str()).unwrap();
        link.split_once('#').unwrap().1.to_string()
    }

    /// The audit records of the sample tenant's main calls, oldest first: action, outcome, subject.
    pub fn audit(&self) -> Vec<(String, String, String)> {
        let rows = self.store.read(tenantry::store::Scope::HOUSE, |tx| {
            tx.all("SELECT action, outcome, subject FROM audit WHERE tenant <> 0 ORDER BY id", &[])
        });
        rows.unwrap().iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap())).collect()
    }

    /// Tells the server to stop as SIGTERM would.
    pub fn begin_stop(&mut self) {
        self.running.begin_stop();
    }

    /// Stops the server as SIGTERM would and waits until it has drained.
    pub fn stop(&mut self) {
        self.running.stop();
    }
}

/// Where stopping is the subject, a test calls `stop`.
impl Drop for Rig {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.running.end();
            self.store.close();
        }
    }
}

/// The settings of a rig. Where they name a database, it is not made yet: that is the one of the data directory.
pub fn settings_for(data: &Path, address: SocketAddr, change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::for_dev(address, data);
    (config.passwords.memory_kib, config.passwords.iterations) = CHEAP;
    config.store.postgres = is_postgres().then(|| Secret::new(String::new()));
    change(&mut config);
    config
}

/// Opens the parts of a server by such settings.
pub fn open(mut config: Config, clock: &Clock) -> House {
    if config.store.postgres.is_some() {
        config.store.postgres = database_of(&config.store.data_dir).map(Secret::new);
    }
    House::open(config, clock.clone(), Random::system()).unwrap()
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Answered {
    let status = response.status().as_u16();
    let headers =
        response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_string()));
    let headers = headers.collect();
    // A picture is no text; what of it is none is replaced.
    let text = String::from_utf8_lossy(&response.body_mut().read_to_vec().unwrap()).into_owned();
    Answered { status, body: serde_json::from_str(&text).unwrap_or(Value::Null), text, headers }
}
