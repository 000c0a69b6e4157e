//! Every setting of the server: read once, checked once, and handed on as a plain struct.
//!
//! [`SETTINGS`] is the one table. A value comes from, weakest first: the default in the table, the
//! TOML file, the environment (`http.listen` is `TENANTRY_HTTP_LISTEN`), the command line. Any value
//! may stand in a file of its own, named by `smtp.password_file` or `TENANTRY_SMTP_PASSWORD_FILE`.
//! What is not in the table is refused, so that a misspelt setting is never silently ignored.
//!
//! Tenants have settings of their own, in the store; here is what holds for the whole process.
//! To add a setting: a field in `shape.rs`, its blank in `defaults.rs`, a row in `settings.rs`, and the page that
//! `tenantry config check --markdown` prints.

mod defaults;
mod explained;
mod foreign;
mod host;
mod layers;
mod nearest;
mod open_files;
mod public_url;
mod refusals;
mod setting;
mod settings;
mod shape;
mod sources;

pub use crate::network::Network;
pub use explained::{Explained, Explanation, markdown};
pub use host::is_loopback;
pub use layers::{Loaded, load};
pub use open_files::open_files_max;
pub use public_url::PublicUrl;
pub use setting::{Kind, Setting};
pub use settings::{SETTINGS, bounds};
pub use shape::{
    Config, Http, Links, Log, LogFormat, LogLevel, Metrics, OnLostHistory, Outbound, Passwords, Reset, Sessions, Smtp,
    SmtpSecurity, Store, Syslog,
};
pub use sources::{CLIENT_VARIABLES, Flag, Sources, is_exposed, process_environment, read_secret_file};

#[cfg(test)]
mod tests;
