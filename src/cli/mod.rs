//! The command line: one file per verb, no rule of the domain.

pub mod arguments;
mod audit;
mod backup;
mod chain;
mod client;
mod config_check;
pub mod connection;
mod dev;
mod doctor;
mod init;
mod key;
mod mail;
mod moving;
mod opened;
mod output;
mod people;
mod reset;
mod restore;
mod serve;
mod tenant;
mod try_out;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::{self, Runtime};

use self::arguments::{Arguments, EXIT_DONE, EXIT_FAILED, EXIT_USAGE, Verb};
use self::output::{Output, complain};
use crate::error::{Error, Result};

/// Runs the command line; the exit code is 0 when it was done, 1 when it failed, 2 when it was not
/// understood.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(usage) => {
            // Help and version are answers, not mistakes.
            let _ = usage.print();
            return ExitCode::from(if usage.use_stderr() { EXIT_USAGE } else { EXIT_DONE });
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::from(EXIT_DONE),
        Err(failure) => {
            complain(&failure);
            ExitCode::from(EXIT_FAILED)
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let output = Output { is_json: arguments.json };
    let runtime = runtime()?;
    match arguments.verb {
        Verb::Try => runtime.block_on(try_out::run(&output)),
        Verb::Dev(dev) => runtime.block_on(dev::run(dev, &output)),
        Verb::Serve(serve) => runtime.block_on(serve::run(serve)),
        Verb::Init(init) => runtime.block_on(init::run(&init, output)),
        Verb::Tenant(verb) => runtime.block_on(tenant::run(verb, output)),
        Verb::Mail(verb) => runtime.block_on(mail::run(verb, output)),
        Verb::Backup(backup) => runtime.block_on(backup::run(&backup, output)),
        Verb::Restore(restore) => runtime.block_on(restore::run(&restore, output)),
        Verb::Move(verb) => runtime.block_on(moving::run(&verb, output)),
        Verb::Key(verb) => key::run(&verb, output),
        Verb::Doctor(doctor) => doctor::run(&doctor, output),
        Verb::Config(verb) => config_check::run(&verb, output),
        // These wait for a server in the plain way, on this thread.
        Verb::Reset(reset) => reset::run(reset, output),
        Verb::User(verb) => people::user(verb, output),
        Verb::Token(verb) => people::token(verb, output),
        Verb::Audit(verb) => audit::run(verb, output),
    }
}

/// One thread fewer than there are cores: the last one belongs to the thread that writes, for which everyone waits.
fn runtime() -> Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.saturating_sub(1).max(1);
    runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(line: &str) -> ExitCode {
        main(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_exit_code_tells_a_wrong_line_from_a_failure() {
        assert_eq!(ended("tenantry --version"), ExitCode::from(EXIT_DONE));
        assert_eq!(ended("tenantry reset nobody"), ExitCode::from(EXIT_USAGE));
    }

    #[test]
    fn every_verb_reaches_its_file_and_says_what_it_lacks() {
        for line in [
            "tenantry reset a@example.com --data /nowhere",
            "tenantry reset list --data /nowhere",
            "tenantry user list --data /nowhere",
            "tenantry token list --data /nowhere",
            "tenantry audit tail --data /nowhere",
            "tenantry audit verify --offline --data /nowhere",
            "tenantry tenant list --data /nowhere",
            "tenantry mail queue --data /nowhere",
            "tenantry backup --to /nowhere/file --data /nowhere",
            "tenantry restore --from /nowhere/file --data /nowhere --public-url http://localhost:1",
            "tenantry move --from sqlite:/nowhere --to sqlite:/nowhere/else",
            "tenantry key list --data /nowhere",
            "tenantry key rotate --data /nowhere",
            "tenantry key remove 1 --data /nowhere",
            "tenantry doctor --data /nowhere",
            "tenantry config check --config /nowhere/tenantry.toml",
        ] {
            assert_eq!(ended(line), ExitCode::from(EXIT_FAILED), "{line}");
        }
    }
}
