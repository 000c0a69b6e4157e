//! `tenantry dev`: the dev mode, ready in well under a second.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;

use super::arguments::Dev;
use super::output::Output;
use super::reload::keep_listening_without_settings;
use super::signals::{Asking, told_to_stop};
use crate::clock::Clock;
use crate::config::Config;
use crate::dev::{Authority, Directions, host_names, prepare};
use crate::error::{Error, Result};
use crate::house::House;
use crate::logs;
use crate::random::Random;
use crate::secret::Secret;
use crate::store::Scope;
use crate::tenants;

/// Starts the dev mode and serves until it is told to stop.
///
/// # Errors
/// One sentence that names the obstacle.
pub async fn run(arguments: Dev, output: &Output) -> Result<()> {
    if !arguments.listen.ip().is_loopback() && !arguments.allow_remote {
        return Err(Error::invalid(format!(
            "dev listens on this machine only, and {} is reachable from others. Its mailbox shows every link to anyone; \
             if you want that, add --allow-remote.",
            arguments.listen
        )));
    }
    let asking = Asking::hold()?;
    let (house, listener, directions) = open(&arguments, Clock::system()).await?;
    let logs = logs::start(house.config.log, house.clock.clone())?;
    let house = House { dropped_lines: logs.dropped(), ..house };
    let until = told_to_stop()?;
    tokio::spawn(keep_listening_without_settings(house.keys.clone(), asking));
    let output = *output;
    // In a thread of its own: standard output may block, and the server must not wait for it.
    std::thread::spawn(move || greet(output, &directions, &arguments.data));
    house.serve(listener, until).await
}

/// Opens a dev house on a bound address, with its sample tenant and its `dev.json`.
///
/// # Errors
/// One sentence that names the obstacle.
pub async fn open(arguments: &Dev, clock: Clock) -> Result<(House, TcpListener, Directions)> {
    let listener = super::serve::bind(arguments.listen).await?;
    let address = listener.local_addr().map_err(Error::internal)?;
    let mut config = Config::for_dev(address, &arguments.data);
    config.store.postgres = arguments.postgres.clone().map(Secret::new);
    if arguments.tls {
        config.http.public_url = format!("https://{{tenant}}.localhost:{}", address.port()).parse().ok();
    }
    let mut house = House::open(config, clock, Random::system())?;
    let known = match Directions::read(&arguments.data) {
        Some(known) => known,
        None => {
            if house.store.read(Scope::HOUSE, tenants::has_any)? {
                return Err(without_directions(&arguments.data));
            }
            let sample = prepare(&house, arguments.users.unwrap_or(0)).await?;
            Directions {
                base_url: String::new(),
                tenant: sample.tenant.into(),
                tenant_url: String::new(),
                admin_email: sample.admin_email.into(),
                admin_password: sample.admin_password,
                api_token: sample.api_token,
                user_email: sample.user_email.into(),
                user_password: sample.user_password,
                mailbox_url: String::new(),
                ca_file: None,
            }
        }
    };
    let ca_file = if arguments.tls { Some(speak_https(&mut house, &arguments.data, address)?) } else { None };
    let directions = at(address, ca_file, known);
    directions.write(&arguments.data)?;
    Ok((house, listener, directions))
}

/// Gives the house a certificate of the authority in the data directory; the authority's own is in the file.
fn speak_https(house: &mut House, data: &Path, address: SocketAddr) -> Result<PathBuf> {
    let authority = Authority::open(data, house.clock.now())?;
    let tenants = house.store.read(Scope::HOUSE, tenants::list_all)?;
    let names = host_names(address.ip(), tenants.iter().map(|tenant| &*tenant.name));
    house.certificate = Some(authority.certify(names)?);
    Ok(authority.file().to_path_buf())
}

/// The file is missing: the first start was interrupted, or someone removed the file. Its secrets are stored nowhere
/// else.
fn without_directions(data: &Path) -> Error {
    Error::invalid(format!(
        "The data directory {data} holds a tenant, but not the dev.json that tells how to sign in. Remove the directory \
         and start again, or name another one with --data.",
        data = data.display()
    ))
}

fn at(address: SocketAddr, ca_file: Option<PathBuf>, known: Directions) -> Directions {
    let scheme = if ca_file.is_some() { "https" } else { "http" };
    Directions {
        base_url: format!("{scheme}://{address}"),
        tenant_url: format!("{scheme}://{}.localhost:{}", known.tenant, address.port()),
        mailbox_url: format!("{scheme}://{address}/dev/mailbox"),
        ca_file,
        ..known
    }
}

fn greet(output: Output, directions: &Directions, data: &Path) -> Result<()> {
    let Directions {
        base_url,
        tenant_url,
        admin_email,
        admin_password,
        api_token,
        user_email,
        mailbox_url,
        ca_file,
        ..
    } = directions;
    let file = data.join("dev.json");
    let (trust, curl) = match ca_file {
        Some(file) => (
            format!("Authority     {}, which clients must trust\n", file.display()),
            format!("curl --cacert '{}' --request POST", file.display()),
        ),
        None => (String::new(), "curl --request POST".into()),
    };
    output.object(
        directions,
        &format!(
            "Tenantry is ready at {base_url}\n\n\
             Sign in       {tenant_url}/signin\n\
             \x20             {admin_email}   {admin_password}\n\
             Every mail    {mailbox_url}\n\
             For programs  {}\n\
             {trust}\n\
             Reset a password:\n\n\
             {curl} \\\n  --url {base_url}/api/v1/api/production/us-east-1/namespaces/default/api/web/custom/password/admin_reset \\\n  \
             --header 'Authorization: APIToken {api_token}' \\\n  \
             --header 'Content-Type: application/json' \\\n  \
             --data '{{ \"email\": \"{user_email}\" }}'\n\n\
             It answers {{}}, and the mail with the link is in the mailbox. Ctrl-C stops the server.\n",
            file.display()
        ),
    )
}
