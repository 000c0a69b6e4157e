//! The model's mails, and the fate of the links in them.

use super::*;

impl Life {
    pub(super) fn has_room(&mut self) -> bool {
        // One that waits has not left; the next one takes its place.
        self.mails.retain(|at| self.now - at < HOUR && *at <= self.now);
        self.mails.len() < self.house.mails
    }

    pub(super) fn mail_or_wait(&mut self, nth: usize) {
        if self.has_room() {
            self.mails.push(self.now);
            return self.mail(nth, self.resets[nth].kind);
        }
        let due = self.mails[self.mails.len() - self.house.mails] + HOUR;
        self.mails.push(due);
        let reset = &mut self.resets[nth];
        reset.waits_until = Some(due);
        if self.rules.hold(Rule::LifeCountsFromTheMail) {
            reset.until += due - self.now;
        }
    }

    /// Mails whose time has come; the link lives from then on.
    pub(super) fn mail_what_waited(&mut self) {
        for nth in 0..self.resets.len() {
            let is_due = self.resets[nth].waits_until.is_some_and(|due| due <= self.now);
            if !is_due {
                continue;
            }
            self.resets[nth].waits_until = None;
            let may_live = self.is_alive(nth) || (self.is_in_place(nth) && !self.resets[nth].is_mailed);
            if may_live && self.holds(Rule::LifeCountsFromTheMail) {
                let lifetime = self.lifetime(nth);
                self.resets[nth].until = self.resets[nth].until.max(self.now + lifetime);
            }
            self.mail(nth, self.resets[nth].kind);
        }
    }

    pub(super) fn lifetime(&self, nth: usize) -> i64 {
        if self.resets[nth].kind == "invitation" { DAY } else { self.house.lifetime }
    }

    pub(super) fn is_in_place(&self, nth: usize) -> bool {
        self.user.as_ref().is_some_and(|user| user.place == Some(nth))
    }

    /// The mail leaves, if its link still works; it speaks as this kind of reset does.
    pub(super) fn mail(&mut self, nth: usize, kind: &str) {
        if !self.is_alive(nth) {
            return;
        }
        let reset = &mut self.resets[nth];
        reset.is_mailed = true;
        let voice = match kind {
            _ if !self.rules.hold(Rule::MailSpeaksToItsReader) => Voice::Asked,
            "administrator" => Voice::Reset,
            "remail" => Voice::Sent,
            "invitation" => Voice::Invited,
            _ => Voice::Asked,
        };
        let left = if self.rules.hold(Rule::MailTellsTimeLeft) { reset.until - self.now } else { self.house.lifetime };
        // A mail's time on its way does not shorten the minutes that it states.
        let minutes = (left + 10) / 60;
        // From two hours on whole hours are stated.
        let minutes = Some(if minutes < 120 { minutes } else { minutes / 60 * 60 });
        let old_password = match (voice, self.password()) {
            (Voice::Invited, _) => "none",
            _ if !self.holds(Rule::MailTellsOfThePassword) => "live",
            (_, password) => password,
        };
        self.letters.push(Letter { voice, to: self.mailed(), reset: Some(nth), minutes, old_password });
        self.links.push(nth);
    }

    pub(super) fn open(&mut self, link: Option<usize>) -> Answer {
        let is_let_in = self.user.as_ref().is_some_and(|user| !user.is_disabled);
        let Some(link) = link.filter(|link| is_let_in && self.is_alive(*link)) else { return Answer::of(400) };
        if !self.resets[link].is_opened {
            self.resets[link].is_opened = true;
            self.record("reset.open", true);
        }
        Answer::of(200)
    }

    pub(super) fn redeem(&mut self) -> Answer {
        let link = self.links.last().copied().filter(|link| self.is_alive(*link));
        let Some(link) = link.filter(|_| self.user.as_ref().is_some_and(|user| !user.is_disabled)) else {
            return Answer::of(400);
        };
        self.resets[link].end = Some("redeemed");
        let (works_once, revives) = (self.holds(Rule::LinkWorksOnce), self.holds(Rule::RedeemRevives));
        let password = self.passwords;
        self.passwords += 1;
        let user = self.user.as_mut().expect("whose link works is there");
        user.password = Some(password);
        user.is_dead &= !revives;
        user.is_verified = true;
        if works_once {
            user.place = None;
        }
        if self.holds(Rule::RedeemEndsSessions) {
            self.end_all_sessions();
        }
        self.record("reset.redeem", true);
        self.tell(Voice::Changed, self.mailed());
        Answer::of(204)
    }

    pub(super) fn cancel(&mut self) -> Answer {
        let Some(last) = self.resets.len().checked_sub(1) else { return Answer::of(404) };
        if !self.is_alive(last) {
            return Answer::of(409);
        }
        self.resets[last].end = Some("cancelled");
        if let Some(user) = self.user.as_mut().filter(|_| self.rules.hold(Rule::CancelEndsTheLink)) {
            user.place = None;
        }
        self.record("reset.cancel", true);
        Answer::of(200)
    }

    pub(super) fn resend(&mut self) -> Answer {
        let Some(last) = self.resets.len().checked_sub(1) else { return Answer::of(404) };
        if !self.is_alive(last) {
            return Answer::of(409);
        }
        if !self.has_room() {
            return Answer::of(429);
        }
        self.mails.push(self.now);
        if self.holds(Rule::ResendRenews) {
            self.resets[last].until = self.resets[last].until.max(self.now + self.lifetime(last));
        }
        self.record("reset.resend", true);
        self.mail(last, self.resets[last].kind);
        Answer::of(200)
    }

    /// Ends the open reset; an expired one stays as it is.
    pub(super) fn cancel_open(&mut self, how: &'static str) {
        if let Some(open) = self.alive() {
            self.resets[open].end = Some(how);
        }
        if let Some(user) = &mut self.user {
            user.place = None;
        }
    }
}
