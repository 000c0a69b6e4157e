//! An incident from its plan to its last mail over HTTP, with a kill -9 at a moment that nobody can foresee.

use std::collections::{HashMap, HashSet};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use uuid::Uuid;

use super::list::List;
use super::servers::Servers;
use crate::Result;
use crate::faults::ledger::Findings;
use crate::faults::sink::{Received, Sink};
use crate::faults::wire::{Door, Reply, Wire};

const INCIDENTS: &str = "/api/tenantry/v1/incidents";
/// Mails that a killed process had taken on come back after a minute, and a plan after ten seconds.
const PATIENCE: Duration = Duration::from_secs(240);
const LOOK: Duration = Duration::from_millis(5);
/// So long mails are held: a mail that leaves too early is seen.
const HELD: Duration = Duration::from_millis(700);

/// What an incident does when the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its list is sent and its users are looked for.
    Planning,
    /// Passwords end.
    Ending,
    /// Mails leave.
    Mailing,
}

impl Stage {
    /// In the order of an incident.
    pub const ALL: [Self; 3] = [Self::Planning, Self::Ending, Self::Mailing];

    /// As it stands in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Ending => "ending",
            Self::Mailing => "mailing",
        }
    }

    /// Whether an incident in this state is still at it.
    fn is_at(self, state: &str) -> bool {
        match self {
            Self::Planning => matches!(state, "collecting" | "planning"),
            Self::Ending => state == "ending",
            Self::Mailing => matches!(state, "mailing" | "mailed"),
        }
    }
}

/// What came of an incident.
pub struct Ran {
    /// The incident.
    pub id: Uuid,
    /// Whether the process was killed in the middle of the stage.
    pub was_hit: bool,
    /// From the kill to the end of the stage.
    pub recovered: Option<Duration>,
    /// Mails with a link, by their reset.
    pub mails: HashMap<Uuid, Vec<Received>>,
    /// Resets whose link had left before the mails were released.
    pub early: HashSet<Uuid>,
    /// Other promises that were not kept.
    pub findings: Findings,
}

/// A kill that was noticed.
struct Kill {
    at: Instant,
    /// Mails that had arrived by then.
    arrived: usize,
    /// Whether the stage was not over yet; none until somebody has looked.
    was_hit: Option<bool>,
    recovered: Option<Duration>,
}

/// An incident under way.
pub struct Course<'a> {
    servers: Servers<'a>,
    sink: &'a Sink,
    list: &'a List,
    /// Resets of the rounds before.
    known: &'a HashSet<Uuid>,
    stage: Stage,
    /// How long after the stage has begun the process is killed.
    after: Duration,
    killer: Option<JoinHandle<()>>,
    kill: Option<Kill>,
    early: HashSet<Uuid>,
}

impl<'a> Course<'a> {
    /// One that has not begun.
    pub fn new(
        servers: Servers<'a>,
        sink: &'a Sink,
        list: &'a List,
        known: &'a HashSet<Uuid>,
        stage: Stage,
        after: Duration,
    ) -> Self {
        Self { servers, sink, list, known, stage, after, killer: None, kill: None, early: HashSet::new() }
    }

    /// Goes through it until every mail has arrived, or for four minutes.
    pub fn run(mut self) -> Result<Ran> {
        let id = self.declare()?;
        let gone = self.go_through(&format!("{INCIDENTS}/{id}"));
        if let Some(killer) = self.killer.take() {
            killer.join().map_err(|_| "The kill did not come.")?;
        }
        gone?;
        self.end(id)
    }

    fn go_through(&mut self, path: &str) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            sleep(LOOK);
            self.look_for_the_end()?;
            let Some(shown) = self.get(path)? else { continue };
            let state = shown["state"].as_str().unwrap_or_default();
            self.note(state);
            match state {
                "collecting" => self.fill(path)?,
                "planned" => self.begin(path, &shown)?,
                "held" => self.release(path)?,
                "mailed" if self.have_all_arrived(&shown)? => break,
                "planning" | "ending" | "mailing" | "mailed" => {}
                state => return Err(format!("The incident is {state}: {shown}").into()),
            }
        }
        Ok(())
    }

    fn wire(&self) -> Result<Wire> {
        Ok(Wire::to(self.servers.door()?, 1))
    }

    /// A GET; nothing where the process has gone or is busy.
    fn get(&self, path: &str) -> Result<Option<Value>> {
        Ok(self.wire()?.get(path).filter(|reply| reply.status == 200).map(|reply| reply.json()))
    }

    /// A call that is made again as long as nobody has answered it.
    fn call(&self, method: &str, path: &str, kind: &str, body: &str) -> Result<Option<Reply>> {
        let Door { host, api_token, .. } = self.servers.door()?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: APIToken {api_token}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let reply = self.wire()?.exchange(request.as_bytes());
        match reply {
            Some(reply) if (400..429).contains(&reply.status) => {
                let said = String::from_utf8_lossy(&reply.body).into_owned();
                Err(format!("{method} {path} is answered {} {said}", reply.status).into())
            }
            reply => Ok(reply.filter(|reply| reply.status < 300)),
        }
    }

    fn post(&self, path: &str, body: &Value) -> Result<Option<Reply>> {
        self.call("POST", path, "application/json", &body.to_string())
    }

    fn declare(&self) -> Result<Uuid> {
        let terms = json!({
            "name": "Fault", "lines": true, "hold": true, "pace_per_minute": 0, "except": self.list.excepted(),
        });
        let declared = self.post(INCIDENTS, &terms)?.ok_or("The incident was not declared.")?.json();
        Ok(Uuid::parse_str(declared["id"].as_str().unwrap_or_default())?)
    }

    /// Lets the kill come some time from now, if this is the stage for it.
    fn arm(&mut self, stage: Stage) {
        let Some(victim) = self.servers.victim().filter(|_| stage == self.stage && self.killer.is_none()) else {
            return;
        };
        let (after, id) = (self.after, i32::try_from(victim).ok().and_then(Pid::from_raw));
        // Its end is waited for by this program alone, so that the number belongs to no other process meanwhile.
        self.killer = Some(std::thread::spawn(move || {
            sleep(after);
            let _ = id.map(|id| kill_process(id, Signal::KILL));
        }));
    }

    fn look_for_the_end(&mut self) -> Result<()> {
        let at = Instant::now();
        let arrived = self.arrived().len();
        if self.servers.notice_the_end()? {
            sleep(LOOK);
            if self.killer.as_ref().is_none_or(|killer| !killer.is_finished()) {
                return Err("A process has ended before it was killed.".into());
            }
            self.kill = Some(Kill { at, arrived, was_hit: None, recovered: None });
        }
        Ok(())
    }

    /// Notes what was met by the kill, and when it was made good.
    fn note(&mut self, state: &str) {
        let (stage, users) = (self.stage, self.list.users());
        let Some(kill) = &mut self.kill else { return };
        let is_at = stage.is_at(state);
        let was_met = is_at && (stage != Stage::Mailing || kill.arrived < users);
        kill.was_hit.get_or_insert(was_met);
        if !is_at {
            kill.recovered.get_or_insert(kill.at.elapsed());
        }
    }

    fn fill(&mut self, path: &str) -> Result<()> {
        self.arm(Stage::Planning);
        let sent = self.call("PUT", &format!("{path}/lines/1"), "application/x-ndjson", &self.list.text())?;
        if sent.is_some() {
            self.post(&format!("{path}/plan"), &json!({}))?;
        }
        Ok(())
    }

    fn begin(&mut self, path: &str, shown: &Value) -> Result<()> {
        self.arm(Stage::Ending);
        let plan = &shown["plan"];
        self.post(&format!("{path}/start"), &json!({ "plan": plan["digest"], "users": plan["users"] })).map(drop)
    }

    fn release(&mut self, path: &str) -> Result<()> {
        sleep(HELD);
        let arrived: HashSet<Uuid> = self.arrived().into_keys().collect();
        self.early.extend(arrived);
        self.arm(Stage::Mailing);
        self.post(&format!("{path}/release"), &json!({})).map(drop)
    }

    /// The mails of this round.
    fn arrived(&self) -> HashMap<Uuid, Vec<Received>> {
        let seen = self.sink.seen();
        let fresh = seen.by_reset.iter().filter(|(reset, _)| !self.known.contains(reset));
        fresh.map(|(reset, mails)| (*reset, mails.clone())).collect()
    }

    /// Whether all mails have arrived and the product knows it; then none comes a second time.
    fn have_all_arrived(&self, shown: &Value) -> Result<bool> {
        let (queued, is_struck) = (shown["progress"]["queued"].as_u64(), self.kill.is_some());
        if !is_struck || (self.arrived().len() as u64) < queued.unwrap_or(u64::MAX) {
            return Ok(false);
        }
        let page = self.get("/api/tenantry/v1/resets?state=requested&limit=1")?;
        Ok(page.is_some_and(|page| page["items"].as_array().is_some_and(Vec::is_empty)))
    }

    fn end(mut self, id: Uuid) -> Result<Ran> {
        let mut findings = Findings::default();
        let verified = self.get("/api/tenantry/v1/audit/verify")?.unwrap_or_default();
        findings.demand(verified["sound"] == true, || format!("the audit chain does not verify: {verified}"));
        let (mails, kill) = (self.arrived(), self.kill.take().ok_or("No process was killed.")?);
        let recovered = kill.recovered.unwrap_or_else(|| kill.at.elapsed());
        let was_hit = kill.was_hit == Some(true);
        self.servers.stop()?;
        Ok(Ran { id, was_hit, recovered: was_hit.then_some(recovered), mails, early: self.early, findings })
    }
}
