//! `tenantry mail-text`: the words of a tenant's mails, over the API of a running server.

use std::path::Path;

use serde_json::{Value, json};

use super::arguments::{MailText, TextOf, TextTried};
use super::client::in_path;
use super::output::{Output, cell};
use super::row::Operation::{Delete, Get, Post, Put};
use super::row::{Row, Shows, Table};
use crate::error::{Error, Result};

const TEXTS: &str = "/api/tenantry/v1/mail_texts";

const TABLE: Table = Table {
    columns: &[
        ("KIND", |kind| cell(&kind["kind"])),
        ("OWN WORDS", |kind| own(kind)),
        ("SENT WHEN", |kind| cell(&kind["sent"])),
    ],
    nothing: "No kinds of mail.",
};

/// # Errors
/// The server's refusal, or that it could not be reached; a file that cannot be read.
pub fn run(verb: &MailText, output: Output) -> Result<()> {
    let (api, operation, shows) = match verb {
        MailText::List { api } => (api, Get(TEXTS.into()), Shows::Table(&TABLE)),
        MailText::Show(of) => (&of.api, Get(path(of, "")), Shows::Told(shown)),
        MailText::Set(ask) => (&ask.of.api, Put(path(&ask.of, ""), read(&ask.words)?), Shows::Told(shown)),
        MailText::Remove(of) => {
            let said = format!("{} has its shipped words again in {}.", of.kind, of.language);
            (&of.api, Delete(path(of, "")), Shows::Text(said))
        }
        MailText::Preview(ask) => (&ask.of.api, Post(path(&ask.of, "/preview"), trial(ask)?), Shows::Told(previewed)),
        MailText::Test(ask) => (&ask.of.api, Post(path(&ask.of, "/test"), trial(ask)?), Shows::Told(sent)),
    };
    Row { api, operation, shows }.run(output)
}

fn path(of: &TextOf, call: &str) -> String {
    format!("{TEXTS}/{}/languages/{}{call}", in_path(&of.kind), in_path(&of.language))
}

fn read(words: &Path) -> Result<Value> {
    let unread = |cause: &dyn std::fmt::Display| {
        Error::invalid(format!("{} cannot be read as the words of a mail: {cause}.", words.display()))
    };
    let text = std::fs::read_to_string(words).map_err(|cause| unread(&cause))?;
    serde_json::from_str(&text).map_err(|cause| unread(&cause))
}

fn trial(ask: &TextTried) -> Result<Value> {
    match &ask.words {
        Some(words) => Ok(json!({ "words": read(words)? })),
        None => Ok(json!({})),
    }
}

/// The languages in which a tenant has its own words.
fn own(kind: &Value) -> String {
    let texts = kind["texts"].as_array().into_iter().flatten().filter(|text| !text["own"].is_null());
    let languages: Vec<_> = texts.map(|text| cell(&text["language"])).collect();
    if languages.is_empty() { "-".into() } else { languages.join(" ") }
}

fn shown(text: &Value) -> String {
    let (words, whose) = match &text["own"] {
        Value::Null => (&text["shipped"], "shipped".to_owned()),
        own => (own, format!("chosen by {}", cell(&text["changed_by"]))),
    };
    let paragraphs = words["paragraphs"].as_array().into_iter().flatten();
    let paragraphs: Vec<_> = paragraphs.filter_map(Value::as_str).collect();
    let lines = [
        format!("Words    {whose}"),
        format!("Subject  {}", cell(&words["subject"])),
        format!("Button   {}", cell(&words["link_label"])),
        format!("Code     {}", cell(&words["code_label"])),
        format!("Footer   {}", cell(&words["footer"])),
    ];
    format!("{}\n\n{}", lines.join("\n"), paragraphs.join("\n\n"))
}

fn previewed(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap_or_default();
    format!("Subject: {}\n\n{}", cell(&mail["subject"]), text.trim_end())
}

fn sent(tried: &Value) -> String {
    format!("A mail is on its way to {}.", cell(&tried["to"]))
}
