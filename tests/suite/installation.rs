//! From an empty directory to a running server, by the real binary and a real mail relay on loopback.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command_line::{Ended, tenantry};
use crate::relay::{Mail, Relay, Script};
use crate::rig::GOOD_PASSWORD;

const OWNER: &str = "ada@example.com";
const USER: &str = "nora@example.org";

/// An installation with its own directory, port and relay.
pub struct Site {
    pub directory: TempDir,
    pub port: u16,
    pub relay: Relay,
    /// Drives the relay.
    _runtime: tokio::runtime::Runtime,
}

impl Site {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let relay = runtime.block_on(Relay::start(Script::default()));
        // The port was free a moment ago, and the system assigns others before this one again.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { directory: tempfile::tempdir().unwrap(), port, relay, _runtime: runtime }
    }

    /// The data directory.
    pub fn data(&self) -> std::path::PathBuf {
        self.directory.path().join("data")
    }

    /// The server's log, at its most verbose level.
    pub fn log(&self) -> std::path::PathBuf {
        self.directory.path().join("log")
    }

    /// The binary with the settings of this installation in its environment.
    pub fn command(&self, line: &[&str]) -> Command {
        let mut command = tenantry(self.directory.path(), line);
        for (name, value) in [
            ("TENANTRY_STORE_DATA_DIR", self.data().display().to_string()),
            ("TENANTRY_HTTP_LISTEN", format!("127.0.0.1:{}", self.port)),
            ("TENANTRY_HTTP_PUBLIC_URL", format!("http://{{tenant}}.localhost:{}", self.port)),
            ("TENANTRY_PASSWORDS_THREADS", "1".into()),
        ] {
            command.env(name, value);
        }
        command.envs(self.relay.settings());
        command
    }

    pub fn run(&self, line: &[&str]) -> Ended {
        self.command(line).output().unwrap().into()
    }

    /// Makes the tenant `acme` and answers the code of its owner's link.
    pub fn init(&self) -> String {
        let said = self.run(&["init", "--tenant", "acme", "--email", OWNER, "--json"]).done();
        let link = serde_json::from_str::<Value>(&said).unwrap()["link"].as_str().unwrap().to_string();
        let (page, code) = link.split_once('#').unwrap();
        assert_eq!(page, format!("http://acme.localhost:{}/reset", self.port));
        code.into()
    }

    pub fn serve(&self, further: &[(&str, &str)]) -> Served {
        self.serve_by(self.command(&["serve"]).envs(further.iter().copied()).env("TENANTRY_LOG_LEVEL", "trace"))
    }

    /// A server that this command starts.
    pub fn serve_by(&self, command: &mut Command) -> Served {
        let log = std::fs::File::create(self.log()).unwrap();
        self.served(command.stderr(log).stdout(Stdio::null()).spawn().unwrap())
    }

    /// The server in a child, once it is ready.
    pub fn served(&self, child: Child) -> Served {
        let mut served = Served { child, port: self.port };
        for _ in 0..1_000 {
            if served.is_ready() {
                return served;
            }
            assert_eq!(served.child.try_wait().unwrap(), None, "it ended");
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not get ready");
    }

    /// The newest mail to this address once it has `count` mails.
    pub fn mail(&self, email: &str, count: usize) -> Mail {
        for _ in 0..1_000 {
            let mut mails = self.relay.mails().into_iter().filter(|mail| mail.to == [email]);
            if let Some(mail) = mails.nth(count - 1) {
                return mail;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{email} has fewer than {count} mails");
    }
}

/// A server that ends with its test.
pub struct Served {
    pub child: Child,
    pub port: u16,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    pub fn is_ready(&self) -> bool {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        agent.get(format!("http://127.0.0.1:{}/readyz", self.port)).call().is_ok_and(|answer| answer.status() == 200)
    }

    /// The status of a POST of JSON, its cookies and its body.
    pub fn post(&self, path: &str, cookie: &str, body: &Value) -> (u16, String, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = agent.post(format!("http://127.0.0.1:{}{path}", self.port)).header("Cookie", cookie);
        let mut answer = request.header("Content-Type", "application/json").send(body.to_string()).unwrap();
        let cookies = answer.headers().get_all("set-cookie").into_iter().filter_map(|value| value.to_str().ok());
        let session =
            cookies.filter(|value| value.starts_with("tenantry=")).map(|value| value.split(';').next().unwrap());
        let session = session.collect::<String>();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), session, serde_json::from_str(&text).unwrap_or_default())
    }

    /// A token that the owner creates by signing in.
    pub fn owners_token(&self, password: &str) -> String {
        let (status, session, _) = self.post("/signin", "", &json!({ "email": OWNER, "password": password }));
        assert_eq!(status, 204);
        let ask = json!({ "name": "cli", "spec": { "type": "API_TOKEN" } });
        let (status, _, made) = self.post("/api/web/namespaces/system/api_credentials", &session, &ask);
        assert_eq!(status, 200, "{made}");
        made["data"].as_str().unwrap().into()
    }
}

/// The code of the link in a mail, lines that were broken for the way put together.
fn code(mail: &Mail) -> String {
    let text =
        String::from_utf8(mail.raw.clone()).unwrap().replace("=\r\n", "").replace("=3D", "=").replace("=23", "#");
    let after = text.split_once("/reset#").expect("the mail has a link").1;
    after.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect()
}

#[test]
fn an_empty_directory_becomes_a_server_that_resets_passwords() {
    let site = Site::new();
    let first = site.init();
    let server = site.serve(&[]);
    let redeem = |token: &str| server.post("/reset", "", &json!({ "token": token, "password": GOOD_PASSWORD })).0;
    assert_eq!((redeem(&first), redeem(&first)), (204, 400), "the owner's link works once");
    let token = server.owners_token(GOOD_PASSWORD);
    let api = |line: &[&str]| -> Ended {
        let mut command = site.command(line);
        command.env("TENANTRY_URL", format!("http://127.0.0.1:{}", site.port)).env("TENANTRY_TOKEN", &token);
        command.output().unwrap().into()
    };
    api(&["user", "add", USER]).done();
    let invitation = site.mail(USER, 1);
    assert_eq!(invitation.from, "id@example.com");
    assert_eq!(redeem(&code(&invitation)), 204);
    site.mail(USER, 2);
    let sign_in = || server.post("/signin", "", &json!({ "email": USER, "password": GOOD_PASSWORD })).0;
    assert_eq!(sign_in(), 204);

    api(&["reset", USER]).done();
    assert_eq!(sign_in(), 401, "the request kills the password");
    let link = code(&site.mail(USER, 3));
    const CHOSEN: &str = "seven herons crossing the slow river";
    let chosen = server.post("/reset", "", &json!({ "token": link, "password": CHOSEN }));
    assert_eq!(chosen.0, 204);
    assert!(api(&["audit", "verify"]).done().starts_with("All "));
    let log = std::fs::read_to_string(site.log()).unwrap();
    assert!(log.contains("/reset"), "it tells of each request: {log}");
    for secret in [&first, &link, &token, GOOD_PASSWORD, CHOSEN] {
        assert!(!log.contains(secret), "the log tells {secret}");
    }
}

#[test]
fn a_second_process_is_told_who_has_the_directory() {
    let site = Site::new();
    site.init();
    let server = site.serve(&[]);
    let owner = format!("process {}", server.child.id());
    let other = site.command(&["serve", "--listen", "127.0.0.1:0"]).output().unwrap().into();
    let refused = Ended::refused(other);
    assert!(refused.contains(&owner), "{refused}");
    assert!(site.run(&["tenant", "list"]).done().contains("acme"), "the server is asked");
    assert_eq!(site.run(&["mail", "queue"]).done(), "No mail waits.\n");
    assert!(site.run(&["doctor"]).done().contains("every page is sound"), "it looks beside the server");
    let taken = site.command(&["serve"]).env("TENANTRY_STORE_DATA_DIR", site.directory.path().join("other")).output();
    let taken = Ended::from(taken.unwrap()).refused();
    assert!(taken.contains(&format!("127.0.0.1:{} cannot be listened on", site.port)), "{taken}");
}

#[test]
fn sigterm_ends_a_server_with_success_and_frees_its_directory() {
    let site = Site::new();
    site.init();
    let mut server = site.serve(&[]);
    assert!(Command::new("kill").arg(server.child.id().to_string()).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
    assert!(site.run(&["tenant", "list"]).done().contains("acme"));
    assert!(site.serve(&[]).is_ready());
}

#[test]
fn the_doctor_and_the_chains_find_nothing_wrong_with_a_new_installation() {
    let site = Site::new();
    let before = site.run(&["doctor"]);
    assert_eq!(before.code, 1, "{before:?}");
    assert!(!site.data().exists(), "an examination makes nothing");
    site.init();
    let examined = site.run(&["doctor"]).done();
    for line in ["every page is sound", "`serve` takes them", "answers; `tenantry mail test`"] {
        assert!(examined.contains(line), "{examined}");
    }
    assert!(!examined.contains("FAIL"), "{examined}");
    let checks = serde_json::from_str::<Value>(&site.run(&["doctor", "--json"]).done()).unwrap();
    assert!(checks["checks"].as_array().unwrap().iter().all(|check| check["grade"] != "fail"), "{checks}");
    assert!(site.run(&["audit", "verify", "--offline"]).done().contains("acme"));
    site.run(&["mail", "test", "--to", USER]).done();
    site.mail(USER, 1);
    assert_eq!(site.run(&["mail", "queue"]).done(), "No mail waits.\n");
}

#[test]
fn a_tenant_is_made_once_and_set_up_by_its_keys() {
    let site = Site::new();
    site.init();
    assert!(site.run(&["init", "--tenant", "acme", "--email", OWNER]).refused().contains("already exist"));
    site.run(&["tenant", "create", "globex", "--display-name", "Globex Inc."]).done();
    let said = site.run(&["tenant", "set", "globex", "display_name=Globex", "credential_days_max=90"]).done();
    assert!(said.contains("Globex") && said.contains("90"), "{said}");
    site.run(&["tenant", "set", "globex", "terms_version=1", "terms_text=Be kind.\r\nPay in time."]).done();
    let shown = site.run(&["tenant", "show", "globex", "--json"]).done();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["settings"]["terms_text"], "Be kind.\nPay in time.");
    assert_eq!(
        (&shown["settings"]["display_name"], &shown["settings"]["credential_days_max"]),
        (&json!("Globex"), &json!(90))
    );
    let listed = site.run(&["tenant", "list"]).done();
    assert!(listed.contains("acme") && listed.contains("globex"), "{listed}");
    for (name, change) in
        [("globex", "credential_days_max=many"), ("globex", "colour=red"), ("nobody", "display_name=x")]
    {
        let refused = site.run(&["tenant", "set", name, change]).refused();
        assert!(refused.contains(change.split('=').next().unwrap()) || refused.contains(name), "{refused}");
    }
}

#[test]
fn settings_that_are_not_safe_are_refused_in_one_sentence() {
    let site = Site::new();
    for (name, value, setting) in [
        ("TENANTRY_HTTP_PUBLIC_URL", "http://id.example.com", "http.public_url"),
        ("TENANTRY_SMTP_HOST", "mail.example.com", "smtp.security"),
        ("TENANTRY_HTTP_TRUSTED_PROXIES", "0.0.0.0/0", "http.trusted_proxies"),
        ("TENANTRY_SMTP_USERNAME", "id", "smtp.username"),
        ("TENANTRY_HTTP_LISTEN", "nowhere", "http.listen"),
    ] {
        for verb in [&["serve"][..], &["config", "check"]] {
            let refused = Ended::from(site.command(verb).env(name, value).output().unwrap()).refused();
            assert!(refused.contains(setting), "{refused}");
        }
    }
    assert!(!site.data().exists(), "nothing is opened before the settings are safe");
}

#[test]
fn a_check_of_the_settings_tells_where_each_came_from() {
    let site = Site::new();
    let told = site.run(&["config", "check"]).done();
    let line = |name: &str| told.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{told}"));
    assert!(line("smtp.security").contains("TENANTRY_SMTP_SECURITY"), "{told}");
    assert!(line("http.header_seconds").contains("default"), "{told}");
    let secret = site.directory.path().join("relay.password");
    std::fs::write(&secret, "not for everyone\n").unwrap();
    let checked = |mode: u32| {
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let mut command = site.command(&["config", "check"]);
        command.env("TENANTRY_SMTP_USERNAME", "id").env("TENANTRY_SMTP_PASSWORD_FILE", &secret);
        Ended::from(command.output().unwrap())
    };
    assert!(checked(0o644).refused().contains("`chmod 600"));
    let told = checked(0o600).done();
    assert!(told.contains(file_name(&secret)) && !told.contains("not for everyone"), "{told}");
}

fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}
