//! Which steps are possible at a moment.

use super::Protocol;
use super::mails::is_carried;
use crate::act::{Act, Reply, Who};
use crate::guard::Guard;
use crate::state::{Carry, MAILS, Op, PROCESSES, State, WISHES};

impl Protocol {
    pub(super) fn offer(&self, state: &State, acts: &mut Vec<Act>) {
        // Where both hold the same, it does not matter which of them acts.
        let who_differ = if state.processes[0] == state.processes[1] { 1 } else { PROCESSES };
        for who in (0..who_differ).map(Who) {
            let process = &state.processes[who.0];
            match process.op {
                Some(_) => acts.push(Act::Write(who)),
                None if process.owed_mail.is_some() || process.owes_record => acts.push(Act::WriteOwed(who)),
                None => {
                    self.offer_wishes(state, who, acts);
                    self.offer_links(state, who, acts);
                    self.offer_account(state, who, acts);
                }
            }
            if self.scene.has_mail_in_steps {
                self.offer_mails(state, who, acts);
            }
            let is_idle = process.op.is_none() && process.carry.is_none();
            if state.left.crashes > 0 && (!is_idle || process.owed_mail.is_some() || process.owes_record) {
                acts.push(Act::Crash(who));
            }
        }
        if !self.scene.has_mail_in_steps {
            self.offer_deliveries(state, acts);
        }
        self.offer_time(state, acts);
        self.offer_backup(state, acts);
    }

    fn offer_wishes(&self, state: &State, who: Who, acts: &mut Vec<Act>) {
        let is_asked = |wish: &u8| state.left.asks[usize::from(*wish)] > 0;
        acts.extend((0..WISHES as u8).filter(is_asked).map(|wish| Act::Request(who, wish)));
    }

    /// A person has a link only if it was mailed.
    fn offer_links(&self, state: &State, who: Who, acts: &mut Vec<Act>) {
        let store = &state.store;
        for reset in store.begun() {
            let is_alive = store.is_alive(reset);
            let has_link = state.seen.links[usize::from(reset)].is_some();
            if has_link && is_alive && !store.user.is_disabled {
                acts.extend((state.left.redeems > 0).then_some(Act::Redeem(who, reset)));
                let is_new = !store.resets[usize::from(reset)].is_opened;
                acts.extend((state.left.opens > 0 && is_new).then_some(Act::Open(who, reset)));
            }
            let is_held = store.resets[usize::from(reset)].is_held;
            acts.extend((state.left.releases > 0 && is_held).then_some(Act::Release(who, reset)));
            acts.extend((state.left.cancels > 0 && is_alive).then_some(Act::Cancel(who, reset)));
            let has_room = usize::from(state.next_mail) < MAILS;
            acts.extend((state.left.resends > 0 && is_alive && has_room).then_some(Act::Resend(who, reset)));
        }
    }

    fn offer_account(&self, state: &State, who: Who, acts: &mut Vec<Act>) {
        let user = &state.store.user;
        if !user.exists {
            return;
        }
        acts.extend((state.left.sign_ins > 0 && self.lets_in(&state.store)).then_some(Act::SignIn(who)));
        if state.left.changes > 0 && !user.is_dead {
            let sessions = 0..state.store.sessions.len();
            let valid = sessions.filter(|session| self.is_session_valid(&state.store, *session));
            acts.extend(valid.map(|session| Act::Change(who, session as u8)));
        }
        acts.extend((state.left.disables > 0 && !user.is_disabled).then_some(Act::Disable(who)));
        acts.extend(user.is_disabled.then_some(Act::Enable(who)));
        acts.extend((state.left.deletes > 0).then_some(Act::Delete(who)));
        if who == Who(0) && state.left.revokes > 0 && state.store.has_credential {
            acts.push(Act::Revoke);
        }
    }

    fn offer_deliveries(&self, state: &State, acts: &mut Vec<Act>) {
        let is_due = |mail: &u8| state.store.mails[usize::from(*mail)].is_pending();
        for mail in (0..MAILS as u8).filter(is_due) {
            acts.push(Act::Deliver(mail, Reply::Takes));
            acts.extend((state.left.bounces > 0).then_some(Act::Deliver(mail, Reply::Refuses)));
        }
    }

    fn offer_mails(&self, state: &State, who: Who, acts: &mut Vec<Act>) {
        match state.processes[who.0].carry {
            None => {
                let keeps = self.keeps(Guard::SentIsNotDue);
                let is_due = |mail: &u8| {
                    let row = &state.store.mails[usize::from(*mail)];
                    row.exists && row.is_due && (row.is_pending() || !keeps)
                };
                acts.extend((0..MAILS as u8).filter(is_due).map(|mail| Act::Find(who, mail)));
            }
            Some(Carry::Found { .. }) => acts.push(Act::Lease(who)),
            Some(Carry::Made { .. }) => {
                acts.push(Act::Send(who, Reply::Takes));
                acts.extend((state.left.refusals > 0).then_some(Act::Send(who, Reply::RefusesForNow)));
                acts.extend((state.left.bounces > 0).then_some(Act::Send(who, Reply::Refuses)));
            }
            Some(Carry::Settling { .. }) => acts.push(Act::Settle(who)),
        }
    }

    fn offer_time(&self, state: &State, acts: &mut Vec<Act>) {
        for mail in 0..MAILS as u8 {
            let row = &state.store.mails[usize::from(mail)];
            let may_come = match row.is_leased {
                true if !self.keeps(Guard::LeaseRunsOut) => false,
                _ => !is_carried(state, mail) || state.left.stalls > 0,
            };
            let is_awaited = row.is_pending() || (row.exists && !self.keeps(Guard::SentIsNotDue));
            if is_awaited && !row.is_due && may_come {
                acts.push(Act::LeaseRunsOut(mail));
            }
        }
        for reset in state.store.begun() {
            let row = &state.store.resets[usize::from(reset)];
            acts.extend((self.scene.expires && state.store.is_alive(reset)).then_some(Act::Expire(reset)));
            acts.extend(row.is_in_window.then_some(Act::WindowEnds(reset)));
        }
        acts.extend((state.left.rotations > 0).then_some(Act::RotateKey));
    }

    fn offer_backup(&self, state: &State, acts: &mut Vec<Act>) {
        acts.extend((state.left.backups > 0).then_some(Act::Backup));
        acts.extend(state.backup.is_some().then_some(Act::Restore));
    }

    /// Whether nothing more can happen.
    pub fn is_at_rest(&self, state: &State) -> bool {
        let mut acts = Vec::new();
        self.offer(state, &mut acts);
        acts.is_empty()
    }

    /// Whether another process has won the race for a link that this process is in.
    pub fn has_lost_a_race(state: &State, who: usize) -> bool {
        matches!(state.processes[who].op, Some(Op::Redeem { reset, .. }) if state.seen.changes[usize::from(reset)] > 0)
    }
}
