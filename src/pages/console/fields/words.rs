//! Words of fields.

use crate::words::words;

words! {
    optional() { en "(optional)" de "(freiwillig)" fr "(facultatif)" ja "(任意)" }
}
