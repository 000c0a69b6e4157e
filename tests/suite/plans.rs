//! No statement walks through a tenant or a table, except those that `docs/plans.md` lists with their reasons.

mod filled;
pub mod statements;
mod walks;

use std::collections::BTreeSet;
use std::path::Path;

use crate::engine::is_postgres;
use crate::tidy::read;
use filled::filled;
use statements::Statement;
use tenantry::store::Sent;
use walks::Walks;

/// A line of the list.
#[derive(Debug)]
struct Listed {
    /// The statement, in which `…` stands for any text, or the file of several.
    pattern: String,
    /// The tables that it walks through.
    tables: String,
    /// Whether it reads in the order of an index, and no more rows than requested.
    is_page: bool,
    /// Whether it reads a part of an index between two ends.
    is_range: bool,
}

impl Listed {
    fn all() -> Vec<Self> {
        let page = read(Path::new("docs/plans.md"));
        page.lines().filter(|line| line.starts_with("| `")).map(Self::read).collect()
    }

    fn read(line: &str) -> Self {
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        assert!(cells.len() == 5 && cells[3].len() > 20, "no reason: {line}");
        Self {
            pattern: cells[1].into(),
            tables: cells[2].into(),
            is_page: cells[3].starts_with("A page"),
            is_range: cells[3].starts_with("A range"),
        }
    }

    /// Whether the statement may walk through the table by this plan.
    fn allows(&self, statement: &Statement, table: &str, plan: &str) -> bool {
        let is_whole = plan.contains("SCAN ") || plan.contains("Seq Scan");
        let is_sorted = plan.contains("TEMP B-TREE") || plan.contains("Sort\"");
        self.is_of(statement)
            && (self.tables == "every table" || self.tables.split(", ").any(|known| known == table))
            && !(self.is_page && is_sorted)
            && !(self.is_range && is_whole)
    }

    fn is_of(&self, statement: &Statement) -> bool {
        Path::new(&self.pattern) == statement.file || self.is_like(&statement.text)
    }

    fn is_like(&self, statement: &str) -> bool {
        let Some((first, rest)) = self.pattern.split_once('…') else { return self.pattern == statement };
        let Some(mut behind) = statement.strip_prefix(first) else { return false };
        let (middle, last) = rest.rsplit_once('…').unwrap_or(("", rest));
        for part in middle.split('…') {
            let Some((_, rest)) = behind.split_once(part) else { return false };
            behind = rest;
        }
        behind.ends_with(last)
    }
}

/// Whether the statement is one of this engine's.
fn is_sent(statement: &Statement) -> bool {
    let other = if is_postgres() { "src/store/sqlite" } else { "src/store/postgres" };
    !statement.file.to_string_lossy().starts_with(other)
}

#[test]
fn no_statement_walks_through_a_tenant_or_a_table_but_those_that_are_listed() {
    let data = tempfile::tempdir().unwrap();
    let store = filled(data.path());
    let statements = statements::all();
    assert!(statements.len() > 150, "only {} statements were found", statements.len());
    let (listed, walks) = (Listed::all(), Walks::of(&store));
    let (mut plans, mut refused, mut used) = (0, Vec::new(), BTreeSet::new());
    let sent = || statements.iter().filter(|statement| is_sent(statement));
    for statement in sent() {
        let sent = if statement.is_batch { Sent::AsBatch } else { Sent::Alone };
        let told = store.explain(&statement.text, sent);
        for plan in told.unwrap_or_else(|error| panic!("{error:?}: {statement:?}")) {
            plans += 1;
            for table in walks.in_plan(&statement.text, &plan) {
                match listed.iter().position(|line| line.allows(statement, &table, &plan)) {
                    Some(line) => drop(used.insert(line)),
                    None => {
                        refused.push(format!("{}: {table}\n  {}\n{plan}", statement.file.display(), statement.text))
                    }
                }
            }
        }
    }
    eprintln!("{} statements, {plans} plans, walks of {} lines of the list", sent().count(), used.len());
    assert!(refused.is_empty(), "look up by a key, or list it in docs/plans.md: {}", refused.join("\n\n"));
    // PostgreSQL may look up rows for which the other engine walks.
    let is_idle = |(nth, line): &(usize, &Listed)| {
        !is_postgres() && !used.contains(nth) && sent().any(|statement| line.is_of(statement))
    };
    let idle: Vec<_> = listed.iter().enumerate().filter(is_idle).map(|(_, line)| &line.pattern).collect();
    assert!(idle.is_empty(), "these do not walk any more; take them out of docs/plans.md: {idle:#?}");
    let unknown: Vec<_> = listed.iter().filter(|line| !statements.iter().any(|one| line.is_of(one))).collect();
    assert!(unknown.is_empty(), "there are no such statements; take them out of docs/plans.md: {unknown:#?}");
    store.close();
}

/// Pages are read by `Store::scan`, whose sessions leave the planner nearly as the server has it. What the sealer has not
/// taken yet is so little that it may be sorted.
#[test]
fn a_page_that_is_scanned_comes_in_the_order_of_its_index_too() {
    let data = tempfile::tempdir().unwrap();
    let store = filled(data.path());
    let pages: Vec<_> = Listed::all().into_iter().filter(|line| line.is_page).collect();
    let mut sorted = Vec::new();
    for statement in statements::all().iter().filter(|one| is_sent(one) && pages.iter().any(|line| line.is_of(one))) {
        for plan in store.explain(&statement.text, Sent::InScan).unwrap() {
            let is_sorted = plan.contains("TEMP B-TREE") || plan.contains("Sort\"");
            let is_short =
                ["FROM audit_waiting ", "FROM audit_unsealed "].iter().any(|from| statement.text.contains(from));
            if is_sorted && !is_short {
                sorted.push(format!("{}\n{plan}", statement.text));
            }
        }
    }
    assert!(sorted.is_empty(), "{}", sorted.join("\n\n"));
    store.close();
}
