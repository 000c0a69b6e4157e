//! The user moves between two addresses: asked for by an administrator or by the user, by the way of the life.

use super::*;

impl Played {
    pub fn change_address(&self, rig: &Rig) -> Answered {
        let new = &self.addresses[1 - self.address];
        if !self.script.asks_themself() {
            let path = format!("/api/tenantry/v1/users/{}/email", self.typed());
            return self.as_administrator(rig, &path, &json!({ "email": new }));
        }
        let current = self.passwords.last().cloned().unwrap_or("a guess".into());
        self.post(rig, &self.session(), "/account/email", &json!({ "email": new, "current_password": current }))
    }

    pub fn confirm_address(&mut self, rig: &Rig) -> Answered {
        let token = self.address_links.last().cloned().unwrap_or("A".repeat(48));
        let answered = self.post(rig, &By::Nobody, "/email", &json!({ "token": token, "agreed": "yes" }));
        if answered.status == 204 {
            self.address = 1 - self.address;
        }
        answered
    }

    pub fn keep_address(&self, rig: &Rig) -> Answered {
        if self.script.asks_themself() {
            return self.post(rig, &self.session(), "/account/email/cancel", &json!({}));
        }
        let path = format!("/api/tenantry/v1/users/{}/email/cancel", self.typed());
        self.as_administrator(rig, &path, &json!({}))
    }
}
