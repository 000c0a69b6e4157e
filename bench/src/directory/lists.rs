//! The list of all users: how long it takes, and that the server needs no more memory for it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::{Ground, Line};
use crate::Result;
use crate::ask::get;
use crate::machine::Memory;

/// Lists at least, however long each takes.
const ROUNDS: usize = 5;

/// Asks for the whole list until the time is over, by turns with reading the same users without HTTP and JSON. Returns the
/// line and the sentence on memory.
pub(super) fn measure(ground: &Ground<'_>) -> Result<(Line, String)> {
    let process = ground.product.child.id();
    let directions = &ground.product.directions;
    let closing = format!("{}Connection: close\r\n", ground.token());
    let request = get("/api/web/custom/namespaces/system/user_roles", directions.host(), &closing);
    let address = directions.address()?;
    let before = Memory::of(process)?;
    let (began, mut bytes, mut lists, mut reads) = (Instant::now(), 0, Vec::new(), Vec::new());
    while lists.len() < ROUNDS || began.elapsed() < ground.measured() {
        let asked = Instant::now();
        bytes = whole_answer(address, &request)?;
        lists.push(asked.elapsed());
        reads.push(ground.bare.read_everyone()?);
    }
    let after = Memory::of(process)?;
    let memory = format!(
        "The list has {:.1} MB. The server held {:.1} MB before {} of them and {:.1} MB after; {:.1} MB was the most ever.",
        f64::from(u32::try_from(bytes)?) / 1e6,
        before.resident_mb,
        lists.len(),
        after.resident_mb,
        after.peak_mb
    );
    let (ours, bare) = (middle(&mut lists).as_secs_f64(), middle(&mut reads).as_secs_f64());
    let (p50_ms, beside) = (Some(ours * 1e3), "the same rows without HTTP");
    Ok((
        Line { what: "the list of all users", per_second: 1.0 / ours, p50_ms, beside, beside_per_second: 1.0 / bare },
        memory,
    ))
}

/// The time in the middle.
pub(super) fn middle(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Asks and reads until the server closes; returns the length of the answer. It keeps nothing, so that the memory of this
/// process is not in the way of the server.
fn whole_answer(address: SocketAddr, request: &[u8]) -> Result<usize> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request)?;
    let (mut piece, mut length) = ([0; 64 * 1024], 0);
    loop {
        match stream.read(&mut piece)? {
            0 if length > 0 => return Ok(length),
            0 => return Err("The server closed the connection instead of answering.".into()),
            count if length == 0 && !piece[..count].starts_with(b"HTTP/1.1 200 ") => {
                return Err(format!("The list was refused: {}", String::from_utf8_lossy(&piece[..count])).into());
            }
            count => length += count,
        }
    }
}
