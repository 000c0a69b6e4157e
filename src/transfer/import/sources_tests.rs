//! What the samples do not show: a case for each way in which the files of a product are odd.

use std::io::Cursor;

use serde_json::{Value, json};

use super::*;
use crate::clock::Timestamp;

fn options() -> Options {
    let now = Timestamp::parse("2026-11-30T08:00:00Z").unwrap();
    Options { now, domain: Some("example.com".into()), groups: Groups::Create, ..Options::default() }
}

fn with(source: Source, files: &[(&str, &str)], options: Options) -> Result<(Vec<Line>, Notices), FileTold> {
    let files = files.iter().map(|(name, text)| File::new(*name, Cursor::new(text.to_string()))).collect();
    let mut reader = Reader::open(source, files, options)?;
    let lines = reader.by_ref().collect::<Result<_, _>>()?;
    Ok((lines, reader.notices().clone()))
}

fn read(source: Source, text: &str) -> Vec<Line> {
    let read = with(source, &[("file", text)], options());
    read.unwrap_or_else(|told| panic!("{}", told.sentence())).0
}

fn stopped(source: Source, text: &str) -> Code {
    with(source, &[("file", text)], options()).map(|lines| panic!("{text}: {lines:?}")).unwrap_err().code
}

fn codes(line: &Line) -> Vec<&'static str> {
    match line {
        Line::User(record) => record.codes().into_iter().map(Code::text).collect(),
        Line::Refused(refusal) => vec![refusal.reason.code.text()],
        other => panic!("{other:?}"),
    }
}

fn record(line: &Line) -> &Record {
    match line {
        Line::User(record) => record,
        other => panic!("{other:?}"),
    }
}

fn keycloak(more: Value) -> Vec<Line> {
    let mut user = json!({ "id": "1", "username": "a@example.com", "email": "a@example.com" });
    user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    read(Source::Keycloak, &json!({ "users": [user], "realm": "a:b" }).to_string())
}

fn pbkdf2(priority: Option<u64>, rounds: u64) -> Value {
    json!({
        "type": "password", "priority": priority, "createdDate": 1_714_872_156_130_u64,
        "secretData": json!({ "value": "A".repeat(88), "salt": "MDEyMzQ1Njc4OWFiY2RlZg==" }).to_string(),
        "credentialData": json!({ "hashIterations": rounds, "algorithm": "pbkdf2-sha512" }).to_string(),
    })
}

fn scheme(line: &Line) -> Option<String> {
    record(line).password.as_ref().map(Password::scheme)
}

#[test]
fn the_realm_stands_in_the_key_wherever_it_stands_in_the_file() {
    assert_eq!(record(&keycloak(json!({}))[0]).key().to_string(), "keycloak:a%3Ab:1");
    let bare = read(Source::Keycloak, r#"[{"id":"1","email":"a@example.com"}]"#);
    assert_eq!(record(&bare[0]).key().to_string(), "keycloak::1");
}

#[test]
fn a_user_in_realm_and_users_file_is_one() {
    let file = r#"{"realm":"x","users":[{"id":"1","email":"a@example.com"}]}"#;
    let (lines, _) = with(Source::Keycloak, &[("x-realm.json", file), ("x-users-0.json", file)], options()).unwrap();
    assert_eq!(codes(&lines[1]), ["DUPLICATE_IN_FILE"]);
    let alone = r#"{"realm":"x","groups":[]}"#;
    let (lines, _) = with(Source::Keycloak, &[("x-realm.json", alone), ("x-users-0.json", file)], options()).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(stopped(Source::Keycloak, r#"{"people":[]}"#), Code::FileOtherFormat);
}

#[test]
fn of_several_credentials_of_keycloak_the_lowest_priority_counts() {
    let history = json!({ "type": "password-history", "secretData": "{}", "credentialData": "{}" });
    let both = json!([history, pbkdf2(Some(20), 1_000), pbkdf2(Some(10), 30_000)]);
    let lines = keycloak(json!({ "credentials": both }));
    assert_eq!(codes(&lines[0]), ["W_SEVERAL_CREDENTIALS"]);
    assert_eq!(scheme(&lines[0]).as_deref(), Some("pbkdf2-sha512"));
    assert_eq!(record(&lines[0]).password_set_at, Some(Timestamp(1_714_872_156_130_000)));
    let lines = keycloak(json!({ "credentials": [pbkdf2(None, 1_000)] }));
    assert_eq!(codes(&lines[0]), ["W_WRAPPED"]);
    assert_eq!(scheme(&lines[0]).as_deref(), Some("argon2id-pbkdf2-sha512"));
}

#[test]
fn what_an_export_of_keycloak_masks_is_no_hash() {
    for credential in [
        json!({ "type": "password", "secretData": "**********", "credentialData": "{}" }),
        json!({ "type": "password", "secretData": r#"{"value":"**********"}"#, "credentialData": "{}" }),
        json!({ "type": "password", "hashedSaltedValue": "**********" }),
    ] {
        assert_eq!(codes(&keycloak(json!({ "credentials": [credential] }))[0]), ["W_NO_PASSWORD", "W_HASH_DROPPED"]);
    }
}

#[test]
fn text_within_the_text_of_a_credential_that_is_no_json_is_told_without_it() {
    let credential = json!({ "type": "password", "secretData": "hunter2", "credentialData": "{}" });
    let lines = keycloak(json!({ "credentials": [credential] }));
    let Line::Refused(refusal) = &lines[0] else { panic!("{lines:?}") };
    assert_eq!((refusal.reason.code, refusal.reason.field.as_str()), (Code::Shape, "credentials.secretData"));
    assert!(!refusal.sentence().contains("hunter2"), "{}", refusal.sentence());
}

#[test]
fn roles_of_keycloak_need_one_here_and_those_of_everyone_mean_nothing() {
    let user = json!({
        "realmRoles": ["auditor", "offline_access", "default-roles-x"],
        "clientRoles": { "account": ["view-profile"], "shop": ["admin"] },
        "attributes": { "locale": ["de"], "phone": ["1"], "empty": [] }, "totp": true,
    });
    let lines = keycloak(user);
    let dropped = |code| {
        let told = record(&lines[0]).told.iter().filter(move |told| told.code == code);
        told.map(|told| told.field.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(dropped(Code::RoleDropped), ["auditor", "shop/admin"]);
    assert_eq!(dropped(Code::FieldsDropped), ["attributes.phone"]);
    assert_eq!(record(&lines[0]).language.map(|language| language.tag()), Some("de"));
}

#[test]
fn a_known_provider_makes_a_user_of_single_sign_on() {
    let providers = [("corp".to_string(), "okta-main".to_string())].into();
    let hash = pbkdf2(None, 30_000);
    let user = json!([{ "id": "1", "email": "a@example.com", "credentials": [hash],
        "federatedIdentities": [{ "identityProvider": "corp", "userId": "77" }] }]);
    let options = Options { providers, ..options() };
    let (lines, _) = with(Source::Keycloak, &[("x", &user.to_string())], options).unwrap();
    assert_eq!(codes(&lines[0]), ["W_SSO", "W_HASH_DROPPED"]);
    let known = Subject { provider: "okta-main".into(), subject: "77".into() };
    assert_eq!((record(&lines[0]).subject.as_ref(), record(&lines[0]).is_sso), (Some(&known), true));
}

#[test]
fn an_address_of_auth0_may_stand_among_identifiers_alone() {
    let user = json!({ "user_id": "auth0|1", "identifiers": [{ "type": "phone_number", "value": "+1555" },
        { "type": "email", "value": "a@example.com" }, { "type": "email", "value": "b@example.com" }] });
    for text in [user.to_string(), json!([user]).to_string()] {
        let lines = read(Source::Auth0, &text);
        assert_eq!(record(&lines[0]).email.as_str(), "a@example.com");
    }
}

#[test]
fn further_identities_of_auth0_are_told_beside_the_password() {
    let users = json!({ "user_id": "auth0|1", "email": "a@example.com", "identities": [
        { "provider": "auth0", "user_id": "1" }, { "provider": "google-oauth2", "user_id": "2" }] })
    .to_string();
    let hashes =
        r#"{"_id":{"$oid":"1"},"passwordHash":"$2b$10$kLSo6Q6D6bkWnd0kPQWMBeKQ.yOzQ4X8xW1Pq0DnK1a9yqVgT3yqS"}"#;
    let (lines, _) = with(Source::Auth0, &[("hashes", hashes), ("users", &users)], options()).unwrap();
    assert_eq!(codes(&lines[0]), ["W_SSO"]);
    assert_eq!(scheme(&lines[0]).as_deref(), Some("bcrypt"));
}

#[test]
fn hashes_that_auth0_took_over_are_read_from_their_parts() {
    let custom = |hash: Value| {
        let user = json!({ "user_id": "auth0|1", "email": "a@example.com", "custom_password_hash": hash });
        read(Source::Auth0, &user.to_string())
    };
    let digest = json!({ "value": "5c07a94a2f5de6a8e7a2b4a9d3b1f0b6", "encoding": "hex" });
    let salt = |position: &str| json!({ "value": "saltsalt", "encoding": "utf8", "position": position });
    for (hash, expected) in [
        (json!({ "algorithm": "md5", "hash": digest, "salt": salt("prefix") }), "W_WRAPPED"),
        (json!({ "algorithm": "md5", "hash": digest, "salt": salt("suffix") }), "W_WRAPPED"),
        (json!({ "algorithm": "md5", "hash": digest }), "HASH_UNSAFE"),
        (json!({ "algorithm": "sha256", "hash": digest, "salt": salt("prefix") }), "HASH_MALFORMED"),
        (
            json!({ "algorithm": "hmac", "hash": { "value": "00", "encoding": "hex", "digest": "md5" } }),
            "HASH_KEY_MISSING",
        ),
        (
            json!({ "algorithm": "hmac", "hash": { "value": "5c07a94a2f5de6a8e7a2b4a9d3b1f0b6", "encoding": "hex",
            "digest": "md5", "key": { "value": "aw==", "encoding": "base64" } } }),
            "W_WRAPPED",
        ),
        (
            json!({ "algorithm": "scrypt", "hash": { "value": "ab".repeat(64), "encoding": "hex" }, "salt": salt("prefix"),
            "cost": 1 << 30, "blockSize": 8, "parallelization": 1 }),
            "HASH_TOO_COSTLY",
        ),
        (
            json!({ "algorithm": "ldap", "hash": { "value": "{SSHA}o55TO3eLbbrgp5cAGPVAa8UTLHMwMTIzNDU2Nzg5YWJjZGVm" } }),
            "W_WRAPPED",
        ),
        (
            json!({ "algorithm": "md5", "hash": digest, "salt": salt("prefix"), "password": { "encoding": "utf16le" } }),
            "HASH_UNKNOWN",
        ),
        (json!({ "algorithm": "lsh", "hash": digest }), "HASH_UNKNOWN"),
        (json!({ "algorithm": "md5" }), "SHAPE"),
    ] {
        assert_eq!(codes(&custom(hash.clone())[0]), [expected], "{hash}");
    }
    let slow = json!({ "algorithm": "scrypt", "hash": { "value": "ab".repeat(64), "encoding": "hex" },
        "salt": salt("prefix"), "cost": 1 << 15 });
    assert_eq!(scheme(&custom(slow)[0]).as_deref(), Some("scrypt"));
}

#[test]
fn what_kratos_imports_is_read_as_what_it_lists() {
    let hmac = "$hmac-sha256$ZTg4YzdiNjUyMWQ0ZTc1Y2RkMDU4ZjAyYTc0YTk4ZjYzZDUzYzNlMWE4MDU3OWZjOTM0ZDM0MGQ4NWMyNjYwZg==";
    let plain = json!({ "password": { "config": { "password": "hunter2" } } });
    let keyless = json!({ "password": { "config": { "hashed_password": hmac } } });
    let factor = json!({ "totp": { "config": {} }, "saml": { "config": { "providers": [
        { "provider": "corp", "subject": "7" }] } } });
    for (credentials, expected) in [
        (plain, vec!["PASSWORD_PLAIN"]),
        (keyless, vec!["HASH_KEY_MISSING"]),
        (factor, vec!["W_SSO", "W_SECOND_FACTOR_DROPPED"]),
    ] {
        let create = json!({ "traits": { "email": "a@example.com", "name": "Ann" }, "credentials": credentials });
        let lines = read(Source::Kratos, &json!({ "identities": [{ "create": create }] }).to_string());
        assert_eq!(codes(&lines[0]), expected);
    }
}

#[test]
fn files_of_other_products_are_not_mistaken() {
    for (source, text) in [
        (Source::Okta, r#"[{"traits":{"email":"a@example.com"}}]"#),
        (Source::Kratos, r#"[{"profile":{}}]"#),
        (Source::Zitadel, r#"{"users":[]}"#),
        (Source::Authentik, r#"[{"id":1}]"#),
        (Source::Auth0, "email\na@example.com\n"),
        (Source::Ldif, "email,name\na@example.com,A\n"),
        (Source::Ldif, "{\"users\":[]}"),
        (Source::Shadow, "email,name\n"),
        (Source::Tenantry, "email,name\n"),
        (Source::Tenantry, "{\"users\":[]}\n"),
        (Source::Keycloak, "dn: uid=a\n"),
    ] {
        assert_eq!(stopped(source, text), Code::FileOtherFormat, "{text}");
    }
    for source in Source::ALL {
        assert_eq!(stopped(source, "\n"), Code::FileEmpty, "{source:?}");
        assert_eq!(Source::named(source.word()), Some(source));
    }
}

#[test]
fn the_older_form_of_a_zitadel_export_is_read() {
    let human = json!({ "userId": "1", "user": { "userName": "ann", "email": { "email": "a@example.com" },
        "profile": { "displayName": "Ann Roe", "nickName": "A" } } });
    let export = json!({ "dataOrgs": { "orgs": [{ "orgId": "7", "humanUsers": [human], "machineUsers": [{ "userId": "2" }] }] } });
    let lines = read(Source::Zitadel, &export.to_string());
    let expected = ["W_NO_PASSWORD", "W_FIELDS_DROPPED", "W_USERNAME_DROPPED", "W_NAME_SPLIT"];
    assert_eq!((codes(&lines[0]), codes(&lines[1])), (expected.to_vec(), vec!["SERVICE_USER"]));
}

#[test]
fn a_table_of_hashes_needs_its_two_columns() {
    let page = r#"{"results":[{"uuid":"1","email":"a@example.com"}]}"#;
    let told = with(Source::Authentik, &[("p.csv", "id,hash\n"), ("u.json", page)], options()).unwrap_err();
    assert_eq!((told.code, told.file.as_str()), (Code::FileHeader, "p.csv"));
}

fn ldif(more: &str) -> Vec<Line> {
    let entry = "dn: UID=Ann, DC=x\nobjectClass: inetOrgPerson\nuid: ann\nmail: ann@example.com\n";
    read(Source::Ldif, &format!("{entry}{more}"))
}

#[test]
fn a_locked_account_of_a_directory_is_disabled_and_a_passing_lock_goes() {
    for (more, expected) in [
        ("nsAccountLock: TRUE\n", vec!["W_NO_PASSWORD", "W_DISABLED"]),
        ("pwdAccountLockedTime: 000001010000Z\n", vec!["W_NO_PASSWORD", "W_DISABLED"]),
        ("pwdAccountLockedTime: 20261129080000Z\n", vec!["W_NO_PASSWORD", "W_LOCK_DROPPED"]),
        ("userAccountControl: 514\n", vec!["W_NO_PASSWORD", "W_DISABLED"]),
        ("userAccountControl: 512\nlockoutTime: 0\n", vec!["W_NO_PASSWORD"]),
        ("userAccountControl: 530\n", vec!["W_NO_PASSWORD", "W_DISABLED", "W_LOCK_DROPPED"]),
        ("lockoutTime: 133473576960000000\n", vec!["W_NO_PASSWORD", "W_LOCK_DROPPED"]),
        ("accountExpires: 133473576960000000\n", vec!["W_NO_PASSWORD", "W_DISABLED"]),
        ("accountExpires: 9223372036854775807\n", vec!["W_NO_PASSWORD"]),
    ] {
        assert_eq!(codes(&ldif(more)[0]), expected, "{more}");
    }
}

#[test]
fn passwords_of_a_directory_are_hashes_or_nothing() {
    let hash = "$2b$11$rWgaK5M2UF95t3YKmDT7aeeb62evj/0N9dkhx0lE68UQRT77r5DEO";
    for (more, expected) in [
        (format!("userPassword: {{BCRYPT}}{hash}\npwdReset: TRUE\n"), vec!["W_MUST_CHANGE"]),
        (format!("userPassword: {{CRYPT}}{hash}\npwdLastSet: 0\n"), vec!["W_MUST_CHANGE"]),
        ("userPassword: {SASL}ann@EXAMPLE.COM\n".into(), vec!["W_NO_PASSWORD", "W_FEDERATED"]),
        ("userPassword: {CRYPT}*\n".into(), vec!["W_NO_PASSWORD"]),
        ("userPassword: {CLEARTEXT}hunter2\n".into(), vec!["PASSWORD_PLAIN"]),
        ("userPassword:: aHVudGVyMv8=\n".into(), vec!["PASSWORD_PLAIN"]),
        ("unicodePwd:: IgBhACIA\n".into(), vec!["PASSWORD_PLAIN"]),
        ("userPassword:< file:///etc/shadow\n".into(), vec!["HASH_MALFORMED"]),
        ("userPassword:: !!\n".into(), vec!["HASH_MALFORMED"]),
    ] {
        assert_eq!(codes(&ldif(&more)[0]), expected, "{more}");
    }
}

#[test]
fn entries_that_are_no_people_are_no_rows_and_changes_are_told_once() {
    let text = "dn: uid=ann,dc=x\nobjectClass: person\nmail: ann@example.com\ncn;lang-de: Anna\ncn: Ann\n\n\
                dn: cn=pc,dc=x\nobjectClass: user\nobjectClass: computer\n\n\
                dn: uid=b,dc=x\nchangetype: modify\nreplace: mail\nmail: b@example.com\n-\n\n\
                dn: uid=c,dc=x\nchangetype: delete\n";
    let (lines, notices) = with(Source::Ldif, &[("x.ldif", text)], options()).unwrap();
    assert_eq!((lines.len(), record(&lines[0]).first_name.as_str()), (1, "Ann"));
    assert_eq!(notices.files.iter().map(|told| told.code).collect::<Vec<_>>(), [Code::FileChangeRecords]);
}

#[test]
fn members_of_a_directory_are_found_by_name_user_id_and_the_other_way() {
    let text = "dn: uid=ann,ou=people,dc=x\nobjectClass: posixAccount\nuid: ann\nmail: ann@example.com\n\
                memberOf: CN=Board Members, dc=x\n\n\
                dn: cn=dev,dc=x\nobjectClass: posixGroup\ncn: dev\nmemberUid: Ann\nmemberUid: gone\n\n\
                dn: cn=ops,dc=x\nobjectClass: groupOfUniqueNames\ncn: Ops/1\nuniqueMember: UID=ann, OU=People,DC=X\n";
    let lines = read(Source::Ldif, text);
    assert_eq!(record(&lines[0]).groups, ["Ops-1", "board-members", "dev"]);
    let none = with(Source::Ldif, &[("x", text)], Options { groups: Groups::Drop, ..options() }).unwrap().0;
    assert_eq!((record(&none[0]).groups.len(), codes(&none[0])), (0, vec!["W_NO_PASSWORD", "W_GROUP_DROPPED"]));
}

#[test]
fn odd_entries_are_refused_and_the_next_is_read() {
    let lines = read(
        Source::Ldif,
        "dn: uid=a,dc=x\nobjectClass: person\nno attribute\n\n\
         dn:: /w==\nmail: b@example.com\n\n\
         dn: uid=c,dc=x\nmail: c@example.com\ngivenName:: /w==\n\n\
         dn: uid=d,dc=x\nmail: d@example.com\n",
    );
    let found: Vec<_> = lines.iter().map(|line| codes(line)[0]).collect();
    assert_eq!(found, ["SHAPE", "ENCODING", "ENCODING", "W_NO_PASSWORD"]);
}

#[test]
fn people_of_a_unix_are_told_from_its_accounts() {
    let passwd = "root:x:0:0::/root:/bin/bash\nann:x:1000:100:Ann Roe,Room 7,555:/home/ann:/bin/sh\n+::::::\n\
                  bob:x:1001:100::/home/bob:/usr/sbin/nologin\ncid:x:y:100::/home/cid:/bin/sh\nbroken:line\n\
                  dan:$1$saltsalt$dbeqVqSV8sOMgJt4cwnYk0:1002:100::/home/dan:\n";
    let shadow = "ann:$6$GkvYWsEHajdfxAie$0ucAddpDa1vfYiGEdPO5Aa0CdrNWxWRw.Ok.xCfa8xRPltra3.L0kv0Ege6VlaT7eBgHWzfETtRnxVBm9cQIW/:0:0:99999:7::19800:\n";
    let (lines, _) = with(Source::Shadow, &[("shadow", shadow), ("passwd", passwd)], options()).unwrap();
    let found: Vec<_> = lines.iter().map(codes).collect();
    let ann = vec!["W_MUST_CHANGE", "W_DISABLED", "W_FIELDS_DROPPED", "W_NAME_SPLIT"];
    assert_eq!(found, [ann, vec!["SHAPE"], vec!["SHAPE"], vec!["W_WRAPPED"]]);
    let bare = "eve:abaeHVgJjK8Pm:1003:100::/home/eve:/bin/sh\n";
    assert_eq!(codes(&read(Source::Shadow, bare)[0]), ["HASH_UNSAFE"]);
    let nowhere = with(Source::Shadow, &[("passwd", bare)], Options { domain: None, ..options() }).unwrap().0;
    assert_eq!(codes(&nowhere[0]), ["NO_ADDRESS"]);
}

#[test]
fn our_own_file_may_be_made_by_hand_and_is_whole_where_it_says_so() {
    let user = r#"{"kind":"user","email":"a@example.com"}"#;
    assert_eq!(codes(&read(Source::Tenantry, &format!("\n{user}"))[0]), ["W_NO_PASSWORD"]);
    let head = r#"{"kind":"head","tenantry":1,"tenant":"x"}"#;
    let end = |records: u64, sha: &str| format!(r#"{{"kind":"end","records":{records},"sha256":"{sha}"}}"#);
    let digest = |text: &str| -> String {
        use sha2::Digest;
        sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let begin = format!("{head}\r\n{user}\r\n");
    let whole = format!("{begin}{}", end(1, &digest(&begin)));
    assert_eq!(read(Source::Tenantry, &whole).len(), 1);
    for (text, code) in [
        (format!("{begin}{}", end(2, &digest(&begin))), Code::FileDigest),
        (format!("{begin}{}", end(1, "00")), Code::FileDigest),
        (format!("{whole}\n{user}"), Code::FileDigest),
        (format!("{user}\n{head}\n"), Code::FileDigest),
        (begin.clone(), Code::FileTruncated),
        (r#"{"kind":"head","tenantry":2,"of":"the future"}"#.into(), Code::FileVersion),
    ] {
        assert_eq!(stopped(Source::Tenantry, &text), code, "{text}");
    }
    let broken = read(Source::Tenantry, &format!("{user}\n{{\"kind\":\"user\",\n"));
    assert_eq!(codes(&broken[1]), ["SHAPE"]);
}

#[test]
fn names_of_dropped_fields_are_counted() {
    let text = "email,colour,phone\na@example.com,red,1\nb@example.com,blue,\n";
    let (_, notices) = with(Source::Csv, &[("x", text)], options()).unwrap();
    assert_eq!(notices.dropped, [("colour".to_string(), 2), ("phone".to_string(), 1)].into());
}
