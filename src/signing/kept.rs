//! Heads that somebody has kept, read from any of the files in which they are kept. Pure.

use serde_json::Value;

use super::head::Head;
use super::note::{DASH, text_of};

/// How the first line of a head ends.
const ROOM: &str = "/audit";
/// The lines of a head, and the empty one behind them.
const LINES: usize = 6;

/// The notes of heads that stand in a file, in its order: a note as it is, the saved text of a mail, lines that a syslog receiver has
/// written, or the list of the API. A file has none if it is something else.
pub fn read_heads(file: &str) -> Vec<String> {
    if let Ok(whole) = serde_json::from_str::<Value>(file) {
        return notes_in(&whole);
    }
    let plain = file.replace("\r\n", "\n");
    let lines: Vec<_> = plain.split('\n').collect();
    let mut notes = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        match line.find('{').map(|from| serde_json::from_str::<Value>(&line[from..])) {
            Some(Ok(object)) => notes.extend(notes_in(&object)),
            _ => notes.extend(note_at(&lines[at..])),
        }
    }
    notes
}

/// Every text of a member `note` that is the note of a head.
fn notes_in(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(notes_in).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(note) if name == "note" && is_head(note) => vec![note.clone()],
                other => notes_in(other),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The note whose first line is the first of these.
fn note_at(lines: &[&str]) -> Option<String> {
    let text = lines.get(..LINES).filter(|text| text[0].ends_with(ROOM) && text[LINES - 1].is_empty())?;
    let signatures: Vec<_> = lines[LINES..].iter().copied().take_while(|line| line.starts_with(DASH)).collect();
    let note = format!("{}\n{}\n", text.join("\n"), signatures.join("\n"));
    is_head(&note).then_some(note)
}

fn is_head(note: &str) -> bool {
    text_of(note).and_then(Head::read).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::note::SigningKey;
    use super::*;

    fn note(number: i64) -> String {
        let key = SigningKey::of_seed("id.example.com/tenantry", &[1; 32]).unwrap();
        let head = Head { number, hash: [number as u8; 32], records: number * 3, at: "2026-03-04T09:15:27Z".into() };
        key.sign(&format!("id.example.com/tenantry/acme/audit\n{}", head.lines())).unwrap()
    }

    #[test]
    fn heads_are_read_wherever_they_were_kept() {
        let (one, two) = (note(1), note(2));
        let both = vec![one.clone(), two.clone()];
        let syslog =
            |note: &str| format!("Mar  4 09:15:27 id tenantry: \u{feff}{}\n", json!({ "number": 1, "note": note }));
        for file in [
            format!("{one}{two}"),
            format!("Hello,\n\nthis is it.\n\n{one}\nand\n\n{two}\n-- \nAcme\n"),
            format!("{one}\n{two}").replace('\n', "\r\n"),
            format!("{}something else {{\n{}", syslog(&one), syslog(&two)),
            serde_json::to_string_pretty(&json!({ "items": [{ "note": one }, { "data": { "note": two } }] })).unwrap(),
            json!([{ "note": one }, { "note": "another" }, { "note": two, "x": 1 }]).to_string(),
        ] {
            assert_eq!(read_heads(&file), both, "{file}");
        }
        for file in
            ["", "acme/audit", "{}", "[]", "1", &one.replace("records", "record"), &one.replace("/audit", "/other")]
        {
            assert_eq!(read_heads(file), Vec::<String>::new(), "{file}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_does_harm(file in "\\PC{0,200}") {
            read_heads(&file);
        }
    }
}
