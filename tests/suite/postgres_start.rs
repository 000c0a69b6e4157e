//! The PostgreSQL servers that the start refuses; the statement in each refusal fixes the server.

use std::path::Path;
use std::time::Duration;

use tenantry::clock::Timestamp;
use tenantry::error::Result;
use tenantry::secret::Secret;
use tenantry::store::{PostgresSettings, Settings, Store};
use testbed::postgres::Server;

use crate::certificates::Authority;

const DATABASE: &str = "start";

pub fn open(url: String, ca_file: Option<&Path>) -> Result<Store> {
    let ca_file = ca_file.map(Path::to_owned);
    let silence = PostgresSettings::SILENCE;
    let postgres = Some(PostgresSettings { url: Secret::new(url), ca_file, readers_max: 2, schema: None, silence });
    Store::open(&Settings { data_dir: std::env::temp_dir(), postgres, queue_max: 10 }, Timestamp(0))
}

pub fn refusal(url: String, ca_file: Option<&Path>) -> String {
    let failure = open(url, ca_file).err().expect("it is refused");
    let sentence = failure.message;
    assert!(!sentence.contains('\n'), "{sentence}");
    sentence
}

/// Sets a parameter as a superuser, and waits until it is in effect.
pub fn set(server: &Server, name: &str, value: &str) {
    server.ask(DATABASE, &format!("ALTER SYSTEM SET {name} = '{value}'")).unwrap();
    server.ask(DATABASE, "SELECT pg_reload_conf()").unwrap();
    while server.ask(DATABASE, &format!("SHOW {name}")).unwrap() != value {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Runs each statement that a sentence names.
fn mend(server: &Server, sentence: &str) {
    mend_in(server, DATABASE, sentence);
}

/// The same in another database.
pub fn mend_in(server: &Server, database: &str, sentence: &str) {
    let statements: Vec<_> = sentence.split('`').skip(1).step_by(2).collect();
    assert!(!statements.is_empty(), "{sentence}");
    for statement in statements {
        server.ask(database, statement).unwrap();
    }
}

#[test]
fn what_would_break_a_promise_is_refused_with_the_statement_that_mends_it() {
    let server = Server::start().unwrap();
    let url = server.database(DATABASE).unwrap();
    let break_and_mend = |break_it: &dyn Fn(), begins: &str| {
        break_it();
        let sentence = refusal(url.clone(), None);
        assert!(sentence.starts_with(begins), "{sentence}");
        mend(&server, &sentence);
        let since = std::time::Instant::now();
        while let Err(failure) = open(url.clone(), None) {
            // The server takes a moment to read its settings.
            assert!(since.elapsed() < Duration::from_secs(20), "{} did not mend it: {}", sentence, failure.message);
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let system = |name: &'static str| {
        let server = &server;
        move || set(server, name, "off")
    };
    break_and_mend(&system("fsync"), "fsync is off, so a power cut would lose what was acknowledged: ");
    break_and_mend(&system("full_page_writes"), "full_page_writes is off, so a power cut could tear pages: ");
    for weak in ["off", "local", "remote_write"] {
        let begins = format!("synchronous_commit is {weak}, so a crash would lose what was acknowledged: ");
        break_and_mend(&|| set(&server, "synchronous_commit", weak), &begins);
        server.ask(DATABASE, "ALTER ROLE tenantry RESET synchronous_commit").unwrap();
    }
    set(&server, "synchronous_commit", "on");
    let role = |word: &'static str| {
        let server = &server;
        move || drop(server.ask(DATABASE, &format!("ALTER ROLE tenantry {word}")).unwrap())
    };
    break_and_mend(&role("SUPERUSER"), "Role tenantry is a superuser, so the wall between tenants would not hold: ");
    break_and_mend(&role("BYPASSRLS"), "Role tenantry has BYPASSRLS, so the wall between tenants would not hold: ");

    server
        .ask("postgres", "CREATE DATABASE latin OWNER tenantry ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        .unwrap();
    let sentence = refusal(server.url("latin"), None);
    assert!(sentence.starts_with("The database is not in UTF8. "), "{sentence}");
}

#[test]
fn a_servers_certificate_is_verified() {
    let server = Server::start().unwrap();
    let url = format!("{}?sslmode=require", server.database(DATABASE).unwrap());
    let (ours, another) = (Authority::new(), Authority::new());
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, authority: &Authority| {
        let file = folder.path().join(name);
        std::fs::write(&file, &authority.pem).unwrap();
        file
    };
    let (ours_file, anothers_file) = (file("ours.pem", &ours), file("another.pem", &another));
    let show = |name: &str| {
        let (certificate, key) = ours.pem_for(name);
        let certificate = server.keep(&format!("{name}.crt"), certificate.as_bytes()).unwrap();
        let key = server.keep(&format!("{name}.key"), key.as_bytes()).unwrap();
        set(&server, "ssl_cert_file", certificate.to_str().unwrap());
        set(&server, "ssl_key_file", key.to_str().unwrap());
        set(&server, "ssl", "on");
    };
    let plain = refusal(url.clone(), Some(&ours_file));
    assert!(plain.contains("offers no TLS") && plain.contains("`ALTER SYSTEM SET ssl = on;`"), "{plain}");
    show("127.0.0.1");
    drop(open(url.clone(), Some(&ours_file)).unwrap());
    for (what, ca_file) in [("nobody who is known", None), ("someone else", Some(&*anothers_file))] {
        let sentence = refusal(url.clone(), ca_file);
        assert!(sentence.contains("certificate"), "signed by {what}: {sentence}");
    }
    show("db.example.com");
    let sentence = refusal(url, Some(&ours_file));
    assert!(sentence.contains("certificate"), "another name: {sentence}");
}
