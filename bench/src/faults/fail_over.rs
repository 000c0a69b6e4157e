//! A whole cluster under two processes of the product: its leader is lost and comes back, or hands over, or it loses its etcd.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Settings;
use super::crowd::Storm;
use super::ledger::Fate;
use super::outcome::Outcome;
use super::patroni::{Cluster, Programs};
use super::place::{Served, Stored};
use super::postgres::{ask_until_acknowledged, demand_alive};
use super::scene::Scene;
use crate::Result;

/// How long the clients go on before an injury, and when all is well again.
const BESIDE: Duration = Duration::from_secs(2);
/// Longer than the leader's key lives.
const ETCD_AWAY: Duration = Duration::from_secs(45);

/// An injury of a cluster, and its repair.
struct Injury {
    case: &'static str,
    strike: fn(&mut Cluster, usize) -> Result<()>,
    mend: fn(&mut Cluster, usize) -> Result<()>,
    /// Whether another node leads afterwards.
    moves: bool,
    /// The longest time in which nothing may be acknowledged.
    pause_max: Duration,
}

/// Nothing is left to be mended.
fn leave(_: &mut Cluster, _: usize) -> Result<()> {
    Ok(())
}

/// kill -9 of the leader's node, Patroni and PostgreSQL; the node comes back.
pub fn kill(settings: &Settings) -> Result<Outcome> {
    let strike = |cluster: &mut Cluster, leader| {
        cluster.kill_node(leader);
        Ok(())
    };
    let mend = Cluster::start_node;
    run(settings, &Injury { case: "patroni-kill", strike, mend, moves: true, pause_max: Duration::from_secs(60) })
}

/// The leader's node stands still, and goes on where it stood when another one leads.
pub fn freeze(settings: &Settings) -> Result<Outcome> {
    let strike = |cluster: &mut Cluster, leader| {
        cluster.freeze_node(leader);
        Ok(())
    };
    let mend = |cluster: &mut Cluster, leader| {
        cluster.thaw_node(leader);
        Ok(())
    };
    run(settings, &Injury { case: "patroni-freeze", strike, mend, moves: true, pause_max: Duration::from_secs(60) })
}

/// The leader hands over to the standby that has everything.
pub fn switch_over(settings: &Settings) -> Result<Outcome> {
    let strike = |cluster: &mut Cluster, leader| cluster.switch_over(leader);
    let pause_max = Duration::from_secs(20);
    run(settings, &Injury { case: "patroni-switchover", strike, mend: leave, moves: true, pause_max })
}

/// The etcd stands still for longer than a leader's key lives; the leader stays, since it reaches all nodes.
pub fn take_etcd_away(settings: &Settings) -> Result<Outcome> {
    let strike = |cluster: &mut Cluster, _| {
        cluster.freeze_etcd(ETCD_AWAY);
        Ok(())
    };
    let pause_max = Duration::from_secs(10);
    run(settings, &Injury { case: "patroni-etcd-away", strike, mend: leave, moves: false, pause_max })
}

fn run(settings: &Settings, injury: &Injury) -> Result<Outcome> {
    let cluster = match Programs::find() {
        Ok(programs) => Cluster::start(programs)?,
        Err(reason) => return Ok(Outcome::skipped(settings.engine, injury.case, reason.to_string())),
    };
    let url = cluster.url();
    // Nobody looks but when the cluster is whole.
    let settings = Settings { stored: Stored::Postgres { url: url.clone(), behind: url }, ..settings.clone() };
    let scene = Scene::set(&settings, injury.case, crate::own_directory()?, "")?;
    let mut second = scene.place.spawn_beside(&[])?;
    second.wait_until_ready()?;
    let served = [scene.place.serve()?, second];
    let mut play = Play { cluster, scene, served, answers: BTreeMap::new(), slowest: Duration::ZERO };
    let until = Instant::now() + settings.length;
    while settings.goes_on(play.scene.outcome.rounds, until) {
        play.round(injury)?;
    }
    play.end()
}

/// A case under way.
struct Play {
    cluster: Cluster,
    scene: Scene,
    served: [Served; 2],
    /// The answers to clients that were not told of a reset.
    answers: BTreeMap<Fate, u64>,
    slowest: Duration,
}

impl Play {
    fn round(&mut self, injury: &Injury) -> Result<()> {
        let leader = self.cluster.wait_until_whole()?;
        let found = self.found();
        let (acknowledged, nth) = (self.scene.outcome.acknowledged, self.scene.outcome.rounds + 1);
        let pause = self.under_load(|play| {
            (injury.strike)(&mut play.cluster, leader)?;
            play.demand_both_go_on();
            Ok(())
        })?;
        let pause = pause.max(self.under_load(|play| {
            (injury.mend)(&mut play.cluster, leader)?;
            let leads = play.cluster.wait_until_whole()?;
            play.demand_leader(leader, leads, injury);
            Ok(())
        })?);
        self.demand_pause(pause, injury);
        self.scene.outcome.recovered.push(pause);
        self.scene.outcome.rounds += 1;
        let (lost, doubled) = (self.found().0 - found.0, self.found().1 - found.1);
        let acknowledged = self.scene.outcome.acknowledged - acknowledged;
        self.scene.outcome.notes.push(format!(
            "round {nth}: {acknowledged} acknowledged, {lost} lost, {doubled} doubled; nothing was acknowledged for {:.1} s",
            pause.as_secs_f64()
        ));
        Ok(())
    }

    /// The numbers lost and doubled so far.
    fn found(&self) -> (usize, usize) {
        (self.scene.outcome.findings.lost.len(), self.scene.outcome.findings.doubled.len())
    }

    /// Does `act` while clients ask, counts everything on the leader afterwards, and returns the longest pause.
    fn under_load(&mut self, act: impl FnOnce(&mut Self) -> Result<()>) -> Result<Duration> {
        let doors = [&self.served[0].door, &self.served[1].door];
        let blowing = self.scene.crowd.begin_at(&doors, &self.scene.sink, &self.scene.ledger);
        std::thread::sleep(BESIDE + Duration::from_millis(self.scene.draw.up_to(500)));
        let acted = act(self);
        std::thread::sleep(BESIDE);
        let storm = self.scene.crowd.end(blowing, &mut self.scene.ledger);
        self.scene.enter(&storm);
        self.note_answers(&storm);
        for served in &mut self.served {
            demand_alive(&mut self.scene, served)?;
        }
        self.scene.look_at_all_beside()?;
        acted.map(|()| storm.longest_pause())
    }

    fn demand_both_go_on(&mut self) {
        for (nth, served) in self.served.iter().enumerate() {
            let went_on = ask_until_acknowledged(&mut self.scene, served, Instant::now());
            self.scene.outcome.findings.demand(went_on.is_some(), || format!("process {nth} does not go on"));
        }
    }

    fn demand_leader(&mut self, before: usize, after: usize, injury: &Injury) {
        let is_as_meant = (before != after) == injury.moves;
        let sentence = || format!("node {before} led before the injury, and node {after} after it");
        self.scene.outcome.findings.demand(is_as_meant, sentence);
    }

    fn demand_pause(&mut self, pause: Duration, injury: &Injury) {
        let sentence = || format!("nothing was acknowledged for {pause:?}, which is more than {:?}", injury.pause_max);
        self.scene.outcome.findings.demand(pause <= injury.pause_max, sentence);
    }

    fn note_answers(&mut self, storm: &Storm) {
        for (fate, count) in &storm.other_answers {
            *self.answers.entry(*fate).or_default() += count;
        }
        self.slowest = self.slowest.max(storm.slowest_other);
    }

    fn end(mut self) -> Result<Outcome> {
        let all = &self.scene.outcome;
        let longest = all.recovered.iter().max().copied().unwrap_or_default();
        let sum = format!(
            "in sum: {} acknowledged, {} lost, {} doubled, longest pause {:.1} s; {}",
            all.acknowledged,
            all.findings.lost.len(),
            all.findings.doubled.len(),
            longest.as_secs_f64(),
            in_words(&self.answers, self.slowest)
        );
        self.scene.outcome.notes.push(sum);
        for served in self.served {
            served.stop()?;
        }
        // The cluster is needed until the oracle has looked.
        let outcome = self.scene.close();
        drop(self.cluster);
        outcome
    }
}

/// The answers to clients that were not told of a reset, and how long the slowest of them took.
fn in_words(answers: &BTreeMap<Fate, u64>, slowest: Duration) -> String {
    if answers.is_empty() {
        return "no ask went wrong".into();
    }
    let told = |(fate, count): (&Fate, &u64)| match fate {
        Fate::Refused(status) | Fate::Denied(status) => format!("{count} times {status}"),
        Fate::Unanswered | Fate::Acknowledged(_) => format!("{count} times no answer or one in doubt"),
    };
    let told = answers.iter().map(told).collect::<Vec<_>>().join(", ");
    format!("what else clients were told: {told}, at the latest after {:.1} s", slowest.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_were_told_is_counted_by_its_kind() {
        assert_eq!(in_words(&BTreeMap::new(), Duration::ZERO), "no ask went wrong");
        let answers = BTreeMap::from([(Fate::Unanswered, 2), (Fate::Denied(503), 40)]);
        assert_eq!(
            in_words(&answers, Duration::from_millis(1_250)),
            "what else clients were told: 40 times 503, 2 times no answer or one in doubt, at the latest after 1.2 s"
        );
    }
}
