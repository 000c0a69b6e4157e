//! A tenant that is suspended while many resets are under way.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::rig::{GOOD_PASSWORD, Rig};
use crate::suspension::{deactivate, mood, resume};
use crate::wire::{Reply, Wire, request};

/// Resets of many users by clients that go on until they are told of the suspension.
struct Clients<'a> {
    rig: &'a Rig,
    next: AtomicUsize,
    /// Answers so far.
    answered: AtomicUsize,
    is_suspended: AtomicBool,
}

impl Clients<'_> {
    const USERS: usize = 600;
    const AT_ONCE: usize = 8;

    /// The users whom one client has asked for, each with the answer.
    fn ask(&self) -> Vec<(usize, Reply)> {
        let (mut wire, mut asked) = (Wire::to(self.rig.address), Vec::new());
        loop {
            // Whoever begins to ask from now on must be told.
            let was_suspended = self.is_suspended.load(Ordering::SeqCst);
            let number = 1 + self.next.fetch_add(1, Ordering::SeqCst);
            assert!(number <= Self::USERS, "nobody is told of the suspension");
            let body = json!({ "email": email(number) }).to_string();
            let headers = format!("Authorization: {}\r\n", self.rig.authorization());
            let reply = wire.call(request("POST", "/api/web/custom/password/admin_reset", &headers, &body)).unwrap();
            self.answered.fetch_add(1, Ordering::SeqCst);
            let is_told = reply.status == 403;
            assert!(is_told || !was_suspended, "{reply:?}");
            asked.push((number, reply));
            if is_told {
                return asked;
            }
        }
    }
}

fn email(number: usize) -> String {
    format!("user{number:05}@example.com")
}

#[test]
fn each_of_many_resets_beside_a_suspension_holds_with_its_mail_or_is_told_of_it() {
    let data = tempfile::tempdir().unwrap();
    let rig = Rig::at(data.path(), u32::try_from(Clients::USERS).unwrap(), |_| {});
    rig.choose(|settings| settings.reset.budget_per_hour = -1);
    mood(&rig, "refuse");
    let clients = Clients { rig: &rig, next: 0.into(), answered: 0.into(), is_suspended: false.into() };
    let asked: Vec<(usize, Reply)> = thread::scope(|scope| {
        let running: Vec<_> = (0..Clients::AT_ONCE).map(|_| scope.spawn(|| clients.ask())).collect();
        while clients.answered.load(Ordering::SeqCst) < 200 {
            thread::sleep(Duration::from_millis(1));
        }
        deactivate(&rig);
        clients.is_suspended.store(true, Ordering::SeqCst);
        running.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let (held, told): (Vec<_>, Vec<_>) = asked.iter().partition(|(_, reply)| reply.status == 200);
    assert!(held.len() >= 200 - Clients::AT_ONCE && told.len() == Clients::AT_ONCE, "{} {}", held.len(), told.len());
    for (_, reply) in &told {
        assert!(reply.status == 403 && reply.body.contains("This tenant is suspended. Ask the operator"), "{reply:?}");
    }
    let count = |statement| usize::try_from(rig.number(statement, &[])).unwrap();
    for of_each in [
        "SELECT COUNT(*) FROM resets",
        "SELECT COUNT(*) FROM users WHERE open_reset IS NOT NULL AND password_dead_at IS NOT NULL",
        "SELECT COUNT(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL",
        "SELECT COUNT(*) FROM audit WHERE action = 'reset.request' AND outcome = 'accepted'",
    ] {
        assert_eq!(count(of_each), held.len(), "{of_each}");
    }
    resume(&rig);
    mood(&rig, "accept");
    rig.clock.advance_seconds(60);
    rig.wait_until_none("SELECT COUNT(*) FROM mails WHERE sent_at IS NULL", &[]);
    let mails = rig.send("GET", "/dev/mailbox", &[("Accept", "application/json")], None).body;
    let mut mailed: Vec<_> = mails.as_array().unwrap().iter().map(|mail| mail["to"].as_str().unwrap()).collect();
    mailed.sort_unstable();
    let mut holders: Vec<_> = held.iter().map(|(number, _)| email(*number)).collect();
    holders.sort_unstable();
    assert_eq!(mailed, holders, "one mail each, and none to anyone else");
    for (number, _) in &told {
        assert_eq!(rig.sign_in(&email(*number), &rig.sample.user_password), 204, "nothing was done");
    }
    let (number, _) = held[held.len() / 2];
    assert_eq!(rig.redeem(&rig.token(&email(*number), 1), GOOD_PASSWORD), 204);
}
