//! The pages that people see: pure functions from plain structs to HTML.
//!
//! Nothing here knows a database, a request or a session. Every text of a user or a tenant goes
//! through the template engine, which escapes it; no page carries a script or a style of its own,
//! so that [`CONTENT_SECURITY_POLICY`] can forbid both.

pub mod accent;
pub mod account;
pub mod assets;
pub mod code;
pub mod console;
pub mod dead;
pub mod done;
pub mod email;
pub mod error;
pub mod forgot;
mod form;
pub mod layout;
pub mod mailbox;
pub mod password;
pub mod prove;
mod qr;
pub mod reset;
pub mod second_factor;
pub mod signin;
pub mod told;

pub use layout::Site;
pub use password::Rule;

use crate::words::Part;

/// The words of every page.
pub const WORDS: &[Part] = &[
    account::Words::PART,
    code::Words::PART,
    console::audit::Words::PART,
    console::confirm::Words::PART,
    console::credentials::Words::PART,
    console::fields::Words::PART,
    console::groups::Words::PART,
    console::namespaces::Words::PART,
    console::new_user::Words::PART,
    console::overview::Words::PART,
    console::parts::Words::PART,
    console::rank::Words::PART,
    console::reset::Words::PART,
    console::resets::Words::PART,
    console::roles::Words::PART,
    console::shell::Words::PART,
    console::state::Words::PART,
    console::sure::Words::PART,
    console::user::Words::PART,
    console::user_roles::Words::PART,
    console::users::Words::PART,
    console::webhook::Words::PART,
    console::webhooks::Words::PART,
    dead::Words::PART,
    done::Words::PART,
    email::Words::PART,
    error::Words::PART,
    forgot::Words::PART,
    form::Words::PART,
    mailbox::Words::PART,
    password::Words::PART,
    prove::Words::PART,
    reset::Words::PART,
    second_factor::Words::PART,
    signin::Words::PART,
    told::Words::PART,
];

/// The policy with which every page is to be sent (Content Security Policy Level 3).
/// [`mailbox::CONTENT_SECURITY_POLICY`] is the one exception.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
