//! Creates a token for its own user.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{CredentialKind, NewCredential, Token, expiry, insert, issued, narrowed};
use crate::access::Narrowing;
use crate::act::Act;
use crate::error::Result;
use crate::objects::{self, Whole};
use crate::random::Random;
use crate::store::Tx;
use crate::terms::IssuedType;

/// Random letters added to the name.
pub(super) const SUFFIX: usize = 8;

/// The body of the request.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["name", "spec"]))]
pub struct CredentialAsk {
    /// The name, to which random letters are added.
    #[schemars(example = &"ci-robot")]
    pub name: Option<String>,
    /// The life in days; 30 if absent or 0.
    #[schemars(example = 30)]
    pub expiration_days: Option<Whole>,
    /// The kind of credential.
    pub spec: Option<CredentialSpec>,
    /// What the token may do at most, beneath what its user may; absent for all of that.
    pub narrowed_to: Option<Narrowing>,
}

/// The kind of credential.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["type"]))]
pub struct CredentialSpec {
    /// `API_TOKEN`.
    #[schemars(with = "IssuedType")]
    pub r#type: Option<String>,
}

/// Checks the request and draws the name, the id and the secret.
///
/// # Errors
/// `Invalid`, with the name of the field; `NotImplemented` for certificates and other kinds.
pub fn draw(ask: &CredentialAsk, random: &Random, act: &Act) -> Result<(NewCredential, Token)> {
    let name = ask.name.as_deref().unwrap_or_default();
    objects::check_name("name", name, objects::NAME_MAX - SUFFIX - 1)?;
    let kind = ask.spec.as_ref().and_then(|spec| spec.r#type.as_deref()).unwrap_or_default();
    issued::check("spec.type", kind, CredentialKind::Token)?;
    // In this API an unset number is sent as 0.
    let days = ask.expiration_days.map(|days| days.0).filter(|days| *days != 0);
    let narrowed_to = narrowed::read(ask.narrowed_to.as_ref())?;
    let token = Token::draw_for(narrowed_to.as_ref(), random);
    let new = NewCredential {
        name: format!("{name}-{}", random.letters(SUFFIX)),
        uid: random.uuid(act.now),
        kind: CredentialKind::Token,
        user: act.caller.user,
        secret_hash: token.hash(),
        expires_at: expiry(days, &act.tenant.settings.credential, act.now)?,
        narrowed_to,
    };
    Ok((new, token))
}

/// Stores the new credential, with only the hash of its secret.
///
/// # Errors
/// `Invalid` where it is narrowed to a namespace that does not exist, `Forbidden` where it is wider than the token of the call.
pub fn create(tx: &mut Tx<'_>, new: &NewCredential, act: &Act) -> Result<()> {
    narrowed::check(tx, new.narrowed_to.as_ref(), act)?;
    insert(tx, act.tenant.id, new, &act.actor.name, act.now)?;
    let mut facts = json!({ "type": new.kind.word(), "expires_at": new.expires_at });
    if let Some(narrowing) = &new.narrowed_to {
        facts["narrowed_to"] = json!(narrowing);
    }
    act.record(tx, "credential.create", &new.name, facts)
}
