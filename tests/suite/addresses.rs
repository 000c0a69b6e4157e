//! One address has many spellings, and means one user in every call, on every page and on the command line.

use serde_json::{Value, json};

use crate::command_line::{Ended, tenantry};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

/// The address as stored, and as programs get it.
const STORED: &str = "nora@xn--mnchen-3ya.de";
/// The address as people see it.
const READ: &str = "nora@münchen.de";
const SPELLINGS: [&str; 6] = [
    STORED,
    READ,
    " Nora@MÜNCHEN.de ",
    "nora＠münchen。de",
    "\u{3000}ｎｏｒａ@mu\u{308}nchen.de",
    "NORA@XN--MNCHEN-3YA.DE",
];
/// Operations that take an address, each asked below.
const ASKED: &[&str] = &[
    "tenantry.account.change_email",
    "tenantry.account.sign_in",
    "tenantry.v1.audit.export",
    "tenantry.v1.audit.list",
    "tenantry.forgot.send",
    "tenantry.reset.fresh",
    "tenantry.resets.create",
    "tenantry.resets.list",
    "tenantry.users.change_email",
    "tenantry.users.disable",
    "tenantry.users.enable",
    "tenantry.users.keep_email",
    "tenantry.users.show",
    "ves.io.schema.tenant.CustomAPI.AssignDomainOwner",
    "ves.io.schema.tenant.CustomAPI.UnassignDomainOwner",
    "ves.io.schema.user.setting.CustomAPI.ResetOtpDeviceByAdmin",
    "ves.io.schema.signup.CustomAPI.SendPasswordEmail",
    "ves.io.schema.user.CustomAPI.CascadeDelete",
    "ves.io.schema.user.CustomAPI.Create",
    "ves.io.schema.user.CustomAPI.Replace",
    "ves.io.schema.user.CustomAPI.Replace_post_post_post",
    "ves.io.schema.user.CustomAPI.ResetPasswordByAdmin",
    "ves.io.schema.user.CustomAPI.SendPasswordEmail",
    "ves.io.schema.user.setting.CustomAPI.DisableUserInIDM",
    "ves.io.schema.user.setting.CustomAPI.EnableUserInIDM",
    "ves.io.schema.user.CustomAPI.List",
];

/// Operations whose member of that name is no address of a user, or tells nothing of one.
const OTHERS: [(&str, &str); 3] = [
    ("tenantry.mail_texts.set", "the subject of a mail"),
    ("ves.io.schema.tenant.CustomAPI.DeleteTenant", "to whom the operator answers, kept as it was said"),
    ("ves.io.schema.signup.CustomAPI.ValidateRegistration", "the token decides; `registration.rs` asks"),
];

const ROLES: &str = "/api/web/custom/namespaces/system/user_roles";

fn in_url(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn done(answered: &Answered, spelt: &str) {
    assert!([200, 204].contains(&answered.status), "{spelt:?}: {answered:?}");
}

/// A tenant with Nora in it, who has a password.
fn with_nora(spelt: &str) -> Rig {
    let rig = Rig::with(|config| config.reset.mails_per_user_per_hour = 1000);
    done(&rig.post(ROLES, &json!({ "email": spelt, "first_name": "Nora" })), spelt);
    let token = rig.token(STORED, 1);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
    rig
}

#[test]
fn no_operation_that_takes_an_address_is_forgotten_here() {
    let rig = Rig::start();
    let document = rig.get("/openapi.json").body;
    let mut takes = Vec::new();
    for told in
        document["paths"].as_object().unwrap().values().flat_map(|methods| methods.as_object().unwrap().values())
    {
        let reference =
            told["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
        let body = &document["components"]["schemas"][reference.rsplit('/').next().unwrap()];
        let asked = format!("{}{}", told["parameters"], body["properties"]);
        if ["\"email\"", "\"user_email\"", "\"subject\""].iter().any(|name| asked.contains(name)) {
            takes.push(told["operationId"].as_str().unwrap().to_string());
        }
    }
    let forgotten: Vec<_> = takes
        .iter()
        .filter(|id| !ASKED.contains(&id.as_str()) && !OTHERS.iter().any(|(other, _)| other == id))
        .collect();
    assert!(takes.len() > 8 && forgotten.is_empty(), "{forgotten:?} of {takes:?}");
}

#[test]
fn a_user_is_made_found_changed_and_removed_by_any_spelling() {
    let rig = with_nora(READ);
    for spelt in SPELLINGS {
        let again = rig.post(ROLES, &json!({ "email": spelt }));
        assert_eq!(again.status, 409, "{spelt:?}: {again:?}");
        let shown = rig.get(&format!("/api/tenantry/v1/users/{}", in_url(spelt)));
        assert_eq!((shown.status, &shown.body["email"]), (200, &json!(STORED)), "{spelt:?}: {shown:?}");
        let changed = json!({ "email": spelt, "first_name": "Nora", "last_name": spelt });
        let put = |path: &str, body: &Value| rig.as_token(&rig.sample.api_token, "PUT", path, Some(body));
        done(&put(ROLES, &changed), spelt);
        done(&rig.post(&format!("{ROLES}/{}", in_url(spelt)), &changed), spelt);
        done(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": spelt })), spelt);
        assert_eq!(rig.get(&format!("/api/tenantry/v1/users/{STORED}")).body["disabled"], true, "{spelt:?}");
        done(&rig.post("/api/tenantry/v1/users/enable", &json!({ "email": spelt })), spelt);
        let lock = json!({ "user_email": spelt });
        for verb in ["disable", "enable"] {
            done(&put(&format!("/api/web/namespaces/system/user/settings/idm/{verb}"), &lock), spelt);
        }
        done(&put("/api/web/namespaces/system/user/otp/admin_reset", &lock), spelt);
        for verb in ["assign", "unassign"] {
            let path = format!("/api/web/namespaces/system/tenant/domain_owner/{verb}");
            done(&rig.post(&path, &json!({ "email": spelt })), spelt);
        }
    }
    let listed = rig.get(ROLES).text;
    assert!(listed.contains(STORED) && !listed.contains("\"email\":\"nora@münchen.de\""), "{listed}");
    for spelt in SPELLINGS {
        let removed = rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": spelt }));
        done(&removed, spelt);
        done(&rig.post(ROLES, &json!({ "email": spelt })), spelt);
    }
}

#[test]
fn any_spelling_of_an_address_signs_in_and_requests_a_link() {
    let rig = with_nora(STORED);
    for (index, spelt) in SPELLINGS.into_iter().enumerate() {
        assert_eq!(rig.sign_in(spelt, GOOD_PASSWORD), 204, "{spelt:?}");
        rig.clock.advance_seconds(7_200);
        let before = rig.mails(STORED).len();
        let wish = json!({ "email": spelt });
        let path = ["/forgot", "/reset/fresh"][index % 2];
        assert!(rig.post_open(path, &wish).status < 400, "{spelt:?}");
        rig.wait_for_mails(STORED, before + 1);
    }
    let cookie = rig.session(" Nora@MÜNCHEN.de ", GOOD_PASSWORD);
    let host = format!("{}.localhost", rig.sample.tenant);
    let page = rig.send("GET", "/account", &[("Cookie", &cookie), ("Host", &host), ("Accept", "text/html")], None);
    assert!(page.text.contains(READ) && !page.text.contains(STORED), "{}", page.text);
    let me = rig.send("GET", "/api/web/custom/namespaces/system/whoami", &[("Cookie", &cookie)], None);
    assert_eq!((me.status, &me.body["email"]), (200, &json!(STORED)), "{me:?}");
}

#[test]
fn a_new_address_is_asked_for_in_any_spelling_and_no_spelling_is_a_new_one() {
    let rig = with_nora(READ);
    let cookie = rig.session(READ, GOOD_PASSWORD);
    for (index, spelt) in SPELLINGS.into_iter().enumerate() {
        let path = format!("/api/tenantry/v1/users/{}/email", in_url(spelt));
        let before = rig.mails("new@xn--mnchen-3ya.de").len();
        let new = ["new@münchen.de", "new@xn--mnchen-3ya.de"][index % 2];
        let asked = rig.post(&path, &json!({ "email": new }));
        assert_eq!((asked.status, &asked.body["pending_email"]), (200, &json!("new@xn--mnchen-3ya.de")), "{asked:?}");
        rig.wait_for_mails("new@xn--mnchen-3ya.de", before + 1);
        done(&rig.post(&format!("{path}/cancel"), &json!({})), spelt);
        assert_eq!(rig.post(&path, &json!({ "email": spelt })).status, 409, "{spelt:?}");
        let body = json!({ "email": spelt, "current_password": GOOD_PASSWORD }).to_string();
        let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
        assert_eq!(rig.send("POST", "/account/email", &headers, Some(&body)).status, 409, "{spelt:?}");
    }
}

#[test]
fn a_reset_is_asked_for_and_looked_for_by_any_spelling() {
    let rig = with_nora(READ);
    for (index, spelt) in SPELLINGS.into_iter().enumerate() {
        rig.clock.advance_seconds(3_700);
        done(&rig.reset(spelt), spelt);
        let more = rig.post("/api/tenantry/v1/resets", &json!({ "email": spelt, "revoke_credentials": true }));
        assert!(more.status < 400, "{spelt:?}: {more:?}");
        let found = rig.get(&format!("/api/tenantry/v1/resets?email={}", in_url(spelt)));
        let items = found.body["items"].as_array().unwrap();
        assert!(items.len() > index && items.iter().all(|reset| reset["email"] == STORED), "{spelt:?}: {found:?}");
        let of_page = rig.get(&format!("/api/tenantry/v1/resets?limit=1&email={}", in_url(spelt)));
        assert_eq!(of_page.body["items"][0]["id"], items[0]["id"], "{spelt:?}");
        let by_record = rig.get(&format!("/api/tenantry/v1/audit?subject={}", in_url(spelt)));
        assert!(
            spelt.contains('N') || !by_record.body["items"].as_array().unwrap().is_empty(),
            "{spelt:?}: {by_record:?}"
        );
    }
    let mails = rig.wait_for_mails(STORED, 3);
    assert!(mails.iter().all(|mail: &Value| mail["to"] == STORED), "mail goes to the name that every relay reads");
}

#[test]
fn the_page_of_a_link_shows_the_address_in_its_own_script() {
    let rig = with_nora(STORED);
    done(&rig.reset(READ), READ);
    // Behind the invitation and the notice of the password that was chosen.
    let page = rig.post_open("/reset/open", &json!({ "token": rig.token(STORED, 3) }));
    assert_eq!((page.status, &page.body["email"]), (200, &json!(READ)), "{page:?}");
}

#[test]
fn the_command_line_takes_any_spelling_and_shows_people_their_own() {
    let rig = with_nora(READ);
    let run = |line: &[&str]| -> Ended {
        let mut command = tenantry(rig.data.as_ref().unwrap().path(), line);
        let url = format!("http://{}", rig.address);
        command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token).output().unwrap().into()
    };
    for spelt in SPELLINGS {
        rig.clock.advance_seconds(3_700);
        let shown = run(&["user", "show", spelt]).done();
        assert!(shown.contains(READ) && !shown.contains(STORED), "{spelt:?}: {shown}");
        assert!(run(&["user", "show", spelt, "--json"]).done().contains(STORED), "{spelt:?}");
        assert!(
            run(&["reset", spelt]).done().contains(&format!("of {READ} are dead")) || spelt.contains('N'),
            "{spelt:?}"
        );
        assert!(run(&["reset", "list", "--email", spelt]).done().contains(READ), "{spelt:?}");
        // The record has the address as stored, letter case included.
        assert!(spelt.contains('N') || run(&["audit", "query", "--target", spelt]).done().contains(READ), "{spelt:?}");
    }
    assert!(run(&["user", "list"]).done().contains(READ));
    let refused = run(&["user", "add", "jürgen@example.com"]).refused();
    assert!(refused.contains("“ü” before the @"), "{refused}");
}
