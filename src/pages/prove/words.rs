//! Words of the page on which someone proves again who they are.

use crate::words::words;

words! {
    title() {
        en "Is this still you?"
        de "Sind Sie es noch?"
        fr "Est-ce toujours vous ?"
        ja "ご本人の確認"
    }

    lead() {
        en "What comes next protects your account, so prove once more who you are. Then send the form again."
        de "Was nun kommt, schützt Ihr Konto. Weisen Sie sich deshalb noch einmal aus und senden Sie das Formular danach neu."
        fr "La suite concerne la protection de votre compte : prouvez encore une fois votre identité, puis renvoyez le \
            formulaire."
        ja "アカウントの保護に関わる操作のため、もう一度ご本人であることを確認してください。その後、フォームを再送信してください。"
    }

    send() {
        en "Continue"
        de "Weiter"
        fr "Continuer"
        ja "続ける"
    }

    not_now() {
        en "Go back without"
        de "Zurück, ohne sich auszuweisen"
        fr "Revenir sans continuer"
        ja "確認せずに戻る"
    }
}
