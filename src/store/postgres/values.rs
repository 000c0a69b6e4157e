//! Values on their way to and from the server, in its binary forms.

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::store::value::{Param, Value};

type Failed = Box<dyn std::error::Error + Sync + Send>;

/// One value in the type that the server has found for its place.
#[derive(Debug)]
pub(super) struct Bound<'a>(pub(super) &'a Param<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        match self.0 {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(number) => match *wanted {
                Type::INT8 => number.to_sql(wanted, out),
                Type::INT4 => i32::try_from(*number)?.to_sql(wanted, out),
                Type::BOOL => (*number != 0).to_sql(wanted, out),
                _ => Err(mismatch("a number", wanted)),
            },
            Param::Text(text) if matches!(*wanted, Type::TEXT | Type::VARCHAR | Type::NAME) => text.to_sql(wanted, out),
            Param::Bytes(bytes) if *wanted == Type::BYTEA => bytes.to_sql(wanted, out),
            Param::Text(_) => Err(mismatch("text", wanted)),
            Param::Bytes(_) => Err(mismatch("bytes", wanted)),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn mismatch(given: &str, wanted: &Type) -> Failed {
    format!("a statement is given {given} where the server has found {wanted}").into()
}

/// The values of many rows for one place of a statement, as an array.
#[derive(Debug)]
pub(super) struct Column<'a> {
    pub(super) rows: &'a [&'a [Param<'a>]],
    pub(super) index: usize,
}

impl ToSql for Column<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        let column: Vec<Bound<'_>> = self.rows.iter().map(|row| Bound(&row[self.index])).collect();
        column.to_sql(wanted, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(found: &Type, raw: &'a [u8]) -> Result<Self, Failed> {
        Ok(match *found {
            Type::INT8 => Self::Int(i64::from_sql(found, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(found, raw)?.into()),
            Type::BOOL => Self::Int(bool::from_sql(found, raw)?.into()),
            Type::TEXT | Type::VARCHAR | Type::NAME => Self::Text(String::from_sql(found, raw)?),
            Type::BYTEA => Self::Bytes(Vec::from_sql(found, raw)?),
            Type::VOID => Self::Null,
            _ => return Err(format!("no column of this product holds {found}").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failed> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
