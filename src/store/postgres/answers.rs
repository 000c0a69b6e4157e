//! The answers to one statement that ran for many rows, each at the place of its row.

use super::failure::Failure;
use super::merge;
use super::prepared::Prepared;
use crate::error::Error;
use crate::store::tx::Answer;

/// Takes the answers to one statement for many rows off the front: one for each, or the one for all taken apart.
pub(super) fn of(
    statement: &str,
    prepared: &Prepared,
    rows: usize,
    answers: &mut impl Iterator<Item = Answer>,
) -> Result<Vec<Answer>, Failure> {
    if prepared.is_one_message(rows) {
        apart(answers.next().unwrap_or_default(), rows, merge::is_insert(statement))
    } else {
        Ok(answers.take(rows).collect())
    }
}

/// The answers for each row out of the one for all: its first column tells the row.
fn apart(whole: Answer, rows: usize, is_insert: bool) -> Result<Vec<Answer>, Failure> {
    if is_insert {
        let is_whole = whole.changed == rows as u64;
        let each = (0..rows).map(|_| Answer { changed: 1, rows: Vec::new() }).collect();
        return if is_whole { Ok(each) } else { Err(Failure::Other(Error::internal("rows were not inserted"))) };
    }
    let mut answers: Vec<Answer> = (0..rows).map(|_| Answer::default()).collect();
    for mut row in whole.rows {
        let nth: i64 = row.get(0).map_err(Failure::Other)?;
        row.0.remove(0);
        let place = usize::try_from(nth - 1).ok().and_then(|nth| answers.get_mut(nth));
        let answer = place.ok_or_else(|| Failure::Other(Error::internal("a row that nobody asked for")))?;
        answer.changed += 1;
        if !row.0.is_empty() {
            answer.rows.push(row);
        }
    }
    Ok(answers)
}
