//! Nobody acts on a person of more rights than their own: every operation that acts on another person is listed here and
//! asked.

use std::collections::BTreeSet;

use serde_json::Value;
use tenantry::access::{ADMIN_ROLE, Grant};

use crate::people::in_system;
use crate::rig::{Answered, Rig};
use crate::sweeps::{Named, Row, asks, dump, table};

/// Every operation that acts on another person, in an order in which an owner may ask them all of one.
const ON_ANOTHER: &[&str] = &[
    "tenantry.resets.resend",
    "tenantry.resets.cancel",
    "tenantry.users.change_email",
    "tenantry.users.keep_email",
    "ves.io.schema.api_credential.CustomAPI.Renew",
    "ves.io.schema.api_credential.CustomAPI.Activate",
    "ves.io.schema.api_credential.CustomAPI.Revoke",
    "ves.io.schema.user.CustomAPI.ResetPasswordByAdmin",
    "ves.io.schema.user.CustomAPI.SendPasswordEmail",
    "tenantry.resets.create",
    "ves.io.schema.user.CustomAPI.AssignRole",
    "ves.io.schema.user.CustomAPI.AddUserToGroup",
    "ves.io.schema.user.CustomAPI.RemoveUserFromGroup",
    "ves.io.schema.user.CustomAPI.Replace",
    "ves.io.schema.user.CustomAPI.Replace_post_post_post",
    "ves.io.schema.user.setting.CustomAPI.ResetOtpDeviceByAdmin",
    "ves.io.schema.user.setting.CustomAPI.DisableUserInIDM",
    "ves.io.schema.user.setting.CustomAPI.EnableUserInIDM",
    "tenantry.users.disable",
    "tenantry.users.enable",
    "tenantry.people.export",
    "ves.io.schema.user.CustomAPI.CascadeDelete",
    // Of one who is removed, too.
    "tenantry.people.erase",
];

/// Every other operation that writes, and on whom it acts.
const ON_NOBODY_ELSE: &[(&str, &str)] = &[
    ("tenantry.account.change_email", "oneself"),
    ("tenantry.account.change_password", "oneself"),
    ("tenantry.account.end_sessions", "oneself"),
    ("tenantry.account.export", "oneself"),
    ("tenantry.account.keep_email", "oneself"),
    ("tenantry.account.sign_in", "oneself"),
    ("tenantry.account.sign_out", "oneself"),
    ("tenantry.account.begin_second_factor", "oneself"),
    ("tenantry.account.confirm_second_factor", "oneself"),
    ("tenantry.account.prove", "oneself"),
    ("tenantry.account.remove_second_factor", "oneself"),
    ("tenantry.account.renew_recovery_codes", "oneself"),
    ("tenantry.second_factor.link", "oneself, by the password or a session"),
    ("tenantry.second_factor.open", "who holds the link and knows the password"),
    ("tenantry.sign_in.code", "oneself"),
    ("tenantry.sign_in.enrol", "oneself"),
    ("tenantry.email.confirm", "who holds the link"),
    ("tenantry.forgot.send", "anyone asks: a link is mailed, and nothing ends by it"),
    ("tenantry.mail_texts.preview", "reads"),
    ("tenantry.mail_texts.remove", "the tenant"),
    ("tenantry.mail_texts.set", "the tenant"),
    ("tenantry.mail_texts.test", "oneself"),
    ("tenantry.reset.fresh", "anyone asks: a link is mailed, and nothing ends by it"),
    ("tenantry.reset.open", "who holds the link"),
    ("tenantry.reset.redeem", "who holds the link"),
    ("tenantry.users.address_cool_off", "the tenant"),
    ("tenantry.v1.audit.head_mail", "the tenant"),
    ("tenantry.bulk.act", "users of a plan, each judged by rank; `bulk.rs` asks"),
    ("tenantry.bulk.plan", "reads, but for its own plan"),
    ("tenantry.bulk.stop", "the tenant"),
    ("tenantry.incidents.agree", "a witness need not outrank the users of a plan; `incidents.rs` asks"),
    ("tenantry.incidents.cancel", "the tenant"),
    ("tenantry.incidents.change", "the tenant"),
    ("tenantry.incidents.declare", "reads, but for its own plan"),
    ("tenantry.incidents.decline", "the tenant"),
    ("tenantry.incidents.evidence", "reads"),
    ("tenantry.incidents.go_on", "the tenant"),
    ("tenantry.incidents.lines", "its own list"),
    ("tenantry.incidents.pause", "the tenant"),
    ("tenantry.incidents.plan", "reads, but for its own plan"),
    ("tenantry.incidents.release", "mails to the users of a plan, to their own address"),
    ("tenantry.incidents.remind", "mails to the users of a plan, to their own address"),
    ("tenantry.incidents.retry", "mails to the users of a plan, to their own address"),
    ("tenantry.incidents.start", "users of a plan, each judged by rank; `incidents.rs` asks"),
    ("tenantry.imports.begin", "the tenant"),
    ("tenantry.webhooks.create", "the tenant"),
    ("tenantry.webhooks.off", "the tenant"),
    ("tenantry.webhooks.on", "the tenant"),
    ("tenantry.webhooks.remove", "the tenant"),
    ("tenantry.webhooks.replace", "the tenant"),
    ("tenantry.webhooks.resend", "the tenant"),
    ("tenantry.webhooks.rotate", "the tenant"),
    ("tenantry.webhooks.test", "the tenant"),
    ("tenantry.imports.chunk", "someone new, or a user who came before; `imports.rs` asks"),
    ("tenantry.imports.end", "the tenant"),
    ("tenantry.imports.hashes", "the tenant, by an owner alone; `imports.rs` asks"),
    ("tenantry.imports.key", "the tenant, by an owner alone; `sealed_hashes.rs` asks"),
    ("tenantry.imports.upload", "someone new, or a user who came before; `uploads.rs` asks"),
    ("tenantry.tenant.export_hashes", "the tenant, by an owner alone; `sealed_hashes.rs` asks"),
    ("tenantry.imports.invite", "users who never signed in, to their own address, as a forgotten password does"),
    ("tenantry.imports.plan", "reads, but for its own plan"),
    ("tenantry.imports.run", "the tenant"),
    ("tenantry.imports.stop", "the tenant"),
    ("ves.io.schema.api_credential.CustomAPI.Create", "oneself"),
    ("ves.io.schema.api_credential.CustomAPI.ActivateServiceCredentials", "a service user; `programs.rs` asks"),
    ("ves.io.schema.api_credential.CustomAPI.BulkRevoke", "tokens; `programs.rs` asks"),
    ("ves.io.schema.api_credential.CustomAPI.BulkRevokeServiceCredentials", "a service user; `programs.rs` asks"),
    ("ves.io.schema.api_credential.CustomAPI.CreateServiceCredentials", "a service user; `programs.rs` asks"),
    ("ves.io.schema.api_credential.CustomAPI.RenewServiceCredentials", "a service user; `programs.rs` asks"),
    ("ves.io.schema.api_credential.CustomAPI.ReplaceServiceCredentials", "a service user; `programs.rs` asks"),
    ("ves.io.schema.api_credential.CustomAPI.RevokeServiceCredentials", "a service user; `programs.rs` asks"),
    ("ves.io.schema.contact.API.Create", "an object of a namespace"),
    ("ves.io.schema.contact.API.Delete", "an object of a namespace"),
    ("ves.io.schema.contact.API.Replace", "an object of a namespace"),
    ("ves.io.schema.namespace.API.Create", "a namespace"),
    ("ves.io.schema.namespace.API.Replace", "a namespace"),
    ("ves.io.schema.namespace.CustomAPI.CascadeDelete", "a namespace"),
    ("ves.io.schema.namespace.CustomAPI.EvaluateAPIAccess", "asks of oneself"),
    ("ves.io.schema.namespace.CustomAPI.EvaluateBatchAPIAccess", "asks of oneself"),
    ("ves.io.schema.namespace.CustomAPI.LookupUserRoles", "asks of oneself"),
    ("ves.io.schema.role.API.Create", "a role, which nobody holds yet"),
    ("ves.io.schema.role.API.Delete", "a role, which nobody holds any more"),
    ("ves.io.schema.role.API.Replace", "the description of a role"),
    ("ves.io.schema.role.CustomAPI.CustomCreate", "a role, which nobody holds yet"),
    ("ves.io.schema.role.CustomAPI.CustomReplace", "a role; `access.rs` asks for those who hold it"),
    ("ves.io.schema.user_group.CustomAPI.AnalyzeForDeletion", "reads"),
    ("ves.io.schema.user_group.CustomAPI.AssignRole", "a group; `access.rs` asks for its members"),
    ("ves.io.schema.user_group.CustomAPI.Create", "a group; `access.rs` asks for its members"),
    ("ves.io.schema.user_group.CustomAPI.Delete", "a group; `access.rs` asks for its members"),
    ("ves.io.schema.user_group.CustomAPI.RemoveRole", "a group; `access.rs` asks for its members"),
    ("ves.io.schema.user_group.CustomAPI.Replace", "a group; `access.rs` asks for its members"),
    ("ves.io.schema.signup.CustomAPI.SendPasswordEmail", "anyone asks: a link is mailed, and nothing ends by it"),
    ("tenantry.settings.change", "the tenant; what would hand out the links of others is the operator's"),
    ("ves.io.schema.tenant.CustomAPI.DeleteImage", "the tenant"),
    ("ves.io.schema.signup.CustomAPI.ValidateRegistration", "reads"),
    ("ves.io.schema.tenant.CustomAPI.AssignDomainOwner", "anyone, by an owner alone; `owners.rs` asks"),
    ("ves.io.schema.tenant.CustomAPI.DeleteTenant", "the tenant, by an owner alone; `suspension.rs` asks"),
    ("ves.io.schema.tenant.CustomAPIEywaprime.DeactivateTenant", "the tenant, by an owner alone; `suspension.rs` asks"),
    ("ves.io.schema.tenant.CustomAPI.DisableTenantLevelOTP", "the tenant"),
    ("ves.io.schema.tenant.CustomAPI.EnableTenantLevelOTP", "the tenant"),
    ("ves.io.schema.tenant.CustomAPI.GetLoginEventsInTimeFrame", "reads"),
    ("ves.io.schema.tenant.CustomAPI.UnassignDomainOwner", "an owner, by an owner alone; `owners.rs` asks"),
    ("ves.io.schema.tenant.CustomAPI.UpdateIDMSettings", "the tenant"),
    ("ves.io.schema.tenant.CustomAPI.UpdateImage", "the tenant"),
    ("ves.io.schema.views.tenant_configuration.API.Create", "the tenant"),
    ("ves.io.schema.views.tenant_configuration.API.Delete", "the tenant"),
    ("ves.io.schema.views.tenant_configuration.API.Replace", "the tenant"),
    ("ves.io.schema.tenant.CustomAPI.UpdateTenantSettings", "the tenant"),
    ("ves.io.schema.user.CustomAPI.Create", "someone new, who is given no more than one has"),
    ("ves.io.schema.user.CustomAPI.ResetPassword", "oneself"),
    ("ves.io.schema.user.setting.CustomAPI.DeleteUserImage", "oneself"),
    ("ves.io.schema.user.setting.CustomAPI.RequestInitialAccess", "oneself; the owners get a mail"),
    ("ves.io.schema.user.setting.CustomAPI.SetViewPreference", "oneself"),
    ("ves.io.schema.user.setting.CustomAPI.UnsetAdminNtfnPreference", "oneself"),
    ("ves.io.schema.user.setting.CustomAPI.UnsetNtfnPreference", "oneself"),
    ("ves.io.schema.user.setting.CustomAPI.Update", "oneself"),
    ("ves.io.schema.user.setting.CustomAPI.UpdateAdminNtfnPreferences", "oneself"),
    ("ves.io.schema.user.setting.CustomAPI.UpdateCombinedNtfnPreferences", "oneself"),
    ("ves.io.schema.user.setting.CustomAPI.UpdateNtfnPreferences", "oneself"),
    ("ves.io.schema.user.setting.CustomAPI.UpdateUserImage", "oneself"),
    ("ves.io.schema.user.CustomAPI.AcceptTOS", "oneself"),
    ("ves.io.schema.user.CustomAPI.SyncUser", "reads"),
];

fn rows(rig: &Rig) -> Vec<Row> {
    table(rig).into_iter().filter(|row| row.method != "GET").collect()
}

#[test]
fn every_operation_that_writes_is_known_to_act_on_another_person_or_not() {
    let ids: BTreeSet<String> = rows(&Rig::start()).into_iter().map(|row| row.id).collect();
    let known = ON_ANOTHER.iter().chain(ON_NOBODY_ELSE.iter().map(|(id, _)| id));
    assert_eq!(ids, known.map(ToString::to_string).collect());
}

/// A person with everything that an operation can name: an open reset and a token.
fn person(rig: &Rig, email: &str, grants: &[Grant], is_owner: bool) -> Named {
    let user = rig.add_user(rig.tenant(), email, |new| (new.grants, new.is_owner) = (grants.to_vec(), is_owner));
    rig.add_token(rig.tenant(), &user, rig.clock.now().plus_seconds(3600 * 24));
    let listed = rig.get("/api/web/namespaces/system/api_credentials").body;
    let mut tokens = listed["items"].as_array().unwrap().iter();
    let token = tokens.find(|token| token["user_email"] == email).unwrap();
    Named {
        email: email.into(),
        credential: token["name"].as_str().unwrap().into(),
        group: "crew".into(),
        reset: rig.reset(email).header("tenantry-reset-id").unwrap().into(),
        ..Named::nothing()
    }
}

fn ask(rig: &Rig, token: &str, id: &str, named: &Named) -> Answered {
    let rows = rows(rig);
    let row = rows.iter().find(|row| row.id == id).unwrap();
    let body: Option<Value> = asks(named, "").get(id).map(|(_, body)| body.clone());
    rig.as_token(token, &row.method, &named.fill(row), body.as_ref())
}

#[test]
fn every_operation_that_acts_on_another_person_refuses_one_of_higher_rank() {
    let rig = Rig::start();
    let helper = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"));
    rig.post("/api/web/custom/namespaces/system/user_groups", &serde_json::json!({ "name": "crew" }));
    let team = vec![Grant::new("team-a", "ves-io-default-role")];
    let people = [
        (person(&rig, "chief@example.com", &in_system(ADMIN_ROLE), false), "ves-io-namespace-write"),
        (person(&rig, "elsewhere@example.com", &team, false), "ves-io-general-read"),
        // An owner whose roles were all taken away is an owner still.
        (person(&rig, "bare@example.com", &[], true), ""),
    ];
    rig.let_background_rest();
    let unchanged = || dump(&rig, rig.tenant(), &["audit", "audit_waiting", "audit_links"]);
    let before = unchanged();
    for (named, missing) in &people {
        for id in ON_ANOTHER {
            let answered = ask(&rig, &helper, id, named);
            assert_eq!((answered.status, &answered.body["code"]), (403, &7.into()), "{id} {}", answered.text);
            assert!(answered.message().contains(missing), "{id} {}", answered.text);
        }
    }
    assert_eq!(unchanged(), before);
    // The same is done for one who has all that they have: nothing but rank stood in the way.
    for id in ON_ANOTHER {
        let answered = ask(&rig, &rig.sample.api_token, id, &people[0].0);
        assert_eq!(answered.status, 200, "{id} {}", answered.text);
    }
}
