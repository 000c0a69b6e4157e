//! An attacker between product and relay who removes the relay's offer of TLS from the first conversations.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

use crate::Result;

const OFFER: &[u8] = b"STARTTLS";
const INSTEAD: &[u8] = b"XSTARTXX";

/// Listens and passes on to the relay at `port`; the first `stripped` connections see no offer. The port to connect to.
pub fn start(port: u16, stripped: usize) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let own = listener.local_addr()?.port();
    let pass_on = move || {
        // Ends with the process: a case is short, and a listener costs nothing.
        for (number, client) in listener.incoming().flatten().enumerate() {
            let Ok(relay) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))) else { continue };
            let _ = join(client, relay, number < stripped);
        }
    };
    thread::Builder::new().name("stripper".into()).spawn(pass_on)?;
    Ok(own)
}

fn join(client: TcpStream, relay: TcpStream, is_stripped: bool) -> Result<()> {
    let (from_client, to_relay) = (client.try_clone()?, relay.try_clone()?);
    thread::Builder::new().spawn(move || pass(from_client, to_relay, false))?;
    thread::Builder::new().spawn(move || pass(relay, client, is_stripped))?;
    Ok(())
}

/// An answer of a relay is small and comes in one piece.
fn pass(mut from: TcpStream, mut to: TcpStream, is_stripped: bool) {
    let mut piece = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        let bytes = &mut piece[..count];
        if is_stripped {
            strip(bytes);
        }
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn strip(bytes: &mut [u8]) {
    let found = bytes.windows(OFFER.len()).position(|window| window == OFFER);
    if let Some(at) = found {
        bytes[at..at + OFFER.len()].copy_from_slice(INSTEAD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_is_taken_out_and_nothing_else() {
        let mut bytes = *b"250-relay\r\n250 STARTTLS\r\n";
        strip(&mut bytes);
        assert_eq!(&bytes, b"250-relay\r\n250 XSTARTXX\r\n");
        let mut bytes = *b"250 PIPELINING\r\n";
        strip(&mut bytes);
        assert_eq!(&bytes, b"250 PIPELINING\r\n");
    }
}
