//! One address has many spellings, and means one user in every call, on every page and on the command line.

use serde_json::{Value, json};
use tenantry::mail::address::Email;

use crate::command_line::{Ended, tenantry};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

/// A user, and the ways in which people write the address.
struct Who {
    /// As it is stored, and as programs get it.
    stored: &'static str,
    /// As people see it.
    read: &'static str,
    spellings: [&'static str; 6],
    /// Another address in two spellings, the second as it is stored.
    new: [&'static str; 2],
}

const NORA: Who = Who {
    stored: "nora@xn--mnchen-3ya.de",
    read: "nora@münchen.de",
    spellings: [
        "nora@xn--mnchen-3ya.de",
        "nora@münchen.de",
        " Nora@MÜNCHEN.de ",
        "nora＠münchen。de",
        "\u{3000}ｎｏｒａ@mu\u{308}nchen.de",
        "NORA@XN--MNCHEN-3YA.DE",
    ],
    new: ["new@münchen.de", "new@xn--mnchen-3ya.de"],
};
/// With letters beyond ASCII before the `@`.
const JOHN: Who = Who {
    stored: "jöhn@example.com",
    read: "jöhn@example.com",
    spellings: [
        "jöhn@example.com",
        "jo\u{308}hn@example.com",
        " JÖHN@Example.COM ",
        "ｊöhn＠example。com",
        "\u{3000}Jöhn@example.com\u{200b}",
        "JO\u{308}HN@EXAMPLE.COM",
    ],
    new: ["jo\u{308}hn.roe@example.com", "jöhn.roe@example.com"],
};

impl Who {
    /// Whether this spelling is stored in the letter case of the user.
    fn is_in_its_case(&self, spelt: &str) -> bool {
        Email::parse(spelt).unwrap().as_str() == self.stored
    }

    /// Whether people see in this text what they write, and not what programs write.
    fn is_read_in(&self, text: &str) -> bool {
        text.contains(self.read) && (self.read == self.stored || !text.contains(self.stored))
    }
}

/// Operations that take an address, each asked below.
const ASKED: &[&str] = &[
    "tenantry.account.change_email",
    "tenantry.account.sign_in",
    "tenantry.v1.audit.export",
    "tenantry.v1.audit.list",
    "tenantry.forgot.send",
    "tenantry.reset.fresh",
    "tenantry.people.erase",
    "tenantry.people.export",
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
const OTHERS: [(&str, &str); 6] = [
    ("tenantry.v1.audit.head_mail", "an address to which heads go, which need not be any user's"),
    ("tenantry.system.refused_addresses.allow", "an address that the relay refused; `operators_house.rs` asks"),
    ("tenantry.system.tenants.give_owner", "a new user, read as all are; `operators_commands.rs` asks"),
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

/// A tenant with this user in it, who has a password.
fn with(who: &Who, spelt: &str) -> Rig {
    let rig = Rig::with(|config| config.reset.mails_per_user_per_hour = 1000);
    done(&rig.post(ROLES, &json!({ "email": spelt, "first_name": "Nora" })), spelt);
    let token = rig.token(who.stored, 1);
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
    for who in [NORA, JOHN] {
        let rig = with(&who, who.read);
        for spelt in who.spellings {
            let again = rig.post(ROLES, &json!({ "email": spelt }));
            assert_eq!(again.status, 409, "{spelt:?}: {again:?}");
            let shown = rig.get(&format!("/api/tenantry/v1/users/{}", in_url(spelt)));
            assert_eq!((shown.status, &shown.body["email"]), (200, &json!(who.stored)), "{spelt:?}: {shown:?}");
            let changed = json!({ "email": spelt, "first_name": "Nora", "last_name": spelt });
            let put = |path: &str, body: &Value| rig.as_token(&rig.sample.api_token, "PUT", path, Some(body));
            done(&put(ROLES, &changed), spelt);
            done(&rig.post(&format!("{ROLES}/{}", in_url(spelt)), &changed), spelt);
            done(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": spelt })), spelt);
            assert_eq!(
                rig.get(&format!("/api/tenantry/v1/users/{}", in_url(who.stored))).body["disabled"],
                true,
                "{spelt:?}"
            );
            done(&rig.post("/api/tenantry/v1/users/enable", &json!({ "email": spelt })), spelt);
            let lock = json!({ "user_email": spelt });
            for verb in ["disable", "enable"] {
                done(&put(&format!("/api/web/namespaces/system/user/settings/idm/{verb}"), &lock), spelt);
            }
            done(&put("/api/web/namespaces/system/user/otp/admin_reset", &lock), spelt);
            let written = rig.post("/api/tenantry/v1/people/export", &json!({ "email": spelt }));
            assert_eq!(written.body["person"]["email"], who.stored, "{spelt:?}: {written:?}");
            for verb in ["assign", "unassign"] {
                let path = format!("/api/web/namespaces/system/tenant/domain_owner/{verb}");
                done(&rig.post(&path, &json!({ "email": spelt })), spelt);
            }
        }
        let listed = rig.get(ROLES).text;
        assert!(
            listed.contains(who.stored)
                && (who.read == who.stored || !listed.contains(&format!("\"email\":\"{}\"", who.read))),
            "{listed}"
        );
        for spelt in who.spellings {
            let removed =
                rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": spelt }));
            done(&removed, spelt);
            done(&rig.post("/api/tenantry/v1/people/erase", &json!({ "email": spelt })), spelt);
            done(&rig.post(ROLES, &json!({ "email": spelt })), spelt);
        }
    }
}

#[test]
fn any_spelling_of_an_address_signs_in_and_requests_a_link() {
    for who in [NORA, JOHN] {
        let rig = with(&who, who.stored);
        for (index, spelt) in who.spellings.into_iter().enumerate() {
            assert_eq!(rig.sign_in(spelt, GOOD_PASSWORD), 204, "{spelt:?}");
            rig.clock.advance_seconds(7_200);
            let before = rig.mails(who.stored).len();
            let wish = json!({ "email": spelt });
            let path = ["/forgot", "/reset/fresh"][index % 2];
            assert!(rig.post_open(path, &wish).status < 400, "{spelt:?}");
            rig.wait_for_mails(who.stored, before + 1);
        }
        let cookie = rig.session(who.spellings[2], GOOD_PASSWORD);
        let host = format!("{}.localhost", rig.sample.tenant);
        let page = rig.send("GET", "/account", &[("Cookie", &cookie), ("Host", &host), ("Accept", "text/html")], None);
        assert!(who.is_read_in(&page.text), "{}", page.text);
        let me = rig.send("GET", "/api/web/custom/namespaces/system/whoami", &[("Cookie", &cookie)], None);
        assert_eq!((me.status, &me.body["email"]), (200, &json!(who.stored)), "{me:?}");
    }
}

#[test]
fn a_new_address_is_asked_for_in_any_spelling_and_no_spelling_is_a_new_one() {
    for who in [NORA, JOHN] {
        let rig = with(&who, who.read);
        let cookie = rig.session(who.read, GOOD_PASSWORD);
        for (index, spelt) in who.spellings.into_iter().enumerate() {
            let path = format!("/api/tenantry/v1/users/{}/email", in_url(spelt));
            let before = rig.mails(who.new[1]).len();
            let new = who.new[index % 2];
            let asked = rig.post(&path, &json!({ "email": new }));
            assert_eq!((asked.status, &asked.body["pending_email"]), (200, &json!(who.new[1])), "{asked:?}");
            rig.wait_for_mails(who.new[1], before + 1);
            done(&rig.post(&format!("{path}/cancel"), &json!({})), spelt);
            assert_eq!(rig.post(&path, &json!({ "email": spelt })).status, 409, "{spelt:?}");
            let body = json!({ "email": spelt, "current_password": GOOD_PASSWORD }).to_string();
            let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
            assert_eq!(rig.send("POST", "/account/email", &headers, Some(&body)).status, 409, "{spelt:?}");
        }
    }
}

#[test]
fn a_reset_is_asked_for_and_looked_for_by_any_spelling() {
    for who in [NORA, JOHN] {
        let rig = with(&who, who.read);
        for (index, spelt) in who.spellings.into_iter().enumerate() {
            rig.clock.advance_seconds(3_700);
            done(&rig.reset(spelt), spelt);
            let more = rig.post("/api/tenantry/v1/resets", &json!({ "email": spelt, "revoke_credentials": true }));
            assert!(more.status < 400, "{spelt:?}: {more:?}");
            let found = rig.get(&format!("/api/tenantry/v1/resets?email={}", in_url(spelt)));
            let items = found.body["items"].as_array().unwrap();
            assert!(
                items.len() > index && items.iter().all(|reset| reset["email"] == who.stored),
                "{spelt:?}: {found:?}"
            );
            let of_page = rig.get(&format!("/api/tenantry/v1/resets?limit=1&email={}", in_url(spelt)));
            assert_eq!(of_page.body["items"][0]["id"], items[0]["id"], "{spelt:?}");
            let by_record = rig.get(&format!("/api/tenantry/v1/audit?subject={}", in_url(spelt)));
            assert!(
                !who.is_in_its_case(spelt) || !by_record.body["items"].as_array().unwrap().is_empty(),
                "{spelt:?}: {by_record:?}"
            );
        }
        let mails = rig.wait_for_mails(who.stored, 3);
        assert!(mails.iter().all(|mail: &Value| mail["to"] == who.stored), "mail goes to the address as it is stored");
    }
}

#[test]
fn the_page_of_a_link_shows_the_address_in_its_own_script() {
    for who in [NORA, JOHN] {
        let rig = with(&who, who.stored);
        done(&rig.reset(who.read), who.read);
        // Behind the invitation and the notice of the password that was chosen.
        let page = rig.post_open("/reset/open", &json!({ "token": rig.token(who.stored, 3) }));
        assert_eq!((page.status, &page.body["email"]), (200, &json!(who.read)), "{page:?}");
    }
}

#[test]
fn the_command_line_takes_any_spelling_and_shows_people_their_own() {
    for who in [NORA, JOHN] {
        let rig = with(&who, who.read);
        let run = |line: &[&str]| -> Ended {
            let mut command = tenantry(rig.data.as_ref().unwrap().path(), line);
            let url = format!("http://{}", rig.address);
            command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token).output().unwrap().into()
        };
        for spelt in who.spellings {
            rig.clock.advance_seconds(3_700);
            let shown = run(&["user", "show", spelt]).done();
            assert!(who.is_read_in(&shown), "{spelt:?}: {shown}");
            assert!(run(&["user", "show", spelt, "--json"]).done().contains(who.stored), "{spelt:?}");
            assert!(
                run(&["reset", spelt]).done().contains(&format!("of {} are dead", who.read))
                    || !who.is_in_its_case(spelt),
                "{spelt:?}"
            );
            assert!(run(&["reset", "list", "--email", spelt]).done().contains(who.read), "{spelt:?}");
            // The record has the address as stored, letter case included.
            assert!(
                !who.is_in_its_case(spelt) || run(&["audit", "query", "--target", spelt]).done().contains(who.read),
                "{spelt:?}"
            );
        }
        assert!(run(&["user", "list"]).done().contains(who.read));
        let refused = run(&["user", "add", "j\u{43e}hn@example.com"]).refused();
        assert!(refused.contains("letters of several scripts before the @"), "{refused}");
    }
}
