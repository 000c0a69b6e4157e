//! The closed lists of words that the public API has, for the document: generated clients know them as enums. We answer
//! with few of them; the whole list is what a client of that API must be ready for.

use schemars::JsonSchema;

/// A closed list of words of ours, which a parameter may be.
pub trait Word: Copy + 'static {
    /// All of them, in the order in which people are told of them.
    const ALL: &'static [Self];

    /// This one, as it is sent.
    fn word(self) -> &'static str;
}

/// What someone is.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserType {
    /// A person.
    User,
    /// A program.
    Service,
    /// Not in use here.
    Debug,
}

/// What someone can be made here: service users come with their credentials.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PersonType {
    /// A person.
    User,
}

/// Where someone's password is.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdmType {
    /// Here.
    VolterraManaged,
    /// At a provider of single sign-on.
    Sso,
    /// Unsaid, which is here.
    Undefined,
}

/// Where an account stands.
#[derive(JsonSchema)]
pub enum AccountState {
    /// It can be used.
    StateActive,
    /// It is locked.
    StateDisabled,
    /// Not in use here.
    StateUndefined,
    /// Not in use here.
    StateCreating,
    /// Not in use here.
    StateCreateFailed,
}

/// Who keeps the user up to date.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SyncMode {
    /// The tenant's own administrators.
    #[schemars(rename = "SELF")]
    Own,
    /// A directory.
    Scim,
}

/// What kind of customer a tenant is.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TenantType {
    /// Every tenant here.
    Enterprise,
    /// Not in use here.
    Freemium,
    /// Not in use here.
    Unknown,
}

/// How the caller came to this tenant.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccessType {
    /// As one of its users.
    DirectAccess,
    /// Not in use here.
    MspAccess,
    /// Not in use here.
    DelegatedAccess,
    /// Not in use here.
    SupportAccess,
    /// Not in use here.
    UnknownAccess,
}

/// The plan of a tenant.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlanType {
    /// Every tenant here.
    Organization,
    /// Not in use here.
    Team,
    /// Not in use here.
    Individual,
    /// Not in use here.
    Free,
    /// Not in use here.
    PlanTypeUnspecified,
}

/// Where a tenant was made.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SignupOrigin {
    /// Every tenant here.
    #[schemars(rename = "ORIGIN_F5XC")]
    OriginF5xc,
    /// Not in use here.
    OriginAws,
    /// Not in use here.
    OriginAsb,
    /// Not in use here.
    OriginUnknown,
}

/// What a credential is.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CredentialType {
    /// The only one that is issued here.
    ApiToken,
    /// Not in use here.
    ApiCertificate,
    /// Not in use here.
    KubeConfig,
    /// Not in use here.
    SiteGlobalKubeConfig,
    /// Not in use here.
    ServiceApiToken,
    /// Not in use here.
    ServiceApiCertificate,
    /// Not in use here.
    ServiceKubeConfig,
    /// Not in use here.
    ServiceSiteGlobalKubeConfig,
    /// Not in use here.
    ScimApiToken,
}

/// What is issued here.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IssuedType {
    /// A token for programs.
    ApiToken,
}

/// Which forms of an object to answer beside it.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResponseFormat {
    /// None.
    GetRspFormatDefault,
    /// The one to make such an object.
    GetRspFormatForCreate,
    /// The one to replace it.
    GetRspFormatForReplace,
    /// None.
    GetRspFormatStatus,
    /// None.
    GetRspFormatRead,
    /// None.
    GetRspFormatReferringObjects,
    /// None.
    GetRspFormatBrokenReferences,
}
