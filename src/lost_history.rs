//! Notices a database that has lost acknowledged changes, as after a fail-over to a server that never had them. The
//! loss is reported once, in the log, the metrics and the tenant's audit log, with the resets to check.

use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use serde_json::json;
use tokio::sync::watch;

use crate::audit::{self, Cut, Event, Outcome, WENT_BACK, Witness};
use crate::clock::Clock;
use crate::error::Result;
use crate::identity::Actor;
use crate::random::Random;
use crate::reset::{Acknowledged, Recent};
use crate::store::{Scope, Server, Store, Tx};

/// How often to check which server answers.
const EVERY: Duration = Duration::from_secs(1);
/// The most resets that a record names; it counts all.
const NAMED_MAX: usize = 200;
const STOPPED: &str = "The database has forgotten changes that were acknowledged, so nothing more is written. An \
                       administrator finds the audit record store.went_back, makes good what is missing, and starts the \
                       server anew.";

/// The parts needed to notice and report a loss.
pub struct LostHistory {
    /// The store that is watched.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The source of ids.
    pub random: Random,
    /// The links that the sealer has seen.
    pub witness: Witness,
    /// The resets acknowledged lately.
    pub recent: Recent,
    /// The number of chains that lost links since the start.
    pub losses: Gauge,
    /// Whether writes stop after a loss.
    pub stops_writing: bool,
}

impl LostHistory {
    /// Watches until told to stop.
    pub async fn watch(self, mut stop: watch::Receiver<bool>) {
        let mut server = None;
        while !*stop.borrow() {
            if let Err(failure) = self.look(&mut server).await {
                self.store.tell(&failure, "it could not be looked whether the database has forgotten something");
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Checks all chains if another server answers, or the same one after a restart.
    async fn look(&self, server: &mut Option<Server>) -> Result<()> {
        let found = self.store.server();
        if server.is_some() && *server != found {
            self.witness.look_again(&self.store).await?;
        }
        *server = found;
        while let Some(cut) = self.witness.next_cut() {
            let lost = self.recent.find_lost(&self.store, cut.tenant).await?;
            self.record(cut, &lost).await?;
            self.witness.forget_cut();
            self.recent.forget(&lost);
            self.say(cut, &lost);
        }
        Ok(())
    }

    async fn record(&self, Cut { tenant, seen, left }: Cut, lost: &[Acknowledged]) -> Result<()> {
        let actor = Actor {
            user: None,
            name: "store".into(),
            credential: None,
            address: std::net::Ipv4Addr::UNSPECIFIED.into(),
            request_id: self.random.uuid(self.clock.now()),
        };
        let facts = json!({
            "link_seen": seen.number, "sealed_at": seen.sealed_at, "link_left": left.map(|left| left.number),
            "left_sealed_at": left.map(|left| left.sealed_at), "resets_missing": lost.len(),
            "resets": &lost[..lost.len().min(NAMED_MAX)],
        });
        let (clock, subject) = (self.clock.clone(), format!("link {}", seen.number));
        let verb = move |tx: &mut Tx<'_>| {
            let (at, outcome, facts) = (clock.now(), Outcome::Accepted, facts.clone());
            audit::record(
                tx,
                &Event { tenant, at, action: WENT_BACK, outcome, actor: &actor, subject: &subject, facts },
            )
        };
        self.store.write(Scope::of(tenant), verb).await
    }

    fn say(&self, Cut { tenant, seen, left }: Cut, lost: &[Acknowledged]) {
        tracing::error!(
            tenant = tenant.0,
            seen_link = seen.number,
            seen_sealed_at = %seen.sealed_at,
            left_link = left.map(|left| left.number),
            left_sealed_at = left.map(|left| left.sealed_at.to_string()),
            resets = ?lost.iter().map(|reset| format!("{} {}", reset.id, reset.email)).collect::<Vec<_>>(),
            "the database has forgotten what was acknowledged: a link of the audit chain was sealed and is gone. What was \
             changed since the newest link that is left may be gone too; these resets are missing. Look for others in the \
             relay's log, and ask for them again."
        );
        self.losses.inc();
        if self.stops_writing {
            self.store.stop_writing(STOPPED);
        }
    }
}
