//! Compares the table of operations with the list of the public API's: each is served, or not served for a listed
//! reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use tenantry::clock::Clock;
use tenantry::compatibility::Compatibility;
use tenantry::config::Config;
use tenantry::house::House;
use tenantry::operations::operations;
use tenantry::random::Random;

use serde_json::{Value, json};

use crate::command_line::{Ended, tenantry};
use crate::rig::Rig;
use crate::scim_form::assert_refused;
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
    let config = Config::for_dev("127.0.0.1:8080".parse().unwrap(), data.path());
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

#[test]
fn the_readme_counts_what_is_served() {
    let known = contract();
    let count = served().keys().filter(|id| known.contains_key(*id)).count();
    let told = format!("{count} of the 250 operations");
    let readme = std::fs::read_to_string("README.md").unwrap();
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&told), "README.md does not say {told}");
}

#[test]
fn the_list_of_operations_is_what_the_table_serves() {
    let rig = Rig::start();
    let served = served();
    let answered = rig.send("GET", "/api/tenantry/v1/compatibility", &[], None);
    let items = answered.body["items"].as_array().unwrap();
    for item in items {
        let (id, is_served) = (item["id"].as_str().unwrap(), item["state"] == "served");
        assert_eq!(served.contains_key(id), is_served, "{item}");
        assert_eq!(item["reason"] == "", is_served, "{item}");
    }
    let ids: BTreeSet<_> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!((items.len(), ids.len()), (250, 250));
    assert_eq!(answered.body["served"], served.len());
    let directory = rig.data.as_ref().unwrap().path();
    let run = |line: &[&str]| Ended::from(tenantry(directory, line).output().unwrap()).done();
    let said: Value = serde_json::from_str(&run(&["compat", "--json"])).unwrap();
    assert_eq!(said, answered.body);
    let told = run(&["compat", "--not-served"]);
    assert!(told.ends_with(&format!("\n0 served, {} not served\n", 250 - served.len())), "{told}");
    assert!(run(&["compat", "admin_reset"]).contains("  served"));
}

/// The page that lists every operation, by group.
fn page() -> String {
    let all = Compatibility::of(|_| true);
    let mut page = format!(
        "# Operations of the public API\n\n{} of its {} operations are served. The others are answered 501 by their ids.\n\n\
         This page is made from the table of operations and from [contract-not-served.txt](contract-not-served.txt), and a test\n\
         compares them.\n",
        all.served,
        all.items.len()
    );
    let mut group = "";
    for item in &all.items {
        if item.group != group {
            group = item.group;
            write!(page, "\n## {group}\n\n| Call | Operation | State | Reason |\n| --- | --- | --- | --- |\n").unwrap();
        }
        let (id, state) = (item.id.trim_start_matches("ves.io.schema."), item.state.word());
        writeln!(page, "| `{} {}` | {id} | {state} | {} |", item.method, item.path, item.reason).unwrap();
    }
    page
}

#[test]
fn the_page_of_operations_is_what_is_served() {
    let page = page();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compatibility-operations.md");
    std::fs::write(&path, &page).unwrap();
    let kept = read(Path::new("docs/compatibility-operations.md"));
    assert!(kept == page, "docs/compatibility-operations.md is out of date; copy {} over it", path.display());
}

#[test]
fn an_operation_that_is_not_served_is_501_by_its_name_for_any_caller() {
    let rig = Rig::start();
    let (served, authorization) = (served(), rig.authorization());
    let prefix = "/api/v1/api/production/us-east-1/namespaces/default";
    let mut asked = 0;
    for call in tenantry::contract::operations().filter(|call| !served.contains_key(call.id)) {
        let of = |word: &str| {
            let segments = call.path.split('/');
            segments.map(|part| if part.starts_with('{') { word } else { part }).collect::<Vec<_>>().join("/")
        };
        let paths = [
            of("system"),
            format!("{prefix}{}/", of("x")),
            of("%7Bnamespace%7D"),
            of("%7Bmetadata.name%7D"),
            format!("//{}", of("no-such").trim_start_matches('/')),
        ];
        for (nth, path) in paths.iter().enumerate() {
            let method = call.method.as_str();
            let headers = [("Authorization", authorization.as_str())];
            let answered = rig.send(method, path, &headers[nth % 2..], None);
            assert_refused(&answered, call.path, (501, 12));
            assert!(answered.message().contains(call.id), "{method} {path} {}", answered.text);
        }
        asked += 1;
    }
    assert!(asked > 100, "only {asked}");
    for (method, path) in
        [("POST", "/api/web/namespaces/system/user_groups"), ("GET", "/api/web/namespaces/system/users")]
    {
        let unknown = rig.send(method, path, &[("Authorization", &authorization)], None);
        assert_eq!((unknown.status, &unknown.body["code"]), (404, &json!(5)), "{}", unknown.text);
        assert_eq!(unknown.message(), format!("API Group could not be determined for Method: {method} Path: {path}"));
    }
}
