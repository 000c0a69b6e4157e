//! The steps of the code. Between two of them a process may crash and the other process may act. A step that writes is
//! one transaction of the store.

mod account;
mod mails;
mod offers;
mod requests;
mod restore;

use stateright::{Model, Property};

use crate::act::{Act, Who};
use crate::guard::{Guard, Removed};
use crate::properties;
use crate::scene::{Left, Scene};
use crate::state::{Carry, MAILS, Op, Process, State, Store, User};
use crate::witness::Witness;

pub use mails::carriers;

/// The protocol within the bounds of a scene, without the guards that were taken out.
#[derive(Debug, Clone)]
pub struct Protocol {
    pub scene: Scene,
    pub removed: Removed,
}

impl Protocol {
    /// The protocol as it is.
    pub fn new(scene: Scene, removed: Removed) -> Self {
        Self { scene, removed }
    }

    /// Whether a guard still stands.
    pub fn keeps(&self, guard: Guard) -> bool {
        self.removed.keeps(guard)
    }

    /// Whether a session opens anything: `sessions::find_holder`.
    pub fn is_session_valid(&self, store: &Store, session: usize) -> bool {
        let is_of_the_epoch = |epoch: u8| epoch == store.user.epoch || !self.keeps(Guard::SessionCountsInItsEpoch);
        store.user.exists && !store.user.is_disabled && store.sessions[session].is_some_and(is_of_the_epoch)
    }

    /// Whether a sign-in with the present password is let through at first sight: `Guess::obstacle`.
    pub fn lets_in(&self, store: &Store) -> bool {
        let is_refused = store.user.is_dead && self.keeps(Guard::SignInRefusesDead);
        store.user.exists && !store.user.is_disabled && !is_refused
    }

    fn step(&self, state: &mut State, act: Act) {
        match act {
            Act::Request(who, wish) => self.ask(state, who, wish),
            Act::Open(_, reset) => self.open(state, reset),
            Act::Resend(_, reset) => self.resend(state, reset),
            Act::Release(_, reset) => self.release(state, reset),
            Act::Redeem(who, reset) => self.find_live(state, who, reset),
            Act::SignIn(who) => self.check_password(state, who),
            Act::Change(who, session) => self.check_change(state, who, session),
            Act::Cancel(who, reset) => self.read_cancel(state, who, reset),
            Act::Disable(who) => self.read_disable(state, who),
            Act::Enable(_) => self.enable(state),
            Act::Delete(who) => self.read_delete(state, who),
            Act::Revoke => self.revoke(state),
            Act::Write(who) => self.write(state, who),
            Act::WriteOwed(who) => self.write_owed(state, who),
            Act::Find(who, mail) => self.find_due(state, who, mail),
            Act::Lease(who) => self.lease(state, who),
            Act::Send(who, reply) => self.send(state, who, reply),
            Act::Settle(who) => self.settle(state, who),
            Act::Deliver(mail, reply) => self.deliver(state, mail, reply),
            Act::LeaseRunsOut(mail) => self.let_time_come(state, mail),
            Act::Expire(reset) => self.expire(state, reset),
            Act::WindowEnds(reset) => state.store.resets[usize::from(reset)].is_in_window = false,
            Act::RotateKey => self.rotate(state),
            Act::Crash(Who(who)) => {
                state.left.crashes -= 1;
                state.processes[who] = Process::default();
            }
            Act::Backup => self.back_up(state),
            Act::Restore => self.restore(state),
        }
    }

    /// Keeps the values that a transaction read until it writes; on an engine that lets nobody commit in between, both
    /// are one step.
    fn hold(&self, state: &mut State, who: Who, op: Op) {
        state.processes[who.0].op = Some(op);
        if !self.scene.is_read_committed {
            self.write(state, who);
        }
    }

    /// Drops values that no later step can read, so that states that differ in nothing else are one.
    fn settle_numbers(&self, state: &mut State) {
        for mail in 0..MAILS as u8 {
            let is_found = |carry| matches!(carry, Carry::Found { mail: found, .. } if found == mail);
            let is_idle =
                !state.processes.iter().any(|process| process.carry.is_some_and(|carry| carry.mail() == mail));
            let row = &mut state.store.mails[usize::from(mail)];
            if !state.processes.iter().any(|process| process.carry.is_some_and(is_found)) {
                row.due = 0;
            }
            if !row.is_pending() && is_idle && self.keeps(Guard::SentIsNotDue) {
                (row.is_due, row.is_leased) = (false, false);
                state.seen.taken &= !(1 << mail);
                state.seen.overdue &= !(1 << mail);
            }
        }
    }

    fn write(&self, state: &mut State, who: Who) {
        match state.processes[who.0].op.take() {
            Some(Op::Request { wish, read }) => self.begin(state, who, wish, read),
            Some(Op::Redeem { reset, password }) => self.use_up(state, reset, password),
            Some(Op::SignIn { password, epoch }) => self.accept(state, password, epoch),
            Some(Op::Change { session, knows, password, epoch, open }) => {
                self.replace_hash(state, (session, knows, password), epoch, open);
            }
            Some(Op::Cancel { reset }) => self.cancel(state, reset),
            Some(Op::Disable { open }) => self.disable(state, open),
            Some(Op::Delete { open }) => self.delete(state, open),
            None => {}
        }
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        let user = User { exists: true, is_disabled: false, epoch: 0, password: 0, is_dead: false, open: None };
        let store = Store {
            user,
            resets: Default::default(),
            mails: Default::default(),
            // The owner's session, begun by the first password.
            sessions: [Some(0), None],
            has_credential: true,
            keys: Default::default(),
        };
        let left: Left = self.scene.left;
        vec![State {
            store,
            processes: Default::default(),
            backup: None,
            next_reset: 0,
            next_mail: 0,
            next_password: 1,
            key: 0,
            left,
            seen: Witness::new(),
        }]
    }

    fn actions(&self, state: &State, acts: &mut Vec<Act>) {
        self.offer(state, acts);
    }

    fn next_state(&self, before: &State, act: Act) -> Option<State> {
        let mut state = *before;
        self.step(&mut state, act);
        for session in 0..state.store.sessions.len() {
            let was_valid = self.is_session_valid(&before.store, session);
            if was_valid && !self.is_session_valid(&state.store, session) {
                state.seen.ended |= 1 << session;
            }
        }
        self.settle_numbers(&mut state);
        (state != *before).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of(&self.scene)
    }
}
