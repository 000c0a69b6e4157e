//! API tokens in the console: made, shown once, narrowed, renewed, switched off and revoked.

use serde_json::json;

use crate::console::{owner, place, records, shown};
use crate::console_access::between;
use crate::people::in_system;
use crate::phone::{form, page};
use crate::rig::Rig;

const JANE: &str = "jane@example.com";
const TOKENS: &str = "/console/credentials";

/// The id of a new form.
fn new_form(rig: &Rig, session: &str) -> String {
    let asked = shown(rig, session, &format!("{TOKENS}/new"));
    between(&asked, "name=\"form\" value=\"", "\"").to_owned()
}

/// A token made by the form: its name and itself.
fn made(rig: &Rig, session: &str, further: &[(&str, &str)]) -> (String, String) {
    let form_id = new_form(rig, session);
    let fields = [&[("form", form_id.as_str()), ("name", "ci"), ("days", "7")], further].concat();
    let answered = form(rig, session, &format!("{TOKENS}/new"), &fields);
    assert_eq!(answered.status, 200, "{}", answered.text);
    let text = &answered.text;
    (between(text, "<h1><bdi>", "<").into(), between(text, "<pre class=\"code\" id=\"token\">", "<").into())
}

fn whoami(rig: &Rig, token: &str) -> u16 {
    rig.as_token(token, "GET", "/api/web/custom/namespaces/system/whoami", None).status
}

#[test]
fn a_token_is_made_shown_once_renewed_switched_off_and_revoked() {
    let rig = Rig::start();
    let session = owner(&rig);
    let (name, token) = made(&rig, &session, &[]);
    assert_eq!(whoami(&rig, &token), 200);
    let path = format!("{TOKENS}/{name}");
    for there in [TOKENS, path.as_str()] {
        let text = shown(&rig, &session, there);
        assert!(text.contains(&name) && !text.contains(&token), "{text}");
    }
    assert!(shown(&rig, &session, &path).contains("Ends soon"));
    assert!(shown(&rig, &session, &format!("{path}/renew")).contains("value=\"30\""));
    assert_eq!(place(&form(&rig, &session, &format!("{path}/renew"), &[("days", "60")])), path);
    assert!(shown(&rig, &session, &path).contains(">Works<"));
    for (active, status) in [("false", 401), ("true", 200)] {
        assert_eq!(place(&form(&rig, &session, &format!("{path}/activate"), &[("active", active)])), path);
        assert_eq!(whoami(&rig, &token), status, "{active}");
    }
    assert!(shown(&rig, &session, &format!("{path}/revoke")).contains("The next call with it is refused."));
    assert_eq!(place(&form(&rig, &session, &format!("{path}/revoke"), &[])), TOKENS);
    assert_eq!(whoami(&rig, &token), 401);
    assert_eq!(page(&rig, &session, &path).status, 404);
    assert_eq!(form(&rig, &session, &format!("{path}/revoke"), &[]).status, 404, "a second time");
    for (action, count) in [("create", 1), ("renew", 1), ("activate", 2), ("revoke", 1)] {
        let records = records(&rig, &format!("credential.{action}"));
        let of_form = records.iter().filter(|record| record["subject"] == name.as_str()).count();
        assert_eq!(of_form, count, "{action}");
    }
}

#[test]
fn a_form_that_is_sent_twice_makes_one_token_and_shows_none_again() {
    let rig = Rig::start();
    let session = owner(&rig);
    let form_id = new_form(&rig, &session);
    let fields = [("form", form_id.as_str()), ("name", "ci"), ("days", "7")];
    assert_eq!(form(&rig, &session, &format!("{TOKENS}/new"), &fields).status, 200);
    let again = form(&rig, &session, &format!("{TOKENS}/new"), &fields);
    assert_eq!(again.status, 409, "{}", again.text);
    assert!(again.text.contains("has made its token already") && !again.text.contains("tny_"), "{}", again.text);
    let of_form = records(&rig, "credential.create")
        .iter()
        .filter(|one| one["subject"].as_str().unwrap().starts_with("ci-"))
        .count();
    assert_eq!(of_form, 1);
}

#[test]
fn what_was_typed_stays_where_a_token_is_refused() {
    let rig = Rig::start();
    let session = owner(&rig);
    let form_id = new_form(&rig, &session);
    let fields = [
        ("form", form_id.as_str()),
        ("name", "Not a name"),
        ("days", "7"),
        ("networks", "192.0.2.0/24 198.51.100.7"),
        ("ves-io-uam-read", "on"),
    ];
    let refused = form(&rig, &session, &format!("{TOKENS}/new"), &fields);
    assert_eq!(refused.status, 400, "{}", refused.text);
    for kept in ["role=\"alert\"", "Not a name", "192.0.2.0/24 198.51.100.7", &form_id] {
        assert!(refused.text.contains(kept), "{kept}: {}", refused.text);
    }
    assert!(between(&refused.text, "id=\"ves-io-uam-read\"", ">").contains("checked"));
    for days in ["0", "-1", "soon", "100000"] {
        let fields = [("form", form_id.as_str()), ("name", "ci"), ("days", days)];
        assert_eq!(form(&rig, &session, &format!("{TOKENS}/new"), &fields).status, 400, "{days}");
    }
}

#[test]
fn a_token_is_narrowed_by_its_form() {
    let rig = Rig::start();
    let session = owner(&rig);
    let (name, token) = made(&rig, &session, &[("ves-io-uam-read", "on"), ("namespaces", "system")]);
    assert_eq!(rig.as_token(&token, "GET", "/api/web/custom/namespaces/system/user_roles", None).status, 200);
    assert_eq!(rig.as_token(&token, "GET", "/api/tenantry/v1/audit", None).status, 403);
    let one = shown(&rig, &session, &format!("{TOKENS}/{name}"));
    assert!(one.contains("ves-io-uam-read") && !one.contains("All that its user may"), "{one}");
    assert!(shown(&rig, &session, TOKENS).contains("Less than its user"));
}

#[test]
fn a_token_of_another_is_changed_by_those_of_no_lower_rank_alone() {
    let rig = Rig::start();
    let (owners, session) = (made(&rig, &owner(&rig), &[]).0, owner(&rig));
    let path = format!("{TOKENS}/{owners}");
    rig.give(JANE, in_system("ves-io-default-role"));
    let jane = rig.session(JANE, &rig.sample.user_password);
    let (janes, _) = made(&rig, &jane, &[]);
    let list = shown(&rig, &jane, TOKENS);
    assert!(list.contains(&janes) && !list.contains(&owners), "one's own alone");
    assert_eq!(page(&rig, &jane, &path).status, 404);
    assert!(shown(&rig, &session, TOKENS).contains(&janes), "an owner sees all");
    rig.give(JANE, in_system("ves-io-uam-admin-role"));
    let one = shown(&rig, &jane, &path);
    assert!(!one.contains(&format!("{path}/revoke")) && !one.contains("/renew"), "{one}");
    assert_eq!(place(&page(&rig, &jane, &format!("{path}/revoke"))), path, "not offered");
    assert_eq!(form(&rig, &jane, &format!("{path}/revoke"), &[]).status, 403);
    assert_eq!(place(&form(&rig, &session, &format!("{TOKENS}/{janes}/revoke"), &[])), TOKENS);
}

#[test]
fn a_list_of_tokens_has_pages_and_a_proof_that_is_old_is_asked_anew() {
    let rig = Rig::start();
    let session = owner(&rig);
    for nth in 0..60 {
        let ask = json!({ "name": format!("listed{nth:02}"), "spec": { "type": "API_TOKEN" } });
        assert_eq!(rig.post("/api/web/namespaces/system/api_credentials", &ask).status, 200);
    }
    let first = shown(&rig, &session, &format!("{TOKENS}?q=listed"));
    let next = between(&first, "<a class=\"button tight\" href=\"", "\" rel=\"next\"").replace("&amp;", "&");
    let second = shown(&rig, &session, &next);
    let count = |text: &str| text.matches("<th role=\"rowheader\"").count();
    assert_eq!((count(&first), count(&second)), (50, 10));
    assert!(second.contains("rel=\"first\"") && !second.contains("rel=\"next\""));
    assert!(shown(&rig, &session, &format!("{TOKENS}?q=zzz")).contains("No token begins so"));
    rig.clock.advance_seconds(20 * 60);
    assert_eq!(place(&page(&rig, &session, &format!("{TOKENS}/new"))), "/prove?back=%2Fconsole%2Fcredentials%2Fnew");
    assert!(place(&form(&rig, &session, &format!("{TOKENS}/new"), &[])).starts_with("/prove?back="));
}
