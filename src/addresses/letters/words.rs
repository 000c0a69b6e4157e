//! Words of the mails about a change of an address.

use crate::words::words;

words! {
    confirm_subject(tenant) {
        en "Confirm your new address for {tenant}"
        de "Bestätigen Sie Ihre neue Adresse für {tenant}"
        fr "Confirmez votre nouvelle adresse pour {tenant}"
        ja "【{tenant}】新しいメールアドレスの確認"
    }

    confirm(from, to) {
        en "The account {from} is to have this address from now on: {to}. It counts once you confirm it."
        de "Das Konto {from} soll künftig diese Adresse haben: {to}. Sie gilt, sobald Sie sie bestätigen."
        fr "Le compte {from} doit désormais avoir cette adresse\u{a0}: {to}. Elle sera valable dès que vous l’aurez \
            confirmée."
        ja "アカウント {from} のメールアドレスを {to} に変更する手続きです。確認が済むと、新しいアドレスが有効になります。"
    }

    confirm_label() {
        en "Confirm the address"
        de "Adresse bestätigen"
        fr "Confirmer l’adresse"
        ja "アドレスを確認する"
    }

    works_until(until) {
        en "The link works once, until {until}."
        de "Der Link gilt einmal, bis {until}."
        fr "Le lien sert une seule fois, jusqu’au {until}."
        ja "リンクは {until} まで、一度だけ使えます。"
    }

    code() {
        en "If the page asks for a code, copy this one:"
        de "Fragt die Seite nach einem Code, kopieren Sie diesen:"
        fr "Si la page demande un code, copiez celui-ci\u{a0}:"
        ja "ページでコードを求められた場合は、次のコードをコピーしてください。"
    }

    unexpected() {
        en "If you did not expect this mail, do nothing: without you the address does not change."
        de "Haben Sie diese Mail nicht erwartet, tun Sie nichts: Ohne Sie ändert sich die Adresse nicht."
        fr "Si vous n’attendiez pas ce message, ne faites rien\u{a0}: sans vous, l’adresse ne change pas."
        ja "このメールにお心当たりがない場合は、何もなさらないでください。確認がなければアドレスは変わりません。"
    }

    requested_subject(tenant) {
        en "A new address was requested for your account with {tenant}"
        de "Für Ihr Konto bei {tenant} wurde eine neue Adresse verlangt"
        fr "Une nouvelle adresse a été demandée pour votre compte {tenant}"
        ja "【{tenant}】メールアドレスの変更が申請されました"
    }

    requested(from, to, at) {
        en "The account {from} is to have another address: {to}. This was requested on {at}. Nothing changes until the new \
            address is confirmed."
        de "Das Konto {from} soll eine andere Adresse bekommen: {to}. Das wurde verlangt: {at}. Es ändert sich nichts, \
            solange die neue Adresse nicht bestätigt ist."
        fr "Le compte {from} doit recevoir une autre adresse\u{a0}: {to}. Demande du {at}. Rien ne change tant que la \
            nouvelle adresse n’est pas confirmée."
        ja "アカウント {from} のメールアドレスを {to} に変更する申請がありました。\n\n日時：{at}\n\n新しいアドレスが確認されるまで、何も変わりません。"
    }

    by_you() {
        en "If that was you, there is nothing to do."
        de "Wenn Sie das waren, müssen Sie nichts tun."
        fr "Si c’était vous, vous n’avez rien à faire."
        ja "ご本人による手続きであれば、何もなさる必要はありません。"
    }

    stop() {
        en "If it was not you, sign in now, take the request back on your account page and change your password. Then tell \
            your administrator."
        de "Das waren nicht Sie? Dann melden Sie sich jetzt an, nehmen Sie die Änderung auf Ihrer Kontoseite zurück und \
            ändern Sie Ihr Passwort. Sagen Sie es danach Ihrer Administration."
        fr "Ce n’était pas vous\u{a0}? Connectez-vous dès maintenant, annulez la demande sur la page de votre compte et \
            changez votre mot de passe. Prévenez ensuite votre administrateur."
        ja "お心当たりがない場合は、今すぐサインインし、アカウントのページで申請を取り消して、パスワードを変更してください。そのうえで管理者までご連絡ください。"
    }

    stop_tell(contact) {
        en "If it was not you, sign in now, take the request back on your account page and change your password. Then tell \
            {contact}."
        de "Das waren nicht Sie? Dann melden Sie sich jetzt an, nehmen Sie die Änderung auf Ihrer Kontoseite zurück und \
            ändern Sie Ihr Passwort. Melden Sie sich danach bei: {contact}"
        fr "Ce n’était pas vous\u{a0}? Connectez-vous dès maintenant, annulez la demande sur la page de votre compte et \
            changez votre mot de passe. Donnez ensuite l’alerte\u{a0}: {contact}"
        ja "お心当たりがない場合は、今すぐサインインし、アカウントのページで申請を取り消して、パスワードを変更してください。そのうえで {contact} \
            までご連絡ください。"
    }

    changed_subject(tenant) {
        en "The address of your account with {tenant} was changed"
        de "Die Adresse Ihres Kontos bei {tenant} wurde geändert"
        fr "L’adresse de votre compte {tenant} a été modifiée"
        ja "【{tenant}】アカウントのメールアドレスが変更されました"
    }

    changed(from, to, at) {
        en "Your account had the address {from}. Since {at} it has this one: {to}. Sign in with it from now on; your password \
            stays as it is."
        de "Ihr Konto hatte die Adresse {from}. Seit {at} hat es diese: {to}. Melden Sie sich künftig mit ihr an; Ihr \
            Passwort bleibt, wie es ist."
        fr "Votre compte avait l’adresse {from}. Depuis le {at}, il a celle-ci\u{a0}: {to}. Connectez-vous désormais avec \
            elle\u{a0}; votre mot de passe reste le même."
        ja "アカウントのメールアドレスが {from} から {to} に変わりました。\n\n日時：{at}\n\n\
            今後は新しいアドレスでサインインしてください。パスワードはそのままです。"
    }

    goes_there(until) {
        en "Until {until}, mail with a link to choose a password still goes to the former address. This protects the account, \
            should someone else have changed it."
        de "Bis {until} gehen E-Mails mit einem Link für ein neues Passwort noch an die bisherige Adresse. Das schützt das \
            Konto, falls jemand anderes sie geändert hat."
        fr "Jusqu’au {until}, les messages contenant un lien pour choisir un mot de passe vont encore à l’ancienne adresse. \
            Cela protège le compte si quelqu’un d’autre l’a modifiée."
        ja "{until} までは、パスワード設定用のリンクは以前のアドレスに届きます。第三者が変更した場合にアカウントを守るためです。"
    }

    comes_here(to, until) {
        en "If it was not you, you have until {until}: until then mail of the account still comes here. Ask for a link on the \
            sign-in page, for the address {to}, choose a new password, which ends every session, and change the address back on \
            your account page."
        de "Das waren nicht Sie? Dann haben Sie bis {until} Zeit: Solange kommen E-Mails des Kontos noch hierher. Lassen Sie \
            sich auf der Anmeldeseite für die Adresse {to} einen Link schicken, wählen Sie ein neues Passwort, was alle \
            Sitzungen beendet, und ändern Sie die Adresse auf Ihrer Kontoseite zurück."
        fr "Ce n’était pas vous\u{a0}? Vous avez jusqu’au {until}\u{a0}: d’ici là, les messages du compte arrivent encore \
            ici. Demandez un lien sur la page de connexion pour l’adresse {to}, choisissez un nouveau mot de passe, ce qui met \
            fin à toutes les sessions, puis rétablissez l’adresse sur la page de votre compte."
        ja "お心当たりがない場合、{until} までは、このアカウントのメールはまだこちらに届きます。サインインページで {to} \
            のリンクを請求して新しいパスワードを設定すると、すべてのセッションが終了します。その後、アカウントのページでアドレスを元に戻してください。"
    }

    not_by_you() {
        en "If it was not you, also tell your administrator right away."
        de "Waren Sie es nicht, sagen Sie es auch sofort Ihrer Administration."
        fr "Si ce n’était pas vous, prévenez aussi votre administrateur sans attendre."
        ja "お心当たりがない場合は、すぐに管理者にもご連絡ください。"
    }

    not_by_you_tell(contact) {
        en "If it was not you, also tell {contact} right away."
        de "Waren Sie es nicht, melden Sie sich auch sofort bei: {contact}"
        fr "Si ce n’était pas vous, donnez aussi l’alerte sans attendre\u{a0}: {contact}"
        ja "お心当たりがない場合は、すぐに {contact} にもご連絡ください。"
    }

    no_link() {
        en "This mail has no link in it, and we never ask for your password by mail."
        de "Diese Mail enthält keinen Link, und wir fragen nie per Mail nach Ihrem Passwort."
        fr "Ce message ne contient aucun lien, et nous ne demandons jamais votre mot de passe par courriel."
        ja "このメールにリンクは含まれていません。メールでパスワードをお尋ねすることは決してありません。"
    }
}
