//! The rows that an incident writes for each user, and no more: their reset, its record, their own row; and for each transaction
//! what waits for the sealer and the place. The same number of users in a transaction, on a copy of the same store.

use std::time::Instant;

use tenantry::clock::Clock;
use tenantry::identity::{TenantId, UserId};
use tenantry::params;
use tenantry::random::Random;
use tenantry::store::{Batch, Scope, Settings, Store, Tx};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::Result;
use crate::bare_postgres::connect;
use crate::engines::{Copy, Place};
use crate::machine::cpu_seconds;

/// So many users are enough to tell the cost of one.
const USERS_MAX: u32 = 100_000;
/// The large tenant is the one with the most users.
const LARGEST: &str = "SELECT tenant FROM users GROUP BY tenant ORDER BY COUNT(*) DESC LIMIT 1";
const PAGE: &str = "SELECT id, email FROM users WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
/// The place of an incident, where there is none.
const MAKE_PLACE: &str = "CREATE TABLE bare_place (id BIGINT PRIMARY KEY, place BIGINT NOT NULL)";
const FIRST_PLACE: &str = "INSERT INTO bare_place (id, place) VALUES (1, 0)";

const POINT: Batch = Batch::new(
    "UPDATE users SET password_dead_at = COALESCE(password_dead_at, $3), session_epoch = session_epoch + 1, last_reset = $4,
        open_reset = $4, open_reset_expires_at = $3 WHERE tenant = $1 AND id = $2",
);
const RESET: Batch = Batch::new(
    "INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, requested_at, requested_by, credential,
        address, request_id, expires_at, incident, held_at)
    VALUES ($1, $2, $3, $4, 'incident', 1, 1, $5, 'owner@example.com', 'bench-token', '127.0.0.1', $2, $5, $6, $5)",
);
const RECORD: Batch = Batch::new(
    "INSERT INTO audit (tenant, id, at, action, outcome, actor, credential, subject, address, facts)
    VALUES ($1, $2, $3, 'reset.request', 'accepted', 'owner@example.com', 'bench-token', $4, '127.0.0.1', $5)",
);
const LEFT: Batch = Batch::new("INSERT INTO audit_waiting (tenant, id, digests) VALUES ($1, $2, $3)");
const MOVE_PLACE: &str = "UPDATE bare_place SET place = $1 WHERE id = 1";

/// The same by hand, as one statement over arrays.
const AT_ONCE: &str = "WITH given AS (
        SELECT * FROM unnest($2::bigint[], $3::bytea[], $4::text[], $5::text[]) AS given(user_id, id, email, facts)
    ), pointed AS (
        UPDATE users u SET password_dead_at = COALESCE(u.password_dead_at, $6), session_epoch = u.session_epoch + 1,
            last_reset = given.id, open_reset = given.id, open_reset_expires_at = $6
        FROM given WHERE u.tenant = $1 AND u.id = given.user_id RETURNING 1
    ), begun AS (
        INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, requested_at, requested_by, credential,
            address, request_id, expires_at, incident, held_at)
        SELECT $1, id, user_id, email, 'incident', 1, 1, $6, 'owner@example.com', 'bench-token', '127.0.0.1', id, $6, $7, $6
        FROM given
    ), recorded AS (
        INSERT INTO audit (tenant, id, at, action, outcome, actor, credential, subject, address, facts)
        SELECT $1, id, $6, 'reset.request', 'accepted', 'owner@example.com', 'bench-token', email, '127.0.0.1', facts
        FROM given
    ), left_over AS (
        INSERT INTO audit_waiting (tenant, id, digests) SELECT $1, id, $8 FROM given LIMIT 1
    ), moved AS (
        UPDATE bare_place SET place = $9 WHERE id = 1
    )
    SELECT COUNT(*) FROM pointed";

/// What the engine alone took.
pub struct Bare {
    pub users: u32,
    pub seconds: f64,
    /// CPU time for each user, that of the engine's own processes included.
    pub micros: f64,
}

/// Users of a transaction, each with the id of the reset and its facts.
struct Slice {
    users: Vec<(i64, String)>,
    ids: Vec<Uuid>,
    facts: Vec<String>,
    digests: Vec<u8>,
}

impl Slice {
    fn of(users: Vec<(i64, String)>, incident: &Uuid, (clock, random): (&Clock, &Random)) -> Self {
        let now = clock.now();
        let ids: Vec<_> = users.iter().map(|_| random.uuid(now)).collect();
        let facts = ids.iter().map(|id| facts(id, incident)).collect();
        let digests = vec![0; 48 * users.len()];
        Self { users, ids, facts, digests }
    }
}

/// As long as the facts that the product records.
fn facts(id: &Uuid, incident: &Uuid) -> String {
    format!(
        r#"{{"incident":"{incident}","kind":"incident","password_dead":true,"reset":"{id}","sessions":0,"superseded":null}}"#
    )
}

/// CPU time and time, from the moment at which the copy is open.
struct Meter<'a> {
    place: &'a Place,
    cpu: f64,
    began: Instant,
}

impl<'a> Meter<'a> {
    fn start(place: &'a Place) -> Result<Self> {
        Ok(Self { place, cpu: spent(place)?, began: Instant::now() })
    }

    fn finish(self, users: u32) -> Result<Bare> {
        let seconds = self.began.elapsed().as_secs_f64();
        Ok(Bare { users, seconds, micros: (spent(self.place)? - self.cpu) * 1e6 / f64::from(users) })
    }
}

fn spent(place: &Place) -> Result<f64> {
    Ok(cpu_seconds(std::process::id())? + place.cpu_seconds()?)
}

/// Writes for at most so many users, `together` in a transaction, on a copy that is made now: no process uses the store.
pub fn written(place: &Place, users: u32, together: u32) -> Result<Bare> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let size = (users.min(USERS_MAX), together);
    match place.copy()? {
        Copy::Directory(data) => embedded(place, &runtime, &data, size),
        Copy::Database(url) => runtime.block_on(by_hand(place, &url, size)),
    }
}

fn embedded(place: &Place, runtime: &Runtime, data: &std::path::Path, (users, together): (u32, u32)) -> Result<Bare> {
    let (clock, random) = (Clock::system(), Random::system());
    let store = Store::open(&Settings::embedded(data, 10), clock.now())?;
    let tenant: TenantId = store.read(Scope::HOUSE, |tx| tx.one(LARGEST, &[])?.get(0))?;
    let make = |tx: &mut Tx<'_>| tx.run(MAKE_PLACE, &[]).and_then(|_| tx.run(FIRST_PLACE, &[]));
    runtime.block_on(store.write(Scope::HOUSE, make))?;
    let (incident, mut behind, mut done) = (random.uuid(clock.now()), i64::MIN, 0);
    let meter = Meter::start(place)?;
    while done < users {
        let most = i64::from(together.min(users - done));
        let page = store.read(Scope::HOUSE, |tx| {
            let rows = tx.all(PAGE, &params![tenant, behind, most])?;
            rows.iter()
                .map(|row| Ok((row.get(0)?, row.get(1)?)))
                .collect::<tenantry::error::Result<Vec<(i64, String)>>>()
        })?;
        behind = page.last().ok_or("The copy has fewer users.")?.0;
        done += u32::try_from(page.len())?;
        let slice = Slice::of(page, &incident, (&clock, &random));
        let now = clock.now();
        let verb = move |tx: &mut Tx<'_>| {
            let each = || slice.users.iter().zip(&slice.ids).zip(&slice.facts);
            let rows: Vec<_> = each().map(|(((user, _), id), _)| params![tenant, UserId(*user), now, id]).collect();
            tx.put(POINT, &rows)?;
            let rows: Vec<_> = each()
                .map(|(((user, email), id), _)| params![tenant, id, UserId(*user), email, now, &incident])
                .collect();
            tx.put(RESET, &rows)?;
            let rows: Vec<_> = each().map(|(((_, email), id), facts)| params![tenant, id, now, email, facts]).collect();
            tx.put(RECORD, &rows)?;
            tx.put(LEFT, &[params![tenant, &slice.ids[0], slice.digests.as_slice()]])?;
            tx.run(MOVE_PLACE, &params![i64::from(done)])
        };
        runtime.block_on(store.write(Scope::HOUSE, verb))?;
    }
    let bare = meter.finish(users)?;
    store.close();
    Ok(bare)
}

async fn by_hand(place: &Place, url: &str, (users, together): (u32, u32)) -> Result<Bare> {
    let (clock, random, client) = (Clock::system(), Random::system(), connect(url).await?);
    // A copy has no figures of its tables, by which the engine is at its best.
    client.batch_execute(&format!("{MAKE_PLACE}; {FIRST_PLACE}; ANALYZE")).await?;
    let tenant: i64 = client.query_one(LARGEST, &[]).await?.get(0);
    let (page, at_once) = (client.prepare(PAGE).await?, client.prepare(AT_ONCE).await?);
    let incident = random.uuid(clock.now());
    let (mut behind, mut done) = (i64::MIN, 0_u32);
    let meter = Meter::start(place)?;
    while done < users {
        let rows = client.query(&page, &[&tenant, &behind, &i64::from(together.min(users - done))]).await?;
        behind = rows.last().ok_or("The copy has fewer users.")?.get(0);
        done += u32::try_from(rows.len())?;
        let found = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let Slice { users: some, ids, facts, digests } = Slice::of(found, &incident, (&clock, &random));
        let ids: Vec<_> = ids.iter().map(|id| id.as_bytes().as_slice()).collect();
        let (numbers, emails): (Vec<i64>, Vec<String>) = some.into_iter().unzip();
        let (now, incident, to) = (clock.now().0, incident.as_bytes().as_slice(), i64::from(done));
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 9] =
            [&tenant, &numbers, &ids, &emails, &facts, &now, &incident, &digests, &to];
        let written: i64 = client.query_one(&at_once, &params).await?.get(0);
        if usize::try_from(written)? != numbers.len() {
            return Err(format!("The bare engine reset {written} of {} users.", numbers.len()).into());
        }
    }
    meter.finish(users)
}
