//! Forbidden characters in inputs other than HTTP: the command line, the settings and their files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use tenantry::config::{SETTINGS, Sources, load};

#[test]
fn every_setting_refuses_forbidden_characters_and_names_itself() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |sources: &Sources, name: &str| {
        let refusal = load(sources).err().unwrap_or_else(|| panic!("{name} was taken")).message;
        assert!(refusal.contains(&format!("`{name}")), "{name}: {refusal}");
        assert!(refusal.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{refusal}");
    };
    let written = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    for setting in SETTINGS {
        for (raw, escaped) in
            [("a\u{0}b", "a\\u0000b"), ("\u{1b}[2J", "\\u001B[2J"), ("a\u{202e}", "a\\u202E"), ("\u{2028}", "\\u2028")]
        {
            let variable = Sources { environment: vec![(setting.variable(), raw.into())], ..Sources::default() };
            refused(&variable, setting.name);
            let file = written("tenantry.toml", &format!("{} = \"{escaped}\"", setting.name));
            refused(&Sources { file: Some(file), ..Sources::default() }, setting.name);
            let value = written("value", raw).display().to_string();
            let environment = vec![(format!("{}_FILE", setting.variable()), value)];
            refused(&Sources { environment, ..Sources::default() }, setting.name);
        }
    }
}

#[test]
fn what_the_command_line_and_its_surroundings_say_is_text_or_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&OsStr], variable: Option<&[u8]>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        command.args(arguments).current_dir(directory.path());
        if let Some(value) = variable {
            command.env("TENANTRY_SMTP_USERNAME", OsStr::from_bytes(value));
        }
        let ended = command.output().unwrap();
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap() + &String::from_utf8(ended.stdout).unwrap())
    };
    let create = |name: &'static [u8]| {
        ["tenant", "create", "acme", "--data", "store", "--display-name"]
            .map(OsStr::new)
            .into_iter()
            .chain([OsStr::from_bytes(name)])
    };
    for name in [b"a\x1b[2J".as_slice(), b"a\nb", "\u{202e}".as_bytes(), "\u{85}".as_bytes()] {
        let (code, said) = run(&create(name).collect::<Vec<_>>(), None);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("Field --display-name holds U+"), "{said}");
    }
    let (code, said) = run(&create(b"a\xff").collect::<Vec<_>>(), None);
    assert_eq!(code, Some(2), "{said}");
    assert!(!directory.path().join("store").exists(), "nothing was made");
    let (code, said) = run(&["config", "check"].map(OsStr::new), Some(b"a\xff"));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`smtp.username`"), "{said}");
}
