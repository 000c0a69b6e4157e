//! A user's life according to the rules: plain data, fed with events and gaps.

use std::collections::HashMap;

use self::addresses::{Change, Former};
use super::deed::{Deed, Gap, Script, Start};
use super::rules::{Rule, Rules};
use super::seen::{Answer, Letter, View, Voice};

mod accounts;
mod addresses;
mod links;
mod looks;
mod resets;

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;
const WINDOW: i64 = 30;
/// Mails of an hour that wishes of anyone leave alone.
const KEPT_FOR_ADMINISTRATORS: usize = 2;
const IDLE: i64 = HOUR;
const FREE_GUESSES: u32 = 5;
/// Seconds between two deeds of a prologue, and until the first deed.
pub const STEP: i64 = 31;
pub const PROLOGUE: i64 = 600;

/// The requester of a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Administrator,
    Another,
    Anyone,
    Themself,
}

/// The tenant's settings.
#[derive(Debug, Clone, Copy)]
struct House {
    keeps_password: bool,
    revokes_credentials: bool,
    mails: usize,
    lifetime: i64,
}

impl House {
    const NEW: Self = Self { keeps_password: false, revokes_credentials: false, mails: 5, lifetime: HOUR };
}

#[derive(Debug, Clone)]
pub(super) struct User {
    password: Option<usize>,
    is_dead: bool,
    is_disabled: bool,
    is_owner: bool,
    roles: usize,
    signed_in_at: Option<i64>,
    /// The reset in the user's one place for an open one, even when its time is over.
    place: Option<usize>,
    /// How often a new secret has ended the sessions.
    epoch: usize,
    is_verified: bool,
    change: Option<Change>,
    former: Option<Former>,
}

impl User {
    fn with_password(password: Option<usize>) -> Self {
        Self {
            password,
            is_dead: false,
            is_disabled: false,
            is_owner: false,
            roles: 2,
            signed_in_at: None,
            place: None,
            epoch: 0,
            is_verified: false,
            change: None,
            former: None,
        }
    }
}

#[derive(Debug, Clone)]
struct Reset {
    kind: &'static str,
    by: Who,
    at: i64,
    kills: bool,
    revokes: bool,
    until: i64,
    /// When its mail may leave, if it had to wait.
    waits_until: Option<i64>,
    is_mailed: bool,
    is_opened: bool,
    end: Option<&'static str>,
}

impl Reset {
    fn is_wish(&self) -> bool {
        matches!(self.kind, "forgotten" | "own")
    }
}

#[derive(Debug, Clone)]
struct Session {
    is_over: bool,
    used_at: i64,
}

#[derive(Debug, Clone)]
struct Credential {
    is_gone: bool,
    is_off: bool,
    until: i64,
}

/// The call that a key names.
#[derive(Debug, Clone, Copy)]
struct Keyed {
    at: i64,
    reset: usize,
    address: usize,
}

/// A user's life.
pub struct Life {
    rules: Rules,
    now: i64,
    house: House,
    user: Option<User>,
    /// Whether the user asks for a new address, and no administrator.
    asks_themself: bool,
    /// Which of the two addresses the user has, or had last.
    address: usize,
    /// How many changes of the address were ever asked for.
    changes: usize,
    /// How many passwords were ever chosen.
    passwords: usize,
    resets: Vec<Reset>,
    sessions: Vec<Session>,
    credentials: Vec<Credential>,
    /// Of which reset each mail with a link was, in order.
    links: Vec<usize>,
    letters: Vec<Letter>,
    records: Vec<String>,
    /// Wrong tries at each password of each address, and at none: how many, and when the last was.
    guesses: HashMap<(usize, Option<usize>), (u32, i64)>,
    /// When mails left that count in the bound of administrators, and in that of wishes.
    mails: Vec<i64>,
    wishes: Vec<i64>,
    /// When the key was first used, and the reset that came of it.
    key: Option<Keyed>,
}

impl Life {
    /// Lives it and looks at the end.
    pub fn of(script: &Script, rules: Rules) -> View {
        let mut life = Self::begin(script, rules);
        for deed in script.start.prologue() {
            life.do_it(*deed);
            life.now += STEP;
        }
        life.now = PROLOGUE;
        let mut answers = Vec::new();
        for (nth, deed) in script.deeds.iter().enumerate() {
            if nth > 0 {
                life.pass(script.gaps[nth - 1]);
            }
            answers.extend(life.do_it(*deed));
        }
        life.look(answers)
    }

    fn begin(script: &Script, rules: Rules) -> Self {
        let is_there = script.start != Start::Absent;
        let user = User::with_password(Some(0));
        let sessions = if is_there { 2 } else { 0 };
        let credentials = if is_there { 1 } else { 0 };
        Self {
            rules,
            now: 0,
            house: House::NEW,
            user: is_there.then_some(user),
            asks_themself: script.asks_themself(),
            address: 0,
            changes: 0,
            passwords: usize::from(is_there),
            resets: Vec::new(),
            sessions: vec![Session { is_over: false, used_at: 0 }; sessions],
            credentials: vec![Credential { is_gone: false, is_off: false, until: 365 * DAY }; credentials],
            links: Vec::new(),
            letters: Vec::new(),
            records: Vec::new(),
            guesses: HashMap::new(),
            mails: Vec::new(),
            wishes: Vec::new(),
            key: None,
        }
    }

    pub(super) fn holds(&self, rule: Rule) -> bool {
        self.rules.hold(rule)
    }

    fn pass(&mut self, gap: Gap) {
        match gap {
            Gap::Nothing => {}
            Gap::Seconds(seconds) => self.now += seconds,
            Gap::Restart if self.holds(Rule::RestartChangesNothing) => {}
            Gap::Restart => self.sessions.iter_mut().for_each(|session| session.is_over = true),
            Gap::NewKey if self.holds(Rule::NewKeyChangesNothing) => {}
            Gap::NewKey => self.cancel_open("cancelled"),
        }
        self.mail_what_waited();
    }

    fn do_it(&mut self, deed: Deed) -> Vec<Answer> {
        let answer = match deed {
            Deed::Create => self.create(),
            Deed::MakeAgain => return vec![self.remove(), self.create()],
            Deed::Remove => self.remove(),
            Deed::SendLink => self.send_link(),
            Deed::AdminReset => self.admin_reset(Who::Administrator, false),
            Deed::ResetByAnother => self.admin_reset(Who::Another, false),
            Deed::ResetUnderKey => self.reset_under_key(),
            Deed::ResetAndRevoke => self.admin_reset(Who::Administrator, true),
            Deed::Forgot => self.forgot(),
            Deed::OwnWish => self.own_wish(),
            Deed::Open => self.open(self.links.last().copied()),
            Deed::Redeem => self.redeem(),
            Deed::Cancel => self.cancel(),
            Deed::Resend => self.resend(),
            Deed::ChangePassword => self.change_password(),
            Deed::ChangeAddress => self.change_address(),
            Deed::ConfirmAddress => self.confirm_address(),
            Deed::KeepAddress => self.keep_address(),
            Deed::SignIn => self.sign_in(self.passwords.checked_sub(1)),
            Deed::Guess => self.sign_in(None),
            Deed::GuessOn => return (0..=FREE_GUESSES).map(|_| self.sign_in(None)).collect(),
            Deed::SignOut => self.sign_out(),
            Deed::EndSessions => self.end_sessions(),
            Deed::Disable => self.disable(),
            Deed::Enable => self.enable(),
            Deed::ChangeRoles => self.change_roles(),
            Deed::AssignOwner => self.assign_owner(),
            Deed::UnassignOwner => self.unassign_owner(),
            Deed::MakeCredential => self.make_credential(),
            Deed::RenewCredential => self.renew_credential(),
            Deed::SwitchCredential => self.switch_credential(),
            Deed::RevokeCredential => self.revoke_credential(),
            Deed::KeepPasswords
            | Deed::KillPasswords
            | Deed::RevokeOnReset
            | Deed::OneMailAnHour
            | Deed::ShortLinks => {
                self.set(deed);
                return Vec::new();
            }
            Deed::Nothing => return Vec::new(),
        };
        vec![answer]
    }

    fn set(&mut self, deed: Deed) {
        match deed {
            Deed::KeepPasswords => self.house.keeps_password = true,
            Deed::KillPasswords => self.house.keeps_password = false,
            Deed::RevokeOnReset => self.house.revokes_credentials = true,
            Deed::OneMailAnHour => self.house.mails = 1,
            _ => self.house.lifetime = 600,
        }
        if !self.holds(Rule::SettingsCountFromNow) {
            self.house = House::NEW;
        }
    }

    pub(super) fn record(&mut self, action: &str, is_accepted: bool) {
        self.records.push(format!("{action} {}", if is_accepted { "accepted" } else { "refused" }));
    }

    fn is_alive(&self, reset: usize) -> bool {
        let is_in_place = self.user.as_ref().is_some_and(|user| user.place == Some(reset));
        is_in_place && (self.now < self.resets[reset].until || !self.holds(Rule::LinkDiesOfAge))
    }

    /// The reset that is open and not over by age.
    fn alive(&self) -> Option<usize> {
        self.user.as_ref()?.place.filter(|reset| self.is_alive(*reset))
    }

    fn state(&self, nth: usize) -> &'static str {
        let reset = &self.resets[nth];
        let is_in_place = self.user.as_ref().is_some_and(|user| user.place == Some(nth));
        match reset.end {
            Some(end) => end,
            None if self.now >= reset.until && self.holds(Rule::LinkDiesOfAge) => "expired",
            None if !is_in_place => "cancelled",
            None if reset.is_opened => "opened",
            None if reset.is_mailed => "mailed",
            None => "requested",
        }
    }

    fn is_session_alive(&self, nth: usize) -> bool {
        let is_let_in = self.user.as_ref().is_some_and(|user| !user.is_disabled);
        let session = &self.sessions[nth];
        let is_idle = self.now - session.used_at >= IDLE && self.holds(Rule::SessionsIdleOut);
        is_let_in && !session.is_over && !is_idle
    }

    /// Uses the latest session, if it is valid.
    fn use_session(&mut self) -> Option<usize> {
        let last = self.sessions.len().checked_sub(1)?;
        let lives = self.is_session_alive(last);
        if lives {
            self.sessions[last].used_at = self.now;
        }
        lives.then_some(last)
    }

    fn works(&self, credential: &Credential) -> bool {
        let is_suspended = |user: &User| user.is_disabled && self.holds(Rule::DisableSuspendsCredentials);
        let is_let_in = self.user.as_ref().is_some_and(|user| !is_suspended(user));
        let is_over = self.now >= credential.until && self.holds(Rule::CredentialsDieOfAge);
        is_let_in && !credential.is_gone && !credential.is_off && !is_over
    }
}
