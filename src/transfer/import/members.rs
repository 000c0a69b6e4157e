//! The members of a JSON object, taken out one by one. An error names the member and never shows its value.

use serde_json::{Map, Value};

use super::codes::Code;
use super::draft::Moment;
use super::record::{DEPTH_MAX, Reason};
use super::times;

/// What is left of an object.
#[derive(Default)]
pub(super) struct Members {
    left: Map<String, Value>,
    /// The path to it, with a full stop at its end; empty at the top.
    path: String,
}

impl Members {
    /// Reads a whole text as one object.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn read(text: &[u8]) -> Result<Self, Reason> {
        if depth(text) > DEPTH_MAX {
            return Err(Reason::row(Code::Shape).because(format!("it is nested deeper than {DEPTH_MAX} levels")));
        }
        match serde_json::from_slice(text) {
            Ok(Value::Object(left)) => Ok(Self { left, path: String::new() }),
            Ok(_) => Err(Reason::row(Code::Shape).because("it is no object")),
            // The words of the parser may quote a value.
            Err(error) => Err(Reason::row(Code::Shape).because(format!("no JSON at its character {}", error.column()))),
        }
    }

    /// A value that must be an object; `at` is its path.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn of(value: Value, at: &str) -> Result<Self, Reason> {
        match value {
            Value::Object(left) => Ok(Self { left, path: format!("{at}.") }),
            _ => Err(Reason::field(Code::Shape, at).because("it must be an object")),
        }
    }

    /// Reads the text of a member as an object. `at` is the path of the member.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn within(at: &str, text: &str) -> Result<Self, Reason> {
        let read = Self::read(text.as_bytes()).map_err(|reason| Reason { field: at.into(), ..reason })?;
        Ok(Self { path: format!("{at}."), ..read })
    }

    /// The names of the members that are left.
    pub(super) fn names(&self) -> Vec<String> {
        self.left.keys().cloned().collect()
    }

    /// Whether there is such a member.
    pub(super) fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// The full name of a member.
    pub(super) fn name(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    /// A value of any kind; `None` if it is absent or null.
    pub(super) fn any(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// A text. Ids that are numbers are texts too.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Reason> {
        match self.any(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(self.shape(name, "a text")),
        }
    }

    /// A time, as a text or a number.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn moment(&mut self, name: &str) -> Result<Option<Moment>, Reason> {
        let field = self.name(name);
        Ok(self.text(name)?.map(|text| Moment { field, at: times::read(&text) }))
    }

    /// Yes or no.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Reason> {
        match self.any(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.shape(name, "true or false")),
        }
    }

    /// A whole number from 0.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<u64>, Reason> {
        match self.any(name) {
            None => Ok(None),
            Some(Value::Number(number)) if number.is_u64() => Ok(number.as_u64()),
            Some(_) => Err(self.shape(name, "a whole number")),
        }
    }

    /// An object.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, Reason> {
        let at = self.name(name);
        self.any(name).map(|value| Self::of(value, &at)).transpose()
    }

    /// A list; none if it is absent.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Value>, Reason> {
        match self.any(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list),
            Some(_) => Err(self.shape(name, "a list")),
        }
    }

    /// A list of objects.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn objects(&mut self, name: &str) -> Result<Vec<Self>, Reason> {
        let at = self.name(name);
        self.list(name)?.into_iter().map(|value| Self::of(value, &at)).collect()
    }

    /// A list of texts.
    ///
    /// # Errors
    /// `SHAPE`.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Reason> {
        let list = self.list(name)?.into_iter().map(|value| match value {
            Value::String(text) => Some(text),
            _ => None,
        });
        list.collect::<Option<_>>().ok_or_else(|| self.shape(name, "a list of texts"))
    }

    /// Takes out what is not wanted.
    pub(super) fn forget(&mut self, names: &[&str]) {
        for name in names {
            self.left.remove(*name);
        }
    }

    /// The full name of a member that is left, whatever it holds.
    pub(super) fn unknown(&self) -> Option<String> {
        self.left.keys().next().map(|name| self.name(name))
    }

    /// The full names of the members that are left and hold anything.
    pub(super) fn left(self) -> Vec<String> {
        let Self { left, path } = self;
        left.into_iter().filter(|(_, value)| holds(value)).map(|(name, _)| format!("{path}{name}")).collect()
    }

    fn shape(&self, name: &str, must: &str) -> Reason {
        Reason::field(Code::Shape, self.name(name)).because(format!("it must be {must}"))
    }
}

/// How many lists and objects are within each other, at most.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut most, mut is_string, mut is_escaped) = (0_usize, 0, false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b'[' | b'{' if !is_string => depth += 1,
            b']' | b'}' if !is_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

/// Whether a value says anything.
fn holds(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_too_deep_is_not_read() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(Members::read(nested(64).as_bytes()).is_ok());
        let refused = Members::read(nested(65).as_bytes()).map(drop).unwrap_err();
        assert!(refused.code == Code::Shape && refused.detail.contains("64 levels"), "{refused:?}");
        let quoted = format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(99), "{".repeat(99));
        assert!(Members::read(quoted.as_bytes()).is_ok(), "{quoted}");
    }

    #[test]
    fn an_error_names_the_member_and_not_its_value() {
        let mut members = Members::read(br#"{"a":{"b":"hunter2","c":[1]},"d":7}"#).ok().unwrap();
        let mut inner = members.object("a").ok().flatten().unwrap();
        for refused in [inner.flag("b").map(drop), inner.texts("c").map(drop), members.list("d").map(drop)] {
            let refused = refused.unwrap_err();
            assert!(refused.code == Code::Shape && !refused.detail.contains("hunter2"), "{refused:?}");
            assert!(["a.b", "a.c", "d"].contains(&refused.field.as_str()), "{refused:?}");
        }
    }
}
