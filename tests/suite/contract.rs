//! The table of operations beside the list of the public API's: served as it is there, or not served for a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tenantry::clock::Clock;
use tenantry::config::Config;
use tenantry::house::House;
use tenantry::operations::operations;
use tenantry::random::Random;

use crate::tidy::read;

/// Method and path of each operation by its id, the names of path parameters left out.
fn contract() -> BTreeMap<String, (String, String)> {
    lines("docs/contract-operations.txt")
        .map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            let [method, path, id] = words[..] else { panic!("method, path, id: {line}") };
            (id.to_string(), (method.to_string(), nameless(path)))
        })
        .collect()
}

fn served() -> BTreeMap<String, (String, String)> {
    let data = tempfile::tempdir().unwrap();
    let config = Config::for_dev("127.0.0.1:0".parse().unwrap(), data.path());
    let house = House::open(config, Clock::system(), Random::seeded(1)).unwrap();
    let rows = operations(&house, None);
    let rows = rows.iter().map(|row| (row.id.to_string(), (row.method.to_string(), nameless(row.path))));
    rows.filter(|(id, _)| id.starts_with("ves.io")).collect()
}

fn lines(path: &str) -> impl Iterator<Item = String> {
    let text = read(Path::new(path));
    let lines: Vec<_> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(String::from).collect();
    lines.into_iter()
}

fn nameless(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn what_is_served_under_an_id_of_the_public_api_is_that_call() {
    let contract = contract();
    for (id, call) in served() {
        assert_eq!(contract.get(&id), Some(&call), "{id} against docs/contract-operations.txt");
    }
}

#[test]
fn every_operation_of_the_public_api_is_served_or_has_a_reason() {
    let served: BTreeSet<_> = served().into_keys().collect();
    let absent: BTreeSet<_> = lines("docs/contract-not-served.txt").collect();
    let both: Vec<_> = served.intersection(&absent).collect();
    assert!(both.is_empty(), "these are served; take them out of docs/contract-not-served.txt: {both:?}");
    let known: BTreeSet<_> = contract().into_keys().collect();
    let named: BTreeSet<_> = served.union(&absent).cloned().collect();
    let missing: Vec<_> = known.difference(&named).collect();
    assert!(missing.is_empty(), "neither served nor in docs/contract-not-served.txt: {missing:?}");
    let unknown: Vec<_> = named.difference(&known).collect();
    assert!(unknown.is_empty(), "not in docs/contract-operations.txt: {unknown:?}");
}
