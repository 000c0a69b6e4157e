//! A server with one of everything, made once for a run by the tenant's own calls; tests get copies.

use std::sync::OnceLock;

use tenantry::dev::Sample;

use crate::copies::Original;
use crate::rig::Rig;
use crate::sweeps::{Named, furnish};

struct Furnished {
    original: Original,
    sample: Sample,
    named: Named,
    cookie: String,
}

/// A server of the caller's own, what requests name there, and the cookie of a session of `jane`.
pub fn furnished() -> (Rig, Named, String) {
    static MADE: OnceLock<Furnished> = OnceLock::new();
    let Furnished { original, sample, named, cookie } = MADE.get_or_init(make);
    (Rig::copy_of(original, sample), named.clone(), cookie.clone())
}

fn make() -> Furnished {
    let mut rig = Rig::start();
    let (named, cookie) = furnish(&rig);
    rig.let_background_rest();
    rig.stop();
    rig.store.close();
    let (data, sample) = (rig.data.take().unwrap(), rig.sample.clone());
    drop(rig);
    Furnished { original: Original::of(data.path()), sample, named, cookie }
}
