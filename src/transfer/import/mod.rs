//! From the files of another product to records: pure code that knows neither the store nor HTTP, so that it runs on the
//! caller's side for files of any size.
//!
//! Promises:
//! - Every row becomes a [`Record`] or a [`Refusal`] with a stable code; a whole file is stopped by a code of its own.
//! - A plain password is refused, and its value is shown nowhere. Of a hash nothing but the scheme is ever shown.
//! - Memory does not grow with a file, but for 16 bytes a row by which repeated addresses and keys are noticed, and as many
//!   for each row of a second file.

mod auth0;
mod auth0_hash;
mod authentik;
mod bounds;
mod codes;
mod csv;
mod csv_table;
mod dn;
mod draft;
mod encoding;
mod finish;
mod group_name;
mod join;
mod json;
mod keycloak;
mod keycloak_hash;
mod kratos;
mod ldif;
mod ldif_entry;
mod ldif_groups;
mod line;
mod line_text;
mod lines;
mod lists;
mod members;
mod okta;
mod options;
mod packing;
mod password;
mod picture;
mod record;
mod shadow;
mod source;
mod tenantry;
mod thing;
mod times;
mod zitadel;

pub use codes::{Code, Kind};
pub use csv_table::csv_cell;
pub use encoding::{Bytes, File};
pub use line::{End, Head, Line, VERSION, read_line};
pub use line_text::{HeadLine, end_line, file_line, refused_line, thing_line, wire_line};
pub use options::{BadHashes, Encoding, FastHashes, Groups, Hashes, Options};
pub use packing::{Packer, Pending, chunk_lines, wrapping_salt};
pub use password::Password;
pub use picture::Picture;
pub use record::{
    DEPTH_MAX, FileTold, GROUPS_MAX, GROUPS_OF_USER_MAX, KEY_BYTES_MAX, Key, LINE_BYTES_MAX, RECORD_BYTES_MAX, Reason,
    Record, Refusal, RoleAt, SEALED_MAX, State, Subject, Told,
};
pub use source::{Notices, Reader, Source};
pub use thing::{About, Thing, ThingKind, What, Words};

#[cfg(test)]
mod any_bytes_tests;
#[cfg(test)]
mod samples_tests;
#[cfg(test)]
mod sources_tests;
