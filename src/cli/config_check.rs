//! `tenantry config check`: the present settings, their origin, and what `serve` would refuse.

use super::arguments::{ConfigCheck, ConfigVerb};
use super::output::Output;
use crate::config::{load, markdown, process_environment};
use crate::error::Result;
use crate::house::House;

/// # Errors
/// Settings that cannot be read, or that `serve` would refuse.
pub fn run(ConfigVerb::Check(ask): &ConfigVerb, output: Output) -> Result<()> {
    if ask.markdown {
        return output.write(&markdown());
    }
    check(ask, output)
}

fn check(ask: &ConfigCheck, output: Output) -> Result<()> {
    let loaded = load(&ask.serve.sources(process_environment()))?;
    output.object(&loaded.explained, &loaded.explained.to_string())?;
    loaded.refuse_unsafe()?;
    House::check(&loaded.config)?;
    House::check_listen(loaded.config.http.listen)
}
