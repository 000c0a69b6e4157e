//! `tenantry backup`: beside a running server, from one snapshot.

use super::arguments::Backup;
use super::opened::look;
use super::output::{Output, aligned};
use crate::audit::AuditKey;
use crate::backup::{Made, make};
use crate::clock::Clock;
use crate::config::{Config, load, process_environment};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::random::Random;

/// # Errors
/// One sentence that names the obstacle; an existing file is then unchanged.
pub async fn run(ask: &Backup, output: Output) -> Result<()> {
    let config = load(&ask.open.sources(process_environment()))?.config;
    if ask.to.exists() && !ask.force {
        return Err(Error::invalid(format!("{} is there already. With --force it is replaced.", ask.to.display())));
    }
    let store = look(&config)?;
    let keys = Keys::open(&config.links.key_file, false, &Random::system())?;
    let key = AuditKey::of(&keys);
    let progress = move |table: &str, rows: u64| output.progress(&format!("{table}: {rows} rows"));
    let made = make(&store, &ask.to, key, Clock::system().now(), progress).await;
    output.progress("");
    tell(&made?, &config, output)
}

fn tell(made: &Made, config: &Config, output: Output) -> Result<()> {
    let tables: Vec<_> = made.tables.iter().map(|one| vec![one.table.to_string(), one.rows.to_string()]).collect();
    let tenants: Vec<_> = made
        .tenants
        .iter()
        .map(|one| vec![one.tenant.clone(), one.anchor.number.to_string(), one.anchor.hash.clone()])
        .collect();
    let text = format!(
        "{} holds everything that was acknowledged before {}: {} bytes.\n\n{}\n\n{}\n\n\
         Keep the anchors, with which `audit verify` shows later that nothing was cut off.\n\
         Keep a copy of the key file {} too, apart from this one: it is not in it, and each alone opens no account.",
        made.file.display(),
        made.made_at,
        made.bytes,
        aligned(&["TABLE", "ROWS"], &tables),
        aligned(&["TENANT", "LINK", "ANCHOR"], &tenants),
        config.links.key_file.display(),
    );
    output.object(made, &text)
}
