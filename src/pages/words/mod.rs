//! Every text of the pages, in every language. A missing text does not compile.

mod english;
mod french;
mod german;
mod japanese;

use crate::language::Language;

/// All texts of one language, by page.
#[derive(Debug)]
pub struct Words {
    /// Texts shared by several forms.
    pub form: Form,
    /// The strength and the rules beneath a new password.
    pub strength: Strength,
    /// Choose a new password.
    pub reset: Reset,
    /// A link that no longer works.
    pub dead: Dead,
    /// The password is changed.
    pub done: Done,
    /// A link is on its way.
    pub sent: Sent,
    /// Sign in.
    pub signin: SignIn,
    /// Signed out.
    pub signed_out: SignedOut,
    /// Ask for a link.
    pub forgot: Forgot,
    /// My account.
    pub account: Account,
    /// The mailbox of the development server.
    pub mailbox: Mailbox,
    /// A request that failed.
    pub error: Error,
}

macro_rules! texts {
    ($(#[$about:meta])* $name:ident { $($field:ident),+ $(,)? }) => {
        $(#[$about])*
        #[allow(missing_docs, reason = "the English text says what each is")]
        #[derive(Debug)]
        pub struct $name { $(pub $field: &'static str),+ }

        impl $name {
            #[cfg(test)]
            fn all(&self) -> Vec<&'static str> { vec![$(self.$field),+] }
        }
    };
}

texts!(
    /// Texts shared by several forms.
    Form { email, password, new_password, show, hide, problems, busy, to_signin }
);
texts!(
    /// The strength and the rules beneath a new password. `levels` are five words with `|` between them.
    Strength { label, levels, rules, met }
);
texts!(
    /// Choose a new password.
    Reset { title, lead, code, code_hint, torn, account, save, lives_until }
);
texts!(
    /// A link that no longer works.
    Dead { title, why, fresh }
);
texts!(
    /// The password is changed.
    Done { title, next, not_you, before, before_next }
);
texts!(
    /// A link is on its way.
    Sent { title, what, nothing_there }
);
texts!(
    /// Sign in. `refused` is the one sentence for every wrong attempt.
    SignIn { title, refused, forgot }
);
texts!(
    /// Signed out.
    SignedOut { title, next }
);
texts!(
    /// Ask for a link.
    Forgot { title, lead, send }
);
texts!(
    /// My account.
    Account {
        title, sign_out, name, roles, no_roles, last_sign_in, change_password, current_password, wrong_password,
        save_password, changed, sessions, address, started, last_seen, this_one, end, end_others,
    }
);
texts!(
    /// The mailbox of the development server.
    Mailbox { title, lead, reload, empty, from, to, at, open_link, text, html }
);
texts!(
    /// A request that failed.
    Error {
        invalid, forbidden, not_found, too_many, unavailable, internal, go_back, ask_administrator, check_address, wait,
        try_again, home, request_id,
    }
);

/// The texts in `language`.
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::English => &english::WORDS,
        Language::German => &german::WORDS,
        Language::French => &french::WORDS,
        Language::Japanese => &japanese::WORDS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_text(words: &Words) -> Vec<&'static str> {
        [
            words.form.all(),
            words.strength.all(),
            words.reset.all(),
            words.dead.all(),
            words.done.all(),
            words.sent.all(),
            words.signin.all(),
            words.signed_out.all(),
            words.forgot.all(),
            words.account.all(),
            words.mailbox.all(),
            words.error.all(),
        ]
        .concat()
    }

    #[test]
    fn no_text_is_empty() {
        let english = every_text(of(Language::English));
        for language in Language::ALL {
            let words = every_text(of(language));
            for (text, original) in words.iter().zip(&english) {
                assert!(!text.trim().is_empty(), "{language:?} lacks {original:?}");
            }
            assert_eq!(of(language).strength.levels.split('|').count(), 5);
        }
    }
}
