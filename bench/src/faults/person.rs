//! A user who chooses passwords by links while the product is injured, and tracks which password may be valid
//! afterwards.

use uuid::Uuid;

use super::ledger::{Ask, Fate, Findings};
use super::sink::Sink;
use super::wire::Wire;

/// Where a person stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Has no link at hand.
    Idle,
    /// Waits for the mail of this reset.
    Waiting(Uuid),
    /// Used the link and has no answer: either none of the passwords that were tried works, or exactly one.
    InDoubt { reset: Uuid, tried: Vec<String> },
    /// Chose this password by this link and got an answer.
    Settled { reset: Uuid, password: String },
}

/// One user of the sample tenant.
#[derive(Debug)]
pub struct Person {
    /// Their address.
    pub email: String,
    number: u64,
    chosen: u64,
    state: State,
    /// Whether a redemption of theirs was ever sent, so that their password may be another.
    pub has_chosen: bool,
}

/// The result of a person's turn.
#[derive(Debug, Default)]
pub struct Turn {
    /// An ask for a reset, with its fate.
    pub asked: Option<(Ask, Fate)>,
    /// Redemptions that were answered with 204.
    pub redeemed: u64,
    /// The faults found.
    pub findings: Findings,
}

impl Person {
    /// The user with this number in the sample tenant.
    pub fn new(number: u64) -> Self {
        Self { email: email(number), number, chosen: 0, state: State::Idle, has_chosen: false }
    }

    /// Does the next step, if it can be done yet.
    pub fn act(&mut self, wire: &mut Wire, sink: &Sink) -> Turn {
        let mut turn = Turn::default();
        match self.state.clone() {
            State::Idle => self.ask(wire, &mut turn),
            State::Waiting(reset) => {
                if let Some(token) = sink.token(&reset) {
                    self.redeem(wire, reset, &token, Vec::new(), &mut turn);
                }
            }
            State::InDoubt { reset, tried } => {
                if let Some(token) = sink.token(&reset) {
                    self.redeem(wire, reset, &token, tried, &mut turn);
                }
            }
            State::Settled { reset, password } => self.prove(wire, sink, reset, &password, &mut turn),
        }
        turn
    }

    /// Every password that they ever chose or tried to.
    pub fn passwords(&self) -> impl Iterator<Item = String> {
        (1..=self.chosen).map(|nth| password(self.number, nth))
    }

    /// Whether nothing is left to find out.
    pub fn is_certain(&self) -> bool {
        !matches!(self.state, State::InDoubt { .. })
    }

    fn ask(&mut self, wire: &mut Wire, turn: &mut Turn) {
        let ask = Ask { email: self.email.clone(), key: None };
        let fate = wire.reset(&ask);
        if let Fate::Acknowledged(id) = fate {
            self.state = State::Waiting(id);
        }
        turn.asked = Some((ask, fate));
    }

    /// With a password never used before, so that a second success of one link cannot hide.
    fn redeem(&mut self, wire: &mut Wire, reset: Uuid, token: &str, mut tried: Vec<String>, turn: &mut Turn) {
        self.chosen += 1;
        let password = password(self.number, self.chosen);
        self.has_chosen = true;
        match wire.redeem(token, &password) {
            Some(204) => {
                turn.redeemed += 1;
                self.none_works(wire, &tried, turn);
                self.state = State::Settled { reset, password };
            }
            Some(400) if tried.is_empty() => {
                turn.findings.lost.push(format!("the link of reset {reset} of {} does not work", self.email));
                self.state = State::Idle;
            }
            // The link is dead: an earlier try must have done it.
            Some(400) => self.one_works(wire, reset, &tried, turn),
            Some(429 | 503 | 504) => {}
            Some(500) | None => {
                tried.push(password);
                self.state = State::InDoubt { reset, tried };
            }
            Some(status) => turn.findings.broken.push(format!("a redemption was answered with {status}")),
        }
    }

    /// The link just worked, so none of the passwords tried before may work.
    fn none_works(&self, wire: &mut Wire, tried: &[String], turn: &mut Turn) {
        for password in tried {
            if self.signs_in(wire, password) == Some(true) {
                turn.findings.doubled.push(format!("the link of {} set two passwords", self.email));
            }
        }
    }

    fn one_works(&mut self, wire: &mut Wire, reset: Uuid, tried: &[String], turn: &mut Turn) {
        let answers: Vec<_> = tried.iter().map(|password| self.signs_in(wire, password)).collect();
        if answers.contains(&None) {
            // The product went away again; the next turn asks again.
            return;
        }
        let working: Vec<_> = tried.iter().zip(answers).filter(|(_, works)| *works == Some(true)).collect();
        match working.as_slice() {
            [(password, _)] => self.state = State::Settled { reset, password: (*password).clone() },
            [] => {
                turn.findings
                    .lost
                    .push(format!("the link of {} is used up, and no password of theirs works", self.email));
                self.state = State::Idle;
            }
            _ => turn.findings.doubled.push(format!("{} signs in with two passwords", self.email)),
        }
    }

    /// After an acknowledged choice (204) the password signs in and the link is dead.
    fn prove(&mut self, wire: &mut Wire, sink: &Sink, reset: Uuid, password: &str, turn: &mut Turn) {
        match self.signs_in(wire, password) {
            Some(true) => {}
            Some(false) => turn.findings.lost.push(format!("{} chose a password and cannot sign in", self.email)),
            None => return,
        }
        let again = sink.token(&reset).and_then(|token| wire.redeem(&token, "a second use of a link that is used up"));
        if again == Some(204) {
            turn.findings.doubled.push(format!("the link of reset {reset} worked twice"));
        }
        self.state = State::Idle;
    }

    /// None without a clear answer.
    fn signs_in(&self, wire: &mut Wire, password: &str) -> Option<bool> {
        match wire.sign_in(&self.email, password)?.status {
            204 => Some(true),
            401 => Some(false),
            _ => None,
        }
    }
}

fn password(person: u64, nth: u64) -> String {
    format!("heron {person} over the quiet lagoon {nth}")
}

/// The address of a sample user.
pub fn email(number: u64) -> String {
    format!("user{number:05}@example.com")
}
