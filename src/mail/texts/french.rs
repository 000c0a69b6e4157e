//! French, in the polite form. Double punctuation has a no-break space before it.

use super::letter::{Block, Letter};
use super::{BudgetFacts, ChangeFacts, LinkFacts, OldPassword, TestFacts, Wording, hours_or_minutes, minute};

pub const WORDING: Wording = Wording {
    reset_by_administrator,
    link_by_administrator,
    invitation,
    forgotten,
    password_changed,
    half_of_budget,
    test,
};

fn reset_by_administrator(facts: &LinkFacts) -> Letter {
    let tenant = facts.tenant_name;
    let why = match facts.old_password {
        OldPassword::Dead => format!(
            "Un administrateur chez {tenant} a réinitialisé votre mot de passe. L’ancien ne fonctionne plus. Merci d’en \
             choisir un nouveau\u{a0}: cela ne prend qu’une minute."
        ),
        OldPassword::Works => format!(
            "Un administrateur chez {tenant} vous demande de choisir un nouveau mot de passe\u{a0}: cela ne prend qu’une \
             minute. D’ici là, l’ancien fonctionne."
        ),
        OldPassword::None => format!(
            "Un administrateur chez {tenant} vous demande de choisir un mot de passe\u{a0}: cela ne prend qu’une minute."
        ),
    };
    by_administrator(facts, why)
}

fn link_by_administrator(facts: &LinkFacts) -> Letter {
    let tenant = facts.tenant_name;
    let why = match facts.old_password {
        OldPassword::Works => "Il vous permet de choisir un nouveau mot de passe. D’ici là, l’ancien fonctionne.",
        OldPassword::Dead => "Il vous permet de choisir un nouveau mot de passe. L’ancien ne fonctionne plus.",
        OldPassword::None => "Il vous permet de choisir votre mot de passe.",
    };
    by_administrator(facts, format!("Un administrateur chez {tenant} vous a envoyé ce lien. {why}"))
}

fn by_administrator(facts: &LinkFacts, why: String) -> Letter {
    let tenant = facts.tenant_name;
    let (subject, label) = match facts.old_password {
        OldPassword::None => (format!("Choisissez un mot de passe pour {tenant}"), "Choisir un mot de passe"),
        _ => (format!("Choisissez un nouveau mot de passe pour {tenant}"), "Choisir un nouveau mot de passe"),
    };
    with_link(facts, subject, why, label, unexpected(facts.contact))
}

fn invitation(facts: &LinkFacts) -> Letter {
    let LinkFacts { tenant_name, .. } = facts;
    with_link(
        facts,
        format!("Bienvenue chez {tenant_name}\u{a0}: choisissez votre mot de passe"),
        format!(
            "Un compte a été créé pour vous chez {tenant_name}. Choisissez votre premier mot de passe, puis \
             utilisez-le pour vous connecter."
        ),
        "Choisir mon mot de passe",
        unexpected(facts.contact),
    )
}

fn forgotten(facts: &LinkFacts) -> Letter {
    let LinkFacts { tenant_name, contact, .. } = facts;
    let question =
        contact.map(|contact| format!(" Une question\u{a0}? Écrivez ou appelez\u{a0}: {contact}")).unwrap_or_default();
    let not_you = match facts.old_password {
        OldPassword::Works => {
            "Ce n’était pas vous\u{a0}? Ne faites rien\u{a0}: votre mot de passe fonctionne toujours."
        }
        OldPassword::Dead => {
            "Ce n’était pas vous\u{a0}? Ne faites rien. Votre ancien mot de passe ne fonctionne cependant plus\u{a0}: pour \
             vous connecter, choisissez-en un nouveau."
        }
        OldPassword::None => "Ce n’était pas vous\u{a0}? Ne faites rien.",
    };
    with_link(
        facts,
        format!("Un nouveau mot de passe pour {tenant_name}"),
        format!("Vous avez demandé un nouveau mot de passe pour {tenant_name}. Ce lien vous permet de le choisir."),
        "Choisir un nouveau mot de passe",
        format!("{not_you}{question}"),
    )
}

fn password_changed(facts: &ChangeFacts) -> Letter {
    let ChangeFacts { tenant_name, person_name, from_address, contact, .. } = facts;
    let at = minute(facts.at);
    let alarm = match contact {
        Some(contact) => format!("Ce n’était pas vous\u{a0}? Donnez l’alerte sans attendre\u{a0}: {contact}"),
        None => "Ce n’était pas vous\u{a0}? Prévenez sans attendre votre administrateur.".into(),
    };
    Letter {
        subject: format!("Votre mot de passe pour {tenant_name} a été modifié"),
        blocks: vec![
            Block::Says(greeting(person_name)),
            Block::Says(format!(
                "Votre mot de passe pour {tenant_name} a été modifié\u{a0}: {at}, depuis l’adresse {from_address}."
            )),
            Block::Says("Si c’était vous, vous n’avez rien à faire.".into()),
            Block::Says(alarm),
            Block::Aside(
                "Ce message ne contient aucun lien, et nous ne demandons jamais votre mot de passe par courriel."
                    .into(),
            ),
        ],
    }
}

fn half_of_budget(facts: &BudgetFacts) -> Letter {
    let BudgetFacts { tenant_name, person_name, spender, used, budget, .. } = facts;
    Letter {
        subject: format!("{tenant_name}\u{a0}: la moitié des réinitialisations d’une personne est utilisée"),
        blocks: vec![
            Block::Says(greeting(person_name)),
            Block::Says(format!(
                "{spender} a réinitialisé {used} mots de passe en une heure. La limite pour une personne est de {budget} par \
                 heure\u{a0}; au-delà, ses réinitialisations sont refusées jusqu’à l’heure suivante."
            )),
            Block::Says(
                "Si c’est prévu, vous n’avez rien à faire. Sinon, désactivez cet utilisateur dès maintenant et cherchez \
                 dans le journal d’audit quels mots de passe il a réinitialisés et avec quel accès."
                    .into(),
            ),
            Block::Aside("Vous recevez ce message parce que vous êtes propriétaire.".into()),
        ],
    }
}

fn test(facts: &TestFacts) -> Letter {
    let TestFacts { server, relay, .. } = facts;
    Letter {
        subject: format!("Message de test\u{a0}: {server}"),
        blocks: vec![
            Block::Says("Bonjour,".into()),
            Block::Says(format!(
                "Ceci est un test, et il a réussi\u{a0}: {server} peut envoyer du courrier par {relay}."
            )),
            Block::Says(format!("Envoyé\u{a0}: {}. Vous n’avez rien à faire.", minute(facts.at))),
        ],
    }
}

fn with_link(facts: &LinkFacts, subject: String, why: String, label: &'static str, aside: String) -> Letter {
    let lives = match hours_or_minutes(facts.lives_minutes) {
        Ok(hours) => format!("environ {hours}\u{a0}heures"),
        Err(0) => "moins d’une minute".into(),
        Err(1) => "environ 1\u{a0}minute".into(),
        Err(minutes) => format!("environ {minutes}\u{a0}minutes"),
    };
    Letter {
        subject,
        blocks: vec![
            Block::Says(greeting(facts.person_name)),
            Block::Says(why),
            Block::Link { label, link: facts.link.into() },
            Block::Says(format!("Ce lien fonctionne une seule fois, pendant {lives}.")),
            Block::Code {
                label: "La page vous demande un code\u{a0}? Collez celui-ci\u{a0}:",
                code: facts.code.into(),
            },
            Block::Aside(aside),
        ],
    }
}

fn unexpected(contact: Option<&str>) -> String {
    let whom = contact.map_or_else(
        || " interrogez votre administrateur.".into(),
        |contact| format!(" renseignez-vous ici\u{a0}: {contact}"),
    );
    format!("Vous n’attendiez pas ce message\u{a0}? N’utilisez pas le lien et{whom}")
}

fn greeting(name: &str) -> String {
    if name.is_empty() { "Bonjour,".into() } else { format!("Bonjour {name},") }
}
