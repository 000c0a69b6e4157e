//! What the settings of a tenant are about. The sentences are the comments of the structs in `identity`, which also say in the
//! OpenAPI document and on the command line what a setting does: there is no second text that could differ.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::named;
use crate::error::Result;
use crate::identity::TenantSettings;

/// A setting of a tenant, by the name that [`super::changed`] accepts.
#[derive(Debug, Clone)]
pub struct Described {
    /// The name, such as `password_policy.minimum_length`.
    pub name: String,
    /// What it is where nobody has chosen; null where there is none.
    pub default: Value,
    /// What it does.
    pub about: String,
}

/// Settings that only the operator changes, on the command line, each with the reason. Administrators of a tenant may be of
/// lower rank than some of its users, so nothing here may let them act as one.
pub const OPERATORS: [(&str, &str); 3] = [
    ("incident_agree_by_token", "a token that leaked would be the second person"),
    ("incident_approval_above", "a thief of an administrator's session would raise it before locking everyone out"),
    ("public_url", "links in mails lead there, and whoever answers at that address learns the links of all users"),
];

/// Settings that an owner of the tenant changes too, by a call of their own, each with it and the reason.
pub const OWNERS: [(&str, &str); 3] = [
    (
        "address_cool_off_hours",
        "by PUT /api/tenantry/v1/address_cool_off: within that time an owner of an account notices that it was taken over",
    ),
    (
        "audit_head_mail",
        "by PUT /api/tenantry/v1/audit/head_mail: an administrator who tampers would send the proof of it elsewhere",
    ),
    (
        "import.hashes_until",
        "by PUT /api/tenantry/v1/imports/hashes: a person who brings the hash of a password may know the password",
    ),
];

/// Every setting, in alphabetical order.
///
/// # Errors
/// `Internal` only.
pub fn described() -> Result<Vec<Described>> {
    let schemas = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator();
    let schema = schemas.into_root_schema_for::<TenantSettings>().to_value();
    let all = named(&TenantSettings::default())?.into_iter().map(|(name, default)| {
        let pointer = format!("/properties/{}/description", name.replace('.', "/properties/"));
        let about = schema.pointer(&pointer).and_then(Value::as_str).unwrap_or_default();
        // A comment is broken into lines where its source is.
        Described { name, default, about: about.split_whitespace().collect::<Vec<_>>().join(" ") }
    });
    Ok(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_says_what_it_does() {
        let all = described().unwrap();
        for setting in &all {
            assert!(setting.about.ends_with('.') && setting.about.len() > 20, "{setting:?}");
        }
        let life = all.iter().find(|setting| setting.name == "link_lifetime_minutes").unwrap();
        assert_eq!(
            (life.about.as_str(), &life.default),
            ("How long a link lives, in minutes: 10 to 1,440.", &60.into())
        );
        for (name, _) in OPERATORS.into_iter().chain(OWNERS) {
            assert!(all.iter().any(|setting| setting.name == name), "{name} is no setting any more");
        }
    }
}
