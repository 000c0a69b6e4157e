//! The identities of Ory Kratos: what its admin API lists with `include_credential=password`, or what it imports.

use super::codes::Code;
use super::draft::{Brought, Draft};
use super::encoding::File;
use super::json::Step;
use super::lists::{Lists, Shape};
use super::members::Members;
use super::options::Options;
use super::record::{FileTold, Key, Reason, State, Told};
use crate::passwords::foreign::Dialect;

/// What says nothing of the person.
const SILENT: [&str; 9] = [
    "schema_id",
    "schema_url",
    "state_changed_at",
    "created_at",
    "updated_at",
    "recovery_addresses",
    "organization_id",
    "available_aal",
    "region",
];
/// Credentials that are second factors, or stand in for one.
const FACTORS: [&str; 5] = ["totp", "lookup_secret", "webauthn", "passkey", "code"];

const SHAPE: Shape = Shape {
    source: "kratos",
    email: "traits.email",
    paths: &[&[Step::Each], &[Step::Member("identities"), Step::Each, Step::Member("create")]],
    sure: "traits",
    fill,
};

/// Opens the files.
///
/// # Errors
/// As [`Lists::open`].
pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Lists, FileTold> {
    Lists::open(&SHAPE, files, options)
}

fn fill(_: usize, draft: &mut Draft, mut identity: Members) -> Result<(), Reason> {
    draft.keys = identity.text("id")?.map(|id| Key::new("kratos", None, id)).into_iter().collect();
    let mut traits = identity.object("traits")?.unwrap_or_default();
    address(draft, &mut traits, &mut identity)?;
    names(draft, &mut traits)?;
    draft.username = traits.text("username")?;
    draft.created_at = identity.moment("created_at")?;
    match identity.text("state")?.as_deref() {
        None | Some("active") => {}
        Some("inactive") => draft.state = State::Disabled,
        Some(_) => return Err(Reason::field(Code::Shape, "state").because("it must be active or inactive")),
    }
    if let Some(credentials) = identity.object("credentials")? {
        self::credentials(draft, credentials)?;
    }
    identity.forget(&SILENT);
    draft.dropped.extend(identity.left());
    draft.dropped.extend(traits.left());
    Ok(())
}

/// The address of the traits, else the first that can be verified.
fn address(draft: &mut Draft, traits: &mut Members, identity: &mut Members) -> Result<(), Reason> {
    let (email, other) = (traits.text("email")?, traits.text("mail")?);
    let mut verifiable = Vec::new();
    for mut one in identity.objects("verifiable_addresses")? {
        if one.text("via")?.is_none_or(|via| via == "email") {
            verifiable.push((one.text("value")?.unwrap_or_default(), one.flag("verified")?));
        }
    }
    let first = || verifiable.first().map(|(value, _)| value.clone());
    draft.email = email.or_else(first).or(other).unwrap_or_default();
    let is_same = |value: &str| value.eq_ignore_ascii_case(&draft.email);
    draft.verified = verifiable.iter().find(|(value, _)| is_same(value)).and_then(|(_, verified)| *verified);
    Ok(())
}

fn names(draft: &mut Draft, traits: &mut Members) -> Result<(), Reason> {
    let mut either = |names: [&str; 2]| -> Result<String, Reason> {
        let (one, other) = (traits.text(names[0])?, traits.text(names[1])?);
        Ok(one.or(other).unwrap_or_default())
    };
    draft.first_name = ("traits.given_name", either(["given_name", "first_name"])?);
    draft.last_name = ("traits.family_name", either(["family_name", "last_name"])?);
    match traits.any("name") {
        None => {}
        Some(serde_json::Value::String(name)) => {
            draft.name = Some(("traits.name", name)).filter(|_| !draft.has_names());
        }
        Some(value) => {
            let mut name = Members::of(value, "traits.name")?;
            draft.first_name = ("traits.name.first", name.text("first")?.unwrap_or_default());
            draft.last_name = ("traits.name.last", name.text("last")?.unwrap_or_default());
        }
    }
    Ok(())
}

fn credentials(draft: &mut Draft, mut credentials: Members) -> Result<(), Reason> {
    if let Some(mut password) = credentials.object("password")?
        && let Some(mut config) = password.object("config")?
    {
        let field = config.name("hashed_password");
        let (hash, plain) = (config.text("hashed_password")?, config.text("password")?);
        draft.password = match (hash.filter(|hash| !hash.is_empty()), plain) {
            (Some(text), _) => Brought::Text { field, text, dialect: Dialect::Kratos },
            (None, Some(_)) => return Err(Reason::field(Code::PasswordPlain, config.name("password"))),
            (None, None) => Brought::Nothing,
        };
    }
    for name in ["oidc", "saml"] {
        if let Some(mut sign_on) = credentials.object(name)? {
            draft.identity = Some(provider(&mut sign_on)?);
        }
    }
    for factor in FACTORS {
        if credentials.any(factor).is_some() {
            draft.told.push(Told::field(Code::SecondFactorDropped, credentials.name(factor)));
        }
    }
    draft.dropped.extend(credentials.left());
    Ok(())
}

/// Provider and id: of the list that is imported, or of the texts `provider:id` that are listed.
fn provider(sign_on: &mut Members) -> Result<(String, String), Reason> {
    if let Some(mut config) = sign_on.object("config")?
        && let Some(mut first) = config.objects("providers")?.into_iter().next()
    {
        return Ok((first.text("provider")?.unwrap_or_default(), first.text("subject")?.unwrap_or_default()));
    }
    let first = sign_on.texts("identifiers")?.into_iter().next().unwrap_or_default();
    let (provider, subject) = first.split_once(':').unwrap_or((&first, ""));
    Ok((provider.into(), subject.into()))
}
