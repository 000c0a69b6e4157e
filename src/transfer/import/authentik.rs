//! The users of authentik: pages of its API, one after the other or in a list, and a table `uuid,password` from its database
//! with the hashes in the form of Django.

use super::codes::Code;
use super::csv_table::cells_of_line;
use super::draft::{Brought, Draft, Drafted};
use super::encoding::{File, Text};
use super::join::Index;
use super::json::Step;
use super::lines::Lines;
use super::lists::{Lists, Shape};
use super::members::Members;
use super::options::Options;
use super::record::{FileTold, Key, Reason, State, Told};
use super::source::Rows;
use crate::passwords::foreign::Dialect;

/// What says nothing of the person.
const SILENT: [&str; 13] = [
    "pk",
    "uid",
    "path",
    "type",
    "avatar",
    "last_login",
    "last_updated",
    "groups",
    "roles",
    "roles_obj",
    "date_joined",
    "password_change_date",
    "settings",
];

const SHAPE: Shape = Shape {
    source: "authentik",
    email: "email",
    paths: &[&[Step::Each, Step::Member("results"), Step::Each], &[Step::Member("results"), Step::Each]],
    sure: "uuid",
    fill,
};

/// The pages, and the table of hashes.
pub(super) struct Authentik {
    users: Lists,
    hashes: Option<Index<String>>,
}

impl Authentik {
    /// Opens the files. A file whose name ends in `.csv` is the table.
    ///
    /// # Errors
    /// As [`Lists::open`], and `F_HEADER` for a table without the two columns.
    pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Self, FileTold> {
        let is_table = |file: &File| file.name.to_ascii_lowercase().ends_with(".csv");
        let (tables, pages): (Vec<_>, Vec<_>) = files.into_iter().partition(is_table);
        let table = tables.into_iter().next();
        let hashes = table.map(|file| hashes(Text::open(file, options.encoding)?)).transpose()?;
        Ok(Self { users: Lists::open(&SHAPE, pages, options)?, hashes })
    }
}

impl Rows for Authentik {
    fn next_row(&mut self, _: &Options) -> Result<Option<Drafted>, FileTold> {
        let Some(mut draft) = self.users.next_draft()? else { return Ok(None) };
        if let (Some(hashes), Some(key)) = (&mut self.hashes, draft.keys.first())
            && let Some(text) = hashes.find(&key.id)?
            // What Django writes where no password can ever match.
            && !text.is_empty()
            && !text.starts_with('!')
        {
            draft.password = Brought::Text { field: "password".into(), text, dialect: Dialect::Usual };
        }
        Ok(Some(Drafted::User(Box::new(draft))))
    }
}

fn hashes(text: Text) -> Result<Index<String>, FileTold> {
    let mut lines = Lines::new(text);
    let header = lines.next_line()?.and_then(|line| cells_of_line(&line.bytes)).unwrap_or_default();
    if header != ["uuid", "password"] {
        return Err(lines.text().told(Code::FileHeader, "its columns must be uuid and password"));
    }
    Index::new(lines, |line| {
        let [uuid, password]: [String; 2] = cells_of_line(line)?.try_into().ok()?;
        Some((uuid, password))
    })
}

fn fill(_: usize, draft: &mut Draft, mut user: Members) -> Result<(), Reason> {
    draft.keys = user.text("uuid")?.map(|id| Key::new("authentik", None, id)).into_iter().collect();
    draft.email = user.text("email")?.unwrap_or_default();
    draft.username = user.text("username")?;
    let kind = user.text("type")?.unwrap_or_default();
    if matches!(kind.as_str(), "service_account" | "internal_service_account") {
        return Err(Reason::field(Code::ServiceUser, "type"));
    }
    draft.name = user.text("name")?.map(|name| ("name", name));
    if user.flag("is_active")? == Some(false) {
        draft.state = State::Disabled;
    }
    draft.created_at = user.moment("date_joined")?;
    draft.password_set_at = user.moment("password_change_date")?;
    for mut group in user.objects("groups_obj")? {
        draft.groups.push(group.text("name")?.unwrap_or_default());
    }
    if user.flag("is_superuser")? == Some(true) {
        draft.told.push(Told::field(Code::SuperuserDropped, "is_superuser"));
    }
    if let Some(attributes) = user.object("attributes")? {
        draft.dropped.extend(attributes.left());
    }
    user.forget(&SILENT);
    draft.dropped.extend(user.left());
    Ok(())
}
