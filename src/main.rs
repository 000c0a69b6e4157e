//! Tenantry: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    tenantry::cli::main(std::env::args_os())
}
