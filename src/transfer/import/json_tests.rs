use std::io::Cursor;

use serde_json::{Value, json};

use super::*;
use crate::transfer::import::encoding::File;
use crate::transfer::import::options::Encoding;

const USERS: &[Step] = &[Step::Member("users"), Step::Each];
const REALM: &[Step] = &[Step::Member("realm")];
const ROOT: &[Step] = &[Step::Each];
const DEEP: &[Step] = &[Step::Each, Step::Member("a"), Step::Each];

fn elements(text: &str, paths: &[&[Step]]) -> Result<Vec<(usize, u64, String)>, Code> {
    let text = Text::open(File::new("x", Cursor::new(text.to_owned())), Encoding::Unicode).map_err(|told| told.code)?;
    let mut elements = Elements::new(text, paths);
    let mut found = Vec::new();
    while let Some(element) = elements.next_element().map_err(|told| told.code)? {
        found.push((element.path, element.line, String::from_utf8(element.bytes).unwrap()));
    }
    Ok(found)
}

fn texts(text: &str, paths: &[&[Step]]) -> Vec<String> {
    elements(text, paths).unwrap().into_iter().map(|(_, _, text)| text).collect()
}

#[test]
fn elements_are_found_by_their_path_and_by_nothing_else() {
    let text = "{\"realm\": \"s\", \"x\": {\"users\": [0]}, \"users\"\n: [ {\"a\":[1,{\"users\":[2]}]} , \"}\\\"]\", 3,\n[4] ], \"y\": 5}";
    let found = elements(text, &[USERS, REALM]).unwrap();
    let expected =
        [(1, 1, "\"s\""), (0, 2, "{\"a\":[1,{\"users\":[2]}]}"), (0, 2, "\"}\\\"]\""), (0, 2, "3"), (0, 3, "[4]")];
    assert_eq!(found, expected.map(|(path, line, text)| (path, line, text.to_string())));
    assert_eq!(texts("[1, true ,{}]", &[ROOT]), ["1", "true", "{}"]);
    assert_eq!(texts("[{\"a\":[1]},{\"b\":[2]},{\"a\":[3,[4]]}]", &[DEEP]), ["1", "3", "[4]"]);
    assert_eq!(texts("[]", &[ROOT]), Vec::<String>::new());
    assert_eq!(texts("{\"users\":7}", &[USERS]), Vec::<String>::new());
}

#[test]
fn the_end_of_an_element_is_its_own() {
    assert_eq!(texts("{\"realm\":1}", &[REALM]), ["1"]);
    assert_eq!(texts("{\"realm\" : 1 , \"users\":[2]}", &[REALM, USERS]), ["1", "2"]);
    assert_eq!(texts("[1,2]", &[ROOT]), ["1", "2"]);
}

#[test]
fn what_is_no_json_stops_the_file() {
    let code = |text: &str| elements(text, &[USERS, ROOT]).unwrap_err();
    for text in ["{\"users\":[{\"id\":\"1\",\"enab", "[", "{", "[\"", "[{}", "[1"] {
        assert_eq!(code(text), Code::FileTruncated, "{text}");
    }
    for text in ["x", "\"x\"", "[}", "{]", "]", "email,name", "[1\"x\"]", ","] {
        assert_eq!(code(text), Code::FileOtherFormat, "{text}");
    }
    assert_eq!(code(" \n"), Code::FileEmpty);
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(code(&nested(65)), Code::FileTooDeep);
    assert_eq!(texts(&nested(64), &[ROOT]), [nested(63)]);
}

#[test]
fn an_element_that_is_too_long_is_not_held_and_the_next_is_read() {
    let long = format!("[{{\"a\":\"{}\"}},2]", "x".repeat(2 * RECORD_BYTES_MAX));
    let text = Text::open(File::new("x", Cursor::new(long)), Encoding::Unicode).map_err(|told| told.code).unwrap();
    let mut elements = Elements::new(text, &[ROOT]);
    let first = elements.next_element().unwrap().unwrap();
    assert!(first.is_too_long && first.bytes.len() == RECORD_BYTES_MAX);
    assert_eq!(elements.next_element().unwrap().unwrap().bytes, b"2");
    assert_eq!(elements.next_element().unwrap(), None);
}

proptest::proptest! {
    #[test]
    fn any_list_is_cut_into_what_it_was_made_of(words in proptest::collection::vec(".{0,12}", 0..8), blanks: bool) {
        let list: Vec<Value> = words.iter().enumerate().map(|(nth, word)| match nth % 4 {
            0 => json!(word),
            1 => json!({ word: [nth, word], "users": null }),
            2 => json!([[word], nth]),
            _ => json!(nth),
        }).collect();
        let whole = json!({ "before": list, "users": list, "realm": words.len() });
        let text = if blanks { serde_json::to_string_pretty(&whole) } else { serde_json::to_string(&whole) }.unwrap();
        let cut: Vec<Value> = texts(&text, &[USERS]).iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        proptest::prop_assert_eq!(cut, list);
    }
}
