//! Every letter that the house sends, under the kinds by which the table of mails names it: `<room>.<letter>`.

use crate::config::PublicUrl;
use crate::keys::Keys;
use crate::mails::Letters;
use crate::{notices, reset};

/// The whole list. Links in them are made under these keys and lead to this address.
pub fn letters(keys: &Keys, public_url: &PublicUrl) -> Letters {
    Letters::default()
        .with(reset::LINKS, reset::Links::new(keys.clone(), public_url.clone()))
        .with(reset::WARNING, reset::Warning)
        .with(notices::KINDS, notices::Notice)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_its_room_in_front_and_its_letter_once() {
        let listed = [reset::LINKS, reset::WARNING, notices::KINDS].concat();
        let kinds = || listed.iter().map(|kind| kind.split_once('.').expect("<room>.<letter>"));
        let letters: BTreeSet<_> = kinds().map(|(_, letter)| letter).collect();
        assert_eq!(letters.len(), listed.len(), "rows of this release name the letter alone");
        assert!(kinds().all(|(room, _)| ["notices", "reset"].contains(&room)), "{listed:?}");
    }
}
