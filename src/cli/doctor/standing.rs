//! What owners have asked of the operator, and which tenants are suspended.

use super::{Finding, Grade, Opened, finding};
use crate::store::Scope;
use crate::tenants::{self, Standing};

/// A finding for each tenant that is suspended or to be deleted.
pub(super) fn asked(opened: &Opened) -> Vec<Finding> {
    match opened.store.read(Scope::HOUSE, tenants::list_standings) {
        Ok(standings) => standings.iter().flat_map(of_tenant).collect(),
        Err(failure) => vec![finding("tenants", Grade::Fail, failure.message)],
    }
}

fn of_tenant(standing: &Standing) -> impl Iterator<Item = Finding> {
    let name = &standing.tenant.name;
    let suspended = standing.suspended.as_ref().map(|(at, asked)| {
        let by = &asked.by;
        format!("{name} is suspended by {by} since {at}; `tenantry tenant resume {name}` serves it again")
    });
    let deletion = standing.deletion.as_ref().map(|(at, asked)| {
        let by = &asked.by;
        format!("{by} asked to delete {name} on {at}; `tenantry tenant show {name}` tells why, `resume` takes it away")
    });
    [suspended, deletion].into_iter().flatten().map(|words| finding("tenants", Grade::Warn, words))
}
