//! Injures the real product in every way that we know, lets it recover, and asks an oracle each time whether anything
//! that was acknowledged is lost, or anything done twice. For whoever wants to know instead of believe.

mod books;
mod crowd;
mod disk;
mod kill;
mod ledger;
mod letter;
mod outcome;
mod person;
mod place;
mod scene;
mod secrets;
mod sink;
mod talk;
mod tracer;
mod wire;

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use self::outcome::Outcome;
use crate::Result;

/// What to run.
#[derive(clap::Args)]
pub struct Plan {
    /// Repeats what is drawn: users, moments, kinds of asks [default: another one each time].
    #[arg(long)]
    seed: Option<u64>,
    /// How long each case goes on injuring; clearing up comes on top.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// So many rounds of each case instead.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    rounds: Option<u64>,
    /// Only this case; may be given again [default: all].
    #[arg(long = "case", value_name = "NAME")]
    cases: Vec<String>,
    /// Sample users that are reset at random.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(100..=50_000))]
    users: u64,
    /// Writes the rows to this file as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What every case is told.
pub struct Settings {
    seed: u64,
    length: Duration,
    rounds: Option<u64>,
    users: u64,
}

impl Settings {
    /// Whether another round is to come.
    fn goes_on(&self, rounds: u64, until: Instant) -> bool {
        self.rounds.map_or_else(|| Instant::now() < until, |wanted| rounds < wanted)
    }
}

type Case = fn(&Settings) -> Result<Outcome>;

/// Every case, in the order in which they run.
const CASES: &[(&str, &str, Case)] = &[
    ("sqlite", "kill", kill::run),
    ("sqlite", "slow-disk", disk::slow),
    ("sqlite", "failed-fsync", disk::failed),
    ("sqlite", "full-disk", disk::full),
];

/// Runs the cases, prints the table, and fails if anything was lost, doubled or broken.
pub fn run(plan: &Plan) -> Result<()> {
    let settings = Settings {
        seed: plan.seed.unwrap_or_else(|| place::now().0.unsigned_abs()),
        length: Duration::from_secs(plan.seconds),
        rounds: plan.rounds,
        users: plan.users,
    };
    let is_wanted = |name: &str| plan.cases.is_empty() || plan.cases.iter().any(|case| case == name);
    if let Some(unknown) = plan.cases.iter().find(|case| !CASES.iter().any(|(_, name, _)| name == case)) {
        let names: Vec<_> = CASES.iter().map(|(_, name, _)| *name).collect();
        return Err(format!("There is no case {unknown}. There are: {}.", names.join(", ")).into());
    }
    let mut outcomes = Vec::new();
    for (engine, name, case) in CASES.iter().filter(|(_, name, _)| is_wanted(name)) {
        writeln!(std::io::stderr(), "{engine} {name} …")?;
        outcomes.push(case(&settings)?);
    }
    outcome::print(&mut std::io::stdout().lock(), &outcomes, settings.seed)?;
    plan.json.as_deref().map_or(Ok(()), |path| outcome::write_json(path, &outcomes, settings.seed))?;
    match outcomes.iter().filter(|outcome| !outcome.is_well()).count() {
        0 => Ok(()),
        count => Err(format!("{count} of {} cases found something.", outcomes.len()).into()),
    }
}
