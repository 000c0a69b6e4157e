//! Two thousand clients that hold a connection and do not let go: silent ones, half a head, a body that drips, and
//! clients that never read. A normal client must not notice, and everything must be given back.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::Settings;
use super::outcome::Outcome;
use super::place::Served;
use super::scene::Scene;
use super::wire::Door;
use crate::Result;
use crate::machine::Memory;

const CLIENTS: u32 = 2_000;
/// Addresses of the flood; each holds no more connections than one address may.
const ADDRESSES: u32 = 10;
/// The allocator keeps memory once used: after this many floods it must have enough.
const WARM: u64 = 2;
/// The kinds of misuse, and how soon each must be closed: ten seconds for a head or a body, and some for the last of
/// two thousand to be noticed. A client that never reads is served until its socket buffers are full, and closed ten
/// seconds later.
const KINDS: [(&str, u64); 4] = [("silent", 15), ("half a head", 15), ("dripping body", 15), ("never reading", 30)];
/// Room for all of them and for normal clients.
const FURTHER: &str = "connections_max = 4096";
/// How long a client goes on at most.
const PATIENCE: Duration = Duration::from_secs(40);
/// I7: after this long everything is as before.
const REST: Duration = Duration::from_secs(30);

/// Runs the case.
pub fn run(settings: &Settings) -> Result<Outcome> {
    if let Err(reason) = let_open(u64::from(CLIENTS) + 1_000) {
        return Ok(Outcome::skipped(settings.engine, "flood", reason));
    }
    let mut scene = Scene::set(settings, "flood", crate::own_directory()?, FURTHER)?;
    let served = scene.place.serve()?;
    // Its caches and pools are filled before anything is compared.
    storm(&mut scene, &served, || std::thread::sleep(Duration::from_secs(2)))?;
    let mut before = Held::by(&served)?;
    let until = Instant::now() + settings.length;
    let mut longest = Duration::ZERO;
    while scene.outcome.rounds <= WARM || settings.goes_on(scene.outcome.rounds, until) {
        let door = served.door.clone();
        let mut open = Ok(Vec::new());
        storm(&mut scene, &served, || open = flood(&door))?;
        let open = open?;
        longest = open.iter().map(|(_, time)| *time).max().unwrap_or_default().max(longest);
        for (kind, (name, seconds)) in KINDS.iter().enumerate() {
            let within = Duration::from_secs(*seconds);
            let late = open.iter().filter(|(of, time)| *of == kind && *time > within).count();
            scene
                .outcome
                .findings
                .demand(late == 0, || format!("{late} {name} clients were still connected after {seconds} s"));
        }
        let is_warm = scene.outcome.rounds >= WARM;
        let is_like = |after: Held| after.has_files_like(before) && (!is_warm || after.has_memory_like(before));
        let after = rest(&served, is_like)?;
        let is_like = is_like(after);
        scene.outcome.findings.demand(is_like, || format!("I7: {before} became {after}"));
        scene.outcome.notes.push(format!("before the flood {before}, after it {after}"));
        before = Held { files: before.files, ..after };
        scene.outcome.rounds += 1;
    }
    scene.outcome.notes.push(format!("the last slow client was closed after {:.1} s", longest.as_secs_f64()));
    served.stop()?;
    scene.close()
}

/// The soft limit on open files is raised as far as it must be; the product inherits it.
fn let_open(files: u64) -> std::result::Result<(), String> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= files) {
        return Ok(());
    }
    let raised = Rlimit { current: Some(files), maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised)
        .map_err(|_| format!("{files} open files are not allowed here; raise the limit (ulimit -n)"))
}

/// The crowd goes on while `meanwhile` lasts; every one of its asks must be acknowledged.
fn storm(scene: &mut Scene, served: &Served, meanwhile: impl FnOnce()) -> Result<()> {
    let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
    meanwhile();
    let storm = scene.crowd.end(blowing, &mut scene.ledger);
    scene.enter(&storm);
    scene.outcome.findings.demand(storm.unanswered == 0, || {
        format!("{} asks of normal clients failed beside the flood", storm.unanswered)
    });
    scene.outcome.recovered.push(storm.slowest);
    Ok(())
}

/// The resources that the product holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    files: usize,
    resident_mb: f64,
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} open files and {:.1} MB resident", self.files, self.resident_mb)
    }
}

impl Held {
    fn by(served: &Served) -> Result<Self> {
        let process = served.child.id();
        let files = std::fs::read_dir(format!("/proc/{process}/fd"))?.count();
        Ok(Self { files, resident_mb: Memory::of(process)?.resident_mb })
    }

    /// Within 10 %, and a few kept connections more or less.
    fn has_files_like(self, before: Self) -> bool {
        self.files <= before.files + before.files / 10 + 5
    }

    fn has_memory_like(self, before: Self) -> bool {
        self.resident_mb <= before.resident_mb * 1.1
    }
}

fn rest(served: &Served, is_like: impl Fn(Held) -> bool) -> Result<Held> {
    let began = Instant::now();
    loop {
        let after = Held::by(served)?;
        if is_like(after) || began.elapsed() > REST {
            return Ok(after);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Opens them all; how long each was left connected.
fn flood(door: &Door) -> Result<Vec<(usize, Duration)>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            clients.spawn(waste(door.clone(), number));
            if number % 10 == 0 {
                // Connections that come faster than they are accepted wait in the kernel, where no time limit of the
                // product applies.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        Ok(clients.join_all().await.into_iter().flatten().collect::<Vec<_>>())
    })
}

/// One client; how long the product let it. None if it was not even let in.
async fn waste(door: Door, number: u32) -> Option<(usize, Duration)> {
    let kind = (number / ADDRESSES) as usize % KINDS.len();
    let mut stream = connect(door.address, number % ADDRESSES, kind == 3).await.ok()?;
    let mut since = Instant::now();
    let _ = tokio::time::timeout(PATIENCE, go_on(&mut stream, &door, kind, &mut since)).await;
    Some((kind, since.elapsed()))
}

/// On loopback every address of 127/8 is local. A client that never reads announces a small receive buffer from the
/// start.
async fn connect(address: SocketAddr, from: u32, never_reads: bool) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if never_reads {
        socket.set_recv_buffer_size(4096)?;
    }
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 9, 1 + from as u8), 0)))?;
    socket.connect(address).await
}

/// Ends when the product has closed the connection.
async fn go_on(stream: &mut TcpStream, door: &Door, kind: usize, since: &mut Instant) -> std::io::Result<()> {
    let head = format!("POST /signin HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n", door.host);
    match kind {
        0 => {}
        1 => stream.write_all(head.as_bytes()).await?,
        2 => stream.write_all(format!("{head}Content-Length: 9000\r\n\r\n{{").as_bytes()).await?,
        _ => return never_read(stream, door, since).await,
    }
    let (mut read, mut write) = stream.split();
    let drip = async {
        if kind == 0 {
            return std::future::pending::<std::io::Result<()>>().await;
        }
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            write.write_all(b"x").await?;
        }
    };
    let closed = async {
        let mut bytes = [0; 1024];
        while read.read(&mut bytes).await? > 0 {}
        Ok(())
    };
    tokio::select! {
        outcome = drip => outcome,
        outcome = closed => outcome,
    }
}

/// Asks for the largest file again and again, and takes nothing of it. Its time begins when it gets no further.
async fn never_read(stream: &mut TcpStream, door: &Door, since: &mut Instant) -> std::io::Result<()> {
    let asks = format!("GET /assets/tenantry.css HTTP/1.1\r\nHost: {}\r\n\r\n", door.host).repeat(50);
    loop {
        stream.write_all(asks.as_bytes()).await?;
        *since = Instant::now();
    }
}
