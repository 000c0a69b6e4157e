//! Injures the real product in every way that we know, lets it recover, and asks an oracle each time whether anything
//! acknowledged is lost, or anything was done twice.

mod books;
mod certificates;
mod clock;
mod crowd;
mod disk;
mod fail_over;
mod flood;
mod frozen;
mod incident;
mod kill;
mod ledger;
mod letter;
mod mails;
mod outcome;
mod overload;
mod patroni;
mod person;
mod place;
mod pooled;
mod postgres;
mod power;
mod protocol;
mod proxy;
mod scene;
mod secrets;
mod sink;
mod stripper;
mod talk;
mod tracer;
mod wire;

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use self::outcome::Outcome;
use self::place::Stored;
use crate::Result;

/// What to run.
#[derive(clap::Args)]
pub struct Plan {
    /// Repeats what is drawn: users, moments, kinds of asks [default: another one each time].
    #[arg(long)]
    seed: Option<u64>,
    /// The engine to injure.
    #[arg(long, default_value = "both", value_parser = ["sqlite", "postgres", "both"])]
    engine: String,
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

/// The parameters of every case.
#[derive(Clone)]
pub struct Settings {
    engine: &'static str,
    stored: Stored,
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

type Run = fn(&Settings) -> Result<Outcome>;

/// A way to injure the product.
struct Case {
    engine: &'static str,
    name: &'static str,
    run: Run,
    /// Whether it mostly waits, so that adjacent cases of this kind may run at once.
    waits: bool,
}

const fn alone(engine: &'static str, name: &'static str, run: Run) -> Case {
    Case { engine, name, run, waits: false }
}

const fn waiting(engine: &'static str, name: &'static str, run: Run) -> Case {
    Case { engine, name, run, waits: true }
}

/// Every case, in the order in which they run.
const CASES: &[Case] = &[
    alone("sqlite", "kill", kill::run),
    alone("sqlite", "power-cut", power::run),
    alone("sqlite", "slow-disk", disk::slow),
    alone("sqlite", "failed-fsync", disk::failed),
    alone("sqlite", "full-disk", disk::full),
    alone("sqlite", "clock", clock::run),
    alone("sqlite", "flood", flood::run),
    alone("sqlite", "overload", overload::run),
    alone("sqlite", "incident", incident::run),
    waiting("sqlite", "mail-421", mails::hangs_up),
    waiting("sqlite", "mail-450", mails::greylists),
    waiting("sqlite", "mail-451", mails::fails_at_the_dot),
    waiting("sqlite", "mail-550", mails::knows_no_such_user),
    waiting("sqlite", "mail-552", mails::takes_no_more),
    waiting("sqlite", "mail-dropped", mails::drops),
    waiting("sqlite", "mail-dripping", mails::drips),
    waiting("sqlite", "mail-silent", mails::falls_silent),
    waiting("sqlite", "mail-certificate", mails::cannot_be_trusted),
    waiting("sqlite", "mail-no-starttls", mails::offers_no_tls),
    waiting("sqlite", "mail-stripped", mails::is_stripped),
    alone("postgres", "kill", postgres::kill_tenantry),
    alone("postgres", "server-kill", postgres::kill_server),
    alone("postgres", "server-restart", postgres::restart_server),
    alone("postgres", "power-cut", postgres::cut_power),
    alone("postgres", "lost-answer", postgres::lose_answers),
    alone("postgres", "frozen-primary", frozen::run),
    alone("postgres", "incident", incident::on_postgres),
    alone("postgres", "pgbouncer-session", pooled::by_sessions),
    alone("postgres", "pgbouncer-transaction", pooled::by_transactions),
    alone("postgres", "patroni-kill", fail_over::kill),
    alone("postgres", "patroni-freeze", fail_over::freeze),
    alone("postgres", "patroni-switchover", fail_over::switch_over),
    alone("postgres", "patroni-etcd-away", fail_over::take_etcd_away),
];

impl Case {
    /// Runs it; a failure of the harness itself counts as a finding.
    fn outcome(&self, settings: &Settings) -> Outcome {
        let _ = writeln!(std::io::stderr(), "{} {} …", self.engine, self.name);
        let settings = Settings { engine: self.engine, ..settings.clone() };
        let outcome = (self.run)(&settings).unwrap_or_else(|failure| {
            let mut outcome = Outcome::of(self.engine, self.name);
            outcome.findings.broken.push(format!("the case did not come to its end: {failure}"));
            outcome
        });
        let _ = writeln!(std::io::stderr(), "{} {} {}", self.engine, self.name, outcome.in_a_word());
        outcome
    }
}

/// Runs the cases, prints the table, and fails if anything was lost, doubled or broken.
pub fn run(plan: &Plan) -> Result<()> {
    let settings = Settings {
        engine: "sqlite",
        stored: Stored::Embedded,
        seed: plan.seed.unwrap_or_else(|| place::now().0.unsigned_abs()),
        length: Duration::from_secs(plan.seconds),
        rounds: plan.rounds,
        users: plan.users,
    };
    let outcomes = run_all(&chosen(plan)?, &settings);
    outcome::print(&mut std::io::stdout().lock(), &outcomes, settings.seed)?;
    plan.json.as_deref().map_or(Ok(()), |path| outcome::write_json(path, &outcomes, settings.seed))?;
    match outcomes.iter().filter(|outcome| !outcome.is_well()).count() {
        0 => Ok(()),
        count => Err(format!("{count} of {} cases found something.", outcomes.len()).into()),
    }
}

/// The cases that were asked for, by their names or by how these begin.
fn chosen(plan: &Plan) -> Result<Vec<&'static Case>> {
    let is_meant = |case: &Case, wanted: &String| case.name == wanted || case.name.starts_with(&format!("{wanted}-"));
    if let Some(unknown) = plan.cases.iter().find(|wanted| !CASES.iter().any(|case| is_meant(case, wanted))) {
        let names: Vec<_> = CASES.iter().map(|case| case.name).collect();
        return Err(format!("There is no case {unknown}. There are: {}.", names.join(", ")).into());
    }
    let is_wanted = |case: &Case| {
        let by_engine = plan.engine == "both" || plan.engine == case.engine;
        by_engine && (plan.cases.is_empty() || plan.cases.iter().any(|wanted| is_meant(case, wanted)))
    };
    Ok(CASES.iter().filter(|case| is_wanted(case)).collect())
}

fn run_all(cases: &[&'static Case], settings: &Settings) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for group in cases.chunk_by(|one, next| one.waits && next.waits) {
        outcomes.extend(std::thread::scope(|scope| {
            let running: Vec<_> = group.iter().map(|case| scope.spawn(|| case.outcome(settings))).collect();
            running.into_iter().filter_map(|running| running.join().ok()).collect::<Vec<_>>()
        }));
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_explained_and_named_once_for_its_engine() {
        let page = include_str!("../../docs/faults.md");
        let mut names = std::collections::HashSet::new();
        for case in CASES {
            assert!(page.contains(&format!("`{}`", case.name)), "docs/faults.md does not explain {}", case.name);
            assert!(names.insert((case.engine, case.name)), "{} stands twice", case.name);
        }
    }
}
