//! Hands the values of a body to the type that a handler takes. A type with named members is read from an object alone:
//! from the values themselves serde would also read it from an array, by the order of the members in our source.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// A value of a body.
pub(super) struct Shaped(pub(super) Value);

impl<'de> Deserializer<'de> for Shaped {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Shaped))),
            Value::Object(members) => {
                visitor.visit_map(MapDeserializer::new(members.into_iter().map(|(name, value)| (name, Shaped(value)))))
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.is_array() {
            return Err(Error::invalid_type(Unexpected::Seq, &visitor));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Shaped {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    enum Word {
        Yes,
        No,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        name: Option<String>,
        count: Option<u32>,
        word: Option<Word>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Outer {
        inner: Option<Inner>,
        list: Vec<Inner>,
        map: BTreeMap<String, Vec<i64>>,
    }

    #[test]
    fn an_object_is_not_read_from_an_array_at_any_depth() {
        for body in [
            json!([]),
            json!([null, [], {}]),
            json!({ "inner": ["a", 1, "YES"] }),
            json!({ "list": [{}, []] }),
            json!({ "list": [["a"]] }),
        ] {
            let refused = Outer::deserialize(Shaped(body.clone())).unwrap_err().to_string();
            assert!(refused.starts_with("invalid type: sequence, expected struct "), "{body}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn everything_else_is_read_as_from_the_values_themselves(
            name in prop::option::of("[a-z]{0,3}"),
            count in prop::sample::select(vec![json!(null), json!(7), json!(-1), json!("7"), json!(1.5), json!([])]),
            word in prop::sample::select(vec![json!(null), json!("YES"), json!("yes"), json!({ "YES": null }), json!(1)]),
            numbers in prop::collection::vec(any::<i64>(), 0..3),
        ) {
            let inner = json!({ "name": name, "count": count, "word": word, "other": [{}] });
            let body = json!({ "inner": inner, "list": [inner, {}], "map": { "a": numbers } });
            let (ours, plain) = (Outer::deserialize(Shaped(body.clone())), Outer::deserialize(body));
            prop_assert_eq!(ours.map_err(|error| error.to_string()), plain.map_err(|error| error.to_string()));
        }
    }
}
