//! Handlers with the parts of their room.

use super::call::Call;

/// Hands a room's own parts to a handler without a body.
pub fn bind<P, F>(parts: &P, handler: fn(P, Call) -> F) -> impl Fn(Call) -> F + Send + Sync + 'static
where
    P: Clone + Send + Sync + 'static,
    F: 'static,
{
    let parts = parts.clone();
    move |call| handler(parts.clone(), call)
}

/// Hands a room's own parts to a handler with a body.
pub fn bind_body<P, B, F>(
    parts: &P,
    handler: fn(P, Call, B) -> F,
) -> impl Fn(Call, B) -> F + Send + Sync + 'static + use<P, B, F>
where
    P: Clone + Send + Sync + 'static,
    B: 'static,
    F: 'static,
{
    let parts = parts.clone();
    move |call, asked| handler(parts.clone(), call, asked)
}
