//! From the socket to the handler and back. This floor imports no room: it is handed the list of operations, the gate and the
//! pages of errors. It asks nothing of the store, and passes it on to the handlers.
//!
//! Deliberately absent: middleware, extractors, a second router, any status code outside `respond`.

mod admission;
mod arriving;
mod bind;
mod body;
mod call;
mod class;
mod connection;
mod contents;
mod declared;
mod door;
mod form;
mod forwarded;
mod handle;
mod head;
mod heads;
mod host;
mod items;
mod json;
mod late;
mod limits;
mod listen;
mod metrics;
mod namespace;
mod openapi;
mod operation;
mod page;
mod pairs;
mod parameter;
mod parts;
mod path;
mod permission;
mod placeholder;
mod query;
mod reason;
mod refusals;
mod request;
mod respond;
mod router;
mod shape;
mod stall;
mod target;

pub use admission::Places;
pub use bind::{bind, bind_body};
pub use body::Nothing;
pub use call::{Admitted, Call};
pub use class::Class;
pub use contents::{Contents, Listed};
pub use door::{Admission, Gate, Refusal, Trace};
pub use form::Form;
pub use head::Head;
pub use host::Host;
pub use items::{Items, Written};
pub use limits::{Bucket, network};
pub use listen::Server;
pub use metrics::Metrics;
pub use namespace::{ActsIn, Namespace};
pub use operation::Operation;
pub use page::{Failure, Pages};
pub use parts::{Limits, Serving};
pub use permission::{Body, Permission};
pub use query::{CursorKey, PageSize};
pub use respond::{Answer, Created, Empty, EmptyObject, IntoAnswer, Json, Success};
pub use router::{Router, Unserved};
