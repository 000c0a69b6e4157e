//! A backup of a store that may be in use.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::runtime::Handle;

use crate::audit::{self, Anchor, AuditKey};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::store::{Measured, Part, Scope, Store, Tx, copy};
use crate::tenants;

/// One tenant in a backup.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// The tenant's name.
    pub tenant: String,
    /// Where its audit chain ended.
    pub anchor: Anchor,
}

/// A finished backup.
#[derive(Debug, Serialize)]
pub struct Made {
    /// The file.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// The backup holds everything acknowledged before this time.
    pub made_at: Timestamp,
    /// Its tables.
    pub tables: Vec<Measured>,
    /// Its tenants.
    pub tenants: Vec<Held>,
}

/// Writes a backup of a store to a file. An existing file is an error, unless it may be replaced; it is then replaced
/// by the complete new one.
///
/// # Errors
/// One sentence when the file cannot be written; those of the store.
pub async fn make(
    store: &Store,
    to: &Path,
    key: AuditKey,
    now: Timestamp,
    progress: impl Fn(&str, u64) + Send + 'static,
) -> Result<Made> {
    let part = Part::begin(to, now)?;
    let (target, runtime) = (part.store.clone(), Handle::current());
    let verb = move |tx: &mut Tx<'_>| {
        let tables = copy(tx, &target, &runtime, progress)?;
        Ok((tables, held(tx, &key)?))
    };
    match store.scan(Scope::HOUSE, verb).await {
        Ok((tables, tenants)) => {
            let bytes = part.finish(&tables, now).await?;
            Ok(Made { file: to.to_path_buf(), bytes, made_at: now, tables, tenants })
        }
        Err(failure) => {
            part.abandon();
            Err(failure)
        }
    }
}

fn held(tx: &mut Tx<'_>, key: &AuditKey) -> Result<Vec<Held>> {
    let tenants = tenants::list_all(tx)?;
    tenants.into_iter().map(|one| Ok(Held { anchor: audit::end_of(tx, key, one.id)?.0, tenant: one.name })).collect()
}
