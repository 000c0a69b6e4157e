//! Compares look-ups in a small store and in a large one: by a key they should cost the same.

use std::io::Write;
use std::time::Duration;

use serde_json::json;
use tenantry::clock::Clock;
use tenantry::credentials::{self, CredentialKind, NewCredential, Token};
use tenantry::identity::TenantId;
use tenantry::mail::address::Email;
use tenantry::params;
use tenantry::people;
use tenantry::random::Random;
use tenantry::secret::Secret;
use tenantry::sessions::{self, Cookie, NewSession};
use tenantry::store::{PostgresSettings, Scope, Settings, Store, Tx};

use crate::Result;
use crate::ask::{Template, get};
use crate::directory::searches;
use crate::engines::{EngineName, Place};
use crate::http_rate::warm_up;
use crate::load::Load;
use crate::product::Product;
use crate::table::write_aligned;
use crate::tally::Run;

/// The user who looks up their own data.
const EMAIL: &str = "user00001@example.com";
/// A session and a credential for each other user.
const BESIDE: [&str; 2] = [
    "INSERT INTO sessions (tenant, secret_hash, uid, user_id, epoch, started_at, last_seen_at, ends_at, address)
     SELECT tenant, uid, uid, id, session_epoch, $1, $1, $2, '192.0.2.1' FROM users",
    "INSERT INTO credentials (tenant, name, uid, kind, user_id, secret_hash, created_at, created_by, expires_at)
     SELECT tenant, 'beside-' || email_key, uid, 'API_TOKEN', id, uid, $1, 'bench', $2 FROM users",
];
/// The tenant beside that of the operators.
const SAMPLE: &str = "SELECT id FROM tenants WHERE id <> 0";
/// More than the tenant's bound on mails to one address needs between two resets of it.
const OWNER_SECONDS: u32 = 20 * 60;
/// Keeps one address within its allowance of attempts: one in six seconds, and 60 at once.
const SIGN_IN_SECONDS: u32 = 6;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// The engines under the store, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    engine: Vec<EngineName>,
    /// Users in the stores that stand side by side; the ratios are to the first.
    #[arg(long, value_delimiter = ',', default_value = "1000,100000", value_parser = clap::value_parser!(u32).range(1..))]
    users: Vec<u32>,
    /// Measured seconds for each call, store and round.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// How often, the stores by turns; the middle of the medians is shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// The calls, in an order in which moving the clock ends no session that is still needed.
#[derive(Clone, Copy)]
enum Call {
    Sessions,
    Credentials,
    SignIn,
    Search,
    Filter,
    LastPage,
    OwnersMails,
}

impl Call {
    const ALL: [Self; 7] = [
        Self::Sessions,
        Self::Credentials,
        Self::Search,
        Self::Filter,
        Self::LastPage,
        Self::SignIn,
        Self::OwnersMails,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Sessions => "the list of one's sessions",
            Self::Credentials => "the list of one's credentials",
            Self::Search => "users by the beginning of an address",
            Self::Filter => "users who have a code app, of whom there are none",
            Self::LastPage => "the last page of all users",
            Self::SignIn => "a sign-in",
            Self::OwnersMails => "a reset that is told to the owners",
        }
    }
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let mut lines = Vec::new();
    for &engine in &plan.engine {
        let stores = plan.users.iter().map(|&users| Furnished::make(engine, users)).collect::<Result<Vec<_>>>()?;
        for call in Call::ALL {
            lines.push(line(plan, engine, &stores, call)?);
        }
        stores.into_iter().try_for_each(|store| store.product.stop())?;
    }
    let medians = plan.users.iter().map(|users| format!("p50, p99 ms at {users}"));
    let ratios = plan.users.iter().skip(1).map(|users| format!("{users} by {}", plan.users[0]));
    let heads: Vec<_> = ["engine".into(), "what".into()].into_iter().chain(medians).chain(ratios).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    write_aligned(&mut std::io::stdout().lock(), &heads, &lines)
}

fn line(plan: &Plan, engine: EngineName, stores: &[Furnished], call: Call) -> Result<Vec<String>> {
    let mut times = vec![(Vec::new(), Vec::new()); stores.len()];
    for _ in 0..plan.rounds {
        for (store, (medians, tails)) in stores.iter().zip(&mut times) {
            let run = store.ask_in_turn(plan, call)?;
            medians.push(run.p50_ms);
            tails.push(run.p99_ms);
        }
    }
    let times: Vec<_> = times.iter_mut().map(|(medians, tails)| (middle(medians), middle(tails))).collect();
    let cells = times.iter().map(|(median, tail)| format!("{median:.2}, {tail:.2}"));
    let ratios = times.iter().skip(1).map(|(median, _)| format!("{:.2}", median / times[0].0));
    Ok([engine.name().into(), call.name().into()].into_iter().chain(cells).chain(ratios).collect())
}

fn middle(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// A product on a store in which everyone has sessions and credentials.
struct Furnished {
    product: Product,
    cookie: String,
    token: String,
    /// The request for the last page of all users.
    last_page: Vec<u8>,
    _place: Place,
    _directory: tempfile::TempDir,
}

impl Furnished {
    fn make(engine: EngineName, users: u32) -> Result<Self> {
        writeln!(std::io::stderr(), "{}: making a store of {users} users", engine.name())?;
        let directory = crate::own_directory()?;
        let place = Place::make(engine, directory.path())?;
        Product::start_on(directory.path(), users, place.url())?.stop()?;
        let (cookie, token) = furnish(directory.path(), place.url())?;
        let product = Product::start_on(directory.path(), users, place.url())?;
        let last_page = searches::last_page_of(&product)?;
        Ok(Self { product, cookie, token, last_page, _place: place, _directory: directory })
    }

    /// Sequential calls.
    fn ask_in_turn(&self, plan: &Plan, call: Call) -> Result<Run> {
        let measured = Duration::from_secs(plan.seconds);
        let expected_status = if matches!(call, Call::SignIn) { 204 } else { 200 };
        let addresses = [self.product.directions.address()?];
        let load =
            Load { addresses: &addresses, connections: 1, expected_status, warm_up: warm_up(measured), measured };
        let run = load.run(&mut |buffer| {
            self.ask(call, buffer)?;
            Ok(true)
        })?;
        run.complaint().map_or(Ok(run), |complaint| Err(format!("{}: {complaint}.", call.name()).into()))
    }

    /// Writes the next request; the clock is moved before it where a bound would be in the way.
    fn ask(&self, call: Call, buffer: &mut Vec<u8>) -> Result<()> {
        let directions = &self.product.directions;
        let host = directions.host();
        match call {
            Call::Sessions => {
                buffer.extend(get(
                    "/account",
                    host,
                    &format!("Accept: application/json\r\nCookie: {}\r\n", self.cookie),
                ));
            }
            Call::Credentials => {
                let path = "/api/web/namespaces/system/api_credentials";
                buffer.extend(get(path, host, &format!("Authorization: APIToken {}\r\n", self.token)));
            }
            Call::Search => buffer.extend(searches::page(&self.product, "q=user00&limit=50")),
            Call::Filter => buffer.extend(searches::page(&self.product, "second_factor=true&limit=50")),
            Call::LastPage => buffer.extend(&self.last_page),
            Call::SignIn => {
                self.product.advance_clock(SIGN_IN_SECONDS)?;
                let body = json!({ "email": EMAIL, "password": directions.user_password });
                Template::post_openly("/signin", host).write(body.to_string().as_bytes(), buffer);
            }
            Call::OwnersMails => {
                self.product.advance_clock(OWNER_SECONDS)?;
                let path = "/api/web/custom/password/admin_reset";
                Template::post_json(path, host, &directions.api_token)
                    .write(br#"{"email":"admin@example.com"}"#, buffer);
            }
        }
        Ok(())
    }
}

/// Gives every user a session and a credential, and the measured user some more; returns that user's cookie and token.
fn furnish(data: &std::path::Path, url: Option<&str>) -> Result<(String, String)> {
    let now = Clock::system().now();
    let postgres = url.map(|url| PostgresSettings {
        url: Secret::new(url.to_owned()),
        ca_file: None,
        readers_max: 2,
        schema: None,
        silence: PostgresSettings::SILENCE,
    });
    let store = Store::open(&Settings { data_dir: data.to_path_buf(), postgres, queue_max: 10 }, now)?;
    let tenant: TenantId = store.read(Scope::HOUSE, |tx| tx.one(SAMPLE, &[])?.get(0))?;
    let random = Random::system();
    let (cookie, token) = (Cookie::draw(tenant, &random), Token::draw(&random));
    let (session_hash, token_hash) = (cookie.hash(), token.hash());
    let until = now.plus_seconds(300 * 24 * 3600);
    let verb = move |tx: &mut Tx<'_>| {
        for statement in BESIDE {
            tx.run(statement, &params![now, until])?;
        }
        let user = people::find_by_email(tx, tenant, &Email::parse(EMAIL)?)?;
        let user = user.ok_or_else(|| tenantry::error::Error::not_found("there are no sample users"))?;
        let (uid, address) = (random.uuid(now), "192.0.2.1".to_owned());
        let session = NewSession {
            uid,
            secret_hash: session_hash,
            user: user.id,
            epoch: user.session_epoch,
            ends_at: until,
            address,
            method: "PASSWORD",
        };
        sessions::insert(tx, tenant, &session, now)?;
        let (name, uid) = ("looks".to_owned(), random.uuid(now));
        let credential = NewCredential {
            name,
            uid,
            kind: CredentialKind::Token,
            user: user.id,
            secret_hash: token_hash,
            expires_at: until,
            narrowed_to: None,
        };
        credentials::insert(tx, tenant, &credential, "bench", now)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(store.write(Scope::HOUSE, verb))?;
    store.close();
    let cookie = cookie.set(false);
    Ok((cookie.split(';').next().unwrap_or_default().to_owned(), token.expose().to_owned()))
}
