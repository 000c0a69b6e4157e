//! Asks every operation of the table the same questions. A new row is covered the moment it exists; a new
//! row that writes needs an entry in `asks`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::store::Scope;

use crate::bulk;
use crate::document::check;
use crate::furnished::furnished;
use crate::imports;
use crate::incidents;
use crate::people::owner;
use crate::phone::ready;
use crate::pictures::POINT;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};
use crate::schema::resolved;
use crate::scim_form::assert_refused;
use crate::webhooks;

/// A row of the table, as the server's own document describes it.
#[derive(Clone, Default)]
pub struct Row {
    pub id: String,
    pub method: String,
    pub path: String,
    pub group: Option<String>,
    pub is_open: bool,
    pub body: Option<Value>,
    /// Everything that the document says about it.
    pub told: Value,
}

/// The kinds of objects that live in the namespace of the path, by their word in paths.
const KINDS: [&str; 1] = ["contacts"];
const CONFIGURATIONS: &str = "/api/config/namespaces/system/tenant_configurations";

impl Row {
    /// Whether it is about objects that live in the namespace of the path, where its callers are judged too.
    pub fn is_of_an_object(&self) -> bool {
        self.path.split('/').any(|part| KINDS.contains(&part))
    }
}

/// The whole table except the operations of `dev` and those of the operators, which no tenant's users may call: `operator.rs`
/// asks these. As the first server that was asked tells it: all tell the same.
pub fn table(rig: &Rig) -> Vec<Row> {
    static TABLE: OnceLock<Vec<Row>> = OnceLock::new();
    let rows = TABLE.get_or_init(|| {
        let mut rows = table_of(&rig.get("/openapi.json").body);
        rows.retain(|row| row.told["x-tenantry-operator"] != true);
        rows
    });
    assert!(rows.len() > 40, "only {} rows", rows.len());
    rows.clone()
}

/// The rows of this document.
pub fn table_of(document: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, told) in methods.as_object().unwrap() {
            let schema = &told["requestBody"]["content"]["application/json"]["schema"];
            rows.push(Row {
                id: told["operationId"].as_str().unwrap().into(),
                method: method.to_uppercase(),
                path: path.clone(),
                group: told["x-tenantry-api-group"].as_str().map(Into::into),
                is_open: told["security"] == json!([{}]),
                body: (!schema.is_null()).then(|| resolved(document, schema)),
                told: told.clone(),
            });
        }
    }
    rows
}

/// The names in the requests of a sweep: the caller's own things, another tenant's, or ones that do not exist.
#[derive(Clone)]
pub struct Named {
    pub email: String,
    pub namespace: String,
    pub credential: String,
    /// An object of each kind that lives in namespaces.
    pub object: String,
    pub reset: String,
    pub link: String,
    /// The token of a new address that is not confirmed yet.
    pub address_link: String,
    pub session: String,
    pub role: String,
    pub group: String,
    pub service: String,
    pub held: String,
    /// An import that is being planned.
    pub import: String,
    /// An act on many users that is planned.
    pub bulk: String,
    /// An incident that is planned.
    pub incident: String,
    /// An incident whose list is not complete.
    pub list: String,
    /// A webhook, and a delivery of it.
    pub webhook: String,
    pub delivery: String,
}

impl Named {
    pub fn nothing() -> Self {
        Self {
            email: "absent@example.com".into(),
            namespace: "no-such-team".into(),
            credential: "nothing-abcdefgh".into(),
            object: "no-such-object".into(),
            reset: "019cb821-7798-7dc9-9194-e1c74b27545f".into(),
            link: "A".repeat(48),
            address_link: "B".repeat(48),
            session: "019cb821-7798-7dc9-9194-e1c74b275450".into(),
            role: "no-such-role".into(),
            group: "no-such-group".into(),
            service: "no-service-abcdefgh".into(),
            held: "019cb821-7798-7dc9-9194-e1c74b27545a".into(),
            import: "019cb821-7798-7dc9-9194-e1c74b27545b".into(),
            bulk: "019cb821-7798-7dc9-9194-e1c74b27545c".into(),
            incident: "019cb821-7798-7dc9-9194-e1c74b27545d".into(),
            list: "019cb821-7798-7dc9-9194-e1c74b27545e".into(),
            webhook: "019cb821-7798-7dc9-9194-e1c74b27545f".into(),
            delivery: "019cb821-7798-7dc9-9194-e1c74b275460".into(),
        }
    }

    pub fn fill(&self, row: &Row) -> String {
        let of_path: &str = if row.path.contains("api_credentials") {
            &self.credential
        } else if row.path.contains("service_credentials") {
            &self.service
        } else if row.path.contains("/user_groups/") {
            &self.group
        } else if row.path.contains("/rbac_policys/") {
            "ves-io-admin-role-policy"
        } else if row.path.contains("/api_groups/") {
            "ves-io-uam-read"
        } else if row.path.contains("/api_group_elements/") {
            "tenantry-users-show"
        } else if row.path.contains("/namespace_roles/") {
            &self.held
        } else if row.path.contains("roles/{name}") && !row.path.contains("user_roles") {
            &self.role
        } else if row.is_of_an_object() || row.path.contains("/tenant_configurations/") {
            &self.object
        } else if row.id.contains("schema.namespace") {
            &self.namespace
        } else {
            &self.email
        };
        let id = match &row.path {
            path if path.contains("/imports/") => &self.import,
            path if path.contains("/bulk/") => &self.bulk,
            path if path.contains("/lines/") || path.ends_with("incidents/{id}/plan") => &self.list,
            path if path.contains("/incidents/") => &self.incident,
            path if path.contains("/webhooks/") => &self.webhook,
            _ => &self.reset,
        };
        row.path
            .replace("{namespace}", "system")
            .replace("{name}", of_path)
            .replace("{email}", &self.email)
            .replace("{id}", id)
            .replace("{delivery}", &self.delivery)
            .replace("{number}", "1")
            .replace("{part}", "1")
            .replace("{kind}", "reset.administrator")
            .replace("{language}", "de")
    }

    /// The answer with the names of the request masked.
    pub fn masked(&self, answered: &Answered) -> (u16, String) {
        let id = answered.header("x-request-id").unwrap_or("-");
        let names = [
            &self.email,
            &self.namespace,
            &self.credential,
            &self.object,
            &self.reset,
            &self.link,
            &self.address_link,
            &self.session,
            &self.role,
            &self.group,
            &self.service,
            &self.held,
            &self.import,
            &self.bulk,
            &self.incident,
            &self.list,
            &self.webhook,
            &self.delivery,
        ];
        let text = answered.text.replace(id, "ID");
        (answered.status, names.into_iter().fold(text, |text, name| text.replace(name.as_str(), "NAME")))
    }
}

/// The credential of a call.
pub enum By {
    Token,
    Session,
    Nobody,
}

/// A valid body for each operation that writes, by its id. `None` for those that leave no record by design.
pub fn asks(named: &Named, password: &str) -> BTreeMap<&'static str, (By, Value)> {
    let email = json!({ "email": named.email });
    let credential = json!({ "name": named.credential, "namespace": "system", "expiration_days": 3, "active": false });
    let new = |name: &str| json!({ "name": name, "namespace": "system", "spec": { "type": "API_TOKEN" } });
    let user = json!({ "email": named.email, "first_name": "Nora", "namespace_roles": [] });
    let lock = json!({ "user_email": named.email });
    let contact =
        json!({ "metadata": { "name": "new", "labels": { "stage": "test" } }, "spec": { "city": "Springfield" } });
    let mut asks = about_access(named);
    asks.extend(about_programs(named));
    asks.extend(about_oneself());
    asks.extend(about_an_account(named, password));
    asks.extend(about_a_second_factor(named, password));
    asks.extend(about_mail_texts());
    asks.extend(about_imports());
    asks.extend(about_many());
    asks.extend(about_webhooks());
    asks.extend([
        ("ves.io.schema.user.CustomAPI.ResetPasswordByAdmin", (By::Token, email.clone())),
        ("ves.io.schema.user.CustomAPI.SendPasswordEmail", (By::Token, email.clone())),
        ("ves.io.schema.user.CustomAPI.ResetPassword", (By::Token, json!({}))),
        ("ves.io.schema.signup.CustomAPI.SendPasswordEmail", (By::Nobody, email.clone())),
        ("tenantry.reset.open", (By::Nobody, json!({ "token": named.link }))),
        ("tenantry.reset.redeem", (By::Nobody, json!({ "token": named.link, "password": GOOD_PASSWORD }))),
        ("tenantry.reset.fresh", (By::Nobody, email.clone())),
        ("tenantry.forgot.send", (By::Nobody, email.clone())),
        ("tenantry.resets.create", (By::Token, json!({ "email": named.email, "revoke_credentials": true }))),
        ("tenantry.resets.cancel", (By::Token, json!({}))),
        ("tenantry.resets.resend", (By::Token, json!({}))),
        ("tenantry.account.sign_in", (By::Nobody, json!({ "email": named.email, "password": password }))),
        ("tenantry.account.sign_out", (By::Session, json!({}))),
        ("tenantry.account.end_sessions", (By::Session, json!({ "session": named.session }))),
        ("ves.io.schema.user.CustomAPI.Create", (By::Token, json!({ "email": "new@example.com" }))),
        ("ves.io.schema.user.CustomAPI.Replace", (By::Token, user.clone())),
        ("ves.io.schema.user.CustomAPI.Replace_post_post_post", (By::Token, user)),
        ("ves.io.schema.user.CustomAPI.CascadeDelete", (By::Token, email.clone())),
        ("ves.io.schema.user.setting.CustomAPI.DisableUserInIDM", (By::Token, lock.clone())),
        ("ves.io.schema.user.setting.CustomAPI.EnableUserInIDM", (By::Token, lock)),
        ("tenantry.users.disable", (By::Token, email.clone())),
        ("tenantry.users.enable", (By::Token, email)),
        ("ves.io.schema.namespace.API.Create", (By::Token, json!({ "metadata": { "name": "new" } }))),
        ("ves.io.schema.namespace.API.Replace", (By::Token, json!({ "metadata": { "description": "a team" } }))),
        ("ves.io.schema.namespace.CustomAPI.CascadeDelete", (By::Token, json!({}))),
        ("ves.io.schema.api_credential.CustomAPI.Create", (By::Token, new("new"))),
        ("ves.io.schema.api_credential.CustomAPI.Renew", (By::Token, credential.clone())),
        ("ves.io.schema.api_credential.CustomAPI.Revoke", (By::Token, credential.clone())),
        ("ves.io.schema.api_credential.CustomAPI.Activate", (By::Token, credential)),
        ("ves.io.schema.contact.API.Create", (By::Token, contact.clone())),
        ("ves.io.schema.contact.API.Replace", (By::Token, contact)),
        ("ves.io.schema.contact.API.Delete", (By::Token, json!({ "fail_if_referred": true }))),
    ]);
    asks
}

fn about_an_account(named: &Named, password: &str) -> [(&'static str, (By, Value)); 11] {
    [
        ("tenantry.account.export", (By::Session, json!({}))),
        ("tenantry.people.export", (By::Token, json!({ "email": named.email }))),
        ("tenantry.people.erase", (By::Token, json!({ "email": named.email }))),
        ("tenantry.email.confirm", (By::Nobody, json!({ "token": named.address_link, "agreed": "yes" }))),
        ("tenantry.users.change_email", (By::Token, json!({ "email": "moved@example.com" }))),
        ("tenantry.users.keep_email", (By::Token, json!({}))),
        ("tenantry.users.address_cool_off", (By::Token, json!({ "hours": 12 }))),
        ("tenantry.v1.audit.head_mail", (By::Token, json!({ "email": "audit@example.net" }))),
        (
            "tenantry.account.change_email",
            (By::Session, json!({ "email": "moved@example.com", "current_password": password })),
        ),
        (
            "tenantry.account.change_password",
            (By::Session, json!({ "current_password": password, "password": GOOD_PASSWORD })),
        ),
        ("tenantry.account.keep_email", (By::Session, json!({}))),
    ]
}

/// What `phone::ready` makes ready, where something must be there first.
fn about_a_second_factor(named: &Named, password: &str) -> BTreeMap<&'static str, (By, Value)> {
    let (code, nothing) = (json!({ "code": "000000" }), json!({}));
    BTreeMap::from([
        ("tenantry.sign_in.code", code.clone()),
        ("tenantry.sign_in.enrol", code.clone()),
        ("tenantry.second_factor.open", json!({ "token": named.link, "password": password })),
        ("tenantry.second_factor.link", nothing.clone()),
        ("tenantry.account.begin_second_factor", nothing.clone()),
        ("tenantry.account.confirm_second_factor", code),
        ("tenantry.account.renew_recovery_codes", nothing.clone()),
        ("tenantry.account.remove_second_factor", nothing),
        ("tenantry.account.prove", json!({ "password": password, "back": "/account" })),
    ])
    .into_iter()
    .map(|(id, body)| (id, (By::Session, body)))
    .collect()
}

fn about_access(named: &Named) -> BTreeMap<&'static str, (By, Value)> {
    let membership = json!({ "username": named.email, "group_names": [named.group] });
    let group = |name: &str| json!({ "name": name, "usernames": [named.email], "namespace_roles": [] });
    let roles = json!({ "namespace_roles": [{ "namespace": "shared", "role": "ves-io-monitor-role" }] });
    let role = json!({ "namespaces": ["system"], "role": "ves-io-default-role" });
    let calls = json!({ "item_lists": [{ "list_id": "a", "items": [{ "method": "GET", "path": "/livez" }] }] });
    let described = json!({ "metadata": { "description": "who looks" } });
    BTreeMap::from([
        ("ves.io.schema.user.CustomAPI.AssignRole", json!({ "username": [named.email], "namespaces_role": role })),
        ("ves.io.schema.user.CustomAPI.AddUserToGroup", membership.clone()),
        ("ves.io.schema.user.CustomAPI.RemoveUserFromGroup", membership),
        ("ves.io.schema.user_group.CustomAPI.Create", group("new")),
        ("ves.io.schema.user_group.CustomAPI.Replace", group(&named.group)),
        ("ves.io.schema.user_group.CustomAPI.AssignRole", roles.clone()),
        ("ves.io.schema.user_group.CustomAPI.RemoveRole", roles),
        ("ves.io.schema.user_group.CustomAPI.Delete", json!({})),
        (
            "ves.io.schema.user_group.CustomAPI.AnalyzeForDeletion",
            json!({ "namespace_name_identifier": { "object_name": named.group } }),
        ),
        (
            "ves.io.schema.role.CustomAPI.CustomCreate",
            json!({ "api_groups": ["ves-io-uam-read"], "metadata": { "name": "new-custom" } }),
        ),
        ("ves.io.schema.role.CustomAPI.CustomReplace", json!({ "api_groups": ["ves-io-general-read"] })),
        ("ves.io.schema.role.API.Create", json!({ "metadata": { "name": "new-plain" } })),
        ("ves.io.schema.role.API.Replace", described),
        ("ves.io.schema.role.API.Delete", json!({ "fail_if_referred": true })),
        ("ves.io.schema.namespace.CustomAPI.EvaluateAPIAccess", calls.clone()),
        ("ves.io.schema.namespace.CustomAPI.EvaluateBatchAPIAccess", json!({ "batch_namespace_api_list": [calls] })),
        ("ves.io.schema.namespace.CustomAPI.LookupUserRoles", json!({})),
        ("ves.io.schema.tenant.CustomAPI.GetLoginEventsInTimeFrame", json!({ "start": "2026-03-01T00:00:00Z" })),
        (
            "ves.io.schema.tenant.CustomAPI.UpdateTenantSettings",
            json!({ "max_credentials_expiry": { "max_api_token_expiry_days": 300 } }),
        ),
        (
            "ves.io.schema.tenant.CustomAPI.UpdateIDMSettings",
            json!({ "password_policy": { "minimum_length": 14, "not_username": true } }),
        ),
        ("ves.io.schema.tenant.CustomAPI.UpdateImage", json!({ "image": POINT })),
        ("ves.io.schema.tenant.CustomAPI.DeleteImage", json!({})),
        ("ves.io.schema.views.tenant_configuration.API.Create", configuration("new")),
        ("ves.io.schema.views.tenant_configuration.API.Replace", configuration(&named.object)),
        ("ves.io.schema.views.tenant_configuration.API.Delete", json!({ "fail_if_referred": true })),
        ("tenantry.settings.change", json!({ "link_lifetime_minutes": 90 })),
    ])
    .into_iter()
    .map(|(id, body)| (id, (By::Token, body)))
    .collect()
}

fn configuration(name: &str) -> Value {
    let parts = json!({
        "basic_configuration": { "display_name": "Example Corp" },
        "password_policy": { "minimum_length": 14 },
    });
    json!({ "metadata": { "name": name }, "spec": parts })
}

/// The words of a mail with a link.
fn mail_words() -> Value {
    json!({
        "subject": "Neu: {tenant}",
        "paragraphs": ["Moin {name}!", "{link}", "{code}"],
        "link_label": "Los",
        "code_label": "Der Code:",
    })
}

fn about_mail_texts() -> BTreeMap<&'static str, (By, Value)> {
    BTreeMap::from([
        ("tenantry.mail_texts.set", (By::Token, mail_words())),
        ("tenantry.mail_texts.remove", (By::Token, json!({}))),
        ("tenantry.mail_texts.preview", (By::Token, json!({ "words": mail_words() }))),
        ("tenantry.mail_texts.test", (By::Token, json!({}))),
    ])
}

/// `bulk::ready` makes the body that acts by a plan.
fn about_many() -> BTreeMap<&'static str, (By, Value)> {
    BTreeMap::from([
        ("tenantry.bulk.plan", (By::Token, bulk::jane_is_disabled())),
        ("tenantry.bulk.act", (By::Token, json!({ "plan": "0".repeat(64), "users": 1 }))),
        ("tenantry.bulk.stop", (By::Token, json!({}))),
        ("tenantry.incidents.declare", (By::Token, incidents::of_jane())),
        ("tenantry.incidents.lines", (By::Token, json!({ "email": "jane@example.com" }))),
        ("tenantry.incidents.plan", (By::Token, json!({}))),
        ("tenantry.incidents.start", (By::Token, json!({ "plan": "0".repeat(64), "users": 1 }))),
        ("tenantry.incidents.agree", (By::Token, json!({ "plan": "0".repeat(64) }))),
        ("tenantry.incidents.decline", (By::Token, json!({ "why": "Not today." }))),
        ("tenantry.incidents.pause", (By::Token, json!({}))),
        ("tenantry.incidents.go_on", (By::Token, json!({}))),
        ("tenantry.incidents.cancel", (By::Token, json!({}))),
        ("tenantry.incidents.release", (By::Token, json!({}))),
        ("tenantry.incidents.retry", (By::Token, json!({}))),
        ("tenantry.incidents.evidence", (By::Token, json!({ "emails": "plain" }))),
        ("tenantry.incidents.remind", (By::Token, json!({}))),
        ("tenantry.incidents.change", (By::Token, json!({ "pace_per_minute": 60 }))),
    ])
}

/// A webhook must be off to be switched on: `webhooks::ready` sees to it.
fn about_webhooks() -> BTreeMap<&'static str, (By, Value)> {
    let terms = json!({ "name": "Help desk", "url": "https://hooks.example.com/in", "events": ["reset.*"] });
    BTreeMap::from([
        ("tenantry.webhooks.create", terms.clone()),
        ("tenantry.webhooks.replace", terms),
        ("tenantry.webhooks.rotate", json!({})),
        ("tenantry.webhooks.test", json!({})),
        ("tenantry.webhooks.on", json!({ "from_now": true })),
        ("tenantry.webhooks.off", json!({})),
        ("tenantry.webhooks.remove", json!({})),
        ("tenantry.webhooks.resend", json!({})),
    ])
    .into_iter()
    .map(|(id, body)| (id, (By::Token, body)))
    .collect()
}

/// Where something must be there first, `imports::ready` makes it.
fn about_imports() -> BTreeMap<&'static str, (By, Value)> {
    BTreeMap::from([
        ("tenantry.imports.begin", json!({ "source": "csv", "rows": 1 })),
        ("tenantry.imports.chunk", json!({ "kind": "user", "email": "brought@example.com" })),
        ("tenantry.imports.plan", json!({})),
        ("tenantry.imports.run", json!({ "plan": "0".repeat(64) })),
        ("tenantry.imports.end", json!({})),
        ("tenantry.imports.stop", json!({})),
        ("tenantry.imports.invite", json!({ "whom": "none" })),
        ("tenantry.imports.hashes", json!({ "until": "2026-03-05T00:00:00Z" })),
        ("tenantry.imports.key", json!({})),
        ("tenantry.imports.upload", json!({ "kind": "user", "email": "brought@example.com" })),
        ("tenantry.tenant.export_hashes", json!({ "seal_with": "tnt1.a.b" })),
    ])
    .into_iter()
    .map(|(id, body)| (id, (By::Token, body)))
    .collect()
}

fn about_programs(named: &Named) -> BTreeMap<&'static str, (By, Value)> {
    let service = json!({ "name": named.service, "namespace": "system", "expiration_days": 3, "active": false });
    let bulk = |name: &str| json!({ "name_selector": { "names": [name] } });
    BTreeMap::from([
        (
            "ves.io.schema.api_credential.CustomAPI.CreateServiceCredentials",
            json!({ "name": "new-service", "type": "SERVICE_API_TOKEN", "api_token": {} }),
        ),
        ("ves.io.schema.api_credential.CustomAPI.ReplaceServiceCredentials", json!({ "user_group_names": [] })),
        ("ves.io.schema.api_credential.CustomAPI.RenewServiceCredentials", service.clone()),
        ("ves.io.schema.api_credential.CustomAPI.ActivateServiceCredentials", service.clone()),
        ("ves.io.schema.api_credential.CustomAPI.RevokeServiceCredentials", service),
        ("ves.io.schema.api_credential.CustomAPI.BulkRevoke", bulk(&named.credential)),
        ("ves.io.schema.api_credential.CustomAPI.BulkRevokeServiceCredentials", bulk(&named.service)),
    ])
    .into_iter()
    .map(|(id, body)| (id, (By::Token, body)))
    .chain(about_the_tenant(named))
    .collect()
}

/// What users ask of themselves.
pub fn about_oneself() -> BTreeMap<&'static str, (By, Value)> {
    BTreeMap::from([
        ("ves.io.schema.user.setting.CustomAPI.DeleteUserImage", json!({})),
        ("ves.io.schema.user.setting.CustomAPI.RequestInitialAccess", json!({})),
        (
            "ves.io.schema.user.setting.CustomAPI.SetViewPreference",
            json!({ "advanced_view": true, "persona_preferences": { "sec_ops": true } }),
        ),
        ("ves.io.schema.user.setting.CustomAPI.UnsetAdminNtfnPreference", json!({ "ntfn_to_unset": "access-request" })),
        ("ves.io.schema.user.setting.CustomAPI.UnsetNtfnPreference", json!({ "ntfn_to_unset": "alerts" })),
        (
            "ves.io.schema.user.setting.CustomAPI.Update",
            json!({ "first_name": "Ada", "enabled_notifications": ["alerts"] }),
        ),
        (
            "ves.io.schema.user.setting.CustomAPI.UpdateAdminNtfnPreferences",
            json!({ "ntfn_preferences_map": { "access-request": false } }),
        ),
        (
            "ves.io.schema.user.setting.CustomAPI.UpdateCombinedNtfnPreferences",
            json!({ "ntfn_preferences_map": { "access-request": false } }),
        ),
        (
            "ves.io.schema.user.setting.CustomAPI.UpdateNtfnPreferences",
            json!({ "ntfn_preferences_map": { "alerts": true } }),
        ),
        (
            "ves.io.schema.user.setting.CustomAPI.UpdateUserImage",
            json!({ "content_type": "image/gif", "image": "R0lGODlhAQABAAAAACw=" }),
        ),
        ("ves.io.schema.user.CustomAPI.AcceptTOS", json!({ "tos_version": "2026-03" })),
        ("ves.io.schema.user.CustomAPI.SyncUser", json!({})),
    ])
    .into_iter()
    .map(|(id, body)| (id, (By::Token, body)))
    .collect()
}

/// What an owner does, and what concerns everyone.
fn about_the_tenant(named: &Named) -> BTreeMap<&'static str, (By, Value)> {
    let email = json!({ "email": named.email });
    BTreeMap::from([
        ("ves.io.schema.tenant.CustomAPI.AssignDomainOwner", (By::Token, email.clone())),
        ("ves.io.schema.tenant.CustomAPI.UnassignDomainOwner", (By::Token, email)),
        (
            "ves.io.schema.signup.CustomAPI.ValidateRegistration",
            (By::Nobody, json!({ "email": named.email, "token": named.link })),
        ),
        ("ves.io.schema.tenant.CustomAPI.DisableTenantLevelOTP", (By::Token, json!({}))),
        ("ves.io.schema.tenant.CustomAPI.EnableTenantLevelOTP", (By::Token, json!({}))),
        (
            "ves.io.schema.user.setting.CustomAPI.ResetOtpDeviceByAdmin",
            (By::Token, json!({ "user_email": named.email })),
        ),
        ("ves.io.schema.tenant.CustomAPI.DeleteTenant", (By::Token, json!({ "reason": "REASON_UNKNOWN" }))),
        ("ves.io.schema.tenant.CustomAPIEywaprime.DeactivateTenant", (By::Token, json!({ "feedback": "gone" }))),
    ])
}

/// A role, a user group and a service credential of the tenant's own, made by an owner's token. Returns the last one's name.
fn furnish_access(rig: &Rig, token: &str, names: [&str; 2]) -> String {
    let [role, group] = names;
    let post = |path: &str, body: Value| {
        let made = rig.as_token(token, "POST", path, Some(&body));
        assert_eq!(made.status, 200, "{}", made.text);
        made.body
    };
    let asked = json!({ "api_groups": ["ves-io-uam-read"], "metadata": { "name": role } });
    post("/api/web/custom/namespaces/system/roles", asked);
    post("/api/web/custom/namespaces/system/user_groups", json!({ "name": group }));
    let asked = json!({ "name": "robot", "type": "SERVICE_API_TOKEN" });
    let made = post("/api/web/namespaces/system/service_credentials", asked);
    made["name"].as_str().unwrap().into()
}

/// The token of a new address of a user, which was asked for by this token of an administrator.
fn address_link(rig: &Rig, token: &str, email: &str) -> String {
    let (path, new) = (format!("/api/tenantry/v1/users/{email}/email"), format!("new.{email}"));
    let asked = rig.as_token(token, "POST", &path, Some(&json!({ "email": new })));
    assert_eq!(asked.status, 200, "{}", asked.text);
    rig.token(&new, 1)
}

/// The name of a role that a user of the tenant was given in `system`.
fn held(rig: &Rig, token: &str) -> String {
    let listed = rig.as_token(token, "GET", "/api/web/namespaces/system/namespace_roles", None).body;
    listed["items"][0]["name"].as_str().unwrap().into()
}

/// Makes an object of each kind in a namespace, by this token.
pub fn furnish_objects(rig: &Rig, token: &str, namespace: &str, name: &str) {
    for kind in KINDS {
        let asked = json!({ "metadata": { "name": name } });
        let made = rig.as_token(token, "POST", &format!("/api/web/namespaces/{namespace}/{kind}"), Some(&asked));
        assert_eq!(made.status, 200, "{}", made.text);
    }
}

/// A configuration and a picture of the tenant.
pub fn furnish_tenant(rig: &Rig, token: &str, name: &str) {
    for (method, path, body) in [
        ("POST", CONFIGURATIONS, configuration(name)),
        ("PUT", "/api/web/namespaces/system/tenant/settings/tenant/image", json!({ "image": POINT })),
    ] {
        let made = rig.as_token(token, method, path, Some(&body));
        assert_eq!(made.status, 200, "{}", made.text);
    }
}

/// Makes one of everything by the tenant's own calls. The session is one of `jane`, the link one of `kenji`.
pub fn furnish(rig: &Rig) -> (Named, String) {
    let made = rig.post("/api/web/namespaces", &json!({ "metadata": { "name": "team-a" } }));
    assert_eq!(made.status, 200, "{}", made.text);
    let asked = json!({ "name": "robot", "spec": { "type": "API_TOKEN" } });
    let credential = rig.post("/api/web/namespaces/system/api_credentials", &asked).body;
    furnish_objects(rig, &rig.sample.api_token, "system", "first-object");
    furnish_tenant(rig, &rig.sample.api_token, "first-object");
    let path = "/api/tenantry/v1/mail_texts/reset.administrator/languages/de";
    let chosen = rig.as_token(&rig.sample.api_token, "PUT", path, Some(&mail_words()));
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    let reset = rig.reset("kenji@example.com");
    let service = furnish_access(rig, &rig.sample.api_token, ["own-role", "own-group"]);
    let cookies: Vec<String> = (0..2).map(|_| rig.session("jane@example.com", &rig.sample.user_password)).collect();
    let account = rig.send("GET", "/account", &[("Cookie", &cookies[0])], None).body;
    let sessions = account["sessions"].as_array().unwrap();
    let other = sessions.iter().find(|session| session["this_one"] == false).unwrap();
    address_link(rig, &rig.sample.api_token, "jane@example.com");
    let (webhook, delivery) = webhooks::delivered(rig, rig.tenant(), &rig.sample.api_token);
    let named = Named {
        email: "hello@example.com".into(),
        namespace: "team-a".into(),
        credential: credential["name"].as_str().unwrap().into(),
        object: "first-object".into(),
        reset: reset.header("tenantry-reset-id").unwrap().into(),
        link: rig.token("kenji@example.com", 1),
        address_link: address_link(rig, &rig.sample.api_token, "hello@example.com"),
        session: other["id"].as_str().unwrap().into(),
        role: "own-role".into(),
        group: "own-group".into(),
        service,
        held: held(rig, &rig.sample.api_token),
        import: imports::begin(rig, &rig.sample.api_token, &json!({})),
        bulk: bulk::planned(rig, &rig.sample.api_token, &bulk::jane_is_disabled()),
        incident: incidents::planned(rig, &rig.sample.api_token, &incidents::of_jane_held()),
        list: incidents::listing(rig, &rig.sample.api_token),
        webhook,
        delivery,
    };
    (named, cookies[0].clone())
}

fn ask(rig: &Rig, row: &Row, named: &Named, by: &By, body: &Value, cookie: &str) -> Answered {
    let authorization = rig.authorization();
    let mut headers = vec![("Content-Type", "application/json")];
    match by {
        By::Token => headers.push(("Authorization", authorization.as_str())),
        By::Session => headers.push(("Cookie", cookie)),
        By::Nobody => {}
    }
    rig.send(&row.method, &named.fill(row), &headers, Some(&body.to_string()))
}

#[test]
fn every_operation_wants_a_credential() {
    let rig = Rig::start();
    let document = rig.get("/openapi.json").body;
    let named = Named::nothing();
    for row in table(&rig).into_iter().filter(|row| !row.is_open) {
        let body = row.body.as_ref().map(|_| "{}");
        let answered = rig.send(&row.method, &named.fill(&row), &[], body);
        assert_refused(&answered, &row.path, (401, 16));
        assert_eq!(answered.header("www-authenticate"), Some("APIToken"), "{}", row.id);
        check(&document, &row, &answered);
    }
}

#[test]
fn the_credential_of_another_tenant_does_not_count_on_this_tenants_host() {
    let rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    let token = rig.add_member(other, "boss@other.example", owner());
    let (authorization, named) = (format!("APIToken {token}"), Named::nothing());
    for row in table(&rig).into_iter().filter(|row| !row.is_open) {
        let body = row.body.as_ref().map(|_| "{}");
        let answers = ["example-corp.localhost", "other-corp.localhost"].map(|host| {
            rig.send(&row.method, &named.fill(&row), &[("Authorization", &authorization), ("Host", host)], body)
        });
        assert_eq!(answers[0].status, 401, "{} {}", row.id, answers[0].text);
        assert_ne!(answers[1].status, 401, "{} {}", row.id, answers[1].text);
    }
}

#[test]
fn every_operation_with_a_permission_refuses_a_caller_without_it_and_records_it_once() {
    let rig = Rig::start();
    let token = rig.add_member(rig.tenant(), "newcomer@example.com", Vec::new());
    let named = Named::nothing();
    for row in table(&rig) {
        let Some(group) = &row.group else { continue };
        let body = row.body.as_ref().map(|_| json!({}));
        let answered = rig.as_token(&token, &row.method, &named.fill(&row), body.as_ref());
        assert_refused(&answered, &row.path, (403, 7));
        assert!(answered.message().contains(group.as_str()), "{} {}", row.id, answered.text);
        assert_eq!(records_of(&rig, &answered), ["access.refuse refused"], "{}", row.id);
    }
    assert!(table(&rig).iter().any(|row| row.group.as_deref() == Some("ves-io-uam-admin-write")));
}

/// The audit records that the request of this answer left.
fn records_of(rig: &Rig, answered: &Answered) -> Vec<String> {
    let id = uuid::Uuid::parse_str(answered.header("x-request-id").unwrap()).unwrap();
    let rows =
        rig.store.read(Scope::HOUSE, |tx| tx.all("SELECT action, outcome FROM audit WHERE id = $1", &params![&id]));
    rows.unwrap()
        .iter()
        .map(|row| format!("{} {}", row.get::<String>(0).unwrap(), row.get::<String>(1).unwrap()))
        .collect()
}

#[test]
fn every_body_that_is_broken_is_refused_with_a_sentence_that_names_what() {
    let rig = Rig::start();
    let named = Named::nothing();
    let mut fields = 0;
    for row in table(&rig) {
        let Some(schema) = &row.body else { continue };
        let send = |body: &str| {
            // The allowance of an address is refilled once in six seconds.
            rig.clock.advance_seconds(6);
            let authorization = rig.authorization();
            let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
            rig.send(&row.method, &named.fill(&row), &headers, Some(body))
        };
        let refused = |body: &str, name: &str| {
            let answered = send(body);
            assert_refused(&answered, &row.path, (400, 3));
            assert!(answered.message().contains(name), "{} {body} {}", row.id, answered.text);
        };
        for broken in ["{", "{]", "\u{feff}{}", "{'a':1}"] {
            refused(broken, "not valid JSON");
        }
        refused("{} {}", "behind its JSON object");
        for other in ["[]", "[\"hello@example.com\"]", "\"x\"", "7", "true", "null"] {
            refused(other, "body");
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let wrong = if property["type"].to_string().contains("array") { "7" } else { "[]" };
            let is_object = property["$ref"].is_string() || property["anyOf"].is_array();
            let wrong = if is_object { "7" } else { wrong };
            if name == "expiration_days" {
                refused("{\"expiration_days\": \"ten\"}", name);
            } else {
                refused(&format!("{{\"{name}\": {wrong}}}"), name);
                refused(&format!("{{\"{name}\": null, \"{name}\": null}}"), name);
            }
            fields += 1;
        }
        if schema["additionalProperties"] == json!(false) {
            refused("{\"no_such_field\": 1}", "no_such_field");
        }
    }
    assert!(fields > 30, "only {fields} fields were asked");
}

#[test]
fn a_pair_of_method_and_path_that_nobody_knows_is_404_and_never_405() {
    let rig = Rig::start();
    let served: Vec<_> = table(&rig).into_iter().map(|row| (row.method, row.path)).collect();
    let listed = tenantry::contract::operations().map(|call| (call.method.to_string(), call.path.to_string()));
    let listed: Vec<_> = listed.collect();
    let paths: BTreeSet<_> = served.iter().chain(&listed).map(|(_, path)| path_of_nobody(path)).collect();
    let (mut asked, mut unknown) = (0, 0);
    for path in &paths {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"] {
            if is_among(&served, method, path) {
                continue;
            }
            let answered = rig.send(method, path, &[("Authorization", &rig.authorization())], None);
            if is_among(&listed, method, path) {
                assert_refused(&answered, path, (501, 12));
            } else {
                assert_unknown(&answered, method, path);
                unknown += 1;
            }
            asked += 1;
        }
        let beyond = format!("{}/further/parts", path.trim_end_matches('/'));
        if !beyond.starts_with("/further") {
            assert_unknown(&rig.get(&beyond), "GET", &beyond);
        }
    }
    assert!(asked > 1_000 && unknown > 800, "{asked} asked, {unknown} of them unknown");
}

/// The path with a name that nobody has in each variable part.
fn path_of_nobody(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "no-such-part" } else { part }).collect::<Vec<_>>().join("/")
}

/// Whether one of these calls, by method and path with variable parts, is at this method and path.
fn is_among(calls: &[(String, String)], method: &str, path: &str) -> bool {
    let fits = |known: &str| {
        let mut pairs = known.split('/').zip(path.split('/'));
        known.split('/').count() == path.split('/').count()
            && pairs.all(|(known, part)| known == part || known.starts_with('{'))
    };
    calls.iter().any(|(known, path)| known == method && fits(path))
}

fn assert_unknown(answered: &Answered, method: &str, path: &str) {
    assert_refused(answered, path, (404, 5));
    let sentence = format!("API Group could not be determined for Method: {method} Path: {path}");
    assert_eq!(answered.message(), sentence);
}

#[test]
fn every_read_leaves_no_audit_record() {
    let rig = Rig::start();
    let document = rig.get("/openapi.json").body;
    let (named, cookie) = furnish(&rig);
    let before = rig.audit().len();
    for row in table(&rig).into_iter().filter(|row| row.method == "GET") {
        let mut path = named.fill(&row).replace("assets/hello@example.com", "assets/tenantry.css");
        path = path.replace("accent/hello@example.com", "accent/3446c8.css");
        if row.id.contains("LookupCname") {
            path += "?cname=some-corp";
        }
        if row.id == "tenantry.access.can" {
            path += &format!("?user={}&operation=tenantry.users.show", named.email);
        }
        let answered = rig.send("GET", &path, &[("Authorization", &rig.authorization()), ("Cookie", &cookie)], None);
        assert!(matches!(answered.status, 200 | 303 | 401), "{} {} {}", row.id, answered.status, answered.text);
        assert!(answered.status != 401 || row.id.starts_with("tenantry.account.show_"), "{}", row.id);
        check(&document, &row, &answered);
    }
    assert_eq!(rig.audit().len(), before);
}

#[test]
fn every_accepted_write_leaves_exactly_one_audit_record() {
    let rig = Rig::start();
    let (document, mut rows) = (rig.get("/openapi.json").body, table(&rig));
    rows.retain(|row| row.method != "GET");
    let known = asks(&Named::nothing(), "");
    for Row { id, .. } in &rows {
        assert!(known.contains_key(id.as_str()), "the write {id} has no entry in the table of valid bodies");
    }
    for id in known.keys() {
        assert!(rows.iter().any(|row| row.id == *id), "there is no operation {id} any more");
    }
    // Each in a house of its own, two at a time as there are cores.
    let halves = rows.split_at(rows.len() / 2);
    std::thread::scope(|scope| {
        for half in [halves.0, halves.1] {
            let document = &document;
            scope.spawn(move || half.iter().for_each(|row| accepted_write(row, document)));
        }
    });
}

/// Operations that read, although they are called by POST: what they ask is too much for a query.
pub const READING: &[&str] = &[
    // What it writes of a plan is how far that has come; the plan leaves a record, and the run one for each user.
    "tenantry.imports.chunk",
    "tenantry.mail_texts.preview",
    "ves.io.schema.namespace.CustomAPI.EvaluateAPIAccess",
    "ves.io.schema.namespace.CustomAPI.EvaluateBatchAPIAccess",
    "ves.io.schema.namespace.CustomAPI.LookupUserRoles",
    "ves.io.schema.signup.CustomAPI.ValidateRegistration",
    "ves.io.schema.tenant.CustomAPI.GetLoginEventsInTimeFrame",
    "ves.io.schema.user_group.CustomAPI.AnalyzeForDeletion",
    // Of a user whose data are kept here there is nothing to take over.
    "ves.io.schema.user.CustomAPI.SyncUser",
];

/// Removes what stands in the way of a creation: a tenant has one configuration, and one import under way.
pub fn make_room(rig: &Rig, id: &str, named: &Named) {
    if ["tenantry.imports.begin", "tenantry.imports.upload"].contains(&id) {
        assert_eq!(imports::step(rig, &rig.sample.api_token, &named.import, "stop", &json!({})).status, 200);
    }
    if id.ends_with("tenant_configuration.API.Create") {
        let path = format!("{CONFIGURATIONS}/{}", named.object);
        assert_eq!(rig.as_token(&rig.sample.api_token, "DELETE", &path, None).status, 200);
    }
}

fn accepted_write(row: &Row, document: &Value) {
    let id = row.id.as_str();
    let (rig, named, cookie) = furnished();
    let password = rig.sample.user_password.clone();
    let asks = asks(&named, &password);
    let (by, body) = &asks[id];
    make_room(&rig, id, &named);
    webhooks::ready(&rig, id, &named.webhook);
    let made = || {
        let of_import = imports::ready(&rig, id, &named.import);
        of_import.or_else(|| bulk::ready(&rig, id, &named.bulk)).or_else(|| incidents::ready(&rig, id, &named.incident))
    };
    let ready = ready(&rig, id, &cookie).or_else(|| Some((cookie.clone(), made()?)));
    let (cookie, body) = ready.as_ref().map_or((&cookie, body), |(cookie, body)| (cookie, body));
    rig.let_background_rest();
    let before = rig.audit().len();
    let answered = ask(&rig, row, &named, by, body, cookie);
    assert!(matches!(answered.status, 200 | 201 | 204), "{id} {} {}", answered.status, answered.text);
    check(document, row, &answered);
    // Work that is done after the answer, so that its time reveals nothing, has its record soon after.
    for _ in 0..500 {
        if rig.audit().len() > before || READING.contains(&id) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let records = records_of(&rig, &answered);
    if READING.contains(&id) {
        assert_eq!((records.len(), rig.audit().len()), (0, before), "{id} left {records:?}");
        return;
    }
    assert_eq!(records.len(), 1, "{id} left {records:?}");
    assert!(records[0].ends_with(" accepted"), "{id} left {records:?}");
    // What is rewritten afterwards, what is begun, and the plan of a file have records of their own.
    let many = ["tenantry.people.erase", "tenantry.bulk.act", "tenantry.imports.upload"];
    if !many.contains(&id) && !id.starts_with("tenantry.incidents.") {
        assert_eq!(rig.audit().len(), before + 1, "{id}");
    }
}

/// Every row of a tenant in every table but these, as text.
pub fn dump(rig: &Rig, tenant: TenantId, leave_out: &[&str]) -> String {
    let tables = tenantry::store::tables().iter().filter(|table| !leave_out.contains(&table.name));
    let rows = tables.map(|tenantry::store::Table { name, key, .. }| {
        // The fate of a mail is written by a worker, at its own time.
        let columns = if *name == "mails" { "tenant, id" } else { "*" };
        let statement = format!("SELECT {columns} FROM {name} WHERE {} = $1 ORDER BY {}", key[0], key.join(", "));
        let rows = rig.store.read(Scope::HOUSE, |tx| tx.all(statement.leak(), &params![tenant])).unwrap();
        format!("{name} {rows:?}")
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// A second tenant with one of everything, by names that the first does not have.
fn furnish_other(rig: &Rig, other: TenantId) -> Named {
    let token = rig.add_member(other, "boss@other.example", owner());
    rig.add_user(other, "victim@other.example", |_| {});
    let post = |path: &str, body: Value| rig.as_token(&token, "POST", path, Some(&body));
    let made = post("/api/web/namespaces", json!({ "metadata": { "name": "their-team" } }));
    assert_eq!(made.status, 200, "{}", made.text);
    let service = furnish_access(rig, &token, ["their-role", "their-group"]);
    let asked = json!({ "name": "robot", "spec": { "type": "API_TOKEN" } });
    let credential = post("/api/web/namespaces/system/api_credentials", asked).body;
    furnish_objects(rig, &token, "system", "their-object");
    furnish_tenant(rig, &token, "their-object");
    let reset = post("/api/web/custom/password/admin_reset", json!({ "email": "victim@other.example" }));
    let (webhook, delivery) = webhooks::delivered(rig, other, &token);
    Named {
        email: "victim@other.example".into(),
        namespace: "their-team".into(),
        credential: credential["name"].as_str().unwrap().into(),
        object: "their-object".into(),
        reset: reset.header("tenantry-reset-id").unwrap().into(),
        link: rig.token("victim@other.example", 1),
        address_link: address_link(rig, &token, "victim@other.example"),
        session: Named::nothing().session,
        role: "their-role".into(),
        group: "their-group".into(),
        service,
        held: held(rig, &token),
        import: imports::begin(rig, &token, &json!({})),
        bulk: bulk::planned(rig, &token, &json!({ "act": "enable", "filter": { "q": "victim" } })),
        incident: incidents::planned(rig, &token, &json!({ "name": "Theirs", "filter": { "q": "victim" } })),
        list: incidents::listing(rig, &token),
        webhook,
        delivery,
    }
}

#[test]
fn another_tenants_objects_are_byte_for_byte_as_if_absent() {
    let rig = Rig::start();
    let foreign = furnish_other(&rig, rig.add_tenant("other-corp"));
    let other =
        rig.store.read(Scope::HOUSE, |tx| tenantry::tenants::find_by_name(tx, "other-corp")).unwrap().unwrap().id;
    let absent = Named::nothing();
    rig.let_background_rest();
    let before = dump(&rig, other, &[]);
    let host = format!("example-corp.localhost:{}", rig.address.port());
    let authorization = rig.authorization();
    let mut not_found = 0;
    for row in table(&rig).into_iter().filter(|row| row.id != "tenantry.metrics") {
        let answer = |named: &Named| {
            let asks = asks(named, "not the password");
            let body = asks.get(row.id.as_str()).map(|(_, body)| body.to_string());
            let headers =
                [("Authorization", authorization.as_str()), ("Content-Type", "application/json"), ("Host", &host)];
            let path = format!("{}?email={}", named.fill(&row), named.email);
            named.masked(&rig.send(&row.method, &path, &headers, body.as_deref()))
        };
        // The last one ends what the others need.
        // Access is asked for once a day, one import is under way, and plans and webhooks have ids of their own.
        let made =
            ["imports.begin", "imports.upload", "imports.key", "bulk.plan", "incidents.declare", "webhooks.create"];
        let skipped = ["CustomAPI.ResetPassword", "DeactivateTenant", "RequestInitialAccess"].into_iter().chain(made);
        let is_skipped = skipped.into_iter().any(|end| row.id.ends_with(end));
        if row.id.contains("Create") || is_skipped {
            continue;
        }
        if row.id == "tenantry.v1.audit.verify" {
            // What the asks before it have left is sealed in the meantime.
            rig.let_background_rest();
        }
        let (theirs, nobodys) = (answer(&foreign), answer(&absent));
        assert_eq!(theirs, nobodys, "{}", row.id);
        not_found += usize::from(theirs.0 == 404);
    }
    assert!(not_found >= 15, "only {not_found} rows said that there is no such thing");
    assert_eq!(dump(&rig, other, &[]), before, "nothing of the other tenant was touched");
}
