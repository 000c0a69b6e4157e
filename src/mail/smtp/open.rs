//! Opens a connection: protected as configured, greeted, and logged in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::failure::{Failure, Outcome};
use super::reach::{Greeted, Way, handshake};
use super::reply::Reply;
use super::settings::{RelaySettings, Security};
use super::wire::{Stream, Wire};

/// Connects and does everything that precedes the first mail. Returns the wire and the answer to the last `EHLO`.
pub(super) async fn open(way: &Way) -> Outcome<(Greeted, Reply)> {
    let settings = &*way.settings;
    let greeted = way.reach().await?;
    let mut wire = match (settings.security, &way.tls) {
        (Security::StartTls, Some(tls)) => {
            let clear = start_tls(settings, greeted).await?;
            Wire::new(Box::new(handshake(settings, tls, clear).await?) as Box<dyn Stream>)
        }
        (Security::StartTls | Security::Tls, None) => {
            return Err(Failure::transient("The relay is to be spoken to over TLS, which is not set up."));
        }
        (Security::None, _) | (Security::Tls, Some(_)) => greeted,
    };
    let hello = hello(&mut wire, settings).await?;
    log_in(&mut wire, settings, &hello).await?;
    Ok((wire, hello))
}

/// Requests TLS in plain text, and sends nothing else in plain text (RFC 3207 § 4).
async fn start_tls(settings: &RelaySettings, mut wire: Greeted) -> Outcome<Box<dyn Stream>> {
    if !hello(&mut wire, settings).await?.offers("STARTTLS") {
        let host = &settings.host;
        return Err(Failure::transient(format!("The relay {host} does not offer STARTTLS; nothing is sent in clear.")));
    }
    expect(&mut wire, b"STARTTLS\r\n", 220).await?;
    Ok(wire.into_inner()?)
}

async fn hello<S: Stream>(wire: &mut Wire<S>, settings: &RelaySettings) -> Outcome<Reply> {
    expect(wire, format!("EHLO {}\r\n", settings.hello_name).as_bytes(), 250).await
}

async fn expect<S: Stream>(wire: &mut Wire<S>, command: &[u8], code: u16) -> Outcome<Reply> {
    wire.write(command).await?;
    let reply = wire.read().await?;
    if reply.code == code { Ok(reply) } else { Err(Failure::setup(&reply)) }
}

/// Logs in with PLAIN (RFC 4616) if offered, otherwise LOGIN. The connection is encrypted by now, or local.
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
