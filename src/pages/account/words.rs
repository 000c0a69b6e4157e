//! Words of the account page.

use crate::words::words;

words! {
    title() {
        en "Your account"
        de "Ihr Konto"
        fr "Votre compte"
        ja "アカウント"
    }

    to_console() {
        en "To the console"
        de "Zur Konsole"
        fr "Vers la console"
        ja "コンソールへ"
    }

    sign_out() {
        en "Sign out"
        de "Abmelden"
        fr "Se déconnecter"
        ja "サインアウト"
    }

    name() {
        en "Name"
        de "Name"
        fr "Nom"
        ja "名前"
    }

    roles() {
        en "Roles"
        de "Rollen"
        fr "Rôles"
        ja "ロール"
    }

    no_roles() {
        en "None"
        de "Keine"
        fr "Aucun"
        ja "なし"
    }

    last_sign_in() {
        en "Last sign-in"
        de "Letzte Anmeldung"
        fr "Dernière connexion"
        ja "前回のサインイン"
    }

    change_password() {
        en "Change password"
        de "Passwort ändern"
        fr "Changer de mot de passe"
        ja "パスワードの変更"
    }

    current_password() {
        en "Current password"
        de "Jetziges Passwort"
        fr "Mot de passe actuel"
        ja "現在のパスワード"
    }

    wrong_password() {
        en "The current password is not right."
        de "Das jetzige Passwort stimmt nicht."
        fr "Le mot de passe actuel est incorrect."
        ja "現在のパスワードが正しくありません。"
    }

    save_password() {
        en "Change password"
        de "Passwort ändern"
        fr "Changer de mot de passe"
        ja "パスワードを変更"
    }

    changed() {
        en "Your password is changed. All your other sessions have ended."
        de "Ihr Passwort ist geändert. Alle Ihre anderen Sitzungen sind beendet."
        fr "Votre mot de passe est modifié. Toutes vos autres sessions sont terminées."
        ja "パスワードを変更しました。ほかのセッションはすべて終了しました。"
    }

    change_email() {
        en "Change email address"
        de "E-Mail-Adresse ändern"
        fr "Changer d’adresse e-mail"
        ja "メールアドレスの変更"
    }

    new_email() {
        en "New email address"
        de "Neue E-Mail-Adresse"
        fr "Nouvelle adresse e-mail"
        ja "新しいメールアドレス"
    }

    new_email_hint() {
        en "A link goes to the new address. It counts once you have opened the link and confirmed it."
        de "Ein Link geht an die neue Adresse. Sie gilt, sobald Sie ihn geöffnet und sie bestätigt haben."
        fr "Un lien est envoyé à la nouvelle adresse. Elle compte dès que vous l’avez ouvert et confirmée."
        ja "新しいアドレスにリンクをお送りします。リンクを開いて確認すると有効になります。"
    }

    save_email() {
        en "Send the link"
        de "Link senden"
        fr "Envoyer le lien"
        ja "リンクを送る"
    }

    pending_email() {
        en "This address is not confirmed yet, and a link was sent to it if it can be used:"
        de "Diese Adresse ist noch nicht bestätigt; kann sie benutzt werden, ging ein Link an sie:"
        fr "Cette adresse n’est pas encore confirmée ; si elle peut servir, un lien lui a été envoyé :"
        ja "確認待ちのアドレスです。利用できるアドレスであれば、リンクをお送りしました："
    }

    pending_until() {
        en "The link works until"
        de "Der Link gilt bis"
        fr "Le lien est valable jusqu’au"
        ja "リンクの有効期限："
    }

    keep_email() {
        en "Keep the present address"
        de "Jetzige Adresse behalten"
        fr "Garder l’adresse actuelle"
        ja "現在のアドレスのままにする"
    }

    mail_goes_to() {
        en "The address was changed. Mail still goes to the former one:"
        de "Die Adresse wurde geändert. E-Mails gehen noch an die bisherige:"
        fr "L’adresse a été modifiée. Les e-mails vont encore à l’ancienne :"
        ja "アドレスが変更されました。メールはまだ以前のアドレスに届きます："
    }

    goes_until() {
        en "until"
        de "bis"
        fr "jusqu’au"
        ja "期限："
    }

    has_factor() {
        en "A code app is asked for at sign-in."
        de "Bei der Anmeldung wird eine Code-App verlangt."
        fr "Une application de codes est demandée à la connexion."
        ja "サインインのときに認証アプリのコードが必要です。"
    }

    no_factor() {
        en "Your password alone signs you in."
        de "Zur Anmeldung genügt Ihr Passwort."
        fr "Votre mot de passe suffit pour vous connecter."
        ja "パスワードだけでサインインできます。"
    }

    to_factor() {
        en "Code app and recovery codes"
        de "Code-App und Wiederherstellungscodes"
        fr "Application et codes de secours"
        ja "認証アプリとリカバリーコード"
    }

    own_data() {
        en "Your data"
        de "Ihre Daten"
        fr "Vos données"
        ja "あなたのデータ"
    }

    about_own_data() {
        en "Everything that is kept about you here, as a file. It holds no password and nothing that opens your account."
        de "Alles, was hier über Sie gespeichert ist, als Datei. Sie enthält kein Passwort und nichts, was Ihr Konto öffnet."
        fr "Tout ce qui est conservé ici à votre sujet, dans un fichier. Il ne contient ni mot de passe ni rien qui ouvre votre compte."
        ja "ここに保存されている、あなたに関するすべての情報のファイルです。パスワードや、アカウントを開けるものは含まれません。"
    }

    export_own_data() {
        en "Download my data"
        de "Meine Daten herunterladen"
        fr "Télécharger mes données"
        ja "データをダウンロード"
    }

    sessions() {
        en "Sessions"
        de "Sitzungen"
        fr "Sessions"
        ja "セッション"
    }

    address() {
        en "Address"
        de "Adresse"
        fr "Adresse"
        ja "アドレス"
    }

    started() {
        en "Started"
        de "Begonnen"
        fr "Début"
        ja "開始"
    }

    last_seen() {
        en "Last seen"
        de "Zuletzt aktiv"
        fr "Dernière activité"
        ja "最終利用"
    }

    this_one() {
        en "This one"
        de "Diese hier"
        fr "Celle-ci"
        ja "このセッション"
    }

    end() {
        en "End"
        de "Beenden"
        fr "Terminer"
        ja "終了"
    }

    end_others() {
        en "End all others"
        de "Alle anderen beenden"
        fr "Terminer toutes les autres"
        ja "ほかをすべて終了"
    }
}
