//! Words of the first page of the console.

use crate::words::words;

words! {
    title() { en "Overview" de "Übersicht" fr "Vue d’ensemble" ja "概要" }
    lead() {
        en "What needs someone stands first."
        de "Was jemanden braucht, steht zuerst."
        fr "Ce qui demande quelqu’un vient en premier."
        ja "対応が必要なものが最初に並びます。"
    }
    reset_a_password() { en "Reset a password" de "Ein Passwort zurücksetzen" fr "Réinitialiser un mot de passe" ja "パスワードをリセット" }
    needs_someone() { en "Needs someone" de "Braucht jemanden" fr "Demande quelqu’un" ja "対応が必要" }
    all_is_well() {
        en "Nothing. No incident is under way, and the relay takes every mail."
        de "Nichts. Kein Vorfall läuft, und das Relay nimmt jede E-Mail an."
        fr "Rien. Aucun incident n’est en cours, et le relais accepte chaque e-mail."
        ja "ありません。進行中のインシデントはなく、リレーはすべてのメールを受け付けています。"
    }
    figures() { en "Figures" de "Zahlen" fr "Chiffres" ja "数値" }
    users() { en "Users" de "Benutzer" fr "Utilisateurs" ja "ユーザー" }
    mails_waiting() { en "Mails that wait" de "Wartende E-Mails" fr "E-mails en attente" ja "待機中のメール" }
    mails_refused() { en "Refused for now" de "Vorerst abgelehnt" fr "Refusés pour l’instant" ja "一時的に拒否" }
    mail() { en "Mail" de "E-Mail" fr "E-mail" ja "メール" }
    refused_for_now[n] {
        en "The relay refuses {n} mail for now; we try again." | "The relay refuses {n} mails for now; we try again."
        de "Das Relay lehnt vorerst {n} E-Mail ab; wir versuchen es wieder." | "Das Relay lehnt vorerst {n} E-Mails ab; wir versuchen es wieder."
        fr "Le relais refuse {n} e-mail pour l’instant ; nous réessayons." | "Le relais refuse {n} e-mails pour l’instant ; nous réessayons."
        ja "リレーが {n} 通のメールを一時的に拒否しています。再送を試みます。"
    }
    refused_for_good() {
        en "the relay refused the link for good."
        de "das Relay hat den Link endgültig abgelehnt."
        fr "le relais a refusé le lien définitivement."
        ja "リレーがリンクの配信を拒否しました。"
    }
    incident_awaiting() { en "Waits for a second person" de "Wartet auf eine zweite Person" fr "Attend une seconde personne" ja "二人目の承認待ち" }
    incident_ending() { en "Ends passwords" de "Beendet Passwörter" fr "Met fin aux mots de passe" ja "パスワードを無効化中" }
    incident_held() { en "Holds mails" de "Hält E-Mails zurück" fr "Retient les e-mails" ja "メール保留中" }
    incident_mailing() { en "Mails links" de "Versendet Links" fr "Envoie les liens" ja "リンクを送信中" }
    ended[n] {
        en "{n} password has ended." | "{n} passwords have ended."
        de "{n} Passwort gilt nicht mehr." | "{n} Passwörter gelten nicht mehr."
        fr "{n} mot de passe est hors service." | "{n} mots de passe sont hors service."
        ja "{n} 件のパスワードが無効になりました。"
    }
    newest_resets() { en "Newest resets" de "Neueste Zurücksetzungen" fr "Dernières réinitialisations" ja "最新のリセット" }
    all_of_them() { en "All resets" de "Alle Zurücksetzungen" fr "Toutes les réinitialisations" ja "すべてのリセット" }
    no_reset() { en "There has been no reset yet." de "Es gab noch keine Zurücksetzung." fr "Il n’y a pas encore eu de réinitialisation." ja "リセットはまだありません。" }
    newest_sign_ins() { en "Newest sign-ins" de "Neueste Anmeldungen" fr "Dernières connexions" ja "最新のサインイン" }
    no_sign_in() { en "Nobody has signed in yet." de "Es hat sich noch niemand angemeldet." fr "Personne ne s’est encore connecté." ja "サインインはまだありません。" }
    succeeded() { en "Signed in" de "Angemeldet" fr "Connecté" ja "成功" }
    refused() { en "Refused" de "Abgelehnt" fr "Refusé" ja "拒否" }
    foot() { en "Times are yours; the title of each has UTC." de "Die Zeiten sind Ihre; im Titel steht UTC." fr "Les heures sont les vôtres ; le titre de chacune donne l’UTC." ja "時刻はお使いの地域の時刻です。各項目のタイトルに UTC を示します。" }
}
