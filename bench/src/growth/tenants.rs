//! Measures one tenant beside ever more others, and all tenants in turn.

use super::{Bar, Figure, InTurn, Plan, Round, Row, round};
use crate::Result;
use crate::crowd::Crowd;
use crate::engines::{EngineName, Place};

/// The most that the p99 may grow, compared to a tenant that is alone.
const P99_MOST: f64 = 1.5;

/// The rows on one engine.
pub fn measure(plan: &Plan, engine: EngineName) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for &tenants in &plan.tenants {
        rows.extend(with_tenants(plan, engine, tenants)?);
    }
    let alone = rows.iter().find(|row| row.tenants == 1).map(|row| row.p99_ms);
    for row in rows.iter_mut().filter(|row| row.tenants > 1 && row.tenants_asked == 1) {
        row.bar = alone.map(|alone| Bar { of: Figure::P99, ratio: row.p99_ms / alone, bar: P99_MOST });
    }
    Ok(rows)
}

fn with_tenants(plan: &Plan, engine: EngineName, tenants: u32) -> Result<Vec<Row>> {
    let data = crate::own_directory()?;
    let place = Place::make(engine, data.path())?;
    let crowd = Crowd::start(data.path(), tenants as usize, plan.users_each, place.url())?;
    let mut rows = Vec::new();
    // Of one, one is all.
    for tenants_asked in [1, tenants].into_iter().take(if tenants == 1 { 1 } else { 2 }) {
        let mut resets = InTurn::of(&crowd.directions, tenants_asked as usize)?;
        let rounds = (0..plan.rounds).map(|_| round(plan, &[&crowd], plan.connections, &mut resets));
        let rounds = rounds.collect::<Result<Vec<Round>>>()?;
        let (users_each, connections) = (plan.users_each, plan.connections);
        rows.push(Row { tenants, tenants_asked, users_each, connections, ..Row::of(engine, rounds) });
    }
    crowd.stop()?;
    Ok(rows)
}
