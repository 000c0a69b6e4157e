//! `tenantry completions` and `tenantry man`: made from the command line as clap knows it, so that they know every verb.

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::arguments::{Arguments, Man as Ask};
use super::output::Output;
use crate::error::{Error, Result};

/// Prints the script that completes this command line in a shell.
///
/// # Errors
/// `Internal` if standard output is closed.
pub fn completions(shell: Shell, output: Output) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "tenantry", &mut script);
    output.write(&String::from_utf8(script).map_err(Error::internal)?)
}

/// Prints the manual page, or writes one for each verb into a directory.
///
/// # Errors
/// One sentence if a page cannot be written.
pub fn man(ask: &Ask, output: Output) -> Result<()> {
    let Some(directory) = &ask.out else {
        let mut page = Vec::new();
        Man::new(Arguments::command()).render(&mut page).map_err(Error::internal)?;
        return output.write(&String::from_utf8(page).map_err(Error::internal)?);
    };
    let place = directory.display();
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), directory))
        .map_err(|cause| Error::invalid(format!("Pages cannot be written into {place}: {cause}.")).caused_by(cause))?;
    output.line(&format!("The pages are in {place}. Read one: man {place}/tenantry.1"))
}
