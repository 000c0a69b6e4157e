//! Words of the field for a new password: its strength and its rules. `levels` are five words with `|` between them.

use crate::words::words;

words! {
    label() {
        en "Strength"
        de "Stärke"
        fr "Solidité"
        ja "強度"
    }

    levels() {
        en "Very weak|Weak|Fair|Good|Strong"
        de "Sehr schwach|Schwach|Mittel|Gut|Stark"
        fr "Très faible|Faible|Moyenne|Bonne|Excellente"
        ja "とても弱い|弱い|普通|良い|強い"
    }

    rules() {
        en "What your password needs"
        de "Das braucht Ihr Passwort"
        fr "Ce qu’il faut à votre mot de passe"
        ja "パスワードの条件"
    }

    met() {
        en "done"
        de "erfüllt"
        fr "rempli"
        ja "達成"
    }
}
