//! The closed lists of words in the public API, which generated clients know as enums. We answer with few of them; a
//! client of that API must be ready for the whole list.

use schemars::JsonSchema;
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer};

use crate::store::{FromValue, Value};

/// A closed list of our own words, for parameters that take one of them.
pub trait Word: Copy + 'static {
    /// All words, in the order in which an error lists them.
    const ALL: &'static [Self];

    /// The word as it is sent.
    fn word(self) -> &'static str;
}

/// A column holds the word.
impl<T: Word> FromValue for T {
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Text(text) = value else { return None };
        T::ALL.iter().copied().find(|known| known.word() == text)
    }
}

/// Reads a word of such a list from a member that may be absent, `null` or empty: some clients fill in every member that
/// they know.
///
/// # Errors
/// Those of the words.
pub fn optional<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(reader)?.filter(|text| !text.is_empty());
    text.map(|text| T::deserialize(text.into_deserializer())).transpose()
}

/// The kind of a user.
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

/// The kinds of user that can be created here: service users come with their credentials.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PersonType {
    /// A person.
    User,
}

/// Where the password of a user is kept.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdmType {
    /// Here.
    VolterraManaged,
    /// At a provider of single sign-on.
    Sso,
    /// Not stated, which means here.
    Undefined,
}

/// The state of an account.
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

/// The state of a tenant.
#[derive(JsonSchema)]
pub enum TenantState {
    /// Every tenant that answers.
    StateActive,
    /// Not in use here.
    StateUndefined,
    /// Not in use here.
    StateCreating,
    /// Not in use here.
    StateCreateFailed,
    /// Not in use here.
    StateInactive,
    /// Not in use here.
    StateSuspended,
    /// Not in use here.
    StateDisabled,
    /// Not in use here.
    StateConfiguring,
    /// Not in use here.
    StateConfiguringFailed,
}

/// The manager of a user's record.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SyncMode {
    /// The tenant's own administrators.
    #[schemars(rename = "SELF")]
    Own,
    /// A directory.
    Scim,
}

/// The kind of customer that a tenant is.
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

/// The kind of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CredentialType {
    /// A token of a person.
    ApiToken,
    /// Not in use here.
    ApiCertificate,
    /// Not in use here.
    KubeConfig,
    /// Not in use here.
    SiteGlobalKubeConfig,
    /// A token of a service user.
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

/// Whether one-time codes are asked for at sign-in.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OtpStatus {
    /// They are not.
    OtpDisabled,
    /// Not in use here.
    OtpEnabled,
    /// Not in use here.
    OtpProcessing,
    /// Not in use here.
    OtpProcessDisabling,
}

/// The kinds of credential that are issued here.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IssuedType {
    /// A token for programs.
    ApiToken,
}

/// The kinds of service credential that are issued here.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IssuedServiceType {
    /// A token for programs.
    ServiceApiToken,
}

/// Why a tenant is to be deleted.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeletionReason {
    /// Not stated.
    ReasonUnknown,
    /// Another plan, which there is none of here.
    ReasonSwitchToFreePlan,
    /// It is of no more use.
    ReasonNoLongerNeeded,
    /// It is not worth what it costs.
    ReasonNotJustifyCosts,
    /// It is hard to use.
    ReasonDifficultToUse,
}

impl DeletionReason {
    /// Every word.
    pub const WORDS: [&'static str; 5] = [
        "REASON_UNKNOWN",
        "REASON_SWITCH_TO_FREE_PLAN",
        "REASON_NO_LONGER_NEEDED",
        "REASON_NOT_JUSTIFY_COSTS",
        "REASON_DIFFICULT_TO_USE",
    ];
}

/// What became of the check of a registration.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegistrationVerdict {
    /// The token is that of an open invitation.
    #[schemars(rename = "ETOKEN_OK")]
    TokenOk,
    /// It is not.
    #[schemars(rename = "ETOKEN_FAILED")]
    TokenFailed,
    /// Not in use here.
    #[schemars(rename = "EUNKNOWN")]
    Unknown,
    /// Not in use here.
    #[schemars(rename = "ETOKEN_NOTFOUND")]
    TokenNotFound,
    /// Not in use here.
    #[schemars(rename = "ETOKEN_USED")]
    TokenUsed,
    /// Not in use here.
    #[schemars(rename = "ETOKEN_EXPIRED")]
    TokenExpired,
    /// Not in use here.
    #[schemars(rename = "EUSER_OK")]
    UserOk,
    /// Not in use here.
    #[schemars(rename = "EUSER_EXISTS")]
    UserExists,
    /// Not in use here.
    #[schemars(rename = "EUSER_FAILED")]
    UserFailed,
    /// Not in use here.
    #[schemars(rename = "ECONTACT_VALIDATE_OK")]
    ContactValidateOk,
    /// Not in use here.
    #[schemars(rename = "ECONTACT_EMPTY_COUNTRY")]
    ContactEmptyCountry,
    /// Not in use here.
    #[schemars(rename = "ECONTACT_EMPTY_ZIP_CODE")]
    ContactEmptyZipCode,
    /// Not in use here.
    #[schemars(rename = "ECONTACT_UNKNOWN_COUNTRY")]
    ContactUnknownCountry,
    /// Not in use here.
    #[schemars(rename = "ECONTACT_INVALID_ZIP")]
    ContactInvalidZip,
    /// Not in use here.
    #[schemars(rename = "EOK")]
    Ok,
    /// Not in use here.
    #[schemars(rename = "ENO_STATES")]
    NoStates,
    /// Not in use here.
    #[schemars(rename = "ENO_CITIES")]
    NoCities,
}

/// Which forms of an object the answer includes, by its name or by its place in the list.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum ResponseFormat {
    /// By its name.
    Name(ResponseFormatName),
    /// By its place, from 0.
    Place(#[schemars(range(max = 6))] u8),
}

/// The names of the forms.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResponseFormatName {
    /// None.
    GetRspFormatDefault,
    /// The form for creating such an object.
    GetRspFormatForCreate,
    /// The form for replacing it.
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
