//! The course of `tenantry user import`: planned, then run, or gone on with where it was interrupted.

use std::path::Path;

use serde_json::{Value, json};
use uuid::Uuid;

use super::result::ResultFile;
use super::sender::{Begun, Phase, Sender};
use super::told::Rows;
use super::{IMPORTS, files, invitations, path_of, report};
use crate::cli::arguments::{EXIT_DONE, EXIT_FAILED, ErasedChoice, GroupsChoice, Invited, Inviting, Part, UserImport};
use crate::cli::client::Client;
use crate::cli::output::Output;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::transfer::import::Pending;

/// Plans and runs an import, or what the options ask of that. `resumed` is the id of one that is gone on with.
///
/// # Errors
/// Why it could not be run.
pub(super) fn run(ask: &UserImport, resumed: Option<Uuid>, output: Output) -> Result<u8> {
    go(ask, resumed, false, output)
}

/// The same for the file of a whole tenant.
///
/// # Errors
/// As [`run`].
pub(super) fn run_tenant(ask: &UserImport, output: Output) -> Result<u8> {
    go(ask, None, true, output)
}

fn go(ask: &UserImport, resumed: Option<Uuid>, is_tenant: bool, output: Output) -> Result<u8> {
    let client = Client::of(&ask.course.api)?;
    let mut import = match (resumed, &ask.course.plan) {
        (Some(id), _) => client.get(&path_of(&id.to_string()), &[])?.json(),
        (None, Some(plan)) => planned_as(&client, plan)?,
        (None, None) => begin(&client, ask, is_tenant)?,
    };
    let mut not_taken = Rows::default();
    if import["state"] == "planning" {
        let told = send(&client, ask, output, &import, Phase::Plan, Rows::default())?;
        not_taken = told.not_taken;
        import = client.post(&format!("{}/plan", path_of(id_of(&import))), &json!({}))?.json();
        if ask.course.dry_run {
            output.progress("");
            output.object(&import, &report::planned(&import, told.result.as_deref(), &again(ask, &import)))?;
            return Ok(exit(&import["planned"]));
        }
    } else if ask.course.dry_run {
        return Err(Error::invalid("This import is planned already. Leave --dry-run out to run it."));
    }
    if import["state"] == "planned" {
        let asked = json!({ "plan": import["plan"] });
        import = client.post(&format!("{}/run", path_of(id_of(&import))), &asked)?.json();
    }
    if import["state"] != "running" {
        return Err(Error::conflict(format!(
            "This import is {}. Begin another.",
            import["state"].as_str().unwrap_or("over")
        )));
    }
    let told = send(&client, ask, output, &import, Phase::Run, not_taken)?;
    import = client.post(&format!("{}/end", path_of(id_of(&import))), &json!({}))?.json();
    output.progress("");
    let Inviting { invite, invite_per_hour } = ask.course.inviting;
    if invite != Invited::None {
        let asked = invitations::ask(invite, invite_per_hour);
        client.post(&invitations::path(&id_of(&import)), &asked)?;
    }
    output.object(&import, &report::ended(&import, told.result.as_deref()))?;
    Ok(exit(&import["counts"]))
}

pub(super) fn id_of(import: &Value) -> &str {
    import["id"].as_str().unwrap_or_default()
}

pub(super) fn exit(counts: &Value) -> u8 {
    if counts["refused"].as_i64() == Some(0) { EXIT_DONE } else { EXIT_FAILED }
}

fn begin(client: &Client, ask: &UserImport, is_tenant: bool) -> Result<Value> {
    // A file that cannot be read at all begins no import.
    drop(files::open(&ask.from, &ask.files, &ask.reading, Timestamp(i64::MAX))?);
    if is_tenant {
        // Of a tenant nothing is judged either before all of the file is known to be there.
        let whole = files::open_tenant(&ask.from, &ask.files, &ask.reading, Timestamp(i64::MAX))?;
        whole.into_iter().try_for_each(|line| line.map(drop)).map_err(|told| files::stopped(&told))?;
    }
    let update: Vec<_> = ask
        .course
        .update
        .iter()
        .map(|part| match part {
            Part::Names => "names",
            Part::State => "state",
            Part::Groups => "groups",
            Part::Roles => "roles",
        })
        .collect();
    let groups = match ask.reading.groups {
        GroupsChoice::Existing => "existing",
        GroupsChoice::Create => "create",
        GroupsChoice::Drop => "drop",
    };
    let mut options = json!({ "groups": groups, "update": update, "tenant": is_tenant });
    // Not said unless it is asked for, since a server of an older release does not know it.
    if ask.course.erased == ErasedChoice::Allow {
        options["erased"] = json!("allow");
    }
    let asked = json!({ "source": ask.from, "options": options });
    Ok(client.post(IMPORTS, &asked)?.json())
}

/// The planned import whose plan begins so.
pub(super) fn planned_as(client: &Client, plan: &str) -> Result<Value> {
    let listed = client.pages(IMPORTS, &[], 100)?;
    let is_meant = |import: &&Value| {
        plan.len() >= 8 && import["plan"].as_str().is_some_and(|known| known.starts_with(&plan.to_lowercase()))
    };
    let mut found = listed["items"].as_array().into_iter().flatten().filter(is_meant);
    match (found.next(), found.next()) {
        (Some(import), None) if matches!(import["state"].as_str(), Some("planned" | "running")) => Ok(import.clone()),
        (Some(import), None) => Err(Error::conflict(format!(
            "That import is {}. Make a new plan.",
            import["state"].as_str().unwrap_or("over")
        ))),
        _ => Err(Error::not_found("There is no import with this plan. Give at least its first eight letters.")),
    }
}

/// What sending all rows has shown.
struct Told {
    not_taken: Rows,
    result: Option<String>,
}

fn send(
    client: &Client,
    ask: &UserImport,
    output: Output,
    import: &Value,
    phase: Phase,
    not_taken: Rows,
) -> Result<Told> {
    // The server reads times of the future by the moment of the beginning; so does the reader, in both phases.
    let began = import["created_at"].as_str().and_then(Timestamp::parse);
    let began = began.ok_or_else(|| Error::internal("the server does not say when the import began"))?;
    let is_told = phase == Phase::Run || ask.course.dry_run;
    let first = ask.files.first().map_or(Path::new("import"), |path| path.as_path());
    let result = is_told.then(|| ResultFile::create(ask.course.result.as_deref(), first)).transpose()?;
    let open = if import["options"]["tenant"] == true { files::open_tenant } else { files::open };
    let reader = open(&ask.from, &ask.files, &ask.reading, began)?;
    let mut sender = Sender::new(client, output, Begun { import, phase, result, not_taken })?;
    for line in reader {
        let line = line.map_err(|told| files::stopped(&told))?;
        Pending::of(line).map_or(Ok(()), |row| sender.take(row))?;
    }
    let (not_taken, result) = sender.finish()?;
    Ok(Told { not_taken, result })
}

/// The command line that runs the plan.
fn again(ask: &UserImport, import: &Value) -> String {
    let plan: String = import["plan"].as_str().unwrap_or_default().chars().take(8).collect();
    let files: Vec<_> = ask.files.iter().map(|file| file.display().to_string()).collect();
    if import["options"]["tenant"] == true {
        return format!("tenantry tenant import --plan {plan} {} (and the same options)", files.join(" "));
    }
    format!("tenantry user import --plan {plan} --from {} {} (and the same options)", ask.from, files.join(" "))
}
