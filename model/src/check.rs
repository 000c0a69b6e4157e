//! Runs the checker over one scene and reports the result.

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, Instant};

use stateright::{Checker, Expectation, HasDiscoveries, Model, Path};

use crate::act::Act;
use crate::guard::Removed;
use crate::protocol::Protocol;
use crate::scene::Scene;
use crate::state::State;

const THREADS: usize = 2;

/// The result of checking one scene.
pub struct Checked {
    scene: Scene,
    pub states: usize,
    pub depth: usize,
    pub rows: Vec<Row>,
    took: Duration,
    /// The promise whose counterexample is wanted, if not all.
    aim: Option<&'static str>,
}

/// One property.
pub struct Row {
    pub name: &'static str,
    /// Whether it must always hold; else it must hold at least once.
    pub is_promise: bool,
    /// A way to the state that breaks the promise, or in which it happens.
    path: Option<Path<State, Act>>,
}

impl Row {
    pub fn is_kept(&self) -> bool {
        self.is_promise != self.path.is_some()
    }
}

impl Checked {
    /// Looks at every state; or only until this property is broken.
    pub fn run(scene: Scene, removed: Removed, until: Option<&'static str>) -> Self {
        Self::look(scene, removed, until.map(|name| HasDiscoveries::AnyOf(BTreeSet::from([name]))), None)
    }

    /// Whether any promise is broken; looks no further than to the first.
    pub fn breaks_a_promise(scene: Scene, removed: Removed) -> bool {
        Self::look(scene, removed, Some(HasDiscoveries::AnyFailures), None).has_broken()
    }

    /// Looks a step further each time until this promise is broken, or any, so that the way there is as short as can be.
    pub fn run_step_by_step(scene: Scene, removed: Removed, aim: Option<&'static str>) -> Self {
        let is_there = |checked: &Self| match aim {
            Some(aim) => checked.rows.iter().any(|row| row.name == aim && !row.is_kept()),
            None => checked.has_broken(),
        };
        let steps = (2..).map(|steps| Self::look(scene, removed, None, Some(steps)));
        let found = steps.into_iter().find(is_there);
        Self { aim, ..found.unwrap_or_else(|| Self::look(scene, removed, None, None)) }
    }

    fn has_broken(&self) -> bool {
        self.rows.iter().any(|row| row.is_promise && !row.is_kept())
    }

    fn look(scene: Scene, removed: Removed, until: Option<HasDiscoveries>, steps: Option<usize>) -> Self {
        let began = Instant::now();
        let protocol = Protocol::new(scene, removed);
        let until = until.unwrap_or(HasDiscoveries::AllFailures);
        let mut builder = protocol.checker().threads(THREADS).finish_when(until);
        if let Some(steps) = steps {
            builder = builder.target_max_depth(steps);
        }
        let checker = builder.spawn_bfs().join();
        let mut found = checker.discoveries();
        let rows = checker.model().properties().into_iter().map(|property| Row {
            name: property.name,
            is_promise: property.expectation == Expectation::Always,
            path: found.remove(property.name),
        });
        let rows = rows.collect();
        Self {
            scene,
            states: checker.unique_state_count(),
            depth: checker.max_depth(),
            rows,
            took: began.elapsed(),
            aim: None,
        }
    }

    /// Whether every promise holds and everything that must happen does.
    pub fn is_kept(&self) -> bool {
        self.rows.iter().all(Row::is_kept)
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.scene.name, self.scene.what)?;
        writeln!(f, "{} states, {} steps deep, {:.1} s", self.states, self.depth, self.took.as_secs_f64())?;
        for row in &self.rows {
            let (kind, verdict) = match (row.is_promise, row.is_kept()) {
                (true, true) => ("always", "holds"),
                (true, false) => ("always", "BROKEN"),
                (false, true) => ("sometimes", "reached"),
                (false, false) => ("sometimes", "NOT REACHED"),
            };
            writeln!(f, "  {:72} {kind:9} {verdict}", row.name)?;
        }
        for row in self.rows.iter().filter(|row| row.is_promise && self.aim.is_none_or(|aim| aim == row.name)) {
            if let Some(path) = &row.path {
                write_path(f, row.name, path)?;
            }
        }
        writeln!(f)
    }
}

/// The steps to a state that breaks a promise, and the store in that state.
fn write_path(f: &mut fmt::Formatter<'_>, name: &str, path: &Path<State, Act>) -> fmt::Result {
    writeln!(f, "\n  How it is broken that \"{name}\":")?;
    let steps = path.clone().into_vec();
    for (nth, act) in steps.iter().filter_map(|(_, act)| act.as_ref()).enumerate() {
        writeln!(f, "  {:3}. {act}", nth + 1)?;
    }
    let Some((last, _)) = steps.last() else { return Ok(()) };
    let user = &last.store.user;
    let dead = if user.is_dead { " (dead)" } else { "" };
    let open = user.open.map_or("none".into(), |open| open.to_string());
    writeln!(
        f,
        "       Then the user has password {}{dead}, epoch {}, open reset: {open}.",
        user.password, user.epoch
    )?;
    for reset in last.store.begun() {
        let (word, changes) = (last.store.word(reset), last.seen.changes[usize::from(reset)]);
        writeln!(f, "       Reset {reset} says {word:?}; passwords chosen by its link: {changes}.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::SCENES;

    #[test]
    fn every_promise_is_kept_in_every_state() {
        for scene in SCENES {
            let checked = Checked::run(scene, Removed::default(), None);
            println!("{checked}");
            assert!(checked.is_kept(), "{checked}");
        }
    }
}
