//! The languages that Tenantry speaks to users, and how one of them is chosen.

use serde::{Deserialize, Serialize};

/// A language in which every mail, page and refusal exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Language {
    /// English, the last resort.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German, in the polite form.
    #[serde(rename = "de")]
    German,
    /// French, in the polite form.
    #[serde(rename = "fr")]
    French,
    /// Japanese.
    #[serde(rename = "ja")]
    Japanese,
}

impl Language {
    /// All languages, English first.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Japanese];

    /// The primary subtag (RFC 5646 § 2.2.1), as it stands in `lang="…"` and in the store.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Japanese => "ja",
        }
    }

    /// The language of a tag such as `de` or `de-AT`. Region and script are ignored.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The most preferred of our languages in an `Accept-Language` header (RFC 9110 § 12.5.4), the earlier of two with
    /// equal weight. `None` if it names none of ours; `*` names none either, so that the tenant's own language wins.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best = None;
        let mut best_weight = 0;
        for range in header.split(',') {
            let Some((language, weight)) = weighted(range) else { continue };
            if weight > best_weight {
                (best, best_weight) = (Some(language), weight);
            }
        }
        best
    }
}

/// Reads one range with its weight in thousandths; `None` if it is not ours or not well formed.
fn weighted(range: &str) -> Option<(Language, u16)> {
    let (tag, parameter) = range.split_once(';').unwrap_or((range, "q=1"));
    let (name, value) = parameter.trim().split_once('=')?;
    if !name.trim_end().eq_ignore_ascii_case("q") {
        return None;
    }
    Some((Language::from_tag(tag)?, thousandths(value.trim())?))
}

/// A `qvalue` (RFC 9110 § 12.4.2): 0 to 1 with at most three decimals.
fn thousandths(qvalue: &str) -> Option<u16> {
    let (whole, fraction) = qvalue.split_once('.').unwrap_or((qvalue, ""));
    if !matches!(whole, "0" | "1") || fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let weight = format!("{whole}{fraction:0<3}").parse().ok()?;
    (weight <= 1000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_region_or_script_does_not_hide_the_language() {
        for tag in ["de", "DE", "de-AT", "de_CH", " de-Latn-DE "] {
            assert_eq!(Language::from_tag(tag), Some(Language::German), "{tag}");
        }
        for tag in ["", "*", "den", "it-IT", "-de"] {
            assert_eq!(Language::from_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn the_heaviest_known_language_wins() {
        let cases = [
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::German)),
            ("it, fr;q=0.4, ja;q=0.6", Some(Language::Japanese)),
            ("en;q=0.5, fr ; Q=0.5", Some(Language::English)),
            ("de;q=0, en;q=0.001", Some(Language::English)),
            ("de;q=2, fr;q=0.1234, ja;q=x, en;level=1, ;q=1", None),
            ("*", None),
            ("", None),
        ];
        for (header, expected) in cases {
            assert_eq!(Language::from_accept_language(header), expected, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in "\\PC*") {
            Language::from_accept_language(&header);
        }

        #[test]
        fn every_tag_leads_back_to_its_language(index in 0_usize..4, region in "[A-Z]{2}") {
            let language = Language::ALL[index];
            prop_assert_eq!(Language::from_tag(&format!("{}-{region}", language.tag())), Some(language));
            prop_assert_eq!(serde_json::to_value(language).unwrap(), language.tag());
        }
    }
}
