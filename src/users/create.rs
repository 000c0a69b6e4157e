//! A new user.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::access::Grant;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::people::{self, NewUser, SignInBy, User, check_name};
use crate::random::Random;
use crate::reset::{self, Invitation};
use crate::store::Tx;
use crate::terms::{IdmType, PersonType};
use crate::{giving, groups};

/// What can be said of a user, when they are made and when they are replaced.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UserAsk {
    /// The address; the only member that a new user needs.
    #[schemars(example = &"jane@example.com")]
    pub email: Option<String>,
    /// The first name.
    #[schemars(example = &"Jane")]
    pub first_name: Option<String>,
    /// The last name.
    #[schemars(example = &"Roe")]
    pub last_name: Option<String>,
    /// `USER`.
    #[schemars(with = "Option<PersonType>", example = &"USER")]
    pub r#type: Option<String>,
    /// `VOLTERRA_MANAGED` (a password here) or `SSO`.
    #[schemars(with = "Option<IdmType>", example = &"VOLTERRA_MANAGED")]
    pub idm_type: Option<String>,
    /// Roles in namespaces: absent leaves them as they are, `[]` takes all away.
    #[schemars(example = vec![Grant::new("default", "ves-io-monitor-role")])]
    pub namespace_roles: Option<Vec<Grant>>,
    /// User groups: absent leaves them as they are, `[]` takes the user out of all.
    #[schemars(example = ["ops"])]
    pub group_names: Option<Vec<String>>,
}

/// The same where no path names the user, so that the body must.
#[derive(Deserialize)]
pub struct AddressedAsk(pub UserAsk);

impl JsonSchema for AddressedAsk {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AddressedUserAsk".into()
    }

    fn json_schema(schemas: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = UserAsk::json_schema(schemas);
        schema.insert("required".into(), vec!["email"].into());
        schema
    }
}

impl UserAsk {
    /// Whom it is about.
    ///
    /// # Errors
    /// `Invalid`.
    pub fn address(&self) -> Result<Email> {
        read_address("email", self.email.as_deref())
    }
}

/// Reads an address, with the sentence of the public service when there is none.
pub(super) fn read_address(field: &str, email: Option<&str>) -> Result<Email> {
    match email.unwrap_or_default() {
        "" => Err(Error::invalid(format!("Field {field} should be not empty in request."))),
        email => Email::parse(email),
    }
}

/// Reads the words of a person: which kind, and how they sign in.
pub(super) fn read_words(ask: &UserAsk) -> Result<SignInBy> {
    if !matches!(ask.r#type.as_deref(), None | Some("" | "USER")) {
        return Err(Error::invalid("Field type must be USER: service users come with their credentials."));
    }
    match ask.idm_type.as_deref() {
        None | Some("" | "UNDEFINED" | "VOLTERRA_MANAGED") => Ok(SignInBy::Password),
        Some("SSO") => Ok(SignInBy::SingleSignOn),
        Some(_) => Err(Error::invalid("Field idm_type must be VOLTERRA_MANAGED or SSO.")),
    }
}

/// Reads what was asked and draws the numbers of the new user.
///
/// # Errors
/// `Invalid`, by the name of the field.
pub fn draw(ask: &UserAsk, random: &Random, act: &Act) -> Result<NewUser> {
    let (email, sign_in_by) = (ask.address()?, read_words(ask)?);
    Ok(NewUser {
        first_name: check_name("first_name", ask.first_name.as_deref())?,
        last_name: check_name("last_name", ask.last_name.as_deref())?,
        sign_in_by,
        grants: ask.namespace_roles.clone().unwrap_or_default(),
        ..NewUser::person(email, random, act.now)
    })
}

/// What the first link of a new user, or of a new owner, is made from.
#[derive(Debug, Clone, Copy)]
pub struct FirstLink {
    reset: Uuid,
    mail: Uuid,
    key: i64,
}

impl FirstLink {
    /// Draws the ids of its reset and its mail.
    pub fn draw(keys: &Keys, random: &Random, act: &Act) -> Self {
        Self { reset: random.uuid(act.now), mail: random.uuid(act.now), key: keys.current() }
    }

    /// What the room of resets needs of it.
    pub(super) fn invitation<'a>(&self, act: &'a Act) -> Invitation<'a> {
        let Self { reset: id, mail, key } = *self;
        Invitation { tenant: &act.tenant, actor: &act.actor, id, mail, key, now: act.now }
    }
}

/// Makes the user. One with a password here is invited in the same transaction, so that there is never
/// a user who waits for a mail that nobody will send.
///
/// # Errors
/// `Duplicate` when the address is in use; those of the grants.
pub fn create(tx: &mut Tx<'_>, new: &NewUser, user_groups: &[String], link: &FirstLink, act: &Act) -> Result<User> {
    // First, since a repeat must hear that the user is there, whatever else it would be refused for.
    if people::find_by_email(tx, act.tenant.id, &new.email)?.is_some() {
        return Err(people::email_taken(&new.email));
    }
    let new = NewUser { grants: giving::check(tx, act, &new.grants, &[])?, ..new.clone() };
    people::insert(tx, act.tenant.id, &new, &act.actor.name, act.now)?;
    people::hand_over(tx, act.tenant.id, new.id, &new.email)?;
    let user = people::get_by_email(tx, act.tenant.id, &new.email)?;
    groups::join(tx, act, &user, user_groups)?;
    if new.needs_link() {
        reset::invite(tx, &new, &link.invitation(act))?;
    }
    let facts = json!({
        "idm_type": new.sign_in_by.word(),
        "namespace_roles": new.grants,
        "group_names": user_groups,
    });
    act.record(tx, "user.create", new.email.as_str(), facts)?;
    people::get_by_email(tx, act.tenant.id, &new.email)
}
