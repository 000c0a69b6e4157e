//! The handful of places where the engines spell things differently, each with its reason.

/// SQLite takes `$1` for a name and numbers names by first appearance, which silently binds the
/// wrong values; `?1` is numbered by what it says.
pub(super) fn statement_for_sqlite(statement: &str) -> String {
    let mut respelt = String::with_capacity(statement.len());
    let mut chars = statement.chars().peekable();
    while let Some(c) = chars.next() {
        let is_placeholder = c == '$' && chars.peek().is_some_and(char::is_ascii_digit);
        respelt.push(if is_placeholder { '?' } else { c });
    }
    respelt
}

/// Migrations are written in the types of PostgreSQL. SQLite's strict tables know fewer names, and
/// a table clustered by its key saves one tree for each (measured: a quarter of the writing).
pub(super) fn migration_for_sqlite(sql: &str) -> String {
    sql.replace(" BIGINT", " INTEGER").replace(" BYTEA", " BLOB").replace("\n);", "\n) STRICT, WITHOUT ROWID;")
}

/// Text is compared byte by byte, as SQLite does it, whatever the language of the server. Behind each table of a tenant
/// stands the second wall: rows of tenants that the session was not told to see are not there.
pub(super) fn migration_for_postgres(sql: &str) -> String {
    let mut respelt = sql.replace(" TEXT", " TEXT COLLATE \"C\"");
    for table in sql.split("CREATE TABLE ").skip(1) {
        let name = table.split([' ', '(']).next().unwrap_or_default();
        let column = if table.contains("\n    tenant BIGINT") { "tenant" } else { "id" };
        let is_tenants = column == "tenant" || name == "tenants";
        if is_tenants {
            respelt.push_str(&wall(name, column));
        }
    }
    respelt
}

fn wall(table: &str, column: &str) -> String {
    // In brackets of their own, so that they are read once for a statement and not for each row.
    let sees = "(SELECT current_setting('tenantry.tenants', true))";
    let listed = "(SELECT string_to_array(NULLIF(current_setting('tenantry.tenants', true), '*'), ',')::bigint[])";
    format!(
        "\nALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n\
         CREATE POLICY tenants_apart ON {table} USING ({sees} = '*' OR {column} = ANY ({listed}::bigint[]));\n\
         ALTER TABLE {table} SET (fillfactor = 80);\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_respelt_and_nothing_else_is() {
        assert_eq!(
            statement_for_sqlite("UPDATE t SET a = $2 WHERE b = $1 AND c = '$'"),
            "UPDATE t SET a = ?2 WHERE b = ?1 AND c = '$'"
        );
    }

    #[test]
    fn tables_become_strict_and_clustered() {
        let sql = migration_for_sqlite("CREATE TABLE t (\n    id BIGINT PRIMARY KEY,\n    b BYTEA\n);");
        assert_eq!(sql, "CREATE TABLE t (\n    id INTEGER PRIMARY KEY,\n    b BLOB\n) STRICT, WITHOUT ROWID;");
    }
}
