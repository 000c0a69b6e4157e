//! Parses a JSON body into values, once, and checks every text in it.
//!
//! Members that the operation ignores are checked too, so that the refusal depends on neither the call nor the engine.
//! A number with a whole value is a whole number, however it was written.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::text;
use crate::whole::whole;

/// Members whose text is a secret, at any depth.
pub(super) const SECRETS: [&str; 2] = ["password", "current_password"];

/// Reads a body that is one JSON object.
///
/// # Errors
/// `Invalid`, with the name of the field at fault if there is one.
pub(super) fn read(body: &[u8]) -> Result<Value> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let mut place = Place::default();
    let value = Member(&mut place).deserialize(&mut reader).map_err(|failure| explain(&place, &failure))?;
    reader.end().map_err(|_| no_object("The body has something behind its JSON object. Send one object alone."))?;
    if value.is_object() {
        return Ok(value);
    }
    Err(no_object("Field body has the wrong type: one JSON object is expected."))
}

/// The error for a body that has another structure than one JSON object.
fn no_object(sentence: impl Into<String>) -> Error {
    Error::invalid(sentence).scim_type("invalidSyntax")
}

/// The text of one member, checked.
///
/// # Errors
/// `Invalid`, with the member's full name.
pub(super) fn taken(field: &str, name: &str, value: String) -> Result<String> {
    if SECRETS.contains(&name) {
        return text::check_secret(field, &value).map(|()| value);
    }
    text::taken(field, name, value)
}

/// The position of the reader in the body.
#[derive(Default)]
struct Place(Vec<Step>);

enum Step {
    Member(String),
    Item(usize),
}

impl Place {
    /// The name of the innermost member.
    fn name(&self) -> &str {
        let member = |step: &Step| matches!(step, Step::Member(_));
        match self.0.iter().rev().find(|step| member(step)) {
            Some(Step::Member(name)) => name,
            _ => "",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("body");
        }
        self.0.iter().enumerate().try_for_each(|(nth, step)| match step {
            Step::Member(name) => write!(f, "{}{}", if nth > 0 { "." } else { "" }, text::shown(name)),
            Step::Item(nth) => write!(f, "[{nth}]"),
        })
    }
}

/// Reads one value. On failure the position stays at the value that was wrong.
struct Member<'p>(&'p mut Place);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(whole(number).map_or_else(|| number.into(), Value::from))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        taken(&self.0.to_string(), self.0.name(), value).map(Value::from).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        loop {
            self.0.0.push(Step::Item(read.len()));
            let item = items.next_element_seed(Member(&mut *self.0))?;
            self.0.0.pop();
            match item {
                Some(item) => read.push(item),
                None => return Ok(read.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            text::check(&format!("{} has a name that", self.0), &name).map_err(A::Error::custom)?;
            self.0.0.push(Step::Member(name.clone()));
            let value = members.next_value_seed(Member(&mut *self.0))?;
            if read.insert(name, value).is_some() {
                return Err(A::Error::custom(format!("Field {} is given twice.", self.0)));
            }
            self.0.0.pop();
        }
        Ok(read.into())
    }
}

fn explain(place: &Place, failure: &serde_json::Error) -> Error {
    let said = failure.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    let about_a_text = [
        ("lone leading surrogate", "holds half of a surrogate pair"),
        ("unexpected end of hex escape", "holds half of a surrogate pair"),
        ("invalid unicode code point", "is not UTF-8"),
        ("control character", "holds a control character that is not escaped"),
        ("number out of range", "is a number out of every range"),
    ];
    if said.starts_with("Field ") {
        return Error::invalid(said);
    }
    match about_a_text.iter().find(|(begin, _)| said.starts_with(begin)) {
        Some((_, what)) if !place.0.is_empty() => Error::invalid(format!("Field {place} {what}. Write it anew.")),
        _ => no_object(format!(
            "The body is not valid JSON (line {}, column {}). Send one JSON object.",
            failure.line(),
            failure.column()
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(body: &[u8]) -> String {
        read(body).map_or_else(|error| error.message, |value| panic!("{value} was taken"))
    }

    #[test]
    fn a_text_that_no_field_may_hold_is_named_wherever_it_stands() {
        for (body, field) in [
            (br#"{"email":"a\u0000b"}"#.as_slice(), "email"),
            (br#"{"unknown":"\u0001"}"#, "unknown"),
            (br#"{"metadata":{"labels":{"team":"a\u0000"}}}"#, "metadata.labels.team"),
            (br#"{"namespace_roles":[{},{"role":"ves-io-\u0085"}]}"#, "namespace_roles[1].role"),
            (br#"{"email":"\ud800"}"#, "email"),
            (br#"{"email":"\ud800x"}"#, "email"),
            (br#"{"email":"\udc00"}"#, "email"),
            (br#"{"email":"\ud800\ud800"}"#, "email"),
            (b"{\"email\":\"\xff\"}", "email"),
            (b"{\"email\":\"\xed\xa0\x80\"}", "email"),
            (b"{\"email\":\"a\x01\"}", "email"),
            (br#"{"days":1e400}"#, "days"),
            (br#"{"name":"\u202egpj"}"#, "name"),
            (br#"{"metadata":{"labels":{"\u0000":"a"}}}"#, "metadata.labels"),
            (br#"{"metadata":{"labels":{"\ud800":"a"}}}"#, "metadata.labels"),
            (br#"{"metadata":{"name":"a","name":"b"}}"#, "metadata.name"),
        ] {
            let refusal = refusal(body);
            let rest = refusal.strip_prefix("Field ").and_then(|rest| rest.strip_prefix(field));
            assert!(rest.is_some_and(|rest| rest.starts_with(' ')), "{}: {refusal}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_password_is_any_text_without_control_characters() {
        assert!(read("{\"password\":\"a\u{2028}\u{202e}b\"}".as_bytes()).is_ok());
        assert!(refusal(br#"{"password":"a\tb"}"#).starts_with("Field password holds U+0009"));
        assert!(refusal(br#"{"current_password":"\u0000"}"#).starts_with("Field current_password "));
    }

    #[test]
    fn a_whole_number_is_one_however_it_was_written() {
        let read = read(br#"{"a":10,"b":10.0,"c":1e1,"d":1.5,"e":-0.0,"f":18446744073709551615,"g":1e300}"#).unwrap();
        assert_eq!(read["b"], read["a"]);
        assert_eq!(read["c"], read["a"]);
        assert_eq!((read["d"].as_f64(), read["e"].as_i64(), read["g"].as_i64()), (Some(1.5), Some(0), None));
        assert_eq!(read["f"].as_u64(), Some(u64::MAX));
    }

    #[test]
    fn what_is_no_object_is_no_body() {
        for body in ["[]", "\"x\"", "7", "null", "[{\"a\":1}]"] {
            assert!(refusal(body.as_bytes()).starts_with("Field body "), "{body}");
        }
        for body in ["{", "{]", "", "\u{feff}{}", "{'a':1}", "{\"a\":1,}", "\0"] {
            assert!(refusal(body.as_bytes()).contains("not valid JSON"), "{body}");
        }
        assert!(refusal(b"{} {}").contains("behind its JSON object"));
        assert!(refusal(format!("{{\"a\":{}", "[".repeat(10_000)).as_bytes()).contains("not valid JSON"));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_as_it_is_or_refused(body in "[{}\\[\\]\":,a0-9.eE\\\\ud8 -]{0,40}") {
            if let Ok(value) = read(body.as_bytes()) {
                prop_assert!(serde_json::from_str::<Value>(&body).is_ok());
                prop_assert!(value.is_object());
            }
        }
    }
}
