use std::io::Cursor;

use super::*;
use crate::clock::Timestamp;
use crate::transfer::import::csv_table::{COLUMNS_MAX, csv_cell};
use crate::transfer::import::record::{RECORD_BYTES_MAX, Record, Refusal};
use crate::transfer::import::{Line, Reader, Source};

fn read(text: impl AsRef<[u8]>) -> Result<Vec<Line>, FileTold> {
    let now = Timestamp::parse("2026-11-30T08:00:00Z").unwrap();
    let file = File::new("people.csv", Cursor::new(text.as_ref().to_vec()));
    Reader::open(Source::Csv, vec![file], Options { now, ..Options::default() })?.collect()
}

fn rows(text: impl AsRef<[u8]>) -> Vec<Line> {
    read(text).unwrap_or_else(|told| panic!("{}", told.sentence()))
}

fn record(line: &Line) -> &Record {
    match line {
        Line::User(record) => record,
        other => panic!("{other:?}"),
    }
}

fn refusal(line: &Line) -> &Refusal {
    match line {
        Line::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

fn stopped(text: &str) -> FileTold {
    read(text).map(|lines| panic!("{text}: {lines:?}")).unwrap_err()
}

#[test]
fn the_header_tells_columns_in_any_order_case_and_sign() {
    for text in [
        "email,First Name,LAST-NAME\na@example.com,Ann,Roe\n",
        "\u{feff}\"First_Name\";\"last_name\";\" Email \"\r\nAnn;Roe;a@example.com\r\n",
        "last name\tfirst name\temail\rRoe\tAnn\ta@example.com",
    ] {
        let rows = rows(text);
        let ann = record(&rows[0]);
        assert_eq!((ann.first_name.as_str(), ann.last_name.as_str(), ann.line), ("Ann", "Roe", 2), "{text}");
        assert_eq!(ann.email.as_str(), "a@example.com");
    }
}

#[test]
fn a_header_that_cannot_be_understood_stops_the_file() {
    assert_eq!(stopped("email,name,EMAIL\na@example.com,A,b@example.com\n").code, Code::FileHeader);
    let told = stopped("mail,name\na@example.com,A\n");
    assert_eq!(
        told.sentence(),
        "people.csv: the first line does not name the columns as they must be named: no column is called email; rename mail."
    );
    assert!(stopped("e-mail address\nx\n").sentence().ends_with("rename e_mail_address."));
    assert!(stopped("name,phone\nx,1\n").sentence().contains("there are name, phone"));
    assert_eq!(stopped("\n\n").code, Code::FileEmpty);
    assert_eq!(stopped("email\n").code, Code::FileEmpty);
    assert_eq!(stopped("\"email\n a@example.com").code, Code::FileHeader);
}

#[test]
fn lines_are_counted_through_quotes_and_such_a_name_is_refused() {
    let text = "email,last_name\r\n\r\n\"a@example.com\",\"x\r\ny\"\r\nb@example.com,z\r\n";
    let rows = rows(text);
    let refused = refusal(&rows[0]);
    assert_eq!((refused.line, refused.reason.code, refused.reason.field.as_str()), (3, Code::NameInvalid, "last_name"));
    assert_eq!(record(&rows[1]).line, 5);
    let open = self::rows("email,last_name\na@example.com,\"x\nb@example.com,y\n");
    assert_eq!((open.len(), refusal(&open[0]).reason.code), (1, Code::Shape), "a quote that is not closed");
}

#[test]
fn keys_are_texts_and_blanks_around_addresses_are_dropped() {
    let rows =
        rows("external_id,email\n0012, a@example.com \n12,b@example.com\n1.2E+05,c@example.com\n,D@Example.com\n");
    let keys: Vec<_> = rows.iter().map(|row| record(row).key().to_string()).collect();
    assert_eq!(keys, ["csv:0012", "csv:12", "csv:1.2E+05", "csv:d@example.com"]);
    assert_eq!(record(&rows[0]).email.as_str(), "a@example.com");
}

#[test]
fn formulas_are_text_that_comes_in_and_are_quoted_going_out() {
    let rows = rows("email,first_name\na@example.com,\"=HYPERLINK(\"\"x\"\")\"\nb@example.com,@x\n");
    assert_eq!(record(&rows[0]).first_name, "=HYPERLINK(\"x\")");
    assert_eq!(csv_cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
    for text in ["+1", "-1", "@x", "\tx", "\rx"] {
        assert_eq!(csv_cell(text), format!("\"'{text}\""));
    }
    assert_eq!((csv_cell("plain").as_str(), csv_cell("a,b").as_str()), ("plain", "\"a,b\""));
}

#[test]
fn what_a_cell_may_not_hold_is_refused_by_its_field() {
    let columns = "email,first_name,state,verified,must_change,idm_type,roles,password,password_hash";
    for (row, code, field) in [
        ("a@example.com,x\0y,,,,,,,", Code::Nul, "first_name"),
        ("a\0@example.com,,,,,,,,", Code::Nul, "email"),
        ("a@example.com,\u{202e}x,,,,,,,", Code::NameInvalid, "first_name"),
        ("a@example.com,,asleep,,,,,,", Code::Shape, "state"),
        ("a@example.com,,Removed,,,,,,", Code::StateRemoved, "state"),
        ("a@example.com,,,maybe,,,,,", Code::Shape, "verified"),
        ("a@example.com,,,,maybe,,,,", Code::Shape, "must_change"),
        ("a@example.com,,,,,LDAP,,,", Code::Shape, "idm_type"),
        ("a@example.com,,,,,,x:,,", Code::Shape, "roles"),
        ("a@example.com,,,,,,,Summer2024!,", Code::PasswordPlain, "password"),
        ("a@example.com,,,,,,,,Summer2024!", Code::PasswordPlain, "password_hash"),
        ("a@example.com,,,,,,,x,y", Code::Shape, "password"),
        (",,,,,,,,", Code::NoAddress, ""),
        ("ann,,,,,,,,", Code::AddressInvalid, "email"),
        ("a@example.com", Code::Shape, "the row"),
    ] {
        let rows = rows(format!("{columns}\n{row}\n"));
        let refused = refusal(&rows[0]);
        assert_eq!((refused.reason.code, refused.reason.field.as_str()), (code, field), "{row:?}");
        assert!(!refused.sentence().contains("Summer"), "{}", refused.sentence());
    }
}

#[test]
fn cells_are_understood_as_people_write_them() {
    let text = "email;name;state;verified;must_change;idm_type;roles;groups;password;language;created_at\n\
                A@example.com;Ann Roe;INACTIVE;No;;SSO;shop:auditor|admin;\"ops, dev\";;de-AT;2024-02-03\n\
                b@example.com;Ann;;yes;1;;;;$2b$11$rWgaK5M2UF95t3YKmDT7aeeb62evj/0N9dkhx0lE68UQRT77r5DEO;xx;1e9\n";
    let rows = rows(text);
    let ann = record(&rows[0]);
    assert_eq!((ann.first_name.as_str(), ann.last_name.as_str()), ("Ann", "Roe"));
    assert!(ann.state == State::Disabled && ann.is_sso && ann.verified == Some(false));
    assert_eq!(ann.roles, [RoleAt { namespace: "shop".into(), role: "auditor".into() }]);
    assert_eq!(ann.groups, ["dev", "ops"]);
    assert_eq!(ann.created_at, Some(Timestamp(1_706_918_400_000_000)));
    let codes = [Code::Disabled, Code::Unverified, Code::Sso, Code::RoleDropped, Code::NameSplit];
    assert_eq!(ann.codes(), codes);
    let other = record(&rows[1]);
    assert_eq!((other.first_name.as_str(), other.last_name.as_str()), ("Ann", ""));
    assert_eq!(other.codes(), [Code::MustChange, Code::FieldsDropped, Code::TimeOdd]);
    assert!(other.password.is_some(), "a hash in the column of passwords is a hash");
}

#[test]
fn repeated_addresses_and_keys_are_noticed_whether_the_first_was_taken_or_not() {
    let text = "external_id,email,state\n1,A@example.com,odd\n2,a@EXAMPLE.com,\n1,b@example.com,\n3,c@example.com,\n";
    let rows = rows(text);
    let codes: Vec<_> = rows[..3].iter().map(|row| refusal(row).reason.code).collect();
    assert_eq!(codes, [Code::Shape, Code::DuplicateInFile, Code::DuplicateKey]);
    assert_eq!(record(&rows[3]).row, 4);
}

#[test]
fn composed_and_decomposed_names_stay_as_they_are() {
    let rows = rows("email,first_name\na@example.com,\u{c4}\nb@example.com,A\u{308}\n");
    assert_eq!((record(&rows[0]).first_name.as_str(), record(&rows[1]).first_name.as_str()), ("\u{c4}", "A\u{308}"));
}

#[test]
fn a_row_that_is_too_long_is_passed_over_and_the_next_is_read() {
    let long = "x".repeat(2 * RECORD_BYTES_MAX);
    let rows_of_long = rows(format!("email,first_name\na@example.com,{long}\nb@example.com,y\n"));
    assert_eq!(refusal(&rows_of_long[0]).reason.code, Code::TooLong);
    assert_eq!(record(&rows_of_long[1]).line, 3);
    let wide = ",".repeat(5 * COLUMNS_MAX);
    let rows_of_wide = rows(format!("email,first_name\na@example.com{wide}\nb@example.com,y\n"));
    assert_eq!(refusal(&rows_of_wide[0]).reason.code, Code::TooLong);
    assert_eq!(record(&rows_of_wide[1]).email.as_str(), "b@example.com");
}

#[test]
fn a_list_of_more_than_a_hundred_groups_is_refused() {
    let groups = |many: usize| (0..many).map(|nth| format!("g{nth}")).collect::<Vec<_>>().join("|");
    let rows = rows(format!("email,groups\na@example.com,{}\nb@example.com,{}\n", groups(101), groups(100)));
    let refused = refusal(&rows[0]);
    assert_eq!((refused.reason.code, refused.reason.field.as_str()), (Code::TooLong, "groups"));
    assert_eq!(record(&rows[1]).groups.len(), 100);
}

#[test]
fn ten_thousand_and_one_groups_stop_the_import() {
    let mut text = String::from("email,groups\n");
    for row in 0..101 {
        let names: Vec<_> = (0..100).map(|nth| format!("g{row}-{nth}")).collect();
        text += &format!("a{row}@example.com,{}\n", names.join("|"));
    }
    assert_eq!(stopped(&text).code, Code::FileTooManyGroups);
}

#[test]
fn several_files_are_one_import() {
    let now = Timestamp::parse("2026-11-30T08:00:00Z").unwrap();
    let file = |name: &str, text: &str| File::new(name, Cursor::new(text.to_string()));
    let files =
        vec![file("1", "email\na@example.com\n"), file("2", "first_name,email\nB,b@example.com\nA,A@example.com\n")];
    let mut reader = Reader::open(Source::Csv, files, Options { now, ..Options::default() })
        .unwrap_or_else(|told| panic!("{told:?}"));
    let rows: Vec<_> = reader.by_ref().collect::<Result<_, _>>().unwrap_or_else(|told| panic!("{told:?}"));
    assert_eq!((record(&rows[0]).row, record(&rows[1]).row, record(&rows[1]).line), (1, 2, 2));
    assert_eq!(refusal(&rows[2]).reason.code, Code::DuplicateInFile);
    assert_eq!(reader.rows(), 3);
}
