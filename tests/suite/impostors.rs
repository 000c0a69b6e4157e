//! Programs between us and PostgreSQL, or in its place, are tested at the start: poolers, and servers that only look
//! like PostgreSQL.

use serde_json::json;
use testbed::pgbouncer::Pooler;
use testbed::postgres::Server;

use crate::command_line::tenantry;
use crate::fleet::Fleet;
use crate::postgres_start::{open, refusal};
use crate::rig::GOOD_PASSWORD;
use crate::wire::{Wire, request};

const POOLER: &str = "Between Tenantry and PostgreSQL stands a pooler that lends each transaction another session";

#[test]
fn a_pooler_that_lends_sessions_to_transactions_is_refused_with_its_remedy() {
    let server = Server::start().unwrap();
    server.database("pooled").unwrap();
    let pooler = Pooler::start(&server, "transaction").unwrap();
    for begin in ["first start", "pool of several", "again"] {
        let sentence = refusal(pooler.url("pooled"), None);
        assert!(sentence.starts_with(POOLER) && sentence.contains("pool_mode = session"), "{begin}: {sentence}");
        // As many sessions as are in the pool of a server that is in use.
        let busy: Vec<_> = (0..4).map(|_| server_session(&pooler)).collect();
        for mut session in busy {
            session.wait().unwrap();
        }
    }
    let data = tempfile::tempdir().unwrap();
    let doctor = tenantry(data.path(), &["doctor"])
        .env("TENANTRY_STORE_POSTGRES", pooler.url("pooled"))
        .env("TENANTRY_STORE_DATA_DIR", data.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains(POOLER), "{said}");
}

/// A transaction by way of the pooler that lasts a moment.
fn server_session(pooler: &Pooler) -> std::process::Child {
    let mut psql = std::process::Command::new("psql");
    psql.args(["--quiet", "--command", "SELECT pg_sleep(0.2)", &pooler.url("pooled")]);
    psql.stdout(std::process::Stdio::null()).spawn().unwrap()
}

#[test]
fn by_way_of_a_pooler_of_sessions_a_password_is_reset() {
    let server = Server::start().unwrap();
    server.database("pooled").unwrap();
    let pooler = Pooler::start(&server, "session").unwrap();
    let fleet = Fleet::new(pooler.url("pooled"), 0);
    let served = fleet.serve();
    let call = |path: &str, header: &str, body: serde_json::Value| {
        Wire::to(served.address).call(request("POST", path, header, &body.to_string())).unwrap().status
    };
    let email = "hello@example.com";
    let reset = json!({ "email": email });
    assert_eq!(call("/api/web/custom/password/admin_reset", &fleet.authorization(), reset), 200);
    let redeem = json!({ "token": fleet.code(email), "password": GOOD_PASSWORD });
    assert_eq!(call("/reset", "", redeem), 204);
    let sign_in = json!({ "email": email, "password": GOOD_PASSWORD });
    assert_eq!(call("/signin", "", sign_in), 204);
    assert!(served.drain());
}

/// A real server that behaves like a look-alike: its own function comes before that of the system.
fn lie(server: &Server, function: &str) {
    server.ask("lies", function).unwrap();
    server.ask("lies", "ALTER ROLE tenantry IN DATABASE lies SET search_path = public, pg_catalog").unwrap();
}

#[test]
fn a_server_that_gives_one_lock_to_two_sessions_is_refused() {
    let server = Server::start().unwrap();
    let url = server.database("lies").unwrap();
    let function = |answer: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION public.pg_try_advisory_lock(bigint) RETURNS boolean LANGUAGE sql \
             AS 'SELECT {answer}'"
        )
    };
    lie(&server, &function("true"));
    let sentence = refusal(url.clone(), None);
    assert!(sentence.starts_with("The server of store.postgres gives an advisory lock to two sessions"), "{sentence}");
    server.ask("lies", "DROP FUNCTION public.pg_try_advisory_lock(bigint)").unwrap();
    drop(open(url, None).unwrap());
}

#[test]
fn a_server_whose_policies_hide_nothing_is_refused() {
    let server = Server::start().unwrap();
    let url = server.database("lies").unwrap();
    for statement in [
        "CREATE FUNCTION forget() RETURNS event_trigger LANGUAGE plpgsql AS \
         'BEGIN EXECUTE ''ALTER TABLE tenantry_probe DISABLE ROW LEVEL SECURITY''; END'",
        "CREATE EVENT TRIGGER forget ON ddl_command_end WHEN TAG IN ('CREATE POLICY') EXECUTE FUNCTION forget()",
    ] {
        server.ask("lies", statement).unwrap();
    }
    let sentence = refusal(url.clone(), None);
    assert!(sentence.starts_with("Row-level security hides no row on the server of store.postgres"), "{sentence}");
    server.ask("lies", "DROP EVENT TRIGGER forget").unwrap();
    drop(open(url, None).unwrap());
}
