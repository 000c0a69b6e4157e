//! The parts keep the promises of the table of settings: at both ends of every number, and in each refusal.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tenantry::config::{Kind, SETTINGS};

use crate::command_line::Ended;
use crate::installation::Site;

/// Ends that are possible only beside another value.
const COMPANY: [(&str, &str, &str); 4] = [
    ("TENANTRY_SESSIONS_IDLE_MINUTES", "43200", "TENANTRY_SESSIONS_ABSOLUTE_MINUTES=525600"),
    ("TENANTRY_SESSIONS_ABSOLUTE_MINUTES", "1", "TENANTRY_SESSIONS_IDLE_MINUTES=1"),
    ("TENANTRY_PASSWORDS_ITERATIONS", "1", "TENANTRY_PASSWORDS_MEMORY_KIB=47104"),
    ("TENANTRY_PASSWORDS_ITERATIONS", "64", "TENANTRY_PASSWORDS_MEMORY_KIB=16384"),
];
/// The least that Argon2 can work with is less than OWASP allows: for `dev` and for tests.
const NEVER_SERVED: (&str, &str) = ("TENANTRY_PASSWORDS_MEMORY_KIB", "8");

fn ended(site: &Site, line: &[&str], variables: &[(String, String)]) -> Ended {
    site.command(line).envs(variables.iter().cloned()).output().unwrap().into()
}

/// All numbers at one end, each with its company.
fn ends(pick: impl Fn(u32, u32) -> u32) -> Vec<(String, String)> {
    let numbers = SETTINGS.iter().filter_map(|setting| match setting.kind {
        Kind::Number { least, most } => Some((setting.variable(), pick(least, most).to_string())),
        _ => None,
    });
    numbers.filter(|(name, value)| (name.as_str(), value.as_str()) != NEVER_SERVED).collect()
}

fn with_company((name, value): &(String, String)) -> Vec<(String, String)> {
    let known = COMPANY.iter().find(|(of, at, _)| of == name && at == value);
    let company = known.and_then(|(_, _, company)| company.split_once('='));
    let company = company.map(|(name, value)| (name.to_string(), value.to_string()));
    std::iter::once((name.clone(), value.clone())).chain(company).collect()
}

#[test]
fn both_ends_of_every_number_are_checked_well_and_served() {
    let pickers: [fn(u32, u32) -> u32; 2] = [|least, _| least, |_, most| most];
    for pick in pickers {
        let site = Site::new();
        let ends = ends(pick);
        for end in &ends {
            let checked = ended(&site, &["config", "check"], &with_company(end));
            assert_eq!((checked.code, checked.complaint.as_str()), (0, ""), "{end:?}");
        }
        // All that do not depend on each other at once; the relay has its port from the system, though.
        let alone = |end: &&(String, String)| with_company(end).len() == 1 && !end.0.ends_with("SMTP_PORT");
        let all: Vec<_> = ends.iter().filter(alone).cloned().collect();
        let made = ended(&site, &["init", "--tenant", "acme", "--email", "ada@example.com"], &all);
        assert_eq!(made.code, 0, "{made:?}");
        // Values inherited from the server are allowed for a tenant.
        ended(&site, &["tenant", "set", "acme", "display_name=Acme"], &all).done();
        let server = site.serve_by(site.command(&["serve"]).envs(all.iter().cloned()));
        assert!(server.is_ready(), "{all:?}");
    }
    let refused = ended(&Site::new(), &["config", "check"], &[(NEVER_SERVED.0.into(), NEVER_SERVED.1.into())]);
    assert!(refused.refused().contains("OWASP"));
}

#[test]
fn a_relay_is_spoken_to_whatever_its_time() {
    for seconds in ["1", "16", "300"] {
        let site = Site::new();
        site.init();
        let server = site.serve_by(site.command(&["serve"]).env("TENANTRY_SMTP_TIMEOUT_SECONDS", seconds));
        assert!(server.is_ready());
        let mut test = site.command(&["mail", "test", "--to", "nora@example.org"]);
        Ended::from(test.env("TENANTRY_SMTP_TIMEOUT_SECONDS", seconds).output().unwrap()).done();
        site.mail("nora@example.org", 1);
    }
}

#[test]
fn what_a_check_refuses_serve_refuses_in_the_same_words() {
    let site = Site::new();
    let file = |name: &str, text: &str| -> String {
        let path = site.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        path.display().to_string()
    };
    let (plain, garbage) = (file("plain", "x"), file("ca.pem", "no certificate"));
    let beneath = format!("{plain}/data");
    let relay = ("TENANTRY_SMTP_SECURITY", "starttls");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("TENANTRY_SMTP_HOST", "\"mail.example.com\""), relay], "The quotes are part of the value"),
        (&[("TENANTRY_SMTP_HOST", "'localhost'")], "The quotes are part of the value"),
        (&[("TENANTRY_SMTP_HOST", "localhost ")], "A blank at its end or beginning"),
        (&[("TENANTRY_SMTP_HOST", "mail example com"), relay], "`smtp.host` is"),
        (&[("TENANTRY_SMTP_HOST", "mail.example.com:587"), relay], "without a port"),
        (&[("TENANTRY_SMTP_HOST", "smtp://mail.example.com"), relay], "`smtp.host` is"),
        (&[("TENANTRY_SMTP_HOST", "10.0.0.256"), relay], "`smtp.host` is"),
        (&[("TENANTRY_SMTP_HELLO_NAME", "id example com")], "`smtp.hello_name` is"),
        (&[("TENANTRY_SMTP_FROM", "a..b@example.com")], "`smtp.from` is"),
        (&[("TENANTRY_SMTP_FROM", "a@10.0.0.1")], "`smtp.from` is"),
        (&[("TENANTRY_SMTP_FROM", "\"id@example.com\"")], "`smtp.from` is"),
        (&[("TENANTRY_SMTP_PORT", "\"25\"")], "The quotes are part of the value"),
        (&[("TENANTRY_SMTP_USERNAME", " id"), ("TENANTRY_SMTP_PASSWORD", "x")], "`smtp.username` is"),
        (
            &[("TENANTRY_SMTP_CA_FILE", &garbage), relay, ("TENANTRY_SMTP_HOST", "mail.example.com")],
            "certificate roots",
        ),
        (&[("TENANTRY_SMTP_CA_FILE", "/nowhere.pem")], "`smtp.ca_file` is /nowhere.pem"),
        (&[("TENANTRY_HTTP_LISTEN", "localhost:8080")], "`http.listen` is"),
        (&[("TENANTRY_HTTP_LISTEN", "8080")], "`http.listen` is"),
        (&[("TENANTRY_HTTP_LISTEN", "203.0.113.7:8080")], "203.0.113.7:8080 cannot be listened on"),
        (&[("TENANTRY_HTTP_PUBLIC_URL", "https://id.example.com/app")], "`http.public_url` is"),
        (&[("TENANTRY_HTTP_PUBLIC_URL", "\"https://id.example.com\"")], "The quotes are part of the value"),
        (&[("TENANTRY_HTTP_PUBLIC_URL", "https://10.0.0.256")], "`http.public_url` is"),
        (&[("TENANTRY_HTTP_BASE_DOMAIN", "id example")], "`http.base_domain` is"),
        (&[("TENANTRY_HTTP_TRUSTED_PROXIES", "10.0.0.0/33")], "`http.trusted_proxies` is"),
        (&[("TENANTRY_STORE_DATA_DIR", "\"/var/lib/tenantry\"")], "The quotes are part of the value"),
        (&[("TENANTRY_STORE_DATA_DIR", "~/tenantry")], "`store.data_dir` is"),
        (&[("TENANTRY_STORE_DATA_DIR", &plain)], "`store.data_dir` is"),
        (&[("TENANTRY_STORE_DATA_DIR", &beneath)], "`store.data_dir` is"),
        (&[("TENANTRY_STORE_POSTGRES", "mysql://u:p@localhost/d")], "store.postgres"),
        (&[("TENANTRY_STORE_POSTGRES", "postgres://u:p@db.example.com/d?sslmode=disable")], "store.postgres"),
        (
            &[("TENANTRY_STORE_POSTGRES", "postgres://u:p@localhost/d"), ("TENANTRY_STORE_POSTGRES_CA_FILE", &garbage)],
            "certificate roots",
        ),
        (&[("TENANTRY_LINKS_KEY_FILE", &plain)], "key file"),
        (&[("TENANTRY_LINKS_KEY_FILE", &beneath)], "`links.key_file` is"),
        (&[("TENANTRY_METRICS_TOKEN", "sixteen characters")], "`metrics.token` is"),
        (&[("TENANTRY_METRICS_TOKEN", "'0123456789abcdef'")], "The quotes are part of the value"),
        (&[("TENANTRY_PASSWORDS_MEMORY_KIB", "262145")], "`passwords.memory_kib` is"),
        (
            &[("TENANTRY_PASSWORDS_ITERATIONS", "64"), ("TENANTRY_PASSWORDS_MEMORY_KIB", "32768")],
            "`passwords.iterations`",
        ),
        (&[("TENANTRY_RESET_BUDGET_PER_PERSON_PER_HOUR", "1000001")], "1000000"),
        (&[("TENANTRY_PORT", "8080")], "no setting `TENANTRY_PORT`"),
    ];
    for (variables, fragment) in cases {
        let run = |line: &[&str]| Ended::from(site.command(line).envs(variables.iter().copied()).output().unwrap());
        let (checked, served) = (run(&["config", "check"]), run(&["serve"]));
        assert_eq!((checked.code, served.code), (1, 1), "{variables:?}: {checked:?}, {served:?}");
        assert_eq!(
            checked.complaint,
            served.complaint.lines().last().unwrap_or_default().to_string() + "\n",
            "{variables:?}"
        );
        assert!(checked.refused().contains(fragment), "{variables:?}: {}", served.complaint);
    }
    assert!(!site.data().exists(), "nothing is made before the settings are safe");
}

#[test]
fn what_a_check_takes_in_an_unusual_spelling_serve_takes_too() {
    let site = Site::new();
    site.init();
    let spelt = [
        ("TENANTRY_SMTP_HOST", "relay.localhost"),
        ("TENANTRY_SMTP_HELLO_NAME", "ID.Example.com"),
        ("TENANTRY_HTTP_TRUSTED_PROXIES", " 127.0.0.1 ,, 10.0.0.0/8 "),
        ("TENANTRY_LOG_FORMAT", "json"),
    ];
    Ended::from(site.command(&["config", "check"]).envs(spelt).output().unwrap()).done();
    assert!(site.serve_by(site.command(&["serve"]).envs(spelt)).is_ready());
    let bracketed = [("TENANTRY_SMTP_HOST", "[::1]"), ("TENANTRY_SMTP_SECURITY", "tls")];
    Ended::from(site.command(&["config", "check"]).envs(bracketed).output().unwrap()).done();
}

#[test]
fn what_engines_set_beside_us_is_no_setting() {
    let site = Site::new();
    let made = [
        ("TENANTRY_PORT", "tcp://10.0.0.1:8080"),
        ("TENANTRY_HTTP_SERVICE_HOST", "10.0.0.2"),
        ("TENANTRY_SMTP_PORT", "tcp://10.0.0.3:25"),
        ("TENANTRY_SMTP_PORT_25_TCP_ADDR", "10.0.0.3"),
        ("TENANTRY_SMTP_ENV_TENANTRY_URL", "x"),
    ];
    let told = Ended::from(site.command(&["config", "check"]).envs(made).output().unwrap()).done();
    let port = told.lines().find(|line| line.starts_with("smtp.port")).unwrap();
    assert!(port.contains("587") && port.ends_with("default"), "{port}");
}

/// A secret as Kubernetes mounts it: the name is a link into a directory that is a link too.
fn volume(place: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
    let version = place.join("..2026_11_29_09_00_00.1");
    std::fs::create_dir_all(&version).unwrap();
    std::fs::write(version.join(name), text).unwrap();
    std::fs::set_permissions(version.join(name), PermissionsExt::from_mode(mode)).unwrap();
    let _ = symlink(version.file_name().unwrap(), place.join("..data"));
    let _ = symlink(Path::new("..data").join(name), place.join(name));
    place.join(name)
}

#[test]
fn a_volume_of_secrets_is_taken_and_its_mode_is_told_by_its_own_name() {
    let site = Site::new();
    site.init();
    let place = site.directory.path().join("secrets");
    let keys = std::fs::read_to_string(site.data().join("link.keys")).unwrap();
    let keys = volume(&place, "link.keys", &keys, 0o440);
    let run = |line: &[&str], mode: u32| {
        let token = volume(&place, "token", "0123456789abcdef\n", mode);
        let mut command = site.command(line);
        command.env("TENANTRY_METRICS_TOKEN_FILE", token).env("TENANTRY_LINKS_KEY_FILE", &keys);
        command
    };
    Ended::from(run(&["config", "check"], 0o440).output().unwrap()).done();
    let told = Ended::from(run(&["doctor"], 0o440).output().unwrap()).done();
    assert!(told.lines().any(|line| line.starts_with("ok") && line.contains("key file")), "{told}");
    assert!(site.serve_by(&mut run(&["serve"], 0o440)).is_ready());
    let refused = Ended::from(run(&["serve"], 0o444).output().unwrap()).refused();
    assert!(refused.contains("`defaultMode: 0440` of the volume mends it"), "{refused}");
}
