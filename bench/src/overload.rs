//! Measures overload: the work that is still done, the refusals, and tenants beside one that floods.
//!
//! Load and server share the cores, so only the ratios are meaningful.

use std::sync::Arc;
use std::time::Duration;

use crate::Result;
use crate::crowd::{Crowd, Directions, Tenant};
use crate::histogram::Histogram;
use crate::http_rate::warm_up;
use crate::machine::Watch;
use crate::offered::{Clients, Outcome, Request, Span, drive};
use crate::table::write_aligned;

/// The flood's rate as a multiple of its share.
const FLOOD: f64 = 100.0;
/// The load of all tenants without a flood, as a part of the capacity.
const USUAL: f64 = 0.7;
/// The most that one measurement opens; the product takes 1,024.
const CONNECTIONS_MAX: usize = 1_000;
const GOODPUT_LEAST: f64 = 0.9;
const REFUSAL_MOST_MS: f64 = 50.0;
const OTHERS_MOST: f64 = 2.0;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Measured seconds for each line.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// How often each is measured, alternating with its comparison; the round with the middle ratio is shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Tenants beside the one that floods.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=50))]
    tenants: u16,
    /// Users in each tenant.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(100..))]
    users: u32,
    /// What to ask for.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "sign-in,reset")]
    what: Vec<Kind>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Bound by hashing.
    SignIn,
    /// Bound by the writer.
    Reset,
}

impl Kind {
    fn name(self) -> &'static str {
        if self == Self::SignIn { "sign-in" } else { "reset" }
    }

    fn request(self, tenant: &Tenant, users: u32) -> Request {
        let tenant = tenant.clone();
        match self {
            Self::SignIn => Arc::new(move |nth| tenant.sign_in(users, nth)),
            Self::Reset => Arc::new(move |nth| tenant.reset(users, nth)),
        }
    }

    /// Enough to use all that there is, and none too many to be taken.
    fn connections(self) -> usize {
        if self == Self::SignIn { 8 } else { 48 }
    }
}

/// Measures and prints; fails when a bar is not reached.
pub fn measure(plan: &Plan) -> Result<()> {
    let mut lines = Vec::new();
    for kind in &plan.what {
        let data = crate::own_directory()?;
        let crowd = Crowd::start(data.path(), usize::from(plan.tenants) + 1, plan.users, None)?;
        let outcome = Bench { plan, kind: *kind, crowd: &crowd }.measure();
        crowd.stop()?;
        lines.extend(outcome?);
    }
    let heads = ["what", "load", "offered/s", "good/s", "p99 ms", "refused/s", "p99 ms", "bar", "reached", "foreign"];
    let rows: Vec<_> = lines.iter().map(|line| line.cells.clone()).collect();
    write_aligned(&mut std::io::stdout().lock(), &heads, &rows)?;
    let missed = lines.iter().filter(|line| !line.is_reached).count();
    if missed > 0 { Err(format!("{missed} of {} bars were not reached.", lines.len()).into()) } else { Ok(()) }
}

struct Bench<'a> {
    plan: &'a Plan,
    kind: Kind,
    crowd: &'a Crowd,
}

struct Line {
    cells: Vec<String>,
    is_reached: bool,
}

impl Bench<'_> {
    fn measure(&self) -> Result<Vec<Line>> {
        let (flooding, quiet) = self.crowd.directions.tenants.split_first().ok_or("There are no tenants.")?;
        let mut lines = Vec::new();
        for times in [2.0, 20.0] {
            let (_, of_the_middle) = self.middle(|| self.beyond(flooding, times))?;
            lines.extend(of_the_middle);
        }
        let (_, of_the_middle) = self.middle(|| self.beside_a_flood(flooding, quiet))?;
        lines.extend(of_the_middle);
        Ok(lines)
    }

    /// The round with the middle ratio, since the machine's other load varies.
    fn middle(&self, round: impl Fn() -> Result<(f64, Vec<Line>)>) -> Result<(f64, Vec<Line>)> {
        let mut rounds = (0..self.plan.rounds).map(|_| round()).collect::<Result<Vec<_>>>()?;
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(rounds.swap_remove(rounds.len() / 2))
    }

    /// Measures the capacity, and how much is done at `times` that load.
    fn beyond(&self, flooding: &Tenant, times: f64) -> Result<(f64, Vec<Line>)> {
        let (capacity, just_enough) = self.capacity(flooding)?;
        let (outcomes, foreign) = self.drive(vec![vec![self.flood(flooding, capacity, times)]])?;
        let outcome = &outcomes[0][0];
        let line = self.refusing(&format!("{times} times"), outcome, capacity, foreign)?;
        Ok((outcome.goodput() / capacity, vec![just_enough, line]))
    }

    /// Tenants at their share, first all of them, then beside one that asks for a hundred times of it.
    fn beside_a_flood(&self, flooding: &Tenant, quiet: &[Tenant]) -> Result<(f64, Vec<Line>)> {
        let (capacity, _) = self.capacity(flooding)?;
        let share = capacity * USUAL / (quiet.len() + 1) as f64;
        let watched: Vec<_> = quiet.iter().map(|tenant| self.clients(tenant, Some(share), 8)).collect();
        let usual = self.clients(flooding, Some(share), 8);
        let flood = self.flood(flooding, capacity, FLOOD * share / capacity);
        let (before, foreign_before) = self.drive(vec![watched.clone(), vec![usual]])?;
        let (beside, foreign) = self.drive(vec![watched, vec![flood]])?;
        let p99_before = good_p99(&before[0]);
        let lines = vec![
            self.others("all at their share", &before[0], p99_before, foreign_before)?,
            self.others("one at 100 times", &beside[0], p99_before, foreign)?,
            self.refusing("the one itself", &beside[1][0], 0.0, foreign)?,
        ];
        Ok((good_p99(&beside[0]) / p99_before, lines))
    }

    /// A load of `times` the capacity. Sign-ins come at that rate, each from another client. Resets cannot be offered
    /// at such a rate by the machine that also answers them: instead there are `times` as many connections, each asking
    /// again and again, and waiting as told when it is refused.
    fn flood(&self, tenant: &Tenant, capacity: f64, times: f64) -> Clients {
        let connections = ((self.kind.connections() as f64 * times) as usize).clamp(64, CONNECTIONS_MAX);
        match self.kind {
            Kind::SignIn => self.clients(tenant, Some(capacity * times), connections),
            Kind::Reset => {
                let connections = connections.min(CONNECTIONS_MAX - 8 * usize::from(self.plan.tenants));
                Clients { heeds: true, ..self.clients(tenant, None, connections) }
            }
        }
    }

    /// Good answers a second when just enough is asked for.
    fn capacity(&self, tenant: &Tenant) -> Result<(f64, Line)> {
        let clients = self.clients(tenant, None, self.kind.connections());
        let (mut outcomes, foreign) = self.drive(vec![vec![clients]])?;
        let outcome = outcomes.remove(0).remove(0);
        check(&outcome)?;
        let line = self.line("just enough", &[&outcome], String::new(), outcome.refused == 0, foreign);
        Ok((outcome.goodput(), line))
    }

    fn clients(&self, tenant: &Tenant, per_second: Option<f64>, connections: usize) -> Clients {
        let Directions { users, .. } = self.crowd.directions;
        Clients { connections, per_second, heeds: false, request: self.kind.request(tenant, users) }
    }

    fn drive(&self, threads: Vec<Vec<Clients>>) -> Result<(Vec<Vec<Outcome>>, f64)> {
        let measured = Duration::from_secs(self.plan.seconds);
        let watch = Watch::start(self.crowd.id())?;
        let outcomes = drive(self.crowd.directions.address, threads, Span { warm_up: warm_up(measured), measured })?;
        Ok((outcomes, watch.finish()?.foreign_load))
    }

    /// A line about refused work: the capacity is used, and refused clients learn it at once.
    fn refusing(&self, load: &str, outcome: &Outcome, capacity: f64, foreign: f64) -> Result<Line> {
        check(outcome)?;
        let (ratio, p99) = (outcome.goodput() / capacity.max(1.0), outcome.refused_took.quantile_ms(0.99));
        let is_quick = p99 < REFUSAL_MOST_MS;
        if capacity == 0.0 {
            return Ok(self.line(load, &[outcome], "refused < 50 ms".into(), is_quick, foreign));
        }
        let bar = format!("{:.0} % good (90), refused < 50 ms", ratio * 100.0);
        Ok(self.line(load, &[outcome], bar, is_quick && ratio >= GOODPUT_LEAST, foreign))
    }

    /// A line about tenants that ask for no more than their share.
    fn others(&self, load: &str, outcomes: &[Outcome], p99_before: f64, foreign: f64) -> Result<Line> {
        outcomes.iter().try_for_each(check)?;
        let ratio = good_p99(outcomes) / p99_before;
        let refused: u64 = outcomes.iter().map(|outcome| outcome.refused).sum();
        let bar = format!("{ratio:.2} times p99 (2), {refused} refused (0)");
        let all: Vec<_> = outcomes.iter().collect();
        Ok(self.line(load, &all, bar, ratio < OTHERS_MOST && refused == 0, foreign))
    }

    fn line(&self, load: &str, outcomes: &[&Outcome], bar: String, is_reached: bool, foreign: f64) -> Line {
        let sum = |of: &dyn Fn(&Outcome) -> f64| format!("{:.1}", outcomes.iter().map(|one| of(one)).sum::<f64>());
        let cells = vec![
            self.kind.name().into(),
            load.into(),
            sum(&Outcome::offered),
            sum(&Outcome::goodput),
            format!("{:.1}", p99(outcomes.iter().map(|outcome| &outcome.good_took))),
            sum(&|outcome| outcome.refused as f64 / outcome.seconds),
            format!("{:.1}", p99(outcomes.iter().map(|outcome| &outcome.refused_took))),
            bar,
            if is_reached { "yes" } else { "NO" }.into(),
            format!("{foreign:.2}"),
        ];
        Line { cells, is_reached }
    }
}

/// The p99 of all that several groups took together.
fn p99<'a>(of: impl Iterator<Item = &'a Histogram>) -> f64 {
    let mut all = Histogram::new();
    of.for_each(|one| all.add(one));
    all.quantile_ms(0.99)
}

fn good_p99(outcomes: &[Outcome]) -> f64 {
    p99(outcomes.iter().map(|outcome| &outcome.good_took))
}

/// Every answer is good or a refusal that says when to come again.
fn check(outcome: &Outcome) -> Result<()> {
    if !outcome.others.is_empty() || outcome.lost > 0 || outcome.without_retry_after > 0 {
        return Err(format!(
            "Not as it should be: other statuses {:?}, {} connections lost, {} refusals without Retry-After.",
            outcome.others, outcome.lost, outcome.without_retry_after
        )
        .into());
    }
    Ok(())
}
