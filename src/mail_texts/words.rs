//! What marks a test mail, so that nobody who finds it later takes it for a real one.

use crate::words::words;

words! {
    subject(subject) {
        en "Test: {subject}"
        de "Probe: {subject}"
        fr "Essai\u{a0}: {subject}"
        ja "【テスト】{subject}"
    }

    person() {
        en "Alex Example"
        de "Alex Beispiel"
        fr "Alex Exemple"
        ja "例示 太郎"
    }
}
