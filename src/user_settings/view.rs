//! How a user wants to see things. No page of this server looks at it: it is kept for the clients that show them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{person, rows};
use crate::act::Act;
use crate::error::Result;
use crate::objects::empty_if_null;
use crate::store::Tx;

/// How a user wants to see things. What is absent is off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct View {
    /// All fields, or the usual ones only.
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) advanced_view: bool,
    /// For which work.
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) persona_preferences: Personas,
}

/// The kinds of work that a user does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Personas {
    /// Bills.
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) billing: bool,
    /// Deployments.
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) dev_ops: bool,
    /// Software.
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) developer: bool,
    /// All of it.
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) master: bool,
    /// Networks.
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) net_ops: bool,
    /// Security.
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) sec_ops: bool,
}

/// Sets all of it anew.
///
/// # Errors
/// Those of [`person::calling`].
pub(super) fn set(tx: &mut Tx<'_>, act: &Act, view: &View) -> Result<()> {
    let user = person::calling(tx, act)?;
    rows::keep_view(tx, act.tenant.id, user.id, view)?;
    act.record(tx, "settings.view", &user.email, json!({ "view": view }))
}
