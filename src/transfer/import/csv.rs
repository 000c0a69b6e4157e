//! A table with a header: columns in any order and case, set apart by commas, semicolons or tabs.

use std::collections::BTreeMap;

use super::codes::Code;
use super::csv_table::{Cells, Table};
use super::draft::{Brought, Draft, Drafted, Moment};
use super::encoding::File;
use super::options::Options;
use super::record::{FileTold, Key, Reason, RoleAt, State};
use super::source::Rows;
use super::times;
use crate::passwords::foreign::Dialect;
use crate::text::nearest;

/// What sets the parts of a list in one cell apart.
const LIST_SIGNS: [char; 3] = [';', ',', '|'];
const COLUMNS: [&str; 16] = [
    "external_id",
    "email",
    "first_name",
    "last_name",
    "name",
    "state",
    "verified",
    "language",
    "created_at",
    "must_change",
    "idm_type",
    "roles",
    "groups",
    "password_hash",
    "password",
    "password_set_at",
];

/// The columns by their names in small letters.
fn header(table: &mut Table) -> Result<Vec<String>, FileTold> {
    let Some(cells) = table.next_cells()? else { return Err(table.text.told(Code::FileEmpty, "")) };
    if cells.is_too_long || cells.is_open {
        return Err(table.text.told(Code::FileHeader, "it is too long, or a quote in it is not closed"));
    }
    let mut names = Vec::new();
    for cell in cells.all() {
        let Ok(name) = std::str::from_utf8(cell) else { return Err(table.text.told(Code::FileEncoding, "")) };
        names.push(name.trim().to_lowercase().replace([' ', '-'], "_"));
    }
    if let Some(twice) = names.iter().enumerate().find(|(nth, name)| !name.is_empty() && names[..*nth].contains(name)) {
        return Err(table.text.told(Code::FileHeader, format!("{} is there twice", crate::text::shown(twice.1))));
    }
    if !names.iter().any(|name| name == "email") {
        return Err(table.text.told(Code::FileHeader, no_address(&names)));
    }
    Ok(names)
}

/// What is told where no column is called `email`.
fn no_address(names: &[String]) -> String {
    let unknown = || names.iter().map(String::as_str).filter(|name| !COLUMNS.contains(name));
    let shown = unknown().find(|name| name.contains("mail")).or_else(|| nearest("email", unknown()));
    match shown {
        Some(name) => format!("no column is called email; rename {}", crate::text::shown(name)),
        None => format!("no column is called email; there are {}", crate::text::shown(&names.join(", "))),
    }
}

/// The tables of an import.
pub(super) struct Csv {
    files: std::vec::IntoIter<Table>,
    now: Option<(Table, Vec<String>, bool)>,
}

impl Csv {
    /// Opens the files and reads nothing.
    ///
    /// # Errors
    /// `F_EMPTY` and `F_ENCODING`.
    pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Self, FileTold> {
        let files: Vec<_> = files.into_iter().map(|file| Table::open(file, options)).collect::<Result<_, _>>()?;
        Ok(Self { files: files.into_iter(), now: None })
    }
}

impl Rows for Csv {
    fn next_row(&mut self, _: &Options) -> Result<Option<Drafted>, FileTold> {
        loop {
            if let Some((table, names, is_first)) = &mut self.now
                && let Some(cells) = table.next_cells()?
            {
                let draft = draft(&cells, names, std::mem::take(is_first));
                return Ok(Some(Drafted::User(Box::new(draft))));
            }
            let Some(mut table) = self.files.next() else { return Ok(None) };
            let names = header(&mut table)?;
            self.now = Some((table, names, true));
        }
    }
}

fn draft(cells: &Cells, names: &[String], is_first: bool) -> Draft {
    let mut draft = Draft { line: cells.line, source: "csv", email_field: "email", trims: true, ..Draft::default() };
    let mut values = BTreeMap::new();
    let mut is_text = true;
    for (name, cell) in names.iter().zip(cells.all()) {
        is_text &= std::str::from_utf8(cell).is_ok();
        let is_known = COLUMNS.contains(&name.as_str());
        if !is_known && (!cell.is_empty() || (is_first && !name.is_empty())) {
            draft.dropped.push(if name.is_empty() { "a column without a name".into() } else { name.clone() });
        }
        if is_known && !cell.is_empty() {
            values.insert(name.as_str(), String::from_utf8_lossy(cell).into_owned());
        }
    }
    draft.email = values.remove("email").unwrap_or_default();
    draft.keys = values.remove("external_id").map(|id| Key::new("csv", None, id.trim())).into_iter().collect();
    draft.refused = if cells.is_too_long {
        Some(Reason::row(Code::TooLong).because("at most 256 KiB and 1,000 columns"))
    } else if cells.is_open {
        Some(Reason::row(Code::Shape).because("a quote is not closed"))
    } else if cells.ends.len() != names.len() {
        let (found, asked) = (cells.ends.len(), names.len());
        Some(Reason::field(Code::Shape, "the row").because(format!("{found} columns, and {asked} in the header")))
    } else if !is_text {
        Some(Reason::row(Code::Encoding))
    } else {
        fill(&mut draft, values).err()
    };
    draft
}

fn fill(draft: &mut Draft, mut values: BTreeMap<&str, String>) -> Result<(), Reason> {
    let mut text = |name: &str| values.remove(name);
    let moment =
        |name: &str, text: Option<String>| text.map(|text| Moment { field: name.into(), at: times::read(&text) });
    draft.first_name = ("first_name", text("first_name").unwrap_or_default());
    draft.last_name = ("last_name", text("last_name").unwrap_or_default());
    let has_parts = !draft.first_name.1.is_empty() || !draft.last_name.1.is_empty();
    draft.name = text("name").filter(|_| !has_parts).map(|name| ("name", name));
    draft.language = text("language").map(|tag| ("language", tag));
    draft.created_at = moment("created_at", text("created_at"));
    draft.password_set_at = moment("password_set_at", text("password_set_at"));
    draft.verified = flag("verified", text("verified"))?;
    draft.must_change = flag("must_change", text("must_change"))?.unwrap_or_default();
    draft.state = state(text("state"))?;
    draft.is_sso = match text("idm_type").map(|word| word.trim().to_uppercase()).as_deref() {
        None | Some("" | "VOLTERRA_MANAGED" | "UNDEFINED") => false,
        Some("SSO") => true,
        Some(_) => return Err(Reason::field(Code::Shape, "idm_type")),
    };
    for name in list(text("roles")) {
        match name.split_once(':') {
            Some((namespace, role)) => draft.roles.push(RoleAt { namespace: namespace.into(), role: role.into() }),
            None => draft.role_names.push(name),
        }
    }
    draft.groups = list(text("groups"));
    draft.password = match (text("password_hash"), text("password")) {
        (Some(_), Some(_)) => {
            return Err(Reason::field(Code::Shape, "password").because("there is a password_hash beside it"));
        }
        (Some(text), None) => Brought::Text { field: "password_hash".into(), text, dialect: Dialect::Usual },
        (None, Some(text)) => Brought::Text { field: "password".into(), text, dialect: Dialect::Usual },
        (None, None) => Brought::Nothing,
    };
    Ok(())
}

fn list(cell: Option<String>) -> Vec<String> {
    let cell = cell.unwrap_or_default();
    cell.split(LIST_SIGNS).map(str::trim).filter(|name| !name.is_empty()).map(String::from).collect()
}

fn flag(field: &str, cell: Option<String>) -> Result<Option<bool>, Reason> {
    match cell.map(|word| word.trim().to_lowercase()).as_deref() {
        None | Some("") => Ok(None),
        Some("true" | "yes" | "1") => Ok(Some(true)),
        Some("false" | "no" | "0") => Ok(Some(false)),
        Some(_) => Err(Reason::field(Code::Shape, field).because("it must be true or false")),
    }
}

fn state(cell: Option<String>) -> Result<State, Reason> {
    match cell.map(|word| word.trim().to_lowercase()).as_deref() {
        None | Some("" | "active" | "enabled") => Ok(State::Active),
        Some("disabled" | "inactive" | "suspended") => Ok(State::Disabled),
        Some("removed" | "deleted") => Err(Reason::field(Code::StateRemoved, "state")),
        Some(_) => Err(Reason::field(Code::Shape, "state").because("it must be active or disabled")),
    }
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
