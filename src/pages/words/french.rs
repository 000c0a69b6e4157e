//! French.

use super::*;

pub(super) static WORDS: Words = Words {
    form: Form {
        email: "Adresse e-mail",
        password: "Mot de passe",
        new_password: "Nouveau mot de passe",
        show: "Afficher",
        hide: "Masquer",
        problems: "À vérifier",
        busy: "Un instant…",
        to_signin: "Retour à la connexion",
    },
    strength: Strength {
        label: "Solidité",
        levels: "Très faible|Faible|Moyenne|Bonne|Excellente",
        rules: "Ce qu’il faut à votre mot de passe",
        met: "rempli",
    },
    reset: Reset {
        title: "Choisissez un nouveau mot de passe",
        lead: "Vous seul le connaîtrez. Vous pouvez le coller ou utiliser un gestionnaire de mots de passe.",
        code: "Code reçu par e-mail",
        code_hint: "L’e-mail qui contient le lien indique aussi ce code. Copiez-le et collez-le ici.",
        torn: "Ce code n’est pas complet. Copiez-le entièrement dans l’e-mail et collez-le ici.",
        account: "Compte",
        save: "Enregistrer le mot de passe",
        lives_until: "Ce lien est valable jusqu’au",
    },
    dead: Dead {
        title: "Ce lien n’est plus valable",
        why: "Un lien sert une seule fois et pour une durée limitée. Celui-ci a été utilisé, remplacé par un plus récent, \
              ou il est trop ancien. Saisissez votre adresse e-mail pour en recevoir un autre.",
        fresh: "Recevoir un nouveau lien",
    },
    done: Done {
        title: "Votre mot de passe est modifié",
        next: "Tous les appareils connectés ont été déconnectés. Un e-mail confirme la modification. Connectez-vous \
               maintenant avec le nouveau mot de passe.",
        not_you: "Si ce n’était pas vous, prévenez aussitôt votre administrateur.",
        before: "Votre mot de passe est déjà modifié",
        before_next: "Ce lien a servi il y a quelques minutes : le mot de passe choisi alors est valable, et ce qui vient \
                      d’être envoyé n’a rien modifié. Utilisez-le pour vous connecter.",
    },
    sent: Sent {
        title: "Consultez votre messagerie",
        what: "Si cette adresse correspond à un compte, un lien vient de partir. Il peut mettre quelques minutes. Rien ne \
               change tant que vous ne l’avez pas ouvert et choisi un nouveau mot de passe.",
        nothing_there: "Rien reçu ? Regardez dans les indésirables, vérifiez l’adresse saisie ou demandez à votre \
                        administrateur.",
    },
    signin: SignIn {
        title: "Connexion",
        refused: "L’adresse e-mail ou le mot de passe est incorrect.",
        forgot: "Mot de passe oublié ?",
    },
    signed_out: SignedOut {
        title: "Vous êtes déconnecté", next: "Ce navigateur n’a plus accès à votre compte."
    },
    forgot: Forgot {
        title: "Mot de passe oublié ?",
        lead: "Saisissez votre adresse e-mail. Nous vous enverrons un lien pour en choisir un nouveau.",
        send: "Recevoir un lien",
    },
    account: Account {
        title: "Votre compte",
        sign_out: "Se déconnecter",
        name: "Nom",
        roles: "Rôles",
        no_roles: "Aucun",
        last_sign_in: "Dernière connexion",
        change_password: "Changer de mot de passe",
        current_password: "Mot de passe actuel",
        wrong_password: "Le mot de passe actuel est incorrect.",
        save_password: "Changer de mot de passe",
        changed: "Votre mot de passe est modifié. Toutes vos autres sessions sont terminées.",
        sessions: "Sessions",
        address: "Adresse",
        started: "Début",
        last_seen: "Dernière activité",
        this_one: "Celle-ci",
        end: "Terminer",
        end_others: "Terminer toutes les autres",
    },
    mailbox: Mailbox {
        title: "Boîte aux lettres",
        lead: "Chaque e-mail de ce serveur de développement arrive ici et nulle part ailleurs.",
        reload: "Actualiser",
        empty: "Aucun e-mail pour le moment.",
        from: "De",
        to: "À",
        at: "Heure",
        open_link: "Ouvrir le lien",
        text: "Texte",
        html: "HTML",
    },
    error: Error {
        invalid: "Cette demande n’a pas été comprise",
        forbidden: "Vous n’avez pas ce droit",
        not_found: "Cette page n’existe pas",
        too_many: "Trop de tentatives",
        unavailable: "Nous sommes surchargés",
        internal: "Une erreur s’est produite chez nous",
        go_back: "Revenez en arrière, vérifiez votre saisie et réessayez.",
        ask_administrator: "Si vous en avez besoin, demandez ce droit à votre administrateur.",
        check_address: "Vérifiez l’adresse.",
        wait: "Patientez un instant et réessayez.",
        try_again: "Rien n’a été modifié. Réessayez ; si l’erreur persiste, indiquez à votre administrateur le numéro de \
                    la demande.",
        home: "Vers votre compte",
        request_id: "Numéro de la demande",
    },
};
