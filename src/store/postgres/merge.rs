//! The text that does for many rows at once what a statement does for one. Made from the statement itself, so that
//! there is one text to read; what cannot be made so is sent row by row.

use tokio_postgres::types::Type;

/// The statement over arrays, one for each of its values. Its answer says in the first column to which row (counted
/// from 1) the rest belongs. `None` for what has no such form.
pub(super) fn over_arrays(statement: &str, types: &[Type]) -> Option<String> {
    let text = statement.trim();
    let verb = text.split_whitespace().next()?.to_ascii_lowercase();
    let arrays: Option<Vec<String>> =
        types.iter().enumerate().map(|(nth, ty)| Some(format!("${}::{}[]", nth + 1, name(ty)?))).collect();
    let columns: Vec<String> = (1..=types.len()).map(|nth| format!("c{nth}")).collect();
    let given = format!("unnest({}) WITH ORDINALITY AS given({}, nth)", arrays?.join(", "), columns.join(", "));
    let text = by_column(text);
    match verb.as_str() {
        _ if types.is_empty() || text.contains("RETURNING") || text.contains("ON CONFLICT") => None,
        "insert" => {
            let (into, values) = text.split_once("VALUES")?;
            let values = values.trim().strip_prefix('(')?.strip_suffix(')')?;
            Some(format!("{into} SELECT {values} FROM {given} ORDER BY given.nth"))
        }
        "update" => {
            let (set, condition) = text.rsplit_once("WHERE")?;
            Some(format!("{set} FROM {given} WHERE {condition} RETURNING given.nth"))
        }
        "select" => Some(format!("SELECT given.nth, found.* FROM {given} CROSS JOIN LATERAL ({text}) AS found")),
        _ => None,
    }
}

/// Whether the statement adds rows; it says nothing of each, but all of them or none are there.
pub(super) fn is_insert(statement: &str) -> bool {
    statement.split_whitespace().next().is_some_and(|verb| verb.eq_ignore_ascii_case("insert"))
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
            format!("INSERT INTO t (a, b)  SELECT given.c1, COALESCE(given.c2, 'x') FROM {given} ORDER BY given.nth")
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
    fn what_tells_of_its_rows_by_itself_is_sent_row_by_row() {
        for text in [
            "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            "UPDATE t SET b = $2 WHERE a = $1 RETURNING b",
            "DELETE FROM t WHERE a = $1 AND b = $2",
        ] {
            assert_eq!(over_arrays(text, &TWO), None, "{text}");
        }
    }
}
