//! The filter over labels: `k`, `!k`, `k=v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`; a comma means and
//! (the selectors of Kubernetes, which the public API takes over).

use super::Words;
use crate::error::{Error, Result};

/// Longest filter, in bytes.
const LENGTH_MAX: usize = 1024;

/// A filter that was understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Condition>);

#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Has(String),
    Lacks(String),
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
}

impl Filter {
    /// Reads a filter; an empty one lets everything through.
    ///
    /// # Errors
    /// `Invalid` when it cannot be understood.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > LENGTH_MAX {
            return Err(wrong());
        }
        let parts = outside_brackets(text);
        let conditions = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(condition);
        conditions.collect::<Result<_>>().map(Self)
    }

    /// Whether these labels pass.
    pub fn passes(&self, labels: &Words) -> bool {
        self.0.iter().all(|condition| match condition {
            Condition::Has(key) => labels.contains_key(key),
            Condition::Lacks(key) => !labels.contains_key(key),
            Condition::In(key, values) => labels.get(key).is_some_and(|value| values.contains(value)),
            Condition::NotIn(key, values) => labels.get(key).is_none_or(|value| !values.contains(value)),
        })
    }
}

fn wrong() -> Error {
    Error::invalid("Field label_filter cannot be read. Write conditions such as key=value, !key or key in (a,b).")
}

fn outside_brackets(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

fn condition(part: &str) -> Result<Condition> {
    if let Some((key, values)) = part.split_once(" notin ") {
        return Ok(Condition::NotIn(word(key)?, list(values)?));
    }
    if let Some((key, values)) = part.split_once(" in ") {
        return Ok(Condition::In(word(key)?, list(values)?));
    }
    if let Some((key, value)) = part.split_once("!=") {
        return Ok(Condition::NotIn(word(key)?, vec![value.trim().into()]));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return Ok(Condition::In(word(key)?, vec![value.trim().into()]));
    }
    match part.strip_prefix('!') {
        Some(key) => word(key).map(Condition::Lacks),
        None => word(part).map(Condition::Has),
    }
}

fn list(text: &str) -> Result<Vec<String>> {
    let inner = text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).ok_or_else(wrong)?;
    Ok(inner.split(',').map(|value| value.trim().to_string()).collect())
}

fn word(text: &str) -> Result<String> {
    let key = text.trim();
    let is_fit = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    if is_fit { Ok(key.into()) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels() -> Words {
        [("team", "a"), ("stage", "test")].map(|(key, value)| (key.to_string(), value.to_string())).into()
    }

    #[test]
    fn every_condition_must_hold() {
        for yes in
            ["", "team", "!cost", "team=a", "team==a", "team!=b", "team in (a, b)", "cost notin (x)", "team=a,stage"]
        {
            assert!(Filter::parse(yes).unwrap().passes(&labels()), "{yes}");
        }
        for no in ["cost", "!team", "team=b", "team!=a", "team in (b,c)", "team notin (a)", "team=a,stage=live"] {
            assert!(!Filter::parse(no).unwrap().passes(&labels()), "{no}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for bad in ["=a", "team in a", "te am", "!", "team in (a"] {
            assert!(Filter::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_label_passes_its_own_filter_and_never_the_opposite(key in "[a-z]{1,8}", value in "[a-z]{0,8}") {
            let labels: Words = [(key.clone(), value.clone())].into();
            let (same, opposite) = (format!("{key}={value}"), format!("{key}!={value}"));
            prop_assert!(Filter::parse(&same).unwrap().passes(&labels));
            prop_assert!(!Filter::parse(&opposite).unwrap().passes(&labels));
        }
    }
}
