//! The text that does for many rows at once what a statement does for one. Made from the statement itself, so that
//! there is one text to read; what cannot be made so is sent row by row.

use tokio_postgres::types::Type;

/// The statement over arrays, one for each of its values. Its answer says in the first column to which row (counted
/// from 1) the rest belongs. `None` for what has no such form.
pub(super) fn over_arrays(statement: &str, types: &[Type]) -> Option<String> {
    let text = statement.trim();
    let given = given(types, 1, "nth")?;
    if types.is_empty() || text.contains("RETURNING") {
        return None;
    }
    match verb(text).as_str() {
        "insert" => insert(text, &given),
        "update" => Some(format!("{} RETURNING given.nth", update(text, &given)?)),
        "select" => {
            let text = by_column(text);
            Some(format!("SELECT given.nth, found.* FROM {given} CROSS JOIN LATERAL ({text}) AS found"))
        }
        _ => None,
    }
}

/// Several statements that write, over arrays, as one. It fails with a division by zero, and so does nothing, unless
/// each of them changes, or finds, as many rows as it is given. All of them see what was there before: none may depend on
/// another. `None` where one of them has no such form.
pub(super) fn all_or_nothing(statements: &[(&str, &[Type])]) -> Option<String> {
    let (mut parts, mut counts, mut first) = (Vec::new(), Vec::new(), 1);
    for (nth, (statement, types)) in statements.iter().enumerate() {
        let (text, given) = (statement.trim(), given(types, first, "")?);
        let verb = verb(text);
        let written = match verb.as_str() {
            "insert" => insert(text, &given)?,
            "update" => format!("{} RETURNING 1", update(text, &given)?),
            // Asked for what it does besides, which keeps the planner from leaving it out.
            "select" => format!("{} FROM {given}", by_column(text)),
            _ => return None,
        };
        parts.push(format!("w{nth} AS ({written})"));
        // What is inserted is all there, or the statement fails by itself.
        if verb != "insert" {
            counts.push(format!("(SELECT COUNT(*) FROM w{nth}) = cardinality(${first})"));
        }
        first += types.len();
    }
    let parts = parts.join(", ");
    Some(match counts.join(" AND ").as_str() {
        "" => format!("WITH {parts} SELECT 1"),
        counts => format!("WITH {parts} SELECT 1 / (CASE WHEN {counts} THEN 1 ELSE 0 END)"),
    })
}

/// The rows, out of arrays that stand in the places from `first` on; with their numbers where those are asked for.
fn given(types: &[Type], first: usize, nth: &str) -> Option<String> {
    let arrays: Option<Vec<String>> =
        types.iter().enumerate().map(|(nth, ty)| Some(format!("${}::{}[]", first + nth, name(ty)?))).collect();
    let columns: Vec<String> = (1..=types.len()).map(|nth| format!("c{nth}")).collect();
    let (arrays, columns) = (arrays?.join(", "), columns.join(", "));
    Some(match nth {
        "" => format!("unnest({arrays}) AS given({columns})"),
        nth => format!("unnest({arrays}) WITH ORDINALITY AS given({columns}, {nth})"),
    })
}

fn verb(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase()
}

/// One that tells what to do `ON CONFLICT` may add fewer rows than it is given, and has no such form.
fn insert(text: &str, given: &str) -> Option<String> {
    let (into, values) = text.split_once("VALUES").filter(|_| !text.contains("ON CONFLICT"))?;
    let values = by_column(values.trim().strip_prefix('(')?.strip_suffix(')')?);
    Some(format!("{into} SELECT {values} FROM {given}"))
}

/// One that looks into other rows has further conditions, or a list of tables, and no such form.
fn update(text: &str, given: &str) -> Option<String> {
    let text = by_column(text);
    let (set, condition) = text.split_once("WHERE")?;
    if condition.contains("WHERE") || set.contains(" FROM ") {
        return None;
    }
    Some(format!("{set} FROM {given} WHERE {condition}"))
}

/// Whether the statement adds rows; it says nothing of each, but all of them or none are there.
pub(super) fn is_insert(statement: &str) -> bool {
    verb(statement) == "insert"
}

/// Whether the statement reads and no more.
pub(super) fn is_select(statement: &str) -> bool {
    verb(statement) == "select"
}

/// `$3` becomes the third column of what is given.
fn by_column(text: &str) -> String {
    let mut respelt = String::with_capacity(text.len() + 64);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_placeholder = c == '$' && chars.peek().is_some_and(char::is_ascii_digit);
        respelt.push_str(if is_placeholder { "given.c" } else { "" });
        respelt.extend((!is_placeholder).then_some(c));
    }
    respelt
}

fn name(ty: &Type) -> Option<&'static str> {
    Some(match *ty {
        Type::INT8 => "bigint",
        Type::INT4 => "int",
        Type::TEXT => "text",
        Type::BYTEA => "bytea",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: [Type; 2] = [Type::INT8, Type::TEXT];

    #[test]
    fn each_verb_has_its_form() {
        let given = "unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS given(c1, c2, nth)";
        let form = |text| over_arrays(text, &TWO).unwrap();
        assert_eq!(
            form("INSERT INTO t (a, b) VALUES ($1, COALESCE($2, 'x'))"),
            format!("INSERT INTO t (a, b)  SELECT given.c1, COALESCE(given.c2, 'x') FROM {given}")
        );
        assert_eq!(
            form("UPDATE t SET b = $2 WHERE a = $1"),
            format!("UPDATE t SET b = given.c2  FROM {given} WHERE  a = given.c1 RETURNING given.nth")
        );
        assert_eq!(
            form("SELECT b FROM t WHERE a = $1 AND c > $2 ORDER BY c LIMIT 1"),
            format!(
                "SELECT given.nth, found.* FROM {given} CROSS JOIN LATERAL (SELECT b FROM t WHERE a = given.c1 AND \
                 c > given.c2 ORDER BY c LIMIT 1) AS found"
            )
        );
    }

    #[test]
    fn several_become_one_that_counts_what_might_not_have_been_changed() {
        let written = all_or_nothing(&[
            ("UPDATE t SET b = $2 WHERE a = $1", &TWO),
            ("INSERT INTO u (a, b) VALUES ($1, $2)", &TWO),
        ]);
        assert_eq!(
            written.unwrap(),
            "WITH w0 AS (UPDATE t SET b = given.c2  FROM unnest($1::bigint[], $2::text[]) AS given(c1, c2) WHERE  a = \
             given.c1 RETURNING 1), w1 AS (INSERT INTO u (a, b)  SELECT given.c1, given.c2 FROM unnest($3::bigint[], \
             $4::text[]) AS given(c1, c2)) SELECT 1 / (CASE WHEN (SELECT COUNT(*) FROM w0) = cardinality($1) THEN 1 \
             ELSE 0 END)"
        );
        let written = all_or_nothing(&[("INSERT INTO v (a, b) VALUES ($1, $2)", &TWO)]);
        assert!(written.is_some_and(|text| text.ends_with("AS given(c1, c2)) SELECT 1")));
        let joined = all_or_nothing(&[("SELECT lock($1)", &TWO[..1])]).unwrap();
        assert!(
            joined.starts_with("WITH w0 AS (SELECT lock(given.c1) FROM unnest($1::bigint[]) AS given(c1)) SELECT 1 /")
        );
        for other in
            ["DELETE FROM t WHERE a = $1 AND b = $2", "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING"]
        {
            assert_eq!(all_or_nothing(&[(other, &TWO)]), None, "{other}");
        }
    }

    #[test]
    fn what_tells_of_its_rows_by_itself_is_sent_row_by_row() {
        for text in [
            "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            "UPDATE t SET b = $2 WHERE a = $1 RETURNING b",
            "DELETE FROM t WHERE a = $1 AND b = $2",
            "UPDATE t SET b = $2 WHERE a = $1 AND b IN (SELECT b FROM u WHERE a = $1)",
            "UPDATE t SET b = u.b FROM u WHERE u.a = t.a AND t.a = $1 AND t.b = $2",
        ] {
            assert_eq!(over_arrays(text, &TWO), None, "{text}");
        }
    }
}
