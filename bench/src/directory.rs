//! The calls by which administrators work on a directory of many users, each beside what it is made of, in the same run.

mod bare;
mod lists;
mod roles;
pub mod searches;

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::json;
use tenantry::access::{ApiGroup, SYSTEM, decide};

use self::bare::Bare;
use crate::Result;
use crate::ask::{Template, get};
use crate::bare_http::BareHttp;
use crate::http_rate::{rate, warm_up};
use crate::load::{Load, NextRequest};
use crate::machine::Watch;
use crate::product::Product;
use crate::table::write_aligned;
use crate::tally::Run;

/// Calls in one question of what the caller may do, as a console asks for its menu.
const CALLS: usize = 20;
/// Decisions between two looks at the clock.
const DECISIONS: u64 = 100_000;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Users in the directory; all of them are members of the group that gets a role. The body that makes it may have 1 MiB.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=40_000))]
    users: u32,
    /// Connections, each with one request in flight; lists and the role are asked for on one.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Measured seconds for each row.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
}

/// The product with its directory, and the same directory without it.
struct Ground<'p> {
    plan: &'p Plan,
    product: Product,
    bare: Bare,
}

/// One call: how often in a second, how long half of them took at most, and the same of what stands beside it.
struct Line {
    what: &'static str,
    per_second: f64,
    p50_ms: Option<f64>,
    beside: &'static str,
    beside_per_second: f64,
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let data = crate::own_directory()?;
    Product::start(data.path(), plan.users)?.stop()?;
    let bare = Bare::copy_of(data.path())?;
    let product = Product::start(data.path(), plan.users)?;
    let watch = Watch::start(product.child.id())?;
    let ground = Ground { plan, product, bare };
    let (list, memory) = lists::measure(&ground)?;
    let (found, last_page) = (searches::by_beginning(&ground)?, searches::last_page(&ground)?);
    let lines = [
        ground.whoami()?,
        ground.evaluate()?,
        ground.decisions(),
        list,
        found,
        last_page,
        ground.create()?,
        roles::measure(&ground)?,
    ];
    let seen = watch.finish()?;
    ground.product.stop()?;
    let holders = Bare::open(data.path())?.holders_by_groups()?;
    let lines: Vec<_> = lines.iter().map(Line::cells).collect();
    let mut out = std::io::stdout().lock();
    write_aligned(&mut out, &["what", "a second", "p50 ms", "beside it", "a second", "ratio"], &lines)?;
    writeln!(out, "\n{memory}")?;
    writeln!(out, "The role of the group stands in {holders} rows of users, and counts from the next call of each.")?;
    writeln!(out, "Other programs kept {:.2} cores busy.", seen.foreign_load)?;
    Ok(())
}

impl Line {
    fn cells(&self) -> Vec<String> {
        let rate = |number: f64| if number < 100.0 { format!("{number:.2}") } else { format!("{number:.0}") };
        vec![
            self.what.into(),
            rate(self.per_second),
            self.p50_ms.map_or_else(|| "–".into(), |ms| format!("{ms:.3}")),
            self.beside.into(),
            rate(self.beside_per_second),
            format!("{:.0} %", self.per_second / self.beside_per_second * 100.0),
        ]
    }
}

impl Ground<'_> {
    fn measured(&self) -> Duration {
        Duration::from_secs(self.plan.seconds)
    }

    /// The header by which the administrator is known.
    fn token(&self) -> String {
        format!("Authorization: APIToken {}\r\n", self.product.directions.api_token)
    }

    /// POST of JSON as the administrator.
    fn post(&self, path: &str) -> Template {
        let directions = &self.product.directions;
        Template::post_json(path, directions.host(), &directions.api_token)
    }

    /// Drives a call on all connections; any answer but 200 ends the measurement.
    fn drive(&self, what: &str, next: &mut NextRequest<'_>) -> Result<Run> {
        let (measured, addresses) = (self.measured(), [self.product.directions.address()?]);
        let (connections, warm_up) = (self.plan.connections.into(), warm_up(measured));
        let run = Load { addresses: &addresses, connections, expected_status: 200, warm_up, measured }.run(next)?;
        run.complaint().map_or(Ok(run), |complaint| Err(format!("{what}: {complaint}.").into()))
    }

    /// The call beside the bare HTTP server, which is driven before and after, so that other load falls on both.
    fn beside_http(&self, what: &'static str, next: &mut NextRequest<'_>) -> Result<Line> {
        let bare = || rate(&BareHttp::start()?, self.plan.connections.into(), self.measured() / 2);
        let before = bare()?.per_second;
        let run = self.drive(what, next)?;
        let beside_per_second = f64::midpoint(before, bare()?.per_second);
        let (per_second, p50_ms) = (run.per_second, Some(run.p50_ms));
        Ok(Line { what, per_second, p50_ms, beside: "the bare HTTP server", beside_per_second })
    }

    fn whoami(&self) -> Result<Line> {
        let path = "/api/web/custom/namespaces/system/whoami";
        let request = get(path, self.product.directions.host(), &self.token());
        self.beside_http("whoami", &mut |buffer| {
            buffer.extend_from_slice(&request);
            Ok(true)
        })
    }

    fn evaluate(&self) -> Result<Line> {
        let template = self.post("/api/web/namespaces/system/evaluate-api-access");
        let call = json!({ "method": "POST", "path": "/api/web/custom/password/admin_reset" });
        let list = json!({ "list_id": "menu", "items": vec![call; CALLS] });
        let body = json!({ "namespace": SYSTEM, "item_lists": [list] }).to_string();
        self.beside_http("evaluate-api-access of 20 calls", &mut |buffer| {
            template.write(body.as_bytes(), buffer);
            Ok(true)
        })
    }

    /// What is decided for each call, with the reason, beside the same without it.
    fn decisions(&self) -> Line {
        let rights = self.bare.rights();
        let with_reason = per_second(self.measured(), |group| decide(rights, group, black_box(SYSTEM)).is_allowed());
        let without = per_second(self.measured(), |group| rights.allow(group, black_box(SYSTEM)));
        let (what, beside) = ("decisions with their reasons", "decisions without");
        Line { what, per_second: with_reason, p50_ms: None, beside, beside_per_second: without }
    }

    /// New users with their invitations, beside the same verb without HTTP for as many who wait.
    fn create(&self) -> Result<Line> {
        let template = self.post("/api/web/custom/namespaces/system/user_roles");
        let mut number = 0_u64;
        let run = self.drive("a new user", &mut |buffer| {
            number += 1;
            template.write(json!({ "email": bare::new_address(number) }).to_string().as_bytes(), buffer);
            Ok(true)
        })?;
        let beside_per_second = self.bare.creations(self.plan.connections.into(), self.measured())?;
        let (per_second, p50_ms, beside) = (run.per_second, Some(run.p50_ms), "the verb without HTTP");
        Ok(Line { what: "a new user, invited by mail", per_second, p50_ms, beside, beside_per_second })
    }
}

/// How often this is decided in a second, for each group of calls in turn.
fn per_second(measured: Duration, mut decided: impl FnMut(ApiGroup) -> bool) -> f64 {
    let (began, mut done) = (Instant::now(), 0_u64);
    while began.elapsed() < measured {
        for group in ApiGroup::ALL.into_iter().cycle().take(DECISIONS as usize) {
            black_box(decided(black_box(group)));
        }
        done += DECISIONS;
    }
    done as f64 / began.elapsed().as_secs_f64()
}
