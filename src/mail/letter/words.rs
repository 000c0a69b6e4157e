//! Words that every letter says.

use crate::words::words;

words! {
    greeting(name) {
        en "Hello {name},"
        de "Guten Tag {name},"
        fr "Bonjour {name},"
        ja "{name} 様"
    }

    greeting_without_a_name() {
        en "Hello,"
        de "Guten Tag,"
        fr "Bonjour,"
        ja "ご利用者様"
    }

    link_below(label) {
        en "{label}:"
        de "{label}:"
        fr "{label}\u{a0}:"
        ja "{label}："
    }

    administrator(tenant) {
        en "your administrator at {tenant}"
        de "Administration von {tenant}"
        fr "administrateur chez {tenant}"
        ja "{tenant} の管理者"
    }
}
