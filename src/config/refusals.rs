//! Settings that are allowed but not safe.

use super::layers::Loaded;
use super::setting::Setting;
use super::settings::SETTINGS;
use super::sources::{how_to_close, is_exposed};
use crate::error::{Error, Result};

impl Loaded {
    /// Fails if these settings must not serve real people: the first reason is the sentence, further
    /// ones are the details. `serve` asks before it opens anything; `config check` asks too.
    pub fn refuse_unsafe(&self) -> Result<()> {
        let settings = SETTINGS.iter().filter_map(|setting| self.refusal(setting));
        let mut reasons = settings.chain(self.exposed_secrets());
        match reasons.next() {
            None => Ok(()),
            Some(first) => Err(Error::invalid(first).with_details(reasons.collect())),
        }
    }

    fn refusal(&self, setting: &Setting) -> Option<String> {
        let refused = setting.refused.as_ref().filter(|refused| (refused.is)(&self.config))?;
        let given = self.explained.find(setting.name)?;
        if given.value.is_empty() {
            return Some(format!("`{}` is not set, and serving needs it. {}", setting.name, setting.meaning));
        }
        let (value, origin) = (&given.value, &given.origin);
        Some(format!("`{}` is {value} ({origin}), which is refused when {}.", setting.name, refused.when))
    }

    fn exposed_secrets(&self) -> impl Iterator<Item = String> {
        self.secret_files.iter().filter(|(_, path)| is_exposed(path)).map(|(name, path)| {
            let (shown, advice) = (path.display(), how_to_close(path));
            format!("`{name}` comes from {shown}, which every user of this machine can read; {advice}.")
        })
    }
}
