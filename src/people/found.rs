//! The words by which people are found: the address, and the names from each of their parts on, in folded letters. They stand
//! in a table of their own, so that what begins with a text is a part of one index. See
//! `docs/decisions/0037-words-by-which-people-are-found.md`.

use std::collections::BTreeSet;

use super::kinds::Kind;
use crate::address::shown;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Row, Tx};
use crate::text;

/// The edition of these rules.
pub(super) const EDITION: i64 = 1;
/// The most letters of a word, and of a text that is looked for: PostgreSQL takes keys of 2,700 bytes.
const WORD_MAX: usize = 120;
/// The most parts of a name that a word begins with.
const PARTS_MAX: usize = 8;

const INSERT: Batch =
    Batch::new("INSERT INTO user_words (tenant, word, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
const INSERT_FIRST: Batch = Batch::new("INSERT INTO user_words (tenant, word, user_id) VALUES ($1, $2, $3)");
const FORGET: &str = "DELETE FROM user_words WHERE tenant = $1 AND user_id = $2";

/// The words of a person, in order.
pub fn words_of(email: &str, first_name: &str, last_name: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::from([email.to_owned(), shown(email), format!("{last_name} {first_name}")].map(word));
    let name = text::folded(&format!("{first_name} {last_name}"));
    let parts = name.split(' ').take(PARTS_MAX).scan(0, |at, part| {
        let begin = *at;
        *at += part.len() + 1;
        Some(begin)
    });
    words.extend(parts.map(|begin| cut(&name[begin..])));
    words.remove("");
    words
}

fn word(text: String) -> String {
    cut(&text::folded(&text))
}

fn cut(text: &str) -> String {
    text.chars().take(WORD_MAX).collect::<String>().trim_end().into()
}

/// How one of a person's words begins if a search for `text` finds the person.
pub fn beginning(text: &str) -> String {
    text::folded(text).chars().take(WORD_MAX).collect()
}

/// A person whose words are to be written.
pub(super) struct Found<'a> {
    pub(super) user: UserId,
    pub(super) kind: Kind,
    pub(super) email: &'a str,
    pub(super) first_name: &'a str,
    pub(super) last_name: &'a str,
}

/// Writes the words of users who have none. Service users get none: they are not among those who are looked for.
fn write_words(tx: &mut Tx<'_>, tenant: TenantId, found: &[Found<'_>]) -> Result<()> {
    let words = pairs(found);
    let rows: Vec<_> = words.iter().map(|(word, user)| params![tenant, word, *user]).collect();
    tx.each(INSERT, &rows).map(drop)
}

/// As [`write_words`], of users who are just made.
pub(super) fn write_first_words(tx: &mut Tx<'_>, tenant: TenantId, found: &[Found<'_>]) -> Result<()> {
    let words = pairs(found);
    let rows: Vec<_> = words.iter().map(|(word, user)| params![tenant, word, *user]).collect();
    tx.put(INSERT_FIRST, &rows)
}

/// Each word with its user.
fn pairs(found: &[Found<'_>]) -> Vec<(String, UserId)> {
    let people = found.iter().filter(|found| found.kind == Kind::Person);
    let words = people.flat_map(|found| {
        words_of(found.email, found.first_name, found.last_name).into_iter().map(|word| (word, found.user))
    });
    words.collect()
}

/// Writes the words of a user anew.
pub(super) fn change_words(tx: &mut Tx<'_>, tenant: TenantId, found: &Found<'_>) -> Result<()> {
    forget_words(tx, tenant, found.user)?;
    write_words(tx, tenant, std::slice::from_ref(found))
}

pub(super) fn forget_words(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<()> {
    tx.run(FORGET, &params![tenant, user]).map(drop)
}

/// A tenant with users whose words are still to be made; none once all are.
///
/// # Errors
/// Those of the store.
pub fn tenant_without_words(tx: &mut Tx<'_>) -> Result<Option<TenantId>> {
    let row = tx.maybe("SELECT tenant FROM users WHERE found_by IS NULL ORDER BY tenant, id LIMIT 1", &[])?;
    row.map(|row| row.get(0)).transpose()
}

/// Whether the words of some users of this tenant are still to be made.
///
/// # Errors
/// Those of the store.
pub fn lacks_words(tx: &mut Tx<'_>, tenant: TenantId) -> Result<bool> {
    let row = tx.maybe("SELECT 1 FROM users WHERE tenant = $1 AND found_by IS NULL LIMIT 1", &params![tenant])?;
    Ok(row.is_some())
}

const LACKING: &str = "SELECT id, kind, email, first_name, last_name FROM users
    WHERE tenant = $1 AND found_by IS NULL ORDER BY id LIMIT 500";
const MARK: Batch = Batch::new("UPDATE users SET found_by = $3 WHERE tenant = $1 AND id = $2");

/// Makes the words of some users whom an older release has written; that release wrote none.
///
/// # Errors
/// Those of the store.
pub fn make_words(tx: &mut Tx<'_>, tenant: TenantId) -> Result<()> {
    let lacking: Vec<_> = tx.all(LACKING, &params![tenant])?.iter().map(read).collect::<Result<_>>()?;
    let found = lacking.iter().map(|(user, kind, [email, first_name, last_name])| Found {
        user: *user,
        kind: *kind,
        email,
        first_name,
        last_name,
    });
    write_words(tx, tenant, &found.collect::<Vec<_>>())?;
    let rows: Vec<_> = lacking.iter().map(|(user, ..)| params![tenant, *user, EDITION]).collect();
    tx.each(MARK, &rows).map(drop)
}

fn read(row: &Row) -> Result<(UserId, Kind, [String; 3])> {
    Ok((row.get(0)?, row.get(1)?, [row.get(2)?, row.get(3)?, row.get(4)?]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(email: &str, first: &str, last: &str) -> Vec<String> {
        words_of(email, first, last).into_iter().collect()
    }

    #[test]
    fn a_person_is_found_by_the_address_and_by_each_part_of_the_names() {
        assert_eq!(
            words("Jane@Example.com", "Gabriel José", "García"),
            ["gabriel josé garcía", "garcía", "garcía gabriel josé", "jane@example.com", "josé garcía"]
        );
        assert_eq!(words("a@example.com", "", ""), ["a@example.com"]);
        assert_eq!(words("a@xn--bcher-kva.example", "", ""), ["a@bücher.example", "a@xn--bcher-kva.example"]);
        assert_eq!(words("a@example.com", "太郎", "山田"), ["a@example.com", "太郎 山田", "山田", "山田 太郎"]);
    }

    proptest! {
        #[test]
        fn a_word_is_short_and_folded_and_names_of_any_length_have_few(first in "\\PC{0,300}", last in "\\PC{0,300}") {
            let words = words_of("jane@example.com", &first, &last);
            prop_assert!(words.len() <= PARTS_MAX + 3);
            for word in words {
                prop_assert!(word.chars().count() <= WORD_MAX && !word.is_empty());
                prop_assert!(!word.starts_with(' ') && !word.ends_with(' '), "{word:?}");
            }
        }
    }
}
