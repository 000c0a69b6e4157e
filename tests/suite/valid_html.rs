//! Every page is valid HTML, as a reader of other people's making sees it: html-validate with its recommended rules.
//!
//! Two of its rules are not asked for. Tables name the roles that their elements have anyway, since a narrow screen shows the
//! rows as entries, and by that they would lose their roles. A title holds the name of a tenant, of which the tenant decides
//! how long it is.

use std::fs;
use std::process::Command;

use tenantry::language::Language;

use crate::console_pages::every_console_page;
use crate::console_seen::readers;
use crate::generated_clients::node;
use crate::installed::{beside, outcome};
use crate::pages::{HOSTILE, every_page};

#[test]
fn every_page_is_valid_html() {
    let folder = tempfile::tempdir().unwrap();
    for (nth, text) in ["Example Corp", HOSTILE].into_iter().enumerate() {
        // In each language the elements are the same.
        let english = Language::English;
        for (name, markup) in every_page(english, text).into_iter().chain(every_console_page(english, text)) {
            fs::write(folder.path().join(format!("{}-{nth}.html", name.replace(' ', "-"))), markup).unwrap();
        }
    }
    let program = readers().join("node_modules/html-validate/bin/html-validate.mjs");
    let mut validate = Command::new(node().0);
    validate.arg(program).arg("--config").arg(beside("console/htmlvalidate.json")).arg("--formatter=text");
    let (is_valid, said) = outcome(validate.arg(folder.path()));
    assert!(is_valid, "{said}");
}
