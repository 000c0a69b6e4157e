//! Words of mails that a tenant has chosen by one process, in the mails that another one sends.

use serde_json::{Value, json};

use crate::fleet::{Fleet, Served};
use crate::postgres::server;
use crate::wire::{Wire, request};

const TEXT: &str = "/api/tenantry/v1/mail_texts/reset.administrator/languages/en";
const ROUNDS: usize = 8;

fn call(fleet: &Fleet, served: &Served, method: &str, path: &str, body: &Value) {
    let reply = Wire::to(served.address).call(request(method, path, &fleet.authorization(), &body.to_string()));
    assert!(reply.as_ref().is_some_and(|reply| reply.status == 200), "{path} {reply:?}");
}

fn choose(fleet: &Fleet, by: &Served, subject: &str) {
    let words = json!({ "subject": subject, "paragraphs": ["Hello {name}", "{link}", "{code}"], "link_label": "Choose",
        "code_label": "Or type:" });
    call(fleet, by, "PUT", TEXT, &words);
}

/// The subject of the mail after a reset of this user.
fn subject(fleet: &Fleet, by: &Served, number: usize) -> String {
    let email = format!("user{number:05}@example.com");
    call(fleet, by, "POST", "/api/web/custom/password/admin_reset", &json!({ "email": email }));
    fleet.code(&email);
    fleet.mails(&email)[0].header("subject").unwrap()
}

/// Which process sends a mail, the dice decide; so both have looked before, and both must look again.
#[test]
fn words_that_one_process_was_given_are_in_the_next_mail_whichever_sends_it() {
    let fleet = Fleet::new(server().database("worded_in_company").unwrap(), 20);
    let (one, other) = (fleet.serve(), fleet.serve());
    for round in 1..=ROUNDS {
        let (here, there) = if round % 2 == 0 { (&one, &other) } else { (&other, &one) };
        choose(&fleet, here, &format!("Round {round}"));
        assert_eq!(subject(&fleet, there, round), format!("Round {round}"));
    }
    // Now there is no doubt who sends it: the one that was not asked for the words.
    choose(&fleet, &one, "The last word");
    assert!(one.drain());
    assert_eq!(subject(&fleet, &other, ROUNDS + 1), "The last word");
    let again = fleet.serve();
    call(&fleet, &other, "DELETE", TEXT, &json!({}));
    assert!(other.drain());
    assert_eq!(subject(&fleet, &again, ROUNDS + 2), "Choose a new password for Example Corp");
}
