//! The rows about the second step of a sign-in, and about proving again who one is.

use super::{SignIn, code, enrol, factor_link, own_factor, prove_again};
use crate::http::{Operation, Permission, Success, bind, bind_body};

pub(super) fn operations(parts: &SignIn) -> Vec<Operation> {
    [at_sign_in(parts), by_link(parts), own(parts), again(parts)].concat()
}

fn at_sign_in(parts: &SignIn) -> Vec<Operation> {
    vec![
        Operation::get("/signin/code", Permission::Open, bind(parts, code::show))
            .page()
            .id("tenantry.sign_in.show_code")
            .answers(&[Success::page(), Success::see()])
            .summary("The page that asks for a code after a right password."),
        Operation::post("/signin/code", Permission::Open, bind_body(parts, code::enter))
            .page()
            .per_address(&parts.attempts)
            .id("tenantry.sign_in.code")
            .answers(&[Success::done(), Success::see()])
            .summary("Signs in with a code, after a right password."),
        Operation::get("/signin/enrol", Permission::Open, bind(parts, enrol::show))
            .page()
            .id("tenantry.sign_in.show_enrol")
            .answers(&[Success::page(), Success::see()])
            .summary("The page to set up the code app that the tenant requires, after a right password."),
        Operation::post("/signin/enrol", Permission::Open, bind_body(parts, enrol::enter))
            .page()
            .per_address(&parts.attempts)
            .id("tenantry.sign_in.enrol")
            .answers(&[Success::json::<enrol::Codes>(), Success::page(), Success::see()])
            .summary("Signs in with the first code of a new code app; shows its recovery codes, this once."),
    ]
}

fn by_link(parts: &SignIn) -> Vec<Operation> {
    vec![
        Operation::get("/second-factor", Permission::Open, factor_link::show)
            .page()
            .torn_too()
            .id("tenantry.second_factor.page")
            .answers(&[Success::page()])
            .summary("The page of the link to set up another code app, after an administrator took one away."),
        Operation::post("/second-factor", Permission::Open, bind_body(parts, factor_link::carry_out))
            .page()
            .hashes()
            .per_address(&parts.attempts)
            .without_cookie()
            .id("tenantry.second_factor.open")
            .answers(&[Success::done(), Success::see()])
            .summary("Opens that link with the password; it works until another code app is set up."),
        Operation::post("/second-factor/link", Permission::Open, bind_body(parts, factor_link::mail))
            .page()
            .per_address(&parts.attempts)
            .id("tenantry.second_factor.link")
            .answers(&[Success::done(), Success::see()])
            .summary("Asks for a fresh link of that kind, after a right password."),
    ]
}

fn own(parts: &SignIn) -> Vec<Operation> {
    vec![
        Operation::get(own_factor::PAGE, Permission::Open, bind(parts, own_factor::show))
            .page()
            .id("tenantry.account.show_second_factor")
            .answers(&[Success::json::<own_factor::Read>(), Success::page(), Success::see()])
            .summary("Whether one's own account has a code app."),
        Operation::post("/account/second-factor/begin", Permission::Open, bind_body(parts, own_factor::begin))
            .page()
            .fresh(own_factor::PAGE)
            .id("tenantry.account.begin_second_factor")
            .answers(&[Success::json::<own_factor::Begun>(), Success::see()])
            .summary("Begins to set up a code app; one that is there counts until the first code of the new one."),
        Operation::post("/account/second-factor/confirm", Permission::Open, bind_body(parts, own_factor::confirm))
            .page()
            .per_address(&parts.attempts)
            .fresh(own_factor::PAGE)
            .id("tenantry.account.confirm_second_factor")
            .answers(&[Success::json::<enrol::Codes>(), Success::page(), Success::see()])
            .summary("Sends the first code of a new code app; shows its recovery codes, this once."),
        Operation::post("/account/second-factor/recovery", Permission::Open, bind_body(parts, own_factor::renew))
            .page()
            .fresh(own_factor::PAGE)
            .id("tenantry.account.renew_recovery_codes")
            .answers(&[Success::json::<enrol::Codes>(), Success::page(), Success::see()])
            .summary("Makes ten new recovery codes and shows them, this once; the former ones end."),
        Operation::post("/account/second-factor/remove", Permission::Open, bind_body(parts, own_factor::remove))
            .page()
            .fresh(own_factor::PAGE)
            .id("tenantry.account.remove_second_factor")
            .answers(&[Success::done(), Success::see()])
            .summary("Switches one's own code app off, unless the tenant requires one."),
    ]
}

fn again(parts: &SignIn) -> Vec<Operation> {
    vec![
        Operation::get("/prove", Permission::Open, prove_again::show)
            .page()
            .query::<String>("back", "The page to go on to, one of those that ask for a fresh proof.")
            .id("tenantry.account.show_proof")
            .answers(&[Success::page(), Success::see()])
            .summary("The page to prove again who one is."),
        Operation::post("/prove", Permission::Open, bind_body(parts, prove_again::carry_out))
            .page()
            .hashes()
            .per_address(&parts.attempts)
            .id("tenantry.account.prove")
            .answers(&[Success::done(), Success::see()])
            .summary("Proves again who one is, with the password and a code where the account has a code app."),
    ]
}
