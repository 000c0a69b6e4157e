//! The processes of the product on one store.

use crate::Result;
use crate::faults::place::{Place, Served};
use crate::faults::wire::Door;

/// The processes on one store: one, or two where it is a database.
pub struct Servers<'a> {
    place: &'a Place,
    victim: Option<Served>,
    other: Option<Served>,
}

impl<'a> Servers<'a> {
    /// Starts them; the one that is to be killed is the first or the second of two.
    pub fn start(place: &'a Place, victim: usize) -> Result<Self> {
        let first = place.serve()?;
        if place.is_embedded() {
            return Ok(Self { place, victim: Some(first), other: None });
        }
        let mut second = place.spawn_beside(&[])?;
        second.wait_until_ready()?;
        let (victim, other) = if victim == 0 { (first, second) } else { (second, first) };
        Ok(Self { place, victim: Some(victim), other: Some(other) })
    }

    /// The process id of the one that is to be killed, while it lives.
    pub fn victim(&self) -> Option<u32> {
        self.victim.as_ref().map(|served| served.child.id())
    }

    /// Where the one listens that is to be killed while it lives, else the one that is left.
    pub fn door(&self) -> Result<&Door> {
        let served = self.victim.as_ref().or(self.other.as_ref());
        Ok(&served.ok_or("No process is left.")?.door)
    }

    /// Notices the end of the victim. The other process goes on; where there is none, another is started.
    pub fn notice_the_end(&mut self) -> Result<bool> {
        let Some(victim) = &mut self.victim else { return Ok(false) };
        if victim.child.ended()?.is_none() {
            return Ok(false);
        }
        self.victim = None;
        if self.other.is_none() {
            self.other = Some(self.place.serve()?);
        }
        Ok(true)
    }

    /// SIGTERM for those that are left.
    pub fn stop(self) -> Result<()> {
        [self.victim, self.other].into_iter().flatten().try_for_each(Served::stop)
    }
}
