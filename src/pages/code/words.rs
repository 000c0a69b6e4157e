//! Words of the page that asks for a code.

use crate::words::words;

words! {
    title() {
        en "Enter your code"
        de "Geben Sie Ihren Code ein"
        fr "Saisissez votre code"
        ja "コードの入力"
    }

    lead() {
        en "Your password is right. Open your authenticator app and type the six digits that it shows for this account."
        de "Ihr Passwort stimmt. Öffnen Sie Ihre Code-App und geben Sie die sechs Ziffern ein, die sie für dieses Konto zeigt."
        fr "Votre mot de passe est correct. Ouvrez votre application et saisissez les six chiffres affichés pour ce compte."
        ja "パスワードを確認しました。認証アプリを開き、このアカウントの 6 桁の数字を入力してください。"
    }

    code() {
        en "Code"
        de "Code"
        fr "Code"
        ja "コード"
    }

    send() {
        en "Continue"
        de "Weiter"
        fr "Continuer"
        ja "続ける"
    }

    lost() {
        en "No app at hand? Type one of your recovery codes. Without these, ask your administrator."
        de "Keine App zur Hand? Geben Sie einen Ihrer Wiederherstellungscodes ein. Ohne diese fragen Sie Ihre Administration."
        fr "Pas d’application sous la main ? Saisissez un de vos codes de secours. Sinon, adressez-vous à votre administrateur."
        ja "アプリが手元にない場合は、リカバリーコードを入力してください。それもない場合は、管理者にお問い合わせください。"
    }
}
