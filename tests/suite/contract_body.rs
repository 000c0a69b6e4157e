//! Bodies that the forms of the public API allow: with all that is known said, or not said in one of the ways of clients.

use serde_json::{Value, json};

use crate::contract_form::{DEPTH_MAX, Form};

/// How a client writes what it has nothing to say about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// By the zero of its kind.
    Zero,
    /// By the zero of its kind; numbers as text, and numbers that are text by their form as numbers.
    Text,
    /// By null.
    Null,
}

impl Form {
    /// A body with every member, each with a value of its kind that says something; of closed lists the word of this number.
    pub fn sample(&self, nth: usize) -> Value {
        self.asks.as_ref().map_or(json!({}), |name| self.sample_of(&json!(format!("@{name}")), nth, 0))
    }

    fn sample_of(&self, kind: &Value, nth: usize, depth: usize) -> Value {
        if let Some(inner) = kind.as_array() {
            return json!([self.sample_of(&inner[0], nth, depth)]);
        }
        match kind.as_str().unwrap() {
            "string" => json!("x"),
            "bytes" => json!("eA=="),
            "time" => json!("2026-03-04T09:15:27.004211Z"),
            "digits" => json!("1"),
            "integer" => json!(1),
            "boolean" => json!(true),
            "object" => json!({}),
            named => match self.types["words"][&named[1..]].as_array() {
                Some(words) => words[nth % words.len()].clone(),
                None if depth >= DEPTH_MAX => json!({}),
                None => {
                    let members = self.members(&named[1..]).into_iter().flatten();
                    members.map(|(name, kind)| (name.clone(), self.sample_of(kind, nth, depth + 1))).collect()
                }
            },
        }
    }

    /// A body with every member that the public API knows: what is given, and the value that says nothing for the others.
    pub fn filled(&self, given: &Value, nothing: Nothing) -> Value {
        match &self.asks {
            Some(name) => self.filled_as(name, given, nothing, 0),
            None => given.clone(),
        }
    }

    fn filled_as(&self, name: &str, given: &Value, nothing: Nothing, depth: usize) -> Value {
        let mut body = given.as_object().cloned().unwrap_or_default();
        for (member, kind) in self.members(name).into_iter().flatten() {
            let filled = match (body.get(member), kind) {
                (Some(value), kind) => self.completed(kind, value, nothing, depth),
                (None, _) if self.choice_of(name, member).is_some() => continue,
                (None, kind) => self.nothing(kind, nothing, depth),
            };
            body.insert(member.clone(), filled);
        }
        Value::Object(body)
    }

    fn completed(&self, kind: &Value, value: &Value, nothing: Nothing, depth: usize) -> Value {
        if let (Some(inner), Some(items)) = (kind.as_array(), value.as_array()) {
            return items.iter().map(|item| self.completed(&inner[0], item, nothing, depth)).collect();
        }
        let kind = kind.as_str().unwrap_or_default();
        match kind.strip_prefix('@').filter(|name| self.members(name).is_some()) {
            Some(name) if value.is_object() => self.filled_as(name, value, nothing, depth + 1),
            _ if nothing == Nothing::Text && value.is_number() => json!(value.to_string()),
            _ => value.clone(),
        }
    }

    fn nothing(&self, kind: &Value, nothing: Nothing, depth: usize) -> Value {
        let kind = match kind {
            _ if nothing == Nothing::Null => return Value::Null,
            Value::String(kind) => kind.as_str(),
            _ => return json!([]),
        };
        match kind {
            "string" | "bytes" => json!(""),
            "time" => Value::Null,
            "integer" if nothing == Nothing::Zero => json!(0),
            "digits" if nothing == Nothing::Text => json!(0),
            "integer" | "digits" => json!("0"),
            "boolean" => json!(false),
            "object" => json!({}),
            named => match self.types["words"][&named[1..]].get(0) {
                Some(first) => first.clone(),
                None if depth >= DEPTH_MAX => json!({}),
                None => self.filled_as(&named[1..], &json!({}), nothing, depth + 1),
            },
        }
    }
}

#[test]
fn what_is_not_given_is_said_in_the_way_that_is_asked_for() {
    let form = crate::contract_form::example();
    let filled = form.filled(&json!({ "count": 7, "b": {} }), Nothing::Text);
    let wanted = json!({ "text": "", "at": null, "count": "7", "large": 0, "word": "ZERO", "part": { "is": false },
                         "parts": [], "map": {}, "b": { "is": false } });
    assert_eq!(filled, wanted);
    assert_eq!(form.filled(&json!({}), Nothing::Null)["parts"], Value::Null);
}
