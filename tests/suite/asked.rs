//! Every served operation of the public API, asked for something that it accepts, in the ways in which clients write
//! requests.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::contract_body::Nothing;
use crate::contract_form::{FORMS, Form};
use crate::furnished::furnished;
use crate::rig::{Answered, Rig};
use crate::sweeps::{By, Named, Row, asks, make_room, table};

/// Where the documentation of the public API puts every path.
pub const PREFIX: &str = "/api/v1/api/production/us-east-1/namespaces/default";

/// Calls that refuse members that they do not know: what a misspelt one means could open an account to another person.
pub const STRICT: [&str; 9] = [
    "ves.io.schema.signup.CustomAPI.SendPasswordEmail",
    "ves.io.schema.tenant.CustomAPI.AssignDomainOwner",
    "ves.io.schema.tenant.CustomAPI.DisableTenantLevelOTP",
    "ves.io.schema.tenant.CustomAPI.EnableTenantLevelOTP",
    "ves.io.schema.tenant.CustomAPI.UnassignDomainOwner",
    "ves.io.schema.user.CustomAPI.ResetPassword",
    "ves.io.schema.user.CustomAPI.ResetPasswordByAdmin",
    "ves.io.schema.user.CustomAPI.SendPasswordEmail",
    "ves.io.schema.user.setting.CustomAPI.ResetOtpDeviceByAdmin",
];

/// After this call the tenant answers nobody, so it is asked only in a house of its own.
const SUSPENDS: &str = "ves.io.schema.tenant.CustomAPIEywaprime.DeactivateTenant";

/// How a request is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Way {
    /// With the prefix of the documentation before its path.
    pub has_prefix: bool,
    /// How it says nothing; where nothing is told, it leaves members out.
    pub nothing: Option<Nothing>,
    /// With a member and parameters of the query that the operation does not know.
    pub has_unknown: bool,
}

/// A request with its answer.
pub struct Asked {
    /// The operation.
    pub row: Row,
    /// What was asked: the path, and the body.
    pub sent: String,
    /// The answer.
    pub answered: Answered,
}

impl Asked {
    /// Whether it answered a file: what the public API tells as a body of any type.
    pub fn is_file(&self) -> bool {
        let is_json = self.answered.header("content-type") == Some("application/json");
        form(&self.row).answers.as_deref() == Some("apiHttpBody") && !is_json
    }
}

/// The usual request of each operation, for all tests that only look at answers.
pub static USUAL: LazyLock<Vec<Asked>> = LazyLock::new(|| ask_all(Way::default()));

/// The rows of the public API.
pub fn public(rig: &Rig) -> Vec<Row> {
    table(rig).into_iter().filter(|row| row.id.starts_with("ves.io.schema.")).collect()
}

/// The form of an operation.
pub fn form(row: &Row) -> &'static Form {
    FORMS.get(&row.id).unwrap_or_else(|| panic!("{} is not in tests/contract", row.id))
}

/// Asks each operation once, and each that reads once for each form of its answer.
pub fn ask_all(way: Way) -> Vec<Asked> {
    let (rig, named, _) = furnished();
    let (reads, writes): (Vec<_>, Vec<_>) = public(&rig).into_iter().partition(|row| row.method == "GET");
    let mut asked = read_all(&rig, &named, &reads, way);
    // All houses have the same things and the same password.
    let bodies = asks(&named, &rig.sample.user_password);
    let asked_for = |row: &Row, rig: &Rig, named: &Named| write(row, rig, (named, &bodies), way);
    asked.extend(in_house(writes, asked_for, |asked| asked.answered.status == 200));
    asked
}

/// Words in the ids of operations that take something away.
const TAKING: [&str; 7] = ["Delete", "Remove", "Revoke", "Disable", "Deactivate", "Unassign", "Unset"];

/// Does the same with each of these operations in a house with one of everything, which they share as far as they leave each
/// other what they need: those that take something away come last. One that is not done there is done in a house of its own.
pub fn in_house<T>(mut rows: Vec<Row>, act: impl Fn(&Row, &Rig, &Named) -> T, is_done: impl Fn(&T) -> bool) -> Vec<T> {
    rows.sort_by_key(|row| TAKING.iter().any(|word| row.id.contains(word)));
    let (shared, names, _) = furnished();
    let do_it = |row: &Row| {
        // The allowance of an address is refilled once in six seconds.
        shared.clock.advance_seconds(6);
        let done = (row.id != SUSPENDS).then(|| act(row, &shared, &names)).filter(&is_done);
        done.unwrap_or_else(|| {
            let (own, names, _) = furnished();
            act(row, &own, &names)
        })
    };
    rows.iter().map(do_it).collect()
}

/// A valid body for each operation that writes, by its id.
type Bodies = BTreeMap<&'static str, (By, Value)>;

fn write(row: &Row, rig: &Rig, (named, bodies): (&Named, &Bodies), way: Way) -> Asked {
    make_room(rig, &row.id, named);
    let (by, body) = bodies.get(row.id.as_str()).unwrap_or_else(|| panic!("{} has no entry in asks", row.id));
    let body = written(row, body, way);
    let path = path(row, named, way);
    let authorization = rig.authorization();
    let mut headers = vec![("Content-Type", "application/json")];
    if matches!(by, By::Token) {
        headers.push(("Authorization", authorization.as_str()));
    }
    let answered = rig.send(&row.method, &path, &headers, Some(&body.to_string()));
    Asked { row: row.clone(), sent: format!("{} {path} {body}", row.method), answered }
}

/// The body in a way in which clients write it.
pub fn written(row: &Row, body: &Value, way: Way) -> Value {
    let mut body = way.nothing.map_or_else(|| body.clone(), |nothing| form(row).filled(body, nothing));
    if way.has_unknown && !STRICT.contains(&row.id.as_str()) {
        body["name:"] = json!("x");
        body["references_count"] = json!({ "many": [1, null, { "x": true }] });
    }
    body
}

fn path(row: &Row, named: &Named, way: Way) -> String {
    let path = named.fill(row);
    let path = if row.id.contains("LookupCname") { path + "?cname=some-corp" } else { path };
    let path = if way.has_prefix { format!("{PREFIX}{path}") } else { path };
    let unknown = if path.contains('?') { "&csrf=x&page_start=&namespace=team-b" } else { "?csrf=x&page_start=&empty" };
    if way.has_unknown { path + unknown } else { path }
}

/// The parameters that change the form of an answer.
fn forms(row: &Row) -> Vec<&'static str> {
    let query = &form(row).query;
    let has = |name: &str| query.iter().any(|known| known == name);
    let mut forms = vec![""];
    forms.extend(has("report_fields").then_some("report_fields="));
    if has("response_format") {
        forms.extend(["response_format=GET_RSP_FORMAT_FOR_CREATE", "response_format=GET_RSP_FORMAT_FOR_REPLACE"]);
    }
    forms
}

fn read_all(rig: &Rig, named: &Named, rows: &[Row], way: Way) -> Vec<Asked> {
    let mut asked = Vec::new();
    for row in rows {
        for form in forms(row) {
            let path = path(row, named, way);
            let path = format!("{path}{}{form}", if path.contains('?') { '&' } else { '?' });
            let answered = rig.get(&path);
            asked.push(Asked { row: row.clone(), sent: format!("GET {path}"), answered });
        }
    }
    asked
}

/// A house to which each operation may be sent.
pub struct House {
    /// The server.
    pub rig: Rig,
    /// What requests name.
    pub named: Named,
    /// The rows of the public API.
    pub rows: Vec<Row>,
    bodies: Bodies,
}

impl House {
    /// With one of everything.
    pub fn furnished() -> Self {
        let (rig, named, _) = furnished();
        Self::of(rig, named)
    }

    /// Whose requests name what there is not, so that they may be repeated.
    pub fn empty() -> Self {
        Self::of(Rig::start(), Named::nothing())
    }

    fn of(rig: Rig, named: Named) -> Self {
        let rows = public(&rig).into_iter().filter(|row| row.id != SUSPENDS).collect();
        let bodies = asks(&named, &rig.sample.user_password);
        Self { rig, named, rows, bodies }
    }

    /// The operations that read by GET.
    pub fn reads(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.method == "GET")
    }

    /// The operations with a body.
    pub fn writes(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.body.is_some())
    }

    /// A valid body.
    pub fn valid(&self, row: &Row) -> Value {
        self.bodies.get(row.id.as_str()).map_or(json!({}), |(_, body)| body.clone())
    }

    /// With these headers and no others.
    pub fn send(&self, row: &Row, headers: &[(&str, &str)], body: Option<&str>) -> Answered {
        // The allowance of an address is refilled once in six seconds.
        self.rig.clock.advance_seconds(6);
        self.rig.send(&row.method, &self.named.fill(row), headers, body)
    }

    /// As the owner.
    pub fn ask(&self, row: &Row, body: &Value) -> Answered {
        let authorization = self.rig.authorization();
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        self.send(row, &headers, Some(&body.to_string()))
    }

    /// As the owner, and comparable with the answer of another request.
    pub fn told(&self, row: &Row, body: &Value) -> (u16, String) {
        self.named.masked(&self.ask(row, body))
    }
}
