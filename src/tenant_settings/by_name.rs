//! Every setting of a tenant by its name, over an operation of our own: what `tenantry tenant show` shows and `tenant set`
//! changes. What only the operator may set is shown and refused.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Changes, set};
use crate::access::ApiGroup;
use crate::error::{Error, Result};
use crate::http::{Call, Json, Operation, Permission};
use crate::identity::Tenant;
use crate::tenants::{self, Described, OPERATORS, OWNERS};

const PATH: &str = "/api/tenantry/v1/settings";

/// The rows of these calls.
pub(super) fn operations() -> [Operation; 2] {
    [
        Operation::get(PATH, Permission::Group(ApiGroup::UamAdminRead), show)
            .id("tenantry.settings.show")
            .summary("Show every setting of the tenant with its value, its default and what it does."),
        Operation::patch(PATH, Permission::Group(ApiGroup::UamAdminWrite), change)
            .id("tenantry.settings.change")
            .summary("Change settings of the tenant by their names; those that are left out stay as they are."),
    ]
}

/// Every setting.
#[derive(Serialize, JsonSchema)]
struct SettingsShown {
    settings: Vec<SettingShown>,
}

/// A setting of the tenant.
#[derive(Serialize, JsonSchema)]
struct SettingShown {
    /// The name by which it is set.
    #[schemars(example = &"link_lifetime_minutes")]
    name: String,
    /// What counts now; null where nothing is chosen and there is no default.
    #[schemars(with = "SettingValue")]
    value: Value,
    /// What counts where nothing is chosen.
    #[schemars(with = "SettingValue")]
    default: Value,
    /// What it does.
    #[schemars(example = &"How long a link lives, in minutes: 10 to 1,440.")]
    description: String,
    /// Who may change it.
    set_by: SetBy,
}

/// Who may change a setting.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SetBy {
    /// The tenant's administrators, by this operation, and the operator.
    Administrator,
    /// An owner of the tenant, by an operation of its own, and the operator.
    Owner,
    /// The operator of the server alone, by `tenantry tenant set`.
    Operator,
}

impl SetBy {
    /// Of this setting.
    fn of(name: &str) -> Self {
        let is_of = |(reserved, _): &(&str, &str)| *reserved == name;
        match (OPERATORS.iter().any(is_of), OWNERS.iter().any(is_of)) {
            (true, _) => Self::Operator,
            (_, true) => Self::Owner,
            _ => Self::Administrator,
        }
    }
}

/// A text, a number, or true or false.
struct SettingValue;

impl JsonSchema for SettingValue {
    fn schema_name() -> Cow<'static, str> {
        "SettingValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer", "boolean", "null"] })
    }
}

async fn show(call: Call) -> Result<Json<SettingsShown>> {
    shown(call.tenant()?)
}

fn shown(tenant: &Tenant) -> Result<Json<SettingsShown>> {
    let values = tenants::named(&tenant.settings)?;
    let settings = tenants::described()?.into_iter().zip(values).map(|(setting, (_, value))| {
        let set_by = SetBy::of(&setting.name);
        let Described { name, default, about } = setting;
        SettingShown { name, value, default, description: about, set_by }
    });
    Ok(Json(SettingsShown { settings: settings.collect() }))
}

/// Why this operation does not set it, if that is so.
fn refusal(name: &str) -> Option<String> {
    let of = |reserved: &[(&str, &'static str)]| {
        reserved.iter().find(|(reserved, _)| *reserved == name).map(|(_, reason)| *reason)
    };
    let by_operator = of(&OPERATORS).map(|reason| {
        format!("Only the operator of this server sets {name}, by `tenantry tenant set`: {reason}. Leave it out.")
    });
    by_operator.or_else(|| Some(format!("Only an owner of the tenant sets {name}, {}. Leave it out.", of(&OWNERS)?)))
}

/// The settings to change, each by its name. Null leaves one as it is; an empty text brings its default back.
#[derive(Deserialize)]
struct SettingsAsk(Map<String, Value>);

impl JsonSchema for SettingsAsk {
    fn schema_name() -> Cow<'static, str> {
        "SettingsAsk".into()
    }

    /// A member for each setting that administrators may change.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let all = tenants::described().unwrap_or_default().into_iter();
        let members = all.filter(|setting| refusal(&setting.name).is_none()).map(|setting| {
            let kind = match setting.default {
                Value::Bool(_) => "boolean",
                Value::Number(_) => "integer",
                _ => "string",
            };
            let mut member = json!({ "type": [kind, "string", "null"], "description": setting.about });
            if kind == "string" {
                member["type"] = json!(["string", "null"]);
            }
            if setting.name == "link_lifetime_minutes" {
                member["examples"] = json!([120]);
            }
            (setting.name, member)
        });
        let properties: Map<String, Value> = members.collect();
        json_schema!({
            "type": "object",
            "description": "The settings to change, each by its name. Null leaves one as it is; an empty text brings its \
                            default back.",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

impl SettingsAsk {
    fn changes(self) -> Result<Changes> {
        let given = self.0.into_iter().filter(|(_, value)| !value.is_null());
        given.map(|(name, value)| change_of(name, value)).collect()
    }
}

fn change_of(name: String, value: Value) -> Result<(String, String)> {
    match refusal(&name) {
        Some(refusal) => Err(Error::forbidden(refusal)),
        None => tenants::change_of(name, value),
    }
}

async fn change(call: Call, ask: SettingsAsk) -> Result<Json<SettingsShown>> {
    let changes = ask.changes()?;
    let tenant = set(&call, changes).await?;
    shown(&tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(asked: Value) -> Result<Changes> {
        serde_json::from_value::<SettingsAsk>(asked).unwrap().changes()
    }

    #[test]
    fn a_value_comes_in_its_own_kind_or_as_text() {
        let asked = json!({ "a": 10.0, "b": "10", "c": true, "d": "", "e": null });
        let wanted = [("a", "10"), ("b", "10"), ("c", "true"), ("d", "")];
        assert_eq!(changes(asked).unwrap(), wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_no_value_or_not_for_administrators_is_refused_by_name() {
        for (asked, part) in [
            (json!({ "a": 1.5 }), "a must be a whole number"),
            (json!({ "display_name": false }), "display_name must be a text"),
            (json!({ "password_policy": { "digits": 1 } }), "password_policy must be a text"),
            (json!({ "public_url": "https://id.example.com" }), "Only the operator of this server sets public_url"),
            (json!({ "address_cool_off_hours": 0 }), "Only an owner of the tenant sets address_cool_off_hours, by PUT"),
        ] {
            assert!(changes(asked).unwrap_err().message.contains(part), "{part}");
        }
    }
}
