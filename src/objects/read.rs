//! How members of requests are read that real clients write in several ways.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::whole::{parse_whole, whole};

/// A whole number, which real clients also send as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let wrong =
            || serde::de::Error::invalid_type(serde::de::Unexpected::Other("something else"), &"a whole number");
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            serde_json::Value::String(text) if text.is_empty() => Some(0),
            serde_json::Value::String(text) => parse_whole(&text),
            _ => None,
        }
        .map(Self)
        .ok_or_else(wrong)
    }
}

impl JsonSchema for Whole {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Whole".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["integer", "string"], "format": "int64", "examples": [30] })
    }
}

/// Reads a member for which clients send `null` where they mean that it is absent.
///
/// # Errors
/// Those of the type.
pub fn empty_if_null<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> std::result::Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_may_come_as_text() {
        assert_eq!(serde_json::from_str::<Whole>("10").unwrap(), Whole(10));
        for ten in ["\"10\"", "10.0", "1e1", "\"10.0\"", "\"1e1\""] {
            assert_eq!(serde_json::from_str::<Whole>(ten).unwrap(), Whole(10), "{ten}");
        }
        assert_eq!(serde_json::from_str::<Whole>("\"\"").unwrap(), Whole(0));
        for bad in ["1.5", "\"ten\"", "[]", "true", "1e30", "18446744073709551615", "\"1.5\""] {
            assert!(serde_json::from_str::<Whole>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_number_reads_alike_as_text(number: i64) {
            let text = format!("\"{number}\"");
            prop_assert_eq!(serde_json::from_str::<Whole>(&text).unwrap(), Whole(number));
        }
    }
}
