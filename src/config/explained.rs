//! Where each value of a configuration comes from, for `tenantry config check`, and the page about all settings.

use std::fmt;

use serde::Serialize;

use super::setting::Setting;
use super::settings::SETTINGS;

/// One setting with its present value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The setting.
    pub name: &'static str,
    /// The value as written in a configuration; empty if there is none, `(secret)` if it is one.
    pub value: String,
    /// Such as `default`, `file tenantry.toml`, `environment TENANTRY_HTTP_LISTEN`, `flag --listen`.
    pub origin: String,
}

/// All settings with their present values, in the order of the table: three columns as text, an array of objects as
/// JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Explained(pub Vec<Explanation>);

impl Explained {
    /// The setting of that name.
    pub fn find(&self, name: &str) -> Option<&Explanation> {
        self.0.iter().find(|explanation| explanation.name == name)
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |row: &Explanation| if row.value.is_empty() { "(none)".into() } else { row.value.clone() };
        let name_width = self.0.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let value_width = self.0.iter().map(|row| shown(row).chars().count()).max().unwrap_or(0);
        for row in &self.0 {
            writeln!(f, "{:name_width$}  {:value_width$}  {}", row.name, shown(row), row.origin)?;
        }
        Ok(())
    }
}

const ABOUT: &str = "\
# Settings

This page is written by `tenantry config check --markdown` from the table that the server itself uses.

A value comes from, the later winning over the earlier:

1. the default below,
2. the configuration file: `--config FILE`, or else what `TENANTRY_CONFIG` names, or else `tenantry.toml` in the
   working directory,
3. the environment: `http.listen` is `TENANTRY_HTTP_LISTEN`,
4. the command line: `--listen` and `--data` (for `store.data_dir`).

At SIGHUP a running server reads file, secrets, keys and the certificates for the relay anew (`systemctl reload`). What the last column calls
`restart` keeps its value until then, and a line of the log names it. If anything cannot be used, nothing changes, and a line
says why. The environment of a process does not change.

Any value, and above all a secret, may stand in a file of its own: `TENANTRY_SMTP_PASSWORD_FILE=/run/secrets/smtp`, or
`password_file = \"/run/secrets/smtp\"` in the section `[smtp]`. One line break at its end is not part of the value. A file
that holds a secret must not be readable by every user of the machine; a group may read it, as in a volume of Kubernetes
with `defaultMode: 0440`. Only below `/run/secrets` (or `/var/run/secrets`), where container engines fix owner and mode and
nobody else lives, that does not matter. Relative paths start where the server was started.

Quotes and blanks around a value are part of it and refused: files such as Docker's `--env-file` are read by no shell.
Variables that Kubernetes and Docker make for a service whose name begins with `tenantry` (`TENANTRY_SERVICE_HOST`,
`TENANTRY_SMTP_PORT=tcp://…`) are no settings.

Unknown names are refused, with the nearest known one. `tenantry config check` shows what holds and where it came from;
`tenantry serve` refuses what the column before the last says. `config check`
asks each part too, without opening the store: whether directories can be written, keys and certificates read, the database's
address understood, and the address listened on.

A small configuration:

```toml
[http]
listen = \"127.0.0.1:8080\"
public_url = \"https://{tenant}.id.example.com\"
trusted_proxies = [\"127.0.0.1\"]

[store]
data_dir = \"/var/lib/tenantry\"

[smtp]
host = \"mail.example.com\"
username = \"tenantry\"
password_file = \"/etc/tenantry/smtp.password\"
```

| Setting | What it does | Allowed | Default | Refused when | New value |
| --- | --- | --- | --- | --- | --- |
";

/// The page `docs/admin/configuration.md`. A test compares the two.
pub fn markdown() -> String {
    SETTINGS.iter().fold(ABOUT.to_owned(), |page, setting| page + &row(setting))
}

fn row(setting: &Setting) -> String {
    let default = match (&setting.derived, setting.default) {
        (Some(derived), _) => derived.words.to_owned(),
        (None, None | Some("")) => "none".to_owned(),
        (None, Some(text)) => format!("`{text}`"),
    };
    let refused = setting.refused.as_ref().map_or("", |refused| refused.when);
    let secret = if setting.secret { " Secret." } else { "" };
    let restart = if setting.live { "" } else { "restart" };
    format!(
        "| `{}` | {}{secret} | {} | {default} | {refused} | {restart} |\n",
        setting.name, setting.meaning, setting.kind
    )
}
