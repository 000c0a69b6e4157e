//! Every pair of operations of a user's life, with nothing, time, a restart or a new key between them, and random
//! triples, against a reference model of the user's state. The model knows the rules, and nothing of the code.

mod deed;
mod life;
mod played;
mod post;
mod rules;
mod seen;
mod stage;
mod table;

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Instant;

use self::deed::{Deed, NOT_OF_A_LIFE, Script};
use self::life::Life;
use self::rules::{Rule, Rules};
use self::seen::View;
use self::stage::Stage;
use crate::dice::Dice;
use crate::rig::Rig;

/// The most differences that are printed; the rest are counted.
const TOLD: usize = 12;

/// The view of every life of the table on this engine.
fn seen() -> &'static [(Script, View)] {
    static SEEN: OnceLock<Vec<(Script, View)>> = OnceLock::new();
    SEEN.get_or_init(|| {
        let (began, mut stage) = (Instant::now(), Stage::new());
        let mut dice = Dice::of("pairs");
        let (pairs, triples, long) = (table::pairs(), table::triples(&mut dice), table::long(&mut dice));
        let counts = (pairs.len(), triples.len(), long.len());
        let mut seen = Vec::new();
        for batch in table::batches(pairs.into_iter().chain(triples).chain(long).chain(table::remembered())) {
            let views = stage.play(&batch);
            seen.extend(batch.into_iter().zip(views));
        }
        let seconds = began.elapsed().as_secs_f64();
        eprintln!("pairs: {} pairs, {} triples, {} long lives, {seconds:.1} s", counts.0, counts.1, counts.2);
        seen
    })
}

#[test]
fn every_pair_of_operations_leaves_a_user_with_what_the_rules_say() {
    let mut wrong = Vec::new();
    for (script, view) in seen() {
        let differences = view.differences(&Life::of(script, Rules::default()));
        if !differences.is_empty() {
            wrong.push(format!("{script:?}\n    {}", differences.join("\n    ")));
        }
    }
    let told = wrong.iter().take(TOLD).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} lives are not as the rules have them:\n{told}", wrong.len(), seen().len());
}

#[test]
fn the_table_notices_every_rule_that_is_put_wrong() {
    let is_noticed = |rule: &&Rule| {
        let notices = |(script, view): &(Script, View)| {
            *view == Life::of(script, Rules::default()) && *view != Life::of(script, Rules::without(**rule))
        };
        seen().iter().any(notices)
    };
    let unnoticed: Vec<&str> = Rule::ALL.iter().filter(|rule| !is_noticed(rule)).map(|rule| rule.what()).collect();
    assert!(unnoticed.is_empty(), "no life of the table tells whether {unnoticed:#?}");
}

#[test]
fn every_operation_that_writes_is_a_row_or_has_a_reason() {
    let document = Rig::start().get("/openapi.json").body;
    let paths = document["paths"].as_object().unwrap().values();
    let methods = paths.flat_map(|methods| methods.as_object().unwrap());
    let served: BTreeSet<&str> = methods
        .filter(|(method, _)| !matches!(method.as_str(), "get" | "head"))
        // Those of the operators reach no user.
        .filter(|(_, told)| told["x-tenantry-operator"] != true)
        .map(|(_, told)| told["operationId"].as_str().unwrap())
        .collect();
    let rows = Deed::ALL.iter().flat_map(|deed| deed.operations().iter().copied());
    let known: BTreeSet<&str> = rows.chain(NOT_OF_A_LIFE.iter().map(|(operation, _)| *operation)).collect();
    let missing: Vec<_> = served.difference(&known).collect();
    assert!(missing.is_empty(), "{missing:?} write: give each a row in `Deed`, or say in NOT_OF_A_LIFE why it is none");
    assert!(known.is_subset(&served), "there is no operation {:?} any more", known.difference(&served));
}
