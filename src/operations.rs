//! Every operation that the house serves. Read this first: from here a path leads to its room.

use crate::app::House;
use crate::http::Operation;
use crate::{audit, credentials, dev, namespaces, reset, sign_in, status, users};

/// The whole table.
pub fn operations(house: &House) -> Vec<Operation> {
    let mut operations = reset::operations(&house.resets);
    operations.extend(sign_in::operations(&house.sign_in));
    operations.extend(users::operations(reset::invite(&house.keys, &house.random)));
    operations.extend(namespaces::operations());
    operations.extend(credentials::operations());
    operations.extend(audit::api::operations(house.audit_key()));
    operations.extend(status::operations(house));
    if let Some(dev) = &house.dev {
        operations.extend(dev::operations(dev));
    }
    operations
}
