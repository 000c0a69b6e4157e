//! Looking for users: the beginning of an address, and the last page of all, each beside the bare HTTP server.

use serde_json::Value;

use super::{Ground, Line};
use crate::Result;
use crate::ask::{Draw, get};
use crate::product::{Product, exchange};

const USERS: &str = "/api/tenantry/v1/users";
const PAGE: u32 = 50;

/// Users by the beginning of their address, each time of another one.
pub(super) fn by_beginning(ground: &Ground<'_>) -> Result<Line> {
    let (mut draw, most) = (Draw::seeded(19), u64::from(ground.plan.users));
    let (host, token) = (ground.product.directions.host(), ground.token());
    ground.beside_http("users by the beginning of an address", &mut |buffer| {
        let path = format!("{USERS}?q=user{:05}%40&limit={PAGE}", draw.up_to(most));
        buffer.extend_from_slice(&get(&path, host, &token));
        Ok(true)
    })
}

/// The last page of all users, by its cursor.
pub(super) fn last_page(ground: &Ground<'_>) -> Result<Line> {
    let request = last_page_of(&ground.product)?;
    ground.beside_http("the last page of all users", &mut |buffer| {
        buffer.extend_from_slice(&request);
        Ok(true)
    })
}

/// The request for the last page of all users of the sample tenant.
pub fn last_page_of(product: &Product) -> Result<Vec<u8>> {
    let (mut cursor, address) = (String::new(), product.directions.address()?);
    loop {
        let (status, said) = exchange(address, &request(product, &cursor, 1_000))?;
        let page: Value = serde_json::from_slice(&said)?;
        match page["next"].as_str() {
            Some(next) => cursor = next.into(),
            None if status == 200 => return Ok(request(product, &cursor, PAGE)),
            None => return Err(format!("{USERS}: {status} {page}").into()),
        }
    }
}

fn request(product: &Product, cursor: &str, limit: u32) -> Vec<u8> {
    page(product, &format!("limit={limit}&cursor={cursor}"))
}

/// The request for a page of users by this query.
pub fn page(product: &Product, query: &str) -> Vec<u8> {
    let directions = &product.directions;
    let token = format!("Authorization: APIToken {}\r\n", directions.api_token);
    get(&format!("{USERS}?{query}"), directions.host(), &token)
}
