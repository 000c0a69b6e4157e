//! One user's life on the server: every deed is a call, everything seen is an answer.

use serde_json::{Value, json};

use super::deed::{Deed, Script};
use super::seen::{Answer, Letter};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

mod addresses;
mod looks;

/// The tenant of some of the lives, and its administrators.
#[derive(Clone)]
pub struct Place {
    pub host: String,
    /// Two credentials of one administrator.
    pub administrator: [String; 2],
    pub another: String,
}

/// A user on the server, as known from outside.
pub struct Played {
    pub script: Script,
    pub number: usize,
    pub place: Place,
    /// The two addresses between which the user moves.
    pub addresses: [String; 2],
    /// Which of them the user has, or had last.
    pub address: usize,
    /// The token of each link to a new address, in the order of the mails.
    pub address_links: Vec<String>,
    pub passwords: Vec<String>,
    pub cookies: Vec<String>,
    /// Names and secrets.
    pub credentials: Vec<(String, String)>,
    /// The ids of the resets, in the order in which they were made.
    pub resets: Vec<String>,
    /// Of which reset each mail with a link was, and the link's token.
    pub links: Vec<(usize, String)>,
    pub letters: Vec<Letter>,
    pub answers: Vec<Answer>,
}

/// The credential of a call.
enum By<'a> {
    Nobody,
    Token(&'a str),
    Cookie(&'a str),
}

impl Played {
    /// A user of whom nothing is known yet.
    pub fn new(script: Script, number: usize, place: Place, addresses: [String; 2]) -> Self {
        let (passwords, cookies, credentials, resets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (links, address_links, letters, answers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self {
            script,
            number,
            place,
            addresses,
            address: 0,
            address_links,
            passwords,
            cookies,
            credentials,
            resets,
            links,
            letters,
            answers,
        }
    }

    /// The address that the user has, or had last.
    pub fn email(&self) -> &str {
        &self.addresses[self.address]
    }

    /// Which of the two addresses this is.
    pub fn number_of_address(&self, email: &str) -> usize {
        self.addresses.iter().position(|known| known == email).unwrap()
    }

    fn call(
        &self,
        rig: &Rig,
        by: &By<'_>,
        (method, path): (&str, &str),
        more: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answered {
        let address = format!("10.{}.{}.7", self.number / 250, self.number % 250);
        let authorization = match by {
            By::Token(token) => format!("APIToken {token}"),
            By::Nobody | By::Cookie(_) => String::new(),
        };
        let mut headers = vec![("Host", self.place.host.as_str()), ("X-Forwarded-For", address.as_str())];
        headers.push(("Accept", "application/json"));
        match by {
            By::Nobody => {}
            By::Token(_) => headers.push(("Authorization", &authorization)),
            By::Cookie(cookie) => headers.push(("Cookie", cookie)),
        }
        headers.extend(body.map(|_| ("Content-Type", "application/json")));
        headers.extend(more);
        rig.send(method, path, &headers, body.map(Value::to_string).as_deref())
    }

    fn post(&self, rig: &Rig, by: &By<'_>, path: &str, body: &Value) -> Answered {
        self.call(rig, by, ("POST", path), &[], Some(body))
    }

    fn as_administrator(&self, rig: &Rig, path: &str, body: &Value) -> Answered {
        self.post(rig, &self.administrator(), path, body)
    }

    fn administrator(&self) -> By<'_> {
        By::Token(&self.place.administrator[0])
    }

    /// The session that was begun last.
    fn session(&self) -> By<'_> {
        self.cookies.last().map_or(By::Nobody, |cookie| By::Cookie(cookie))
    }

    /// As people type it: capitals do not count where there is a user of this address.
    fn typed(&self) -> String {
        let is_there = |deed: &Deed| !matches!(deed, Deed::Create | Deed::MakeAgain | Deed::Remove);
        let is_loud = self.script.way % 2 == 1 && self.script.deeds.iter().all(is_there);
        if is_loud { self.email().to_uppercase().replace("EXAMPLE.COM", "example.com") } else { self.email().into() }
    }

    pub fn do_it(&mut self, rig: &Rig, deed: Deed) {
        let answers = self.answers_to(rig, deed);
        self.answers.extend(answers);
        if deed.makes_link() {
            self.note_resets(rig);
        }
    }

    fn answers_to(&mut self, rig: &Rig, deed: Deed) -> Vec<Answer> {
        let email = json!({ "email": self.typed() });
        let answered = match deed {
            // Changed for the whole tenant, once.
            Deed::KeepPasswords
            | Deed::KillPasswords
            | Deed::RevokeOnReset
            | Deed::OneMailAnHour
            | Deed::ShortLinks
            | Deed::Nothing => return Vec::new(),
            Deed::MakeAgain => {
                let removed = self.answers_to(rig, Deed::Remove);
                return [removed, self.answers_to(rig, Deed::Create)].concat();
            }
            Deed::GuessOn => return (0..6).map(|_| Answer::of(self.sign_in(rig, "a guess"))).collect(),
            Deed::Guess => return vec![Answer::of(self.sign_in(rig, "a guess"))],
            Deed::SignIn => {
                let password = self.passwords.last().cloned().unwrap_or("a guess".into());
                return vec![Answer::of(self.sign_in(rig, &password))];
            }
            Deed::Create => self.create(rig),
            Deed::Remove => self.as_administrator(rig, &in_system("users/cascade_delete"), &email),
            Deed::SendLink => self.as_administrator(rig, &in_system("send_password_email"), &email),
            Deed::AdminReset => self.reset(rig, &self.place.administrator[self.script.way % 2], &[]),
            Deed::ResetByAnother => self.reset(rig, &self.place.another, &[]),
            Deed::ResetUnderKey => {
                self.reset(rig, &self.place.administrator[0], &[("Idempotency-Key", &self.addresses[0])])
            }
            Deed::ResetAndRevoke => self.reset_and_revoke(rig),
            Deed::Forgot => self.forgot(rig, &email),
            Deed::OwnWish => self.post(rig, &self.session(), "/api/web/custom/password/reset", &json!({})),
            Deed::Open => self.open(rig, self.newest_link()),
            Deed::Redeem => self.redeem(rig),
            Deed::Cancel | Deed::Resend => self.touch(rig, deed),
            Deed::ChangePassword => self.change_password(rig),
            Deed::ChangeAddress => self.change_address(rig),
            Deed::ConfirmAddress => self.confirm_address(rig),
            Deed::KeepAddress => self.keep_address(rig),
            Deed::SignOut => self.post(rig, &self.session(), "/signout", &json!({})),
            Deed::EndSessions => {
                self.post(rig, &self.session(), "/account/sessions/end", &json!({ "session": "others" }))
            }
            Deed::Disable | Deed::Enable => self.lock(rig, deed),
            Deed::ChangeRoles => self.change_roles(rig),
            Deed::AssignOwner => self.as_administrator(rig, &of_owners("assign"), &email),
            Deed::UnassignOwner => self.as_administrator(rig, &of_owners("unassign"), &email),
            Deed::MakeCredential => self.make_credential(rig),
            Deed::RenewCredential => self.change_credential(rig, "renew", &json!({ "expiration_days": 30 })),
            Deed::SwitchCredential => self.change_credential(rig, "activate", &json!({ "active": false })),
            Deed::RevokeCredential => self.change_credential(rig, "revoke", &json!({})),
        };
        vec![self.read(&answered)]
    }

    fn read(&mut self, answered: &Answered) -> Answer {
        let reset = answered.header("tenantry-reset-id").map(|id| self.number_of(id));
        let is_replayed = answered.header("idempotent-replayed") == Some("true");
        Answer { status: answered.status, reset, is_replayed }
    }

    /// Which of the user's resets this is; a new one is the last.
    pub fn number_of(&mut self, id: &str) -> usize {
        self.resets.iter().position(|known| known == id).unwrap_or_else(|| {
            self.resets.push(id.into());
            self.resets.len() - 1
        })
    }

    fn reset(&self, rig: &Rig, token: &str, more: &[(&str, &str)]) -> Answered {
        let body = json!({ "email": self.typed() });
        self.call(rig, &By::Token(token), ("POST", "/api/web/custom/password/admin_reset"), more, Some(&body))
    }

    fn reset_and_revoke(&self, rig: &Rig) -> Answered {
        let body = json!({ "email": self.typed(), "revoke_credentials": true });
        self.as_administrator(rig, "/api/tenantry/v1/resets", &body)
    }

    /// By each of its doors; also from the browser of an administrator.
    fn forgot(&self, rig: &Rig, email: &Value) -> Answered {
        let doors = ["/forgot", "/no_auth/send_password_email", "/reset/fresh"];
        let by = if self.script.way % 4 == 3 { self.administrator() } else { By::Nobody };
        self.post(rig, &by, doors[self.script.way % 3], email)
    }

    fn create(&self, rig: &Rig) -> Answered {
        let roles = json!([
            { "namespace": "system", "role": "ves-io-default-role" },
            { "namespace": "*", "role": "ves-io-default-role" },
        ]);
        let body = json!({ "email": self.email(), "namespace_roles": roles });
        self.as_administrator(rig, &in_system("user_roles"), &body)
    }

    fn sign_in(&mut self, rig: &Rig, password: &str) -> u16 {
        let body = json!({ "email": self.typed(), "password": password });
        let answered = self.post(rig, &By::Nobody, "/signin", &body);
        let mut cookies = answered.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value);
        let cookie = cookies.find(|value| value.starts_with("tenantry="));
        self.cookies.extend(cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_string));
        answered.status
    }

    fn newest_link(&self) -> String {
        self.links.last().map_or("A".repeat(48), |(_, token)| token.clone())
    }

    fn open(&self, rig: &Rig, token: String) -> Answered {
        self.post(rig, &By::Nobody, "/reset/open", &json!({ "token": token }))
    }

    fn new_password(&self) -> String {
        format!("{GOOD_PASSWORD} {:04} {}", self.number, self.passwords.len())
    }

    fn redeem(&mut self, rig: &Rig) -> Answered {
        let password = self.new_password();
        let body = json!({ "token": self.newest_link(), "password": password });
        let answered = self.post(rig, &By::Nobody, "/reset", &body);
        self.passwords.extend((answered.status == 204).then_some(password));
        answered
    }

    fn change_password(&mut self, rig: &Rig) -> Answered {
        let (current, password) = (self.passwords.last().cloned().unwrap_or("a guess".into()), self.new_password());
        let body = json!({ "current_password": current, "password": password });
        let answered = self.post(rig, &self.session(), "/account/password", &body);
        self.passwords.extend((answered.status == 204).then_some(password));
        answered
    }

    fn touch(&self, rig: &Rig, deed: Deed) -> Answered {
        let what = if deed == Deed::Cancel { "cancel" } else { "resend" };
        let unknown = "019cb821-7798-7dc9-9194-e1c74b27545f".to_string();
        let reset = self.resets.last().unwrap_or(&unknown);
        self.as_administrator(rig, &format!("/api/tenantry/v1/resets/{reset}/{what}"), &json!({}))
    }

    fn lock(&self, rig: &Rig, deed: Deed) -> Answered {
        let what = if deed == Deed::Disable { "disable" } else { "enable" };
        if self.script.way.is_multiple_of(2) {
            return self.as_administrator(
                rig,
                &format!("/api/tenantry/v1/users/{what}"),
                &json!({ "email": self.typed() }),
            );
        }
        let path = format!("/api/web/namespaces/system/user/settings/idm/{what}");
        self.call(rig, &self.administrator(), ("PUT", &path), &[], Some(&json!({ "user_email": self.typed() })))
    }

    fn change_roles(&self, rig: &Rig) -> Answered {
        let roles = json!([
            { "namespace": "system", "role": "ves-io-default-role" },
            { "namespace": "system", "role": "ves-io-monitor-role" },
            { "namespace": "*", "role": "ves-io-default-role" },
        ]);
        let body = json!({ "email": self.email(), "namespace_roles": roles });
        let path = in_system("user_roles");
        match self.script.way % 2 {
            0 => self.call(rig, &self.administrator(), ("PUT", &path), &[], Some(&body)),
            _ => self.as_administrator(rig, &format!("{path}/{}", self.email()), &body),
        }
    }

    fn make_credential(&mut self, rig: &Rig) -> Answered {
        let body =
            json!({ "name": format!("key-{}", self.number), "expiration_days": 3, "spec": { "type": "API_TOKEN" } });
        let answered = self.post(rig, &self.session(), "/api/web/namespaces/system/api_credentials", &body);
        if let (Some(name), Some(secret)) = (answered.body["name"].as_str(), answered.body["data"].as_str()) {
            self.credentials.push((name.into(), secret.into()));
        }
        answered
    }

    fn change_credential(&self, rig: &Rig, what: &str, more: &Value) -> Answered {
        let mut body = more.clone();
        body["name"] = self.credentials.last().map_or("nothing-abcdefgh".into(), |(name, _)| name.clone()).into();
        self.as_administrator(rig, &format!("/api/web/namespaces/system/{what}/api_credentials"), &body)
    }
}

fn of_owners(what: &str) -> String {
    format!("/api/web/namespaces/system/tenant/domain_owner/{what}")
}

fn in_system(what: &str) -> String {
    format!("/api/web/custom/namespaces/system/{what}")
}
