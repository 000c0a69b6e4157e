//! Makes the tenants of a crowd and their users.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::time::Instant;

use tenantry::access::Grant;
use tenantry::clock::Timestamp;
use tenantry::credentials::{self, CredentialKind, NewCredential, Token};
use tenantry::house::House;
use tenantry::identity::{Actor, ResetSettings, TenantId};
use tenantry::mail::address::Email;
use tenantry::people::{self, NewUser};
use tenantry::secret::Secret;
use tenantry::store::{Scope, Tx};
use tenantry::tenants::{self, NewTenant};

use super::{PASSWORD, PATIENCE, Plan, Tenant, user};
use crate::Result;

/// Users that are made in one transaction.
const TOGETHER: usize = 1_000;

pub(super) async fn tenants(house: &House, plan: &Plan) -> Result<Vec<Tenant>> {
    let hash = house.hasher.hash(Secret::new(PASSWORD.into()), Instant::now() + PATIENCE).await?;
    let mut made = Vec::new();
    for number in 0..plan.tenants {
        let (id, tenant) = tenant(house, &format!("tenant-{number}"), &hash).await?;
        let users = if number == 0 { plan.first.max(plan.users) } else { plan.users };
        add_users(house, id, users, &hash).await?;
        made.push(tenant);
    }
    let others: Vec<u32> = (0..plan.others).collect();
    let mut numbers = HashSet::new();
    for some in others.chunks(TOGETHER) {
        others_at_once(house, some, &mut numbers, &hash).await?;
    }
    Ok(made)
}

/// Of a hundred thousand numbers drawn two are the same, more often than not.
async fn others_at_once(house: &House, some: &[u32], numbers: &mut HashSet<TenantId>, hash: &str) -> Result<()> {
    let mut drawn_once = |nth: &u32| loop {
        match drawn(house, &format!("other-{nth}"), hash)?.0 {
            drawn if numbers.insert(drawn.new.id) => return Ok(drawn),
            _ => {}
        }
    };
    let drawn = some.iter().map(&mut drawn_once).collect::<Result<Vec<_>>>()?;
    house.store.write(Scope::HOUSE, move |tx| drawn.iter().try_for_each(|one| one.insert(tx))).await?;
    Ok(())
}

/// A tenant that is not in the store yet.
struct Drawn {
    new: NewTenant,
    owner: NewUser,
    credential: NewCredential,
    actor: Actor,
    now: Timestamp,
}

impl Drawn {
    fn insert(&self, tx: &mut Tx<'_>) -> tenantry::error::Result<()> {
        tenants::create(tx, &self.new, &self.actor, self.now)?;
        people::insert(tx, self.new.id, &self.owner, "bench", self.now)?;
        credentials::insert(tx, self.new.id, &self.credential, "bench", self.now)
    }
}

async fn tenant(house: &House, name: &str, hash: &str) -> Result<(TenantId, Tenant)> {
    let (drawn, token) = drawn(house, name, hash)?;
    let id = drawn.new.id;
    house.store.write(Scope::HOUSE, move |tx| drawn.insert(tx)).await?;
    Ok((id, Tenant { name: name.into(), token: token.expose().into() }))
}

fn drawn(house: &House, name: &str, hash: &str) -> Result<(Drawn, Token)> {
    let (random, now) = (&house.random, house.clock.now());
    // Each ask is a reset of its own, as often as the measurement needs it.
    let mut settings = tenants::usual_settings(&house.config, name);
    settings.reset =
        ResetSettings { repeat_seconds: 0, mails_per_hour: 1_000_000, budget_per_hour: -1, ..settings.reset };
    settings.import.hashes_until = Some(now.plus_seconds(24 * 3600).to_string());
    let new = NewTenant::draw(name, settings, random, now)?;
    let token = Token::draw(random);
    let (user, credential, request_id) = (None, None, random.uuid(now));
    let actor = Actor { user, name: "bench".into(), credential, address: Ipv4Addr::LOCALHOST.into(), request_id };
    let owner = person(house, "owner@example.com", hash)?;
    let owner = NewUser { is_owner: true, grants: Grant::of_an_owner(), ..owner };
    let credential = NewCredential {
        name: "bench-token".into(),
        uid: random.uuid(now),
        kind: CredentialKind::Token,
        user: owner.id,
        secret_hash: token.hash(),
        expires_at: now.plus_seconds(365 * 24 * 3600),
        narrowed_to: None,
    };
    Ok((Drawn { new, owner, credential, actor, now }, token))
}

async fn add_users(house: &House, tenant: TenantId, count: u32, hash: &str) -> Result<()> {
    let everyone: Vec<u64> = (0..count.into()).collect();
    for some in everyone.chunks(TOGETHER) {
        let people = some.iter().map(|&nth| person(house, &user(count, nth), hash)).collect::<Result<Vec<_>>>()?;
        let now = house.clock.now();
        let insert = move |tx: &mut Tx<'_>| people::insert_all(tx, tenant, &people, "bench", now);
        house.store.write(Scope::HOUSE, insert).await?;
    }
    Ok(())
}

fn person(house: &House, email: &str, hash: &str) -> Result<NewUser> {
    let new = NewUser::person(Email::parse(email)?, &house.random, house.clock.now());
    Ok(NewUser { password_hash: Some(hash.into()), ..new })
}
