//! The tenants and users of the lives that are played side by side, made in the store.

use std::collections::HashMap;

use tenantry::access::Grant;
use tenantry::credentials::{self, CredentialKind, NewCredential, Token};
use tenantry::identity::{TenantId, TenantSettings};
use tenantry::mail::address::Email;
use tenantry::people::{self, NewUser};
use tenantry::random::Random;
use tenantry::sessions::{self, Cookie, NewSession};
use tenantry::tenants::{self, NewTenant};

use super::Stage;
use crate::pairs::deed::{Deed, Script, Start};
use crate::pairs::life::{DAY, HOUR};
use crate::pairs::played::{Place, Played};
use crate::people::owner;

impl Stage {
    /// Makes a user for each script; users whose settings change alike share a tenant.
    pub(super) fn cast(&mut self, scripts: &[Script]) -> Vec<Played> {
        let mut places: HashMap<Vec<(usize, Deed)>, (TenantId, Place)> = HashMap::new();
        let mut lives = Vec::new();
        let mut made: HashMap<TenantId, Vec<NewUser>> = HashMap::new();
        for script in scripts {
            let (tenant, place) = places.entry(script.settings()).or_insert_with(|| self.add_place()).clone();
            self.users += 1;
            let email = format!("u{}@example.com", self.users);
            if script.start != Start::Absent {
                made.entry(tenant).or_default().push(self.new_user(&email));
            }
            let other = format!("v{}@example.com", self.users);
            let mut life = Played::new(script.clone(), self.users, place, [email, other]);
            life.passwords.extend((script.start != Start::Absent).then(|| self.password.clone()));
            lives.push((tenant, life));
        }
        self.settle(&made, &mut lives);
        lives.into_iter().map(|(_, life)| life).collect()
    }

    fn new_user(&self, email: &str) -> NewUser {
        let new = NewUser::person(Email::parse(email).unwrap(), &Random::system(), self.rig.clock.now());
        let grants = ["*", "system"].map(|namespace| Grant::new(namespace, "ves-io-default-role")).to_vec();
        NewUser { grants, password_hash: Some(self.hash.clone()), ..new }
    }

    fn add_place(&mut self) -> (TenantId, Place) {
        self.tenants += 1;
        let (random, now, name) = (Random::system(), self.rig.clock.now(), format!("place-{}", self.tenants));
        let mut settings = TenantSettings::default();
        (settings.brand.display_name, settings.reset.budget_per_hour) = (name.clone(), -1);
        let new = NewTenant::draw(&name, settings, &random, now).unwrap();
        let (id, actor) = (new.id, self.actor());
        let people = ["administrator", "another"].map(|name| {
            let email = Email::parse(&format!("{name}@example.com")).unwrap();
            NewUser { grants: owner(), is_owner: true, ..NewUser::person(email, &random, now) }
        });
        let made = people.clone();
        self.rig.write(move |tx| {
            tenants::create(tx, &new, &actor, now)?;
            people::insert_all(tx, id, &made, "test", now)
        });
        let ends_at = now.plus_seconds(5 * 365 * DAY);
        let token = |user: &NewUser| self.rig.add_token(id, user, ends_at);
        let place = Place {
            host: format!("{name}.localhost"),
            administrator: [token(&people[0]), token(&people[0])],
            another: token(&people[1]),
        };
        (id, place)
    }

    /// Writes the users, with two sessions and a credential each.
    fn settle(&self, made: &HashMap<TenantId, Vec<NewUser>>, lives: &mut [(TenantId, Played)]) {
        let (random, now) = (Random::system(), self.rig.clock.now());
        for (tenant, users) in made {
            let (mut begun, mut issued) = (Vec::new(), Vec::new());
            for user in users {
                let (_, life) = lives.iter_mut().find(|(_, life)| life.email() == user.email.as_str()).unwrap();
                for _ in 0..2 {
                    let cookie = Cookie::draw(*tenant, &random);
                    life.cookies.push(cookie.set(false).split(';').next().unwrap().to_string());
                    begun.push(NewSession {
                        uid: random.uuid(now),
                        secret_hash: cookie.hash(),
                        user: user.id,
                        epoch: 0,
                        ends_at: now.plus_seconds(24 * HOUR),
                        address: "192.0.2.7".into(),
                        method: "PASSWORD",
                    });
                }
                let token = Token::draw(&random);
                let name = format!("first-{}", life.number);
                issued.push(NewCredential {
                    name: name.clone(),
                    uid: random.uuid(now),
                    kind: CredentialKind::Token,
                    user: user.id,
                    secret_hash: token.hash(),
                    expires_at: now.plus_seconds(365 * DAY),
                    narrowed_to: None,
                });
                life.credentials.push((name, token.expose().into()));
            }
            let (tenant, users) = (*tenant, users.clone());
            self.rig.write(move |tx| {
                people::insert_all(tx, tenant, &users, "test", now)?;
                begun.iter().try_for_each(|session| sessions::insert(tx, tenant, session, now))?;
                issued.iter().try_for_each(|credential| credentials::insert(tx, tenant, credential, "test", now))
            });
        }
    }
}
