//! Entries of a directory (RFC 2849), as `slapcat`, `ldapsearch -LLL` and `ldifde` write them. The groups are read first: they
//! may stand behind their members.

use std::collections::BTreeSet;

use super::codes::Code;
use super::dn;
use super::draft::{Brought, Draft, Drafted, Moment};
use super::encoding::{File, Text};
use super::ldif_entry::{Entries, Entry, NO_TEXT, Value};
use super::ldif_groups::Groups;
use super::lines::Lines;
use super::options::Options;
use super::record::{FileTold, GROUPS_MAX, Key, Reason, State, Told};
use super::source::Rows;
use super::times;
use crate::clock::Timestamp;
use crate::passwords::foreign::{Dialect, Refused};

const GROUPS: [&str; 5] = ["groupOfNames", "groupOfUniqueNames", "groupOfMembers", "posixGroup", "group"];
const PEOPLE: [&str; 6] = ["person", "organizationalPerson", "inetOrgPerson", "user", "posixAccount", "shadowAccount"];
/// Bits of `userAccountControl` of Active Directory.
const ACCOUNT_DISABLED: u32 = 2;
const LOCKED_OUT: u32 = 16;
const MACHINES: [&str; 2] = ["computer", "msDS-GroupManagedServiceAccount"];
/// Attributes that are read, and those that say nothing of the person.
const SILENT: &str = "dn objectclass cn uid mail givenname sn displayname preferredlanguage userpassword unicodepwd \
    nsaccountlock pwdaccountlockedtime useraccountcontrol lockouttime accountexpires pwdreset pwdlastset pwdchangedtime \
    createtimestamp whencreated memberof ou o dc entryuuid entrydn entrycsn creatorsname modifiersname modifytimestamp \
    structuralobjectclass subschemasubentry hassubordinates numsubordinates nsuniqueid pwdfailuretime pwdhistory \
    pwdpolicysubentry passwordhistory passwordexpirationtime objectguid objectsid objectcategory distinguishedname \
    instancetype whenchanged usnchanged usncreated name samaccountname samaccounttype userprincipalname badpwdcount \
    codepage countrycode badpasswordtime lastlogon lastlogoff lastlogontimestamp primarygroupid logoncount \
    dscorepropagationdata admincount uidnumber gidnumber homedirectory loginshell gecos shadowlastchange shadowmin \
    shadowmax shadowwarning shadowinactive shadowexpire shadowflag authtimestamp pwdlastsuccess";

/// The entries of an import.
pub(super) struct Ldif {
    files: Vec<Entries>,
    at: usize,
    groups: Groups,
    /// Files with change records.
    changes: BTreeSet<String>,
}

impl Ldif {
    /// Opens the files and reads the groups.
    ///
    /// # Errors
    /// `F_EMPTY`, `F_ENCODING`, `F_OTHER_FORMAT`, `F_TOO_MANY_GROUPS`.
    pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Self, FileTold> {
        let open = |file| Text::open(file, options.encoding).map(|text| Entries::new(Lines::new(text)));
        let mut files: Vec<_> = files.into_iter().map(open).collect::<Result<_, _>>()?;
        let mut groups = Groups::default();
        for entries in &mut files {
            read_groups(entries, &mut groups)?;
            entries.rewind()?;
        }
        groups.connect();
        Ok(Self { files, at: 0, groups, changes: BTreeSet::new() })
    }
}

fn read_groups(entries: &mut Entries, groups: &mut Groups) -> Result<(), FileTold> {
    let mut is_first = true;
    while let Some(entry) = entries.next_entry()? {
        if std::mem::take(&mut is_first) && entry.values.first().is_none_or(|value| value.name != "dn") {
            return Err(entries.lines().text().told(Code::FileOtherFormat, "its first entry has no dn"));
        }
        if !is_change(&entry) && entry.is_a(&GROUPS) && groups.add(&entry) > GROUPS_MAX {
            return Err(entries.lines().text().told(Code::FileTooManyGroups, ""));
        }
    }
    Ok(())
}

fn is_change(entry: &Entry) -> bool {
    entry.values.iter().any(|value| value.name == "changetype")
}

/// Whether an entry is a person. Without classes, an entry with an address is one.
fn is_person(entry: &Entry) -> bool {
    let has = |name: &str| entry.values.iter().any(|value| value.name == name);
    let is_none = entry.is_a(&GROUPS) || entry.is_a(&MACHINES);
    !is_none && (entry.is_a(&PEOPLE) || has("mail") || (!has("objectclass") && has("userpassword")))
}

impl Rows for Ldif {
    fn next_row(&mut self, options: &Options) -> Result<Option<Drafted>, FileTold> {
        while let Some(entries) = self.files.get_mut(self.at) {
            let Some(entry) = entries.next_entry()? else {
                self.at += 1;
                continue;
            };
            if is_change(&entry) {
                self.changes.insert(entries.lines().text().name().into());
            } else if entry.is_too_long || entry.is_odd || is_person(&entry) {
                return Ok(Some(Drafted::User(Box::new(draft(&entry, &self.groups, options.now)))));
            }
        }
        Ok(None)
    }

    fn noticed(&mut self) -> Vec<FileTold> {
        let told =
            |file: &String| FileTold { file: file.clone(), code: Code::FileChangeRecords, detail: String::new() };
        self.changes.iter().map(told).collect()
    }
}

fn draft(entry: &Entry, groups: &Groups, now: Timestamp) -> Draft {
    let mut draft = Draft { line: entry.line, source: "ldif", email_field: "mail", ..Draft::default() };
    let name = entry.text("dn");
    draft.keys = name.iter().map(|name| Key::new("ldif", None, dn::normal(name))).collect();
    draft.email = entry.text("mail").unwrap_or_default();
    draft.refused = if entry.is_too_long {
        Some(Reason::row(Code::TooLong).because("at most 256 KiB"))
    } else if entry.is_odd {
        Some(Reason::row(Code::Shape).because("a line of the entry has no attribute before its colon"))
    } else if name.is_none() {
        Some(Reason::field(Code::Shape, "dn").because("the entry has none"))
    } else {
        fill(&mut draft, entry, now).err()
    };
    let uids = [entry.texts("uid"), entry.texts("samaccountname")].concat();
    let found = groups.of(&name.unwrap_or_default(), &uids, &entry.texts("memberof"));
    draft.groups = found.names;
    draft.told.extend(found.codes.into_iter().map(Told::row));
    draft
}

fn fill(draft: &mut Draft, entry: &Entry, now: Timestamp) -> Result<(), Reason> {
    for field in ["dn", "mail", "givenname", "sn", "cn"] {
        if entry.text(field).as_deref() == Some(NO_TEXT) {
            return Err(Reason::field(Code::Encoding, field));
        }
    }
    let text = |name: &str| entry.text(name).unwrap_or_default();
    if entry.all("mail").len() > 1 {
        draft.dropped.push("mail".into());
    }
    draft.username = entry.text("samaccountname").or_else(|| entry.text("uid"));
    (draft.first_name, draft.last_name) = (("givenName", text("givenname")), ("sn", text("sn")));
    let whole = entry.text("displayname").filter(|name| name != NO_TEXT).or_else(|| entry.text("cn"));
    // With one of the parts alone the whole says more.
    let has_both = !draft.first_name.1.is_empty() && !draft.last_name.1.is_empty();
    draft.name = whole.filter(|name| !has_both && !name.is_empty()).map(|name| ("cn", name));
    draft.language = entry.text("preferredlanguage").map(|tag| ("preferredLanguage", tag));
    draft.created_at = moment(entry, ["createtimestamp", "whencreated"]);
    draft.password_set_at = moment(entry, ["pwdchangedtime", "pwdlastset"]);
    let never_set = text("pwdlastset") == "0";
    draft.must_change = text("pwdreset").eq_ignore_ascii_case("true") || never_set;
    draft.password_set_at = draft.password_set_at.take().filter(|_| !never_set);
    state(draft, entry, now);
    password(draft, entry)?;
    let known: BTreeSet<_> = SILENT.split_whitespace().collect();
    let others = entry.values.iter().filter(|value| !known.contains(value.name.as_str()));
    draft.dropped.extend(others.map(|value| value.name.clone()).collect::<BTreeSet<_>>());
    Ok(())
}

fn moment(entry: &Entry, names: [&str; 2]) -> Option<Moment> {
    let (field, text) = names.into_iter().find_map(|name| Some((name, entry.text(name)?)))?;
    Some(Moment { field: field.into(), at: times::generalized(&text).or_else(|| times::read(&text)) })
}

/// What locks an account for good disables the user; what passes by itself goes.
fn state(draft: &mut Draft, entry: &Entry, now: Timestamp) {
    let text = |name: &str| entry.text(name).unwrap_or_default();
    let bits: u32 = text("useraccountcontrol").trim().parse().unwrap_or_default();
    let locked = text("pwdaccountlockedtime");
    let is_locked = text("nsaccountlock").eq_ignore_ascii_case("true") || bits & ACCOUNT_DISABLED != 0;
    // The largest number stands for never.
    let expired = times::read(&text("accountexpires")).is_some_and(|at| at.0 > 0 && at <= now);
    if is_locked || expired || ["0000", "0001"].iter().any(|year| locked.starts_with(year)) {
        draft.state = State::Disabled;
    } else if !locked.is_empty() {
        draft.told.push(Told::field(Code::LockDropped, "pwdAccountLockedTime"));
    }
    if bits & LOCKED_OUT != 0 || !matches!(text("lockouttime").as_str(), "" | "0") {
        draft.told.push(Told::field(Code::LockDropped, "lockoutTime"));
    }
}

fn password(draft: &mut Draft, entry: &Entry) -> Result<(), Reason> {
    const FIELD: &str = "userPassword";
    if !entry.all("unicodepwd").is_empty() {
        return Err(Reason::field(Code::PasswordPlain, "unicodePwd"));
    }
    let values = entry.all("userpassword");
    if values.len() > 1 {
        draft.told.push(Told::field(Code::SeveralCredentials, FIELD));
    }
    let Some(Value { bytes, .. }) = values.first() else { return Ok(()) };
    let Some(bytes) = bytes else {
        draft.password = Brought::Read { field: FIELD.into(), read: Err(Refused::Malformed) };
        return Ok(());
    };
    let text = String::from_utf8_lossy(bytes).into_owned();
    let small = text.to_ascii_lowercase();
    if small.starts_with("{sasl}") {
        draft.told.push(Told::field(Code::Federated, FIELD));
    } else if !matches!(small.as_str(), "" | "*" | "!" | "{crypt}" | "{crypt}*" | "{crypt}!" | "{crypt}x") {
        draft.password = Brought::Text { field: FIELD.into(), text, dialect: Dialect::Usual };
    }
    Ok(())
}
