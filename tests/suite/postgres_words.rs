//! A PostgreSQL server that lacks something: the refusal names it, and the statement in it fixes the server. And a
//! server that goes away: the log says so once a second.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use testbed::postgres::Server;

use crate::postgres_start::{mend_in, open, refusal};
use crate::process::Place;
use crate::wire::{Wire, request};

const DATABASE: &str = "words";

/// Refused with these words, and not again once its statements have run in `database`.
fn refused_and_mended(server: &Server, url: &str, begins: &str, database: &str) {
    let sentence = refusal(url.to_owned(), None);
    assert!(sentence.starts_with(begins), "{sentence}");
    mend_in(server, database, &sentence);
    let after = open(url.to_owned(), None).err().map(|failure| failure.message).unwrap_or_default();
    assert_ne!(after, sentence, "its statement does not mend it");
}

#[test]
fn what_is_missing_is_named_with_the_statement_that_mends_it() {
    let server = Server::start().unwrap();
    let ask = |statement: &str| server.ask("postgres", statement).unwrap();
    let mended = |url: &str, begins: &str| refused_and_mended(&server, url, begins, "postgres");
    mended(&server.url(DATABASE), "There is no database words on the server of store.postgres. ");
    ask("CREATE DATABASE theirs");
    mended(&server.url_of("stranger", "theirs"), "There is no role stranger on the server of store.postgres: ");
    ask("ALTER ROLE stranger NOLOGIN");
    mended(&server.url_of("stranger", "theirs"), "Role stranger may not log in: ");
    ask("REVOKE CONNECT ON DATABASE theirs FROM PUBLIC");
    mended(&server.url_of("stranger", "theirs"), "Role stranger lacks a right on database theirs: ");
    ask("ALTER ROLE stranger CONNECTION LIMIT 0");
    mended(&server.url_of("stranger", "theirs"), "Role stranger has all the connections that it may have: ");
    ask("ALTER DATABASE theirs CONNECTION LIMIT 0");
    mended(&server.url_of("stranger", "theirs"), "Database theirs has all the connections that it may have: ");
    ask("ALTER DATABASE theirs ALLOW_CONNECTIONS false");
    mended(&server.url_of("stranger", "theirs"), "Database theirs takes no connections: ");
    ask("ALTER DATABASE theirs SET default_transaction_read_only = on");
    mended(&server.url_of("stranger", "theirs"), "No PostgreSQL server at 127.0.0.1:");
    let begins = "Role stranger may not make tables in schema public of database theirs. ";
    refused_and_mended(&server, &server.url_of("stranger", "theirs"), begins, "theirs");
    drop(open(server.url_of("stranger", "theirs"), None).expect("nothing is missing any more"));

    drop(open(server.url(DATABASE), None).unwrap());
    ask("CREATE ROLE \"Some One\" LOGIN");
    server.ask(DATABASE, "GRANT CREATE, USAGE ON SCHEMA public TO \"Some One\"").unwrap();
    let sentence = refusal(server.url_of("Some%20One", DATABASE), None);
    assert!(sentence.contains("belongs to another role than \"Some One\". "), "{sentence}");
    server.ask(DATABASE, "REVOKE ALL ON SCHEMA public FROM PUBLIC, \"Some One\"").unwrap();
    let sentence = refusal(server.url_of("Some%20One", DATABASE), None);
    assert!(sentence.contains("\"Some One\"") && sentence.contains('`'), "{sentence}");
    let sentence = refusal(format!("{}?options=-cnonsense%3D1", server.url(DATABASE)), None);
    assert!(sentence.contains("a parameter of options") && sentence.contains("nonsense"), "{sentence}");
}

#[test]
fn a_password_that_is_wrong_or_missing_is_named_and_not_shown() {
    let server = Server::start().unwrap();
    server.database(DATABASE).unwrap();
    server.ask(DATABASE, "ALTER ROLE tenantry PASSWORD 'right'").unwrap();
    let rules = "COPY (SELECT 'host all tenantry 127.0.0.1/32 scram-sha-256' UNION ALL SELECT 'host all postgres 127.0.0.1/32 trust') TO";
    let file = server.ask(DATABASE, "SHOW hba_file").unwrap();
    server.ask(DATABASE, &format!("{rules} '{file}'")).unwrap();
    server.ask(DATABASE, "SELECT pg_reload_conf()").unwrap();
    let at = |password: &str| server.url(DATABASE).replace("tenantry@", &format!("tenantry:{password}@"));
    let since = Instant::now();
    while open(at("wrong"), None).is_ok() {
        assert!(since.elapsed() < Duration::from_secs(20), "the server does not read its rules");
    }
    let sentence = refusal(at("hunter2"), None);
    assert!(sentence.contains("`ALTER ROLE tenantry PASSWORD '…';`") && !sentence.contains("hunter2"), "{sentence}");
    let sentence = refusal(server.url(DATABASE), None);
    assert!(sentence.contains("wants a password of role tenantry"), "{sentence}");
    drop(open(at("right"), None).unwrap());
    let sentence = refusal(server.url_of("stranger", DATABASE), None);
    assert!(sentence.contains("pg_hba.conf"), "{sentence}");
    let sentence = refusal("postgres://u:hunter2@127.0.0.1:1/d".into(), None);
    assert!(sentence.starts_with("No PostgreSQL server answers at 127.0.0.1:1 ("), "{sentence}");
}

#[test]
fn a_dead_database_is_told_once_a_second() {
    let mut server = Server::start().unwrap();
    let url = server.database(DATABASE).unwrap();
    let place = Place::new();
    let mut child = Command::new(place.binary())
        .args(["dev", "--listen", "127.0.0.1:0", "--json", &format!("--postgres={url}"), "--data"])
        .arg(place.data())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let directions = tenantry::dev::Directions::read(&place.data()).unwrap();
    let address = directions.base_url.strip_prefix("http://").unwrap().parse().unwrap();
    server.stop_at_once().unwrap();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(4) {
        let ask = request(
            "GET",
            "/api/web/custom/namespaces/system/whoami",
            &format!("Authorization: APIToken {}\r\n", directions.api_token),
            "",
        );
        assert_eq!(Wire::to(address).call(ask).unwrap().status, 503);
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    let seconds = since.elapsed().as_secs() as usize;
    let said = child.wait_with_output().unwrap().stderr;
    let said = String::from_utf8(said).unwrap();
    let told = said.lines().filter(|line| line.contains("cannot be reached")).count();
    // One for each second begun, one at the end, and none for each part that cannot work.
    assert!((2..=seconds + 3).contains(&told), "{told} lines in {seconds} s: {said}");
    assert!(said.lines().count() <= told + 4, "{said}");
    assert!(said.contains("refused=") || said.contains("times="), "what was left out is counted: {said}");
}
