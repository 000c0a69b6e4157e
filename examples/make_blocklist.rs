//! Makes `src/passwords/blocklist.bin`: reads passwords from standard input, the likeliest first, one a line, and
//! writes the first N that can be a password here to FILE. Called by `tools/blocklist.sh`.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};

use tenantry::passwords::{MINIMUM_LENGTH_MIN, blocklist};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(Ok(wanted))) = (arguments.next(), arguments.next().map(|text| text.parse::<usize>())) else {
        return Err(io::Error::other("usage: make_blocklist FILE ENTRIES < PASSWORDS"));
    };
    let (mut listed, mut read) = (BTreeSet::new(), 0_usize);
    for line in io::stdin().lock().split(b'\n') {
        read += 1;
        // A few lines of the old leaks are in no known encoding; nobody can type them here.
        let Ok(password) = String::from_utf8(line?) else { continue };
        // No policy lets shorter ones through, so they need no entry.
        if listed.len() < wanted && password.chars().count() >= MINIMUM_LENGTH_MIN as usize {
            listed.insert(blocklist::entry(&password));
        }
    }
    std::fs::write(&file, listed.iter().flatten().copied().collect::<Vec<u8>>())?;
    writeln!(io::stdout(), "{} entries from {read} lines in {file}", listed.len())
}
