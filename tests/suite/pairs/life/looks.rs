//! The model's view of a life at its end.

use super::*;
use crate::pairs::seen::{Shown, ShownReset};

impl Life {
    pub(super) fn look(mut self, answers: Vec<Answer>) -> View {
        let mut view = View { answers, user: self.shown(), resets: self.shown_resets(), ..View::default() };
        self.letters.sort();
        self.records.sort();
        view.letters = std::mem::take(&mut self.letters);
        view.records = std::mem::take(&mut self.records);
        view.sessions = (0..self.sessions.len()).map(|nth| self.is_session_alive(nth)).collect();
        view.credentials = self.credentials.iter().map(|credential| self.works(credential)).collect();
        let mut mailed = self.links.clone();
        mailed.sort_unstable();
        mailed.dedup();
        view.links = mailed.into_iter().map(|reset| self.open(Some(reset)).status).collect();
        view.passwords = (0..self.passwords).map(|nth| self.sign_in(Some(nth)).status).collect();
        view
    }

    /// The reported state of the password.
    pub(super) fn password(&self) -> &'static str {
        match &self.user {
            Some(user) if user.is_dead => "dead",
            Some(user) if user.password.is_some() => "live",
            _ if self.holds(Rule::InvitedHasNoPassword) => "none",
            _ => "dead",
        }
    }

    fn shown(&self) -> Option<Shown> {
        let user = self.user.as_ref()?;
        let open = if self.holds(Rule::ExpiredIsNotOpen) { self.alive() } else { user.place };
        Some(Shown {
            address: self.address,
            waiting: self.waiting_address(),
            mailed: self.mailed(),
            password: self.password().into(),
            is_disabled: user.is_disabled,
            open,
            sessions: (0..self.sessions.len()).filter(|nth| self.is_session_alive(*nth)).count(),
            roles: user.roles,
        })
    }

    fn shown_resets(&self) -> Vec<ShownReset> {
        let is_found = self.user.is_some() || self.holds(Rule::RemovedIsFound);
        let shown = self.resets.iter().enumerate().map(|(nth, reset)| ShownReset {
            kind: reset.kind.into(),
            state: self.state(nth).into(),
            kills: reset.kills,
            left: reset.until - self.now,
            is_found,
        });
        shown.collect()
    }
}
