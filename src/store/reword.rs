//! The columns in which rows of a tenant name people by their address, walked in slices: for the erasure of a person.

use std::sync::LazyLock;

use super::tables::{NAMED, Named, TABLES};
use super::{Param, Row, Tx, Value};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};

/// Goes on behind `place`, or from the beginning where that is empty, and looks at up to so many rows. `reword` is told a text and
/// when the row was made; where it answers another text, that one is kept. Rows that are about the user alone are deleted. The
/// place at which the next slice begins; none at the end.
///
/// # Errors
/// Those of the store; `Internal` for a place that no slice has answered.
pub fn reword(
    tx: &mut Tx<'_>,
    (tenant, user): (TenantId, UserId),
    place: &[u8],
    most: i64,
    reword: &mut impl FnMut(&str, Timestamp) -> Option<String>,
) -> Result<Option<Vec<u8>>> {
    let (nth, key) = match place.split_first() {
        Some((nth, key)) => (usize::from(*nth), read_key(key)?),
        None => (0, Vec::new()),
    };
    let Some(plan) = PLANS.get(nth) else { return Ok(None) };
    let rows = plan.page(tx, tenant, &key, most)?;
    for row in &rows {
        plan.reword(tx, (tenant, user), row, reword)?;
    }
    let last = rows.last().filter(|_| rows.len() as i64 == most);
    let next = match last {
        Some(last) => [&[place_of(nth)?], kept_key(plan.key_of(last)).as_slice()].concat(),
        None if nth + 1 < PLANS.len() => vec![place_of(nth + 1)?],
        None => return Ok(None),
    };
    Ok(Some(next))
}

fn place_of(nth: usize) -> Result<u8> {
    u8::try_from(nth).map_err(Error::internal)
}

/// Every statement that rows are reworded by, since no literal holds them.
pub fn statements_of_rewording() -> impl Iterator<Item = &'static str> {
    PLANS.iter().flat_map(|plan| [plan.first, plan.next, plan.update, plan.delete])
}

/// A table and its statements, which are made once. A row that is read has the columns of the key but for the tenant, the moment,
/// the user that it is about, and the texts.
struct Plan {
    named: &'static Named,
    first: &'static str,
    next: &'static str,
    update: &'static str,
    delete: &'static str,
    /// Columns of the key behind the tenant.
    keys: usize,
}

static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| NAMED.iter().filter_map(Plan::of).collect());

impl Plan {
    fn of(named: &'static Named) -> Option<Self> {
        let fixed = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let table = TABLES.iter().find(|table| table.name == named.table)?;
        let keys = table.key.get(1..)?;
        let (name, key, texts) = (named.table, keys.join(", "), named.texts.join(", "));
        let (at, user) = (named.at, named.user.unwrap_or("NULL"));
        let places = |from: usize, count: usize| (from..from + count).map(|nth| format!("${nth}")).collect::<Vec<_>>();
        let is_key = |from: usize| {
            let equal = keys.iter().zip(places(from, keys.len())).map(|(key, place)| format!("{key} = {place}"));
            equal.collect::<Vec<_>>().join(" AND ")
        };
        let set = named.texts.iter().zip(places(2 + keys.len(), named.texts.len()));
        let set = set.map(|(text, place)| format!("{text} = {place}")).collect::<Vec<_>>().join(", ");
        let read = format!("SELECT {key}, {at}, {user}, {texts} FROM {name} WHERE tenant = $1");
        let (behind, most) = (places(2, keys.len()).join(", "), 2 + keys.len());
        Some(Self {
            named,
            first: fixed(format!("{read} ORDER BY {key} LIMIT $2")),
            next: fixed(format!("{read} AND ({key}) > ({behind}) ORDER BY {key} LIMIT ${most}")),
            update: fixed(format!("UPDATE {name} SET {set} WHERE tenant = $1 AND {}", is_key(2))),
            delete: fixed(format!("DELETE FROM {name} WHERE tenant = $1 AND {}", is_key(2))),
            keys: keys.len(),
        })
    }

    fn page(&self, tx: &mut Tx<'_>, tenant: TenantId, behind: &[Value], most: i64) -> Result<Vec<Row>> {
        let mut params = vec![Param::from(tenant)];
        params.extend(behind.iter().map(Param::from));
        params.push(Param::Int(most));
        tx.all(if behind.is_empty() { self.first } else { self.next }, &params)
    }

    fn key_of<'r>(&self, row: &'r Row) -> &'r [Value] {
        &row.0[..self.keys]
    }

    fn reword(
        &self,
        tx: &mut Tx<'_>,
        (tenant, user): (TenantId, UserId),
        row: &Row,
        reword: &mut impl FnMut(&str, Timestamp) -> Option<String>,
    ) -> Result<()> {
        let (at, about): (Timestamp, Option<UserId>) = (row.get(self.keys)?, row.get(self.keys + 1)?);
        let mut params = vec![Param::from(tenant)];
        params.extend(self.key_of(row).iter().map(Param::from));
        if about == Some(user) {
            return tx.run(self.delete, &params).map(drop);
        }
        let texts = &row.0[self.keys + 2..];
        let reworded: Vec<_> =
            texts.iter().map(|value| if let Value::Text(text) = value { reword(text, at) } else { None }).collect();
        if reworded.iter().all(Option::is_none) {
            return Ok(());
        }
        if self.named.goes {
            return tx.run(self.delete, &params).map(drop);
        }
        let texts = texts.iter().zip(&reworded);
        params.extend(texts.map(|(was, is)| is.as_ref().map_or_else(|| Param::from(was), |is| Param::Text(is))));
        tx.run(self.update, &params).map(drop)
    }
}

/// A key as bytes: for each column its kind, its length and itself.
fn kept_key(key: &[Value]) -> Vec<u8> {
    let column = |value: &Value| {
        let (kind, bytes) = match value {
            Value::Null => (0, Vec::new()),
            Value::Int(number) => (1, number.to_be_bytes().to_vec()),
            Value::Text(text) => (2, text.clone().into_bytes()),
            Value::Bytes(bytes) => (3, bytes.clone()),
        };
        [&[kind], (bytes.len() as u64).to_be_bytes().as_slice(), &bytes].concat()
    };
    key.iter().flat_map(column).collect()
}

fn read_key(mut kept: &[u8]) -> Result<Vec<Value>> {
    let mut key = Vec::new();
    while !kept.is_empty() {
        let (value, rest) = read_column(kept).ok_or_else(|| Error::internal("a place that no slice has answered"))?;
        key.push(value);
        kept = rest;
    }
    Ok(key)
}

fn read_column(kept: &[u8]) -> Option<(Value, &[u8])> {
    let (kind, rest) = kept.split_first()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (bytes, rest) = rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
    let value = match kind {
        0 => Value::Null,
        1 => Value::Int(i64::from_be_bytes(bytes.try_into().ok()?)),
        2 => Value::Text(String::from_utf8(bytes.to_vec()).ok()?),
        3 => Value::Bytes(bytes.to_vec()),
        _ => return None,
    };
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_kept() {
        let key = [Value::Text("a\u{1}b".into()), Value::Int(-7), Value::Bytes(vec![0, 255]), Value::Null];
        assert_eq!(read_key(&kept_key(&key)).unwrap(), key);
        assert_eq!(read_key(&[]).unwrap(), []);
        for cut in 1..kept_key(&key[..1]).len() {
            assert!(read_key(&kept_key(&key)[..cut]).is_err(), "{cut}");
        }
        assert!(read_key(&[9, 0, 0, 0, 0, 0, 0, 0, 0]).is_err());
    }

    /// Columns whose name says that they hold who did something, or an address, or what may name one.
    #[test]
    fn every_column_that_may_name_a_person_is_walked_or_has_its_own_end() {
        let may_name = |column: &str| {
            let ends = ["_by", "email", "actor", "credential", "relay_words"].iter().any(|end| column.ends_with(end));
            ends && !["found_by", "erased_by"].contains(&column)
        };
        let all = TABLES.iter().flat_map(|table| table.columns.iter().map(|column| (table.name, *column)));
        let all: BTreeSet<_> = all.filter(|(_, column)| may_name(column)).collect();
        let walked: BTreeSet<_> =
            NAMED.iter().flat_map(|named| named.texts.iter().map(|text| (named.table, *text))).collect();
        // By their key: the user's own row, what is kept under the address, the counters of one who resets, the records.
        let own = [
            ("users", "email"),
            // What remains of it is another person's own address of the past.
            ("users", "former_email"),
            ("address_changes", "email"),
            ("refused_addresses", "email"),
            ("refused_addresses", "relay_words"),
            ("reset_keys", "actor"),
            ("reset_budgets", "actor"),
            ("audit", "actor"),
            ("audit", "credential"),
            // A number.
            ("bulk_acts", "actor"),
            ("incidents", "actor"),
            ("import_uploads", "actor"),
        ];
        let left: Vec<_> = all.difference(&walked).filter(|column| !own.contains(column)).collect();
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(PLANS.len(), NAMED.len(), "each of a table that there is");
    }
}
