//! The mails of an incident after its release, as a relay on this machine takes them.

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use super::verbs::incident;
use crate::Result;
use crate::crowd::Crowd;
use crate::mail::relay::{Relay, Script};

/// Of more users only so many mails are waited for; then the incident is cancelled.
const MAILS_MAX: u32 = 20_000;
/// So long nothing may arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A relay that counts what it takes.
pub struct Sink {
    relay: Relay,
    runtime: Runtime,
}

impl Sink {
    pub fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let relay = runtime.block_on(Relay::start(Script { keep: false, ..Script::default() }));
        Ok(Self { relay, runtime })
    }

    pub fn port(&self) -> u16 {
        self.relay.address.port()
    }

    /// Returns when the relay has taken so many, in all.
    fn wait_for(&self, mails: usize) -> Result<()> {
        self.runtime.block_on(async {
            loop {
                let before = self.relay.taken();
                match tokio::time::timeout(PATIENCE, self.relay.wait_for(mails)).await {
                    Ok(()) => return Ok(()),
                    Err(_) if self.relay.taken() > before => {}
                    Err(_) => return Err(format!("The relay has taken {before} mails and no other since.").into()),
                }
            }
        })
    }
}

/// How the mails went.
pub struct Handed {
    pub mails: u32,
    pub seconds: f64,
    pub is_part: bool,
}

/// Lets the mails go, as fast as the relay takes them, and waits until it has them. Of many the rest is cancelled.
pub fn handed_over(crowd: &Crowd, sink: &Sink, id: &str, users: u32) -> Result<Handed> {
    let mails = users.min(MAILS_MAX);
    let before = sink.relay.taken();
    let began = Instant::now();
    incident(crowd, &["release", id])?;
    sink.wait_for(before + mails as usize)?;
    let seconds = began.elapsed().as_secs_f64();
    let is_part = mails < users;
    if is_part {
        incident(crowd, &["cancel", id])?;
    }
    Ok(Handed { mails, seconds, is_part })
}
