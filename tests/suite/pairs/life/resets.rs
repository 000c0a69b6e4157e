//! The model's wishes for a link.

use super::*;

/// The promises of a wish.
struct Wish {
    kind: &'static str,
    by: Who,
    kills: bool,
    ends_sessions: bool,
    revokes: bool,
    lifetime: i64,
}

impl Life {
    pub(super) fn admin_reset(&mut self, by: Who, revokes: bool) -> Answer {
        if let Some(refused) = self.refused() {
            return refused;
        }
        let (kills, revokes) = (!self.house.keeps_password, revokes || self.house.revokes_credentials);
        let is_repeat = self.alive().filter(|open| self.is_repeated_by(*open, by, kills, revokes));
        if let Some(open) = is_repeat {
            return self.repeat(open);
        }
        let ends_sessions = kills || self.holds(Rule::ResetEndsSessions);
        let wish = Wish { kind: "administrator", by, kills, ends_sessions, revokes, lifetime: self.house.lifetime };
        if !self.has_room() && !self.holds(Rule::KillBeyondTheBound) {
            self.record("reset.request", false);
            return Answer::of(429);
        }
        let reset = self.begin_reset(&wish);
        self.record("reset.request", true);
        self.mail_or_wait(reset);
        Answer { reset: Some(reset), ..Answer::of(200) }
    }

    pub(super) fn reset_under_key(&mut self) -> Answer {
        let counts = |at: i64| self.now - at < DAY || !self.holds(Rule::KeyIsForgotten);
        let known = self.key.filter(|key| counts(key.at) && self.holds(Rule::KeyNamesOneCall));
        match known {
            Some(key) if key.address != self.address => {
                self.record("reset.request", false);
                return Answer::of(422);
            }
            Some(key) => return Answer { reset: Some(key.reset), is_replayed: true, ..Answer::of(200) },
            None => {}
        }
        let answer = self.admin_reset(Who::Administrator, false);
        let (at, address) = (self.now, self.address);
        self.key = answer.reset.map(|reset| Keyed { at, reset, address }).or(self.key);
        answer
    }

    /// Whether an administrator's reset would do nothing that this one has not done, and it still holds.
    fn is_repeated_by(&self, open: usize, by: Who, kills: bool, revokes: bool) -> bool {
        let (reset, user) = (&self.resets[open], self.user.as_ref().expect("whose reset is open is there"));
        let is_of_kind = reset.kind == "administrator" || !self.holds(Rule::ResetRepeatsResetsOnly);
        let is_same = reset.by == by || !self.holds(Rule::ResetRepeatsSamePerson);
        let lives = user.password.is_some() && !user.is_dead;
        let is_as_strong = !lives || !kills || !self.holds(Rule::ResetRepeatsAsStrong);
        let came_back = lives && user.signed_in_at.is_some_and(|at| at >= reset.at);
        let still_holds = !came_back || !self.holds(Rule::ResetRepeatsWhatHolds);
        let has_revoked = reset.revokes || !revokes || !self.holds(Rule::ResetRepeatsRevocation);
        is_of_kind && is_same && is_as_strong && has_revoked && still_holds && self.is_recent(reset.at)
    }

    pub(super) fn is_recent(&self, at: i64) -> bool {
        self.now - at < WINDOW || !self.holds(Rule::RepeatEnds)
    }

    fn repeat(&mut self, open: usize) -> Answer {
        if !self.holds(Rule::RepeatIsSilent) {
            self.record("reset.request", true);
        }
        Answer { reset: Some(open), ..Answer::of(200) }
    }

    /// The refusal for a user who does not exist or is disabled.
    fn refused(&mut self) -> Option<Answer> {
        let status = match &self.user {
            None => 404,
            Some(user) if user.is_disabled => 409,
            Some(_) => return None,
        };
        self.record("reset.request", false);
        Some(Answer::of(status))
    }

    pub(super) fn send_link(&mut self) -> Answer {
        if let Some(refused) = self.refused() {
            return refused;
        }
        let is_theirs = |reset: &Reset| reset.by == Who::Administrator && self.is_recent(reset.at);
        let any = self.holds(Rule::SendLinkRepeatsAnyMail);
        let is_repeat = |open: &usize| {
            let reset = &self.resets[*open];
            let is_mailed = reset.waits_until.is_none() || !self.holds(Rule::SendLinkRepeatsWhatWasMailed);
            is_theirs(reset) && is_mailed && (any || reset.kind == "remail")
        };
        if let Some(open) = self.alive().filter(is_repeat) {
            return self.repeat(open);
        }
        if !self.has_room() {
            self.record("reset.request", false);
            return Answer::of(429);
        }
        let kills = !self.holds(Rule::SendLinkKeeps);
        let by = Who::Administrator;
        let wish =
            Wish { kind: "remail", by, kills, ends_sessions: kills, revokes: false, lifetime: self.house.lifetime };
        let reset = self.begin_reset(&wish);
        self.record("reset.request", true);
        self.mail_or_wait(reset);
        Answer { reset: Some(reset), ..Answer::of(200) }
    }

    pub(super) fn forgot(&mut self) -> Answer {
        if self.user.as_ref().is_some_and(|user| !user.is_disabled) {
            self.wish("forgotten", Who::Anyone);
        }
        Answer::of(200)
    }

    pub(super) fn own_wish(&mut self) -> Answer {
        if self.use_session().is_none() {
            return Answer::of(401);
        }
        if self.wish("own", Who::Themself) {
            return Answer::of(200);
        }
        self.record("reset.request", false);
        Answer::of(429)
    }

    /// A wish that nobody's right stands behind; false when the bound forbids it.
    fn wish(&mut self, kind: &'static str, by: Who) -> bool {
        let open = self.alive();
        let given = open.filter(|open| !self.resets[*open].is_wish());
        let is_repeat = match (open, given) {
            (Some(_), Some(_)) => self.wishes.last().is_some_and(|at| self.is_recent(*at)),
            (Some(open), None) => self.is_recent(self.resets[open].at),
            _ => false,
        };
        if is_repeat {
            return true;
        }
        if !self.count_wish() {
            return false;
        }
        if !self.holds(Rule::WishesHaveTheirOwnBound) {
            self.mails.push(self.now);
        }
        if let Some(given) = given.filter(|_| self.holds(Rule::ForgotKeepsAdministratorsLink)) {
            self.record("reset.resend", true);
            self.mail(given, kind);
            return true;
        }
        let wish = Wish { kind, by, kills: false, ends_sessions: false, revokes: false, lifetime: self.house.lifetime };
        let reset = self.begin_reset(&wish);
        self.record("reset.request", true);
        self.mail(reset, kind);
        true
    }

    /// Counts a mail in the bound of wishes; false when that is full.
    pub(super) fn count_wish(&mut self) -> bool {
        self.wishes.retain(|at| self.now - at < HOUR);
        let has_room = self.wishes.len() < self.house.mails.saturating_sub(KEPT_FOR_ADMINISTRATORS).max(1);
        if has_room {
            self.wishes.push(self.now);
        }
        has_room
    }

    fn begin_reset(&mut self, wish: &Wish) -> usize {
        let nth = self.resets.len();
        if let Some(open) = self.alive() {
            let is_superseded = self.holds(Rule::NewerSupersedes);
            self.resets[open].end = is_superseded.then_some("superseded");
        }
        let may_die = self.holds(Rule::ResetKills);
        let user = self.user.as_mut().expect("who is reset is there");
        user.place = Some(nth);
        let kills = wish.kills && user.password.is_some();
        user.is_dead |= kills && may_die;
        if wish.ends_sessions {
            self.end_all_sessions();
        }
        let revokes = wish.revokes && self.holds(Rule::ResetRevokesIfToldTo);
        if revokes || (wish.ends_sessions && !self.holds(Rule::CredentialsOutliveResets)) {
            self.credentials.iter_mut().for_each(|credential| credential.is_gone = true);
        }
        self.resets.push(Reset {
            kind: wish.kind,
            by: wish.by,
            at: self.now,
            kills,
            revokes: wish.revokes,
            until: self.now + wish.lifetime,
            waits_until: None,
            is_mailed: false,
            is_opened: false,
            end: None,
        });
        nth
    }

    /// The link that a new owner gets beside what else changes: password and sessions stay.
    pub(super) fn mail_owners_link(&mut self) {
        let (by, lifetime) = (Who::Administrator, self.house.lifetime);
        let wish = Wish { kind: "remail", by, kills: false, ends_sessions: false, revokes: false, lifetime };
        let reset = self.begin_reset(&wish);
        self.mail_or_wait(reset);
    }

    pub(super) fn invite(&mut self) {
        let by = Who::Administrator;
        let wish = Wish { kind: "invitation", by, kills: false, ends_sessions: false, revokes: false, lifetime: DAY };
        let reset = self.begin_reset(&wish);
        self.mail_or_wait(reset);
    }
}
