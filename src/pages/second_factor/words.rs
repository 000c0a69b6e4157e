//! Words of the pages about a code app.

use crate::words::words;

words! {
    title() {
        en "Sign-in in two steps"
        de "Anmeldung in zwei Schritten"
        fr "Connexion en deux étapes"
        ja "2段階認証"
    }

    off() {
        en "Nothing but your password protects this account. With a code app on your phone, nobody signs in who knows the \
            password alone."
        de "Dieses Konto schützt nur Ihr Passwort. Mit einer Code-App auf Ihrem Telefon meldet sich niemand an, der nur das \
            Passwort kennt."
        fr "Seul votre mot de passe protège ce compte. Avec une application de codes sur votre téléphone, connaître le mot de \
            passe ne suffit plus."
        ja "このアカウントはパスワードだけで保護されています。スマートフォンの認証アプリを使うと、パスワードを知られてもサインインされません。"
    }

    set_up() {
        en "Set up a code app"
        de "Code-App einrichten"
        fr "Configurer une application de codes"
        ja "認証アプリの設定"
    }

    on_since() {
        en "A code app has protected this account since"
        de "Eine Code-App schützt dieses Konto seit:"
        fr "Une application de codes protège ce compte depuis le"
        ja "認証アプリで保護されています。設定日時："
    }

    codes_left[n] {
        en "{n} recovery code is left." | "{n} recovery codes are left."
        de "Es ist noch {n} Wiederherstellungscode übrig." | "Es sind noch {n} Wiederherstellungscodes übrig."
        fr "Il reste {n} code de secours." | "Il reste {n} codes de secours."
        ja "残りのリカバリーコードは {n} 個です。"
    }

    make_new() {
        en "Make new ones, before you need them."
        de "Erstellen Sie neue, bevor Sie sie brauchen."
        fr "Créez-en de nouveaux avant d’en avoir besoin."
        ja "必要になる前に、新しいコードを作成してください。"
    }

    renew() {
        en "Make new recovery codes"
        de "Neue Wiederherstellungscodes erstellen"
        fr "Créer de nouveaux codes de secours"
        ja "リカバリーコードを作成し直す"
    }

    replace() {
        en "Set up another app"
        de "Andere App einrichten"
        fr "Configurer une autre application"
        ja "別のアプリに替える"
    }

    switch_off() {
        en "Switch the code app off"
        de "Code-App abschalten"
        fr "Désactiver l’application"
        ja "認証アプリを解除する"
    }

    required() {
        en "Your organisation requires a code app, so it cannot be switched off."
        de "Ihre Organisation verlangt eine Code-App, deshalb lässt sie sich nicht abschalten."
        fr "Votre organisation exige une application de codes : elle ne peut être désactivée."
        ja "組織で認証アプリが必須とされているため、解除できません。"
    }

    to_account() {
        en "To your account"
        de "Zu Ihrem Konto"
        fr "Vers votre compte"
        ja "アカウントへ"
    }

    scan() {
        en "Scan this picture with an authenticator app on your phone."
        de "Scannen Sie dieses Bild mit einer Code-App auf Ihrem Telefon."
        fr "Scannez cette image avec une application de codes sur votre téléphone."
        ja "スマートフォンの認証アプリで、この画像を読み取ってください。"
    }

    picture() {
        en "Picture to scan with a code app. The key below says the same."
        de "Bild zum Scannen mit einer Code-App. Der Schlüssel darunter sagt dasselbe."
        fr "Image à scanner avec une application de codes. La clé ci-dessous dit la même chose."
        ja "認証アプリで読み取る画像。下のキーと同じ内容です。"
    }

    type_it() {
        en "Or type this key into the app:"
        de "Oder geben Sie diesen Schlüssel in die App ein:"
        fr "Ou saisissez cette clé dans l’application :"
        ja "または、次のキーをアプリに入力してください："
    }

    switch_on() {
        en "Switch on"
        de "Einschalten"
        fr "Activer"
        ja "有効にする"
    }

    not_yet() {
        en "It counts once you have typed the first code that the app shows."
        de "Sie gilt, sobald Sie den ersten Code eingegeben haben, den die App zeigt."
        fr "Elle compte dès que vous avez saisi le premier code qu’elle affiche."
        ja "アプリに表示された最初のコードを入力すると有効になります。"
    }

    codes() {
        en "Keep these recovery codes"
        de "Bewahren Sie diese Codes gut auf"
        fr "Conservez ces codes de secours"
        ja "リカバリーコードの保管"
    }

    is_on() {
        en "Your account is protected by a code app."
        de "Ihr Konto ist durch eine Code-App geschützt."
        fr "Votre compte est protégé par une application de codes."
        ja "アカウントは認証アプリで保護されています。"
    }

    keep_codes() {
        en "Each of these codes signs you in once if your phone is lost. Print them or keep them where you keep passwords, not on \
            the phone."
        de "Jeder dieser Codes meldet Sie einmal an, wenn Ihr Telefon verloren ist. Drucken Sie sie aus oder bewahren Sie sie bei \
            Ihren Passwörtern auf, nicht auf dem Telefon."
        fr "Chacun de ces codes vous connecte une fois si vous perdez votre téléphone. Imprimez-les ou gardez-les avec vos mots \
            de passe, pas sur le téléphone."
        ja "スマートフォンをなくしたとき、各コードで一度ずつサインインできます。印刷するか、パスワードと同じ場所に保管し、スマートフォンには保存しないでください。"
    }

    shown_once() {
        en "They are shown this once. You can make new ones at any time."
        de "Sie werden nur dieses eine Mal gezeigt. Neue können Sie jederzeit erstellen."
        fr "Ils ne sont affichés que cette fois. Vous pouvez en créer de nouveaux à tout moment."
        ja "表示されるのは今回だけです。新しいコードはいつでも作成できます。"
    }

    kept() {
        en "I have kept them"
        de "Ich habe sie aufbewahrt"
        fr "Je les ai conservés"
        ja "保管しました"
    }

    held() {
        en "Look into your mail"
        de "Sehen Sie in Ihre E-Mails"
        fr "Consultez votre messagerie"
        ja "メールをご確認ください"
    }

    held_what() {
        en "We have mailed you a link to set up a new code app. It works for an hour; then ask for a fresh one here."
        de "Wir haben Ihnen einen Link geschickt, mit dem Sie eine neue Code-App einrichten. Er gilt eine Stunde; danach fordern \
            Sie hier einen neuen an."
        fr "Nous vous avons envoyé un lien pour configurer une nouvelle application. Il est valable une heure ; demandez-en \
            ensuite un autre ici."
        ja "新しい認証アプリを設定するためのリンクをお送りしました。有効期限は 1 時間です。期限が過ぎた場合は、ここで新しいリンクを請求してください。"
    }

    fresh_link() {
        en "Send me a fresh link"
        de "Neuen Link schicken"
        fr "M’envoyer un autre lien"
        ja "新しいリンクを送る"
    }

    by_link() {
        en "Set up a new code app"
        de "Neue Code-App einrichten"
        fr "Configurer une nouvelle application"
        ja "新しい認証アプリの設定"
    }

    by_link_what() {
        en "Type your password. On the next page you set up the app."
        de "Geben Sie Ihr Passwort ein. Auf der nächsten Seite richten Sie die App ein."
        fr "Saisissez votre mot de passe. Vous configurerez l’application à la page suivante."
        ja "パスワードを入力してください。次のページでアプリを設定します。"
    }

    go_on() {
        en "Continue"
        de "Weiter"
        fr "Continuer"
        ja "続ける"
    }
}
