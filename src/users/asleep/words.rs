//! Words of the mail to users who have not been active for long.

use crate::words::words;

words! {
    subject(tenant) {
        en "{tenant}: sign in to keep your account"
        de "{tenant}: Bitte melden Sie sich an, um Ihr Konto zu behalten"
        fr "{tenant}\u{a0}: connectez-vous pour conserver votre compte"
        ja "【{tenant}】アカウントを維持するにはサインインしてください"
    }

    disabled_from(tenant, until) {
        en "You have not used your account for {tenant} for a long time. If you do not sign in, it will be disabled from \
            {until} on."
        de "Sie haben Ihr Konto für {tenant} lange nicht benutzt. Wenn Sie sich nicht anmelden, wird es deaktiviert. \
            Frühester Zeitpunkt: {until}."
        fr "Vous n’avez pas utilisé votre compte {tenant} depuis longtemps. Si vous ne vous connectez pas, il sera désactivé. \
            Au plus tôt\u{a0}: {until}."
        ja "{tenant} のアカウントは、長い間ご利用がありません。サインインされない場合、アカウントは次の日時以降に無効になります。\n\n日時：{until}"
    }

    to_stay() {
        en "Signing in once is enough to keep it:"
        de "Um es zu behalten, genügt es, sich einmal anzumelden:"
        fr "Pour le conserver, il suffit de vous connecter une fois\u{a0}:"
        ja "一度サインインしていただくだけで、アカウントは維持されます。"
    }

    label() {
        en "Sign in"
        de "Anmelden"
        fr "Se connecter"
        ja "サインイン"
    }

    removed() {
        en "An account that was disabled like this is removed some time later, with all that belongs to it."
        de "Ein so deaktiviertes Konto wird einige Zeit später gelöscht, mit allem, was dazu gehört."
        fr "Un compte ainsi désactivé est supprimé quelque temps après, avec tout ce qui lui appartient."
        ja "このように無効になったアカウントは、その後、関連するデータとともに削除されます。"
    }

    not_needed() {
        en "If you do not need the account any more, there is nothing to do."
        de "Wenn Sie das Konto nicht mehr brauchen, müssen Sie nichts tun."
        fr "Si vous n’avez plus besoin de ce compte, vous n’avez rien à faire."
        ja "アカウントがもう必要でない場合は、何もなさる必要はありません。"
    }

    ask() {
        en "If you have questions, ask your administrator."
        de "Bei Fragen wenden Sie sich bitte an Ihre Administration."
        fr "Pour toute question, adressez-vous à votre administrateur."
        ja "ご不明な点は、管理者までお問い合わせください。"
    }

    ask_them(contact) {
        en "If you have questions, ask {contact}."
        de "Bei Fragen wenden Sie sich bitte an: {contact}"
        fr "Pour toute question, adressez-vous à\u{a0}: {contact}"
        ja "ご不明な点は、{contact} までお問い合わせください。"
    }
}
