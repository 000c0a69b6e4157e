//! Who is in which group of a directory. Groups may hold groups: members of the inner one are in the outer one too. Where groups
//! hold each other in a circle, it is cut at the member that would close it.

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::codes::Code;
use super::record::GROUPS_OF_USER_MAX;
use super::{dn, ldif_entry::Entry};

/// Sixteen bytes of the SHA-256 of a name: few enough to keep for each member, too many for two names to share them.
type Mark = [u8; 16];

fn mark(kind: &str, name: &str) -> Mark {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(name).finalize();
    std::array::from_fn(|nth| digest[nth])
}

/// The groups of an import.
#[derive(Default)]
pub(super) struct Groups {
    names: Vec<String>,
    by_dn: HashMap<Mark, u32>,
    /// Each member with its group, sorted.
    members: Vec<(Mark, u32)>,
    /// The groups that hold each group.
    outer: Vec<Vec<u32>>,
    is_in_circle: Vec<bool>,
}

/// The groups of a person.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) names: Vec<String>,
    /// What is to be told of them.
    pub(super) codes: Vec<Code>,
}

impl Groups {
    /// Adds a group with its members and answers how many groups there are.
    pub(super) fn add(&mut self, entry: &Entry) -> usize {
        let dn = entry.text("dn").unwrap_or_default();
        let name = entry.text("cn").or_else(|| dn::first_value(&dn)).unwrap_or_default();
        let nth = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        // A stroke in a name is no path here.
        self.names.push(name.replace('/', "-"));
        self.by_dn.insert(mark("dn", &dn::normal(&dn)), nth);
        for kind in ["member", "uniquemember"] {
            self.members.extend(entry.texts(kind).iter().map(|member| (mark("dn", &dn::normal(member)), nth)));
        }
        self.members.extend(entry.texts("memberuid").iter().map(|uid| (mark("uid", &uid.to_lowercase()), nth)));
        self.names.len()
    }

    /// To be called once, when all groups are there.
    pub(super) fn connect(&mut self) {
        let groups = self.names.len();
        let mut inner = vec![Vec::new(); groups];
        for (member, holder) in &self.members {
            if let Some(group) = self.by_dn.get(member) {
                inner[*holder as usize].push(*group);
            }
        }
        self.members.sort_unstable();
        (self.outer, self.is_in_circle) = (vec![Vec::new(); groups], vec![false; groups]);
        let mut state = vec![Visit::Not; groups];
        for start in 0..groups {
            self.walk(start, &inner, &mut state);
        }
    }

    /// Walks from one group into all that it holds, in the order of the file, and keeps each step but those that lead back.
    fn walk(&mut self, start: usize, inner: &[Vec<u32>], state: &mut [Visit]) {
        if state[start] != Visit::Not {
            return;
        }
        let mut way = vec![(start, 0)];
        state[start] = Visit::Under;
        while let Some((group, next)) = way.last_mut() {
            let (holder, step) = (*group, *next);
            *next += 1;
            let Some(held) = inner[holder].get(step).map(|held| *held as usize) else {
                state[holder] = Visit::Done;
                way.pop();
                continue;
            };
            if state[held] == Visit::Under {
                let circle = way.iter().skip_while(|(group, _)| *group != held);
                circle.for_each(|(group, _)| self.is_in_circle[*group] = true);
                continue;
            }
            self.outer[held].push(u32::try_from(holder).unwrap_or(u32::MAX));
            if state[held] == Visit::Not {
                state[held] = Visit::Under;
                way.push((held, 0));
            }
        }
    }

    /// The groups of a person; those of `member_of` count too, and need not be in the file.
    pub(super) fn of(&self, dn: &str, uids: &[String], member_of: &[String]) -> Found {
        let mut found = Found::default();
        let mut direct: Vec<u32> = self.held_by(mark("dn", &dn::normal(dn))).collect();
        direct.extend(uids.iter().flat_map(|uid| self.held_by(mark("uid", &uid.to_lowercase()))));
        for group in member_of {
            match self.by_dn.get(&mark("dn", &dn::normal(group))) {
                Some(known) => direct.push(*known),
                None => found.names.extend(dn::first_value(group).map(|name| name.replace('/', "-"))),
            }
        }
        let direct: BTreeSet<u32> = direct.into_iter().collect();
        let all = self.with_outer(&direct);
        if all.len() > direct.len() {
            found.codes.push(Code::GroupFlattened);
        }
        if all.iter().any(|group| self.is_in_circle[*group as usize]) {
            found.codes.push(Code::GroupCycle);
        }
        found.names.extend(all.iter().map(|group| self.names[*group as usize].clone()));
        found
    }

    fn held_by(&self, member: Mark) -> impl Iterator<Item = u32> {
        let from = self.members.partition_point(|(known, _)| *known < member);
        self.members[from..].iter().take_while(move |(known, _)| *known == member).map(|(_, group)| *group)
    }

    /// Some groups and those that hold them; of more than a user may have, only so many that it shows.
    fn with_outer(&self, direct: &BTreeSet<u32>) -> BTreeSet<u32> {
        let (mut all, mut open) = (direct.clone(), direct.iter().copied().collect::<Vec<_>>());
        while let Some(group) = open.pop().filter(|_| all.len() <= GROUPS_OF_USER_MAX) {
            open.extend(self.outer[group as usize].iter().filter(|outer| all.insert(**outer)));
        }
        all
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    /// On the way that is being walked.
    Under,
    Done,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::import::ldif_entry::Value;

    fn group(name: &str, members: &[&str]) -> Entry {
        let value = |name: &str, text: String| Value {
            name: name.into(),
            options: String::new(),
            bytes: Some(text.into_bytes()),
        };
        let mut values = vec![value("dn", format!("cn={name},dc=x")), value("cn", name.into())];
        values.extend(members.iter().map(|member| value("member", format!("CN={member}, DC=x"))));
        Entry { line: 1, values, ..Entry::default() }
    }

    fn groups(all: &[(&str, &[&str])]) -> Groups {
        let mut groups = Groups::default();
        for (name, members) in all {
            groups.add(&group(name, members));
        }
        groups.connect();
        groups
    }

    fn of(groups: &Groups, person: &str) -> (Vec<String>, Vec<Code>) {
        let found = groups.of(&format!("cn={person},dc=x"), &[], &[]);
        (found.names, found.codes)
    }

    #[test]
    fn a_member_of_an_inner_group_is_in_the_outer_ones() {
        let all = groups(&[("all", &["staff", "ann"]), ("staff", &["leads", "missing"]), ("leads", &["jane"])]);
        assert_eq!(of(&all, "ann"), (vec!["all".into()], vec![]));
        let (names, codes) = of(&all, "jane");
        assert_eq!((names, codes), (vec!["all".into(), "staff".into(), "leads".into()], vec![Code::GroupFlattened]));
        assert_eq!(of(&all, "nobody"), (vec![], vec![]));
        let found = all.of("cn=x,dc=x", &[], &["cn=Other Group,dc=elsewhere".into(), "CN=leads,dc=X".into()]);
        assert_eq!(found.names, ["Other Group", "all", "staff", "leads"]);
    }

    #[test]
    fn a_circle_is_cut_where_it_closes() {
        let all = groups(&[("staff", &["leads", "ann"]), ("leads", &["staff", "jane"])]);
        assert_eq!(of(&all, "ann"), (vec!["staff".into()], vec![Code::GroupCycle]));
        let both = vec!["staff".into(), "leads".into()];
        assert_eq!(of(&all, "jane"), (both, vec![Code::GroupFlattened, Code::GroupCycle]));
        let alone = groups(&[("a", &["a", "ann"])]);
        assert_eq!(of(&alone, "ann"), (vec!["a".into()], vec![Code::GroupCycle]));
    }

    #[test]
    fn ten_thousand_groups_within_each_other_are_walked() {
        let names: Vec<String> = (0..10_001).map(|nth| format!("g{nth}")).collect();
        let mut chain = Groups::default();
        for pair in names.windows(2) {
            chain.add(&group(&pair[0], &[&pair[1]]));
        }
        chain.connect();
        let found = of(&chain, "g10000").0.len();
        assert!((101..200).contains(&found), "more than a user may have: {found}");
    }
}
