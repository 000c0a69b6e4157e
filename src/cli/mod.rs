//! The command line: one file per verb. Rules of the domain are elsewhere.

mod answered;
pub mod arguments;
mod audit;
mod backup;
mod bulk;
mod can;
mod chain;
mod client;
mod compat;
mod config_check;
pub mod connection;
mod dev;
mod directory;
mod doctor;
mod evidence;
mod heads;
mod import;
mod incident;
mod init;
mod key;
mod local;
mod login;
mod mail;
mod mail_text;
mod moving;
mod opened;
mod output;
mod people;
mod person_export;
mod profiles;
mod proxy;
mod reload;
mod reset;
mod restore;
mod row;
mod serve;
mod shell;
mod signals;
mod state;
mod tenant;
mod tenant_export;
mod transfer;
mod try_out;
mod unix;
mod webhook;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::{self, Runtime};

use self::arguments::{Arguments, EXIT_DONE, EXIT_FAILED, EXIT_USAGE, Import, Tenant, User, Verb};
use self::output::{Output, complain};
use crate::error::{Error, Result};
use crate::text;

/// Runs the command line; the exit code is 0 on success, 1 on failure, 2 if the command line is wrong. An import ends with 1 if
/// a row was refused, and with 2 if it could not be run.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match taken(arguments.into_iter().collect()) {
        Ok(arguments) => arguments,
        Err(refusal) => {
            complain(&refusal);
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(usage) => {
            // clap reports help and version as errors.
            let _ = usage.print();
            return ExitCode::from(if usage.use_stderr() { EXIT_USAGE } else { EXIT_DONE });
        }
    };
    // The first code of an import tells that rows were refused.
    let is_import = matches!(
        arguments.verb,
        Verb::User(User::Import(_))
            | Verb::Import(Import::Resume(_) | Import::Upload(_) | Import::Run(_))
            | Verb::Tenant(Tenant::Import(_))
    );
    match run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            complain(&failure);
            ExitCode::from(if is_import { EXIT_USAGE } else { EXIT_FAILED })
        }
    }
}

/// The arguments as they are taken. One with forbidden characters is refused by the flag before it or by its position; that
/// of a setting, `name=value`, may have lines where such a text has them. Arguments that are not Unicode are left to clap, which
/// accepts them only as paths.
fn taken(arguments: Vec<OsString>) -> Result<Vec<OsString>> {
    let flag = |text: &str| text.starts_with("--").then(|| text.split('=').next().unwrap_or(text).to_owned());
    let mut before = None;
    let take = |(nth, argument): (usize, OsString)| {
        let flag_before = before.take();
        let argument = match argument.into_string() {
            Ok(argument) => argument,
            Err(path) => return Ok(path),
        };
        before = flag(&argument);
        let name = before.clone().or(flag_before).unwrap_or_else(|| format!("{nth} of the command line"));
        let setting = argument.split_once('=').map_or(String::new(), |(setting, _)| setting.to_owned());
        text::taken(&text::shown(&name), &setting, argument).map(OsString::from)
    };
    arguments.into_iter().enumerate().map(take).collect()
}

fn run(arguments: Arguments) -> Result<u8> {
    let output = Output { is_json: arguments.json };
    match &arguments.verb {
        Verb::User(User::Import(ask)) => return import::user(ask, output),
        Verb::Import(verb) => return import::import(verb, output),
        Verb::Bulk(verb) => return bulk::run(verb, output),
        Verb::Incident(verb) => return incident::run(verb, output),
        Verb::Webhook(verb) => return webhook::run(verb, output),
        Verb::Tenant(Tenant::Import(ask)) => return import::tenant(ask, output),
        _ => {}
    }
    run_other(arguments.verb, output).map(|()| EXIT_DONE)
}

fn run_other(verb: Verb, output: Output) -> Result<()> {
    let runtime = runtime()?;
    match verb {
        Verb::Try => runtime.block_on(try_out::run(&output)),
        Verb::Dev(dev) => runtime.block_on(dev::run(dev, &output)),
        Verb::Serve(serve) => runtime.block_on(serve::run(serve)),
        Verb::Init(init) => init::run(&init, output, &runtime),
        Verb::Tenant(Tenant::Export(ask)) => tenant_export::run(&ask, output),
        Verb::Tenant(verb) => tenant::run(verb, output, &runtime),
        Verb::Mail(verb) => mail::run(verb, output, &runtime),
        Verb::Backup(backup) => runtime.block_on(backup::run(&backup, output)),
        Verb::Restore(restore) => runtime.block_on(restore::run(&restore, output)),
        Verb::Move(verb) => runtime.block_on(moving::run(&verb, output)),
        Verb::Key(verb) => key::run(&verb, output),
        Verb::State(open) => state::show(&open, output, &runtime),
        Verb::Tidy(open) => state::tidy(&open, output, &runtime),
        Verb::Doctor(doctor) => doctor::run(&doctor, output),
        Verb::Config(verb) => config_check::run(&verb, output),
        Verb::Compat(compat) => compat::run(&compat, output),
        Verb::Login(ask) => login::login(&ask, output),
        Verb::Logout(ask) => login::logout(&ask, output),
        Verb::Profiles => login::list(output),
        Verb::Completions(ask) => shell::completions(ask.shell, output),
        Verb::Man(ask) => shell::man(&ask, output),
        // These verbs call a server and block this thread meanwhile.
        Verb::Reset(reset) => reset::run(reset, output),
        Verb::Import(verb) => import::import(&verb, output).map(drop),
        Verb::Bulk(verb) => bulk::run(&verb, output).map(drop),
        Verb::Incident(verb) => incident::run(&verb, output).map(drop),
        Verb::Webhook(verb) => webhook::run(&verb, output).map(drop),
        Verb::User(verb) => people::user(&verb, output),
        Verb::Group(verb) => directory::group(&verb, output),
        Verb::Role(verb) => directory::role(&verb, output),
        Verb::Namespace(verb) => directory::namespace(&verb, output),
        Verb::Setting(verb) => directory::setting(&verb, output),
        Verb::MailText(verb) => mail_text::run(&verb, output),
        Verb::Transfer(verb) => transfer::run(&verb, output),
        Verb::Can(can) => can::run(&can, output),
        Verb::Token(verb) => people::token(&verb, output),
        Verb::Audit(verb) => audit::run(verb, output),
    }
}

/// One thread fewer than there are cores: the last core is for the writing thread, which everything waits for.
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
        assert_eq!(ended("tenantry compat nothing-of-this"), ExitCode::from(EXIT_DONE));
        assert_eq!(ended("tenantry reset nobody"), ExitCode::from(EXIT_USAGE));
    }

    #[test]
    fn an_argument_that_could_steer_its_reader_is_refused_by_its_flag() {
        for (line, field) in [
            ("tenantry tenant create acme --display-name a\u{1b}[2J", "--display-name"),
            ("tenantry tenant create acme --display-name=\u{202e}", "--display-name"),
            ("tenantry tenant create acme\n", "3 of the command line"),
        ] {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let refused = taken(arguments.clone()).unwrap_err();
            assert!(refused.message.starts_with(&format!("Field {field} holds U+")), "{}", refused.message);
            assert_eq!(main(arguments), ExitCode::from(EXIT_USAGE));
        }
        assert!(taken(vec!["tenantry".into(), "--data".into(), "/tmp/Zoë".into()]).is_ok());
    }

    #[test]
    fn a_setting_whose_text_has_lines_may_have_them() {
        let line = |argument: &str| ["tenantry", "tenant", "set", "acme", argument].map(OsString::from).to_vec();
        assert_eq!(taken(line("terms_text=Be kind.\r\nPay.\n")).unwrap(), line("terms_text=Be kind.\nPay.\n"));
        for wrong in ["terms_text=a\u{7}", "terms_text=a\rb", "contact=a\nb", "--terms_text=a\nb"] {
            assert!(taken(line(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_verb_reaches_its_file_and_says_what_it_lacks() {
        for line in [
            "tenantry reset a@example.com --data /nowhere",
            "tenantry reset list --data /nowhere",
            "tenantry user list --data /nowhere",
            "tenantry import list --data /nowhere",
            "tenantry bulk list --data /nowhere",
            "tenantry can a@example.com tenantry.users.show --data /nowhere",
            "tenantry group list --data /nowhere",
            "tenantry role list --data /nowhere",
            "tenantry namespace list --data /nowhere",
            "tenantry setting list --data /nowhere",
            "tenantry token list --data /nowhere",
            "tenantry transfer key --data /nowhere",
            "tenantry audit tail --data /nowhere",
            "tenantry audit verify --offline --data /nowhere",
            "tenantry tenant list --data /nowhere",
            "tenantry mail queue --data /nowhere",
            "tenantry mail retry acme 019cb821-7798-7dc9-9194-e1c74b27545f --data /nowhere",
            "tenantry tenant remove acme --data /nowhere",
            "tenantry backup --to /nowhere/file --data /nowhere",
            "tenantry restore --from /nowhere/file --data /nowhere --public-url http://localhost:1",
            "tenantry move --from sqlite:/nowhere --to sqlite:/nowhere/else",
            "tenantry key list --data /nowhere",
            "tenantry key rotate --data /nowhere",
            "tenantry key remove 1 --data /nowhere",
            "tenantry state --data /nowhere",
            "tenantry tidy --data /nowhere",
            "tenantry doctor --data /nowhere",
            "tenantry config check --config /nowhere/tenantry.toml",
        ] {
            assert_eq!(ended(line), ExitCode::from(EXIT_FAILED), "{line}");
        }
    }
}
