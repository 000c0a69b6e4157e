//! The names of groups: how the names and paths of other products become names that a group may have here.

/// Longest name of a group.
const NAME_MAX: usize = 128;

/// The name of a group here, and whether it was one within another; `None` if nothing is left of it.
pub(super) fn of_path(path: &str) -> Option<(String, bool)> {
    let parts: Vec<_> = path.split('/').map(str::trim).filter(|part| !part.is_empty()).map(of_name).collect();
    let is_within = parts.len() > 1;
    let parts: Option<Vec<_>> = parts.into_iter().collect();
    let name = parts?.join("-");
    (!name.is_empty() && name.len() <= NAME_MAX).then_some((name, is_within))
}

/// A name stays as it is where it can; in any other, letters become small and all else hyphens.
pub(super) fn of_name(name: &str) -> Option<String> {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.chars().all(is_fit) {
        return (!name.is_empty() && name.len() <= NAME_MAX).then(|| name.into());
    }
    let spelt: String = name.chars().map(|c| if is_fit(c) { c.to_ascii_lowercase() } else { '-' }).collect();
    let spelt = spelt.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    (!spelt.is_empty() && spelt.len() <= NAME_MAX).then_some(spelt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_one_name() {
        assert_eq!(of_path("/staff/leads"), Some(("staff-leads".into(), true)));
        assert_eq!(of_path("/Staff_2"), Some(("Staff_2".into(), false)));
        assert_eq!(of_path("authentik Admins"), Some(("authentik-admins".into(), false)));
        assert_eq!(of_path("/a (b)/c"), Some(("a-b-c".into(), true)));
        for none in ["", "/", "社員", &"x".repeat(129)] {
            assert_eq!(of_path(none), None, "{none}");
        }
    }
}
