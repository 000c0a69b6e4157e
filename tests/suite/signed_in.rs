//! Callers who are signed in: found anew for each request, whatever the server remembers of their tenant.

use crate::people::in_system;
use crate::rig::Rig;

const WHOAMI: &str = "/api/web/custom/namespaces/system/whoami";
/// A call that asks for a role with `ves-io-uam-read`.
const INACTIVE: &str = "/api/web/namespaces/system/tenant/idm/users/inactive";
const EMAIL: &str = "jane@example.com";

fn signed_in(rig: &Rig) -> String {
    rig.session(EMAIL, &rig.sample.user_password)
}

/// The status of a call with these cookies, at this host; at the bare one where it is empty.
fn status(rig: &Rig, (host, path): (&str, &str), cookies: &str) -> u16 {
    let host =
        if host.is_empty() { rig.address.to_string() } else { format!("{host}.localhost:{}", rig.address.port()) };
    rig.send("GET", path, &[("Cookie", cookies), ("Host", &host)], None).status
}

#[test]
fn a_session_may_do_what_its_holder_may_do_now() {
    let rig = Rig::start();
    let cookie = signed_in(&rig);
    let asked = || status(&rig, ("", INACTIVE), &cookie);
    for (role, expected) in [
        ("ves-io-monitor-role", 200),
        ("ves-io-default-role", 403),
        ("ves-io-uam-admin-role", 200),
        ("no-such-role", 403),
    ] {
        rig.give(EMAIL, in_system(role));
        assert_eq!(asked(), expected, "{role}");
    }
    rig.give(EMAIL, Vec::new());
    assert_eq!(asked(), 403, "no role at all");
    assert_eq!(status(&rig, ("", WHOAMI), &cookie), 200, "and signed in all the same");
    rig.write(|tx| {
        let statement = "UPDATE users SET disabled_at = 1 WHERE email = $1";
        tx.run(statement, &tenantry::params![EMAIL]).map(drop)
    });
    assert_eq!(status(&rig, ("", WHOAMI), &cookie), 401, "disabled");
}

#[test]
fn the_idle_time_that_is_set_now_counts_for_a_session_that_began_before() {
    let rig = Rig::start();
    let cookie = signed_in(&rig);
    for host in ["", "example-corp"] {
        assert_eq!(status(&rig, (host, WHOAMI), &cookie), 200);
    }
    rig.clock.advance_seconds(6 * 60);
    for (minutes, expected) in [(5, 401), (6, 401), (7, 200)] {
        rig.choose(move |settings| settings.session.idle_minutes = minutes);
        for host in ["", "example-corp"] {
            // It counts as used from the request on that is accepted.
            assert_eq!(status(&rig, (host, WHOAMI), &cookie), expected, "{minutes} minutes, at {host:?}");
        }
    }
}

#[test]
fn a_session_counts_at_the_hosts_of_its_tenant_alone() {
    let rig = Rig::start();
    let cookie = signed_in(&rig);
    let other = rig.add_tenant("other-corp");
    let foreign = format!("tenantry={}.{}", other.0, "A".repeat(43));
    // More of them than are looked up, in front of the right one.
    let crowd = format!("{}; {cookie}", vec![foreign; 9].join("; "));
    // At first the server does not know which tenant a host names, then it remembers.
    for _ in 0..3 {
        for (host, cookies, expected) in [
            ("example-corp", &cookie, 200),
            ("example-corp", &crowd, 200),
            ("other-corp", &cookie, 401),
            ("other-corp", &crowd, 401),
            ("", &cookie, 200),
            ("no-such-corp", &cookie, 404),
        ] {
            assert_eq!(status(&rig, (host, WHOAMI), cookies), expected, "{host} {cookies}");
        }
    }
}

#[test]
fn a_session_rests_while_its_tenant_is_suspended_and_its_holder_is_told_so() {
    let rig = Rig::start();
    let cookie = signed_in(&rig);
    rig.add_tenant("other-corp");
    assert_eq!(status(&rig, ("example-corp", WHOAMI), &cookie), 200);
    let disable = |at: Option<i64>| {
        rig.write(move |tx| {
            let statement = "UPDATE tenants SET disabled_at = $1 WHERE name = 'example-corp'";
            tx.run(statement, &tenantry::params![at]).map(drop)
        });
    };
    disable(Some(1));
    assert_eq!(status(&rig, ("example-corp", WHOAMI), &cookie), 403);
    assert_eq!(status(&rig, ("", WHOAMI), &cookie), 403);
    disable(None);
    assert_eq!(status(&rig, ("example-corp", WHOAMI), &cookie), 200);
}
