//! The sample tenant: an owner with a token, a few people, and as many more as asked for.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use crate::access::{EVERY, Grant, SYSTEM};
use crate::clock::Timestamp;
use crate::credentials::{self, CredentialKind, NewCredential, Token};
use crate::error::{Error, Kind, Result};
use crate::house::House;
use crate::identity::{Actor, TenantId};
use crate::mail::address::Email;
use crate::operator;
use crate::people::{self, NewUser};
use crate::secret::Secret;
use crate::store::Scope;
use crate::tenants::{self, NewTenant};

/// The tenant's name.
const TENANT: &str = "example-corp";
const ADMIN: &str = "admin@example.com";
const PEOPLE: [(&str, &str, &str); 3] = [
    ("hello@example.com", "Hanna", "Ellroy"),
    ("jane@example.com", "Jane", "Roe"),
    ("kenji@example.com", "Kenji", "Sato"),
];
/// The length of a made-up password; at 4.7 bits a letter it cannot be guessed.
pub const PASSWORD_LENGTH: usize = 20;
/// Users made in one transaction.
const CHUNK: u32 = 5_000;
/// So often a chunk is tried.
const TRIES: u32 = 10;

/// The sample tenant's names and secrets.
#[derive(Clone)]
pub struct Sample {
    /// Its name.
    pub tenant: &'static str,
    /// Its owner.
    pub admin_email: &'static str,
    /// The owner's password.
    pub admin_password: String,
    /// The owner's token.
    pub api_token: String,
    /// A user whose password may be reset.
    pub user_email: &'static str,
    /// The password of the sample users.
    pub user_password: String,
}

/// Makes the sample tenant with `users` further users. The store must be new.
///
/// # Errors
/// Those of the store and of hashing.
pub async fn prepare(house: &House, users: u32) -> Result<Sample> {
    operator::make_tenant(&house.store, &house.config, &house.random, house.clock.now()).await?;
    let (random, now) = (&house.random, house.clock.now());
    let password = || random.letters(PASSWORD_LENGTH);
    let (admin_password, user_password) = (password(), password());
    let deadline = Instant::now() + Duration::from_secs(30);
    let hash = |password: &str| house.hasher.hash(Secret::new(password.to_string()), deadline);
    let (admin_hash, user_hash) = (hash(&admin_password).await?, hash(&user_password).await?);
    let token = Token::draw(random);

    let mut settings = tenants::usual_settings(&house.config, "Example Corp");
    settings.brand.contact = Some("help@example.com".into());
    let new = NewTenant::draw(TENANT, settings, random, now)?;
    let actor = Actor {
        user: None,
        name: "dev".into(),
        credential: None,
        address: Ipv4Addr::LOCALHOST.into(),
        request_id: random.uuid(now),
    };
    let people = people(house, admin_hash, &user_hash)?;
    let credential = credential(house, &people[0], &token);
    let tenant = new.id;
    let make = move |tx: &mut crate::store::Tx<'_>| {
        tenants::create(tx, &new, &actor, now)?;
        for user in &people {
            people::insert(tx, tenant, user, "dev", now)?;
        }
        credentials::insert(tx, tenant, &credential, "dev", now)
    };
    house.store.write(Scope::HOUSE, make).await?;
    add_users(house, tenant, users, &user_hash).await?;
    Ok(Sample {
        tenant: TENANT,
        admin_email: ADMIN,
        admin_password,
        api_token: token.expose().to_string(),
        user_email: PEOPLE[0].0,
        user_password,
    })
}

/// The owner, then the other users.
fn people(house: &House, owners_hash: String, hash: &str) -> Result<Vec<NewUser>> {
    let mut people = vec![NewUser { password_hash: Some(owners_hash), ..owner(house)? }];
    for (email, first, last) in PEOPLE {
        let (first_name, last_name, password_hash) = (first.into(), last.into(), Some(hash.to_string()));
        people.push(NewUser { first_name, last_name, password_hash, ..person(house, email)? });
    }
    Ok(people)
}

fn owner(house: &House) -> Result<NewUser> {
    let (first_name, last_name) = ("Ada".into(), "Minister".into());
    Ok(NewUser { first_name, last_name, is_owner: true, grants: Grant::of_an_owner(), ..person(house, ADMIN)? })
}

fn person(house: &House, email: &str) -> Result<NewUser> {
    let grants = vec![Grant::new(EVERY, "ves-io-default-role"), Grant::new(SYSTEM, "ves-io-default-role")];
    Ok(NewUser { grants, ..NewUser::person(Email::parse(email)?, &house.random, house.clock.now()) })
}

fn credential(house: &House, user: &NewUser, token: &Token) -> NewCredential {
    let now = house.clock.now();
    NewCredential {
        name: "dev-token".into(),
        uid: house.random.uuid(now),
        kind: CredentialKind::Token,
        user: user.id,
        secret_hash: token.hash(),
        expires_at: now.plus_seconds(365 * 24 * 3600),
        narrowed_to: None,
    }
}

async fn add_users(house: &House, tenant: TenantId, count: u32, hash: &str) -> Result<()> {
    let now = house.clock.now();
    for first in (1..=count).step_by(CHUNK as usize) {
        let last = count.min(first + CHUNK - 1);
        let users = (first..=last)
            .map(|number| {
                let email = Email::parse(&format!("user{number:05}@example.com"))?;
                let password_hash = Some(hash.to_string());
                Ok(NewUser { password_hash, ..NewUser::person(email, &house.random, now) })
            })
            .collect::<Result<Vec<_>>>()?;
        insert(house, tenant, &users, now).await.map_err(|failure| Error {
            message: format!("The sample users could not be made: {failure}"),
            ..failure
        })?;
    }
    Ok(())
}

/// A database that is busy with what it was given before holds a chunk up now and then. Nothing of it is there then.
async fn insert(house: &House, tenant: TenantId, users: &[NewUser], now: Timestamp) -> Result<()> {
    let mut tries = 1;
    loop {
        let users = users.to_vec();
        let insert = move |tx: &mut crate::store::Tx<'_>| people::insert_all(tx, tenant, &users, "dev", now);
        match house.store.write(Scope::HOUSE, insert).await {
            Err(failure) if tries < TRIES && failure.kind == Kind::Timeout => tries += 1,
            outcome => return outcome,
        }
    }
}
