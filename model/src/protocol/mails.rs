//! `mails/worker.rs`, `mails/lease.rs`, `mails/settle.rs` and `reset/letters.rs`.

use super::Protocol;
use crate::act::{Reply, Who};
use crate::guard::Guard;
use crate::state::{Carry, Fate, State};
use crate::witness::Wrong;

impl Protocol {
    pub(super) fn find_due(&self, state: &mut State, who: Who, mail: u8) {
        let due = state.store.mails[usize::from(mail)].due;
        state.processes[who.0].carry = Some(Carry::Found { mail, due });
    }

    /// The lease, and at once the mail: nothing that happens between the two would be seen by either.
    pub(super) fn lease(&self, state: &mut State, Who(who): Who) {
        let Some(Carry::Found { mail, due }) = state.processes[who].carry else { return };
        state.processes[who].carry = None;
        let row = &mut state.store.mails[usize::from(mail)];
        let is_as_found = row.due == due || !self.keeps(Guard::LeaseRequiresDueTime);
        let is_settled = !row.is_pending() && self.keeps(Guard::SentIsNotDue);
        if !row.exists || !is_as_found || is_settled {
            return;
        }
        if !row.is_pending() {
            state.seen.wrong(Wrong::SentAgain);
        }
        if self.keeps(Guard::LeaseMovesDueTime) {
            row.due += 1;
            row.is_due = false;
            row.is_leased = true;
        }
        state.processes[who].carry = Some(self.make(state, mail));
    }

    fn make(&self, state: &mut State, mail: u8) -> Carry {
        let reset = state.store.mails[usize::from(mail)].reset;
        let is_alive = state.store.is_alive(reset) || !self.keeps(Guard::MadeForTheLiving);
        if !state.store.user.exists || !is_alive {
            return Carry::Settling { mail, fate: Fate::Pointless };
        }
        if state.seen.is_over(reset) {
            state.seen.wrong(Wrong::MadeForOver);
        }
        let of_the_row = state.store.resets[usize::from(reset)].key;
        let link = if self.keeps(Guard::LinkFromItsRow) { of_the_row } else { state.key };
        Carry::Made { mail, link }
    }

    pub(super) fn send(&self, state: &mut State, Who(who): Who, reply: Reply) {
        let Some(Carry::Made { mail, link }) = state.processes[who].carry else { return };
        let fate = match reply {
            Reply::Takes => {
                state.seen.take(mail, state.store.mails[usize::from(mail)].reset, link);
                Fate::Sent
            }
            Reply::RefusesForNow => {
                state.left.refusals -= 1;
                Fate::Refused { permanent: false }
            }
            Reply::Refuses => {
                state.left.bounces -= 1;
                Fate::Refused { permanent: true }
            }
        };
        state.processes[who].carry = Some(Carry::Settling { mail, fate });
    }

    pub(super) fn settle(&self, state: &mut State, Who(who): Who) {
        let Some(Carry::Settling { mail, fate }) = state.processes[who].carry.take() else { return };
        let row = &mut state.store.mails[usize::from(mail)];
        let reset = &mut state.store.resets[usize::from(row.reset)];
        if !row.exists {
            return;
        }
        match fate {
            Fate::Sent => {
                row.is_sent = true;
                reset.is_mailed = true;
                reset.is_undeliverable &= !self.keeps(Guard::MailedIsNotUndeliverable);
            }
            Fate::Pointless => row.is_failed = true,
            Fate::Refused { permanent: true } => {
                row.is_failed = true;
                reset.is_undeliverable |= !reset.is_mailed || !self.keeps(Guard::UndeliverableOnlyIfNotMailed);
            }
            Fate::Refused { permanent: false } => {
                row.due += 1;
                row.is_due = false;
                row.is_leased = false;
            }
        }
    }

    /// All steps at once, where a scene is about something else.
    pub(super) fn deliver(&self, state: &mut State, mail: u8, reply: Reply) {
        let who = Who(0);
        self.find_due(state, who, mail);
        self.lease(state, who);
        self.send(state, who, reply);
        self.settle(state, who);
    }

    /// Lets a lease run out, or the time of the next attempt come.
    pub(super) fn let_time_come(&self, state: &mut State, mail: u8) {
        let row = &mut state.store.mails[usize::from(mail)];
        (row.is_due, row.is_leased) = (true, false);
        if is_carried(state, mail) {
            state.left.stalls -= 1;
            state.seen.overdue |= 1 << mail;
        }
    }

    pub(super) fn rotate(&self, state: &mut State) {
        state.left.rotations -= 1;
        state.key += 1;
    }
}

/// Whether a process holds it under a lease.
pub fn is_carried(state: &State, mail: u8) -> bool {
    carriers(state, mail) > 0
}

/// How many processes hold it under a lease.
pub fn carriers(state: &State, mail: u8) -> usize {
    let is_leased = |carry: Carry| carry.mail() == mail && !matches!(carry, Carry::Found { .. });
    state.processes.iter().filter(|process| process.carry.is_some_and(is_leased)).count()
}
