//! A page of a tenant that is written out: from a place in the order of its sections, as many lines as are asked for.

use serde_json::Value;
use uuid::Uuid;

use super::hashes::Sealing;
use super::{rows, users};
use crate::audit;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, TenantSettings};
use crate::store::Tx;
use crate::tenant_settings;
use crate::tenants::{self, OPERATORS};
use crate::transfer::import::{About, HeadLine, Thing, What, thing_line};

/// The sections, in their order; a number here stands in cursors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Section {
    #[default]
    Head = 0,
    Namespaces = 1,
    Roles = 2,
    Groups = 3,
    Users = 4,
    Credentials = 5,
    MailTexts = 6,
    Objects = 7,
}

impl Section {
    const ALL: [Self; 8] = [
        Self::Head,
        Self::Namespaces,
        Self::Roles,
        Self::Groups,
        Self::Users,
        Self::Credentials,
        Self::MailTexts,
        Self::Objects,
    ];

    fn next(self) -> Option<Self> {
        Self::ALL.into_iter().nth(self as usize + 1)
    }
}

/// Behind what a page begins: a section, and the key of its last line; nothing at its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    section: Section,
    key: Vec<u8>,
}

impl Place {
    fn at(section: Section) -> Self {
        Self { section, key: Vec::new() }
    }

    /// As it stands in a cursor.
    pub(super) fn to_keep(&self) -> Vec<u8> {
        [&[self.section as u8], self.key.as_slice()].concat()
    }

    /// Reads [`Place::to_keep`].
    ///
    /// # Errors
    /// `Invalid` for a cursor of a newer release.
    pub(super) fn read(kept: &[u8]) -> Result<Self> {
        let section = kept.first().and_then(|number| Section::ALL.into_iter().nth(usize::from(*number)));
        let section =
            section.ok_or_else(|| Error::invalid("Field after is of another release. Start again without it."))?;
        Ok(Self { section, key: kept[1..].to_vec() })
    }

    fn name(&self) -> Result<&str> {
        std::str::from_utf8(&self.key).map_err(Error::internal)
    }

    fn uid(&self) -> Result<Uuid> {
        if self.key.is_empty() { Ok(Uuid::nil()) } else { Uuid::from_slice(&self.key).map_err(Error::internal) }
    }
}

/// A page.
pub(super) struct Page {
    /// The lines, each with its end.
    pub(super) text: String,
    /// Behind what the next one begins.
    pub(super) next: Option<Place>,
    pub(super) revision: i64,
    pub(super) last_record: Option<String>,
    /// How many of its users have a sealed hash.
    pub(super) hashes: i64,
    /// Whether it ends before its number of lines, since pictures have filled it.
    is_cut: bool,
}

/// What a page is asked for.
#[derive(Clone)]
pub(super) struct Wanted {
    /// How many lines it has at most, head and settings aside.
    pub(super) limit: i64,
    pub(super) now: Timestamp,
    /// By what hashes are sealed; without it none is read.
    pub(super) sealing: Option<Sealing>,
}

/// Lines, each with its key in its section.
pub(super) type Keyed = Vec<(Vec<u8>, String)>;

/// Reads the page behind a place.
///
/// # Errors
/// `Conflict` where the tenant is suspended at this moment; those of the store.
pub(super) fn read(tx: &mut Tx<'_>, id: TenantId, after: &Place, wanted: &Wanted) -> Result<Page> {
    let tenant = tenants::find_by_id(tx, id)?.ok_or_else(tenants::suspended)?;
    let last_record = audit::latest(tx, id)?.map(|record| record.simple().to_string());
    let mut page =
        Page { text: String::new(), next: None, revision: tenant.revision, last_record, hashes: 0, is_cut: false };
    let (mut place, mut left) = (after.clone(), wanted.limit);
    if place.section == Section::Head {
        page.push(&HeadLine::new(&tenant.name, wanted.now, tenant.revision, wanted.sealing.is_some()).text());
        page.push(&settings_line(&tenant.settings)?);
        place = Place::at(Section::Namespaces);
    }
    loop {
        let lines = page.section(tx, id, &place, (left, wanted.sealing.as_ref()))?;
        left -= lines.len() as i64;
        for (key, line) in lines {
            page.push(&line);
            place.key = key;
        }
        // A section that ends with the page is asked once more: whether more follows is not known yet.
        if left == 0 || page.is_cut {
            page.next = Some(place);
            return Ok(page);
        }
        match place.section.next() {
            Some(next) => place = Place::at(next),
            None => return Ok(page),
        }
    }
}

impl Page {
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn section(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        after: &Place,
        (most, sealing): (i64, Option<&Sealing>),
    ) -> Result<Keyed> {
        match after.section {
            Section::Head => Ok(Vec::new()),
            Section::Namespaces => rows::namespaces(tx, tenant, after.name()?, most),
            Section::Roles => rows::roles(tx, tenant, after.name()?, most),
            Section::Groups => rows::groups(tx, tenant, after.name()?, most),
            Section::Users => {
                let users = users::page(tx, tenant, after.uid()?, most, sealing)?;
                self.hashes += users.hashes;
                self.is_cut = users.is_cut;
                Ok(users.lines)
            }
            Section::Credentials => rows::credentials(tx, tenant, after.name()?, most),
            Section::MailTexts => rows::mail_texts(tx, tenant, after.name()?, most),
            Section::Objects => rows::objects(tx, tenant, after.name()?, most),
        }
    }
}

/// All settings but those that belong to the installation, the window for hashes, and a picture that was uploaded, which is not
/// written out. Where no picture is chosen the name is left out, so that an import leaves one that was uploaded.
fn settings_line(settings: &TenantSettings) -> Result<String> {
    let Value::Object(mut members) = serde_json::to_value(settings).map_err(Error::internal)? else {
        return Err(Error::internal("settings are no object"));
    };
    for (name, _) in OPERATORS {
        members.remove(name);
    }
    members.remove("import");
    if settings.brand.logo.as_deref().is_none_or(tenant_settings::is_uploaded) {
        members.remove("logo");
    }
    Ok(of(String::new(), About::default(), What::Settings(members)))
}

/// The line of a thing.
pub(super) fn of(name: String, about: About, what: What) -> String {
    thing_line(&Thing { row: 0, line: 0, name, about, what }, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_kept() {
        for section in Section::ALL {
            for key in [Vec::new(), b"team-a".to_vec()] {
                let place = Place { section, key };
                assert_eq!(Place::read(&place.to_keep()).unwrap(), place);
            }
        }
        assert!(Place::read(&[]).is_err() && Place::read(&[8]).is_err());
    }

    #[test]
    fn settings_of_the_installation_and_what_opens_a_window_stay_here() {
        let mut settings = TenantSettings::default();
        settings.brand.public_url = Some("https://id.example.com".into());
        settings.brand.logo = Some("/api/web/static/namespaces/system/tenant/settings/tenant/image?realm_id=a".into());
        settings.brand.display_name = "Acme".into();
        settings.import.hashes_until = Some("2026-03-04T09:15:27Z".into());
        let line = settings_line(&settings).unwrap();
        assert!(line.starts_with(r#"{"kind":"settings","settings":{"address_cool_off_hours":24,"#), "{line}");
        assert!(line.contains(r#""display_name":"Acme""#) && line.contains(r#""minimum_length":12"#), "{line}");
        for left in ["public_url", "id.example.com", "hashes_until", "logo", "image"] {
            assert!(!line.contains(left), "{left} in {line}");
        }
        settings.brand.logo = Some("/logo.png".into());
        assert!(settings_line(&settings).unwrap().contains(r#""logo":"/logo.png""#));
    }
}
