//! Errors in the language of the page. Programs read the English sentence of the error; a page shows it only if its
//! language is English.

use super::words;
use crate::error::{Error, Told};
use crate::language::Language;

/// The sentence for the page; `None` if the page's title says all that can be said in this language.
pub fn sentence(error: &Error, language: Language) -> Option<String> {
    match (language, error.told) {
        (Language::English, _) => Some(error.message.clone()).filter(|message| !message.is_empty()),
        (_, None) => None,
        (Language::German, Some(told)) => Some(german(told).into()),
        (Language::French, Some(told)) => Some(french(told).into()),
        (Language::Japanese, Some(told)) => Some(japanese(told).into()),
    }
}

/// The sentence for a form that is shown again; if there is none, the next step.
pub fn problem(error: &Error, language: Language) -> String {
    sentence(error, language).unwrap_or_else(|| super::error::say(words::of(language), error.kind).1.into())
}

fn german(told: Told) -> &'static str {
    let words = words::of(Language::German);
    match told {
        Told::SignInRefused => words.signin.refused,
        Told::WrongPassword => words.account.wrong_password,
        Told::TooOften => {
            "Zu viele Versuche. Warten Sie einen Moment und versuchen Sie es dann noch einmal, oder lassen Sie sich einen \
             Link schicken, um ein neues Passwort zu wählen."
        }
        Told::PasswordTooOld => {
            "Ihr Passwort ist älter, als Ihre Organisation erlaubt. Lassen Sie sich einen Link schicken und wählen Sie ein \
             neues."
        }
        Told::NoAddress => "Das ist keine E-Mail-Adresse, die wir annehmen. Schreiben Sie sie wie alice@example.com.",
        Told::NoPasswordHere => {
            "Dieses Konto hat hier kein Passwort, das sich ändern ließe. Lassen Sie sich auf der Anmeldeseite einen Link \
             schicken oder fragen Sie Ihre Administration."
        }
        Told::ChangedMeanwhile => {
            "Das Passwort oder das Konto wurde im selben Moment anderswo geändert. Hier wurde nichts geändert. Melden Sie \
             sich neu an und sehen Sie nach."
        }
        Told::ForeignForm => {
            "Dieses Formular kam von einer anderen Website. Öffnen Sie die Seite hier und senden Sie es noch einmal."
        }
        Told::UnknownTenant => "Unter dieser Adresse gibt es keine Organisation. Prüfen Sie den Namen des Servers.",
        Told::SeveralTenants => {
            "Unter dieser Adresse gibt es mehrere Organisationen. Benutzen Sie die Adresse der Ihren."
        }
    }
}

fn french(told: Told) -> &'static str {
    let words = words::of(Language::French);
    match told {
        Told::SignInRefused => words.signin.refused,
        Told::WrongPassword => words.account.wrong_password,
        Told::TooOften => {
            "Trop de tentatives. Patientez un instant et réessayez, ou demandez un lien pour choisir un nouveau mot de passe."
        }
        Told::PasswordTooOld => {
            "Votre mot de passe est plus ancien que ne le permet votre organisation. Demandez un lien et choisissez-en un \
             nouveau."
        }
        Told::NoAddress => "Ce n’est pas une adresse e-mail que nous acceptons. Écrivez-la comme alice@example.com.",
        Told::NoPasswordHere => {
            "Ce compte n’a pas ici de mot de passe à modifier. Demandez un lien sur la page de connexion, ou adressez-vous à \
             votre administrateur."
        }
        Told::ChangedMeanwhile => {
            "Le mot de passe ou le compte a été modifié ailleurs au même moment. Rien n’a été modifié ici. Reconnectez-vous \
             et vérifiez."
        }
        Told::ForeignForm => "Ce formulaire venait d’un autre site. Ouvrez la page ici et envoyez-le de nouveau.",
        Told::UnknownTenant => "Il n’y a pas d’organisation à cette adresse. Vérifiez le nom du serveur.",
        Told::SeveralTenants => "Plusieurs organisations partagent cette adresse. Utilisez celle de la vôtre.",
    }
}

fn japanese(told: Told) -> &'static str {
    let words = words::of(Language::Japanese);
    match told {
        Told::SignInRefused => words.signin.refused,
        Told::WrongPassword => words.account.wrong_password,
        Told::TooOften => {
            "試行回数が多すぎます。しばらく待ってからもう一度お試しいただくか、新しいパスワードを設定するためのリンクをご請求ください。"
        }
        Told::PasswordTooOld => {
            "パスワードが組織で定められた期間を過ぎています。リンクを請求して、新しいパスワードを設定してください。"
        }
        Told::NoAddress => "お使いいただけるメールアドレスではありません。alice@example.com のように入力してください。",
        Told::NoPasswordHere => {
            "このアカウントには、ここで変更できるパスワードがありません。サインインページでリンクを請求するか、管理者にお問い合わせください。"
        }
        Told::ChangedMeanwhile => {
            "同じ時にパスワードまたはアカウントが別の場所で変更されました。ここでは何も変更されていません。もう一度サインインしてご確認ください。"
        }
        Told::ForeignForm => {
            "このフォームは別のサイトから送信されました。このサイトのページを開いて、もう一度送信してください。"
        }
        Told::UnknownTenant => "このアドレスに組織はありません。サーバー名をご確認ください。",
        Told::SeveralTenants => "このアドレスは複数の組織で共有されています。ご自分の組織のアドレスをお使いください。",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::pages::{Site, error, signin};

    /// Words that occur in no sentence of another language.
    const ENGLISH: [&str; 14] = [
        "the",
        "you",
        "your",
        "this",
        "that",
        "again",
        "with",
        "and",
        "please",
        "password",
        "which",
        "cannot",
        "too",
        "something",
    ];

    const KINDS: [Kind; 14] = [
        Kind::Invalid,
        Kind::Refused,
        Kind::TooLarge,
        Kind::Unauthenticated,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::Duplicate,
        Kind::Conflict,
        Kind::TooMany { retry_after_seconds: 1 },
        Kind::NotImplemented,
        Kind::Unavailable { retry_after_seconds: 1 },
        Kind::Timeout,
        Kind::Outdated,
        Kind::Internal,
    ];

    fn english_in(markup: &str) -> Vec<String> {
        let mut text = String::new();
        for piece in markup.split('<').skip(1) {
            text.push_str(piece.split_once('>').map_or("", |(_, text)| text));
            text.push(' ');
        }
        let words = text.split(|letter: char| !letter.is_alphabetic()).map(str::to_lowercase);
        words.filter(|word| ENGLISH.contains(&word.as_str())).collect()
    }

    #[test]
    fn no_error_speaks_english_on_a_page_of_another_language() {
        for language in Language::ALL {
            for told in Told::ALL.into_iter().map(Some).chain([None]) {
                for kind in KINDS {
                    let raised = Error { told, ..Error::new(kind, "Something is wrong with your request.") };
                    let site = Site { language, tenant: "Example", logo_url: None, has_accounts: true };
                    let page = error::page(&site, (400, kind), sentence(&raised, language).as_deref(), "0196");
                    let form = signin::page(&site, "", Some(&problem(&raised, language)));
                    let is_english = language == Language::English;
                    assert_eq!(!english_in(&page.into_string()).is_empty(), is_english, "{language:?} {raised:?}");
                    assert_eq!(!english_in(&form.into_string()).is_empty(), is_english, "{language:?} {raised:?}");
                }
            }
        }
    }
}
