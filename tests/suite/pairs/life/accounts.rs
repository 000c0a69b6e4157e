//! The model's accounts: existing users, who can sign in, sessions and credentials.

use super::*;

const CREDENTIAL_DAYS: i64 = 3;
const RENEWED_DAYS: i64 = 30;

impl Life {
    pub(super) fn create(&mut self) -> Answer {
        if self.user.is_some() {
            return Answer::of(409);
        }
        let password = (!self.holds(Rule::NewUserIsAnother) && self.passwords > 0).then_some(0);
        self.user = Some(User::with_password(password));
        self.record("user.create", true);
        self.invite();
        Answer::of(200)
    }

    pub(super) fn remove(&mut self) -> Answer {
        if self.user.is_none() {
            return Answer::of(404);
        }
        if self.is_kept() {
            return Answer::of(403);
        }
        self.record("user.remove", true);
        self.cancel_open("cancelled");
        if self.holds(Rule::RemovedIsGone) {
            self.user = None;
            self.end_all_sessions();
            self.credentials.iter_mut().for_each(|credential| credential.is_gone = true);
        }
        Answer::of(200)
    }

    pub(super) fn end_all_sessions(&mut self) {
        self.sessions.iter_mut().for_each(|session| session.is_over = true);
        if let Some(user) = &mut self.user {
            user.epoch += 1;
        }
    }

    pub(super) fn disable(&mut self) -> Answer {
        if self.user.is_none() {
            return Answer::of(404);
        }
        if self.is_kept() {
            return Answer::of(403);
        }
        if self.holds(Rule::DisableEndsLinks) {
            self.cancel_open("cancelled");
        }
        if self.holds(Rule::DisableEndsSessions) {
            self.end_all_sessions();
        }
        if let Some(user) = &mut self.user {
            user.is_disabled = true;
        }
        self.record("user.disable", true);
        Answer::of(200)
    }

    pub(super) fn enable(&mut self) -> Answer {
        let restores = self.holds(Rule::EnableRestoresCredentials);
        let Some(user) = &mut self.user else { return Answer::of(404) };
        let was_disabled = std::mem::take(&mut user.is_disabled);
        if was_disabled && !restores {
            self.credentials.iter_mut().for_each(|credential| credential.is_gone = true);
        }
        self.record("user.enable", true);
        Answer::of(200)
    }

    pub(super) fn change_roles(&mut self) -> Answer {
        let replaces = self.holds(Rule::RolesAreReplaced);
        if self.is_kept() {
            return Answer::of(403);
        }
        let Some(user) = &mut self.user else { return Answer::of(404) };
        user.roles = if replaces { 3 } else { user.roles };
        self.record("user.replace", true);
        Answer::of(200)
    }

    /// Whether it is an owner, whom the tenant keeps.
    fn is_kept(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.is_owner) && self.holds(Rule::OwnersAreKept)
    }

    pub(super) fn assign_owner(&mut self) -> Answer {
        let mails_again = !self.holds(Rule::OwnersAreMailedOnce);
        let Some(user) = &mut self.user else { return Answer::of(404) };
        if user.is_disabled {
            return Answer::of(409);
        }
        let was_owner = std::mem::replace(&mut user.is_owner, true);
        user.roles = 4;
        if !was_owner || mails_again {
            self.mail_owners_link();
        }
        self.record("user.assign_owner", true);
        Answer::of(200)
    }

    pub(super) fn unassign_owner(&mut self) -> Answer {
        let Some(user) = &mut self.user else { return Answer::of(404) };
        user.is_owner = false;
        self.record("user.unassign_owner", true);
        Answer::of(200)
    }

    /// Signs in with one of the passwords that were ever chosen, or with a wrong one.
    pub(super) fn sign_in(&mut self, password: Option<usize>) -> Answer {
        let own = self.user.as_ref().and_then(|user| user.password);
        let tried = (self.address, own.filter(|_| self.holds(Rule::NewPasswordClearsGuesses)));
        let (count, last) = self.guesses.get(&tried).copied().unwrap_or_default();
        let beyond = count.checked_sub(FREE_GUESSES).filter(|_| self.holds(Rule::GuessesWait));
        let wait = beyond.map_or(0, |beyond| (30_i64 << beyond.min(10)).min(900));
        if self.now < last + wait || (wait > 0 && !self.holds(Rule::GuessesAreForgotten)) {
            return Answer::of(429);
        }
        let counted = if self.now - last < DAY { count } else { 0 };
        self.guesses.insert(tried, (counted + 1, self.now));
        let is_right = |user: &User| !user.is_disabled && !user.is_dead && user.password.is_some();
        let is_in = self.user.as_ref().is_some_and(|user| is_right(user) && user.password == password);
        self.record("sign_in", is_in);
        if !is_in {
            return Answer::of(401);
        }
        if self.holds(Rule::SignInClearsGuesses) {
            self.guesses.remove(&tried);
        }
        if let Some(user) = &mut self.user {
            user.signed_in_at = Some(self.now);
        }
        self.sessions.push(Session { is_over: false, used_at: self.now });
        Answer::of(204)
    }

    pub(super) fn change_password(&mut self) -> Answer {
        let Some(own) = self.use_session() else { return Answer::of(401) };
        let is_cancelled = self.holds(Rule::ChangeCancels);
        if is_cancelled {
            self.cancel_open("cancelled");
        }
        let password = self.passwords;
        self.passwords += 1;
        if let Some(user) = &mut self.user {
            user.password = Some(password);
            user.epoch += 1;
        }
        let (ends_others, keeps_own) = (self.holds(Rule::ChangeEndsOthers), self.holds(Rule::ChangeKeepsOwn));
        for (nth, session) in self.sessions.iter_mut().enumerate() {
            session.is_over |= if nth == own { !keeps_own } else { ends_others };
        }
        self.record("password.change", true);
        self.tell(Voice::Changed, self.mailed());
        Answer::of(204)
    }

    pub(super) fn sign_out(&mut self) -> Answer {
        let ends = self.holds(Rule::SignOutEnds);
        if let Some(own) = self.use_session() {
            self.sessions[own].is_over = ends;
            self.record("sign_out", true);
        }
        Answer::of(204)
    }

    pub(super) fn end_sessions(&mut self) -> Answer {
        let Some(own) = self.use_session() else { return Answer::of(401) };
        let is_kept = self.holds(Rule::OthersEnd);
        for (nth, session) in self.sessions.iter_mut().enumerate() {
            session.is_over |= nth != own || !is_kept;
        }
        self.record("session.end", true);
        Answer::of(204)
    }

    pub(super) fn make_credential(&mut self) -> Answer {
        if self.use_session().is_none() {
            return Answer::of(401);
        }
        let until = self.now + CREDENTIAL_DAYS * DAY;
        self.credentials.push(Credential { is_gone: false, is_off: false, until });
        self.record("credential.create", true);
        Answer::of(200)
    }

    /// The credential that was made last, if administrators still see it.
    fn last_credential(&mut self) -> Option<&mut Credential> {
        self.user.as_ref()?;
        self.credentials.last_mut().filter(|credential| !credential.is_gone)
    }

    pub(super) fn renew_credential(&mut self) -> Answer {
        let until = self.now + RENEWED_DAYS * DAY;
        let Some(credential) = self.last_credential() else { return Answer::of(404) };
        credential.until = until;
        self.record("credential.renew", true);
        Answer::of(200)
    }

    pub(super) fn switch_credential(&mut self) -> Answer {
        let is_off = self.holds(Rule::SwitchedOffIsOff);
        let Some(credential) = self.last_credential() else { return Answer::of(404) };
        credential.is_off = is_off;
        self.record("credential.activate", true);
        Answer::of(200)
    }

    pub(super) fn revoke_credential(&mut self) -> Answer {
        let is_gone = self.holds(Rule::RevokedIsGone);
        let Some(credential) = self.last_credential() else { return Answer::of(404) };
        credential.is_gone = is_gone;
        self.record("credential.revoke", true);
        Answer::of(200)
    }
}
