//! Tenants, users and callers as plain values. No SQL, no HTTP.

mod caller;
mod password_policy;
mod settings;
mod tenant;

pub use caller::{Actor, Bearer, Caller, Presumed, Proof, UserId};
pub use password_policy::PasswordPolicy;
pub use settings::{
    BrandSettings, CredentialSettings, ImportSettings, InactiveUsersSettings, MailSettings, REMOVED_LATER_DAYS,
    ResetSettings, SessionSettings, SignInSettings, TenantSettings, TermsSettings,
};
pub use tenant::{Tenant, TenantId};
