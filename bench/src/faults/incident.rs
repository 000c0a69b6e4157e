//! Incidents whose processes are killed in the middle, and what is counted when their mails have left: while the plan is made,
//! while passwords end and while mails leave, in turn. On PostgreSQL two processes work on the store, and the other one goes on.

mod count;
mod course;
mod list;
mod servers;
mod sums;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use uuid::Uuid;

use self::count::{Book, Users};
use self::course::{Course, Ran, Stage};
use self::list::List;
use self::servers::Servers;
use self::sums::Sums;
use super::Settings;
use super::books::Books;
use super::outcome::Outcome;
use super::place::{Place, ToRelay};
use super::postgres::with_server;
use super::sink::Sink;
use crate::Result;
use crate::ask::Draw;

const CASE: &str = "incident";
/// Besides those of whom some are listed in each round, so many percent are never listed.
const SPARED_PERCENT: u32 = 25;
/// In this time after its stage began a process is killed, at first; the spans follow what earlier rounds have met.
const SPANS: [Duration; 3] = [Duration::from_millis(200), Duration::from_millis(400), Duration::from_millis(1_000)];

/// Runs the case with one process on an embedded store.
pub fn run(settings: &Settings) -> Result<Outcome> {
    let mut play = Play::set(settings)?;
    let books = Books::open(&play.place.store())?;
    let before = books.before()?;
    books.close();
    let until = Instant::now() + settings.length;
    while settings.goes_on(play.outcome.rounds, until) {
        play.round()?;
    }
    let books = Books::open(&play.place.store())?;
    // An incident ends passwords without another in their place.
    play.outcome.findings.extend(books.compare(&before, &HashSet::new())?);
    books.close();
    play.outcome.notes.extend(play.sums.table()?);
    Ok(play.outcome)
}

/// The same with two processes on a server of PostgreSQL.
pub fn on_postgres(settings: &Settings) -> Result<Outcome> {
    with_server(settings, CASE, |settings, _| run(settings))
}

/// A case under way.
struct Play {
    place: Place,
    sink: Sink,
    draw: Draw,
    /// Sample users of whom some are listed in each round.
    users: u32,
    spans: [Duration; 3],
    sums: Sums,
    outcome: Outcome,
}

impl Play {
    fn set(settings: &Settings) -> Result<Self> {
        let (sink, users) = (Sink::start()?, u32::try_from(settings.users)?);
        let relay = ToRelay { port: sink.port(), ca_pem: None };
        let all = users + users * SPARED_PERCENT / 100;
        let place = Place::make(crate::own_directory()?, all, &relay, "", settings.stored.clone())?;
        Ok(Self {
            place,
            sink,
            draw: Draw::seeded(settings.seed.wrapping_add(CASE.len() as u64)),
            users,
            spans: SPANS,
            sums: Sums::default(),
            outcome: Outcome::of(settings.engine, CASE),
        })
    }

    fn round(&mut self) -> Result<()> {
        let stage = Stage::ALL[(self.outcome.rounds % 3) as usize];
        let list = List::draw(&mut self.draw, self.users);
        let before = self.users_now()?;
        let ran = self.run(stage, &list)?;
        self.adapt(stage, ran.was_hit);
        let books = Books::open(&self.place.store())?;
        books.wait_for_the_dead()?;
        let book = Book::read(&books, ran.id)?;
        books.close();
        let counted = count::judge(&list, &book, &before, &ran.mails, &ran.early);
        self.outcome.acknowledged += counted.ended;
        self.outcome.findings.extend(counted.findings());
        self.outcome.findings.extend(ran.findings);
        self.outcome.recovered.extend(ran.recovered);
        self.sums.add(stage, ran.was_hit, &counted);
        self.outcome.rounds += 1;
        Ok(())
    }

    /// The users before a round; no product runs.
    fn users_now(&self) -> Result<Users> {
        let books = Books::open(&self.place.store())?;
        let users = count::users(&books);
        books.close();
        users
    }

    /// An incident from its plan to its last mail, with a kill on the way.
    fn run(&mut self, stage: Stage, list: &List) -> Result<Ran> {
        let known: HashSet<Uuid> = self.sink.seen().by_reset.keys().copied().collect();
        let after = Duration::from_micros(self.draw.up_to(self.spans[stage as usize].as_micros() as u64));
        let victim = self.draw.up_to(2) as usize - 1;
        let servers = Servers::start(&self.place, victim)?;
        Course::new(servers, &self.sink, list, &known, stage, after).run()
    }

    /// A kill that came too late makes the next of its stage come earlier, and one that did not makes it come a little later.
    fn adapt(&mut self, stage: Stage, was_hit: bool) {
        let span = &mut self.spans[stage as usize];
        *span = if was_hit { *span * 6 / 5 } else { *span / 2 };
    }
}
