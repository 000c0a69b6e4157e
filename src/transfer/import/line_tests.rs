use std::io::Cursor;

use serde_json::json;

use super::*;
use crate::transfer::import::{
    Code, File, Password, Reader, Source, What, file_line, refused_line, thing_line, wire_line,
};

const HASH: &str = "$2b$11$rWgaK5M2UF95t3YKmDT7aeeb62evj/0N9dkhx0lE68UQRT77r5DEO";

fn options() -> Options {
    Options::at(Timestamp::parse("2026-11-30T08:00:00Z").unwrap())
}

fn read(text: &str) -> Result<Line, Refusal> {
    read_line(text.as_bytes(), 7, 8, &options())
}

fn user(text: &str) -> Record {
    match read(text) {
        Ok(Line::User(record)) => *record,
        other => panic!("{text}: {other:?}"),
    }
}

fn refusal(text: &str) -> Refusal {
    read(text).map(|line| panic!("{text}: {line:?}")).unwrap_err()
}

fn full() -> String {
    json!({
        "kind": "user", "email": "Jane@example.com", "first_name": "Jane", "last_name": "Roe",
        "state": "disabled", "language": "de-AT", "created_at": "2025-02-03T04:05:06.000007Z",
        "password": { "hash": HASH, "set_at": "2026-01-01T00:00:00Z" },
        "roles": [{ "namespace": "shop", "role": "auditor" }], "groups": ["ops", "dev", "ops"],
        "keys": ["keycloak:main:5f0c", "ldif:uid=jane,ou=people:x"], "must_change": true, "verified": false,
        "sso": null, "told": [{ "code": "W_NAME_SPLIT", "field": "name" }],
    })
    .to_string()
}

#[test]
fn address_and_kind_are_enough() {
    let record = user(r#"{"kind":"user","email":"jane@example.com"}"#);
    assert_eq!((record.row, record.line, record.key().to_string().as_str()), (7, 8, "tenantry:jane@example.com"));
    assert_eq!(record.codes(), [Code::NoPassword]);
}

#[test]
fn a_sealed_hash_is_the_same_in_plan_and_run_and_shows_nothing() {
    let with = |sealed: &str| {
        format!(r#"{{"kind":"user","email":"jane@example.com","password":{{"sealed":"{sealed}"}},"must_change":true}}"#)
    };
    let record = user(&with("AAAA.BBBB_-"));
    assert_eq!((record.codes(), record.must_change), (vec![Code::MustChange], true));
    assert_eq!(user(&wire_line(&record, None)), record);
    assert!(file_line(&record, None).contains(r#""password":{"sealed":"AAAA.BBBB_-"}"#));
    assert!(!format!("{record:?}").contains("BBBB"));
    for wrong in ["", "AAAA", "AAAA.B B", "AAAA.<b>", &format!("A.{}", "B".repeat(SEALED_MAX))] {
        let refused = refusal(&with(wrong));
        assert_eq!((refused.reason.code, refused.reason.field.as_str()), (Code::Shape, "password"), "{wrong}");
    }
}

#[test]
fn a_picture_comes_with_its_user_and_makes_the_line_longer_than_any_other() {
    use base64::Engine;
    let with = |content: &[u8]| {
        let data = base64::engine::general_purpose::STANDARD.encode(content);
        format!(
            r#"{{"kind":"user","email":"jane@example.com","picture":{{"media_type":"text/html","data":"{data}"}}}}"#
        )
    };
    let mut content = b"\x89PNG\r\n\x1a\n".to_vec();
    content.resize(1024 * 1024, 7);
    let record = user(&with(&content));
    // The type is what the first bytes say.
    assert_eq!(record.picture.as_ref().map(|picture| picture.media_type), Some("image/png"));
    assert_eq!(user(&wire_line(&record, None)), record);
    content.push(7);
    assert_eq!(refusal(&with(&content)).reason.code, Code::TooLong);
    for wrong in [&b"<svg>"[..], b"", b"\0\0\x01\0\x01\0"] {
        assert_eq!(refusal(&with(wrong)).reason.code, Code::Shape, "{wrong:?}");
    }
    let no_picture = with(b"x").replace("\"data\":\"eA==\"", "\"data\":7,\"more\":1");
    assert_eq!(refusal(&no_picture).reason.code, Code::Shape);
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let record = user(&full());
    assert_eq!(record.groups, ["dev", "ops"]);
    assert_eq!(record.password.as_ref().map(Password::scheme).as_deref(), Some("bcrypt"));
    let codes = [Code::MustChange, Code::Disabled, Code::Unverified, Code::NameSplit];
    assert_eq!(record.codes(), codes);
    let Some(Password::Hash(hash)) = &record.password else { panic!("{record:?}") };
    let mut wrapper = crate::passwords::foreign::Wrapper::new(crate::passwords::Cost::default()).unwrap();
    let hash = wrapper.stored(hash, [1; 16]).unwrap();
    assert_eq!(user(&wire_line(&record, Some(&hash))), record);
    let planned = Record { password: Some(Password::Scheme("bcrypt".into())), ..record.clone() };
    assert_eq!(user(&wire_line(&record, None)), planned);
    assert_eq!(wire_line(&planned, None), wire_line(&record, None));
    let kept = Record { row: 7, line: 8, told: user(&file_line(&record, None)).told, ..planned };
    assert_eq!(user(&file_line(&record, None)), kept);
}

#[test]
fn a_key_is_read_as_it_was_written() {
    for key in [
        Key::new("keycloak", Some("a:b%3A"), "5f0c:1"),
        Key::new("ldif", None, "uid=jane,ou=a:b"),
        Key::new("csv", None, "0012"),
        Key::new("auth0", None, "auth0|x"),
    ] {
        assert_eq!(Key::read(&key.to_string()), Some(key));
    }
    for wrong in ["", "csv", ":x", "csv:", "keycloak:main", "keycloak:main:"] {
        assert_eq!(Key::read(wrong), None, "{wrong}");
    }
}

#[test]
fn what_this_format_does_not_have_is_refused_by_name() {
    for (text, code, field) in [
        (r#"{"kind":"user","email":"a@example.com","colour":null}"#, Code::Shape, "colour"),
        (r#"{"kind":"user","email":"a@example.com","uid":"x"}"#, Code::Shape, "uid"),
        (r#"{"kind":"user","email":"a@example.com","groups":"ops"}"#, Code::Shape, "groups"),
        (r#"{"kind":"user","email":"a@example.com","groups":["a b"]}"#, Code::Shape, "groups"),
        (r#"{"kind":"user","email":"a@example.com","roles":[{"namespace":"x"}]}"#, Code::Shape, "roles.role"),
        (
            r#"{"kind":"user","email":"a@example.com","roles":[{"namespace":"x","role":"y","z":1}]}"#,
            Code::Shape,
            "roles.z",
        ),
        (r#"{"kind":"user","email":"a@example.com","password":{}}"#, Code::Shape, "password"),
        (r#"{"kind":"user","email":"a@example.com","password":{"scheme":"hunter2"}}"#, Code::Shape, "password"),
        (
            r#"{"kind":"user","email":"a@example.com","password":{"scheme":"bcrypt","hash":"x"}}"#,
            Code::Shape,
            "password",
        ),
        (r#"{"kind":"user","email":"a@example.com","password":"hunter2"}"#, Code::PasswordPlain, "password"),
        (
            r#"{"kind":"user","email":"a@example.com","password":{"hash":"hunter2"}}"#,
            Code::PasswordPlain,
            "password.hash",
        ),
        (r#"{"kind":"user","email":"a@example.com","told":[{"code":"SHAPE"}]}"#, Code::Shape, "told.code"),
        (r#"{"kind":"user","email":"a@example.com","type":"SERVICE"}"#, Code::ServiceUser, ""),
        (r#"{"kind":"user","email":" a@example.com"}"#, Code::AddressInvalid, "email"),
        (r#"{"kind":"user","email":"a\u0000@example.com"}"#, Code::Nul, "email"),
        (r#"{"kind":"user","email":"a@example.com","first_name":"a\u0000"}"#, Code::Nul, "first_name"),
        (r#"{"kind":"user","email":"a@example.com","last_name":"a\nb"}"#, Code::NameInvalid, "last_name"),
        (r#"{"kind":"user"}"#, Code::NoAddress, ""),
        (r#"{"kind":"planet"}"#, Code::Shape, "kind"),
        ("[]", Code::Shape, ""),
        ("{", Code::Shape, ""),
    ] {
        let refusal = refusal(text);
        assert_eq!((refusal.reason.code, refusal.reason.field.as_str()), (code, field), "{text}");
        assert!(!refusal.sentence().contains("hunter2"), "{}", refusal.sentence());
    }
    assert_eq!(refusal(r#"{"kind":"user","email":"a@example.com","colour":1}"#).email, "a@example.com");
    assert_eq!(read_line(b"{\"kind\":\"\xff\"}", 1, 1, &options()).unwrap_err().reason.code, Code::Encoding);
    let long = format!(r#"{{"kind":"user","email":"a@example.com","first_name":"{}"}}"#, "x".repeat(RECORD_BYTES_MAX));
    assert_eq!(refusal(&long).reason.code, Code::TooLong);
}

#[test]
fn our_own_lines_bring_namespaces_roles_and_groups() {
    let thing = |text: &str| match read(text) {
        Ok(Line::Thing(thing)) => (thing.title(), thing.what),
        other => panic!("{other:?}"),
    };
    let group =
        r#"{"kind":"group","name":"ops","display_name":"Operations","roles":[{"namespace":"shop","role":"a"}]}"#;
    let roles = vec![RoleAt { namespace: "shop".into(), role: "a".into() }];
    let what = What::Group { display_name: "Operations".into(), sync_id: String::new(), roles };
    assert_eq!(thing(group), ("group ops".into(), what));
    assert_eq!(thing(r#"{"kind":"namespace","name":"shop","labels":{}}"#), ("namespace shop".into(), What::Namespace));
    assert_eq!(
        thing(r#"{"kind":"role","name":"a","api_groups":["b"]}"#),
        ("role a".into(), What::Role(vec!["b".into()]))
    );
    assert_eq!(thing(r#"{"kind":"settings","settings":{}}"#).0, "settings");
    assert!(matches!(read(r#"{"kind":"credential","name":"ci","type":"API_TOKEN"}"#), Ok(Line::Credential)));
    assert!(matches!(read(r#"{"kind":"end","records":1,"sha256":"x"}"#), Ok(Line::End(_))));
    assert!(matches!(read(r#"{"kind":"head","tenantry":1,"tenant":"x","at":"y","hashes":"none"}"#), Ok(Line::Head(_))));
    assert_eq!(refusal(r#"{"kind":"group","name":""}"#).reason.field, "name");
    assert_eq!(refusal(r#"{"kind":"group","name":"a","labels":{}}"#).reason.field, "labels");
    assert_eq!(refusal(r#"{"kind":"namespace","name":"a","labels":{"a":1}}"#).reason.field, "labels");
    assert_eq!(refusal(r#"{"kind":"namespace","name":"a","description":"a\u0000"}"#).reason.code, Code::Nul);
    assert_eq!(refusal(r#"{"kind":"role","name":"a","uid":"7"}"#).reason.field, "uid");
}

#[test]
fn what_is_written_of_a_thing_is_read_again() {
    let about = r#""uid":"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208","created_at":"2024-03-04T09:15:27.000001Z""#;
    for text in [
        r#"{"kind":"settings","settings":{"display_name":"Acme","password_policy":{"minimum_length":15}}}"#.to_owned(),
        format!(r#"{{"kind":"namespace","name":"shop",{about},"description":"a b","labels":{{"a":"b"}}}}"#),
        format!(r#"{{"kind":"role","name":"a",{about},"disable":true,"annotations":{{"x":""}},"api_groups":["b"]}}"#),
        format!(r#"{{"kind":"group","name":"a",{about},"display_name":"","sync_id":"7","roles":[]}}"#),
    ] {
        let Ok(Line::Thing(thing)) = read(&text) else { panic!("{text}") };
        assert_eq!(thing_line(&thing, false), text);
        let again = read(&thing_line(&Thing { row: 7, line: 9, ..*thing.clone() }, true));
        assert_eq!(again, Ok(Line::Thing(Box::new(Thing { row: 7, line: 9, ..*thing }))), "{text}");
    }
}

#[test]
fn a_refused_row_keeps_its_place_on_the_wire() {
    let reason = Reason::field(Code::HashTooCostly, "password_hash").because("31 as bcrypt's cost");
    let refusal = Refusal { row: 3, line: 4, key: String::new(), email: String::new(), reason };
    assert_eq!(read(&refused_line(&refusal)), Ok(Line::Refused(refusal)));
}

#[test]
fn times_that_cannot_be_are_left_out_and_told() {
    for at in ["1969-12-31T00:00:00Z", "2027-01-01T00:00:00Z", "yesterday"] {
        let record = user(&format!(r#"{{"kind":"user","email":"a@example.com","created_at":"{at}"}}"#));
        assert_eq!((record.created_at, record.codes()), (None, vec![Code::NoPassword, Code::TimeOdd]), "{at}");
    }
}

#[test]
fn of_a_whole_tenant_everything_is_a_row_and_comes_once() {
    let text = r#"{"kind":"settings","settings":{}}
{"kind":"namespace","name":"shop"}
{"kind":"namespace","name":"shop"}
{"kind":"group","name":"shop","labels":{}}
{"kind":"credential","name":"ci"}
{"kind":"user","email":"a@example.com"}"#;
    let lines = |is_tenant| {
        let files = vec![File::new("x", Cursor::new(text.to_owned()))];
        let reader = Reader::open(Source::Tenantry, files, Options { is_tenant, ..options() });
        reader.and_then(|reader| reader.collect::<Result<Vec<_>, _>>()).unwrap()
    };
    let all: Vec<Line> = lines(true);
    let told: Vec<_> = all
        .iter()
        .map(|line| match line {
            Line::Thing(thing) => (thing.row, thing.line, thing.title()),
            Line::Refused(refusal) => (refusal.row, refusal.line, refusal.reason.code.text().into()),
            Line::User(record) => (record.row, record.line, record.email.as_str().into()),
            other => panic!("{other:?}"),
        })
        .collect();
    let wanted = [
        (1, 1, "settings"),
        (2, 2, "namespace shop"),
        (3, 3, "DUPLICATE_IN_FILE"),
        (4, 4, "SHAPE"),
        (5, 6, "a@example.com"),
    ];
    assert_eq!(told, wanted.map(|(row, line, what)| (row, line, what.to_string())));
    let of_users = lines(false);
    assert!(matches!(&of_users[1], Line::Thing(thing) if thing.row == 0), "of users alone nothing else is a row");
}
