//! Which hashes an import may bring.

use super::import::{Code, Password, Reason};
use crate::clock::Timestamp;
use crate::identity::TenantSettings;
use crate::passwords::Cost;

/// Whether hashes are let in, and at which cost quick ones must lie beneath Argon2id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) is_open: bool,
    pub(super) cost: Cost,
}

impl Window {
    /// As an owner of the tenant has set it.
    pub(super) fn of(settings: &TenantSettings, cost: Cost, now: Timestamp) -> Self {
        let until = settings.import.hashes_until.as_deref().and_then(Timestamp::parse);
        // One that would be open for longer than any may be was set by a clock that ran ahead.
        let is_open = until.is_some_and(|until| now < until && until <= now.plus_seconds(8 * 24 * 3600));
        Self { is_open, cost }
    }
}

/// Why a hash is not let in, if that is so. Before the run a line need not have it yet.
pub(super) fn refused(password: &Password, window: &Window, is_run: bool) -> Option<Reason> {
    let reason = |code| Some(Reason::field(code, "password"));
    match password {
        _ if !window.is_open => reason(Code::HashesClosed),
        Password::Scheme(_) if is_run => Some(Reason::field(Code::Shape, "password").because("the hash is missing")),
        Password::Scheme(_) => None,
        Password::Hash(foreign) if foreign.is_fast() || foreign.is_thinly_wrapped(window.cost) => {
            let Cost { memory_kib, iterations, parallelism } = window.cost;
            let cost = format!("m={memory_kib},t={iterations},p={parallelism}");
            Some(Reason::field(Code::HashUnsafe, "password").because(format!(
                "it must lie beneath Argon2id of {cost} before it is sent, as tenantry user import does"
            )))
        }
        // One that could be opened is a hash by now.
        Password::Hash(_) | Password::Sealed(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passwords::foreign::{Dialect, Foreign, Wrapper};

    const CHEAP: Cost = Cost { memory_kib: 64, iterations: 1, parallelism: 1 };

    fn window(is_open: bool) -> Window {
        Window { is_open, cost: CHEAP }
    }

    fn code(password: &Password, is_open: bool, is_run: bool) -> Option<Code> {
        refused(password, &window(is_open), is_run).map(|reason| reason.code)
    }

    #[test]
    fn a_quick_hash_comes_beneath_argon2id_or_not_at_all() {
        let quick = Foreign::read("{SSHA}FA7THTnt4TF7TzZSOCWGCN+PKo9zYWx0", Dialect::Usual).unwrap();
        assert_eq!(code(&Password::Hash(quick.clone()), true, true), Some(Code::HashUnsafe));
        let beneath = |cost| {
            let text = Wrapper::new(cost).unwrap().stored(&quick, [7; 16]).unwrap();
            Password::Hash(Foreign::read(&text, Dialect::Usual).unwrap())
        };
        assert_eq!(code(&beneath(CHEAP), true, true), None);
        assert_eq!(code(&beneath(Cost { memory_kib: 8, ..CHEAP }), true, true), Some(Code::HashUnsafe));
    }

    #[test]
    fn the_run_wants_the_hash_and_none_comes_through_a_window_that_is_closed() {
        let named = Password::Scheme("bcrypt".into());
        assert_eq!((code(&named, true, false), code(&named, true, true)), (None, Some(Code::Shape)));
        for is_run in [false, true] {
            assert_eq!(code(&named, false, is_run), Some(Code::HashesClosed));
        }
    }

    #[test]
    fn a_window_is_open_until_its_end_and_never_for_long() {
        let open = |until: Option<&str>, now: i64| {
            let mut settings = TenantSettings::default();
            settings.import.hashes_until = until.map(String::from);
            Window::of(&settings, CHEAP, Timestamp(now)).is_open
        };
        let day = 24 * 3600 * 1_000_000;
        assert!(open(Some("1970-01-03T00:00:00Z"), day));
        assert!(!open(Some("1970-01-03T00:00:00Z"), 2 * day));
        assert!(!open(Some("1970-01-30T00:00:00Z"), day));
        assert!(!open(None, day));
    }
}
