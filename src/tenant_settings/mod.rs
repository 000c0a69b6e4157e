//! The settings of a tenant over the API: those that the public API knows in its own form, and every one by its name. They
//! are the settings that the operator's `tenant set` changes too; what is set here counts from the next request.

mod by_name;
mod codes;
mod configuration;
mod configuration_api;
mod idm;
mod leaving;
mod picture;
mod picture_api;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::configuration::moving_configuration;
use self::idm::{change_idm, show_idm, show_policy};
pub use self::picture::is_uploaded;
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Bucket, Call, EmptyObject, Json, Operation, Permission};
use crate::identity::Tenant;
use crate::objects::{EMPTY, Whole};
use crate::store::Scope;
use crate::terms::{OtpStatus, TenantState};
use crate::{tenants, text};

const SETTINGS: &str = "/api/web/namespaces/system/tenant/settings";
const IDM: &str = "/api/web/namespaces/system/tenant/idm/settings";

/// The operations of this room.
pub fn operations() -> Vec<Operation> {
    let mut operations = settings();
    operations.extend(by_name::operations());
    operations.extend(configuration_api::operations());
    operations.extend(picture_api::operations());
    operations
}

fn settings() -> Vec<Operation> {
    // Enough for people who look for a free name, too few for one who lists all names.
    let lookups = Arc::new(Bucket::new(30, 300));
    let (read, write) = (Permission::Group(ApiGroup::UamAdminRead), Permission::Group(ApiGroup::UamAdminWrite));
    let mut operations = leaving::operations();
    operations.extend(codes::operations());
    operations.extend([
        Operation::get(SETTINGS, read, show)
            .id("ves.io.schema.tenant.CustomAPI.GetTenantSettings")
            .summary("Show the tenant's name, state and limits."),
        Operation::put(SETTINGS, write, change)
            .id("ves.io.schema.tenant.CustomAPI.UpdateTenantSettings")
            .summary("Change the longest life of API credentials, and whether a code app is required."),
        Operation::get(IDM, read, show_idm)
            .id("ves.io.schema.tenant.CustomAPI.GetIDMSettings")
            .summary("Show the shown name, the rules for passwords and the bound of wrong guesses."),
        Operation::put(IDM, write, change_idm)
            .id("ves.io.schema.tenant.CustomAPI.UpdateIDMSettings")
            .summary("Change the shown name, the rules for passwords or the bound of wrong guesses."),
        Operation::get("/no_auth/tenant/idm/settings/password_policy", Permission::Open, show_policy)
            .id("ves.io.schema.tenant.CustomAPI.GetPasswordPolicy")
            .summary("Show the rules that a new password must keep, to anyone.")
            .query::<String>("realm_id", "The id of the tenant; otherwise the host names it."),
        Operation::get("/no_auth/cname/lookup", Permission::Open, look_up)
            .id("ves.io.schema.tenant.CustomAPI.LookupCname")
            .summary("Tell whether a tenant's name is taken.")
            .needed_query::<String>("cname", "The name, the first label of the tenant's host.")
            .query::<String>("namespace", "Without meaning here.")
            .per_address(&lookups),
        Operation::get("/api/web/namespaces/system/tenant/lookup", Permission::SignedIn, look_up)
            .id("ves.io.schema.tenant.CustomAPI.LookupCname_get_get_get")
            .summary("Tell whether a tenant's name is taken.")
            .needed_query::<String>("cname", "The name, the first label of the tenant's host.")
            .query::<String>("namespace", "Without meaning here.")
            .per_address(&lookups),
        Operation::get("/api/web/namespaces/system/tenant/support-info", Permission::SignedIn, show_support)
            .id("ves.io.schema.tenant.CustomAPI.GetSupportInfo")
            .summary("Show whom to ask for help: the contact that the tenant has named."),
    ]);
    operations
}

#[derive(Serialize, JsonSchema)]
struct TenantShown {
    #[schemars(example = &"example-corp")]
    name: String,
    #[schemars(example = &"Example Corp")]
    company_name: String,
    #[schemars(example = &"example-corp")]
    domain: String,
    #[schemars(example = &"example-corp-abcdefgh")]
    original_tenant: String,
    #[schemars(with = "TenantState")]
    state: &'static str,
    otp_enabled: bool,
    #[schemars(with = "OtpStatus")]
    otp_status: &'static str,
    sso_enabled: bool,
    scim_enabled: bool,
    #[schemars(example = &"")]
    active_plan_transition_id: &'static str,
    max_credentials_expiry: CredentialsExpiry,
}

/// The longest lives of credentials, in days. One bound holds for all kinds.
#[derive(Serialize, JsonSchema)]
struct CredentialsExpiry {
    #[schemars(example = 365)]
    max_api_token_expiry_days: i64,
    #[schemars(example = 365)]
    max_api_certificate_expiry_days: i64,
    #[schemars(example = 365)]
    max_kube_config_expiry_days: i64,
}

impl CredentialsExpiry {
    fn of(tenant: &Tenant) -> Self {
        let days = tenant.settings.credential.days_max;
        Self {
            max_api_token_expiry_days: days,
            max_api_certificate_expiry_days: days,
            max_kube_config_expiry_days: days,
        }
    }
}

async fn show(call: Call) -> Result<Json<TenantShown>> {
    let tenant = call.tenant()?;
    Ok(Json(TenantShown {
        name: tenant.name.clone(),
        company_name: tenant.settings.brand.display_name.clone(),
        domain: tenant.name.clone(),
        original_tenant: tenant.uid.clone(),
        state: "StateActive",
        otp_enabled: tenant.settings.sign_in.second_factor_required,
        otp_status: otp_status(tenant.settings.sign_in.second_factor_required),
        sso_enabled: false,
        scim_enabled: false,
        active_plan_transition_id: "",
        max_credentials_expiry: CredentialsExpiry::of(tenant),
    }))
}

/// What is switched counts at once, so no other state is ever shown.
fn otp_status(is_required: bool) -> &'static str {
    if is_required { "OTP_ENABLED" } else { "OTP_DISABLED" }
}

/// Limits to set; what is absent stays.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct TenantAsk {
    max_credentials_expiry: Option<AskedExpiry>,
    /// Whether everyone with a password needs a code app.
    #[schemars(example = false)]
    otp_enabled: Option<bool>,
}

/// The longest lives of credentials, in days; 0 or absent leaves them as they are.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct AskedExpiry {
    /// Of tokens; it holds for all kinds.
    #[schemars(example = 90)]
    max_api_token_expiry_days: Option<Whole>,
    /// As for tokens.
    #[schemars(example = 90)]
    max_api_certificate_expiry_days: Option<Whole>,
    /// As for tokens.
    #[schemars(example = 90)]
    max_kube_config_expiry_days: Option<Whole>,
}

impl AskedExpiry {
    fn days(&self) -> Result<Option<i64>> {
        let asked =
            [&self.max_api_token_expiry_days, &self.max_api_certificate_expiry_days, &self.max_kube_config_expiry_days];
        let mut days = asked.into_iter().filter_map(|days| days.as_ref().map(|days| days.0)).filter(|days| *days != 0);
        let first = days.next();
        if days.any(|other| Some(other) != first) {
            return Err(Error::invalid(
                "Field max_credentials_expiry names different bounds. One holds for all kinds of credentials: send one.",
            ));
        }
        Ok(first)
    }
}

#[derive(Serialize, JsonSchema)]
struct TenantChanged {
    max_credentials_expiry: CredentialsExpiry,
    otp_enabled: bool,
    #[schemars(with = "OtpStatus")]
    otp_status: &'static str,
    sso_enabled: bool,
    scim_enabled: bool,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    validation_errors: [String; 0],
}

/// The settings to change, by the names that the operator uses, each with its new value as text.
type Changes = Vec<(String, String)>;

async fn set(call: &Call, changes: Changes) -> Result<Tenant> {
    let act = Act::of(call)?;
    let set =
        call.store.write(call.scope()?, move |tx| tenants::set_by_id(tx, act.tenant.id, &changes, &act.actor, act.now));
    set.await
}

async fn change(call: Call, ask: TenantAsk) -> Result<Json<TenantChanged>> {
    let days = ask.max_credentials_expiry.as_ref().map_or(Ok(None), AskedExpiry::days)?;
    let days = days.map(|days| ("credential_days_max".to_string(), days.to_string()));
    let codes = ask.otp_enabled.map(|required| (codes::REQUIRED.to_string(), required.to_string()));
    let changes = days.into_iter().chain(codes).collect();
    let tenant = set(&call, changes).await?;
    Ok(Json(TenantChanged {
        max_credentials_expiry: CredentialsExpiry::of(&tenant),
        otp_enabled: tenant.settings.sign_in.second_factor_required,
        otp_status: otp_status(tenant.settings.sign_in.second_factor_required),
        sso_enabled: false,
        scim_enabled: false,
        validation_errors: [],
    }))
}

/// The tenant that an open call is about: that of the id in its query, else that of its host.
fn tenant_named(call: &Call) -> Result<Tenant> {
    match call.query("realm_id").filter(|id| !id.is_empty()) {
        Some(id) => find_by_uid(call, &id),
        None => call.tenant().map(|tenant| tenant.as_ref().clone()),
    }
}

/// The tenant of this id. An id of no tenant is as one of another.
fn find_by_uid(call: &Call, id: &str) -> Result<Tenant> {
    let found = call.store.read(Scope::HOUSE, |tx| tenants::find_by_uid(tx, id))?;
    found.ok_or_else(|| Error::not_found(format!("There is no tenant with the id {}.", text::shown(id))))
}

/// Whether a name is taken, in the words of the public API.
#[derive(Serialize, JsonSchema)]
struct NameLookup {
    /// `EEXISTS` where it is taken, `EOK` where it is free.
    #[schemars(example = &"EOK")]
    err: &'static str,
}

async fn look_up(call: Call) -> Result<Json<NameLookup>> {
    let name = call.query("cname").unwrap_or_default();
    crate::objects::check_name("cname", &name, crate::objects::NAME_MAX)?;
    let is_taken = call.store.read(Scope::HOUSE, |tx| tenants::is_taken(tx, &name))?;
    Ok(Json(NameLookup { err: if is_taken { "EEXISTS" } else { "EOK" } }))
}

#[derive(Serialize, JsonSchema)]
struct SupportInfo {
    /// Empty where the tenant names none.
    #[schemars(example = &"help@example.com")]
    support_email_address: String,
}

async fn show_support(call: Call) -> Result<Json<SupportInfo>> {
    let contact = call.tenant()?.settings.brand.contact.clone();
    Ok(Json(SupportInfo { support_email_address: contact.unwrap_or_default() }))
}
