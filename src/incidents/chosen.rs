//! The users who are looked at for a plan, page by page: those whom the filter finds, or those of the list.

use super::rows::Incident;
use super::{lines, terms::Terms};
use crate::access::Rights;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::mail::address::Email;
use crate::people::{self, Kind};
use crate::store::Tx;
use crate::users::{FoundUser, Place, found_each, search};

/// One who is looked at.
pub(super) enum Chosen {
    /// A person, with their rights.
    Person(Box<FoundUser>, Rights),
    /// A service user, whom a list names.
    Service(UserId),
    /// An address of a list that belongs to nobody.
    Nobody(String),
}

/// A page of them.
pub(super) struct Page {
    pub(super) chosen: Vec<Chosen>,
    /// Where the next one begins; none at the end.
    pub(super) next: Option<Place>,
}

/// The next page of those who are looked at.
pub(super) fn look(tx: &mut Tx<'_>, tenant: TenantId, incident: &Incident, most: usize) -> Result<Page> {
    if incident.terms.is_by_list() {
        look_at_list(tx, tenant, incident, most)
    } else {
        by_filter(tx, tenant, incident, most)
    }
}

fn by_filter(tx: &mut Tx<'_>, tenant: TenantId, incident: &Incident, most: usize) -> Result<Page> {
    let Terms { filter, .. } = &incident.terms;
    let found = search(tx, tenant, &filter.filter(), incident.found_to.clone(), most)?;
    let ids: Vec<_> = found.users.iter().map(|user| user.id).collect();
    let rights = people::rights_of_each(tx, tenant, &ids)?;
    let person = |(user, rights)| Chosen::Person(Box::new(user), rights);
    Ok(Page { chosen: found.users.into_iter().zip(rights).map(person).collect(), next: found.next })
}

fn look_at_list(tx: &mut Tx<'_>, tenant: TenantId, incident: &Incident, most: usize) -> Result<Page> {
    let behind = incident.found_to.as_ref().map_or("", |place| place.key.as_str());
    let listed = lines::next(tx, tenant, incident.id, behind, most)?;
    let emails = listed.iter().map(|(_, email)| Email::parse(email)).collect::<Result<Vec<_>>>()?;
    let users = people::find_each_by_email(tx, tenant, &emails.iter().collect::<Vec<_>>())?;
    let ids: Vec<_> = users.iter().flatten().map(|user| user.id).collect();
    let mut found = found_each(tx, tenant, &ids)?.into_iter().zip(people::rights_of_each(tx, tenant, &ids)?);
    let mut chosen = Vec::with_capacity(listed.len());
    for ((_, email), user) in listed.iter().zip(users) {
        let Some(user) = user else {
            chosen.push(Chosen::Nobody(email.clone()));
            continue;
        };
        chosen.push(match found.next() {
            Some((Some(person), rights)) if user.kind != Kind::Service => Chosen::Person(Box::new(person), rights),
            _ => Chosen::Service(user.id),
        });
    }
    let last = listed.last().filter(|_| listed.len() == most);
    Ok(Page { chosen, next: last.map(|(key, _)| Place { key: key.clone(), user: 0 }) })
}
