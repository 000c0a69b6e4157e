//! The best that PostgreSQL gives when nothing stands around it: one statement, written by hand over arrays, does all
//! that waits, on one connection or on two. The same rows in the same schema, as durable, without HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tenantry::clock::Clock;
use tenantry::random::Random;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::NoTls;

use crate::Result;
use crate::ask::Draw;

/// Connections on which the statement runs; each number is measured, and the better one counts.
const WRITERS: [usize; 2] = [1, 2];
/// Bounds one statement, as the product bounds one call.
const ASKS_MAX: usize = 256;

const RESET: &str = "WITH given AS (
        SELECT * FROM unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[])
            AS given(email_key, reset, mail, request, facts)
    ), found AS (
        SELECT u.id, u.email, u.open_reset, u.last_reset, given.* FROM given
        JOIN users u ON u.tenant = $1 AND u.email_key = given.email_key WHERE u.disabled_at IS NULL
    ), pointed AS (
        UPDATE users u SET password_dead_at = COALESCE(u.password_dead_at, $7), session_epoch = u.session_epoch + 1,
            last_reset = found.reset, open_reset = found.reset, open_reset_expires_at = $8, reset_mail_times = $9
        FROM found WHERE u.tenant = $1 AND u.id = found.id RETURNING 1
    ), superseded AS (
        UPDATE resets r SET superseded_at = $7 FROM found WHERE r.tenant = $1 AND r.id = found.open_reset
    ), begun AS (
        INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, previous_id, requested_at,
            requested_by, credential, address, request_id, expires_at)
        SELECT $1, reset, id, email, 'administrator', 1, 1, last_reset, $7, 'admin@example.com', 'dev-token',
            '127.0.0.1', request, $8 FROM found
    ), queued AS (
        INSERT INTO mails (tenant, id, kind, user_id, reset_id, facts, queued_at, due_at, give_up_at, attempts)
        SELECT $1, mail, 'administrator', id, reset, '{}', $7, $7, $8, 0 FROM found
    ), recorded AS (
        INSERT INTO audit (tenant, id, at, action, outcome, actor, credential, subject, address, facts)
        SELECT $1, request, $7, 'reset.request', 'accepted', 'admin@example.com', 'dev-token', email, '127.0.0.1', facts
        FROM found
    ), left_over AS (
        INSERT INTO audit_waiting (tenant, id, digests) SELECT $1, request, $10 FROM given LIMIT 1
    )
    SELECT COUNT(*) FROM pointed";

/// As the product sets its sessions: left to itself, the planner walks through whole tables for the rows of few.
const SESSION: &str = "SET tenantry.tenants = '*'; SET plan_cache_mode = force_generic_plan; SET jit = off;
    SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// A database of a stopped product.
pub struct BarePostgres {
    url: String,
    tenant: i64,
    users: u32,
    clock: Clock,
    random: Random,
    runtime: tokio::runtime::Runtime,
}

/// A client that waits for its reset.
struct Asking {
    user: u32,
    answer: oneshot::Sender<()>,
}

impl BarePostgres {
    /// Opens the database of a product that made `users` sample users.
    pub fn open(url: &str, users: u32) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let tenant = runtime.block_on(async {
            let client = connect(url).await?;
            Ok::<i64, Box<dyn std::error::Error + Send + Sync>>(
                client.query_one("SELECT id FROM tenants WHERE id <> 0", &[]).await?.get(0),
            )
        })?;
        let (clock, random) = (Clock::system(), Random::system());
        Ok(Self { url: url.to_owned(), tenant, users, clock, random, runtime })
    }

    /// Resets a second with `clients` that each wait for their answer: the best of several group sizes.
    pub fn rate(&self, clients: usize, warm_up: Duration, measured: Duration) -> Result<f64> {
        let rates = WRITERS.iter().map(|writers| self.rate_with(*writers, clients, warm_up, measured));
        Ok(rates.collect::<Result<Vec<f64>>>()?.into_iter().fold(0.0, f64::max))
    }

    fn rate_with(&self, writers: usize, clients: usize, warm_up: Duration, measured: Duration) -> Result<f64> {
        let order: Arc<[u32]> = Draw::seeded(clients as u64).shuffled(self.users).into();
        let (next, done, stop) =
            (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        self.runtime.block_on(async {
            let (ask, asked) = mpsc::unbounded_channel::<Asking>();
            let asked = Arc::new(Mutex::new(asked));
            let mut working = tokio::task::JoinSet::new();
            for _ in 0..writers {
                let (client, asked) = (connect(&self.url).await?, Arc::clone(&asked));
                let (tenant, clock, random) = (self.tenant, self.clock.clone(), self.random.clone());
                working.spawn(async move { write(&client, tenant, &asked, &clock, &random).await });
            }
            for _ in 0..clients {
                let (ask, order, next) = (ask.clone(), Arc::clone(&order), Arc::clone(&next));
                let (done, stop) = (Arc::clone(&done), Arc::clone(&stop));
                tokio::spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        let turn = next.fetch_add(1, Ordering::Relaxed) as usize;
                        let (answer, answered) = oneshot::channel();
                        if ask.send(Asking { user: order[turn % order.len()], answer }).is_err()
                            || answered.await.is_err()
                        {
                            return;
                        }
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            drop(ask);
            tokio::time::sleep(warm_up).await;
            let (before, began) = (done.load(Ordering::Relaxed), Instant::now());
            tokio::time::sleep(measured).await;
            let rate = (done.load(Ordering::Relaxed) - before) as f64 / began.elapsed().as_secs_f64();
            stop.store(true, Ordering::Relaxed);
            while let Some(ended) = working.join_next().await {
                ended??;
            }
            Ok(rate)
        })
    }
}

/// A connection set as the product sets its sessions.
pub async fn connect(url: &str) -> Result<tokio_postgres::Client> {
    let (client, driver) = tokio_postgres::connect(url, NoTls).await?;
    // The next statement reports how it ended.
    tokio::spawn(driver);
    client.batch_execute(SESSION).await?;
    Ok(client)
}

/// Writes the waiting resets, until no client asks any more.
async fn write(
    client: &tokio_postgres::Client,
    tenant: i64,
    asked: &Mutex<mpsc::UnboundedReceiver<Asking>>,
    clock: &Clock,
    random: &Random,
) -> Result<()> {
    let statement = client.prepare(RESET).await?;
    for round in 0_u64.. {
        if round.is_power_of_two() {
            // A plan from when the tables were empty walks through the full ones.
            client.batch_execute("DISCARD PLANS").await?;
        }
        let mut taken = Vec::new();
        if asked.lock().await.recv_many(&mut taken, ASKS_MAX).await == 0 {
            return Ok(());
        }
        let now = clock.now();
        let ids = || taken.iter().map(|_| random.uuid(now).as_bytes().to_vec()).collect::<Vec<_>>();
        let (resets, mails, requests) = (ids(), ids(), ids());
        let emails: Vec<_> = taken.iter().map(|one| format!("user{:05}@example.com", one.user)).collect();
        let facts: Vec<_> = requests.iter().map(|id| facts(id)).collect();
        let (at, until, digests) = (now.0, now.plus_seconds(3600).0, vec![0_u8; 48 * taken.len()]);
        let times = (now.0 / 1_000_000).to_string();
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 10] =
            [&tenant, &emails, &resets, &mails, &requests, &facts, &at, &until, &times, &digests];
        let written: i64 = client.query_one(&statement, &params).await?.get(0);
        if usize::try_from(written)? != taken.len() {
            return Err(format!("The bare engine reset {written} of {} users.", taken.len()).into());
        }
        for one in taken {
            // It may have stopped waiting.
            let _ = one.answer.send(());
        }
    }
    Ok(())
}

/// As long as the facts that the product records.
fn facts(id: &[u8]) -> String {
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(r#"{{"kind":"administrator","password_dead":true,"reset":"{id}    ","superseded":"{id}    "}}"#)
}
