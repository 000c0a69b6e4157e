//! A clock that jumps: forward by minutes, hours or weeks while links wait, and back to where it was with each new start.

use std::time::{Duration, Instant};

use serde_json::Value;
use uuid::Uuid;

use super::Settings;
use super::books::Books;
use super::ledger::{Ask, Fate, Findings, Ledger};
use super::letter;
use super::outcome::Outcome;
use super::person::email;
use super::wire::{Door, Wire};
use crate::Result;
use crate::ask::Draw;
use crate::product::Product;

const USERS: u32 = 2_000;
/// A link of the sample tenant lives for an hour.
const LIFETIME: u32 = 3_600;
/// The last is four weeks: the mail of a reset is kept for thirty days after it left, and the oracle asks for each.
const JUMPS: [u32; 6] = [61, 900, 3_500, 3_700, 90_000, 2_419_200];
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the case. In the dev mode, which alone lets its clock be moved.
pub fn run(settings: &Settings) -> Result<Outcome> {
    let directory = crate::own_directory()?;
    let mut leap = Leap {
        outcome: Outcome::of(settings.engine, "clock"),
        ledger: Ledger::default(),
        draw: Draw::seeded(settings.seed.wrapping_add(77)),
        used: Vec::new(),
        next: 0,
    };
    let until = Instant::now() + settings.length;
    // Three users for each round, and none twice.
    while settings.goes_on(leap.outcome.rounds, until) && leap.next + 3 < u64::from(USERS) {
        let product = Product::start(directory.path(), USERS)?;
        leap.round(&product)?;
        // kill -9: the next start finds the clock where it was before the jump.
        drop(product);
        leap.look(directory.path(), false)?;
    }
    let product = Product::start(directory.path(), USERS)?;
    leap.settle(&product)?;
    product.stop()?;
    leap.look(directory.path(), true)?;
    Ok(leap.outcome)
}

struct Leap {
    outcome: Outcome,
    ledger: Ledger,
    draw: Draw,
    /// Used or superseded links: they must stay dead whatever the clock says.
    used: Vec<String>,
    next: u64,
}

impl Leap {
    fn round(&mut self, product: &Product) -> Result<()> {
        let door = Door {
            address: product.directions.address()?,
            host: product.directions.host().to_string(),
            api_token: product.directions.api_token.clone(),
        };
        let mut wire = Wire::to(&door, 1);
        let jump = JUMPS[self.draw.up_to(JUMPS.len() as u64) as usize - 1];
        let began = Instant::now();
        let asked: Vec<_> = (0..3).filter_map(|_| self.ask_for_next(&mut wire)).collect();
        self.outcome.recovered.push(began.elapsed());
        let links: Vec<_> = asked.iter().map(|(id, email)| (email.clone(), link(product, id))).collect();
        product.advance_clock(jump)?;
        for (email, token) in links {
            let Some(token) = token? else {
                self.outcome.findings.lost.push(format!("the mail to {email} did not come before the jump"));
                continue;
            };
            self.use_link(product, &mut wire, &email, token, jump)?;
        }
        for token in self.used.iter().rev().take(5) {
            let status = wire.redeem(token, "an old link must not work at any time");
            let is_dead = matches!(status, Some(400 | 429));
            self.outcome.findings.demand(is_dead, || format!("a dead link was answered {status:?} after a jump"));
        }
        self.outcome.rounds += 1;
        Ok(())
    }

    fn ask_for_next(&mut self, wire: &mut Wire) -> Option<(Uuid, String)> {
        self.next += 1;
        self.ask(wire, email(self.next))
    }

    fn ask(&mut self, wire: &mut Wire, email: String) -> Option<(Uuid, String)> {
        let ask = Ask { email: email.clone(), key: None };
        let fate = wire.reset(&ask);
        self.ledger.note(ask, fate);
        match fate {
            Fate::Acknowledged(id) => {
                self.outcome.acknowledged += 1;
                Some((id, email))
            }
            other => {
                self.outcome.findings.broken.push(format!("a reset of {email} was answered {other:?}"));
                None
            }
        }
    }

    /// In its lifetime a link works once; after it, a fresh one does.
    fn use_link(&mut self, product: &Product, wire: &mut Wire, email: &str, token: String, jump: u32) -> Result<()> {
        let password = format!("a bittern in the reeds {}", &token[40..]);
        let first = wire.redeem(&token, &password);
        self.used.push(token);
        if jump < LIFETIME {
            self.expect(first, 204, email, "a link in its lifetime");
        } else {
            self.expect(first, 400, email, "a link that is too old");
            let Some((id, _)) = self.ask(wire, email.to_string()) else { return Ok(()) };
            let Some(token) = link(product, &id)? else {
                self.outcome.findings.lost.push(format!("the fresh mail to {email} did not come"));
                return Ok(());
            };
            let second = wire.redeem(&token, &password);
            self.used.push(token);
            self.expect(second, 204, email, "a fresh link");
        }
        self.outcome.acknowledged += 1;
        let signed_in = wire.sign_in(email, &password).map(|reply| reply.status);
        self.expect(signed_in, 204, email, "the new password");
        Ok(())
    }

    fn expect(&mut self, status: Option<u16>, expected: u16, email: &str, what: &str) {
        let findings = &mut self.outcome.findings;
        findings.demand(status == Some(expected), || format!("{what} of {email} was answered {status:?}"));
    }

    /// Beyond every lease of the present; those that a process took in the future are brought back at the start.
    fn settle(&mut self, product: &Product) -> Result<()> {
        product.advance_clock(JUMPS[1])?;
        let door = Door {
            address: product.directions.address()?,
            host: product.directions.host().to_string(),
            api_token: product.directions.api_token.clone(),
        };
        let mut wire = Wire::to(&door, 1);
        std::thread::sleep(Duration::from_secs(2));
        let verified = wire.get("/api/tenantry/v1/audit/verify").map(|reply| reply.json()).unwrap_or(Value::Null);
        self.outcome.findings.demand(verified["sound"] == true, || format!("I4: the audit chain: {verified}"));
        Ok(())
    }

    fn look(&mut self, data: &std::path::Path, is_last: bool) -> Result<()> {
        let books = Books::open(&tenantry::store::Settings::embedded(data, 16))?;
        // Ids do not grow while the clock goes back, so all of them are read.
        let view = books.since(Uuid::nil(), &[])?;
        let pending = books.pending()?;
        let damage = books.damage()?;
        books.close();
        let findings: &mut Findings = &mut self.outcome.findings;
        findings.extend(self.ledger.judge_all(&view.found, &view.keys));
        findings.broken.extend(damage);
        findings.demand(!is_last || pending == 0, || format!("I8: {pending} mails still wait at the end"));
        Ok(())
    }
}

/// The secret of the link of a reset, once the mailbox has caught its mail.
fn link(product: &Product, reset: &Uuid) -> Result<Option<String>> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        for link in product.links()?.iter().rev() {
            let token = link.split_once('#').map(|(_, token)| token).unwrap_or_default();
            if letter::reset_of(token) == Some(*reset) {
                return Ok(Some(token.to_string()));
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(None)
}
