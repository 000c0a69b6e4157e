//! Any bytes into any reader: no panic, and what stood in the field of a password is shown nowhere.

use std::io::Cursor;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::clock::Timestamp;

/// Stands in fields of passwords, and nothing else.
const SECRET: &str = "hunter2-x9q-Zebra!";

fn options(encoding: Encoding) -> Options {
    let now = Timestamp::parse("2026-11-30T08:00:00Z").unwrap();
    Options { now, encoding, domain: Some("example.com".into()), ..Options::default() }
}

/// All that is ever said of an import.
fn said(source: Source, files: &[(&str, Vec<u8>)], encoding: Encoding) -> String {
    let files = files.iter().map(|(name, bytes)| File::new(*name, Cursor::new(bytes.clone()))).collect();
    let mut reader = match Reader::open(source, files, options(encoding)) {
        Ok(reader) => reader,
        Err(told) => return format!("{told:?} {}", told.sentence()),
    };
    let mut said = String::new();
    for line in reader.by_ref() {
        match line {
            Ok(Line::User(record)) => {
                said += &format!("{record:?} {}", wire_line(&record, None));
                record.told.iter().for_each(|told| said += &told.sentence(record.row, record.line));
            }
            Ok(Line::Refused(refusal)) => said += &format!("{refusal:?} {}", refusal.sentence()),
            Ok(other) => said += &format!("{other:?}"),
            Err(told) => said += &format!("{told:?} {}", told.sentence()),
        }
    }
    said + &format!("{:?}", reader.notices())
}

fn sample(folder: &str, file: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples/transfer").join(folder).join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names and bytes of files that are read together.
type Sample = Vec<(&'static str, Vec<u8>)>;

/// Each source with files that it takes.
fn samples() -> Vec<(Source, Sample)> {
    let all: [(Source, &str, &[&'static str]); 11] = [
        (Source::Csv, "csv", &["users.csv"]),
        (Source::Csv, "csv-utf16", &["people.csv"]),
        (Source::Tenantry, "tenantry", &["tenant.jsonl"]),
        (Source::Ldif, "ldif", &["people.ldif"]),
        (Source::Keycloak, "keycloak", &["sample-realm.json", "sample-users-0.json"]),
        (Source::Auth0, "auth0", &["users.ndjson", "hashes.ndjson"]),
        (Source::Kratos, "kratos", &["identities.json"]),
        (Source::Zitadel, "zitadel", &["export.json"]),
        (Source::Authentik, "authentik", &["users.json", "passwords.csv"]),
        (Source::Okta, "okta", &["users.json"]),
        (Source::Shadow, "shadow", &["passwd", "shadow"]),
    ];
    let read = |folder: &str, files: &[&'static str]| files.iter().map(|file| (*file, sample(folder, file))).collect();
    all.into_iter().map(|(source, folder, files)| (source, read(folder, files))).collect()
}

type Files = Vec<(&'static str, String)>;

/// Files of each source in which the secret stands wherever a password may stand.
fn leaky() -> Vec<(Source, Files)> {
    let tables = leaky_tables().into_iter().chain(leaky_lines()).chain(leaky_json());
    let mut all: Vec<(Source, Files)> = tables.map(|(source, text)| (source, vec![("x", text)])).collect();
    let page = r#"{"results":[{"uuid":"1","email":"a@example.com"}]}"#;
    all.push((Source::Authentik, vec![("p.csv", format!("uuid,password\n1,{SECRET}\n")), ("u.json", page.into())]));
    all
}

fn leaky_tables() -> Vec<(Source, String)> {
    let s = SECRET;
    let entry = "dn: uid=a,dc=x\nobjectClass: person\nmail: a@example.com\n";
    vec![
        (Source::Csv, format!("email,password\na@example.com,{s}\n")),
        (Source::Csv, format!("email,password_hash\na@example.com,$2b${s}\nb@example.com,\"{s}\n{s}\"\n")),
        (Source::Csv, format!("email,password,password_hash\na@example.com,{s},{s}\nb@example.com,{s}\n")),
        (Source::Ldif, format!("{entry}userPassword: {s}\n")),
        (Source::Ldif, format!("{entry}userPassword: {{SSHA}}{s}\nunicodePwd: {s}\n")),
        (Source::Shadow, format!("ann:{s}:1000:1::/home/ann:/bin/sh\n")),
    ]
}

fn leaky_lines() -> impl Iterator<Item = (Source, String)> {
    let s = SECRET;
    let passwords = [
        format!("\"{s}\""),
        format!("{{\"hash\":\"{s}\"}}"),
        format!("{{\"scheme\":\"{s}\"}}"),
        format!("{{\"hash\":\"{s}\",\"sealed\":\"{s}\"}}"),
        format!("[\"{s}\"]"),
        format!("\"{s}"),
    ];
    let line = |password| format!("{{\"kind\":\"user\",\"email\":\"a@example.com\",\"password\":{password}}}\n");
    passwords.into_iter().map(move |password| (Source::Tenantry, line(password)))
}

/// `WHAT` stands for a value in which the secret stands.
fn leaky_json() -> Vec<(Source, String)> {
    const KEYCLOAK: &str = r#"[{"id":"1","email":"a@example.com","credentials":[WHAT]}]"#;
    const AUTH0: &str = r#"{"user_id":"auth0|1","email":"a@example.com","custom_password_hash":WHAT}"#;
    const AUTH0_PLAIN: &str = r#"{"user_id":"auth0|1","email":"a@example.com","password":WHAT}"#;
    const KRATOS: &str = r#"[{"traits":{"email":"a@example.com"},"credentials":{"password":{"config":WHAT}}}]"#;
    const ZITADEL: &str = r#"{"orgs":[{"humanUsers":[{"userId":"1","user":{"email":{"email":"a@x.org"},WHAT}}]}]}"#;
    let all = [
        (Source::Keycloak, KEYCLOAK, r#"{"type":"password","hashedSaltedValue":"S","salt":"S","hashIterations":9}"#),
        (Source::Keycloak, KEYCLOAK, r#"{"type":"password","value":"S"}"#),
        (Source::Keycloak, KEYCLOAK, r#"{"type":"password","secretData":"S","credentialData":"S"}"#),
        (Source::Auth0, AUTH0, r#"{"algorithm":"md5","hash":{"value":"S"}}"#),
        (Source::Auth0, AUTH0, r#""S""#),
        (Source::Auth0, AUTH0_PLAIN, r#""S""#),
        (Source::Kratos, KRATOS, r#"{"password":"S"}"#),
        (Source::Kratos, KRATOS, r#"{"hashed_password":"$scrypt$S"}"#),
        (Source::Zitadel, ZITADEL, r#""password":"S""#),
        (Source::Zitadel, ZITADEL, r#""hashedPassword":{"value":"S"}"#),
    ];
    let text = |form: &str, what: &str| {
        // Only the placeholder is a capital letter in quotes, or behind a dollar sign.
        let what = what.replace("\"S\"", &format!("\"{SECRET}\"")).replace("$S\"", &format!("${SECRET}\""));
        form.replace("WHAT", &what)
    };
    all.into_iter().map(|(source, form, what)| (source, text(form, what))).collect()
}

#[test]
fn what_stands_where_a_password_stands_is_shown_nowhere() {
    for (source, files) in leaky() {
        let bytes: Vec<_> = files.iter().map(|(name, text)| (*name, text.clone().into_bytes())).collect();
        let said = said(source, &bytes, Encoding::Unicode);
        assert!(!said.contains(SECRET) && !said.contains("hunter2"), "{source:?} {files:?}: {said}");
        let judged = ["PasswordPlain", "code: Hash", "code: Shape"];
        assert!(judged.iter().any(|code| said.contains(code)), "{source:?} {files:?}: {said}");
    }
}

#[test]
fn no_hash_of_the_samples_is_shown() {
    for (source, files) in samples() {
        let said = said(source, &files, Encoding::Unicode);
        for (_, bytes) in &files {
            for hash in
                String::from_utf8_lossy(bytes).split(['"', ',', ':', '\n', ' ']).filter(|part| part.starts_with('$'))
            {
                assert!(!said.contains(hash.trim_end()), "{source:?} shows {hash}");
            }
        }
    }
}

fn changed(bytes: &[u8], cuts: &[(prop::sample::Index, Vec<u8>)]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    for (at, other) in cuts {
        let at = at.index(changed.len().max(1)).min(changed.len());
        let end = (at + other.len() / 2).min(changed.len());
        changed.splice(at..end, other.iter().copied());
    }
    changed
}

fn encodings() -> impl Strategy<Value = Encoding> {
    prop::sample::select(vec![Encoding::Unicode, Encoding::Latin1, Encoding::Windows1252])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        other in prop::collection::vec(any::<u8>(), 0..200),
        encoding in encodings(),
    ) {
        for source in Source::ALL {
            said(source, &[("a", bytes.clone()), ("b.csv", other.clone())], encoding);
        }
    }

    #[test]
    fn any_text_of_the_signs_of_the_formats_is_read_without_a_panic(
        text in "([\\[\\]{}\",:;$\\\\\r\n\t =#|/]|users|results|identities|orgs|dn: |mail|kind|user|head|[a-z0-9@.é]){0,120}",
    ) {
        for source in Source::ALL {
            said(source, &[("a", text.clone().into_bytes())], Encoding::Unicode);
        }
    }

    #[test]
    fn samples_with_bytes_changed_show_no_password_and_do_not_panic(
        nth in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 0..6)), 0..6),
        leaky_cuts in prop::collection::vec((any::<prop::sample::Index>(), "[a-zA-Z0-9$]".prop_map(String::into_bytes)), 0..2),
    ) {
        let all = samples();
        let (source, files) = &all[nth.index(all.len())];
        let files: Vec<_> = files.iter().map(|(name, bytes)| (*name, changed(bytes, &cuts))).collect();
        said(*source, &files, Encoding::Unicode);
        // A sign before a quotation mark makes a line of each line of its cell.
        let mut all = leaky();
        all.retain(|(_, files)| files.iter().all(|(_, text)| !text.contains(&format!("{SECRET}\n{SECRET}"))));
        let (source, files) = &all[nth.index(all.len())];
        // The beginnings of a file say which field is which. Behind them signs are added that part no fields.
        let files: Vec<_> = files.iter().map(|(name, text)| {
            let (before, behind) = text.split_at(text.find(SECRET).unwrap_or(text.len()));
            (*name, [before.as_bytes(), &changed(behind.as_bytes(), &leaky_cuts)].concat())
        }).collect();
        let said = said(*source, &files, Encoding::Unicode);
        prop_assert!(!said.contains("Zebra") || !said.contains("x9q"), "{:?}: {}", source, said);
    }
}
