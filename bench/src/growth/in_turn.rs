//! Resets of several tenants, each asked in its turn.

use std::net::SocketAddr;

use crate::Result;
use crate::ask::Resets;
use crate::crowd::{Directions, Tenant};
use crate::product::advance_clock;

/// The product remembers for an hour when a user got mail, and carries that along with each further reset. So the clock
/// moves on by an hour before a few users have got more in it than people ever get.
const ASKS_FOR_EACH_USER: u64 = 30;
const HOUR: u32 = 3600;

/// Resets without end, of these tenants in turn.
pub struct InTurn {
    each: Vec<Resets>,
    host: String,
    asked: u64,
    in_an_hour: u64,
    hours: u32,
}

impl InTurn {
    /// Resets of the first `count` tenants.
    pub fn of(directions: &Directions, count: usize) -> Result<Self> {
        let tenants = &directions.tenants[..count];
        let host = tenants.first().map(Tenant::host).ok_or("There are no tenants.")?;
        let each = tenants.iter().zip(1..).map(|(tenant, seed)| tenant.resets(directions.users, seed));
        let in_an_hour = ASKS_FOR_EACH_USER * u64::from(directions.users) * tenants.len() as u64;
        Ok(Self { each: each.collect(), host, asked: 0, in_an_hour, hours: 0 })
    }

    /// Writes the next request; there is always another. Moves the clocks of `processes` when it is time.
    pub fn write_next(&mut self, processes: &[SocketAddr], buffer: &mut Vec<u8>) -> Result<bool> {
        if self.is_an_hour_over() {
            processes.iter().try_for_each(|&process| advance_clock(process, &self.host, HOUR))?;
            self.hours += 1;
        }
        let tenant = (self.asked % self.each.len() as u64) as usize;
        self.asked += 1;
        self.each[tenant].write_next(buffer);
        Ok(true)
    }

    /// Sets the clock of a newly started process to that of the others.
    pub fn catch_up(&self, process: SocketAddr) -> Result<()> {
        if self.hours == 0 { Ok(()) } else { advance_clock(process, &self.host, self.hours * HOUR) }
    }

    fn is_an_hour_over(&self) -> bool {
        self.asked > 0 && self.asked.is_multiple_of(self.in_an_hour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_are_asked_in_turn_and_users_seldom_enough() {
        let tenants = ["a", "b"].map(|name| serde_json::json!({"name": name, "token": "secret"}));
        let directions = serde_json::json!({"address": "127.0.0.1:9", "users": 3, "tenants": tenants});
        let mut resets = InTurn::of(&serde_json::from_value(directions).unwrap(), 2).unwrap();
        let mut hosts = Vec::new();
        while !resets.is_an_hour_over() {
            let mut buffer = Vec::new();
            resets.write_next(&[], &mut buffer).unwrap();
            let text = String::from_utf8(buffer).unwrap();
            hosts.push(text.lines().nth(1).unwrap().to_owned());
        }
        assert_eq!(hosts.len(), 2 * 3 * 30);
        assert!(hosts.chunks(2).all(|two| two == ["Host: a.localhost", "Host: b.localhost"]));
    }
}
