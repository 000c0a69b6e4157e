//! Guesses the setting meant by a misspelt name.

use super::setting::Setting;
use super::settings::SETTINGS;
use crate::text::distance;

/// The setting whose name is nearest to `name`, if it is near enough.
pub(super) fn nearest(name: &str) -> Option<&'static Setting> {
    let name = name.strip_suffix("_file").unwrap_or(name).to_ascii_lowercase();
    let far = 1 + name.len() / 4;
    let last = |name: &str| name.rsplit('.').next().map(str::to_owned);
    // The right word in the wrong section, such as `listen` for `http.listen`, counts as near, however long.
    let displaced = |setting: &Setting| (last(setting.name) == last(&name)).then_some(1);
    let near = SETTINGS.iter().map(|setting| {
        let distance = distance(setting.name, &name);
        (displaced(setting).map_or(distance, |near| distance.min(near)), setting)
    });
    near.filter(|(distance, _)| *distance <= far).min_by_key(|(distance, _)| *distance).map(|(_, setting)| setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest_setting(name: &str) -> Option<&'static str> {
        nearest(name).map(|setting| setting.name)
    }

    #[test]
    fn a_slip_of_the_pen_is_understood() {
        assert_eq!(nearest_setting("http.lisen"), Some("http.listen"));
        assert_eq!(nearest_setting("smtp.pasword_file"), Some("smtp.password"));
        assert_eq!(nearest_setting("listen"), Some("http.listen"));
        assert_eq!(nearest_setting("Store.Data_Dir"), Some("store.data_dir"));
        assert_eq!(nearest_setting("colour"), None);
    }
}
