//! Serves operations that stand only in a test, over the real pipeline and gate.

use std::sync::Arc;
use std::time::Duration;

use tenantry::config::Config;
use tenantry::contract;
use tenantry::gate::HouseGate;
use tenantry::house::PAGES;
use tenantry::http::{Limits, Metrics, Operation, Places, Router, Server, Serving};
use tenantry::random::Random;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::rig::Rig;

/// Serves these operations on the store of a rig, and has the rig speak to them.
pub fn serve(rig: &mut Rig, operations: Vec<Operation>) -> Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    rig.address = listener.local_addr().unwrap();
    let http = Config::for_dev(rig.address, rig.data.as_ref().unwrap().path()).http;
    let gate = HouseGate::new(rig.store.clone(), http.public_url.unwrap().is_https(), http.base_domain, None);
    let (metrics, long) = (Metrics::default(), Duration::from_secs(30));
    let limits = Limits {
        connections_max: 100,
        connections_per_address_max: 100,
        header: long,
        idle: long,
        body: long,
        places: Places { reads: 10, writes: 10, hashes: 1 },
        request: long,
        drain: long,
        trusted_proxies: Arc::new(|_| false),
        demands_https: false,
    };
    let router = Router::new(operations, &metrics).unwrap().with_unserved(contract::operations()).unwrap();
    let serving = Serving {
        router,
        gate: Arc::new(gate),
        pages: PAGES,
        store: rig.store.clone(),
        clock: rig.clock.clone(),
        random: Random::system(),
        limits,
        is_draining: Arc::default(),
        certificate: None,
    };
    runtime.spawn(Server::new(serving, &metrics).serve(listener, None, std::future::pending()));
    runtime
}
