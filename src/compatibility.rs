//! Which operations of the public API are served, and why the others are not: one list for the API, the command line and
//! the page about it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::contract;
use crate::error::Result;
use crate::http::{Call, Json, Operation, Permission};

/// The operations of this room.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/tenantry/v1/compatibility", Permission::Public, show)
            .id("tenantry.compatibility.list")
            .summary("List each operation of the public API, whether it is served, and why if it is not."),
    ]
}

/// Operations of the public API, with how many of them are served.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Compatibility {
    /// How many of the items are served.
    #[schemars(example = 81)]
    pub served: usize,
    /// How many of them are not.
    #[schemars(example = 169)]
    pub not_served: usize,
    /// The operations, sorted by group, path and method.
    pub items: Vec<PublicOperation>,
}

/// An operation of the public API.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PublicOperation {
    /// The group to which the public API counts it.
    #[schemars(example = &"user")]
    pub group: &'static str,
    /// The method.
    #[schemars(example = &"POST")]
    pub method: String,
    /// The path, with `{name}` for each variable part.
    #[schemars(example = &"/api/web/custom/password/admin_reset")]
    pub path: &'static str,
    /// The id.
    #[schemars(example = &"ves.io.schema.user.CustomAPI.ResetPasswordByAdmin")]
    pub id: &'static str,
    /// Whether it is served.
    pub state: ServedState,
    /// Why it is not served; empty if it is.
    #[schemars(example = &"")]
    pub reason: String,
}

/// Whether an operation is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServedState {
    /// It does what the public API does, but for what docs/compatibility.md names.
    Served,
    /// It is answered 501 by its name.
    NotServed,
}

impl ServedState {
    /// The word for it in answers and lists.
    pub fn word(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::NotServed => "not-served",
        }
    }
}

impl PublicOperation {
    /// Whether group, method, path or id contain this text, whatever its letter case.
    pub fn mentions(&self, text: &str) -> bool {
        let all = format!("{} {} {} {}", self.group, self.method, self.path, self.id);
        all.to_lowercase().contains(&text.to_lowercase())
    }
}

impl Compatibility {
    /// The operations that are wanted.
    pub fn of(is_wanted: impl Fn(&PublicOperation) -> bool) -> Self {
        let mut reasons = contract::reasons();
        let all = contract::operations().filter(|call| call.id != contract::UNSERVED_THERE_TOO);
        let described = all.map(|call| {
            let reason = reasons.remove(call.id);
            PublicOperation {
                group: group(call.id),
                method: call.method.to_string(),
                path: call.path,
                id: call.id,
                state: if reason.is_some() { ServedState::NotServed } else { ServedState::Served },
                reason: reason.unwrap_or_default(),
            }
        });
        let mut items: Vec<_> = described.filter(is_wanted).collect();
        items.sort_by(|one, next| (one.group, one.path, &one.method).cmp(&(next.group, next.path, &next.method)));
        let served = items.iter().filter(|item| item.state == ServedState::Served).count();
        Self { served, not_served: items.len() - served, items }
    }
}

/// The group of an operation: its id without what all begin with, its service and its own name.
fn group(id: &'static str) -> &'static str {
    let id = id.strip_prefix("ves.io.schema.").unwrap_or(id);
    id.rsplitn(3, '.').nth(2).unwrap_or(id)
}

async fn show(_: Call) -> Result<Json<Compatibility>> {
    Ok(Json(Compatibility::of(|_| true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_public_api_is_in_the_list_once() {
        let all = Compatibility::of(|_| true);
        assert_eq!((all.items.len(), all.served + all.not_served), (250, 250));
        for item in &all.items {
            assert_eq!(item.state == ServedState::Served, item.reason.is_empty(), "{item:?}");
            assert_eq!(serde_json::to_value(item.state).unwrap(), item.state.word());
        }
    }

    #[test]
    fn an_operation_is_found_by_each_of_its_words() {
        assert_eq!(group("ves.io.schema.user.setting.CustomAPI.Get"), "user.setting");
        let found = |text: &str| Compatibility::of(|item| item.mentions(text)).items;
        for text in ["ADMIN_reset", "post /api/web/custom/password/admin", "user.CustomAPI.ResetPasswordByAdmin"] {
            let ids: Vec<_> = found(text).iter().map(|item| item.id).collect();
            assert!(ids.contains(&"ves.io.schema.user.CustomAPI.ResetPasswordByAdmin"), "{text}: {ids:?}");
        }
        assert!(found("scim").iter().any(|item| item.group == "scim"));
        assert!(found("no such words").is_empty());
    }
}
