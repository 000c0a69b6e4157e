//! The export of Zitadel: the people and machines of its organizations.

use super::codes::Code;
use super::draft::{Brought, Draft};
use super::encoding::File;
use super::json::Step;
use super::lists::{Lists, Shape};
use super::members::Members;
use super::options::Options;
use super::record::{FileTold, Key, Reason, Told};
use crate::passwords::foreign::Dialect;

const MACHINES: usize = 2;
const ORGS: Step = Step::Member("orgs");

const SHAPE: Shape = Shape {
    source: "zitadel",
    email: "user.email.email",
    paths: &[
        &[ORGS, Step::Each, Step::Member("humanUsers"), Step::Each],
        &[Step::Member("dataOrgs"), ORGS, Step::Each, Step::Member("humanUsers"), Step::Each],
        &[ORGS, Step::Each, Step::Member("machineUsers"), Step::Each],
        &[Step::Member("dataOrgs"), ORGS, Step::Each, Step::Member("machineUsers"), Step::Each],
    ],
    sure: "userId",
    fill,
};

/// Opens the files.
///
/// # Errors
/// As [`Lists::open`].
pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Lists, FileTold> {
    Lists::open(&SHAPE, files, options)
}

fn fill(path: usize, draft: &mut Draft, mut row: Members) -> Result<(), Reason> {
    draft.keys = row.text("userId")?.map(|id| Key::new("zitadel", None, id)).into_iter().collect();
    if path >= MACHINES {
        return Err(Reason::row(Code::ServiceUser));
    }
    let mut user = row.object("user")?.unwrap_or_default();
    if let Some(mut email) = user.object("email")? {
        draft.email = email.text("email")?.unwrap_or_default();
        draft.verified = email.flag("isEmailVerified")?;
    }
    draft.username = user.text("userName")?;
    if let Some(profile) = user.object("profile")? {
        self::profile(draft, profile)?;
    }
    draft.must_change = user.flag("passwordChangeRequired")?.unwrap_or_default();
    password(draft, &mut user)?;
    for mut provider in user.objects("idps")? {
        let identity = (provider.text("configId")?, provider.text("externalUserId")?);
        draft.identity.get_or_insert((identity.0.unwrap_or_default(), identity.1.unwrap_or_default()));
    }
    if user.any("otpCode").is_some() {
        draft.told.push(Told::field(Code::SecondFactorDropped, "user.otpCode"));
    }
    user.forget(&["requestPasswordlessRegistration"]);
    draft.dropped.extend(user.left());
    draft.dropped.extend(row.left());
    Ok(())
}

fn profile(draft: &mut Draft, mut profile: Members) -> Result<(), Reason> {
    draft.first_name = ("user.profile.firstName", profile.text("firstName")?.unwrap_or_default());
    draft.last_name = ("user.profile.lastName", profile.text("lastName")?.unwrap_or_default());
    let shown = profile.text("displayName")?;
    draft.name = shown.filter(|_| !draft.has_names()).map(|name| ("user.profile.displayName", name));
    draft.language = profile.text("preferredLanguage")?.map(|tag| ("user.profile.preferredLanguage", tag));
    draft.dropped.extend(profile.left());
    Ok(())
}

/// What the export says of the algorithm is not believed: the text of the hash says it.
fn password(draft: &mut Draft, user: &mut Members) -> Result<(), Reason> {
    if let Some(mut hashed) = user.object("hashedPassword")?
        && let Some(text) = hashed.text("value")?.filter(|text| !text.is_empty())
    {
        draft.password = Brought::Text { field: hashed.name("value"), text, dialect: Dialect::Usual };
        return Ok(());
    }
    match user.any("password") {
        None => Ok(()),
        Some(_) => Err(Reason::field(Code::PasswordPlain, "user.password")),
    }
}
