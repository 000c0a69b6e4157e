//! The reset protocol of Tenantry as a model: the steps of the code, with crashes and races wherever they are possible,
//! checked in every state within the bounds. docs/model.md says what is modelled and how to read the output.

mod act;
mod check;
#[cfg(test)]
mod drift_tests;
mod guard;
mod properties;
mod protocol;
mod scene;
mod state;
mod walls;
mod witness;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::check::Checked;
use crate::guard::{Guard, Removed};
use crate::scene::{SCENES, Scene};
use crate::walls::{WALLS, Wall};

/// Checks the reset protocol in every state within its bounds. Ends with 1 if a promise was broken.
#[derive(Parser)]
struct Arguments {
    /// Take a condition out of the code's model and print what happens then; may be given more than once.
    #[arg(long, value_name = "GUARD")]
    without: Vec<Guard>,
    /// Check this scene alone.
    #[arg(long, value_name = "NAME")]
    scene: Option<String>,
    /// List the conditions that can be taken out.
    #[arg(long)]
    guards: bool,
}

fn main() -> std::io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    if arguments.guards {
        list_guards(&mut out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let scenes = SCENES.into_iter().filter(|scene| arguments.scene.as_ref().is_none_or(|name| name == scene.name));
    let is_kept = match arguments.without.is_empty() {
        true => check(scenes, &mut out)?,
        false => check_without(&arguments.without, scenes, &mut out)?,
    };
    Ok(if is_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether every scene keeps every promise.
fn check(scenes: impl Iterator<Item = Scene>, out: &mut impl Write) -> std::io::Result<bool> {
    let mut is_kept = true;
    for scene in scenes {
        let checked = Checked::run(scene, Removed::default(), None);
        write!(out, "{checked}")?;
        out.flush()?;
        is_kept &= checked.is_kept();
    }
    Ok(is_kept)
}

/// Looks for the first scene that breaks a promise without these guards, and goes there by the shortest way.
fn check_without(guards: &[Guard], scenes: impl Iterator<Item = Scene>, out: &mut impl Write) -> std::io::Result<bool> {
    let about = |scene: &Scene| {
        let is_about =
            |wall: &&Wall| wall.scene == scene.name && wall.guards.iter().all(|guard| guards.contains(guard));
        WALLS.iter().find(is_about).map(|wall| wall.breaks)
    };
    let (first, others): (Vec<_>, Vec<_>) = scenes.partition(|scene| about(scene).is_some());
    for scene in first.into_iter().chain(others) {
        if Checked::breaks_a_promise(scene, Removed::of(guards)) {
            write!(out, "{}", Checked::run_step_by_step(scene, Removed::of(guards), about(&scene)))?;
            return Ok(false);
        }
        writeln!(out, "{}: every promise is kept all the same", scene.name)?;
    }
    writeln!(out, "Another condition keeps them too; --guards tells which.")?;
    Ok(true)
}

/// Each guard, its place, and the promise that breaks without it; with the other guards that would have to go too.
fn list_guards(out: &mut impl Write) -> std::io::Result<()> {
    for guard in Guard::ALL {
        let file = Some(guard.place().0).filter(|file| !file.is_empty()).unwrap_or("the restore");
        writeln!(out, "{guard}\n    {} ({file})", guard.what())?;
        for wall in WALLS.iter().filter(|wall| wall.guards.contains(guard)) {
            let others = wall.guards.iter().filter(|other| *other != guard);
            let others: String = others.map(|other| format!(" and without {other}")).collect();
            writeln!(out, "    without it{others}, in \"{}\", it is broken that {}", wall.scene, wall.breaks)?;
        }
    }
    Ok(())
}
