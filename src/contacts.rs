//! Contacts: to whom mail and bills of a tenant go. Nothing is sent to them; they are kept for those who read them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::ApiGroup;
use crate::error::{Error, Result};
use crate::http::{ActsIn, Operation};
use crate::objects::{self, Kind, MovingKind, empty_if_null};

const CONTACTS: Kind<Contact> = Kind {
    id: "ves.io.schema.contact",
    singular: "contact",
    plural: "contacts",
    lives_in: ActsIn::Named("namespace"),
    read: ApiGroup::GeneralRead,
    write: ApiGroup::NamespaceWrite,
    check,
};

/// The operations of this room.
pub fn operations() -> Vec<Operation> {
    objects::operations(&CONTACTS)
}

/// How contacts move with their tenant.
pub fn moving() -> MovingKind {
    CONTACTS.moving("contact.create")
}

/// The spec of a contact, in the words of the public API.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Contact {
    /// What the contact is for.
    #[serde(deserialize_with = "empty_if_null")]
    contact_type: ContactType,
    /// The first line of the address.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"12 Example Street")]
    address1: String,
    /// The second line of the address.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"Floor 3")]
    address2: String,
    /// The town.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"Springfield")]
    city: String,
    /// The county.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"Example County")]
    county: String,
    /// The state or province.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"California")]
    state: String,
    /// Its code.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"CA")]
    state_code: String,
    /// The country, by its code of two letters.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"US")]
    country: String,
    /// The postal code.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"94107")]
    zip_code: String,
    /// The telephone number.
    #[serde(deserialize_with = "empty_if_null")]
    #[schemars(example = &"+1 555 0100")]
    phone_number: String,
}

/// What a contact is for.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ContactType {
    /// Mail.
    #[default]
    Mailing,
    /// Bills.
    Billing,
    /// Payments.
    Payment,
}

/// Longest text of a contact, in bytes. The public API names no bound; this one keeps a list small, which answers all.
const TEXT_MAX: usize = 1_024;

fn check(contact: &Contact) -> Result<()> {
    let texts = [
        ("address1", &contact.address1),
        ("address2", &contact.address2),
        ("city", &contact.city),
        ("county", &contact.county),
        ("state", &contact.state),
        ("state_code", &contact.state_code),
        ("country", &contact.country),
        ("zip_code", &contact.zip_code),
        ("phone_number", &contact.phone_number),
    ];
    match texts.into_iter().find(|(_, text)| text.len() > TEXT_MAX) {
        Some((field, _)) => Err(Error::invalid(format!("Field spec.{field} is longer than {TEXT_MAX} bytes."))),
        None => Ok(()),
    }
}
