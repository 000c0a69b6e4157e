//! A database that is killed, restarted, read-only or out of space, with a dead host named before it or after it:
//! requests in the meantime get a clear 503, a starting process says what is wrong, and all processes recover by
//! themselves.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use testbed::postgres::Server;

use crate::fleet::{Fleet, Served, acknowledged, free};
use crate::small_disk::SmallDisk;
use crate::wire::{Reply, Wire};

const DATABASE: &str = "unlucky";
/// Far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two processes on one database: for one of them a host that is dead is named first, for the other one last.
struct Scene {
    server: Server,
    fleet: Fleet,
    served: [Served; 2],
    asked: usize,
    acknowledged: Vec<String>,
}

fn orders(server: &Server) -> [String; 2] {
    let dead = free().port();
    let named = |one: u16, other: u16| format!("postgres://tenantry@127.0.0.1:{one},127.0.0.1:{other}/{DATABASE}");
    [named(dead, server.port()), named(server.port(), dead)]
}

impl Scene {
    fn on(server: Server) -> Self {
        let url = server.database(DATABASE).unwrap();
        let fleet = Fleet::new(url, 2_000);
        let served = orders(&server).map(|url| fleet.serve_with(free(), &[("TENANTRY_STORE_POSTGRES", &url)]));
        let mut scene = Self { server, fleet, served, asked: 0, acknowledged: Vec::new() };
        scene.all_go_on();
        scene
    }

    /// A reset of a further user, which is remembered if it was acknowledged.
    fn ask(&mut self, address: SocketAddr) -> Reply {
        self.asked += 1;
        let ask = self.fleet.reset(self.asked % 2_000 + 1);
        let reply = Wire::to(address).call(ask).expect("an answer, whatever it is");
        self.acknowledged.extend(acknowledged(&reply));
        reply
    }

    fn until(&mut self, status: u16) {
        for address in [self.served[0].address, self.served[1].address] {
            let since = Instant::now();
            while self.ask(address).status != status {
                assert!(since.elapsed() < PATIENCE, "it is never answered {status}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }

    fn all_go_on(&mut self) {
        self.until(200);
        let listed: Vec<_> = self.acknowledged.iter().map(|id| format!("'\\x{}'", id.replace('-', ""))).collect();
        let question = format!("SELECT COUNT(*) FROM resets WHERE id IN ({})", listed.join(","));
        let found: usize = self.server.ask(DATABASE, &question).unwrap().parse().unwrap();
        assert_eq!(found, self.acknowledged.len(), "of what was acknowledged something is missing");
    }

    /// How a process ends that starts now, whichever host is named first.
    fn starting_says(&self, words: &str) {
        for url in orders(&self.server) {
            let sentence = self.fleet.refused_with(&[("TENANTRY_STORE_POSTGRES", &url)]);
            assert!(sentence.contains(words), "{sentence}");
        }
    }
}

#[test]
fn a_database_that_is_killed_or_ended_is_gone_back_to_when_it_is_there_again() {
    let mut scene = Scene::on(Server::start().unwrap());
    scene.server.kill().unwrap();
    scene.until(503);
    scene.starting_says("No PostgreSQL server answers");
    scene.server.run().unwrap();
    scene.all_go_on();
    scene.server.stop_at_once().unwrap();
    scene.server.run().unwrap();
    scene.all_go_on();
}

#[test]
fn a_database_that_takes_no_writes_for_a_while_is_waited_for() {
    let mut scene = Scene::on(Server::start().unwrap());
    scene.server.ask(DATABASE, "ALTER ROLE tenantry SET default_transaction_read_only = on").unwrap();
    let sessions = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'tenantry'";
    scene.server.ask(DATABASE, sessions).unwrap();
    scene.until(503);
    scene.starting_says("takes writes");
    scene.server.ask(DATABASE, "ALTER ROLE tenantry RESET default_transaction_read_only").unwrap();
    scene.all_go_on();
}

#[test]
fn a_database_without_room_is_refused_and_goes_on_when_it_has_some() {
    let disk = SmallDisk::mount(160).expect("no small file system can be mounted here: run this as root");
    let small = ["min_wal_size=32MB", "max_wal_size=48MB"];
    let mut scene = Scene::on(Server::start_in(disk.path(), &small).unwrap());
    let filler = disk.fill();
    scene.until(503);
    std::fs::remove_file(filler).unwrap();
    // Without room for its log the server may have ended itself.
    if !answers(&scene.server) {
        scene.server.stop_at_once().or_else(|_| scene.server.kill()).ok();
        scene.server.run().unwrap();
    }
    scene.all_go_on();
}

fn answers(server: &Server) -> bool {
    let since = Instant::now();
    while server.ask("postgres", "SELECT 1").is_err() {
        if since.elapsed() > Duration::from_secs(5) {
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
    true
}
