use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::*;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    fn sources(&self, toml: &str, environment: &[(&str, &str)]) -> Sources {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Sources::new(Some(self.file("tenantry.toml", toml)), environment)
    }
}

fn environment(variables: &[(&str, &str)]) -> Sources {
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { environment, ..Sources::default() }
}

fn refusal(sources: &Sources) -> String {
    load(sources).unwrap_err().message
}

fn origin(loaded: &Loaded, name: &str) -> String {
    loaded.explained.find(name).unwrap().origin.clone()
}

/// The least that `serve` needs, and safe.
const SAFE: [(&str, &str); 2] =
    [("TENANTRY_HTTP_PUBLIC_URL", "https://{tenant}.id.example.com"), ("TENANTRY_SMTP_HOST", "mail.example.com")];

fn unsafe_sentences(more: &[(&str, &str)]) -> Vec<String> {
    let all: Vec<_> = SAFE.iter().chain(more).copied().collect();
    match load(&environment(&all)).unwrap().refuse_unsafe() {
        Ok(()) => Vec::new(),
        Err(error) => std::iter::once(error.message).chain(error.details).collect(),
    }
}

#[test]
fn a_default_stands_for_every_field() {
    let config = load(&Sources::default()).unwrap().config;
    let fixed = [
        config.http.connections_max,
        config.http.connections_per_address_max,
        config.http.reads_max,
        config.http.writes_max,
        config.http.header_seconds,
        config.http.body_seconds,
        config.http.deadline_seconds,
        config.http.drain_seconds,
        config.store.queue_max,
        config.links.lifetime_minutes,
        config.reset.repeat_window_seconds,
        config.reset.mails_per_user_per_hour,
        config.passwords.memory_kib,
        config.passwords.iterations,
        config.passwords.parallelism,
        config.sessions.idle_minutes,
        config.sessions.absolute_minutes,
        config.smtp.connections_max,
        config.smtp.timeout_seconds,
    ];
    assert_eq!(fixed, [1024, 256, 256, 512, 10, 10, 10, 15, 4096, 60, 30, 5, 19456, 2, 1, 60, 1440, 4, 15]);
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.links.key_file, Path::new("./tenantry-data/link.keys"));
    assert_eq!((config.smtp.port, config.smtp.security), (587, SmtpSecurity::Starttls));
    assert_eq!((config.smtp.from.as_str(), config.smtp.hello_name.as_str()), ("no-reply@localhost", "localhost"));
}

#[test]
fn every_row_stands_once_and_its_default_is_allowed() {
    for (index, setting) in SETTINGS.iter().enumerate() {
        assert!(SETTINGS[..index].iter().all(|other| other.name != setting.name), "{} is there twice", setting.name);
        assert!(SETTINGS.iter().all(|other| other.name != format!("{}_file", setting.name)), "{}", setting.name);
        assert!(!setting.name.split_once('.').unwrap().0.contains('_'), "{} could not be a variable", setting.name);
        assert!(setting.meaning.ends_with('.') && !setting.meaning.contains('|'), "{}", setting.name);
        if let Some(default) = setting.default {
            assert!(setting.put(&mut Config::fixed_defaults(), default).is_some(), "{}", setting.name);
        }
    }
}

#[test]
fn every_row_writes_a_field_that_can_be_seen() {
    for setting in SETTINGS {
        let text = match setting.kind {
            Kind::Address => "127.0.0.2:9",
            Kind::Url => "https://other.example.com",
            Kind::Domain => "other.example.com",
            Kind::Networks => "192.0.2.7/32",
            Kind::Number { .. } => "13",
            Kind::Host => "other.example.com",
            Kind::Text | Kind::Anything | Kind::Token | Kind::Database | Kind::File | Kind::Directory => {
                "something-else"
            }
            Kind::Mailbox => "someone@other.example.com",
            Kind::Choice(words) => words[words.len() - 1],
        };
        let mut config = Config::fixed_defaults();
        let before = format!("{config:?}");
        setting.put(&mut config, text).unwrap();
        assert_ne!(before, format!("{config:?}"), "{} writes nothing", setting.name);
    }
}

#[test]
fn a_later_layer_wins_and_says_so() {
    let place = Place::new();
    let toml = "[http]\nlisten = '127.0.0.1:1'\ndrain_seconds = 5\nbody_seconds = 6\n";
    let variables = [("TENANTRY_HTTP_LISTEN", "127.0.0.1:2"), ("TENANTRY_HTTP_DRAIN_SECONDS", "7"), ("PATH", "/bin")];
    let sources = place.sources(toml, &variables).with_flag("http.listen", "--listen", Some("127.0.0.1:3"));
    let loaded = load(&sources).unwrap();
    let http = &loaded.config.http;
    assert_eq!(http.listen.to_string(), "127.0.0.1:3");
    assert_eq!((http.drain_seconds, http.body_seconds, http.header_seconds), (7, 6, 10));
    assert_eq!(origin(&loaded, "http.listen"), "flag --listen");
    assert_eq!(origin(&loaded, "http.drain_seconds"), "environment TENANTRY_HTTP_DRAIN_SECONDS");
    assert_eq!(origin(&loaded, "http.body_seconds"), format!("file {}", sources.file.unwrap().display()));
    assert_eq!(origin(&loaded, "http.header_seconds"), "default");
    assert_eq!(origin(&loaded, "links.key_file"), "derived from store.data_dir");
}

#[test]
fn what_is_not_given_follows_from_the_public_url() {
    let loaded = load(&environment(&SAFE)).unwrap();
    assert_eq!(loaded.config.http.base_domain, "id.example.com");
    assert_eq!(loaded.config.smtp.from, "no-reply@id.example.com");
    assert_eq!(origin(&loaded, "http.base_domain"), "derived from http.public_url");
    loaded.refuse_unsafe().unwrap();
}

#[test]
fn a_list_is_written_either_way() {
    let place = Place::new();
    let listed = place.sources("http.trusted_proxies = ['10.0.0.1', '10.1.0.0/16']", &[]);
    let spelt = environment(&[("TENANTRY_HTTP_TRUSTED_PROXIES", "10.0.0.1,10.1.0.0/16")]);
    let [listed, spelt] = [listed, spelt].map(|sources| load(&sources).unwrap().config.http.trusted_proxies);
    assert_eq!(listed.len(), 2);
    assert_eq!(listed, spelt);
}

#[test]
fn a_secret_comes_from_a_file_and_is_never_shown() {
    let place = Place::new();
    let path = place.file("password", "marker secret\n");
    let loaded = load(&environment(&[("TENANTRY_SMTP_PASSWORD_FILE", path.to_str().unwrap())])).unwrap();
    assert_eq!(loaded.config.smtp.password.as_ref().unwrap().expose(), "marker secret");
    assert_eq!(loaded.explained.find("smtp.password").unwrap().value, "(secret)");
    assert!(origin(&loaded, "smtp.password").starts_with("environment TENANTRY_SMTP_PASSWORD_FILE, "));
    let json = serde_json::to_string(&loaded.explained).unwrap();
    assert!(!format!("{loaded:?} {} {json}", loaded.explained).contains("marker"));
}

#[test]
fn a_secret_with_a_control_character_is_refused_without_showing_it() {
    let sentence = refusal(&environment(&[("TENANTRY_METRICS_TOKEN", "marker\u{7}")]));
    let expected = "`metrics.token` is (secret) (environment TENANTRY_METRICS_TOKEN), but must be visible ASCII characters without blanks.";
    assert_eq!(sentence, expected);
}

#[test]
fn any_setting_may_come_from_a_file() {
    let place = Place::new();
    let path = place.file("port", "2525\r\n");
    let sources = place.sources(&format!("[smtp]\nport_file = {:?}", path.display().to_string()), &[]);
    assert_eq!(load(&sources).unwrap().config.smtp.port, 2525);
}

#[test]
fn a_wrong_value_is_named_with_what_is_allowed_and_its_origin() {
    let cases = [
        (
            ("TENANTRY_HTTP_LISTEN", "banana"),
            "`http.listen` is \"banana\" (environment TENANTRY_HTTP_LISTEN), \
             but must be an IP address and port such as 127.0.0.1:8080.",
        ),
        (
            ("TENANTRY_LINKS_LIFETIME_MINUTES", "1441"),
            "`links.lifetime_minutes` is \"1441\" (environment TENANTRY_LINKS_LIFETIME_MINUTES), \
             but must be a whole number from 10 to 1440.",
        ),
        (
            ("TENANTRY_SMTP_SECURITY", "ssl"),
            "`smtp.security` is \"ssl\" (environment TENANTRY_SMTP_SECURITY), but must be one of starttls, tls, none.",
        ),
        (
            ("TENANTRY_SMTP_FROM", "a@b.example\r\nBcc: x@y.example"),
            "`smtp.from` is \"a@b.example\\r\\nBcc: x@y.example\" (environment TENANTRY_SMTP_FROM), \
             but must be an email address in ASCII such as no-reply@example.com.",
        ),
    ];
    for (variable, sentence) in cases {
        assert_eq!(refusal(&environment(&[variable])), sentence);
    }
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest_one() {
    let place = Place::new();
    let sources = place.sources("[http]\nlisen = '127.0.0.1:1'\n", &[]);
    let file = sources.file.clone().unwrap();
    let expected = format!("There is no setting `http.lisen` in file {}; did you mean `http.listen`?", file.display());
    assert_eq!(refusal(&sources), expected);
    assert_eq!(
        refusal(&environment(&[("TENANTRY_SMTP_PASWORD", "x")])),
        "There is no setting `TENANTRY_SMTP_PASWORD` in the environment; did you mean `TENANTRY_SMTP_PASSWORD`?"
    );
}

#[test]
fn what_a_cluster_sets_by_itself_is_no_setting() {
    let variables =
        [("TENANTRY_PORT", "tcp://10.0.0.1:80"), ("TENANTRY_SERVICE_HOST", "10.0.0.1"), ("TENANTRY_URL", "x")];
    assert!(load(&environment(&variables)).is_ok());
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let error = load(&environment(&[("TENANTRY_SMTP_PORT", "0"), ("TENANTRY_HTTP_DRAIN_SECONDS", "-1")])).unwrap_err();
    assert!(error.message.starts_with("`http.drain_seconds`"), "{}", error.message);
    assert!(error.details[0].starts_with("`smtp.port`"), "{:?}", error.details);
}

#[test]
fn a_value_and_a_file_for_the_same_setting_are_refused() {
    let sentence = refusal(&environment(&[("TENANTRY_SMTP_PASSWORD", "x"), ("TENANTRY_SMTP_PASSWORD_FILE", "y")]));
    assert!(sentence.contains("must be only one of `smtp.password` and `smtp.password_file`"), "{sentence}");
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let place = Place::new();
    let missing = Sources { file: Some(place.0.path().join("none.toml")), ..Sources::default() };
    assert!(refusal(&missing).contains("none.toml cannot be read"), "{}", refusal(&missing));
    let broken = refusal(&place.sources("[smtp]\npassword = marker\n", &[]));
    assert!(broken.contains("is not TOML in line 2") && !broken.contains("marker"), "{broken}");
    let empty = place.file("empty", "\n");
    let sentence = refusal(&environment(&[("TENANTRY_SMTP_PASSWORD_FILE", empty.to_str().unwrap())]));
    assert!(sentence.contains("`smtp.password_file`") && sentence.ends_with("is empty."), "{sentence}");
}

#[test]
fn unsafe_settings_are_refused_in_a_sentence() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("TENANTRY_HTTP_PUBLIC_URL", "http://id.example.com")],
            "`http.public_url` is http://id.example.com (environment TENANTRY_HTTP_PUBLIC_URL), which is refused when",
        ),
        (&[("TENANTRY_HTTP_TRUSTED_PROXIES", "10.0.0.1, ::/0")], "`http.trusted_proxies` is"),
        (&[("TENANTRY_SMTP_SECURITY", "none")], "`smtp.security` is none (environment TENANTRY_SMTP_SECURITY)"),
        (&[("TENANTRY_PASSWORDS_MEMORY_KIB", "19455")], "`passwords.memory_kib` is 19455"),
        (&[("TENANTRY_PASSWORDS_ITERATIONS", "1")], "`passwords.memory_kib` is 19456 (default)"),
        (&[("TENANTRY_SESSIONS_IDLE_MINUTES", "1441")], "`sessions.idle_minutes` is 1441"),
        (&[("TENANTRY_SMTP_USERNAME", "jane")], "`smtp.username` is jane"),
        (&[("TENANTRY_SMTP_PASSWORD", "marker")], "`smtp.password` is (secret)"),
        (&[("TENANTRY_SMTP_CA_FILE", "/nowhere.pem")], "`smtp.ca_file` is /nowhere.pem"),
        (&[("TENANTRY_METRICS_TOKEN", "short")], "`metrics.token` is (secret)"),
    ];
    for (variables, start) in cases {
        let overridden = |name: &str| variables.iter().any(|(other, _)| *other == name);
        let all: Vec<_> = SAFE.iter().filter(|(name, _)| !overridden(name)).chain(*variables).copied().collect();
        let error = load(&environment(&all)).unwrap().refuse_unsafe().unwrap_err();
        assert!(error.message.starts_with(start), "{}", error.message);
        assert_eq!(error.details, [""; 0], "one cause, one sentence");
    }
}

#[test]
fn what_serve_needs_is_asked_for() {
    let error = load(&Sources::default()).unwrap().refuse_unsafe().unwrap_err();
    assert!(error.message.starts_with("`http.public_url` is not set, and serving needs it."), "{}", error.message);
    assert!(error.details[0].starts_with("`smtp.host` is not set"), "{:?}", error.details);
}

#[test]
fn the_strengths_that_owasp_calls_equal_are_taken() {
    for (memory, iterations) in [("47104", "1"), ("19456", "2"), ("12288", "3"), ("9216", "4"), ("7168", "5")] {
        let more = [("TENANTRY_PASSWORDS_MEMORY_KIB", memory), ("TENANTRY_PASSWORDS_ITERATIONS", iterations)];
        assert_eq!(unsafe_sentences(&more), [""; 0]);
    }
}

#[test]
fn a_secret_that_others_can_read_is_refused() {
    let place = Place::new();
    let path = place.file("token", "0123456789abcdef");
    let variable = [("TENANTRY_METRICS_TOKEN_FILE", path.to_str().unwrap())];
    assert_eq!(unsafe_sentences(&variable), [""; 0]);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let path = path.display();
    let expected = format!(
        "`metrics.token` comes from {path}, which every user of this machine can read; `chmod 600 {path}` mends it."
    );
    assert_eq!(unsafe_sentences(&variable), [expected]);
}

#[test]
fn a_configuration_with_a_secret_must_be_private_too() {
    let place = Place::new();
    let sources = place.sources("metrics.token = '0123456789abcdef'", &SAFE);
    load(&sources).unwrap().refuse_unsafe().unwrap();
    std::fs::set_permissions(sources.file.as_ref().unwrap(), PermissionsExt::from_mode(0o644)).unwrap();
    let error = load(&sources).unwrap().refuse_unsafe().unwrap_err();
    assert!(error.message.starts_with("`metrics.token` comes from "), "{}", error.message);
}

#[test]
fn dev_needs_nothing_but_an_address_and_a_directory() {
    let config = Config::for_dev("127.0.0.1:4711".parse().unwrap(), Path::new("/tmp/x"));
    assert_eq!(config.http.public_url.unwrap().for_tenant("acme"), "http://acme.localhost:4711");
    assert_eq!(config.http.base_domain, "localhost");
    assert_eq!(config.links.key_file, Path::new("/tmp/x/link.keys"));
    assert_eq!(config.reset.budget_per_person_per_hour, u32::MAX);
    assert_eq!(config.smtp.from, "no-reply@localhost");
}

#[test]
fn the_account_is_three_columns_and_json() {
    let explained = load(&Sources::default()).unwrap().explained;
    let text = explained.to_string();
    assert!(text.lines().all(|line| line.split("  ").filter(|cell| !cell.trim().is_empty()).count() == 3), "{text}");
    let json = serde_json::to_value(&explained).unwrap();
    assert_eq!(json[0], serde_json::json!({"name": "http.listen", "value": "127.0.0.1:8080", "origin": "default"}));
    assert_eq!(json.as_array().unwrap().len(), SETTINGS.len());
}

#[test]
fn the_page_about_settings_is_the_table() {
    let page = include_str!("../../docs/admin/configuration.md");
    assert!(page == markdown(), "write it anew: tenantry config check --markdown > docs/admin/configuration.md");
}

#[test]
fn the_example_on_the_page_is_a_configuration() {
    let page = markdown();
    let toml = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let place = Place::new();
    place.file("secret", "x");
    let toml = toml.replace("/etc/tenantry/smtp.password", place.0.path().join("secret").to_str().unwrap());
    load(&place.sources(&toml, &[])).unwrap().refuse_unsafe().unwrap();
}
