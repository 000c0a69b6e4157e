//! Looking at a life from outside, at its end.

use std::collections::HashMap;

use tenantry::clock::{SECOND, Timestamp};

use super::*;
use crate::pairs::seen::{Shown, ShownReset, View};

impl Played {
    /// Learns of resets that no answer named.
    pub fn note_resets(&mut self, rig: &Rig) {
        for shown in self.found(rig).iter().rev() {
            self.number_of(shown["id"].as_str().unwrap());
        }
    }

    /// The resets that are found by the address, the newest first.
    fn found(&self, rig: &Rig) -> Vec<Value> {
        let path = format!("/api/tenantry/v1/resets?email={}", self.typed());
        let listed = self.call(rig, &self.administrator(), ("GET", &path), &[], None).body;
        listed["items"].as_array().cloned().unwrap_or_default()
    }

    /// Everything visible; looks that change nothing come first.
    pub fn look(&mut self, rig: &Rig, records: &HashMap<String, Vec<String>>) -> View {
        let mut view = View { answers: self.answers.clone(), user: self.shown(rig), ..View::default() };
        view.resets = self.shown_resets(rig);
        view.letters = std::mem::take(&mut self.letters);
        view.letters.sort();
        let subjects = self.addresses.iter().chain(self.credentials.iter().map(|(name, _)| name));
        view.records = subjects.filter_map(|subject| records.get(subject)).flatten().cloned().collect();
        view.records.sort();
        let lives = |by: &By<'_>, path: &str| self.call(rig, by, ("GET", path), &[], None).status == 200;
        view.sessions = self.cookies.iter().map(|cookie| lives(&By::Cookie(cookie), "/account")).collect();
        let whoami = "/api/web/custom/namespaces/system/whoami";
        view.credentials = self.credentials.iter().map(|(_, secret)| lives(&By::Token(secret), whoami)).collect();
        let mut links = self.links.clone();
        links.sort_unstable();
        links.dedup();
        view.links = links.into_iter().map(|(_, token)| self.open(rig, token).status).collect();
        view.passwords = self.passwords.clone().iter().map(|password| self.sign_in(rig, password)).collect();
        view
    }

    fn shown(&self, rig: &Rig) -> Option<Shown> {
        let path = format!("/api/tenantry/v1/users/{}", self.typed());
        let answered = self.call(rig, &self.administrator(), ("GET", &path), &[], None);
        let body = answered.body;
        let open = body["open_reset_id"].as_str();
        let address = |member: &str| body[member].as_str().map(|email| self.number_of_address(email));
        (answered.status == 200).then(|| Shown {
            address: address("email").unwrap(),
            waiting: address("pending_email"),
            mailed: address("mail_goes_to").unwrap(),
            password: body["password"].as_str().unwrap_or_default().into(),
            is_disabled: body["disabled"] == true,
            open: open.and_then(|open| self.resets.iter().position(|known| known == open)),
            sessions: body["sessions"].as_array().map_or(0, Vec::len),
            roles: body["namespace_roles"].as_array().map_or(0, Vec::len),
        })
    }

    fn shown_resets(&self, rig: &Rig) -> Vec<ShownReset> {
        let found = self.found(rig);
        let now = rig.clock.now();
        let shown = self.resets.iter().map(|id| {
            let path = format!("/api/tenantry/v1/resets/{id}");
            let alone = || self.call(rig, &self.administrator(), ("GET", &path), &[], None).body;
            let listed = found.iter().find(|shown| shown["id"] == id.as_str()).cloned();
            let is_found = listed.is_some();
            let body = listed.unwrap_or_else(alone);
            let until = body["expires_at"].as_str().and_then(Timestamp::parse).unwrap_or_default();
            ShownReset {
                kind: body["kind"].as_str().unwrap_or_default().into(),
                state: body["state"].as_str().unwrap_or_default().into(),
                kills: body["kills_password"] == true,
                left: (until.0 - now.0) / SECOND,
                is_found,
            }
        });
        shown.collect()
    }
}
