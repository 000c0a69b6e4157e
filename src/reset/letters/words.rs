//! Words of the mails with a link. After the comma of the greeting a German sentence goes on in lower case.

use crate::words::words;

words! {
    choose_subject(tenant) {
        en "Choose a password for {tenant}"
        de "Wählen Sie ein Passwort für {tenant}"
        fr "Choisissez un mot de passe pour {tenant}"
        ja "【{tenant}】パスワードを設定してください"
    }

    choose_new_subject(tenant) {
        en "Choose a new password for {tenant}"
        de "Wählen Sie ein neues Passwort für {tenant}"
        fr "Choisissez un nouveau mot de passe pour {tenant}"
        ja "【{tenant}】新しいパスワードを設定してください"
    }

    choose() {
        en "Choose a password"
        de "Passwort wählen"
        fr "Choisir un mot de passe"
        ja "パスワードを設定する"
    }

    choose_new() {
        en "Choose a new password"
        de "Neues Passwort wählen"
        fr "Choisir un nouveau mot de passe"
        ja "新しいパスワードを設定する"
    }

    reset_dead(tenant) {
        en "An administrator of {tenant} has reset your password. The old one no longer works. Please choose a new \
            one; it takes a minute."
        de "die Administration von {tenant} hat Ihr Passwort zurückgesetzt. Das alte gilt nicht mehr. Bitte wählen \
            Sie ein neues; es dauert nur eine Minute."
        fr "Un administrateur chez {tenant} a réinitialisé votre mot de passe. L’ancien ne fonctionne plus. Merci \
            d’en choisir un nouveau\u{a0}: cela ne prend qu’une minute."
        ja "{tenant} の管理者がパスワードをリセットしました。以前のパスワードは使えなくなりました。お手数ですが、新しいパスワードを設定して\
            ください。"
    }

    reset_for_many(tenant) {
        en "As a precaution {tenant} has reset passwords, yours among them. The old one no longer works. Please choose a \
            new one; it takes a minute."
        de "vorsorglich hat {tenant} Passwörter zurückgesetzt, auch Ihres. Das alte gilt nicht mehr. Bitte wählen Sie ein \
            neues; es dauert nur eine Minute."
        fr "Par précaution, {tenant} a réinitialisé des mots de passe, dont le vôtre. L’ancien ne fonctionne plus. Merci \
            d’en choisir un nouveau\u{a0}: cela ne prend qu’une minute."
        ja "安全のため、{tenant} はパスワードをリセットしました。お客様のパスワードも対象で、以前のパスワードは使えなくなりました。\
            お手数ですが、新しいパスワードを設定してください。"
    }

    reset_works(tenant) {
        en "An administrator of {tenant} asks you to choose a new password; it takes a minute. The old one works \
            until then."
        de "die Administration von {tenant} bittet Sie, ein neues Passwort zu wählen; es dauert nur eine Minute. \
            Bis dahin gilt das alte."
        fr "Un administrateur chez {tenant} vous demande de choisir un nouveau mot de passe\u{a0}: cela ne prend \
            qu’une minute. D’ici là, l’ancien fonctionne."
        ja "{tenant} の管理者から、新しいパスワードの設定をお願いしています。設定が済むまでは、現在のパスワードをお使いいただけます。"
    }

    reset_without_one(tenant) {
        en "An administrator of {tenant} asks you to choose a password; it takes a minute."
        de "die Administration von {tenant} bittet Sie, ein Passwort zu wählen; es dauert nur eine Minute."
        fr "Un administrateur chez {tenant} vous demande de choisir un mot de passe\u{a0}: cela ne prend qu’une \
            minute."
        ja "{tenant} の管理者から、パスワードの設定をお願いしています。"
    }

    sent_works(tenant) {
        en "An administrator of {tenant} has sent you this link. With it you can choose a new password. The old one \
            works until then."
        de "die Administration von {tenant} hat Ihnen diesen Link geschickt. Damit können Sie ein neues Passwort \
            wählen. Bis dahin gilt das alte."
        fr "Un administrateur chez {tenant} vous a envoyé ce lien. Il vous permet de choisir un nouveau mot de \
            passe. D’ici là, l’ancien fonctionne."
        ja "{tenant} の管理者がこのリンクをお送りしました。新しいパスワードを設定できます。設定が済むまでは、現在のパスワードをお使いいただけます。"
    }

    sent_dead(tenant) {
        en "An administrator of {tenant} has sent you this link. With it you choose a new password. The old one no \
            longer works."
        de "die Administration von {tenant} hat Ihnen diesen Link geschickt. Damit wählen Sie ein neues Passwort. \
            Das alte gilt nicht mehr."
        fr "Un administrateur chez {tenant} vous a envoyé ce lien. Il vous permet de choisir un nouveau mot de \
            passe. L’ancien ne fonctionne plus."
        ja "{tenant} の管理者がこのリンクをお送りしました。以前のパスワードは使えなくなっています。新しいパスワードを設定してください。"
    }

    sent_without_one(tenant) {
        en "An administrator of {tenant} has sent you this link. With it you choose your password."
        de "die Administration von {tenant} hat Ihnen diesen Link geschickt. Damit wählen Sie Ihr Passwort."
        fr "Un administrateur chez {tenant} vous a envoyé ce lien. Il vous permet de choisir votre mot de passe."
        ja "{tenant} の管理者がこのリンクをお送りしました。パスワードを設定してください。"
    }

    welcome_subject(tenant) {
        en "Welcome to {tenant}: choose your password"
        de "Willkommen bei {tenant}: Wählen Sie Ihr Passwort"
        fr "Bienvenue chez {tenant}\u{a0}: choisissez votre mot de passe"
        ja "【{tenant}】ようこそ。パスワードを設定してください"
    }

    welcome(tenant) {
        en "There is now an account for you at {tenant}. Choose your first password, then sign in with it."
        de "bei {tenant} gibt es jetzt ein Konto für Sie. Wählen Sie Ihr erstes Passwort und melden Sie sich dann \
            damit an."
        fr "Un compte a été créé pour vous chez {tenant}. Choisissez votre premier mot de passe, puis utilisez-le \
            pour vous connecter."
        ja "{tenant} にアカウントが作成されました。最初のパスワードを設定してから、サインインしてください。"
    }

    choose_yours() {
        en "Choose your password"
        de "Passwort wählen"
        fr "Choisir mon mot de passe"
        ja "パスワードを設定する"
    }

    asked_subject(tenant) {
        en "A new password for {tenant}"
        de "Ein neues Passwort für {tenant}"
        fr "Un nouveau mot de passe pour {tenant}"
        ja "【{tenant}】パスワード再設定のご案内"
    }

    asked(tenant) {
        en "You asked for a new password at {tenant}. This link lets you choose it."
        de "Sie haben ein neues Passwort für {tenant} angefordert. Mit diesem Link können Sie es wählen."
        fr "Vous avez demandé un nouveau mot de passe pour {tenant}. Ce lien vous permet de le choisir."
        ja "{tenant} のパスワード再設定を受け付けました。次のリンクから新しいパスワードを設定してください。"
    }

    not_you_works() {
        en "If it was not you, do nothing: your password still works."
        de "Das waren nicht Sie? Dann müssen Sie nichts tun: Ihr Passwort funktioniert weiterhin."
        fr "Ce n’était pas vous\u{a0}? Ne faites rien\u{a0}: votre mot de passe fonctionne toujours."
        ja "お心当たりがない場合は、何もなさらなくて大丈夫です。現在のパスワードはそのままお使いいただけます。"
    }

    not_you_works_ask(contact) {
        en "If it was not you, do nothing: your password still works. Questions? Ask {contact}."
        de "Das waren nicht Sie? Dann müssen Sie nichts tun: Ihr Passwort funktioniert weiterhin. Fragen? Wenden \
            Sie sich an: {contact}"
        fr "Ce n’était pas vous\u{a0}? Ne faites rien\u{a0}: votre mot de passe fonctionne toujours. Une \
            question\u{a0}? Écrivez ou appelez\u{a0}: {contact}"
        ja "お心当たりがない場合は、何もなさらなくて大丈夫です。現在のパスワードはそのままお使いいただけます。ご不明な点は {contact} まで\
            お問い合わせください。"
    }

    not_you_dead() {
        en "If it was not you, do nothing. Your old password no longer works, though: to sign in, choose a new one."
        de "Das waren nicht Sie? Dann müssen Sie nichts tun. Ihr altes Passwort gilt allerdings nicht mehr: Um sich \
            anzumelden, wählen Sie ein neues."
        fr "Ce n’était pas vous\u{a0}? Ne faites rien. Votre ancien mot de passe ne fonctionne cependant \
            plus\u{a0}: pour vous connecter, choisissez-en un nouveau."
        ja "お心当たりがない場合は、何もなさらなくて大丈夫です。ただし、以前のパスワードは使えなくなっています。サインインするには、新しいパスワード\
            を設定してください。"
    }

    not_you_dead_ask(contact) {
        en "If it was not you, do nothing. Your old password no longer works, though: to sign in, choose a new one. \
            Questions? Ask {contact}."
        de "Das waren nicht Sie? Dann müssen Sie nichts tun. Ihr altes Passwort gilt allerdings nicht mehr: Um sich \
            anzumelden, wählen Sie ein neues. Fragen? Wenden Sie sich an: {contact}"
        fr "Ce n’était pas vous\u{a0}? Ne faites rien. Votre ancien mot de passe ne fonctionne cependant \
            plus\u{a0}: pour vous connecter, choisissez-en un nouveau. Une question\u{a0}? Écrivez ou \
            appelez\u{a0}: {contact}"
        ja "お心当たりがない場合は、何もなさらなくて大丈夫です。ただし、以前のパスワードは使えなくなっています。サインインするには、新しいパスワード\
            を設定してください。ご不明な点は {contact} までお問い合わせください。"
    }

    not_you_without_one() {
        en "If it was not you, do nothing."
        de "Das waren nicht Sie? Dann müssen Sie nichts tun."
        fr "Ce n’était pas vous\u{a0}? Ne faites rien."
        ja "お心当たりがない場合は、何もなさらなくて大丈夫です。"
    }

    not_you_without_one_ask(contact) {
        en "If it was not you, do nothing. Questions? Ask {contact}."
        de "Das waren nicht Sie? Dann müssen Sie nichts tun. Fragen? Wenden Sie sich an: {contact}"
        fr "Ce n’était pas vous\u{a0}? Ne faites rien. Une question\u{a0}? Écrivez ou appelez\u{a0}: {contact}"
        ja "お心当たりがない場合は、何もなさらなくて大丈夫です。ご不明な点は {contact} までお問い合わせください。"
    }

    unexpected() {
        en "You did not expect this? Then leave the link alone and ask your administrator."
        de "Sie haben das nicht erwartet? Dann benutzen Sie den Link bitte nicht und fragen Sie bei Ihrer \
            Administration nach."
        fr "Vous n’attendiez pas ce message\u{a0}? N’utilisez pas le lien et interrogez votre administrateur."
        ja "お心当たりがない場合は、リンクを使わずに管理者までお問い合わせください。"
    }

    unexpected_ask(contact) {
        en "You did not expect this? Then leave the link alone and ask {contact}."
        de "Sie haben das nicht erwartet? Dann benutzen Sie den Link bitte nicht und fragen Sie nach bei: {contact}"
        fr "Vous n’attendiez pas ce message\u{a0}? N’utilisez pas le lien et renseignez-vous ici\u{a0}: {contact}"
        ja "お心当たりがない場合は、リンクを使わずに {contact} までお問い合わせください。"
    }

    works_for_less_than_a_minute() {
        en "The link works once and for less than a minute."
        de "Der Link funktioniert nur einmal und gilt weniger als eine Minute."
        fr "Ce lien fonctionne une seule fois, pendant moins d’une minute."
        ja "このリンクの有効期間は残り 1 分未満で、一度だけご利用いただけます。"
    }

    works_for_minutes[n] {
        en "The link works once and for about {n} minute." | "The link works once and for about {n} minutes."
        de "Der Link funktioniert nur einmal und gilt etwa {n} Minute."
         | "Der Link funktioniert nur einmal und gilt etwa {n} Minuten."
        fr "Ce lien fonctionne une seule fois, pendant environ {n}\u{a0}minute."
         | "Ce lien fonctionne une seule fois, pendant environ {n}\u{a0}minutes."
        ja "このリンクの有効期間は約 {n} 分間で、一度だけご利用いただけます。"
    }

    works_for_hours[n] {
        en "The link works once and for about {n} hour." | "The link works once and for about {n} hours."
        de "Der Link funktioniert nur einmal und gilt etwa {n} Stunde."
         | "Der Link funktioniert nur einmal und gilt etwa {n} Stunden."
        fr "Ce lien fonctionne une seule fois, pendant environ {n}\u{a0}heure."
         | "Ce lien fonctionne une seule fois, pendant environ {n}\u{a0}heures."
        ja "このリンクの有効期間は約 {n} 時間で、一度だけご利用いただけます。"
    }

    code() {
        en "Does the page ask for a code? Paste this one:"
        de "Fragt die Seite nach einem Code? Fügen Sie diesen ein:"
        fr "La page vous demande un code\u{a0}? Collez celui-ci\u{a0}:"
        ja "ページでコードの入力を求められた場合は、次のコードを貼り付けてください。"
    }

    old_works() {
        en "Your old password works until you choose a new one."
        de "Ihr altes Passwort gilt, bis Sie ein neues wählen."
        fr "Votre ancien mot de passe fonctionne jusqu’à ce que vous en choisissiez un nouveau."
        ja "新しいパスワードの設定が済むまでは、現在のパスワードをお使いいただけます。"
    }

    old_is_dead() {
        en "Your old password no longer works."
        de "Ihr altes Passwort gilt nicht mehr."
        fr "Votre ancien mot de passe ne fonctionne plus."
        ja "以前のパスワードは使えなくなりました。"
    }
}
