//! Words of the errors that pages tell in their own language.

use crate::words::words;

words! {
    too_often() {
        en "Too many attempts. Wait a moment, then try again, or ask for a link to choose a new password."
        de "Zu viele Versuche. Warten Sie einen Moment und versuchen Sie es dann noch einmal, oder lassen Sie sich \
            einen Link schicken, um ein neues Passwort zu wählen."
        fr "Trop de tentatives. Patientez un instant et réessayez, ou demandez un lien pour choisir un nouveau mot \
            de passe."
        ja "試行回数が多すぎます。しばらく待ってからもう一度お試しいただくか、新しいパスワードを設定するためのリンクをご請求ください。"
    }

    password_too_old() {
        en "Your password is older than your organisation allows. Ask for a link and choose a new one."
        de "Ihr Passwort ist älter, als Ihre Organisation erlaubt. Lassen Sie sich einen Link schicken und wählen \
            Sie ein neues."
        fr "Votre mot de passe est plus ancien que ne le permet votre organisation. Demandez un lien et \
            choisissez-en un nouveau."
        ja "パスワードが組織で定められた期間を過ぎています。リンクを請求して、新しいパスワードを設定してください。"
    }

    password_must_change() {
        en "Your organisation wants you to choose a new password. Ask for a link and choose one."
        de "Ihre Organisation möchte, dass Sie ein neues Passwort wählen. Lassen Sie sich einen Link schicken und \
            wählen Sie eines."
        fr "Votre organisation vous demande de choisir un nouveau mot de passe. Demandez un lien et choisissez-en un."
        ja "組織により、新しいパスワードの設定が求められています。リンクを請求して、新しいパスワードを設定してください。"
    }

    password_ended() {
        en "Your organisation has ended your password. You get a mail with a link, or have got one already: follow it and \
            choose a new password."
        de "Ihre Organisation hat Ihr Passwort beendet. Sie erhalten eine E-Mail mit einem Link oder haben sie schon \
            erhalten: Folgen Sie ihm und wählen Sie ein neues Passwort."
        fr "Votre organisation a mis fin à votre mot de passe. Vous recevrez, ou avez déjà reçu, un e-mail avec un lien : \
            suivez-le et choisissez un nouveau mot de passe."
        ja "組織により、パスワードが無効にされました。リンクを記載したメールをお送りします(すでに届いている場合もあります)。リンクから新しいパスワードを設定してください。"
    }

    no_address() {
        en "This is not an email address that we accept. Write it like alice@example.com."
        de "Das ist keine E-Mail-Adresse, die wir annehmen. Schreiben Sie sie wie alice@example.com."
        fr "Ce n’est pas une adresse e-mail que nous acceptons. Écrivez-la comme alice@example.com."
        ja "お使いいただけるメールアドレスではありません。alice@example.com のように入力してください。"
    }

    no_password_here() {
        en "This account has no password here that could be changed. Ask for a link on the sign-in page, or your \
            administrator."
        de "Dieses Konto hat hier kein Passwort, das sich ändern ließe. Lassen Sie sich auf der Anmeldeseite einen \
            Link schicken oder fragen Sie Ihre Administration."
        fr "Ce compte n’a pas ici de mot de passe à modifier. Demandez un lien sur la page de connexion, ou \
            adressez-vous à votre administrateur."
        ja "このアカウントには、ここで変更できるパスワードがありません。サインインページでリンクを請求するか、管理者にお問い合わせください。"
    }

    changed_meanwhile() {
        en "The password or the account was changed by someone else at this moment. Nothing was changed here. Sign \
            in again and look."
        de "Das Passwort oder das Konto wurde im selben Moment anderswo geändert. Hier wurde nichts geändert. \
            Melden Sie sich neu an und sehen Sie nach."
        fr "Le mot de passe ou le compte a été modifié ailleurs au même moment. Rien n’a été modifié ici. \
            Reconnectez-vous et vérifiez."
        ja "同じ時にパスワードまたはアカウントが別の場所で変更されました。ここでは何も変更されていません。もう一度サインインしてご確認ください。"
    }

    same_address() {
        en "This is the address of this account already. Write another one."
        de "Das ist schon die Adresse dieses Kontos. Schreiben Sie eine andere."
        fr "C’est déjà l’adresse de ce compte. Indiquez-en une autre."
        ja "このアカウントのアドレスと同じです。別のアドレスを入力してください。"
    }

    address_taken() {
        en "This address belongs to another account by now, so it cannot become that of yours. Nothing was changed."
        de "Diese Adresse gehört inzwischen zu einem anderen Konto und kann nicht die Ihre werden. Es wurde nichts geändert."
        fr "Cette adresse appartient désormais à un autre compte et ne peut devenir la vôtre. Rien n’a été modifié."
        ja "このアドレスはすでに別のアカウントで使われているため、設定できません。何も変更されていません。"
    }

    no_address_change() {
        en "No change of the address waits for its link: it was confirmed, taken back, or is too old."
        de "Es wartet keine Änderung der Adresse auf ihren Link: Sie wurde bestätigt, zurückgenommen oder ist zu alt."
        fr "Aucun changement d’adresse n’attend son lien\u{a0}: il a été confirmé, annulé, ou il est trop ancien."
        ja "リンクの確認を待っているアドレスの変更はありません。すでに確認または取り消し済みか、期限が切れています。"
    }

    foreign_form() {
        en "This form was sent from another site. Open the page here and send it again."
        de "Dieses Formular kam von einer anderen Website. Öffnen Sie die Seite hier und senden Sie es noch einmal."
        fr "Ce formulaire venait d’un autre site. Ouvrez la page ici et envoyez-le de nouveau."
        ja "このフォームは別のサイトから送信されました。このサイトのページを開いて、もう一度送信してください。"
    }

    unknown_tenant() {
        en "There is no tenant at this address. Check the host name."
        de "Unter dieser Adresse gibt es keine Organisation. Prüfen Sie den Namen des Servers."
        fr "Il n’y a pas d’organisation à cette adresse. Vérifiez le nom du serveur."
        ja "このアドレスに組織はありません。サーバー名をご確認ください。"
    }

    several_tenants() {
        en "This address serves several tenants. Use the address of yours, such as TENANT.the-address."
        de "Unter dieser Adresse gibt es mehrere Organisationen. Benutzen Sie die Adresse der Ihren."
        fr "Plusieurs organisations partagent cette adresse. Utilisez celle de la vôtre."
        ja "このアドレスは複数の組織で共有されています。ご自分の組織のアドレスをお使いください。"
    }

    suspended() {
        en "This tenant is suspended. Ask the operator of this server to let it in again."
        de "Diese Organisation ist gesperrt. Bitten Sie den Betreiber dieses Servers, sie wieder freizugeben."
        fr "Cette organisation est suspendue. Demandez à l’exploitant de ce serveur de la rétablir."
        ja "この組織の利用は停止されています。再開については、このサーバーの運用者にお問い合わせください。"
    }

    code_missing() {
        en "Enter the code from your authenticator app, or a recovery code."
        de "Geben Sie den Code aus Ihrer Code-App ein, oder einen Wiederherstellungscode."
        fr "Saisissez le code de votre application, ou un code de secours."
        ja "認証アプリに表示されたコード、またはリカバリーコードを入力してください。"
    }

    wrong_code() {
        en "The code is not right, or was used already. Wait for the next one."
        de "Der Code stimmt nicht oder wurde schon benutzt. Warten Sie auf den nächsten."
        fr "Le code est incorrect ou a déjà servi. Attendez le suivant."
        ja "コードが正しくないか、すでに使われています。次のコードをお待ちください。"
    }

    too_many_codes() {
        en "Too many wrong codes. Wait a few minutes, then try the next one."
        de "Zu viele falsche Codes. Warten Sie einige Minuten und versuchen Sie es dann mit dem nächsten."
        fr "Trop de codes incorrects. Patientez quelques minutes, puis essayez le suivant."
        ja "誤ったコードが多すぎます。数分待ってから、次のコードをお試しください。"
    }

    codes_locked() {
        en "This code app is locked after too many wrong codes. Use a recovery code or ask your administrator."
        de "Diese Code-App ist nach zu vielen falschen Codes gesperrt. Benutzen Sie einen Wiederherstellungscode oder fragen \
            Sie Ihre Administration."
        fr "Cette application est bloquée après trop de codes incorrects. Utilisez un code de secours ou demandez à votre \
            administrateur."
        ja "誤ったコードが多すぎるため、この認証アプリはロックされています。リカバリーコードを使うか、管理者にお問い合わせください。"
    }

    step_over() {
        en "This sign-in took too long, or something was changed meanwhile. Sign in again."
        de "Diese Anmeldung hat zu lange gedauert, oder es wurde inzwischen etwas geändert. Melden Sie sich neu an."
        fr "Cette connexion a pris trop de temps, ou quelque chose a changé entre-temps. Connectez-vous de nouveau."
        ja "サインインに時間がかかりすぎたか、その間に変更がありました。もう一度サインインしてください。"
    }

    factor_missing() {
        en "This organisation requires a code app. Sign in on its page in a browser and set one up."
        de "Diese Organisation verlangt eine Code-App. Melden Sie sich in einem Browser auf ihrer Seite an und richten Sie eine \
            ein."
        fr "Cette organisation exige une application de codes. Connectez-vous sur sa page dans un navigateur et configurez-en \
            une."
        ja "この組織では認証アプリが必要です。ブラウザーでサインインして設定してください。"
    }

    no_factor() {
        en "This account has no code app. Set one up on the account page first."
        de "Dieses Konto hat keine Code-App. Richten Sie zuerst eine auf der Kontoseite ein."
        fr "Ce compte n’a pas d’application de codes. Configurez-en d’abord une sur la page du compte."
        ja "このアカウントには認証アプリがありません。まずアカウントのページで設定してください。"
    }

    no_factor_link() {
        en "Nothing waits for a link here: a code app can be set up without one, or is set up already."
        de "Hier wartet nichts auf einen Link: Eine Code-App lässt sich ohne ihn einrichten oder ist schon eingerichtet."
        fr "Rien n’attend de lien ici\u{a0}: une application peut être configurée sans lui, ou l’est déjà."
        ja "リンクは必要ありません。認証アプリはそのまま設定できるか、すでに設定されています。"
    }

    factor_link_first() {
        en "An administrator has taken your code app away. Another one needs the link that was mailed to you."
        de "Ihre Code-App wurde von der Administration entfernt. Eine neue braucht den Link, der Ihnen geschickt wurde."
        fr "Un administrateur a retiré votre application de codes. Une nouvelle demande le lien qui vous a été envoyé."
        ja "管理者が認証アプリを解除しました。新しいアプリの設定には、メールでお送りしたリンクが必要です。"
    }

    factor_required() {
        en "This organisation requires a code app, so it cannot be switched off. You can set up another one in its place."
        de "Diese Organisation verlangt eine Code-App, deshalb lässt sie sich nicht abschalten. Sie können stattdessen eine andere \
            einrichten."
        fr "Cette organisation exige une application de codes\u{a0}: elle ne peut être désactivée. Vous pouvez en configurer une \
            autre à sa place."
        ja "この組織では認証アプリが必要なため、解除できません。別のアプリに替えることはできます。"
    }

    factor_link_dead() {
        en "This link no longer works. Sign in and ask for a fresh one."
        de "Dieser Link gilt nicht mehr. Melden Sie sich an und fordern Sie einen neuen an."
        fr "Ce lien n’est plus valable. Connectez-vous et demandez-en un autre."
        ja "このリンクは使えません。サインインして、新しいリンクを請求してください。"
    }

    prove_again() {
        en "Prove again who you are: your last proof was more than 15 minutes ago."
        de "Weisen Sie sich noch einmal aus: Das ist mehr als 15 Minuten her."
        fr "Prouvez de nouveau votre identité\u{a0}: la dernière preuve date de plus de 15 minutes."
        ja "前回の本人確認から 15 分以上経っています。もう一度ご本人であることを確認してください。"
    }
}
