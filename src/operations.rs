//! Every operation that the server offers. Read this first: each line leads to its room.

use std::sync::Arc;

use crate::dev::{self, Dev};
use crate::house::House;
use crate::http::{CursorKey, Operation};
use crate::letters::texts_of_mails;
use crate::people::ErasedKey;
use crate::{
    account, addresses, audit, bulk, compatibility, console, contacts, credentials, factors, groups, heads, incidents,
    mail_texts, namespaces, operator, person, reset, roles, sign_in, signing, status, tenant_settings, transfer,
    user_settings, users, webhooks,
};

/// What moving in and out needs, in its calls and beside them.
pub fn moving(house: &House) -> transfer::Parts {
    transfer::Parts {
        cost: house.cost(),
        cursors: CursorKey::of(&house.keys),
        mail_texts: texts_of_mails(&house.public_url),
        erased: ErasedKey::of(&house.keys),
        keys: house.keys.clone(),
        hasher: house.hasher.clone(),
        nudge: Arc::clone(&house.uploads),
    }
}

/// The whole table; with `dev`, also the operations of the dev mode.
pub fn operations(house: &House, dev: Option<&Dev>) -> Vec<Operation> {
    let mut operations = reset::operations(&house.resets);
    operations.extend(sign_in::operations(&house.sign_in));
    operations.extend(users::operations(&house.keys));
    operations.extend(account::operations());
    operations.extend(addresses::operations(&house.keys));
    let erased = ErasedKey::of(&house.keys);
    let cursors = CursorKey::of(&house.keys);
    operations.extend(mail_texts::operations(&texts_of_mails(&house.public_url)));
    operations.extend(transfer::operations(&moving(house)));
    operations.extend(person::operations(&erased, &cursors));
    operations.extend(bulk::operations(&cursors));
    operations.extend(incidents::operations(&house.keys, &house.signer()));
    operations.extend(webhooks::operations(&house.webhooks()));
    operations.extend(user_settings::operations());
    operations.extend(groups::operations());
    operations.extend(roles::operations());
    operations.extend(namespaces::operations());
    operations.extend(contacts::operations());
    operations.extend(credentials::operations());
    operations.extend(factors::operations());
    operations.extend(tenant_settings::operations());
    operations.extend(heads::operations(&CursorKey::of(&house.keys)));
    operations.extend(audit::operations(&house.audit_key(), &CursorKey::of(&house.keys)));
    operations.extend(operator::operations(&operator::Operating::new(&house.config, &house.keys, &house.housekeeping)));
    operations.extend(signing::operations(&house.signer()));
    operations.extend(compatibility::operations());
    operations.extend(status::operations(house));
    if let Some(dev) = dev {
        operations.extend(dev::operations(dev));
    }
    let pages = console::operations(house, &operations);
    operations.extend(pages);
    operations
}
