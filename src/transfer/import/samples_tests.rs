//! Every sample file, row by row, as the folder's `expected.json` says, as far as a file alone decides it.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::*;
use crate::clock::Timestamp;
use crate::passwords::foreign::Wrapper;
use crate::passwords::{Cost, Hasher, Verdict};
use crate::random::Random;
use crate::secret::Secret;

const CHEAP: Cost = Cost { memory_kib: 8, iterations: 1, parallelism: 1 };
/// What only the store and the caller decide.
const NOT_OF_A_FILE: [Code; 4] = [Code::NamespaceUnknown, Code::RoleUnknown, Code::GroupUnknown, Code::Rank];

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples/transfer").join(name)
}

fn read(folder_name: &str, file: &str) -> Vec<u8> {
    std::fs::read(folder(folder_name).join(file)).unwrap_or_else(|error| panic!("{folder_name}/{file}: {error}"))
}

fn expected(folder_name: &str) -> Value {
    serde_json::from_slice(&read(folder_name, "expected.json")).unwrap()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-30T08:00:00Z").unwrap()
}

fn options(expected: &Value) -> Options {
    let asked = &expected["options"];
    let text = |name: &str| asked[name].as_str();
    let role = text("roles").and_then(|roles| roles.strip_prefix("map: ")).map(|pair| {
        let (name, role) = pair.split_once('=').unwrap();
        let (namespace, role) = role.split_once(':').unwrap();
        (name.to_string(), RoleAt { namespace: namespace.into(), role: role.into() })
    });
    Options {
        now: now(),
        encoding: text("encoding").map_or(Encoding::Unicode, |name| Encoding::named(name).unwrap()),
        domain: text("domain").map(String::from),
        roles: role.into_iter().collect(),
        groups: if text("groups") == Some("create") { Groups::Create } else { Groups::Existing },
        ..Options::default()
    }
}

fn files(folder_name: &str, names: &[String]) -> Vec<File> {
    names.iter().map(|name| File::new(name, Cursor::new(read(folder_name, name)))).collect()
}

fn lines(folder_name: &str, expected: &Value, options: Options) -> Vec<Line> {
    let names: Vec<String> = serde_json::from_value(expected["files"].clone()).unwrap();
    let source = Source::named(expected["format"].as_str().unwrap()).unwrap();
    let mut reader =
        Reader::open(source, files(folder_name, &names), options).unwrap_or_else(|told| panic!("{told:?}"));
    let lines: Vec<_> = reader.by_ref().map(|line| line.unwrap_or_else(|told| panic!("{told:?}"))).collect();
    assert_eq!(reader.rows(), expected["rows"].as_array().unwrap().len() as u64, "{folder_name}");
    assert!(reader.notices().files.is_empty(), "{:?}", reader.notices());
    lines
}

/// What is wrong with a line.
fn differs(line: &Line, row: &Value, key_of: fn(&Record) -> String) -> Option<String> {
    let codes: BTreeSet<&str> = row["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    let is_of_a_file = !NOT_OF_A_FILE.iter().any(|code| codes.contains(code.text()));
    let told = |codes: &[Code]| -> BTreeSet<&str> { codes.iter().map(|code| code.text()).collect() };
    let (outcome, key, found) = match line {
        Line::User(record) => ("taken", key_of(record), told(&record.codes())),
        Line::Refused(refusal) => ("refused", refusal.key.clone(), told(&[refusal.reason.code])),
        other => return Some(format!("{other:?}")),
    };
    if key != row["key"].as_str().unwrap() {
        return Some(format!("the key is {key}"));
    }
    if is_of_a_file && (outcome != row["outcome"].as_str().unwrap() || found != codes) {
        return Some(format!("{outcome} {found:?}"));
    }
    match line {
        Line::User(record) if is_of_a_file => fields_differ(record, row),
        _ => None,
    }
}

fn fields_differ(record: &Record, row: &Value) -> Option<String> {
    let roles: Vec<_> = record.roles.iter().map(|role| format!("{}:{}", role.namespace, role.role)).collect();
    let language = record.language.map(|language| language.tag().to_string());
    let list = |name: &str| row[name].as_array().map(|list| list.iter().map(|one| one.as_str().unwrap()).collect());
    for (name, found) in [
        ("email", Some(record.email.as_str().to_string())),
        ("state", Some(record.state.word().to_string())),
        ("first_name", Some(record.first_name.clone())),
        ("last_name", Some(record.last_name.clone())),
        ("language", language),
    ] {
        if row[name].is_string() && row[name].as_str() != found.as_deref() {
            return Some(format!("{name} is {found:?}"));
        }
    }
    let groups: Vec<&str> = list("groups").unwrap_or_default();
    let is_same = groups == record.groups && list("roles").is_none_or(|expected: Vec<&str>| expected == roles);
    (!is_same).then(|| format!("{roles:?} {:?}", record.groups))
}

fn key_of(record: &Record) -> String {
    record.key().id.clone()
}

fn sample(name: &str) -> Vec<Line> {
    let expected = expected(name);
    let lines = lines(name, &expected, options(&expected));
    let users: Vec<_> = lines.iter().filter(|line| matches!(line, Line::User(_) | Line::Refused(_))).collect();
    let rows = expected["rows"].as_array().unwrap();
    assert_eq!(users.len(), rows.len(), "{name}");
    let wrong: Vec<_> = users
        .iter()
        .zip(rows)
        .filter_map(|(line, row)| differs(line, row, key_of).map(|what| format!("{what}, not {row}")))
        .collect();
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    for (line, row) in users.iter().zip(rows) {
        passwords_are_right(line, row);
    }
    every_line_goes_over_the_wire(&lines);
    lines
}

/// The password of a row is right against what would be stored of its hash, and others are wrong.
fn passwords_are_right(line: &Line, row: &Value) {
    let Line::User(record) = line else { return };
    let plain = row["password"].as_str();
    let Some(Password::Hash(foreign)) = &record.password else {
        assert!(plain.is_none(), "{row}");
        return;
    };
    let stored = Wrapper::new(CHEAP).unwrap().stored(foreign, [7; 16]).unwrap();
    let verdict = |text: &str| verdict(text, &stored) == Verdict::RightButOld;
    if let Some(text) = plain {
        assert!(verdict(text), "{row}: {stored}");
        assert!(!verdict(&format!("{text}x")), "{row}");
    }
    for text in row["must_not_sign_in"].as_array().into_iter().flatten() {
        assert!(!verdict(text.as_str().unwrap()), "{row}");
    }
}

fn verdict(text: &str, stored: &str) -> Verdict {
    let hasher = Hasher::start(CHEAP, 1, 4, Random::seeded(7)).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let compared = hasher.verify(Secret::new(text.into()), Some(stored.into()), deadline);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(compared).unwrap()
}

fn every_line_goes_over_the_wire(lines: &[Line]) {
    let options = Options { now: now(), ..Options::default() };
    for line in lines {
        match line {
            Line::User(record) => {
                let text = wire_line(record, None);
                let scheme = record.password.as_ref().map(|password| Password::Scheme(password.scheme()));
                let planned = Record { password: scheme, ..(**record).clone() };
                assert_eq!(read_line(text.as_bytes(), 1, 1, &options), Ok(Line::User(Box::new(planned))), "{text}");
            }
            Line::Refused(refusal) => {
                let bare = Refusal { key: String::new(), email: String::new(), ..refusal.clone() };
                assert_eq!(read_line(refused_line(refusal).as_bytes(), 1, 1, &options), Ok(Line::Refused(bare)));
            }
            _ => {}
        }
    }
}

macro_rules! samples {
    ($($test:ident $folder:literal)+) => {
        $(#[test]
        fn $test() {
            sample($folder);
        })+

        #[test]
        fn every_folder_of_samples_has_its_test() {
            let tested = BTreeSet::from([$($folder,)+ "stopped"].map(String::from));
            let there = std::fs::read_dir(folder("")).unwrap().map(|entry| entry.unwrap());
            let there = there.filter(|entry| entry.path().is_dir());
            assert_eq!(tested, there.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect());
        }
    };
}

samples! {
    csv "csv"
    csv_in_latin1 "csv-latin1"
    csv_in_utf16 "csv-utf16"
    ldif "ldif"
    keycloak "keycloak"
    auth0 "auth0"
    kratos "kratos"
    zitadel "zitadel"
    authentik "authentik"
    okta "okta"
    shadow "shadow"
    tenantry "tenantry"
}

#[test]
fn our_own_sample_brings_its_namespace_and_group() {
    let lines = sample("tenantry");
    let title = |line: &Line| match line {
        Line::Thing(thing) => thing.title(),
        other => panic!("{other:?}"),
    };
    assert_eq!([title(&lines[0]), title(&lines[1])], ["namespace shop", "group ops"]);
    let refused = |line: &&Line| matches!(line, Line::Refused(_));
    assert_eq!(lines.iter().filter(refused).count(), 2, "what the file alone decides");
}

#[test]
fn files_that_are_stopped_say_why() {
    for file in expected("stopped")["files"].as_array().unwrap() {
        let text = |name: &str| file[name].as_str().unwrap();
        let source = Source::named(text("format")).unwrap();
        let files = files("stopped", &[text("file").to_string()]);
        let told = Reader::open(source, files, Options { now: now(), ..Options::default() })
            .and_then(|reader| reader.collect::<Result<Vec<_>, _>>());
        let told = told.map(|lines| panic!("{file}: {lines:?}")).unwrap_err();
        assert_eq!(told.code.text(), text("code"), "{file}: {told:?}");
        assert!(told.sentence().starts_with(text("file")), "{}", told.sentence());
    }
}

#[test]
fn latin1_is_refused_until_it_is_named() {
    let expected = expected("csv-latin1");
    let lines = lines("csv-latin1", &expected, Options { now: now(), ..Options::default() });
    let codes: Vec<_> = lines
        .iter()
        .map(|line| match line {
            Line::Refused(refusal) => refusal.sentence(),
            other => format!("{other:?}"),
        })
        .collect();
    assert!(codes[0].contains("--encoding latin1") && codes[1].contains("--encoding latin1"), "{codes:?}");
    assert!(codes[2].starts_with("User("), "{codes:?}");
}

#[test]
fn a_hash_that_is_not_taken_leads_to_an_invitation_where_the_caller_says_so() {
    let expected = expected("shadow");
    let bad = Options { bad_hashes: BadHashes::Invite, ..options(&expected) };
    let codes = |lines: &[Line], row: usize| match &lines[row - 1] {
        Line::User(record) => record.codes(),
        other => panic!("{other:?}"),
    };
    let lines_of_bad = lines("shadow", &expected, bad);
    assert_eq!(codes(&lines_of_bad, 4), [Code::NoPassword, Code::NameSplit, Code::HashDropped]);
    let fast = Options { fast_hashes: FastHashes::Invite, bad_hashes: BadHashes::Invite, ..options(&expected) };
    assert_eq!(codes(&lines("shadow", &expected, fast), 3), [Code::NoPassword, Code::NameSplit, Code::HashDropped]);
    let none = Options { hashes: Hashes::Drop, ..options(&expected) };
    assert_eq!(codes(&lines("shadow", &expected, none), 1), [Code::NoPassword, Code::NameSplit, Code::HashDropped]);
}
