//! What becomes of each row of a slice: decided by the store as it is, and nothing is written. The plan asks the same as the run.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::chosen::{Erased, Groups, Part};
use super::differ::{self, Change};
use super::hash::{self, Window};
use super::import::{Code, Key, Reason, RoleAt, Thing};
use super::keys::{self, Known};
use super::lines::{Person, Row, What};
use super::rows::{Import, State};
use super::slice::Slice;
use super::targets::{Brings, Targets, Unknown};
use crate::access::{Grant, Missing, Rights};
use crate::act::Act;
use crate::error::Result;
use crate::mail::address::Email;
use crate::mail_texts::MailTexts;
use crate::people::{self, User};
use crate::store::Tx;

/// What is to be done for a row.
pub(super) enum Verdict<'r> {
    Refuse(Reason),
    /// The keys that are not known yet are added.
    Leave,
    Make(&'r Person, Vec<Grant>),
    Change(&'r Person, Box<User>, Change),
    /// The caller, who alone is in the tenant, as the file has them.
    Adopt(&'r Person, Box<User>, Vec<Grant>),
    MakeThing(&'r Thing),
    ChangeThing(&'r Thing),
}

/// The verdicts on a slice, and what they need.
pub(super) struct Verdicts<'r> {
    pub(super) of_rows: Vec<Verdict<'r>>,
    /// Groups that are to be made first.
    pub(super) new_groups: BTreeSet<String>,
    /// Keys of users who are there no more.
    pub(super) stale: Vec<Key>,
    /// What is to be made first that users may name.
    pub(super) brought: Vec<(String, Brings)>,
}

/// Judges the rows of a slice.
///
/// # Errors
/// `Unauthenticated` when the caller's access has ended meanwhile; those of the store.
pub(super) fn judge<'r>(tx: &mut Tx<'_>, act: &Act, import: &Import, slice: &Slice<'r>) -> Result<Verdicts<'r>> {
    let rows = slice.rows;
    let mut judge = Judge {
        act,
        import,
        mine: act.rights_now(tx)?,
        given: BTreeMap::new(),
        new_groups: BTreeSet::new(),
        targets: Targets::new(act, import),
        mail_texts: slice.mail_texts,
    };
    let people: Vec<&Person> = rows.iter().filter_map(person).collect();
    let mut found = find(tx, act, import, &people)?.into_iter();
    let mut stale = Vec::new();
    let mut of_rows = Vec::with_capacity(rows.len());
    for row in rows {
        of_rows.push(match &row.what {
            What::Refused(_, reason) => Verdict::Refuse(reason.clone()),
            What::Thing(thing) => judge.thing(tx, thing)?,
            What::Person(person) => {
                let mut found = found.next().unwrap_or_default();
                stale.append(&mut found.stale);
                judge.row(tx, row, person, found, &slice.window)?
            }
        });
    }
    let Judge { new_groups, targets, .. } = judge;
    Ok(Verdicts { of_rows, new_groups, stale, brought: targets.into_brought() })
}

fn person(row: &Row) -> Option<&Person> {
    match &row.what {
        What::Person(person) => Some(person),
        What::Refused(..) | What::Thing(_) => None,
    }
}

/// Who is there already of the person in a row.
#[derive(Default)]
struct Found {
    /// Who has the address.
    by_address: Option<User>,
    /// Who has one of the keys.
    known: Option<(Known, User)>,
    stale: Vec<Key>,
    /// Whether this import has brought the user who has the address.
    is_of_this: bool,
    /// Whether someone has the id outside that the row brings.
    is_uid_taken: bool,
    /// Whether the person was erased here.
    was_erased: bool,
}

fn find(tx: &mut Tx<'_>, act: &Act, import: &Import, people: &[&Person]) -> Result<Vec<Found>> {
    let tenant = act.tenant.id;
    let emails: Vec<_> = people.iter().map(|person| &person.record.email).collect();
    let mut found: Vec<Found> = people::find_each_by_email(tx, tenant, &emails)?
        .into_iter()
        .map(|by_address| Found { by_address, ..Found::default() })
        .collect();
    let named: Vec<(usize, &Key)> = people
        .iter()
        .enumerate()
        .flat_map(|(nth, person)| person.record.keys.iter().map(move |key| (nth, key)))
        .collect();
    let known = keys::known_by(tx, tenant, &named.iter().map(|(_, key)| *key).collect::<Vec<_>>())?;
    let known: Vec<_> = named.into_iter().zip(known).filter_map(|(key, known)| Some((key, known?))).collect();
    let users: Vec<_> = known.iter().map(|(_, known)| known.user).collect();
    for (((nth, key), known), user) in known.into_iter().zip(people::find_each_by_id(tx, tenant, &users)?) {
        match user {
            Some(user) if found[nth].known.is_none() => found[nth].known = Some((known, user)),
            Some(_) => {}
            None => found[nth].stale.push(key.clone()),
        }
    }
    let strangers: Vec<usize> =
        (0..found.len()).filter(|nth| found[*nth].known.is_none() && found[*nth].by_address.is_some()).collect();
    let users: Vec<_> = strangers.iter().filter_map(|nth| Some(found[*nth].by_address.as_ref()?.id)).collect();
    for (nth, is_of_this) in strangers.into_iter().zip(keys::are_of(tx, tenant, &users, import.id)?) {
        found[nth].is_of_this = is_of_this;
    }
    if import.options.erased == Erased::Refuse {
        let codes: Vec<_> = people.iter().map(|person| person.code).collect();
        for (found, was_erased) in found.iter_mut().zip(people::were_erased(tx, tenant, &codes)?) {
            found.was_erased = was_erased;
        }
    }
    if import.options.tenant {
        let uids = people.iter().enumerate().filter_map(|(nth, person)| Some((nth, person.uid()?)));
        let (of_rows, uids): (Vec<usize>, Vec<Uuid>) = uids.unzip();
        for (nth, is_taken) in of_rows.into_iter().zip(people::are_taken(tx, tenant, &uids)?) {
            found[nth].is_uid_taken = is_taken;
        }
    }
    Ok(found)
}

/// What a row asks to be given.
type Wanted = (Vec<RoleAt>, Vec<String>);

/// What judges the rows of a slice.
pub(super) struct Judge<'a> {
    pub(super) act: &'a Act,
    pub(super) import: &'a Import,
    pub(super) mine: Rights,
    /// What may be given, by what is asked: a thousand rows ask for the same.
    given: BTreeMap<Wanted, std::result::Result<Vec<Grant>, Reason>>,
    new_groups: BTreeSet<String>,
    pub(super) targets: Targets<'a>,
    pub(super) mail_texts: &'a MailTexts,
}

impl Judge<'_> {
    fn row<'r>(
        &mut self,
        tx: &mut Tx<'_>,
        row: &Row,
        person: &'r Person,
        found: Found,
        window: &Window,
    ) -> Result<Verdict<'r>> {
        let record = &person.record;
        let is_tenant = self.import.options.tenant;
        if record.is_owner && !is_tenant {
            return Ok(Verdict::Refuse(Reason::row(Code::Owner)));
        }
        if let Some((known, user)) = found.known {
            return self.known(tx, row, person, known, user);
        }
        if let Some(user) = found.by_address {
            if user.id == self.act.caller.user && self.import.found_empty_at.is_some() && self.is_owner(tx)? {
                return self.adopt(tx, person, user, found.is_uid_taken);
            }
            let code = if found.is_of_this { Code::DuplicateInFile } else { Code::Exists };
            return Ok(Verdict::Refuse(Reason::row(code)));
        }
        if found.was_erased {
            return Ok(Verdict::Refuse(Reason::row(Code::Erased)));
        }
        if found.is_uid_taken {
            return Ok(Verdict::Refuse(Reason::field(Code::DuplicateKey, "uid")));
        }
        if record.is_owner
            && let Some(reason) = self.owner_refused(tx, record.is_sso)?
        {
            return Ok(Verdict::Refuse(reason));
        }
        let is_run = self.import.state == State::Running;
        if let Some(reason) = record.password.as_ref().and_then(|password| hash::refused(password, window, is_run)) {
            return Ok(Verdict::Refuse(reason));
        }
        Ok(match self.give(tx, &record.roles, &record.groups)? {
            Ok(grants) => Verdict::Make(person, grants),
            Err(reason) => Verdict::Refuse(reason),
        })
    }

    /// A row about someone who came from the same source before.
    fn known<'r>(
        &mut self,
        tx: &mut Tx<'_>,
        row: &Row,
        person: &'r Person,
        known: Known,
        user: User,
    ) -> Result<Verdict<'r>> {
        let record = &person.record;
        let refuse = |code| Ok(Verdict::Refuse(Reason::row(code)));
        if known.import == self.import.id && known.row != row.number {
            return refuse(Code::DuplicateKey);
        }
        if Email::parse(&user.email).map_or(true, |email| email.key() != record.email.key()) {
            return refuse(Code::KeyMoved);
        }
        if known.digest == person.digest {
            return Ok(Verdict::Leave);
        }
        if self.import.options.update.is_empty() {
            return refuse(Code::ExistsDiffers);
        }
        let asks = |part| self.import.options.update.contains(&part);
        let roles = if asks(Part::Roles) { record.roles.clone() } else { Vec::new() };
        let groups = if asks(Part::Groups) { record.groups.clone() } else { Vec::new() };
        let grants = match self.give(tx, &roles, &groups)? {
            Ok(grants) => grants,
            Err(reason) => return Ok(Verdict::Refuse(reason)),
        };
        if let Some(reason) = differ::outranked(tx, self.act, &self.mine, &user)? {
            return Ok(Verdict::Refuse(reason));
        }
        let change = differ::change(tx, self.act, &self.import.options, &user, record, &grants)?;
        if change.ends_an_owner(&user) {
            return refuse(Code::Owner);
        }
        Ok(Verdict::Change(person, Box::new(user), change))
    }

    /// The grants of these roles, if the caller may give them and the roles of these groups.
    pub(super) fn give(
        &mut self,
        tx: &mut Tx<'_>,
        roles: &[RoleAt],
        groups: &[String],
    ) -> Result<std::result::Result<Vec<Grant>, Reason>> {
        let wanted = (roles.to_vec(), groups.to_vec());
        if let Some(given) = self.given.get(&wanted) {
            return Ok(given.clone());
        }
        let given = self.look(tx, roles, groups)?;
        self.given.insert(wanted, given.clone());
        Ok(given)
    }

    fn look(
        &mut self,
        tx: &mut Tx<'_>,
        roles: &[RoleAt],
        groups: &[String],
    ) -> Result<std::result::Result<Vec<Grant>, Reason>> {
        let grants: Vec<Grant> = roles.iter().map(|at| Grant::new(&*at.namespace, &*at.role)).collect();
        match self.targets.unknown(tx, roles)? {
            Some(Unknown::Role) => return Ok(Err(Reason::field(Code::RoleUnknown, "roles"))),
            Some(Unknown::Namespace) => return Ok(Err(Reason::field(Code::NamespaceUnknown, "roles"))),
            None => {}
        }
        let mut held = self.targets.held(tx, &grants)?;
        for name in groups {
            if let Some(by_group) = self.targets.held_by_group(tx, name)? {
                held.extend(by_group);
            } else if self.import.options.groups == Groups::Create {
                self.new_groups.insert(name.clone());
            } else {
                return Ok(Err(Reason::field(Code::GroupUnknown, "groups")));
            }
        }
        Ok(match self.mine.lack(&Rights::of(held, Vec::new())) {
            Some(missing) => Err(rank(&missing)),
            None => Ok(grants),
        })
    }
}

/// The reason why a row would give too much.
pub(super) fn rank(missing: &Missing) -> Reason {
    Reason::row(Code::Rank).because(format!("{} in the namespace {}", missing.group, missing.namespace))
}
