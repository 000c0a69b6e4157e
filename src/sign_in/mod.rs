//! Signing in with a password, signing out, the users' own account page, and the list of who signed in or was refused.
//!
//! Promises:
//! - A refused sign-in reveals nothing: one sentence, one hash and one record, whatever the reason.
//! - A guess is counted before its password is hashed (`lockout`).
//! - Each sign-in begins a session of its own; the one that the browser sent ends.
//! - A session begins in one transaction, which asks for every proof that the account needs and uses each up. A right
//!   password alone, where it does not do, leads to a step that opens nothing by itself.
//! - A check must still hold when its result is written: a user whose password is reset, or who is disabled, while a
//!   hash is computed gets no session.

mod account;
mod api;
mod attempt;
mod change;
mod code;
mod email;
mod enrol;
mod entry;
mod events;
mod events_api;
mod factor_link;
mod going_on;
mod lockout;
mod own_factor;
mod password;
mod prove_again;
#[cfg(test)]
mod scene;
mod second_step;
mod steps;

use std::net::IpAddr;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::http::{Bucket, Call, Operation, Permission, Success, bind, bind_body};
use crate::identity::{Proof, Tenant, UserId};
use crate::keys::Keys;
use crate::language::Language;
use crate::pages::Site;
use crate::passwords::Hasher;

pub use account::to_the_sign_in;
pub use events::{Frame, SignInEvent, list_events};
pub use lockout::{bring_back, forget_guesses, forget_old};
pub use steps::forget_steps;

/// The parts that this room needs.
#[derive(Clone)]
pub struct SignIn {
    /// Compares passwords.
    pub hasher: Hasher,
    /// Whether browsers reach us by https.
    pub is_https: bool,
    /// How often one client address may try, whichever account it tries.
    pub attempts: Arc<Bucket<IpAddr>>,
    /// The keys that make the links to new addresses.
    pub keys: Keys,
    /// The key that seals the cookies of known devices.
    pub device_key: [u8; 32],
}

const NEWS: &str = "Whether to say that the password has just been changed.";

/// The rows of this room.
pub fn operations(parts: &SignIn) -> Vec<Operation> {
    [coming_and_going(parts), second_step::operations(parts), own_account(parts), events_api::operations()].concat()
}

fn coming_and_going(parts: &SignIn) -> Vec<Operation> {
    vec![
        Operation::get("/signin", Permission::Open, bind(parts, api::show))
            .page()
            .id("tenantry.account.show_sign_in")
            .answers(&[Success::page(), Success::see()])
            .summary("The page to sign in.")
            .query::<String>("to", "The page of the console to go on to."),
        Operation::post("/signin", Permission::Open, bind_body(parts, api::sign_in))
            .page()
            .hashes()
            .per_address(&parts.attempts)
            .id("tenantry.account.sign_in")
            .answers(&[Success::done(), Success::see()])
            .summary("Signs in with email and password."),
        Operation::post("/signout", Permission::Open, bind_body(parts, api::sign_out))
            .page()
            .id("tenantry.account.sign_out")
            .answers(&[Success::done(), Success::see()])
            .summary("Ends the session."),
        Operation::get(api::SIGNED_OUT, Permission::Open, api::signed_out)
            .page()
            .id("tenantry.account.signed_out")
            .answers(&[Success::page(), Success::see()])
            .summary("The page behind a sign-out."),
    ]
}

fn own_account(parts: &SignIn) -> Vec<Operation> {
    vec![
        Operation::get("/account", Permission::Open, bind(parts, account::show))
            .page()
            .id("tenantry.account.show_account")
            .answers(&[Success::json::<account::Read>(), Success::page(), Success::see()])
            .summary("Who is signed in, with their roles and sessions.")
            .query::<String>("changed", NEWS),
        Operation::post("/account/password", Permission::Open, bind_body(parts, password::change))
            .page()
            .hashes()
            .id("tenantry.account.change_password")
            .answers(&[Success::done(), Success::see()])
            .summary("Changes one's own password.")
            .query::<String>("changed", NEWS),
        Operation::post("/account/email", Permission::Open, bind_body(parts, email::change))
            .page()
            .hashes()
            .fresh("/account")
            .id("tenantry.account.change_email")
            .answers(&[Success::done(), Success::see()])
            .summary(
                "Asks for another address of one's own: it counts once a link that is mailed to it was confirmed.",
            ),
        Operation::post("/account/email/cancel", Permission::Open, email::cancel)
            .page()
            .id("tenantry.account.keep_email")
            .answers(&[Success::done(), Success::see()])
            .summary("Takes back a new address of one's own that is not confirmed yet."),
        Operation::post("/account/sessions/end", Permission::Open, account::end)
            .page()
            .id("tenantry.account.end_sessions")
            .answers(&[Success::done(), Success::see()])
            .summary("Ends one of one's own sessions, or all others."),
        // https://w3c.github.io/webappsec-change-password-url/
        Operation::get("/.well-known/change-password", Permission::Public, account::to_the_change)
            .page()
            .id("tenantry.account.to_the_change")
            .answers(&[Success::see()])
            .summary("Leads to where one changes one's own password."),
    ]
}

/// A signed-in user.
#[derive(Clone)]
pub struct SignedIn {
    /// The user.
    pub user: UserId,
    /// The hash of the session that asks.
    session: Vec<u8>,
}

/// The user of the session that asks.
///
/// # Errors
/// `Unauthenticated` without one, and by an API credential.
pub fn signed_in(call: &Call) -> Result<SignedIn> {
    let caller = call.caller()?;
    match &caller.proof {
        Proof::Session(hash) => Ok(SignedIn { user: caller.user, session: hash.clone() }),
        Proof::Credential(_) => {
            Err(Error::unauthenticated("Sign in with your password first: an API credential has no account page."))
        }
    }
}

use api::header_value;

fn site(tenant: &Tenant, language: Language) -> Site<'_> {
    Site::of(language, Some(tenant))
}
