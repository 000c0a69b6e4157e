//! `tenantry init`: makes a tenant and its first owner, and prints the owner's one-time link.

use serde_json::json;

use super::arguments::Init;
use super::opened::Opened;
use super::output::Output;
use crate::access::Grant;
use crate::address::shown;
use crate::config::{load, process_environment};
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::people::{self, NewUser};
use crate::reset::{Invitation, first_link};
use crate::store::Scope;
use crate::tenants::{self, NewTenant};

/// # Errors
/// One sentence that names the obstacle; then nothing was made.
pub async fn run(ask: &Init, output: Output) -> Result<()> {
    let config = load(&ask.sources(process_environment()))?.config;
    let public_url = config.http.public_url.clone().ok_or_else(|| {
        Error::invalid("It is not known where the link leads. Set http.public_url, or give --public-url.")
    })?;
    let email = Email::parse(&ask.email)?;
    let opened = Opened::of(config)?;
    let keys = opened.keys.clone();
    let (actor, now) = (opened.actor(), opened.now);
    let settings = tenants::usual_settings(&opened.config, &ask.tenant);
    let new = NewTenant::draw(&ask.tenant, settings, &opened.random, now)?;
    let person = NewUser::person(email, &opened.random, now);
    let owner = NewUser { is_owner: true, grants: Grant::of_an_owner(), ..person };
    let (id, mail, base) = (opened.random.uuid(now), opened.random.uuid(now), public_url.for_tenant(&new.name));
    let make = move |tx: &mut crate::store::Tx<'_>| {
        let tenant = tenants::create(tx, &new, &actor, now)?;
        people::insert(tx, tenant.id, &owner, &actor.name, now)?;
        let invitation = Invitation { tenant: &tenant, actor: &actor, id, mail, key: keys.current(), now };
        first_link(tx, &keys, &owner, &invitation, &base)
    };
    let link = opened.store.write(Scope::HOUSE, make).await;
    opened.store.close();
    tell(ask, &link?, output)
}

fn tell(ask: &Init, link: &str, output: Output) -> Result<()> {
    let Init { tenant, email, .. } = ask;
    let owner = shown(email);
    let text = format!(
        "Tenant {tenant} is made, and {owner} owns it.\n\n\
         Start the server with `tenantry serve`, then open this link within 24 hours and choose a password.\n\
         It works once, and it is shown this once:\n\n  {link}\n\n\
         Keep a copy of the key file apart from the database: each alone opens no account."
    );
    output.object(&json!({ "tenant": tenant, "email": email, "link": link }), &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::Open;

    fn ask(directory: &std::path::Path) -> Init {
        Init {
            tenant: "acme".into(),
            email: "ada@example.com".into(),
            public_url: Some("https://{tenant}.id.example.com".into()),
            open: Open { config: None, data: Some(directory.into()) },
        }
    }

    #[tokio::test]
    async fn a_tenant_is_made_once_with_its_owner_and_no_mail() {
        let directory = tempfile::tempdir().unwrap();
        let ask = ask(directory.path());
        run(&ask, Output { is_json: true }).await.unwrap();
        let again = run(&ask, Output { is_json: true }).await.unwrap_err();
        assert!(again.message.contains("already exists"), "{}", again.message);
        let opened = Opened::existing(&ask.open).unwrap();
        let mails = opened.store.read(Scope::HOUSE, |tx| tx.one("SELECT COUNT(*) FROM mails", &[])?.get::<i64>(0));
        assert_eq!(mails.unwrap(), 0);
        let opening = |tx: &mut crate::store::Tx<'_>| tx.all("SELECT owner_since, open_reset FROM users", &[]);
        let rows = opened.store.read(Scope::HOUSE, opening).unwrap();
        assert_eq!(rows.len(), 1);
        assert!(rows[0].get::<Option<uuid::Uuid>>(1).unwrap().is_some());
    }
}
