//! The HTTP status and the `code` of each kind of error.

use http::StatusCode;

use crate::error::Kind;

/// The HTTP status of a kind.
pub(super) fn status(kind: Kind) -> StatusCode {
    numbers(kind).0
}

/// The HTTP status and the number that real clients read in `code`.
pub(super) fn numbers(kind: Kind) -> (StatusCode, i32) {
    match kind {
        Kind::Invalid => (StatusCode::BAD_REQUEST, 3),
        Kind::Refused => (StatusCode::UNPROCESSABLE_ENTITY, 3),
        Kind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, 3),
        Kind::Unauthenticated => (StatusCode::UNAUTHORIZED, 16),
        Kind::Forbidden | Kind::Stale => (StatusCode::FORBIDDEN, 7),
        Kind::NotFound => (StatusCode::NOT_FOUND, 5),
        Kind::Duplicate => (StatusCode::CONFLICT, 6),
        Kind::Conflict => (StatusCode::CONFLICT, 9),
        Kind::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, 8),
        Kind::NotImplemented => (StatusCode::NOT_IMPLEMENTED, 12),
        Kind::Outdated | Kind::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, 14),
        Kind::Timeout => (StatusCode::GATEWAY_TIMEOUT, 4),
        Kind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, 13),
    }
}
