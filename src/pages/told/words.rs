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
}
