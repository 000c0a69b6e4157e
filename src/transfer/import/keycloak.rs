//! The export of a realm of Keycloak: one file with the realm, which may hold users, and files of users beside it.

use super::codes::Code;
use super::draft::{Draft, Drafted};
use super::encoding::{File, Text};
use super::json::{Elements, Step};
use super::keycloak_hash;
use super::lists::Shape;
use super::members::Members;
use super::options::Options;
use super::record::{FileTold, Key, Reason, State, Told};
use super::source::Rows;

const REALM: &[Step] = &[Step::Member("realm")];
/// What says nothing of the person, or is dropped always.
const SILENT: [&str; 9] = [
    "self",
    "origin",
    "totp",
    "notBefore",
    "access",
    "disableableCredentialTypes",
    "clientConsents",
    "lastSessionRefreshTime",
    "userProfileMetadata",
];
/// Roles that everyone has.
const ROLES_OF_ALL: [&str; 2] = ["offline_access", "uma_authorization"];
/// The client by which people see their own account.
const CLIENTS_OF_ALL: [&str; 1] = ["account"];

const SHAPE: Shape = Shape {
    source: "keycloak",
    email: "email",
    paths: &[&[Step::Member("users"), Step::Each], &[Step::Each]],
    sure: "username",
    fill,
};

/// The files of an export.
pub(super) struct Keycloak {
    files: std::vec::IntoIter<Text>,
    now: Option<(Elements, Option<String>)>,
}

impl Keycloak {
    /// Opens the files and reads nothing.
    ///
    /// # Errors
    /// `F_EMPTY` and `F_ENCODING`.
    pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Self, FileTold> {
        let files: Vec<_> =
            files.into_iter().map(|file| Text::open(file, options.encoding)).collect::<Result<_, _>>()?;
        Ok(Self { files: files.into_iter(), now: None })
    }
}

impl Rows for Keycloak {
    fn next_row(&mut self, _: &Options) -> Result<Option<Drafted>, FileTold> {
        loop {
            if let Some((elements, realm)) = &mut self.now {
                if let Some(element) = elements.next_element()? {
                    let mut draft = SHAPE.draft(element.path, element.line, &element.bytes, element.is_too_long);
                    for key in &mut draft.keys {
                        *key = Key::new("keycloak", Some(realm.as_deref().unwrap_or_default()), key.id.as_str());
                    }
                    return Ok(Some(Drafted::User(Box::new(draft))));
                }
                if realm.is_none() && !elements.has_seen(0) && !elements.has_seen(1) {
                    return Err(elements.text().told(Code::FileOtherFormat, "it has neither a realm nor users"));
                }
            }
            let Some(text) = self.files.next() else { return Ok(None) };
            self.now = Some(with_realm(text)?);
        }
    }
}

/// Finds the name of the realm, which may stand behind the users, and begins again.
fn with_realm(text: Text) -> Result<(Elements, Option<String>), FileTold> {
    let mut elements = Elements::new(text, &[REALM]);
    let realm = elements.next_element()?.and_then(|element| serde_json::from_slice(&element.bytes).ok());
    let mut text = elements.into_text();
    text.rewind()?;
    Ok((Elements::new(text, SHAPE.paths), realm))
}

fn fill(_: usize, draft: &mut Draft, mut user: Members) -> Result<(), Reason> {
    // The realm is added to the key where it is known.
    draft.keys = user.text("id")?.map(|id| Key::new("keycloak", Some(""), id)).into_iter().collect();
    draft.email = user.text("email")?.unwrap_or_default();
    draft.username = user.text("username")?;
    if user.any("serviceAccountClientId").is_some() {
        return Err(Reason::field(Code::ServiceUser, "serviceAccountClientId"));
    }
    draft.first_name = ("firstName", user.text("firstName")?.unwrap_or_default());
    draft.last_name = ("lastName", user.text("lastName")?.unwrap_or_default());
    draft.verified = user.flag("emailVerified")?;
    draft.created_at = user.moment("createdTimestamp")?;
    if user.flag("enabled")? == Some(false) {
        draft.state = State::Disabled;
    }
    draft.must_change = user.texts("requiredActions")?.iter().any(|action| action == "UPDATE_PASSWORD");
    roles(draft, &mut user)?;
    draft.groups = user.texts("groups")?;
    if user.any("federationLink").is_some() {
        draft.told.push(Told::field(Code::Federated, "federationLink"));
    }
    for mut identity in user.objects("federatedIdentities")? {
        let (provider, id) = (identity.text("identityProvider")?, identity.text("userId")?);
        draft.identity.get_or_insert((provider.unwrap_or_default(), id.unwrap_or_default()));
    }
    if let Some(mut attributes) = user.object("attributes")? {
        let locale = attributes.any("locale");
        let locale = locale.as_ref().and_then(|locale| locale.as_str().or_else(|| locale.get(0)?.as_str()));
        draft.language = locale.map(|tag| ("attributes.locale", tag.into()));
        draft.dropped.extend(attributes.left());
    }
    keycloak_hash::credentials(draft, user.objects("credentials")?)?;
    user.forget(&SILENT);
    draft.dropped.extend(user.left());
    Ok(())
}

fn roles(draft: &mut Draft, user: &mut Members) -> Result<(), Reason> {
    let is_of_all = |name: &str| ROLES_OF_ALL.contains(&name) || name.starts_with("default-roles-");
    draft.role_names = user.texts("realmRoles")?.into_iter().filter(|name| !is_of_all(name)).collect();
    let Some(mut clients) = user.object("clientRoles")? else { return Ok(()) };
    for client in clients.names() {
        let names = clients.texts(&client)?;
        if !CLIENTS_OF_ALL.contains(&client.as_str()) {
            draft.role_names.extend(names.into_iter().map(|name| format!("{client}/{name}")));
        }
    }
    Ok(())
}
