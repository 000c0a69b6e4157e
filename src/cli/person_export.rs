//! `tenantry user export`: the pages about one person, put together into one document.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::arguments::PersonExport;
use super::client::Client;
use super::output::Output;
use crate::error::{Error, Result};
use crate::private;

const EXPORT: &str = "/api/tenantry/v1/people/export";
/// The sections that go on from page to page.
const SECTIONS: [&str; 3] = ["mails", "sign_ins", "records"];

/// # Errors
/// The server's refusal, that it could not be reached, or that the file cannot be written.
pub fn run(ask: &PersonExport, output: Output) -> Result<()> {
    let client = Client::of(&ask.api)?;
    let mut whole = client.post(EXPORT, &json!({ "email": ask.email }))?.json();
    loop {
        let after = whole["next"].take();
        if after.is_null() {
            break;
        }
        let mut page = client.post(EXPORT, &json!({ "email": ask.email, "after": after }))?.json();
        append(&mut whole, &mut page);
        output.progress(&format!("{} records", whole["records"].as_array().map_or(0, Vec::len)));
    }
    output.progress("");
    if let Some(members) = whole.as_object_mut() {
        members.remove("next");
    }
    let text = serde_json::to_string_pretty(&whole).map_err(Error::internal)?;
    let Some(path) = &ask.out else { return output.object(&whole, &text) };
    write(path, &text)?;
    let told = json!({ "file": path, "bytes": text.len() + 1 });
    output.object(&told, &format!("All that is kept of the person is in {}.", path.display()))
}

fn append(whole: &mut Value, page: &mut Value) {
    for section in SECTIONS {
        if let (Some(all), Some(more)) = (whole[section].as_array_mut(), page[section].as_array_mut()) {
            all.append(more);
        }
    }
    whole["next"] = page["next"].take();
}

fn write(path: &Path, text: &str) -> Result<()> {
    let refused = |cause: std::io::Error| Error::invalid(format!("{} cannot be written: {cause}.", path.display()));
    let mut file = private::open(OpenOptions::new().write(true).create_new(true), path).map_err(refused)?;
    writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_go_on_where_the_page_before_has_ended() {
        let mut whole = json!({ "person": 1, "mails": [1], "sign_ins": [], "records": [2], "next": "a" });
        append(
            &mut whole,
            &mut json!({ "person": null, "mails": [], "sign_ins": [3], "records": [4, 5], "next": null }),
        );
        assert_eq!(whole, json!({ "person": 1, "mails": [1], "sign_ins": [3], "records": [2, 4, 5], "next": null }));
    }
}
