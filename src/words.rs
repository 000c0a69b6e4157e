//! The words for people. A page or a letter declares its own by [`words!`], the four languages of each text under each
//! other; a language that is left out does not compile.
//!
//! ```text
//! words! {
//!     save() { en "Save" de "Speichern" fr "Enregistrer" ja "保存" }
//!     welcome(name) { en "Welcome, {name}" de "Willkommen, {name}" fr "Bienvenue, {name}" ja "ようこそ、{name} 様" }
//!     mails[n] { en "{n} mail" | "{n} mails" de "{n} E-Mail" | "{n} E-Mails" fr "{n} e-mail" | "{n} e-mails" ja "{n} 通" }
//! }
//! ```
//!
//! makes a type `Words` with a method for each text: `Words(language).mails(3)`. What is put into a text is named in round
//! brackets; a number by which the wording is chosen, in square ones. A text is a whole sentence: one that is made of parts
//! cannot be translated.

use crate::language::Language;

/// The texts of one page or letter, as translators get them.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The module that declares them, such as `tenantry::pages::forgot::words`.
    pub module: &'static str,
    /// Each text.
    pub lines: &'static [Line],
}

/// One text in every language.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Its name: the method that says it.
    pub name: &'static str,
    /// Its wordings by language, in the order of [`Language::ALL`]: the one for one thing and the one for several, or a
    /// single one. `{…}` marks what is put in.
    pub wordings: [&'static [&'static str]; 4],
}

/// Whether `n` things are worded like one thing: in French so is none (Unicode CLDR, plural rules for cardinals).
/// Japanese has no plural; it has two wordings only where one thing is said in other words.
pub fn is_like_one(language: Language, n: u32) -> bool {
    match language {
        Language::French => n <= 1,
        Language::English | Language::German | Language::Japanese => n == 1,
    }
}

/// Declares `Words`, the texts of a module; see above.
macro_rules! words {
    ($($text:ident $holes:tt { en $($en:literal)|+ de $($de:literal)|+ fr $($fr:literal)|+ ja $($ja:literal)|+ })+) => {
        /// The texts of this module in one language.
        #[derive(Debug, Clone, Copy)]
        pub struct Words(pub $crate::language::Language);

        impl Words {
            /// All of them, for those who translate.
            pub const PART: $crate::words::Part = $crate::words::Part {
                module: module_path!(),
                lines: &[$($crate::words::Line {
                    name: stringify!($text),
                    wordings: [&[$($en),+], &[$($de),+], &[$($fr),+], &[$($ja),+]],
                }),+],
            };

            $($crate::words::words!(@method $text $holes [$($en)|+] [$($de)|+] [$($fr)|+] [$($ja)|+]);)+
        }
    };
    (@method $text:ident () [$en:literal] [$de:literal] [$fr:literal] [$ja:literal]) => {
        #[doc = $en]
        pub fn $text(self) -> &'static str {
            match self.0 {
                $crate::language::Language::English => $en,
                $crate::language::Language::German => $de,
                $crate::language::Language::French => $fr,
                $crate::language::Language::Japanese => $ja,
            }
        }
    };
    (@method $text:ident ($($hole:ident),+) [$en:literal] [$de:literal] [$fr:literal] [$ja:literal]) => {
        #[doc = $en]
        pub fn $text(self, $($hole: impl std::fmt::Display),+) -> String {
            match self.0 {
                $crate::language::Language::English => format!($en),
                $crate::language::Language::German => format!($de),
                $crate::language::Language::French => format!($fr),
                $crate::language::Language::Japanese => format!($ja),
            }
        }
    };
    (@method $text:ident [$n:ident] [$($en:literal)|+] [$($de:literal)|+] [$($fr:literal)|+] [$($ja:literal)|+]) => {
        $(#[doc = $en])+
        pub fn $text(self, $n: u32) -> String {
            let is_like_one = $crate::words::is_like_one(self.0, $n);
            match self.0 {
                $crate::language::Language::English => $crate::words::words!(@counted is_like_one $($en)|+),
                $crate::language::Language::German => $crate::words::words!(@counted is_like_one $($de)|+),
                $crate::language::Language::French => $crate::words::words!(@counted is_like_one $($fr)|+),
                $crate::language::Language::Japanese => $crate::words::words!(@counted is_like_one $($ja)|+),
            }
        }
    };
    (@counted $is_like_one:ident $always:literal) => { format!($always) };
    (@counted $is_like_one:ident $one:literal | $several:literal) => {
        if $is_like_one { format!($one) } else { format!($several) }
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        save() { en "Save" de "Speichern" fr "Enregistrer" ja "保存" }
        welcome(name) { en "Welcome, {name}" de "{name}, willkommen" fr "Bienvenue, {name}" ja "ようこそ、{name} 様" }
        mails[n] { en "One mail" | "{n} mails" de "{n} E-Mail" | "{n} E-Mails" fr "{n} e-mail" | "{n} e-mails" ja "{n} 通" }
    }

    #[test]
    fn each_text_is_said_in_each_language() {
        assert_eq!(Language::ALL.map(|language| Words(language).save()), ["Save", "Speichern", "Enregistrer", "保存"]);
        assert_eq!(Words(Language::German).welcome("Zoë"), "Zoë, willkommen");
        assert_eq!(Words(Language::Japanese).welcome("{n}"), "ようこそ、{n} 様", "what is put in is not read again");
    }

    #[test]
    fn one_and_several_are_told_apart_as_each_language_does() {
        let said = |language| [0, 1, 2].map(|n| Words(language).mails(n));
        assert_eq!(said(Language::English), ["0 mails", "One mail", "2 mails"]);
        assert_eq!(said(Language::German), ["0 E-Mails", "1 E-Mail", "2 E-Mails"]);
        assert_eq!(said(Language::French), ["0 e-mail", "1 e-mail", "2 e-mails"]);
        assert_eq!(said(Language::Japanese), ["0 通", "1 通", "2 通"]);
    }

    #[test]
    fn translators_get_each_text_with_its_name_and_all_its_wordings() {
        assert_eq!(Words::PART.module, module_path!());
        assert_eq!(Words::PART.lines.iter().map(|line| line.name).collect::<Vec<_>>(), ["save", "welcome", "mails"]);
        let mails = Words::PART.lines[2].wordings;
        assert_eq!((mails[0], mails[3]), (&["One mail", "{n} mails"][..], &["{n} 通"][..]));
    }
}
