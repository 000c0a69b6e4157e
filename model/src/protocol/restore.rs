//! A backup at any moment; and its restore, which changes the restored store in one transaction before anything serves it.

use super::Protocol;
use crate::guard::Guard;
use crate::state::{Backup, State};

impl Protocol {
    pub(super) fn back_up(&self, state: &mut State) {
        state.left.backups -= 1;
        state.backup =
            Some(Backup { store: state.store, last: state.seen.last, session_passwords: state.seen.session_passwords });
    }

    pub(super) fn restore(&self, state: &mut State) {
        let Some(backup) = state.backup.take() else { return };
        state.processes = Default::default();
        state.store = backup.store;
        let store = &mut state.store;
        let open = store.user.open.filter(|_| self.keeps(Guard::RestoreVoidsResets));
        if let Some(open) = open {
            store.user.open = None;
            store.resets[usize::from(open)].is_cancelled = true;
        }
        store.user.epoch += u8::from(self.keeps(Guard::RestoreEndsSessions));
        store.user.is_dead |= self.keeps(Guard::RestoreKillsPasswords);
        store.has_credential &= !self.keeps(Guard::RestoreRevokesCredentials);
        state.seen.restore(&backup, state.next_reset);
    }
}
