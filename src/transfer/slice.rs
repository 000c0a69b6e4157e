//! A slice of a chunk: its rows judged and, in the run, carried out, in one transaction with the place at which the import
//! goes on. Killed in the middle, nothing of it is there.

use serde_json::Value;
use uuid::Uuid;

use super::adopted::{adopt, bring_picture};
use super::hash::Window;
use super::import::{Code, Password, Reason, Told};
use super::judge::{Verdict, Verdicts, judge};
use super::keys::{self, NewKey};
use super::lines::{Person, Row, What};
use super::made;
use super::noted;
use super::outcome::{Judged, Outcome};
use super::records::Records;
use super::rows::{self, Import, State};
use super::targets::{self, Brings};
use crate::access::{ApiGroup, Grant, SYSTEM};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail_texts::MailTexts;
use crate::passwords::is_outlived;
use crate::people::{self, Brought, Group, NewUser, User};
use crate::random::Random;
use crate::store::Tx;

/// A slice of a chunk, as a verb is handed it.
pub(super) struct Slice<'a> {
    pub(super) import: Uuid,
    /// The number of the chunk.
    pub(super) chunk: i64,
    /// How many of its rows were done before.
    pub(super) done: i64,
    pub(super) rows: &'a [Row],
    /// Whether it is the last of its chunk.
    pub(super) is_last: bool,
    pub(super) window: Window,
    pub(super) mail_texts: &'a MailTexts,
}

/// A slice of a plan.
#[derive(Debug, Clone)]
pub(super) struct PlannedSlice {
    pub(super) judged: Vec<Judged>,
    /// What it would make that later rows may name.
    brought: Vec<(String, Brings)>,
}

/// Judges a slice of a plan; for [`note_plan`], in a transaction of its own.
///
/// # Errors
/// As [`judge`].
pub(super) fn plan(tx: &mut Tx<'_>, act: &Act, slice: &Slice<'_>) -> Result<PlannedSlice> {
    let import = rows::get(tx, act.tenant.id, slice.import)?;
    let verdicts = judge(tx, act, &import, slice)?;
    let judged = slice.rows.iter().zip(&verdicts.of_rows).map(|(row, verdict)| judged(act, row, verdict)).collect();
    Ok(PlannedSlice { judged, brought: verdicts.brought })
}

/// Judges a slice of the run and carries it out.
///
/// # Errors
/// `Conflict` where the import has been gone on with meanwhile; those of [`judge`].
pub(super) fn run(tx: &mut Tx<'_>, act: &Act, slice: &Slice<'_>, random: &Random) -> Result<(Vec<Judged>, Import)> {
    let import = at_its_place(tx, act, slice)?;
    if !act.rights_now(tx)?.allow(ApiGroup::UamAdminWrite, SYSTEM) {
        return Err(Error::forbidden("You may not import users any more. What was done stays."));
    }
    let verdicts = judge(tx, act, &import, slice)?;
    let mut all: Vec<Judged> =
        slice.rows.iter().zip(&verdicts.of_rows).map(|(row, verdict)| judged(act, row, verdict)).collect();
    carry_out(tx, Records::new(act, &import), slice, &verdicts, &mut all, random)?;
    let import = note(tx, act, slice, import, &all)?;
    Ok((all, import))
}

/// Writes where a plan stands.
///
/// # Errors
/// `Conflict` where the import has been gone on with meanwhile.
pub(super) fn note_plan(tx: &mut Tx<'_>, act: &Act, slice: &Slice<'_>, planned: &PlannedSlice) -> Result<Import> {
    let import = at_its_place(tx, act, slice)?;
    targets::keep(tx, act.tenant.id, import.id, &planned.brought)?;
    note(tx, act, slice, import, &planned.judged)
}

/// The import, if it stands where the slice begins.
fn at_its_place(tx: &mut Tx<'_>, act: &Act, slice: &Slice<'_>) -> Result<Import> {
    let import = rows::get(tx, act.tenant.id, slice.import)?;
    if !matches!(import.state, State::Planning | State::Running) {
        return Err(Error::conflict("This import has come to its end meanwhile. What was done stays."));
    }
    if (import.chunk, import.done) != (slice.chunk, slice.done) {
        return Err(Error::conflict(format!(
            "Another client goes on with this import: row {} of chunk {} comes next. Nothing of this part was done twice.",
            import.done + 1,
            import.chunk
        )));
    }
    if slice.rows.first().is_some_and(|row| row.number <= import.counts.last_row) {
        return Err(Error::invalid(format!(
            "Row {} was there already: the numbers of rows go up from chunk to chunk.",
            slice.rows[0].number
        )));
    }
    Ok(import)
}

fn note(tx: &mut Tx<'_>, act: &Act, slice: &Slice<'_>, mut import: Import, all: &[Judged]) -> Result<Import> {
    let phase = i64::from(import.state == State::Running);
    import.noted += noted::note(tx, act.tenant.id, &import, phase, all)?;
    all.iter().for_each(|judged| import.counts.add(judged));
    import.done += slice.rows.len() as i64;
    if slice.is_last {
        (import.chunk, import.done) = (import.chunk + 1, 0);
    }
    import.touched_at = act.now;
    rows::replace(tx, act.tenant.id, &import)?;
    Ok(import)
}

/// What a verdict comes to.
fn judged(act: &Act, row: &Row, verdict: &Verdict<'_>) -> Judged {
    let kind = match &row.what {
        What::Person(_) => "user",
        What::Thing(thing) => thing.kind().word(),
        What::Refused(kind, _) => kind,
    };
    let of = |outcome, codes| Judged {
        row: row.number,
        line: row.line,
        kind,
        outcome,
        codes,
        scheme: None,
        is_expired: false,
    };
    match verdict {
        Verdict::Refuse(reason) => of(Outcome::Refused, vec![Told::field(reason.code, reason.field.clone())]),
        Verdict::Leave => of(Outcome::Unchanged, vec![Told::row(Code::Unchanged)]),
        Verdict::Change(_, _, change) if change.is_none() => of(Outcome::Unchanged, vec![Told::row(Code::Unchanged)]),
        Verdict::MakeThing(_) => of(Outcome::Taken, Vec::new()),
        Verdict::ChangeThing(_) => of(Outcome::Updated, Vec::new()),
        Verdict::Adopt(person, ..) => of(Outcome::Updated, person.record.told.clone()),
        Verdict::Change(person, ..) => of(Outcome::Updated, person.record.told.clone()),
        Verdict::Make(person, _) => {
            let set_at = person.record.password_set_at.unwrap_or(act.now);
            let policy = &act.tenant.settings.password;
            let is_expired = person.record.password.is_some() && is_outlived(policy, Some(set_at), act.now);
            let scheme = person.scheme();
            Judged { scheme, is_expired, ..of(Outcome::Taken, person.record.told.clone()) }
        }
    }
}

fn carry_out(
    tx: &mut Tx<'_>,
    mut records: Records<'_>,
    slice: &Slice<'_>,
    verdicts: &Verdicts<'_>,
    all: &mut [Judged],
    random: &Random,
) -> Result<()> {
    let (act, import) = (records.act, records.import);
    for (row, verdict) in slice.rows.iter().zip(&verdicts.of_rows) {
        match verdict {
            Verdict::MakeThing(thing) => made::make(tx, &mut records, row, thing, (random, slice.mail_texts))?,
            Verdict::ChangeThing(thing) => made::change_thing(tx, &mut records, row, thing)?,
            _ => {}
        }
    }
    for name in &verdicts.new_groups {
        make_group(tx, &mut records, name, random)?;
    }
    keys::forget_keys(tx, act.tenant.id, &verdicts.stale)?;
    let new: Vec<(usize, &Person, NewUser)> = verdicts
        .of_rows
        .iter()
        .enumerate()
        .filter_map(|(nth, verdict)| match verdict {
            Verdict::Make(person, grants) => Some((nth, *person, new_user(import, person, grants))),
            _ => None,
        })
        .collect();
    make_users(tx, &mut records, slice.rows, &new, all)?;
    for (row, verdict) in slice.rows.iter().zip(&verdicts.of_rows) {
        if let Verdict::Adopt(person, user, grants) = verdict {
            let facts = adopt(tx, act, person, user, grants)?;
            records.of_change(row, person, user, facts);
            know(tx, act, import, row, person, user)?;
        }
        if let Verdict::Change(person, user, change) = verdict {
            if !change.is_none() {
                let facts = change.make(tx, act, user)?;
                records.of_change(row, person, user, Value::Object(facts));
            }
            know(tx, act, import, row, person, user)?;
        }
    }
    records.write(tx)
}

/// Writes what the source says now of a user who is known.
fn know(tx: &mut Tx<'_>, act: &Act, import: &Import, row: &Row, person: &Person, user: &User) -> Result<()> {
    let named: Vec<_> = person.record.keys.iter().collect();
    let known = keys::known_by(tx, act.tenant.id, &named)?;
    let new = |key| NewKey { key, user: user.id, digest: &person.digest, row: row.number };
    let (there, missing): (Vec<_>, Vec<_>) = named.into_iter().zip(known).partition(|(_, known)| known.is_some());
    let there: Vec<_> = there.into_iter().map(|(key, _)| new(key)).collect();
    let missing: Vec<_> = missing.into_iter().map(|(key, _)| new(key)).collect();
    keys::change_keys(tx, act.tenant.id, import.id, &there)?;
    keys::insert_keys(tx, act.tenant.id, import.id, &missing)
}

fn make_users(
    tx: &mut Tx<'_>,
    records: &mut Records<'_>,
    of_slice: &[Row],
    new: &[(usize, &Person, NewUser)],
    all: &mut [Judged],
) -> Result<()> {
    let (act, import) = (records.act, records.import);
    let users: Vec<NewUser> = new.iter().map(|(_, _, user)| user.clone()).collect();
    let made = people::insert_each(tx, act.tenant.id, &users, &act.actor.name, act.now)?;
    let (mut new_keys, mut hands) = (Vec::new(), Vec::new());
    for ((nth, person, user), made) in new.iter().zip(made) {
        let row = &of_slice[*nth];
        if !made {
            let reason = Reason::row(Code::DuplicateInFile);
            all[*nth] = judged(act, row, &Verdict::Refuse(reason));
            continue;
        }
        let of_user = |key| NewKey { key, user: user.id, digest: &person.digest, row: row.number };
        new_keys.extend(person.record.keys.iter().map(of_user));
        hands.push((user.id, &user.email));
        bring_picture(tx, act, person, user.id)?;
        records.of_new(row, person, user);
    }
    keys::insert_keys(tx, act.tenant.id, import.id, &new_keys)?;
    people::hand_over_each(tx, act.tenant.id, &hands)
}

fn new_user(import: &Import, person: &Person, grants: &[Grant]) -> NewUser {
    let record = &person.record;
    let hash = match &record.password {
        Some(Password::Hash(foreign)) => foreign.kept().map(String::from),
        _ => None,
    };
    let uid = person.uid().filter(|_| import.options.tenant).unwrap_or(person.drawn.uid);
    NewUser {
        uid,
        is_owner: record.is_owner,
        kind: if record.is_service { people::Kind::Service } else { people::Kind::Person },
        first_name: record.first_name.clone(),
        last_name: record.last_name.clone(),
        sign_in_by: if record.is_sso { people::SignInBy::SingleSignOn } else { people::SignInBy::Password },
        password_hash: hash,
        grants: grants.to_vec(),
        brought: Brought {
            language: record.language,
            created_at: record.created_at,
            is_disabled: record.state == super::import::State::Disabled,
            is_verified: record.verified == Some(true),
            password_set_at: record.password_set_at,
            must_change: record.must_change,
            groups: record.groups.clone(),
        },
        ..person.drawn.clone()
    }
}

fn make_group(tx: &mut Tx<'_>, records: &mut Records<'_>, name: &str, random: &Random) -> Result<()> {
    let act = records.act;
    let group = Group::new(name.into(), &act.actor.name, random, act.now);
    people::insert_group(tx, act.tenant.id, &group)?;
    records.of_group(name);
    Ok(())
}
