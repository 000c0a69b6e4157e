//! The course of an import beside its chunks: begun, planned, run, ended.

use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::chosen::Options;
use super::counts::Counts;
use super::ended::{close, facts_of_end};
use super::rows::{self, Import, LIFE_SECONDS, State};
use super::upload;
use crate::access::Rights;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::store::Tx;
use crate::{people, tenants};

/// What an import is begun with.
#[derive(Debug, Clone)]
pub(super) struct New {
    pub(super) id: Uuid,
    pub(super) source: String,
    pub(super) options: Options,
    pub(super) expected: Option<i64>,
    /// Whether a server goes on with it, by a file that was uploaded.
    pub(super) is_uploaded: bool,
}

/// Refuses another import while one of the tenant is under way.
///
/// # Errors
/// `Conflict`.
pub(super) fn has_room(tx: &mut Tx<'_>, act: &Act) -> Result<()> {
    let open = rows::open(tx, act.tenant.id)?.into_iter().find(|open| open.touched_at.lasts(LIFE_SECONDS, act.now));
    open.map_or(Ok(()), |open| {
        Err(Error::conflict(format!(
            "The import {} of {} is not at its end: go on with it, or end it by tenantry import stop.",
            open.id, open.created_by
        )))
    })
}

/// Begins an import.
///
/// # Errors
/// `Conflict` while another one of the tenant is under way.
pub(super) fn begin(tx: &mut Tx<'_>, new: &New, act: &Act) -> Result<Import> {
    has_room(tx, act)?;
    let mut given_up = Vec::new();
    for open in rows::open(tx, act.tenant.id)? {
        // Nobody goes on with it; what was done of it stays.
        given_up.push(open.id);
        rows::replace(tx, act.tenant.id, &Import { state: State::Stopped, ended_at: Some(act.now), ..open })?;
    }
    let import = Import {
        id: new.id,
        source: new.source.clone(),
        options: new.options.clone(),
        state: State::Planning,
        expected: new.expected,
        created_at: act.now,
        created_by: act.actor.name.clone(),
        touched_at: act.now,
        chunk: 1,
        done: 0,
        counts: Counts::default(),
        noted: 0,
        plan: None,
        rights: None,
        planned_at: None,
        planned: None,
        run_at: None,
        run_by: None,
        ended_at: None,
        found_empty_at: (new.options.tenant && people::has_only(tx, act.tenant.id, act.caller.user)?)
            .then_some(act.now),
        uploaded_at: new.is_uploaded.then_some(act.now),
        why: None,
    };
    rows::insert(tx, act.tenant.id, &import)?;
    let mut facts =
        json!({ "source": import.source, "options": import.options, "rows": import.expected, "given_up": given_up });
    if new.is_uploaded {
        facts["uploaded"] = json!(true);
    }
    act.record(tx, "import.begin", &import.id.to_string(), facts)?;
    Ok(import)
}

/// Makes the plan of an import whose chunks a caller has sent.
///
/// # Errors
/// As [`plan`]; `Conflict` for an uploaded file, of which a server makes the plan when all of it is judged.
pub(super) fn plan_as_asked(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Import> {
    match rows::get(tx, act.tenant.id, id)? {
        import if import.uploaded_at.is_some() && import.state == State::Planning => {
            Err(Error::conflict("The plan of an uploaded file is made by itself. Look again by tenantry import show."))
        }
        _ => plan(tx, id, act),
    }
}

/// Makes the plan of an import whose chunks are all judged.
///
/// # Errors
/// `NotFound`; `Conflict` in another state, in the middle of a chunk, or where there is no row.
pub(super) fn plan(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Import> {
    let mut import = rows::get(tx, act.tenant.id, id)?;
    if import.state != State::Planning {
        return Err(Error::conflict(format!(
            "This import is {}: only one that is being planned gets a plan.",
            said(import.state)
        )));
    }
    if import.done > 0 {
        return Err(Error::conflict(format!(
            "Chunk {} is half done. Send it again, then make the plan.",
            import.chunk
        )));
    }
    if import.counts.rows == 0 {
        return Err(Error::conflict("There is no row in this import. Send its chunks first."));
    }
    let rights = of_rights(&act.rights_now(tx)?);
    let plan = plan_of(tx, act, &import, &rights)?;
    import = Import {
        state: State::Planned,
        touched_at: act.now,
        planned: Some(import.counts.clone()),
        planned_at: Some(act.now),
        plan: Some(plan.to_vec()),
        rights: Some(rights.to_vec()),
        ..import
    };
    rows::replace(tx, act.tenant.id, &import)?;
    let facts =
        json!({ "source": import.source, "plan": hex(&plan), "options": import.options, "counts": import.counts });
    act.record(tx, "import.plan", &import.id.to_string(), facts)?;
    Ok(import)
}

fn plan_of(tx: &mut Tx<'_>, act: &Act, import: &Import, rights: &[u8; 32]) -> Result<[u8; 32]> {
    let said = json!({ "id": import.id, "source": import.source, "options": import.options, "counts": import.counts });
    let mut digest = Sha256::new().chain_update(said.to_string()).chain_update(rights);
    for chunk in rows::digests(tx, act.tenant.id, import.id)? {
        digest.update(chunk);
    }
    Ok(digest.finalize().into())
}

/// Stands for all that the caller may do: a plan counts only while it is the same.
fn of_rights(rights: &Rights) -> [u8; 32] {
    let mut held: Vec<_> = rights
        .held()
        .iter()
        .map(|held| format!("{}\0{}\0{}", held.grant.namespace, held.grant.role, held.groups.to_keep()))
        .collect();
    held.sort();
    held.dedup();
    let narrowing = rights.narrowing().map(ToString::to_string).unwrap_or_default();
    Sha256::new().chain_update(held.join("\n")).chain_update("\0\0").chain_update(narrowing).finalize().into()
}

/// Begins the run of a plan.
///
/// # Errors
/// `NotFound`; `Conflict` for another plan, one that is too old, and one whose caller may do more or less by now.
pub(super) fn run(tx: &mut Tx<'_>, id: Uuid, plan: &[u8], act: &Act) -> Result<Import> {
    let mut import = rows::get(tx, act.tenant.id, id)?;
    if import.state != State::Planned {
        return Err(Error::conflict(format!("This import is {}: only a planned one can be run.", said(import.state))));
    }
    if import.plan.as_deref() != Some(plan) {
        return Err(Error::conflict(
            "This is not the plan of this import. Look at it once more by tenantry import show.",
        ));
    }
    if !import.planned_at.is_some_and(|at| at.lasts(LIFE_SECONDS, act.now)) {
        return Err(Error::conflict("This plan is older than a day. Make a new one."));
    }
    if import.rights.as_deref() != Some(&of_rights(&act.rights_now(tx)?)) {
        return Err(Error::conflict(
            "This plan was made with other rights than you have now, so it is void. Make a new one.",
        ));
    }
    if import.uploaded_at.is_some() {
        upload::is_run(tx, id, act)?;
    }
    tenants::note_import(tx, act.tenant.id, act.now)?;
    import = Import {
        state: State::Running,
        touched_at: act.now,
        chunk: 1,
        done: 0,
        counts: Counts::default(),
        noted: 0,
        run_at: Some(act.now),
        run_by: Some(act.actor.name.clone()),
        ..import
    };
    rows::replace(tx, act.tenant.id, &import)?;
    let facts =
        json!({ "source": import.source, "plan": hex(plan), "options": import.options, "counts": import.planned });
    act.record(tx, "import.run", &import.id.to_string(), facts)?;
    Ok(import)
}

/// Ends an import whose chunks are all carried out.
///
/// # Errors
/// `NotFound`; `Conflict` while a chunk of the plan is missing.
pub(super) fn end(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Import> {
    let import = rows::get(tx, act.tenant.id, id)?;
    if import.state != State::Running {
        return Err(Error::conflict(format!(
            "This import is {}: only one that runs comes to its end so.",
            said(import.state)
        )));
    }
    if import.done > 0 || rows::find_chunk(tx, act.tenant.id, id, import.chunk)?.is_some() {
        return Err(Error::conflict(format!(
            "Chunk {} comes next. An import ends when all its chunks are done.",
            import.chunk
        )));
    }
    let facts = facts_of_end(&import, State::Done);
    close(tx, act.tenant.id, import, State::Done, act.now)?;
    act.record(tx, "import.end", &id.to_string(), facts)?;
    rows::get(tx, act.tenant.id, id)
}

/// Ends an import before; what was done stays.
///
/// # Errors
/// `NotFound`; `Conflict` for one that is at its end already.
pub(super) fn stop(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Import> {
    let import = rows::get(tx, act.tenant.id, id)?;
    if import.ended_at.is_some() {
        return Err(Error::conflict(format!("This import is {} already.", said(import.state))));
    }
    let facts = facts_of_end(&import, State::Stopped);
    close(tx, act.tenant.id, import, State::Stopped, act.now)?;
    act.record(tx, "import.end", &id.to_string(), facts)?;
    rows::get(tx, act.tenant.id, id)
}

fn said(state: State) -> &'static str {
    match state {
        State::Planning => "being planned",
        State::Planned => "planned",
        State::Running => "running",
        State::Done => "done",
        State::Stopped => "stopped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Grant, Rights};

    #[test]
    fn other_rights_make_another_plan() {
        let of = |grants: &[(&str, &str)]| {
            let grants = grants.iter().map(|(namespace, role)| Grant::new(*namespace, *role)).collect();
            of_rights(&Rights::built_in(grants))
        };
        let admin = of(&[("system", "ves-io-admin-role"), ("*", "ves-io-admin-role")]);
        assert_eq!(admin, of(&[("*", "ves-io-admin-role"), ("system", "ves-io-admin-role")]));
        assert_ne!(admin, of(&[("system", "ves-io-admin-role")]));
    }
}
