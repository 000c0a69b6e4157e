//! A list whose parts are read from the store while the client takes them.

use std::sync::Arc;

use crate::error::Result;
use crate::http::{Call, Items, Listing};
use crate::store::Tx;

/// The list that `verb` writes: it appends the first items behind the name that it is given, and returns the last name if there
/// may be more. `rest` is the text of the members behind the items, each after a comma; `T` is the whole object in the document.
///
/// # Errors
/// Those of the first part: see [`Listing::begin`].
pub async fn listing<T>(
    call: &Call,
    rest: &'static str,
    verb: impl Fn(&mut Tx<'_>, &str, &mut Items) -> Result<Option<String>> + Send + Sync + 'static,
) -> Result<Listing<T>> {
    let (store, scope, verb) = (call.store.clone(), call.scope()?, Arc::new(verb));
    let write = move |mut items: Items, after: Option<String>| {
        let (store, verb) = (store.clone(), Arc::clone(&verb));
        async move {
            let part = store.scan(scope, move |tx| {
                let last = verb(tx, &after.unwrap_or_default(), &mut items)?;
                Ok((items, last))
            });
            part.await
        }
    };
    Listing::begin(call, rest, write).await
}
