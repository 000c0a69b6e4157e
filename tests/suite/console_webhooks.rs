//! Webhooks in the console: what is shown, a ping, and an event that is sent once more.

use serde_json::json;

use crate::phone::{form, page};
use crate::receiver::Receiver;
use crate::rig::Rig;
use crate::webhooks::{add, delivered, steer};

const JANE: &str = "jane@example.com";

fn owner(rig: &Rig) -> String {
    rig.session(rig.sample.admin_email, &rig.sample.admin_password)
}

fn records(rig: &Rig, action: &str) -> usize {
    rig.get(&format!("/api/tenantry/v1/audit?action={action}")).body["items"].as_array().unwrap().len()
}

#[test]
fn a_ping_is_sent_from_the_page_of_a_webhook_and_leaves_its_record() {
    let (rig, receiver) = (Rig::start(), Receiver::start());
    let session = owner(&rig);
    assert!(page(&rig, &session, "/console/webhooks").text.contains("There is no webhook"));
    let (id, secret) = add(&rig, &receiver, &["reset.*"]);
    let path = format!("/console/webhooks/{id}");
    let list = page(&rig, &session, "/console/webhooks").text;
    assert!(list.contains(&path) && list.contains("Help desk"), "{list}");
    let shown = page(&rig, &session, &path).text;
    assert!(shown.contains(&format!("action=\"{path}/test\"")) && !shown.contains(&secret), "{shown}");
    let pinged = form(&rig, &session, &format!("{path}/test"), &[]);
    assert_eq!(pinged.status, 200, "{}", pinged.text);
    assert!(pinged.text.contains("The receiver answered the ping with 2"), "{}", pinged.text);
    assert_eq!(receiver.wait_for_kind("webhook.ping").kind(), "webhook.ping");
    assert_eq!(records(&rig, "webhook.test"), 1);
}

#[test]
fn an_event_is_sent_once_more_unless_the_webhook_is_off() {
    let rig = Rig::start();
    let session = owner(&rig);
    let (id, delivery) = delivered(&rig, rig.tenant(), &rig.sample.api_token);
    let (path, again) =
        (format!("/console/webhooks/{id}"), format!("/console/webhooks/{id}/deliveries/{delivery}/resend"));
    assert!(!page(&rig, &session, &path).text.contains(&again), "what cannot be done is not offered");
    let refused = form(&rig, &session, &again, &[]);
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("role=\"alert\"") && refused.text.contains("Help desk"), "{}", refused.text);
    assert_eq!(records(&rig, "webhook.resend"), 0);
    steer(&rig, &id, "on", &json!({}));
    assert!(page(&rig, &session, &path).text.contains(&again));
    let sent = form(&rig, &session, &again, &[]);
    assert_eq!((sent.status, sent.header("location")), (303, Some(path.as_str())), "{}", sent.text);
    assert_eq!(records(&rig, "webhook.resend"), 1);
}

#[test]
fn a_reader_is_offered_nothing_and_an_id_of_nobody_is_not_found() {
    let rig = Rig::start();
    let (id, _) = delivered(&rig, rig.tenant(), &rig.sample.api_token);
    rig.give(JANE, crate::people::in_system("ves-io-monitor-role"));
    let (session, path) = (rig.session(JANE, &rig.sample.user_password), format!("/console/webhooks/{id}"));
    let shown = page(&rig, &session, &path);
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(!shown.text.contains(&format!("{path}/test")));
    assert_eq!(form(&rig, &session, &format!("{path}/test"), &[]).status, 403);
    let nobody = "/console/webhooks/01a23001-687c-79f7-bb53-88b950ff2be5";
    assert_eq!(page(&rig, &owner(&rig), nobody).status, 404);
    assert_eq!(page(&rig, &owner(&rig), "/console/webhooks/none").status, 404);
}
