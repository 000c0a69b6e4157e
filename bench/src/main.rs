//! Measures Tenantry over real HTTP, beside the bare parts it is made of, in the same run on the same machine.

mod answer;
mod ask;
mod bare_engine;
mod bare_http;
mod bare_postgres;
mod cgroup;
mod child;
mod crowd;
mod directory;
mod engines;
mod faults;
mod growth;
mod histogram;
mod http_rate;
mod import;
mod incident;
mod load;
mod lookups;
mod machine;
mod mail;
mod offered;
mod overload;
mod passwords;
mod product;
mod reset;
mod start;
mod table;
mod tally;
mod tenants;
mod whoami;

use std::ffi::OsString;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures Tenantry. Run it with `cargo run --release -p bench -- …` on a machine that does nothing else.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    measurement: Measurement,
}

#[derive(Subcommand)]
enum Measurement {
    /// Password resets through the whole path, beside the bare engine and the bare HTTP server.
    Reset(reset::Plan),
    /// Who am I: a call that reads, beside the bare HTTP server.
    Whoami(whoami::Plan),
    /// Sign-ins with the right password, beside hashing alone.
    Signin(passwords::Plan),
    /// New passwords chosen by links, beside hashing alone.
    Redeem(passwords::Plan),
    /// Mails from the outbox to a relay on this machine, their states written.
    Mail(mail::Plan),
    /// From the start of the process until it is ready, and what it then holds in memory.
    Start(start::Plan),
    /// The bare HTTP server alone: what two cores give when nothing stands behind an answer.
    Http(http_rate::Plan),
    /// More than can be done: goodput, refusals, and tenants beside one that floods.
    Overload(overload::Plan),
    /// Resets as an installation grows: with more tenants, and with a second process beside the first.
    Growth(growth::Plan),
    /// What an installation of ever more tenants costs: doing nothing, making one more, the calls of one of them.
    Tenants(tenants::Plan),
    /// Look-ups in a small store and in a large one, side by side.
    Lookups(lookups::Plan),
    /// The calls of administrators on a directory of many users, each beside what it is made of.
    Directory(directory::Plan),
    /// An incident of many users: until the last password is dead, what it costs, and what another tenant notices.
    Incident(incident::Plan),
    /// An import of many users: the dry run, the run, and the same file again.
    Import(import::Plan),
    /// Serves several tenants; started by the measurements.
    #[command(hide = true)]
    Crowd(crowd::Plan),
    /// Injures the product in every way that we know, and shows what was lost or doubled: nothing may be.
    Faults(faults::Plan),
    /// Runs the product itself; started by the measurements.
    #[command(hide = true)]
    Product {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Serves the constant answer; started by the measurements.
    #[command(hide = true)]
    BareHttp {
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
}

/// A directory beside this program, removed at the end: the temporary directory of the system may be memory.
fn own_directory() -> Result<tempfile::TempDir> {
    let program = std::env::current_exe()?;
    let beside = program.parent().ok_or("This program lies in no directory.")?;
    Ok(tempfile::Builder::new().prefix("bench-data-").tempdir_in(beside)?)
}

fn main() -> ExitCode {
    let done = match Arguments::parse().measurement {
        Measurement::Product { arguments } => {
            return tenantry::cli::main(std::iter::once("tenantry".into()).chain(arguments));
        }
        Measurement::Reset(plan) => reset::measure(&plan),
        Measurement::Whoami(plan) => whoami::measure(&plan),
        Measurement::Signin(plan) => passwords::measure(&plan, passwords::Kind::SignIn),
        Measurement::Redeem(plan) => passwords::measure(&plan, passwords::Kind::Redeem),
        Measurement::Mail(plan) => mail::measure(&plan),
        Measurement::Start(plan) => start::measure(&plan),
        Measurement::Http(plan) => http_rate::measure(&plan),
        Measurement::Overload(plan) => overload::measure(&plan),
        Measurement::Growth(plan) => growth::measure(&plan),
        Measurement::Tenants(plan) => tenants::measure(&plan),
        Measurement::Lookups(plan) => lookups::measure(&plan),
        Measurement::Directory(plan) => directory::measure(&plan),
        Measurement::Incident(plan) => incident::measure(&plan),
        Measurement::Import(plan) => import::measure(&plan),
        Measurement::Crowd(plan) => crowd::serve(&plan),
        Measurement::Faults(plan) => faults::run(&plan),
        Measurement::BareHttp { listen } => bare_http::serve(listen),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
