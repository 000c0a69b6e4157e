//! English.

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
            "An administrator of {tenant} has reset your password. The old one no longer works. Please choose a new one; \
             it takes a minute."
        ),
        OldPassword::Works => format!(
            "An administrator of {tenant} asks you to choose a new password; it takes a minute. The old one works until \
             then."
        ),
        OldPassword::None => format!("An administrator of {tenant} asks you to choose a password; it takes a minute."),
    };
    by_administrator(facts, why)
}

fn link_by_administrator(facts: &LinkFacts) -> Letter {
    let tenant = facts.tenant_name;
    let why = match facts.old_password {
        OldPassword::Works => "With it you can choose a new password. The old one works until then.",
        OldPassword::Dead => "With it you choose a new password. The old one no longer works.",
        OldPassword::None => "With it you choose your password.",
    };
    by_administrator(facts, format!("An administrator of {tenant} has sent you this link. {why}"))
}

fn by_administrator(facts: &LinkFacts, why: String) -> Letter {
    let tenant = facts.tenant_name;
    let (subject, label) = match facts.old_password {
        OldPassword::None => (format!("Choose a password for {tenant}"), "Choose a password"),
        _ => (format!("Choose a new password for {tenant}"), "Choose a new password"),
    };
    with_link(facts, subject, why, label, unexpected(facts.contact))
}

fn invitation(facts: &LinkFacts) -> Letter {
    let LinkFacts { tenant_name, .. } = facts;
    with_link(
        facts,
        format!("Welcome to {tenant_name}: choose your password"),
        format!("There is now an account for you at {tenant_name}. Choose your first password, then sign in with it."),
        "Choose your password",
        unexpected(facts.contact),
    )
}

fn forgotten(facts: &LinkFacts) -> Letter {
    let LinkFacts { tenant_name, contact, .. } = facts;
    let question = contact.map(|contact| format!(" Questions? Ask {contact}.")).unwrap_or_default();
    let not_you = match facts.old_password {
        OldPassword::Works => "If it was not you, do nothing: your password still works.",
        OldPassword::Dead => {
            "If it was not you, do nothing. Your old password no longer works, though: to sign in, choose a new one."
        }
        OldPassword::None => "If it was not you, do nothing.",
    };
    with_link(
        facts,
        format!("A new password for {tenant_name}"),
        format!("You asked for a new password at {tenant_name}. This link lets you choose it."),
        "Choose a new password",
        format!("{not_you}{question}"),
    )
}

fn password_changed(facts: &ChangeFacts) -> Letter {
    let ChangeFacts { tenant_name, person_name, from_address, contact, .. } = facts;
    let at = minute(facts.at);
    Letter {
        subject: format!("Your password for {tenant_name} was changed"),
        blocks: vec![
            Block::Says(greeting(person_name)),
            Block::Says(format!(
                "Your password for {tenant_name} was changed on {at}, from the address {from_address}."
            )),
            Block::Says("If that was you, there is nothing to do.".into()),
            Block::Says(format!(
                "If it was not you, tell {} right away and have your password reset.",
                contact.unwrap_or("your administrator")
            )),
            Block::Aside("This mail has no link in it, and we never ask for your password by mail.".into()),
        ],
    }
}

fn half_of_budget(facts: &BudgetFacts) -> Letter {
    let BudgetFacts { tenant_name, person_name, spender, used, budget, .. } = facts;
    Letter {
        subject: format!("{tenant_name}: half of a person’s password resets are used"),
        blocks: vec![
            Block::Says(greeting(person_name)),
            Block::Says(format!(
                "{spender} has reset {used} passwords within an hour. The limit for one person is {budget} an hour; beyond \
                 that, their resets are refused until the next hour begins."
            )),
            Block::Says(
                "If this is planned, there is nothing to do. If not, disable this user now, and look in the audit log whose \
                 passwords they have reset and with which credential."
                    .into(),
            ),
            Block::Aside("You get this mail because you are an owner.".into()),
        ],
    }
}

fn test(facts: &TestFacts) -> Letter {
    let TestFacts { server, relay, .. } = facts;
    Letter {
        subject: format!("Test mail from {server}"),
        blocks: vec![
            Block::Says("Hello,".into()),
            Block::Says(format!("This is a test, and it worked: {server} can send mail through {relay}.")),
            Block::Says(format!("It was sent at {}. There is nothing to do.", minute(facts.at))),
        ],
    }
}

fn with_link(facts: &LinkFacts, subject: String, why: String, label: &'static str, aside: String) -> Letter {
    let lives = match hours_or_minutes(facts.lives_minutes) {
        Ok(hours) => format!("about {hours} hours"),
        Err(0) => "less than a minute".into(),
        Err(1) => "about 1 minute".into(),
        Err(minutes) => format!("about {minutes} minutes"),
    };
    Letter {
        subject,
        blocks: vec![
            Block::Says(greeting(facts.person_name)),
            Block::Says(why),
            Block::Link { label, link: facts.link.into() },
            Block::Says(format!("The link works once and for {lives}.")),
            Block::Code { label: "Does the page ask for a code? Paste this one:", code: facts.code.into() },
            Block::Aside(aside),
        ],
    }
}

fn unexpected(contact: Option<&str>) -> String {
    format!("You did not expect this? Then leave the link alone and ask {}.", contact.unwrap_or("your administrator"))
}

fn greeting(name: &str) -> String {
    if name.is_empty() { "Hello,".into() } else { format!("Hello {name},") }
}
