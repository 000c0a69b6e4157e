//! The server on which many lives are played side by side, and the time that passes for all of them at once.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tenantry::clock::Timestamp;
use tenantry::config::Config;
use tenantry::identity::Actor;
use tenantry::keys;
use tenantry::params;
use tenantry::random::Random;
use tenantry::store::Scope;
use tenantry::tenants;

use super::deed::{Gap, Script};
use super::life::{PROLOGUE, STEP};
use super::played::Played;
use super::post::receive;
use super::seen::View;
use crate::rig::Rig;

mod cast;

/// As many as keep two cores busy while they wait for the disk.
const HANDS: usize = 6;

/// The server with its mailbox.
pub struct Stage {
    rig: Rig,
    data: TempDir,
    mailbox: BufReader<File>,
    hash: String,
    password: String,
    tenants: usize,
    users: usize,
}

fn configure(config: &mut Config) {
    config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
}

impl Stage {
    pub fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let rig = Rig::at(data.path(), 0, configure);
        let mailbox = BufReader::new(File::open(data.path().join("mailbox.jsonl")).unwrap());
        let read = rig.store.read(Scope::HOUSE, |tx| {
            tx.one("SELECT password_hash FROM users WHERE email = 'hello@example.com'", &[])?.get(0)
        });
        let (hash, password) = (read.unwrap(), rig.sample.user_password.clone());
        Self { rig, data, mailbox, hash, password, tenants: 0, users: 0 }
    }

    /// Plays these lives, whose gaps are the same, side by side; returns the view of each at its end.
    pub fn play(&mut self, scripts: &[Script]) -> Vec<View> {
        let gaps = scripts[0].gaps.clone();
        assert!(scripts.iter().all(|script| script.gaps == gaps), "what lies between is the same for all");
        let began = self.rig.clock.now();
        let mut lives = self.cast(scripts);
        self.prologue(&mut lives);
        for nth in 0..=gaps.len() {
            if nth > 0 {
                self.pass(gaps[nth - 1]);
                self.rest(&mut lives);
            }
            self.set(&lives, nth);
            self.all(&mut lives, |life, rig| life.do_it(rig, life.script.deeds[nth]));
            self.rest(&mut lives);
        }
        let records = self.records(began);
        self.all(&mut lives, |life, rig| life.look(rig, &records))
    }

    fn prologue(&mut self, lives: &mut [Played]) {
        let longest = lives.iter().map(|life| life.script.start.prologue().len()).max().unwrap_or(0);
        for nth in 0..longest {
            self.all(lives, |life, rig| {
                if let Some(deed) = life.script.start.prologue().get(nth) {
                    life.do_it(rig, *deed);
                    life.answers.clear();
                }
            });
            self.rest(lives);
            self.rig.clock.advance_seconds(STEP);
        }
        self.rig.clock.advance_seconds(PROLOGUE - STEP * i64::try_from(longest).unwrap());
    }

    /// Does the same for every life, a few at a time.
    fn all<T: Send>(&self, lives: &mut [Played], act: impl Fn(&mut Played, &Rig) -> T + Sync) -> Vec<T> {
        let share = lives.len().div_ceil(HANDS);
        let (rig, act) = (&self.rig, &act);
        std::thread::scope(|scope| {
            let hands: Vec<_> = lives
                .chunks_mut(share)
                .map(|share| scope.spawn(move || share.iter_mut().map(|life| act(life, rig)).collect::<Vec<T>>()))
                .collect();
            hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
        })
    }

    fn pass(&mut self, gap: Gap) {
        match gap {
            Gap::Nothing => {}
            Gap::Seconds(seconds) => self.rig.clock.advance_seconds(seconds),
            Gap::Restart => self.rig.restart(self.data.path(), configure),
            Gap::NewKey => {
                keys::rotate(&self.data.path().join("link.keys"), &Random::system()).unwrap();
                // The server looks every second; before, it goes on with the key of before.
                std::thread::sleep(Duration::from_millis(1_100));
            }
        }
    }

    /// Waits until nothing is under way, and hands the mails to their users.
    fn rest(&mut self, lives: &mut [Played]) {
        let now = self.rig.clock.now();
        // A leased mail is due again in a minute; one that has to wait, waits longer.
        let soon = now.plus_seconds(61);
        for _ in 0..3_000 {
            let wishes = self.rig.number("SELECT COUNT(*) FROM link_wishes", &[]);
            let mails = self.rig.number(
                "SELECT COUNT(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND due_at <= $1",
                &params![soon],
            );
            if wishes + mails == 0 {
                return self.hand_out(lives);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("mails are under way that do not arrive");
    }

    fn hand_out(&mut self, lives: &mut [Played]) {
        let numbers: HashMap<String, usize> =
            lives.iter().enumerate().flat_map(|(nth, life)| life.addresses.clone().map(|to| (to, nth))).collect();
        let mut line = String::new();
        while self.mailbox.read_line(&mut line).unwrap() > 0 {
            let mail: Value = serde_json::from_str(&line).unwrap();
            line.clear();
            if let Some(nth) = mail["to"].as_str().and_then(|to| numbers.get(to)) {
                receive(&mut lives[*nth], &mail);
            }
        }
    }

    /// The audit records since `since`, by their subject.
    fn records(&self, since: Timestamp) -> HashMap<String, Vec<String>> {
        let rows = self.rig.store.read(Scope::HOUSE, |tx| {
            tx.all("SELECT action, outcome, subject FROM audit WHERE at >= $1", &params![since])
        });
        let mut found: HashMap<String, Vec<String>> = HashMap::new();
        for row in rows.unwrap() {
            let [action, outcome, subject] = [0, 1, 2].map(|nth| row.get::<String>(nth).unwrap());
            found.entry(subject).or_default().push(format!("{action} {outcome}"));
        }
        found
    }

    /// Changes the settings of the tenants in which that is the present event.
    fn set(&self, lives: &[Played], nth: usize) {
        let mut done = Vec::new();
        for life in lives {
            let Some((key, value)) = life.script.deeds[nth].setting() else { continue };
            if done.contains(&life.place.host) {
                continue;
            }
            done.push(life.place.host.clone());
            let (name, now, actor) =
                (life.place.host.split('.').next().unwrap().to_string(), self.rig.clock.now(), self.actor());
            let changes = [(key.to_string(), value.to_string())];
            self.rig.write(move |tx| {
                let tenant = tenants::get_standing(tx, &name)?.tenant.id;
                tenants::set_by_id(tx, tenant, &changes, &actor, now).map(drop)
            });
        }
    }

    fn actor(&self) -> Actor {
        Actor {
            user: None,
            name: "operator".into(),
            credential: None,
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            request_id: Random::system().uuid(self.rig.clock.now()),
        }
    }
}
