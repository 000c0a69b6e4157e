//! Guesses the setting meant by a misspelt name.

use super::setting::Setting;
use super::settings::SETTINGS;

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

/// The name of these that is nearest to `name`, if it is near enough.
pub fn nearest_name<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let far = 1 + name.len() / 4;
    let near = names.map(|known| (distance(known, &name.to_ascii_lowercase()), known));
    near.filter(|(distance, _)| *distance <= far).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// How many letters must be inserted, removed or replaced (Levenshtein), row by row.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        let names = ["link_lifetime_minutes", "contact"];
        let nearest = |name| nearest_name(name, names.into_iter());
        assert_eq!(nearest("link_life_minutes"), Some("link_lifetime_minutes"));
        assert_eq!((nearest("Contakt"), nearest("colour")), (Some("contact"), None));
    }

    proptest! {
        #[test]
        fn the_distance_is_the_same_both_ways(from in "[a-c]{0,8}", to in "[a-c]{0,8}") {
            prop_assert_eq!(distance(&from, &to), distance(&to, &from));
            prop_assert_eq!(distance(&from, &to) == 0, from == to);
            prop_assert!(distance(&from, &to) <= from.len().max(to.len()));
        }
    }
}
