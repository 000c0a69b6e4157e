//! A picture that phones read (ISO/IEC 18004), drawn into the page itself: its policy lets nothing be loaded.

use std::fmt::Write;

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// The light margin, in modules (ISO/IEC 18004 § 9.1).
const MARGIN: i32 = 4;
/// The size of a module on the page, in pixels.
const MODULE: i32 = 4;

/// The picture of a text, with words for people who do not see it. Nothing where the text is too long for one.
pub(super) fn picture(text: &str, label: &str) -> Option<Markup> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let side = code.size() + 2 * MARGIN;
    Some(html! {
        svg class="qr" role="img" aria-label=(label) viewBox={ "0 0 " (side) " " (side) }
            width=(side * MODULE) height=(side * MODULE) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(dark(&code)) fill="#000" {}
        }
    })
}

/// The dark modules, joined where they lie side by side in a row.
fn dark(code: &QrCode) -> String {
    let mut drawn = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size()).take_while(|x| code.get_module(*x, y)).count() as i32;
            if length > 0 {
                write!(drawn, "M{} {}h{length}v1h-{length}z", x + MARGIN, y + MARGIN)
                    .expect("a String takes every write");
            }
            x += length.max(1);
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dark_module_is_drawn_once() {
        let text = "otpauth://totp/Example:jane%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example";
        let code = QrCode::encode_text(text, QrCodeEcc::Low).unwrap();
        let modules = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark_ones = modules.filter(|(x, y)| code.get_module(*x, *y)).count();
        let drawn = dark(&code);
        let runs =
            drawn.split('h').skip(1).step_by(2).map(|run| run.split('v').next().unwrap().parse::<usize>().unwrap());
        assert_eq!(runs.sum::<usize>(), dark_ones);
        let shown = picture(text, "scan").unwrap().into_string();
        assert!(shown.len() < 12_000 && shown.contains("role=\"img\" aria-label=\"scan\""), "{}", shown.len());
        assert!(picture(&"x".repeat(4_000), "").is_none());
    }
}
