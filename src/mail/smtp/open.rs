//! From nothing to a connection that is protected as asked for, greeted, and logged in.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::failure::{Failure, Outcome};
use super::reply::Reply;
use super::settings::{RelaySettings, Security};
use super::wire::{Stream, Wire};

/// Connects and does all that comes before the first mail. Returns the wire and the answer to the last `EHLO`.
pub async fn open(settings: &RelaySettings, tls: Option<&TlsConnector>) -> Outcome<(Wire<Box<dyn Stream>>, Reply)> {
    let tcp = connect(settings).await?;
    let stream: Box<dyn Stream> = match (settings.security, tls) {
        (Security::None, _) => Box::new(tcp),
        (Security::StartTls, Some(tls)) => Box::new(handshake(settings, tls, start_tls(settings, tcp).await?).await?),
        (Security::Tls, Some(tls)) => Box::new(handshake(settings, tls, tcp).await?),
        (_, None) => return Err(Failure::transient("The relay is to be spoken to over TLS, which is not set up.")),
    };
    let mut wire = Wire::new(stream);
    if settings.security != Security::StartTls {
        greeting(&mut wire).await?;
    }
    let hello = hello(&mut wire, settings).await?;
    log_in(&mut wire, settings, &hello).await?;
    Ok((wire, hello))
}

async fn connect(settings: &RelaySettings) -> Outcome<TcpStream> {
    let RelaySettings { host, port, .. } = settings;
    let addresses = lookup_host((host.as_str(), *port))
        .await
        .map_err(|error| Failure::transient(format!("The relay's name {host} was not found: {error}.")))?;
    let patience = Duration::from_millis(settings.timeout_seconds * 1_000 / 3);
    let mut failure = Failure::transient(format!("The relay's name {host} has no address."));
    for address in addresses {
        if settings.security == Security::None && !address.ip().is_loopback() {
            failure = Failure::transient(format!("{host} is {address}, not this machine; nothing is sent in clear."));
            continue;
        }
        match timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                // Without it the kernel holds back a last small packet until the one before is acknowledged, 40 ms.
                tcp.set_nodelay(true)?;
                return Ok(tcp);
            }
            Ok(Err(error)) => {
                failure = Failure::transient(format!("The relay {host}:{port} cannot be reached: {error}."))
            }
            Err(_) => failure = Failure::transient(format!("The relay {host}:{port} does not answer.")),
        }
    }
    Err(failure)
}

/// Greets in clear and asks for TLS; says nothing else in clear (RFC 3207 § 4).
async fn start_tls(settings: &RelaySettings, tcp: TcpStream) -> Outcome<TcpStream> {
    let mut wire = Wire::new(tcp);
    greeting(&mut wire).await?;
    if !hello(&mut wire, settings).await?.offers("STARTTLS") {
        let host = &settings.host;
        return Err(Failure::transient(format!("The relay {host} does not offer STARTTLS; nothing is sent in clear.")));
    }
    expect(&mut wire, b"STARTTLS\r\n", 220).await?;
    Ok(wire.into_inner()?)
}

async fn handshake(
    settings: &RelaySettings,
    tls: &TlsConnector,
    tcp: TcpStream,
) -> Outcome<tokio_rustls::client::TlsStream<TcpStream>> {
    let host = &settings.host;
    let name = ServerName::try_from(host.clone())
        .map_err(|_| Failure::transient(format!("{host} is not a name that a certificate can carry.")))?;
    tls.connect(name, tcp)
        .await
        .map_err(|error| Failure::transient(format!("TLS with the relay {host} failed, nothing was sent: {error}.")))
}

async fn greeting<S: Stream>(wire: &mut Wire<S>) -> Outcome<()> {
    let reply = wire.read().await?;
    if reply.code == 220 { Ok(()) } else { Err(Failure::setup(&reply)) }
}

async fn hello<S: Stream>(wire: &mut Wire<S>, settings: &RelaySettings) -> Outcome<Reply> {
    expect(wire, format!("EHLO {}\r\n", settings.hello_name).as_bytes(), 250).await
}

async fn expect<S: Stream>(wire: &mut Wire<S>, command: &[u8], code: u16) -> Outcome<Reply> {
    wire.write(command).await?;
    let reply = wire.read().await?;
    if reply.code == code { Ok(reply) } else { Err(Failure::setup(&reply)) }
}

/// PLAIN (RFC 4616) where it is offered, else LOGIN. By now the way is protected, or ends on this machine.
async fn log_in<S: Stream>(wire: &mut Wire<S>, settings: &RelaySettings, hello: &Reply) -> Outcome<()> {
    let (Some(username), Some(password)) = (&settings.username, &settings.password) else { return Ok(()) };
    let mechanisms = hello.parameters("AUTH").unwrap_or_default();
    let offers = |name: &str| mechanisms.split([' ', '=']).any(|offered| offered.eq_ignore_ascii_case(name));
    let encoded = |text: &str| Zeroizing::new(STANDARD.encode(text));
    if offers("PLAIN") {
        let both = Zeroizing::new(format!("\0{username}\0{}", password.expose()));
        let line = Zeroizing::new(format!("AUTH PLAIN {}\r\n", *encoded(&both)));
        expect(wire, line.as_bytes(), 235).await?;
    } else if offers("LOGIN") {
        expect(wire, b"AUTH LOGIN\r\n", 334).await?;
        expect(wire, format!("{}\r\n", *encoded(username)).as_bytes(), 334).await?;
        let line = Zeroizing::new(format!("{}\r\n", *encoded(password.expose())));
        expect(wire, line.as_bytes(), 235).await?;
    } else {
        return Err(Failure::transient("The relay offers no login by PLAIN or LOGIN, but a username is set."));
    }
    Ok(())
}
