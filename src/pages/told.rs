//! Errors in the language of the page. Programs read the English sentence of the error; a page shows it only if its
//! language is English.

mod words;

pub use self::words::Words;
use super::{account, error, signin};
use crate::error::{Error, Kind, Told};
use crate::language::Language;

/// An error that pages tell in their own language. Programs read it in English.
pub fn error(kind: Kind, told: Told) -> Error {
    Error::new(kind, said(told, Language::English)).told(told)
}

/// The error for a caller who has to prove again who they are.
pub fn stale() -> Error {
    error(Kind::Stale, Told::ProveAgain).with_details(vec!["PROVE_AGAIN".into()])
}

/// The sentence for the page; `None` if the page's title says all that can be said in this language.
pub fn sentence(error: &Error, language: Language) -> Option<String> {
    match language {
        Language::English => Some(error.message.clone()).filter(|message| !message.is_empty()),
        _ => error.told.map(|told| said(told, language).into()),
    }
}

/// The sentence for a form that is shown again; if there is none, the next step.
pub fn problem(error: &Error, language: Language) -> String {
    sentence(error, language).unwrap_or_else(|| error::say(error::Words(language), error.kind).1.into())
}

fn said(told: Told, language: Language) -> &'static str {
    let words = Words(language);
    match told {
        Told::SignInRefused => signin::Words(language).refused(),
        Told::WrongPassword => account::Words(language).wrong_password(),
        Told::TooOften => words.too_often(),
        Told::PasswordTooOld => words.password_too_old(),
        Told::PasswordMustChange => words.password_must_change(),
        Told::PasswordEnded => words.password_ended(),
        Told::NoAddress => words.no_address(),
        Told::NoPasswordHere => words.no_password_here(),
        Told::ChangedMeanwhile => words.changed_meanwhile(),
        Told::SameAddress => words.same_address(),
        Told::AddressTaken => words.address_taken(),
        Told::NoAddressChange => words.no_address_change(),
        Told::ForeignForm => words.foreign_form(),
        Told::UnknownTenant => words.unknown_tenant(),
        Told::SeveralTenants => words.several_tenants(),
        Told::Suspended => words.suspended(),
        Told::CodeMissing => words.code_missing(),
        Told::WrongCode => words.wrong_code(),
        Told::TooManyCodes => words.too_many_codes(),
        Told::CodesLocked => words.codes_locked(),
        Told::StepOver => words.step_over(),
        Told::FactorMissing => words.factor_missing(),
        Told::NoFactor => words.no_factor(),
        Told::NoFactorLink => words.no_factor_link(),
        Told::FactorLinkFirst => words.factor_link_first(),
        Told::FactorRequired => words.factor_required(),
        Told::FactorLinkDead => words.factor_link_dead(),
        Told::ProveAgain => words.prove_again(),
    }
}
