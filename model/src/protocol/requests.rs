//! `reset/request.rs`, `begin.rs`, `cancel.rs` and `redeem.rs`.

use super::Protocol;
use crate::act::Who;
use crate::guard::Guard;
use crate::scene::{Kind, Wish};
use crate::state::{MAILS, Mail, Op, RESETS, Read, Reset, SESSIONS, State};
use crate::witness::Wrong;

impl Protocol {
    pub(super) fn ask(&self, state: &mut State, who: Who, wish: u8) {
        state.left.asks[usize::from(wish)] -= 1;
        let store = &state.store;
        let open = store.user.open.filter(|open| store.is_alive(*open));
        let has_key = self.scene.wishes[usize::from(wish)].has_key && self.keeps(Guard::RequestLooksUnderKey);
        let under_key = store.keys[usize::from(wish)].filter(|_| has_key);
        let user = &store.user;
        let read = Read {
            epoch: user.epoch,
            is_locked: user.is_disabled,
            place: user.open,
            open,
            under_key,
            is_repeat: open.is_some_and(|open| self.is_repeat(state, wish, open)),
            password: user.password,
            sessions: self.valid_sessions(state),
        };
        if user.exists {
            self.hold(state, who, Op::Request { wish, read });
        }
    }

    pub(super) fn begin(&self, state: &mut State, who: Who, wish: u8, read: Read) {
        let asked = self.scene.wishes[usize::from(wish)];
        let is_refused = read.is_locked && self.keeps(Guard::RequestRefusesDisabled);
        if read.under_key.is_some() || is_refused {
            return;
        }
        let held = read.place.filter(|place| state.store.is_held(*place));
        if held.is_some() && asked.kind != Kind::Incident {
            if self.keeps(Guard::HoldShutsEveryDoor) {
                return;
            }
            state.seen.wrong(Wrong::AroundAHold);
        }
        if read.is_repeat && self.keeps(Guard::RepeatAnswersTheOpenOne) {
            return self.acknowledge(state, wish, read);
        }
        let is_as_read = state.store.user.epoch == read.epoch || !self.keeps(Guard::RequestRequiresEpoch);
        let is_same_place = state.store.user.open == read.place || !self.keeps(Guard::RequestRequiresSamePlace);
        let is_enabled = !state.store.user.is_disabled || !self.keeps(Guard::RequestRequiresEnabled);
        let is_key_free =
            !asked.has_key || !self.keeps(Guard::KeyIsUsedOnce) || state.store.keys[usize::from(wish)].is_none();
        let has_room = usize::from(state.next_reset) < RESETS && usize::from(state.next_mail) < MAILS;
        if !state.store.user.exists || !is_as_read || !is_same_place || !is_enabled || !is_key_free || !has_room {
            return;
        }
        let is_given = |open: &u8| asked.kind.is_wish() && !self.kind(state, *open).is_wish();
        let given = read.open.filter(is_given);
        if let Some(given) = given.filter(|_| self.keeps(Guard::WishMailsTheSameLink)) {
            state.store.resets[usize::from(given)].is_undeliverable = false;
            return self.queue(state, given);
        }
        if read.is_repeat {
            state.seen.wrong(Wrong::RepeatBegan);
        }
        let had_link = given.filter(|given| state.store.is_alive(*given));
        self.point(state, wish, read.open.or(held));
        self.insert(state, who, wish);
        if had_link.is_some_and(|link| !state.store.is_alive(link)) {
            state.seen.wrong(Wrong::WishTookALink);
        }
        self.acknowledge(state, wish, read);
    }

    /// The caller hears that it was done: then it must be so.
    fn acknowledge(&self, state: &mut State, wish: u8, read: Read) {
        let asked = self.scene.wishes[usize::from(wish)];
        if !asked.kind.ends_access() {
            return;
        }
        let user = &state.store.user;
        let opens = asked.kills_password && user.password == read.password && !user.is_dead;
        if opens || read.sessions & self.valid_sessions(state) != 0 {
            state.seen.wrong(Wrong::ResetLeftAccess);
        }
        state.seen.dead |= u8::from(asked.kills_password) << read.password;
    }

    fn valid_sessions(&self, state: &State) -> u8 {
        let is_valid = |session: &usize| self.is_session_valid(&state.store, *session);
        (0..SESSIONS).filter(is_valid).fold(0, |bits, session| bits | 1 << session)
    }

    fn kind(&self, state: &State, reset: u8) -> Kind {
        self.scene.wishes[usize::from(state.store.resets[usize::from(reset)].wish)].kind
    }

    fn is_repeat(&self, state: &State, wish: u8, open: u8) -> bool {
        let row = &state.store.resets[usize::from(open)];
        let (asked, kind) = (self.scene.wishes[usize::from(wish)], self.kind(state, open));
        let is_same = self.scene.wishes[usize::from(row.wish)].by == asked.by;
        let does_it_all = match asked.kind {
            Kind::Administrator => {
                let is_of_kind = kind == Kind::Administrator || !self.keeps(Guard::RepeatIsOfTheSameKind);
                is_same && is_of_kind && self.holds(state, asked, row)
            }
            Kind::Remail => is_same && !kind.is_wish(),
            Kind::Invitation | Kind::Incident => false,
            Kind::Forgotten | Kind::Own => kind.is_wish(),
        };
        does_it_all && !row.is_undeliverable && row.is_in_window
    }

    /// Whether password and sessions are still as the reset has left them.
    fn holds(&self, state: &State, asked: Wish, row: &Reset) -> bool {
        let lives = !state.store.user.is_dead;
        let is_ended = !lives || !asked.kills_password || !self.keeps(Guard::RepeatRequiresDeadPassword);
        let came_back = lives && row.is_outlived && self.keeps(Guard::RepeatRequiresNoSignIn);
        is_ended && !came_back
    }

    /// The user's row, and the reset whose place is taken.
    fn point(&self, state: &mut State, wish: u8, open: Option<u8>) {
        let (new, before) = (state.next_reset, state.store);
        let Wish { kind, kills_password: kills, .. } = self.scene.wishes[usize::from(wish)];
        let user = &mut state.store.user;
        user.is_dead |= kills && self.keeps(Guard::RequestKillsPassword);
        user.epoch += u8::from(kind.ends_access() && self.keeps(Guard::RequestEndsSessions));
        if user.open.is_none() || self.keeps(Guard::RequestTakesThePlace) {
            user.open = Some(new);
        }
        if let Some(open) = open.filter(|_| self.keeps(Guard::RequestSupersedes)) {
            state.store.resets[usize::from(open)].is_superseded = true;
        }
        state.seen.begin(&before, new, kills);
    }

    /// The rows of the reset, its key and its mail, and the record.
    fn insert(&self, state: &mut State, who: Who, wish: u8) {
        let reset = state.next_reset;
        state.next_reset += 1;
        let (key, is_in_window) = (state.key, self.scene.has_window);
        let is_held = self.scene.wishes[usize::from(wish)].kind == Kind::Incident;
        state.store.resets[usize::from(reset)] =
            Reset { exists: true, wish, key, is_in_window, is_held, ..Reset::default() };
        if self.scene.wishes[usize::from(wish)].has_key {
            state.store.keys[usize::from(wish)] = Some(reset);
        }
        if is_held {
            // The mail comes with the release.
        } else if self.keeps(Guard::RequestQueuesMail) {
            self.queue(state, reset);
        } else {
            state.processes[who.0].owed_mail = Some(reset);
        }
        if !self.keeps(Guard::RequestRecords) {
            state.processes[who.0].owes_record = true;
            state.seen.unrecorded += 1;
        }
    }

    pub(super) fn queue(&self, state: &mut State, reset: u8) {
        let mail = usize::from(state.next_mail);
        state.next_mail += 1;
        state.store.mails[mail] = Mail { exists: true, reset, is_due: true, ..Mail::default() };
    }

    /// Only without the guards: writes that belong in the transaction before.
    pub(super) fn write_owed(&self, state: &mut State, who: Who) {
        let process = &mut state.processes[who.0];
        let (mail, owed_record) = (process.owed_mail.take(), std::mem::take(&mut process.owes_record));
        state.seen.unrecorded -= u8::from(owed_record);
        if let Some(reset) = mail {
            self.queue(state, reset);
        }
    }

    pub(super) fn open(&self, state: &mut State, reset: u8) {
        state.left.opens -= 1;
        state.store.resets[usize::from(reset)].is_opened = true;
    }

    pub(super) fn resend(&self, state: &mut State, reset: u8) {
        state.left.resends -= 1;
        state.store.resets[usize::from(reset)].is_undeliverable = false;
        self.queue(state, reset);
    }

    /// An incident that is released comes to a user: the link lives from now on, unless its user cannot use it.
    pub(super) fn release(&self, state: &mut State, reset: u8) {
        state.left.releases -= 1;
        let user = state.store.user;
        let is_placed = user.open == Some(reset) || !self.keeps(Guard::ReleaseRequiresPlace);
        if !user.exists || !is_placed || usize::from(state.next_mail) >= MAILS {
            return;
        }
        if user.is_disabled {
            return self.cancel(state, reset);
        }
        state.store.resets[usize::from(reset)].is_held = false;
        self.queue(state, reset);
    }

    /// The page looks whether the link is alive, then hashes outside any transaction.
    pub(super) fn find_live(&self, state: &mut State, who: Who, reset: u8) {
        state.left.redeems -= 1;
        let password = state.next_password;
        state.next_password += 1;
        state.processes[who.0].op = Some(Op::Redeem { reset, password });
    }

    /// The one statement by which a link writes a password.
    pub(super) fn use_up(&self, state: &mut State, reset: u8, password: u8) {
        let before = state.store;
        let row = &before.resets[usize::from(reset)];
        let user = &mut state.store.user;
        let is_placed = user.open == Some(reset) || !self.keeps(Guard::RedeemRequiresPlace);
        let is_in_time = !row.is_expired || !self.keeps(Guard::RedeemRequiresTime);
        let is_enabled = !user.is_disabled || !self.keeps(Guard::RedeemRequiresEnabled);
        if !row.exists || !user.exists || !is_placed || !is_in_time || !is_enabled {
            return;
        }
        (user.password, user.is_dead) = (password, false);
        user.epoch += u8::from(self.keeps(Guard::RedeemEndsSessions));
        if self.keeps(Guard::RedeemEmptiesThePlace) {
            user.open = None;
        }
        state.store.resets[usize::from(reset)].is_redeemed = true;
        if state.seen.is_over(reset) {
            state.seen.wrong(Wrong::ChangedByOver);
        }
        state.seen.changes[usize::from(reset)] += 1;
        state.seen.choose(&before, password);
        state.seen.end(reset);
    }

    pub(super) fn read_cancel(&self, state: &mut State, who: Who, reset: u8) {
        state.left.cancels -= 1;
        self.hold(state, who, Op::Cancel { reset });
    }

    pub(super) fn cancel(&self, state: &mut State, reset: u8) {
        let user = &mut state.store.user;
        let is_placed = user.open == Some(reset) || !self.keeps(Guard::CancelRequiresPlace);
        if !user.exists || !is_placed {
            return;
        }
        if self.keeps(Guard::CancelEmptiesThePlace) {
            user.open = None;
        }
        state.store.resets[usize::from(reset)].is_cancelled = true;
        state.seen.end(reset);
    }

    pub(super) fn expire(&self, state: &mut State, reset: u8) {
        state.store.resets[usize::from(reset)].is_expired = true;
        state.seen.end(reset);
    }
}
