//! The accent of a tenant's pages: the colour of buttons and links, and the stylesheet that says it. Pages carry no style of
//! their own, so the stylesheet has the colour in its path, and depends on nothing else.

use crate::error::{Error, Result};

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colour([u8; 3]);

/// The least contrast of text with what lies behind it (WCAG 2.2, success criterion 1.4.3, level AA).
const CONTRAST_MIN: f64 = 4.5;
/// Behind links and around buttons on a light page: `--ground`, the darkest of its grounds on which the accent is text.
const LIGHT_GROUND: Colour = Colour([0xf4, 0xf5, 0xf8]);
/// The same on a dark page: `--card`, the lightest of its grounds.
const DARK_GROUND: Colour = Colour([0x17, 0x1a, 0x21]);
/// Text on the accent of a dark page, which is a light tone.
const DARK_TEXT: Colour = Colour([0x0e, 0x10, 0x15]);
const WHITE: Colour = Colour([0xff, 0xff, 0xff]);
const BLACK: Colour = Colour([0, 0, 0]);

impl Colour {
    /// Reads `#rrggbb`.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = is_hex.then(|| u32::from_str_radix(digits, 16).ok())??;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2, definitions).
    fn luminance(self) -> f64 {
        let linear = self.0.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// The contrast ratio of two colours, 1 to 21 (WCAG 2.2, definitions).
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// This colour with so many hundredths of another in it.
    fn mixed(self, other: Self, hundredths: u32) -> Self {
        let mix = |one: u8, two: u8| {
            let sum = u32::from(one) * (100 - hundredths) + u32::from(two) * hundredths;
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        let ([red, green, blue], [r, g, b]) = (self.0, other.0);
        Self([mix(red, r), mix(green, g), mix(blue, b)])
    }

    fn digits(self) -> String {
        let [red, green, blue] = self.0;
        format!("{red:02x}{green:02x}{blue:02x}")
    }
}

/// Refuses what cannot be the colour of buttons and links. On a light page it is text itself, so it must be dark; white on it
/// is then readable too.
///
/// # Errors
/// `Invalid`: no colour, or one with too little contrast, with the ratio that it has and the one that it needs.
pub fn check(text: &str) -> Result<()> {
    let Some(colour) = Colour::parse(text) else {
        return Err(Error::invalid("colour must be # and six hexadecimal digits, such as #3446c8."));
    };
    let contrast = colour.contrast(LIGHT_GROUND);
    if contrast >= CONTRAST_MIN {
        return Ok(());
    }
    // Rounded down, so that nobody reads 4.5 where a little is missing.
    let contrast = (contrast * 10.0).floor() / 10.0;
    Err(Error::invalid(format!(
        "colour must have a contrast of {CONTRAST_MIN}:1 with the background of the pages (WCAG 2.2 AA), and this one has \
         {contrast}:1. Choose a darker tone."
    )))
}

/// The path of the stylesheet for a colour; `None` if that is no colour.
pub fn path(colour: &str) -> Option<String> {
    Colour::parse(colour).map(|colour| format!("/assets/accent/{}.css", colour.digits()))
}

/// The stylesheet that stands under the last part of such a path; `None` for any other part, and for a colour that a tenant
/// cannot have.
pub fn stylesheet(name: &str) -> Option<String> {
    let digits = name.strip_suffix(".css")?;
    let text = format!("#{digits}");
    let colour = Colour::parse(&text).filter(|colour| colour.digits() == digits && check(&text).is_ok())?;
    let (light, dark) = (on_light(colour).text(), on_dark(colour).text());
    // The console lets its reader choose one of the two.
    Some(format!(
        ":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n\
         :root[data-theme=light]{{{light}}}\n:root[data-theme=dark]{{{dark}}}\n"
    ))
}

/// What the stylesheet of every page calls `--accent`, `--accent-strong`, `--on-accent` and `--tint`.
struct Tones {
    accent: Colour,
    /// Under the pointer.
    strong: Colour,
    /// Text on either.
    on: Colour,
    /// The ground of marks and of what the pointer is on.
    tint: Colour,
}

impl Tones {
    fn text(&self) -> String {
        let Self { accent, strong, on, tint } = self;
        let named = [("accent", accent), ("accent-strong", strong), ("on-accent", on), ("tint", tint)];
        named.map(|(name, tone)| format!("--{name}:#{};", tone.digits())).concat()
    }
}

fn on_light(colour: Colour) -> Tones {
    Tones { accent: colour, strong: colour.mixed(BLACK, 20), on: WHITE, tint: WHITE.mixed(colour, 8) }
}

/// The first tone, from the colour towards white, that can be read on a dark page.
fn on_dark(colour: Colour) -> Tones {
    let mut tones = (0..=100).step_by(4).map(|hundredths| colour.mixed(WHITE, hundredths));
    let accent = tones.find(|tone| tone.contrast(DARK_GROUND) >= CONTRAST_MIN).unwrap_or(WHITE);
    Tones { accent, strong: accent.mixed(WHITE, 30), on: DARK_TEXT, tint: DARK_GROUND.mixed(accent, 10) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    #[test]
    fn contrast_is_as_the_standard_measures_it() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 1e-9);
        // The grey that is known as the lightest one with 4.5:1 on white.
        assert!((colour("#767676").contrast(WHITE) - 4.54).abs() < 0.005);
        assert!((colour("#ff0000").contrast(WHITE) - 4.0).abs() < 0.005);
    }

    #[test]
    fn a_colour_that_cannot_be_read_is_refused_with_its_ratio() {
        assert!(check("#3446c8").is_ok() && check("#3446C8").is_ok());
        let refused = check("#ffcc00").unwrap_err().message;
        assert!(refused.contains("4.5:1") && refused.contains("this one has 1.3:1"), "{refused}");
        for wrong in ["3446c8", "#34c", "#3446c80", "red", "#3446cg", "#+446c8", ""] {
            assert!(check(wrong).unwrap_err().message.contains("six hexadecimal digits"), "{wrong}");
        }
    }

    #[test]
    fn a_stylesheet_has_one_path() {
        assert_eq!(path("#3446C8").as_deref(), Some("/assets/accent/3446c8.css"));
        let sheet = stylesheet("3446c8.css").unwrap();
        assert!(sheet.starts_with(":root{--accent:#3446c8;") && sheet.contains("prefers-color-scheme:dark"), "{sheet}");
        for other in ["3446C8.css", "3446c8", "ffcc00.css", "red.css", ".css", "3446c8.css.css"] {
            assert!(stylesheet(other).is_none(), "{other}");
        }
    }

    #[test]
    fn the_grounds_are_those_of_the_stylesheet_of_every_page() {
        let css = include_str!("assets/tenantry.css");
        let (light, dark) = css.split_once("prefers-color-scheme: dark").unwrap();
        assert!(light.contains(&format!("--ground: #{};", LIGHT_GROUND.digits())));
        assert!(dark.contains(&format!("--card: #{};", DARK_GROUND.digits())));
        assert!(dark.contains(&format!("--ground: #{};", DARK_TEXT.digits())));
        for name in ["--accent:", "--accent-strong:", "--on-accent:", "--tint:"] {
            assert_eq!(css.matches(&format!("  {name}")).count(), 2, "{name}");
        }
    }

    proptest! {
        /// Text, quiet text and accent on whatever ground they stand, light and dark: the values of the stylesheet.
        #[test]
        fn every_colour_that_is_taken_can_be_read_everywhere(channels: [u8; 3]) {
            let chosen = Colour(channels);
            prop_assume!(check(&format!("#{}", chosen.digits())).is_ok());
            for (tones, grounds, texts) in [
                (on_light(chosen), ["#f4f5f8", "#ffffff", "#ffffff"], ["#15181f", "#565d6d"]),
                (on_dark(chosen), ["#0e1015", "#171a21", "#11141a"], ["#eceef3", "#a4abba"]),
            ] {
                for accent in [tones.accent, tones.strong] {
                    prop_assert!(accent.contrast(tones.on) >= CONTRAST_MIN);
                    for ground in grounds {
                        prop_assert!(accent.contrast(colour(ground)) >= CONTRAST_MIN);
                    }
                }
                for text in texts {
                    prop_assert!(tones.tint.contrast(colour(text)) >= CONTRAST_MIN);
                }
                // A mark is no text (success criterion 1.4.11).
                prop_assert!(tones.tint.contrast(tones.accent) >= 3.0);
            }
        }
    }
}
