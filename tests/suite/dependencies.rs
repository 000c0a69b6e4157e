//! The licences, sources and versions that the product may be built from, as cargo reads them from the lock file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::tidy::read;

/// Permissive, and none asks more than to be named.
const LICENCES: [&str; 10] = [
    "0BSD",
    "Apache-2.0",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "Apache-2.0 WITH LLVM-exception",
];
const PAGE: &str = "docs/dependencies.md";

fn packages() -> Vec<Value> {
    let cargo = env!("CARGO");
    // For one platform: packages of other platforms are missing where the tests were only built.
    let asked = ["metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"];
    let told = Command::new(cargo).args(asked).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let known: Value = serde_json::from_slice(&told.stdout).unwrap();
    known["packages"].as_array().unwrap().clone()
}

fn foreign() -> impl Iterator<Item = Value> {
    packages().into_iter().filter(|package| !package["source"].is_null())
}

fn text<'a>(package: &'a Value, member: &str) -> &'a str {
    package[member].as_str().unwrap_or_default()
}

/// Whether an SPDX expression can be kept by keeping to licences of the list: one side of each OR, both of each AND.
fn is_permitted(expression: &str) -> bool {
    let expression = expression.trim();
    if let Some((left, right)) = split_outside(expression, " AND ") {
        return is_permitted(left) && is_permitted(right);
    }
    if let Some((left, right)) = split_outside(expression, " OR ").or_else(|| split_outside(expression, "/")) {
        return is_permitted(left) || is_permitted(right);
    }
    match expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => is_permitted(inner),
        None => LICENCES.contains(&expression),
    }
}

/// Splits at the first `word` that stands in no parentheses.
fn split_outside<'a>(expression: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    expression.match_indices(word).find_map(|(at, _)| {
        let (left, right) = (&expression[..at], &expression[at + word.len()..]);
        (left.matches('(').count() == left.matches(')').count()).then_some((left, right))
    })
}

#[test]
fn licences_are_read_as_they_are_written() {
    for good in ["MIT", "MIT/Apache-2.0", "(MIT OR GPL-3.0) AND Unicode-3.0", "MIT OR Apache-2.0 OR LGPL-2.1-or-later"]
    {
        assert!(is_permitted(good), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND MPL-2.0", "MPL-2.0 OR GPL-3.0"] {
        assert!(!is_permitted(bad), "{bad}");
    }
}

#[test]
fn every_crate_has_a_permissive_licence() {
    let refused: Vec<_> = foreign()
        .filter(|package| !is_permitted(text(package, "license")))
        .map(|package| format!("{}: {:?}", text(&package, "name"), text(&package, "license")))
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn every_crate_comes_from_the_usual_registry_in_a_finished_version() {
    for package in foreign() {
        let (name, version) = (text(&package, "name"), text(&package, "version"));
        assert!(text(&package, "source").starts_with("registry+"), "{name} comes from {}", package["source"]);
        let finished = version.split('+').next().unwrap_or_default();
        assert!(!finished.contains('-'), "{name} {version} is not a finished version");
    }
}

#[test]
fn a_second_version_of_a_crate_has_a_reason() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in foreign() {
        versions.entry(text(&package, "name").into()).or_default().insert(text(&package, "version").into());
    }
    let double: BTreeSet<_> = versions.into_iter().filter(|(_, all)| all.len() > 1).map(|(name, _)| name).collect();
    assert_eq!(double, rows_under("## Two versions of one crate"), "crates with two versions against {PAGE}");
}

#[test]
fn every_dependency_of_ours_has_a_reason() {
    let own = packages().into_iter().filter(|package| package["source"].is_null());
    let names: BTreeSet<_> = own
        .flat_map(|package| package["dependencies"].as_array().unwrap().clone())
        .filter(|dependency| !dependency["source"].is_null())
        .map(|dependency| text(&dependency, "name").to_string())
        .collect();
    assert_eq!(names, rows_under("## What we use"), "dependencies against {PAGE}");
}

/// The crates named in the first column of the table under a heading.
fn rows_under(heading: &str) -> BTreeSet<String> {
    let page = read(Path::new(PAGE));
    let (_, rest) = page.split_once(heading).unwrap_or_else(|| panic!("{PAGE} has {heading}"));
    let section = rest.split("\n## ").next().unwrap_or_default();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split(" | ").next());
    cells.flat_map(|cell| cell.split(", ").map(|name| name.trim_matches('`').to_string())).collect()
}
