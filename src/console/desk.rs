//! What stands around each page: who reads it, where they may go, and whether what should always hold does.

use std::sync::Arc;

use super::theme;
use super::{Console, may};
use crate::access::ApiGroup;
use crate::audit;
use crate::error::Result;
use crate::http::Call;
use crate::identity::Tenant;
use crate::language::Language;
use crate::mails;
use crate::pages::Site;
use crate::pages::console::{Desk, Place, Pulse, Theme};
use crate::random::Random;
use crate::tenants::base_url;

/// A record is sealed within a second; one that waits for so long is told.
const SEALED_SECONDS: i64 = 60;

/// What stands around a page, as it was found.
pub(super) struct Around {
    tenant: Arc<Tenant>,
    language: Language,
    url: String,
    email: String,
    places: Vec<Place>,
    path: String,
    theme: Theme,
    pulse: Pulse,
}

impl Around {
    /// Looks for it.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn of(console: &Console, call: &Call) -> Result<Self> {
        let (tenant, caller) = (call.tenant()?, call.caller()?);
        let places = Place::ALL.into_iter().filter(|place| may(call, opened_by(*place))).collect();
        let query = if call.head.query.is_empty() { String::new() } else { format!("?{}", call.head.query) };
        Ok(Self {
            tenant: Arc::clone(tenant),
            language: call.language(),
            url: base_url(tenant, &console.public_url),
            email: caller.email.clone(),
            places,
            path: format!("{}{query}", call.head.path),
            theme: theme::chosen(call),
            pulse: pulse(call)?,
        })
    }

    /// The URL of a call of the API.
    pub(super) fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The URL of a list of the API with the query of this page.
    pub(super) fn url_with_query(&self, call: &Call, path: &str) -> String {
        match call.head.query.as_str() {
            "" => self.url_of(path),
            query => format!("{}?{query}", self.url_of(path)),
        }
    }

    /// A page that belongs to this place.
    pub(super) fn desk(&self, here: Place) -> Desk<'_> {
        Desk {
            site: Site::of(self.language, Some(&self.tenant)),
            host: self.url.split_once("://").map_or("", |(_, host)| host),
            email: &self.email,
            places: &self.places,
            here,
            path: &self.path,
            theme: self.theme,
            pulse: self.pulse,
        }
    }
}

/// What the reader of a place needs: the permission of its row.
fn opened_by(place: Place) -> ApiGroup {
    match place {
        Place::Overview | Place::Users | Place::Resets | Place::Webhooks | Place::Audit => ApiGroup::UamAdminRead,
        Place::Groups | Place::Roles => ApiGroup::UamRead,
        // Everyone has tokens of their own, and knows the namespaces in which they have a role.
        Place::Namespaces | Place::Credentials => ApiGroup::GeneralRead,
    }
}

fn pulse(call: &Call) -> Result<Pulse> {
    let (tenant, before) = (call.tenant()?.id, Random::least_uuid(call.now().plus_seconds(-SEALED_SECONDS)));
    call.store.read(call.scope()?, |tx| {
        let standing = mails::look_at_waiting(tx, tenant)?;
        Ok(Pulse {
            mails: counted(standing.all),
            mails_refused: counted(standing.refused),
            is_unsealed: audit::has_unsealed(tx, tenant, before)?,
        })
    })
}

/// A count as pages word it.
pub(super) fn counted(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
