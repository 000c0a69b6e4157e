//! `tenantry restore`: makes a store from a backup, and ends in it everything that may have ended since.

use super::arguments::{Passwords as Fate, Restore as Ask};
use super::opened::actor;
use super::output::{Output, aligned};
use crate::address::shown;
use crate::backup::{Passwords, Restore, Restored, restore};
use crate::clock::Clock;
use crate::config::{load, process_environment};
use crate::error::Result;
use crate::house::store_settings;
use crate::keys::Keys;
use crate::random::Random;

/// # Errors
/// One sentence that names the obstacle; an incomplete store is never served.
pub async fn run(ask: &Ask, output: Output) -> Result<()> {
    let config = load(&ask.sources(process_environment()))?.config;
    let (random, now) = (Random::system(), Clock::system().now());
    let wish = Restore {
        from: ask.from.clone(),
        to: store_settings(&config),
        replaces: ask.replace,
        erasures: ask.erasures.clone(),
        passwords: if ask.passwords == Fate::Dead { Passwords::Die } else { Passwords::Stay },
        public_url: config.http.public_url.clone(),
        is_full: output.is_json,
        keys: Keys::open(&config.links.key_file, false, &random)?,
        actor: actor(&random, now),
        now,
    };
    let progress = move |table: &str, rows: u64| output.progress(&format!("{table}: {rows} rows"));
    let restored = restore(wish, &random, progress).await;
    output.progress("");
    tell(ask, &restored?, output)
}

fn tell(ask: &Ask, restored: &Restored, output: Output) -> Result<()> {
    let rows: u64 = restored.tables.iter().map(|table| table.rows).sum();
    let mut text = format!(
        "{} is restored: {rows} rows, as everything stood at {}. What was done later is lost.\n\n\
         Ended again, since it may have ended later:\n\n{}\n",
        ask.from.display(),
        restored.made_at,
        ended(restored)
    );
    if let Some(place) = &restored.put_aside {
        text += &format!("\nThe store that was here before is in {place}.\n");
    }
    text += &match ask.passwords {
        Fate::Keep => "\nPasswords are as they were: one that was reset or changed later is alive again.\n".to_string(),
        Fate::Dead => "\nNo password works. Users choose a new one by \"Forgot password\" or by a reset.\n".to_string(),
    };
    if !restored.owners.is_empty() {
        text += &format!(
            "\nOwners could not get in. They open these links within 24 hours; each works once, and is shown this once:\n\n{}\n",
            links(restored)
        );
    }
    text += &erased(restored);
    text += &webhooks(restored);
    text += "\nLook through users and roles: who was disabled, removed or had a role taken away later is back.\n\
             Credentials are switched off; activate those that had not been revoked.";
    output.object(restored, &text)
}

fn ended(restored: &Restored) -> String {
    let head = ["TENANT", "LINKS", "SESSIONS", "CREDENTIALS", "PASSWORDS", "ADDRESSES", "MAILS"];
    let rows: Vec<_> = restored
        .ended
        .iter()
        .map(|one| {
            let counts = [one.links.len(), one.sessions.len(), one.credentials.len()].map(|count| count.to_string());
            let mut row = vec![one.tenant.clone()];
            row.extend(counts);
            row.extend([one.passwords, one.addresses, one.mails].map(|count| count.to_string()));
            row
        })
        .collect();
    aligned(&head, &rows)
}

fn erased(restored: &Restored) -> String {
    if !restored.knows_erasures {
        return "\nWho was erased since the backup was made is not known here. If a later backup is left, restore with\n\
                --erasures LATER; otherwise erase them once more by `tenantry user erase`.\n"
            .into();
    }
    let people: u64 = restored.ended.iter().map(|one| one.erased).sum();
    let owners: Vec<_> = restored.ended.iter().flat_map(|one| &one.erased_owners).map(|email| shown(email)).collect();
    let mut text = format!("\nPeople erased since the backup was made, and erased again: {people}.\n");
    if !owners.is_empty() {
        text += &format!(
            "Owners who were erased since are there again, since a tenant keeps its owners: {}.\n",
            owners.join(", ")
        );
    }
    text
}

fn webhooks(restored: &Restored) -> String {
    match restored.ended.iter().map(|one| one.webhooks).sum::<u64>() {
        0 => String::new(),
        count => format!(
            "\nWebhooks that are switched off: {count}. Look at the address of each, and switch it on: it goes on where it stood.\n"
        ),
    }
}

fn links(restored: &Restored) -> String {
    let owners = restored.owners.iter();
    let rows: Vec<_> = owners.map(|one| vec![one.tenant.clone(), shown(&one.email), one.link.clone()]).collect();
    aligned(&["TENANT", "OWNER", "LINK"], &rows)
}
