//! `tenantry init`: makes a tenant and its first owner, and prints the owner's one-time link.

use serde_json::json;
use tokio::runtime::Runtime;

use super::arguments::Init;
use super::local::{Local, Use};
use super::output::Output;
use super::tenant::TENANTS;
use crate::address::shown;
use crate::config::{load, process_environment};
use crate::error::{Error, Result};
use crate::mail::address::Email;

/// # Errors
/// One sentence that names the obstacle; then nothing was made.
pub fn run(ask: &Init, output: Output, runtime: &Runtime) -> Result<()> {
    let config = load(&ask.sources(process_environment()))?.config;
    if config.http.public_url.is_none() {
        return Err(Error::invalid("It is not known where the link leads. Set http.public_url, or give --public-url."));
    }
    Email::parse(&ask.email)?;
    let local = Local::of(config, Use::Make, runtime)?;
    let made = local.client().post(TENANTS, &json!({ "name": ask.tenant, "owner": ask.email }))?.json();
    tell(ask, made["link"].as_str().unwrap_or_default(), output)
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
    use crate::cli::opened::Opened;
    use crate::store::{Scope, Tx};

    fn ask(directory: &std::path::Path) -> Init {
        Init {
            tenant: "acme".into(),
            email: "ada@example.com".into(),
            public_url: Some("https://{tenant}.id.example.com".into()),
            open: Open { config: None, data: Some(directory.into()) },
        }
    }

    #[test]
    fn a_tenant_is_made_once_with_its_owner_and_no_mail() {
        let (directory, runtime) = (tempfile::tempdir().unwrap(), Runtime::new().unwrap());
        let ask = ask(directory.path());
        run(&ask, Output { is_json: true }, &runtime).unwrap();
        let again = run(&ask, Output { is_json: true }, &runtime).unwrap_err();
        assert!(again.message.contains("already exists"), "{}", again.message);
        let opened = Opened::existing(load(&ask.sources(Vec::new())).unwrap().config).unwrap();
        let mails = opened.store.read(Scope::HOUSE, |tx| tx.one("SELECT COUNT(*) FROM mails", &[])?.get::<i64>(0));
        assert_eq!(mails.unwrap(), 0);
        let opening = |tx: &mut Tx<'_>| tx.all("SELECT owner_since, open_reset FROM users", &[]);
        let rows = opened.store.read(Scope::HOUSE, opening).unwrap();
        assert_eq!(rows.len(), 1);
        assert!(rows[0].get::<Option<uuid::Uuid>>(1).unwrap().is_some());
        let records = |tx: &mut Tx<'_>| tx.all("SELECT tenant, action, actor FROM audit ORDER BY tenant", &[]);
        let records = opened.store.read(Scope::HOUSE, records).unwrap();
        let told = |nth: usize| (records[nth].get::<String>(1).unwrap(), records[nth].get::<String>(2).unwrap());
        assert_eq!((records.len(), told(0), told(1)), (2, told(1), ("tenant.create".into(), "command line".into())));
        assert_eq!(records[0].get::<i64>(0).unwrap(), 0, "it stands in the record of the operators too");
    }
}
