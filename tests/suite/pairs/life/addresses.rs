//! The model's changes of the address. A user has two, and moves from the one to the other.

use super::*;

const LIFE: i64 = DAY;
const COOL_OFF: i64 = DAY;

/// A change that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// Its number among all of the life.
    nth: usize,
    to: usize,
    at: i64,
    epoch: usize,
    is_used: bool,
}

/// Where mail goes for a while after a change.
#[derive(Debug, Clone)]
pub(super) struct Former {
    address: usize,
    since: i64,
}

impl Life {
    /// The change that waits for its link.
    pub(super) fn waiting(&self) -> Option<&Change> {
        let user = self.user.as_ref()?;
        user.change.as_ref().filter(|change| {
            let lives = self.now - change.at < LIFE || !self.holds(Rule::AddressLinkDiesOfAge);
            let is_of_now = change.epoch == user.epoch || !self.holds(Rule::SessionsEndAddressChanges);
            lives && is_of_now && !change.is_used && !user.is_disabled
        })
    }

    /// The address that waits for its link.
    pub(super) fn waiting_address(&self) -> Option<usize> {
        self.waiting().map(|change| change.to)
    }

    /// The address to which mail goes.
    pub(super) fn mailed(&self) -> usize {
        let former = self.user.as_ref().and_then(|user| user.former.as_ref());
        let cools = |former: &&Former| self.now - former.since < COOL_OFF || !self.holds(Rule::FormerIsLeft);
        let former = former.filter(cools).filter(|_| self.holds(Rule::MailGoesToTheFormer));
        former.map_or(self.address, |former| former.address)
    }

    /// A mail without a link to a password.
    pub(super) fn tell(&mut self, voice: Voice, to: usize) {
        self.letters.push(Letter { voice, to, reset: None, minutes: None, old_password: "none" });
    }

    fn has_used_address(&self) -> bool {
        let has_used = |user: &User| user.is_verified || user.password.is_some();
        self.user.as_ref().is_some_and(has_used) || !self.holds(Rule::UnusedAddressHearsNothing)
    }

    pub(super) fn change_address(&mut self) -> Answer {
        let done = Answer::of(if self.asks_themself { 204 } else { 200 });
        if let Some(refused) = self.refuses_address() {
            return refused;
        }
        if self.waiting().is_some_and(|change| self.is_recent(change.at)) {
            if !self.holds(Rule::RepeatIsSilent) {
                self.record("address.request", true);
            }
            return done;
        }
        if !self.count_address_link() && self.holds(Rule::AddressMailsCount) {
            return Answer::of(429);
        }
        let (nth, to, at) = (self.changes, 1 - self.address, self.now);
        self.changes += 1;
        if let Some(user) = &mut self.user {
            user.change = Some(Change { nth, to, at, epoch: user.epoch, is_used: false });
        }
        self.tell(Voice::AddressLink, to);
        if self.has_used_address() {
            self.tell(Voice::AddressAsked, self.mailed());
        }
        self.record("address.request", true);
        if !self.holds(Rule::AddressWaitsForItsLink) {
            self.move_to(to);
        }
        done
    }

    fn refuses_address(&mut self) -> Option<Answer> {
        if self.asks_themself {
            return self.use_session().is_none().then(|| Answer::of(401));
        }
        match &self.user {
            None => Some(Answer::of(404)),
            Some(user) if user.is_disabled => Some(Answer::of(409)),
            Some(_) => None,
        }
    }

    /// Counts its mail in the bound of who asked; false when that is full.
    fn count_address_link(&mut self) -> bool {
        if self.asks_themself {
            return self.count_wish();
        }
        let has_room = self.has_room();
        if has_room {
            self.mails.push(self.now);
        }
        has_room
    }

    pub(super) fn confirm_address(&mut self) -> Answer {
        let Some(user) = &self.user else { return Answer::of(400) };
        let link = self.changes.checked_sub(1);
        let Some(to) = user.change.as_ref().filter(|change| Some(change.nth) == link).map(|change| change.to) else {
            return Answer::of(400);
        };
        if self.waiting().is_none() {
            self.record("address.confirm", false);
            return Answer::of(400);
        }
        let is_used = self.holds(Rule::AddressLinkWorksOnce);
        if let Some(change) = self.user.as_mut().and_then(|user| user.change.as_mut()) {
            change.is_used = is_used;
        }
        if self.holds(Rule::NewAddressEndsLinks) {
            self.cancel_open("cancelled");
        }
        self.move_to(to);
        self.record("address.confirm", true);
        Answer::of(204)
    }

    fn move_to(&mut self, to: usize) {
        let (left, until_now, has_used) = (self.address, self.mailed(), self.has_used_address());
        let is_back = until_now == to && self.holds(Rule::GoingBackEndsCoolOff);
        let cools_off = has_used && !is_back;
        self.address = to;
        self.tell(Voice::AddressChanged, to);
        if has_used {
            self.tell(Voice::AddressChanged, if cools_off { until_now } else { left });
        }
        let since = self.now;
        if let Some(user) = &mut self.user {
            user.former = cools_off.then_some(Former { address: until_now, since });
            user.is_verified = true;
        }
    }

    pub(super) fn keep_address(&mut self) -> Answer {
        if self.asks_themself && self.use_session().is_none() {
            return Answer::of(401);
        }
        if self.waiting().is_none() {
            return Answer::of(404);
        }
        let is_over = self.holds(Rule::KeptAddressIsOver);
        if let Some(user) = self.user.as_mut().filter(|_| is_over) {
            user.change = None;
        }
        self.record("address.cancel", true);
        Answer::of(if self.asks_themself { 204 } else { 200 })
    }
}
