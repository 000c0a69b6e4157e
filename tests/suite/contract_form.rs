//! The forms of the public API's requests and answers: `tests/contract`, which `tools/contract_forms.py` makes and explains.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};
use tenantry::clock::Timestamp;

use crate::schema::resolved;

/// The form of each operation, by its id.
pub static FORMS: LazyLock<BTreeMap<String, Form>> = LazyLock::new(read_all);

/// What an operation asks and answers.
pub struct Form {
    /// The parameters of the query.
    pub query: Vec<String>,
    /// The name of the type of the request.
    pub asks: Option<String>,
    /// The name of the type of the answer. Where the public API tells none, it answers an empty object.
    pub answers: Option<String>,
    /// The types of its group.
    pub types: Arc<Value>,
}

/// What a value has that its form has not, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The type and the member.
    pub place: String,
    /// In a word, or with the value that is wrong.
    pub what: String,
}

/// Longer than `metadata` of an item of a list; types that hold themselves end here.
pub const DEPTH_MAX: usize = 8;

fn read_all() -> BTreeMap<String, Form> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let mut forms = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let types: Arc<Value> = Arc::new(serde_json::from_str(&text).unwrap());
        for (id, told) in types["operations"].as_object().unwrap() {
            let name = |side: &str| told[side].as_str().map(String::from);
            let query = told["query"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().into()).collect();
            let (asks, answers, types) = (name("asks"), name("answers"), Arc::clone(&types));
            forms.insert(id.clone(), Form { query, asks, answers, types });
        }
    }
    forms
}

impl Form {
    /// The members of a type with their kinds; none if there is no such type.
    pub fn members(&self, name: &str) -> Option<&Map<String, Value>> {
        self.types["types"][name].as_object()
    }

    /// The members of which this one is a choice, itself among them.
    pub fn choice_of(&self, name: &str, member: &str) -> Option<&Vec<Value>> {
        let mut choices = self.types["choices"][name].as_array()?.iter().filter_map(Value::as_array);
        choices.find(|choice| choice.iter().any(|one| one == member))
    }

    /// What is wrong with an answer.
    pub fn faults_of_answer(&self, answer: &Value) -> Vec<Fault> {
        match &self.answers {
            Some(name) if answer.is_object() => self.faults_within(name, answer),
            None if *answer == json!({}) => Vec::new(),
            name => vec![Fault { place: name.clone().unwrap_or_default(), what: format!("is {answer}") }],
        }
    }

    /// The members of this type that are lists.
    pub fn lists_of_answer(&self) -> Vec<&str> {
        let members = self.answers.as_ref().and_then(|name| self.members(name));
        members.into_iter().flatten().filter(|(_, kind)| kind.is_array()).map(|(name, _)| name.as_str()).collect()
    }

    /// The members of the request that are numbers.
    pub fn numbers_asked(&self) -> Vec<&str> {
        let members = self.asks.as_ref().and_then(|name| self.members(name));
        let numbers = members.into_iter().flatten().filter(|(_, kind)| *kind == "integer" || *kind == "digits");
        numbers.map(|(name, _)| name.as_str()).collect()
    }

    fn faults_within(&self, name: &str, value: &Value) -> Vec<Fault> {
        let Some(members) = self.members(name) else { return Vec::new() };
        let Some(given) = value.as_object() else { return Vec::new() };
        let place = |member: &str| format!("{name}.{member}");
        let mut faults = Vec::new();
        for (member, kind) in members {
            match given.get(member) {
                Some(value) => faults.extend(self.judge(kind, value, &place(member))),
                None if self.choice_of(name, member).is_some() => {}
                None => faults.push(Fault { place: place(member), what: "is absent".into() }),
            }
        }
        let ours = given.keys().filter(|member| !members.contains_key(*member));
        faults.extend(ours.map(|member| Fault { place: place(member), what: "is ours".into() }));
        faults
    }

    fn judge(&self, kind: &Value, value: &Value, place: &str) -> Vec<Fault> {
        if let Some(inner) = kind.as_array() {
            let Some(items) = value.as_array() else {
                return vec![Fault { place: place.into(), what: format!("is no list: {value}") }];
            };
            return items.iter().flat_map(|item| self.judge(&inner[0], item, place)).collect();
        }
        let kind = kind.as_str().unwrap();
        match kind.strip_prefix('@').filter(|name| self.members(name).is_some()) {
            Some(name) if value.is_object() => self.faults_within(name, value),
            _ if self.is_of(kind, value) => Vec::new(),
            _ => vec![Fault { place: place.into(), what: format!("is no {kind}: {value}") }],
        }
    }

    fn is_of(&self, kind: &str, value: &Value) -> bool {
        match kind {
            "string" | "bytes" => value.is_string(),
            "time" => value.is_null() || value.as_str().is_some_and(is_moment),
            "digits" => value.as_str().is_some_and(|text| text.parse::<i128>().is_ok()),
            "integer" => value.is_i64() || value.is_u64(),
            "boolean" => value.is_boolean(),
            "object" => value.is_object(),
            named => match self.types["words"][&named[1..]].as_array() {
                Some(words) => words.contains(value),
                // A part of which nothing is known is null.
                None => value.is_null(),
            },
        }
    }

    /// The members of the answer whose closed list is another one in this document, which tells of it by this schema.
    pub fn other_words(&self, document: &Value, schema: &Value) -> Vec<Fault> {
        self.answers.as_ref().map_or_else(Vec::new, |name| self.other_words_within(name, document, schema, 0))
    }

    fn other_words_within(&self, name: &str, document: &Value, schema: &Value, depth: usize) -> Vec<Fault> {
        let schema = told(document, schema);
        let mut faults = Vec::new();
        for (member, kind) in self.members(name).into_iter().flatten() {
            let (mut kind, mut schema) = (kind, told(document, &schema["properties"][member]));
            while let Some(inner) = kind.as_array() {
                (kind, schema) = (&inner[0], told(document, &schema["items"]));
            }
            let Some(inner) = kind.as_str().and_then(|kind| kind.strip_prefix('@')).filter(|_| !schema.is_null())
            else {
                continue;
            };
            let sorted = |words: &Value| words.as_array().into_iter().flatten().map(Value::to_string).collect();
            let (known, ours): (BTreeSet<_>, BTreeSet<_>) =
                (sorted(&self.types["words"][inner]), sorted(&schema["enum"]));
            if known != ours {
                faults.push(Fault { place: format!("{name}.{member}"), what: format!("{ours:?} for {known:?}") });
            } else if depth < DEPTH_MAX {
                faults.extend(self.other_words_within(inner, document, &schema, depth + 1));
            }
        }
        faults
    }
}

/// A schema without what says that null may stand in its place.
fn told(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    let mut choices = schema["anyOf"].as_array().into_iter().flatten();
    let choice = choices.find(|choice| choice["type"] != "null");
    choice.map_or_else(|| schema.clone(), |choice| resolved(document, choice))
}

/// Whether it is a moment in UTC with six digits behind the second.
pub fn is_moment(text: &str) -> bool {
    text.len() == "2026-03-04T09:15:27.000000Z".len() && text.ends_with('Z') && Timestamp::parse(text).is_some()
}

/// A form with a member of each kind, for tests of what is made of it.
pub fn example() -> Form {
    let types = json!({
        "types": {
            "Thing": { "text": "string", "at": "time", "count": "integer", "large": "digits", "word": "@Word",
                       "part": "@Part", "parts": ["@Part"], "map": "object", "a": "@Part", "b": "@Part" },
            "Part": { "is": "boolean" }
        },
        "words": { "Word": ["ZERO", "ONE"] },
        "choices": { "Thing": [["a", "b"]] },
    });
    let name = Some("Thing".to_string());
    Form { query: Vec::new(), asks: name.clone(), answers: name, types: Arc::new(types) }
}

#[test]
fn what_does_not_have_its_form_is_found() {
    let form = example();
    let good = json!({ "text": "", "at": "2026-03-04T09:15:27.000000Z", "count": 1, "large": "1", "word": "ONE",
                       "part": null, "parts": [{ "is": true }], "map": {}, "a": { "is": false } });
    assert_eq!(form.faults_of_answer(&good), Vec::new());
    for (member, bad) in [
        ("text", json!(null)),
        ("at", json!("2026-03-04T09:15:27.000Z")),
        ("at", json!("")),
        ("count", json!("1")),
        ("large", json!(1)),
        ("word", json!("")),
        ("part", json!([])),
        ("parts", json!(null)),
        ("parts", json!([null, 7])),
        ("map", json!(null)),
        ("other", json!(1)),
        ("a", json!({})),
    ] {
        let mut value = good.clone();
        value[member] = bad;
        assert!(!form.faults_of_answer(&value).is_empty(), "{value}");
    }
}
