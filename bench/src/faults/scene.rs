//! One case from its first start to the last look of the oracle.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use uuid::Uuid;

use super::Settings;
use super::books::{Before, Books};
use super::crowd::{Crowd, Storm};
use super::ledger::{Fate, Ledger};
use super::outcome::Outcome;
use super::place::{Place, Served, ToRelay};
use super::secrets;
use super::sink::Sink;
use super::wire::Wire;
use crate::Result;
use crate::ask::Draw;

/// A mail that a killed process had leased comes back after a minute; its next tries are in the first minutes too.
const DRAIN_PATIENCE: Duration = Duration::from_secs(240);
/// Acknowledged resets that are asked for one by one over HTTP at the end.
const SAMPLE: usize = 50;

/// A case under way.
pub struct Scene {
    /// The installation.
    pub place: Place,
    /// Its relay.
    pub sink: Arc<Sink>,
    /// The requests and answers of the clients.
    pub ledger: Ledger,
    /// The clients.
    pub crowd: Crowd,
    /// The report.
    pub outcome: Outcome,
    /// The case's own draw.
    pub draw: Draw,
    /// Users who may have another password at the end, apart from the people of the crowd.
    pub chose: HashSet<String>,
    spared: u64,
    before: Before,
    mark: Uuid,
    /// Passwords that must stand nowhere.
    words: Vec<String>,
}

impl Scene {
    /// Sample users that no client resets, at the end of the list.
    pub const SPARED: u64 = 500;

    /// Makes the installation of a case in `directory`, with clients that have not begun.
    pub fn set(settings: &Settings, case: &'static str, directory: TempDir, further: &str) -> Result<Self> {
        let sink = Sink::start()?;
        let relay = ToRelay { port: sink.port(), ca_pem: None };
        Self::set_before(settings, case, directory, further, sink, relay)
    }

    /// As [`Scene::set`], with a relay of its own kind and the way to it.
    pub fn set_before(
        settings: &Settings,
        case: &'static str,
        directory: TempDir,
        further: &str,
        sink: Sink,
        relay: ToRelay,
    ) -> Result<Self> {
        let (users, players) = (settings.users, 2);
        let spared = Crowd::users_needed(users, players);
        let place =
            Place::make(directory, u32::try_from(spared + Self::SPARED)?, &relay, further, settings.stored.clone())?;
        let books = Books::open(&place.store())?;
        let before = books.before()?;
        books.close();
        let words = vec![place.directions.user_password.clone(), place.directions.api_token.clone()];
        Ok(Self {
            sink: Arc::new(sink),
            chose: HashSet::new(),
            spared,
            place,
            ledger: Ledger::default(),
            crowd: Crowd::new(settings.seed, 4, users, players),
            outcome: Outcome::of(settings.engine, case),
            draw: Draw::seeded(settings.seed.wrapping_add(case.len() as u64)),
            before,
            mark: Uuid::nil(),
            words,
        })
    }

    /// The number behind which the spared users stand.
    pub fn spared(&self) -> u64 {
        self.spared
    }

    /// Enters a storm that is over.
    pub fn enter(&mut self, storm: &Storm) {
        self.outcome.acknowledged += storm.acknowledged + storm.redeemed;
        self.outcome.findings.extend(storm.findings.clone());
    }

    /// Examines the store after the round; the product must have ended.
    pub fn look(&mut self) -> Result<()> {
        let books = Books::open(&self.place.store())?;
        books.wait_for_the_dead()?;
        self.compare(books)
    }

    /// The same while the product runs, and no client asks for anything. Not with an embedded store.
    pub fn look_beside(&mut self) -> Result<()> {
        let books = Books::open(&self.place.store())?;
        self.compare(books)
    }

    /// As [`Scene::look_beside`], over the whole store: resets found before must still be there.
    pub fn look_at_all_beside(&mut self) -> Result<()> {
        let books = Books::open(&self.place.store())?;
        let view = books.since(Uuid::nil(), &self.ledger.repeatable())?;
        books.close();
        self.outcome.findings.extend(self.ledger.judge_all(&view.found, &view.keys));
        Ok(())
    }

    fn compare(&mut self, books: Books) -> Result<()> {
        let view = books.since(self.mark, &self.ledger.repeatable())?;
        books.close();
        self.outcome.findings.extend(self.ledger.judge(&view.found, &view.keys));
        self.mark = view.mark;
        Ok(())
    }

    /// The end of a case: nothing is injured any more. All doubts are cleared up, all mails leave, and the whole
    /// oracle runs.
    pub fn close(mut self) -> Result<Outcome> {
        let began = Instant::now();
        let mut served = self.place.serve()?;
        self.clear_up(&served)?;
        self.ask_over_http(&served)?;
        while self.waiting_mails(served)? > 0 {
            if began.elapsed() > DRAIN_PATIENCE {
                self.outcome.findings.broken.push("I8: mails still wait although nothing holds them up".into());
                break;
            }
            std::thread::sleep(Duration::from_secs(1));
            served = self.place.serve()?;
            self.let_mails_leave(&served, began);
        }
        self.examine()?;
        let done = self.ledger.denied_and_done;
        self.outcome.findings.demand(done == 0, || format!("{done} asks were denied with 5xx and done all the same"));
        Ok(self.outcome)
    }

    /// Repeats the request under every key that had no answer, and lets people find out which of their passwords is
    /// valid.
    fn clear_up(&mut self, served: &Served) -> Result<()> {
        let mut wire = Wire::to(&served.door, self.draw.up_to(1 << 31));
        for ask in self.ledger.repeatable() {
            match wire.reset(&ask) {
                Fate::Acknowledged(id) => self.ledger.note(ask, Fate::Acknowledged(id)),
                fate => self.outcome.findings.broken.push(format!("a repeat under its key was answered {fate:?}")),
            }
        }
        let began = Instant::now();
        let (sink, ledger, outcome) = (&self.sink, &mut self.ledger, &mut self.outcome);
        for person in self.crowd.people() {
            while !person.is_certain() && began.elapsed() < DRAIN_PATIENCE {
                let turn = person.act(&mut wire, sink);
                outcome.acknowledged += turn.redeemed;
                outcome.findings.extend(turn.findings);
                turn.asked.into_iter().for_each(|(ask, fate)| ledger.note(ask, fate));
                std::thread::sleep(Duration::from_millis(5));
            }
            // Once more, so that a password that was acknowledged last is tried too.
            let turn = person.act(&mut wire, sink);
            outcome.acknowledged += turn.redeemed;
            outcome.findings.extend(turn.findings);
            turn.asked.into_iter().for_each(|(ask, fate)| ledger.note(ask, fate));
        }
        Ok(())
    }

    /// Checks through the API what an administrator and the users see.
    fn ask_over_http(&mut self, served: &Served) -> Result<()> {
        let mut wire = Wire::to(&served.door, self.draw.up_to(1 << 31));
        let findings = &mut self.outcome.findings;
        for (id, email) in self.ledger.ids().take(SAMPLE) {
            let reply = wire.get(&format!("/api/tenantry/v1/resets/{id}")).ok_or("The product does not answer.")?;
            let shown = reply.json();
            if reply.status != 200 || shown["email"] != email {
                findings.lost.push(format!("GET of reset {id} of {email} answers {} {shown}", reply.status));
            }
        }
        let old = &self.place.directions.user_password;
        for (_, email) in self.ledger.ids().filter(|(_, email)| !self.chose.contains(*email)).take(SAMPLE / 5) {
            let status = wire.sign_in(email, old).map(|reply| reply.status);
            findings.demand(status == Some(401), || format!("I1: the old password of {email} is answered {status:?}"));
        }
        let verified = wire.get("/api/tenantry/v1/audit/verify").ok_or("The product does not answer.")?.json();
        findings.demand(verified["sound"] == true && verified["fault"].is_null(), || {
            format!("I4: the audit chain does not verify: {verified}")
        });
        Ok(())
    }

    fn let_mails_leave(&self, served: &Served, began: Instant) {
        let mut wire = Wire::to(&served.door, 1);
        while began.elapsed() < DRAIN_PATIENCE {
            let page = wire.get("/api/tenantry/v1/resets?state=requested&limit=1");
            let is_empty = page.is_some_and(|page| page.json()["items"].as_array().is_some_and(Vec::is_empty));
            if is_empty {
                // Notices of new passwords are not in that list; they leave with the next ticks.
                std::thread::sleep(Duration::from_millis(500));
                return;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Stops the product once it has had time to send, and counts the mails left.
    fn waiting_mails(&mut self, served: Served) -> Result<usize> {
        self.let_mails_leave(&served, Instant::now());
        served.stop()?;
        let books = Books::open(&self.place.store())?;
        let pending = books.pending();
        books.close();
        pending
    }

    /// The whole store, and the files beside it.
    fn examine(&mut self) -> Result<()> {
        let books = Books::open(&self.place.store())?;
        let view = books.since(Uuid::nil(), &self.ledger.repeatable())?;
        let people = self.crowd.people().filter(|person| person.has_chosen).map(|person| person.email.clone());
        let chose: HashSet<String> = people.chain(std::mem::take(&mut self.chose)).collect();
        let findings = &mut self.outcome.findings;
        findings.extend(self.ledger.judge_all(&view.found, &view.keys));
        findings.extend(books.compare(&self.before, &chose)?);
        books.close();
        self.words.extend(self.crowd.people().flat_map(|person| person.passwords()));
        self.outcome.findings.extend(secrets::look_for(&self.place, &self.sink, &self.words)?);
        Ok(())
    }
}
