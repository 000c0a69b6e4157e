//! The first page: what needs someone, and what happened last.

use super::desk::{Around, counted};
use super::resets::stage;
use super::{Console, NOT_YET};
use crate::error::Result;
use crate::http::{Answer, Call, Operation, Success, bind};
use crate::incidents::{self, State};
use crate::mails;
use crate::pages::console::Place;
use crate::pages::console::overview::{IncidentState, Need, Newest, Overview, Try, page};
use crate::reset::{self, Filter};
use crate::sign_in::{Frame, list_events};
use crate::store::Tx;
use crate::tenants;
use uuid::Uuid;

/// Lines of each list.
const NEWEST: i64 = 8;
/// Links that did not arrive; the list of resets has the others.
const GIVEN_UP: i64 = 5;

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console", NOT_YET, bind(console, show))
            .id("tenantry.console")
            .console("tenantry.resets.list")
            .answers(&[Success::page()])
            .summary("The first page of the console."),
    ]
}

/// What the page shows.
struct Found {
    users: i64,
    needs: Vec<Need>,
    resets: Vec<Newest>,
    sign_ins: Vec<Try>,
}

async fn show(console: Console, call: Call) -> Result<Answer> {
    let around = Around::of(&console, &call)?;
    let found = call.store.read(call.scope()?, |tx| look(tx, &call))?;
    let overview =
        Overview { users: counted(found.users), needs: &found.needs, resets: &found.resets, sign_ins: &found.sign_ins };
    Ok(Answer::page(page(&around.desk(Place::Overview), &overview)))
}

fn look(tx: &mut Tx<'_>, call: &Call) -> Result<Found> {
    let (tenant, now) = (call.tenant()?.id, call.now());
    let filter = Filter { state: None, email: None, since: None, until: None, before: Uuid::max(), limit: NEWEST, now };
    let resets = reset::list(tx, tenant, &filter)?.into_iter().map(|reset| Newest {
        id: reset.id.to_string(),
        stage: stage(&reset, now),
        at: reset.requested_at,
        email: reset.email,
    });
    let frame = Frame { start: None, end: None, first: 0, max: NEWEST };
    let sign_ins = list_events(tx, tenant, &frame, now)?.into_iter().map(|event| Try {
        succeeded: event.refusal.is_none(),
        email: event.email,
        from: event.from_address,
        at: event.at,
    });
    let (resets, sign_ins) = (resets.collect(), sign_ins.collect());
    Ok(Found { users: tenants::count_users(tx, tenant)?, needs: needs(tx, call)?, resets, sign_ins })
}

fn needs(tx: &mut Tx<'_>, call: &Call) -> Result<Vec<Need>> {
    let (tenant, now) = (call.tenant()?.id, call.now());
    let incidents = incidents::under_way(tx, tenant, now)?.into_iter().filter_map(|incident| {
        let state = match incident.state {
            State::Awaiting => IncidentState::Awaiting,
            State::Ending => IncidentState::Ending,
            State::Held => IncidentState::Held,
            State::Mailing => IncidentState::Mailing,
            _ => return None,
        };
        Some(Need::Incident { name: incident.name, state, ended: counted(incident.ended) })
    });
    let mut needs: Vec<_> = incidents.collect();
    let waiting = mails::look_at_waiting(tx, tenant)?;
    if waiting.refused > 0 {
        needs.push(Need::RefusedForNow { mails: counted(waiting.refused), words: waiting.words.unwrap_or_default() });
    }
    let given_up = reset::given_up(tx, tenant, GIVEN_UP)?.into_iter().map(|reset| Need::Undeliverable {
        id: reset.id.to_string(),
        email: reset.email,
        words: reset.relay_words.unwrap_or_default(),
    });
    needs.extend(given_up);
    Ok(needs)
}
