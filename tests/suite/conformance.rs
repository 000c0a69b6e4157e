//! Answers of every served operation against the forms of the public API, member by member.

use std::collections::BTreeSet;

use crate::asked::{Asked, USUAL, form, public};
use crate::rig::Rig;

/// Members in which our answers differ, by the end of type and member, each with its reason.
const DIFFERENT: [(&str, &str, &str); 9] = [
    (
        "GetResponse.create_form",
        "is ours",
        "null in the kinds that callers only read: all kinds are answered in one form",
    ),
    (
        "GetResponse.replace_form",
        "is ours",
        "null in the kinds that callers only read: all kinds are answered in one form",
    ),
    (
        "roleCreateSpecType.rbac_policy",
        "is ours",
        "a form has the spec as it was read, and what is sent back is ignored",
    ),
    (
        "roleReplaceSpecType.rbac_policy",
        "is ours",
        "a form has the spec as it was read, and what is sent back is ignored",
    ),
    (
        "tenant_configurationCreateRequest.metadata",
        "is ours",
        "clients send it, though the published form has only the spec",
    ),
    (
        "tenant_configurationReplaceRequest.metadata",
        "is ours",
        "clients send it, though the published form has only the spec",
    ),
    ("tenantStatusResponse.err", "is ours", "the public API names its words and not the member that holds them"),
    ("PasswordPolicy.minimum_strength", "is ours", "a rule that the public API does not have"),
    ("UserRoleResponseItem.state", "is ours", "one word for where a user stands, which the public API does not have"),
];

/// Requests that are refused although their form allows them: the operation, a text of the refusal, and the reason.
const REFUSED: [(&str, &str, &str); 0] = [];

/// Whether this refusal is listed.
pub fn is_refused_on_purpose(id: &str, message: &str) -> bool {
    REFUSED.iter().any(|(known, told, _)| *known == id && message.contains(told))
}

/// Checks that each was accepted and that its answer has the form of the public API; returns the differences that are listed.
pub fn conform(asked: &[Asked]) -> BTreeSet<usize> {
    let (mut wrong, mut used) = (BTreeSet::new(), BTreeSet::new());
    for Asked { row, sent, answered } in asked.iter().filter(|asked| !asked.is_file()) {
        let refused = is_refused_on_purpose(&row.id, answered.message());
        if answered.status != 200 && !refused {
            wrong.insert(format!("{} refuses {sent}: {}", row.id, answered.text));
        }
        if answered.status != 200 {
            continue;
        }
        for fault in form(row).faults_of_answer(&answered.body) {
            match DIFFERENT.iter().position(|(place, what, _)| fault.place.ends_with(place) && *what == fault.what) {
                Some(nth) => _ = used.insert(nth),
                None => _ = wrong.insert(format!("{} {} ({})", fault.place, fault.what, row.id)),
            }
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), Vec::from_iter(wrong).join("\n"));
    used
}

#[test]
fn every_answer_has_the_form_of_the_public_api() {
    let used = conform(&USUAL);
    let idle: Vec<_> = (0..DIFFERENT.len()).filter(|nth| !used.contains(nth)).map(|nth| DIFFERENT[nth]).collect();
    assert!(idle.is_empty(), "no answer differs in this any more: {idle:?}");
    assert!(USUAL.len() > 100, "only {}", USUAL.len());
}

#[test]
fn closed_lists_in_the_document_are_those_of_the_public_api() {
    let rig = Rig::start();
    let document = rig.get("/openapi.json").body;
    let mut faults = BTreeSet::new();
    for row in public(&rig) {
        let schema = &row.told["responses"]["200"]["content"]["application/json"]["schema"];
        faults.extend(form(&row).other_words(&document, schema));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_parameter_of_a_query_is_in_the_document() {
    for row in public(&Rig::start()) {
        let told = row.told["parameters"].as_array().into_iter().flatten();
        let told: Vec<_> = told.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap()).collect();
        for name in &form(&row).query {
            assert!(told.contains(&name.as_str()), "{} does not tell of {name}: declare what it does", row.id);
        }
    }
}
