//! What a plan walks through: a table, or all rows of a tenant in it. A look-up, by contrast, compares with a value a
//! column of an index after the tenant, and every column before that one.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry::store::{Scope, Store};

use crate::engine::is_postgres;

/// Knows the indexes of a store.
pub struct Walks {
    /// The columns of each, as PostgreSQL needs them.
    indexes: BTreeMap<String, Vec<String>>,
}

const INDEXES: &str = "SELECT i.relname::text, string_agg(a.attname::text, ' ' ORDER BY k.nth)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
        CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, nth)
        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number
    WHERE i.relnamespace = current_schema()::regnamespace GROUP BY i.relname";

impl Walks {
    pub fn of(store: &Store) -> Self {
        let rows =
            if is_postgres() { store.read(Scope::HOUSE, |tx| tx.all(INDEXES, &[])).unwrap() } else { Vec::new() };
        let columns = |row: &tenantry::store::Row| row.get::<String>(1).unwrap().split(' ').map(String::from).collect();
        Self { indexes: rows.iter().map(|row| (row.get(0).unwrap(), columns(row))).collect() }
    }

    /// The tables that this plan of a statement walks through.
    pub fn in_plan(&self, statement: &str, plan: &str) -> Vec<String> {
        if !is_postgres() {
            return plan.lines().filter_map(of_sqlite).map(|name| table_of(statement, name)).collect();
        }
        let mut found = Vec::new();
        let told: Value = serde_json::from_str(plan).unwrap();
        self.of_postgres(&told[0]["Plan"], "", &mut found);
        found
    }

    /// `table` is the one of the node above, which a bitmap is made for.
    fn of_postgres(&self, node: &Value, table: &str, found: &mut Vec<String>) {
        let text = |member: &str| node[member].as_str().unwrap_or_default();
        let (kind, index) = (text("Node Type"), text("Index Name"));
        let table = if node["Relation Name"].is_string() { text("Relation Name") } else { table };
        let is_read = kind == "Seq Scan" || !index.is_empty();
        let is_found = self.indexes.get(index).is_some_and(|columns| is_look_up(columns, text("Index Cond")));
        // The tables of the server itself are its own affair.
        if is_read && !is_found && !table.starts_with("pg_") {
            found.push(table.to_owned());
        }
        node["Plans"].as_array().into_iter().flatten().for_each(|below| self.of_postgres(below, table, found));
    }
}

/// Whether a column beside the tenant is given, and each before it.
fn is_look_up(columns: &[String], condition: &str) -> bool {
    let given: Vec<_> = condition.split(" AND ").filter_map(|one| one.split_once(" = ")).collect();
    let is_given = |column: &&String| {
        let named = |left: &str| left.trim_start_matches('(').rsplit('.').next() == Some(column);
        given.iter().any(|(left, _)| named(left))
    };
    columns.iter().take_while(is_given).any(|column| column != "tenant")
}

/// The table that a step of SQLite's plan walks through, if any.
fn of_sqlite(step: &str) -> Option<&str> {
    let (how, of) = step.split_once(' ')?;
    let name = of.split(' ').next()?;
    // `(tenant=? AND id>?)`; none of it counts for an index that is made for the query, nor behind a column left open.
    let bound = of.rsplit_once(" (").map_or("", |(_, bound)| bound.split(')').next().unwrap_or_default());
    let is_given = bound.split(" AND ").any(|one| one.ends_with("=?") && one != "tenant=?");
    let is_found = is_given && !of.contains("AUTOMATIC") && !of.contains("ANY(");
    match how {
        "SCAN" => (!of.ends_with("CONSTANT ROW")).then_some(name),
        "SEARCH" => (!is_found).then_some(name),
        _ => None,
    }
}

/// The table that goes by this name in the statement.
fn table_of(statement: &str, name: &str) -> String {
    let words: Vec<_> = statement.split([' ', '(', ')', ',']).collect();
    let named = words.windows(3).find(|words| matches!(words[0], "FROM" | "JOIN") && words[2] == name);
    named.map_or(name, |words| words[1]).to_owned()
}

#[test]
fn a_walk_of_sqlite_is_told_from_a_look_up() {
    for step in [
        "SCAN t",
        "SCAN t USING COVERING INDEX i",
        "SEARCH t USING PRIMARY KEY (tenant=?)",
        "SEARCH t EXISTS USING PRIMARY KEY (tenant=?)",
        "SEARCH t USING INDEX i (tenant=? AND at<?)",
        "SEARCH t USING AUTOMATIC COVERING INDEX (a=?)",
        "SEARCH t USING PRIMARY KEY (ANY(tenant) AND a=?)",
        "SEARCH t USING PRIMARY KEY ((tenant,id)>(?,?))",
    ] {
        assert_eq!(of_sqlite(step), Some("t"), "{step}");
    }
    for step in [
        "SEARCH t USING INDEX i (tenant=? AND a=?)",
        "SEARCH t USING PRIMARY KEY (id=?) LEFT-JOIN",
        "SCAN CONSTANT ROW",
        "USE TEMP B-TREE FOR ORDER BY",
    ] {
        assert_eq!(of_sqlite(step), None, "{step}");
    }
    assert_eq!(table_of("SELECT 1 FROM users u JOIN grants g ON g.tenant = u.tenant", "g"), "grants");
    assert_eq!(table_of("DELETE FROM users WHERE tenant = ?", "users"), "users");
}

#[test]
fn a_walk_of_postgresql_is_told_from_a_look_up() {
    let columns = ["tenant", "user_id", "role"].map(String::from);
    for condition in [
        "",
        "(tenant = $1)",
        "(s.tenant = given.c1)",
        "((tenant = $1) AND (user_id > $2))",
        "((tenant = $1) AND (role = $2))",
    ] {
        assert!(!is_look_up(&columns, condition), "{condition}");
    }
    for condition in ["((s.tenant = $1) AND (s.user_id = $2))", "((user_id = u.id) AND (tenant = $1))"] {
        assert!(is_look_up(&columns, condition), "{condition}");
    }
}
