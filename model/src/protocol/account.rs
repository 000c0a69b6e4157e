//! `sign_in/attempt.rs`, `sign_in/change.rs`, `users/lock.rs`, `users/remove.rs` and `credentials/revoke.rs`.

use super::Protocol;
use crate::act::Who;
use crate::guard::Guard;
use crate::state::{Op, State};
use crate::witness::Wrong;

/// The session that a sign-in begins; the other one was there before.
const NEW_SESSION: usize = 1;

impl Protocol {
    /// The password is hashed and compared outside any transaction.
    pub(super) fn check_password(&self, state: &mut State, who: Who) {
        state.left.sign_ins -= 1;
        let (password, epoch) = (state.store.user.password, state.store.user.epoch);
        state.processes[who.0].op = Some(Op::SignIn { password, epoch });
    }

    /// Begins the session, and writes the hash that was checked at the present cost.
    pub(super) fn accept(&self, state: &mut State, password: u8, epoch: u8) {
        let user = &mut state.store.user;
        let is_same = user.password == password || !self.keeps(Guard::SignInRequiresSame);
        let is_of_the_epoch = user.epoch == epoch || !self.keeps(Guard::SignInRequiresEpoch);
        let is_living = !(user.is_dead && self.keeps(Guard::SignInRequiresLiving));
        if !user.exists || user.is_disabled || !is_same || !is_of_the_epoch || !is_living {
            return;
        }
        user.password = password;
        state.store.sessions[NEW_SESSION] = Some(epoch);
        for reset in &mut state.store.resets {
            reset.is_outlived = reset.exists && self.scene.has_window;
        }
        state.seen.session_passwords[NEW_SESSION] = password;
    }

    /// The old password is hashed and compared, the new one hashed, outside any transaction.
    pub(super) fn check_change(&self, state: &mut State, who: Who, session: u8) {
        state.left.changes -= 1;
        let (user, password) = (state.store.user, state.next_password);
        state.next_password += 1;
        let (knows, epoch, open) = (user.password, user.epoch, user.open);
        state.processes[who.0].op = Some(Op::Change { session, knows, password, epoch, open });
    }

    pub(super) fn replace_hash(
        &self,
        state: &mut State,
        (session, knows, password): (u8, u8, u8),
        epoch: u8,
        open: Option<u8>,
    ) {
        let before = state.store;
        let user = &mut state.store.user;
        let is_of_the_epoch = user.epoch == epoch || !self.keeps(Guard::ChangeRequiresEpoch);
        let is_same = user.password == knows || !self.keeps(Guard::ChangeRequiresSame);
        let is_same_place = user.open == open || !self.keeps(Guard::ChangeRequiresSamePlace);
        let is_living = !(user.is_dead && self.keeps(Guard::ChangeRequiresLiving));
        if !user.exists || user.is_disabled || !is_of_the_epoch || !is_same || !is_same_place || !is_living {
            return;
        }
        if state.seen.dead & 1 << knows != 0 {
            state.seen.wrong(Wrong::ChangedByDeadPassword);
        }
        user.password = password;
        user.epoch = epoch + u8::from(self.keeps(Guard::ChangeEndsSessions));
        if self.keeps(Guard::ChangeEmptiesThePlace) {
            user.open = None;
        }
        self.move_session(state, session, epoch + 1, password);
        if let Some(open) = open {
            let row = &mut state.store.resets[usize::from(open)];
            row.is_cancelled |= !row.is_redeemed && !row.is_superseded && !row.is_expired;
        }
        state.seen.choose(&before, password);
    }

    /// The session that asked lives on.
    fn move_session(&self, state: &mut State, session: u8, epoch: u8, password: u8) {
        let session = usize::from(session);
        if state.store.sessions[session].is_some() {
            state.store.sessions[session] = Some(epoch);
            state.seen.session_passwords[session] = password;
        }
    }

    pub(super) fn read_disable(&self, state: &mut State, who: Who) {
        state.left.disables -= 1;
        self.hold(state, who, Op::Disable { open: state.store.user.open });
    }

    /// A reset that an incident holds stays: one who is let in again is held still.
    pub(super) fn disable(&self, state: &mut State, open: Option<u8>) {
        let held = open.filter(|open| state.store.is_held(*open));
        self.cancel_open_reset(state, open.filter(|_| held.is_none()));
        let before = state.store;
        let user = &mut state.store.user;
        if !user.exists || user.is_disabled {
            return;
        }
        user.is_disabled = true;
        user.epoch += u8::from(self.keeps(Guard::DisableEndsSessions));
        if self.keeps(Guard::DisableEmptiesThePlace) && held.is_none() {
            user.open = None;
        }
        before.begun().filter(|reset| Some(*reset) != held).for_each(|reset| state.seen.end(reset));
    }

    pub(super) fn enable(&self, state: &mut State) {
        state.store.user.is_disabled = false;
    }

    pub(super) fn read_delete(&self, state: &mut State, who: Who) {
        state.left.deletes -= 1;
        self.hold(state, who, Op::Delete { open: state.store.user.open });
    }

    pub(super) fn delete(&self, state: &mut State, open: Option<u8>) {
        self.cancel_open_reset(state, open);
        let before = state.store;
        state.store.user.exists = false;
        state.store.user.open = None;
        state.store.sessions = Default::default();
        state.store.has_credential = false;
        state.seen.is_credential_revoked |= before.has_credential;
        state.seen.end_all(&before);
    }

    fn cancel_open_reset(&self, state: &mut State, open: Option<u8>) {
        if let Some(open) = open {
            let row = &mut state.store.resets[usize::from(open)];
            row.is_cancelled |= !row.is_expired;
        }
    }

    pub(super) fn revoke(&self, state: &mut State) {
        state.left.revokes -= 1;
        state.store.has_credential = false;
        state.seen.is_credential_revoked = true;
    }
}
