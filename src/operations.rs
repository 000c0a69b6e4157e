//! Every operation that the house serves. Read this first: from here a path leads to its room.

use crate::app::House;
use crate::dev;
use crate::http::Operation;
use crate::{reset, status};

/// The whole table.
pub fn operations(house: &House) -> Vec<Operation> {
    let mut operations = reset::operations(&house.resets);
    operations.extend(status::operations(house));
    if let Some(dev) = &house.dev {
        operations.extend(dev::operations(dev));
    }
    operations
}
