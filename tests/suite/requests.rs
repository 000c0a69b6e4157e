//! Requests to every served operation in the ways in which clients write them, as the forms of the public API allow.

use std::collections::BTreeSet;

use crate::asked::{House, PREFIX, Way, ask_all, form};
use crate::conformance::{conform, is_refused_on_purpose};
use crate::contract_body::Nothing;

#[test]
fn every_member_of_a_request_is_read_behind_the_prefix_of_the_documentation() {
    let asked = ask_all(Way { has_prefix: true, nothing: Some(Nothing::Zero), ..Way::default() });
    assert!(asked.iter().all(|asked| asked.sent.contains(PREFIX)));
    conform(&asked);
}

#[test]
fn numbers_are_read_as_text_and_what_is_not_known_is_ignored() {
    conform(&ask_all(Way { nothing: Some(Nothing::Text), has_unknown: true, ..Way::default() }));
}

#[test]
fn null_is_as_good_as_absent() {
    conform(&ask_all(Way { nothing: Some(Nothing::Null), ..Way::default() }));
}

/// What is said of a body whose members are not read as the public API knows them.
const NOT_READ: [&str; 6] = [
    "has the wrong type",
    "cannot be read",
    "is not known to this call",
    "must be one of",
    "is a number out of range",
    "should be not nil",
];

#[test]
fn every_member_of_a_request_is_read_with_every_word_and_any_value_of_its_kind() {
    let house = House::empty();
    let (mut wrong, mut asked) = (BTreeSet::new(), 0);
    for row in house.writes() {
        for nth in 0..9 {
            asked += 1;
            let answered = house.ask(row, &form(row).sample(nth));
            let told = answered.message();
            if NOT_READ.iter().any(|words| told.contains(words)) && !is_refused_on_purpose(&row.id, told) {
                wrong.insert(format!("{}: {told}", row.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(asked > 300, "only {asked}");
}
