//! Combines the layers (default, file, environment, flag): the strongest one that gives a value wins.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::explained::{Explained, Explanation};
use super::foreign::is_foreign;
use super::nearest::nearest;
use super::setting::{Setting, blemish};
use super::settings::SETTINGS;
use super::shape::Config;
use super::sources::{CLIENT_VARIABLES, Sources, read_secret_file};
use crate::error::{Error, Result};
use crate::secret::Secret;

/// A configuration, and where each value came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// Each value with its origin.
    pub explained: Explained,
    /// Files that hold secrets, each with its setting: the file named for the secret, or the configuration file itself.
    pub(super) secret_files: Vec<(&'static str, PathBuf)>,
    /// Each value as it was given, secrets included, in the order of the table.
    values: Vec<(&'static Setting, Secret<String>)>,
}

/// Where a value came from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    File(PathBuf),
    Environment(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(spelt) => write!(f, "flag {spelt}"),
        }
    }
}

/// A value as it was given, before it is parsed.
#[derive(Debug)]
struct Given {
    text: String,
    origin: Origin,
    /// The text is the path of the file that holds the value.
    by_file: bool,
}

impl Loaded {
    /// The settings that differ from `before`: those that a running server applies (`is_live`), or those that need a
    /// restart.
    pub fn changes(&self, before: &Self, is_live: bool) -> Vec<&'static str> {
        let pairs = self.values.iter().zip(&before.values);
        let changed = pairs.filter(|((_, now), (_, then))| now.expose() != then.expose());
        changed.filter(|((setting, _), _)| setting.live == is_live).map(|((setting, _), _)| setting.name).collect()
    }
}

type Layer = BTreeMap<&'static str, Given>;

/// Reads all layers. The first mistake is the sentence of the error, further ones are its details. Whether the settings
/// are safe is a separate check: [`Loaded::refuse_unsafe`].
pub fn load(sources: &Sources) -> Result<Loaded> {
    let mut wrong = Vec::new();
    let mut given = Layer::new();
    if let Some(path) = &sources.file {
        given.extend(file_layer(path, &mut wrong)?);
    }
    given.extend(environment_layer(&sources.environment, &mut wrong));
    for flag in &sources.flags {
        let value = Given { text: flag.value.clone(), origin: Origin::Flag(flag.spelt), by_file: false };
        given.insert(flag.setting, value);
    }
    let loaded = settle(given, &mut wrong);
    let mut wrong = wrong.into_iter();
    match wrong.next() {
        None => Ok(loaded),
        Some(first) => Err(first.with_details(wrong.map(|error| error.message).collect())),
    }
}

fn settle(mut given: Layer, wrong: &mut Vec<Error>) -> Loaded {
    let explained = Explained(Vec::with_capacity(SETTINGS.len()));
    let mut loaded =
        Loaded { config: Config::fixed_defaults(), explained, secret_files: Vec::new(), values: Vec::new() };
    for setting in SETTINGS {
        let outcome = match given.remove(setting.name) {
            Some(given) => take(setting, &given, &mut loaded),
            None => Ok(default(setting, &mut loaded.config)),
        };
        match outcome {
            Ok((value, origin)) => {
                loaded.values.push((setting, Secret::new(value.clone())));
                let value = if setting.secret && !value.is_empty() { "(secret)".into() } else { value };
                loaded.explained.0.push(Explanation { name: setting.name, value, origin });
            }
            Err(error) => wrong.push(error),
        }
    }
    loaded
}

fn default(setting: &Setting, config: &mut Config) -> (String, String) {
    let origin = |from| format!("derived from {from}");
    match (&setting.derived, setting.put_derived(config)) {
        (Some(derived), Some(value)) => (value, origin(derived.from)),
        _ => (setting.default.unwrap_or_default().to_owned(), "default".into()),
    }
}

fn take(setting: &Setting, given: &Given, loaded: &mut Loaded) -> Result<(String, String)> {
    let origin = given.origin.to_string();
    let (text, origin) = if given.by_file {
        let path = Path::new(&given.text);
        (read_secret_file(path, &format!("`{}_file`, {origin}", setting.name))?, format!("{origin}, {}", given.text))
    } else {
        (given.text.clone(), origin)
    };
    if setting.secret {
        let kept_in = match &given.origin {
            _ if given.by_file => Some(PathBuf::from(&given.text)),
            Origin::File(path) => Some(path.clone()),
            _ => None,
        };
        loaded.secret_files.extend(kept_in.map(|path| (setting.name, path)));
    }
    match setting.put(&mut loaded.config, &text) {
        Some(()) => Ok((text, origin)),
        None => Err(refuse_value(setting, &text, &origin)),
    }
}

fn refuse_value(setting: &Setting, text: &str, origin: &str) -> Error {
    let shown = if setting.secret { "(secret)".into() } else { format!("{text:?}") };
    let advice = blemish(text).map_or(String::new(), |advice| format!(" {advice}"));
    Error::invalid(format!("`{}` is {shown} ({origin}), but must be {}.{advice}", setting.name, setting.kind))
}

fn file_layer(path: &Path, wrong: &mut Vec<Error>) -> Result<Layer> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::invalid(format!("The configuration file {} cannot be read: {error}.", path.display())).caused_by(error)
    })?;
    let table = text.parse::<toml::Table>().map_err(|error| {
        // The error's own text would quote the line, which may hold a secret.
        let line = 1 + error.span().map_or(0, |span| text[..span.start].matches('\n').count());
        let why = error.message().lines().collect::<Vec<_>>().join(" ");
        Error::invalid(format!("The configuration file {} is not TOML in line {line}: {why}.", path.display()))
    })?;
    let mut entries = Vec::new();
    flatten("", table, &mut entries);
    let named = entries.into_iter().map(|(key, text)| (key.clone(), key, text));
    Ok(layer(named, |_| Origin::File(path.to_path_buf()), wrong))
}

/// Tables become dotted names, values become the text that the environment would hold. A value that
/// no setting can have (a date, a table in a list) becomes its TOML text, which the setting refuses.
fn flatten(prefix: &str, table: toml::Table, entries: &mut Vec<(String, String)>) {
    let text = |value: toml::Value| match value {
        toml::Value::String(text) => text,
        other => other.to_string(),
    };
    for (key, value) in table {
        let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(table) => flatten(&name, table, entries),
            toml::Value::Array(items) => {
                entries.push((name, items.into_iter().map(text).collect::<Vec<_>>().join(", ")));
            }
            other => entries.push((name, text(other))),
        }
    }
}

fn environment_layer(environment: &[(String, String)], wrong: &mut Vec<Error>) -> Layer {
    let ours = environment.iter().filter(|(name, value)| is_ours(name, value));
    let named = ours.map(|(name, text)| (dotted(name), name.clone(), text.clone()));
    layer(named, |name| Origin::Environment(name.to_owned()), wrong)
}

fn is_ours(name: &str, value: &str) -> bool {
    name.starts_with("TENANTRY_")
        && !CLIENT_VARIABLES.contains(&name)
        && !is_foreign(name, value, find(&dotted(name)).is_some())
}

/// `TENANTRY_HTTP_BASE_DOMAIN` to `http.base_domain`: no section's name has an underscore.
fn dotted(variable: &str) -> String {
    variable["TENANTRY_".len()..].to_ascii_lowercase().replacen('_', ".", 1)
}

/// Sorts entries of (name, name as written, text) to their settings.
fn layer(
    entries: impl Iterator<Item = (String, String, String)>,
    origin: impl Fn(&str) -> Origin,
    wrong: &mut Vec<Error>,
) -> Layer {
    let mut layer = Layer::new();
    for (name, written, text) in entries {
        let origin = origin(&written);
        let Some((setting, by_file)) = find(&name) else {
            wrong.push(refuse_name(&written, &name, &origin));
            continue;
        };
        if layer.insert(setting.name, Given { text, origin: origin.clone(), by_file }).is_some() {
            wrong.push(Error::invalid(format!(
                "`{0}` is given both as a value and as a file ({origin}), but must be only one of `{0}` and `{0}_file`.",
                setting.name
            )));
        }
    }
    layer
}

fn find(name: &str) -> Option<(&'static Setting, bool)> {
    let named = |name: &str| SETTINGS.iter().find(|setting| setting.name == name);
    let by_file = || named(name.strip_suffix("_file")?).map(|setting| (setting, true));
    named(name).map(|setting| (setting, false)).or_else(by_file)
}

fn refuse_name(written: &str, name: &str, origin: &Origin) -> Error {
    let advice = match (nearest(name), origin) {
        (Some(setting), Origin::Environment(_)) => format!("did you mean `{}`", setting.variable()),
        (Some(setting), _) => format!("did you mean `{}`", setting.name),
        (None, _) => "shall it be removed (`tenantry config check --markdown` lists all settings)".into(),
    };
    let place = match origin {
        Origin::File(path) => format!(" in file {}", path.display()),
        Origin::Environment(_) => " in the environment".into(),
        Origin::Flag(_) => String::new(),
    };
    Error::invalid(format!("There is no setting `{written}`{place}; {advice}?"))
}
