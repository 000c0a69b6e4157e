//! Moments as the console shows them: written in UTC, and rewritten by the script in the reader's own zone.

use maud::{Markup, html};

use crate::clock::Timestamp;

/// Day and time.
pub(super) fn moment(at: Timestamp) -> Markup {
    let written = at.to_string();
    html! {
        time datetime=(written) data-as="full" {
            (written.get(..10).unwrap_or_default()) " " (written.get(11..16).unwrap_or_default()) " UTC"
        }
    }
}

/// The time of a day, to the second.
pub(super) fn time_of_day(at: Timestamp) -> Markup {
    let written = at.to_string();
    html! { time datetime=(written) data-as="time" { (written.get(11..19).unwrap_or_default()) } }
}

/// The day, in UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}
