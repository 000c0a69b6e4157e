//! Three nodes of PostgreSQL under Patroni with one etcd, all on this machine. A commit lies on two nodes before it is
//! acknowledged, and one of the two takes over when the leader is lost.

mod member;
mod view;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;
use testbed::postgres::give_to_postgres;

use self::member::Member;
use self::view::agreed;
use super::postgres::DATABASE;
use crate::Result;

/// Making three nodes, or giving one back its place with a copy of another's history, takes a while on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// The settings of a node, with placeholders for its own values.
const SETTINGS: &str = include_str!("patroni/settings.yml");
const NODES: [&str; 3] = ["a", "b", "c"];
/// Below the range from which the system takes the ports of clients: else one of them could sit on the port of a node that
/// is down, or a client that looks for that node could connect to itself.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Waits until its standard input ends, which it does however this program does. Then nothing may stay that works in the
/// directory.
const UNTIL_ABANDONED: &str = r#"
    trap '' INT TERM HUP
    read -r nothing
    found=1
    while [ "$found" ]; do
        found=
        for cwd in /proc/[0-9]*/cwd; do
            case $(readlink "$cwd") in
            "$1" | "$1"/*) pid=${cwd#/proc/}; kill -9 "${pid%/cwd}" && found=1 ;;
            esac
        done
    done 2>/dev/null
    rm -rf "$1"
"#;

/// The cluster. It ends with this program, however that ends.
pub struct Cluster {
    programs: Programs,
    etcd: Member,
    nodes: Vec<Member>,
    watch: std::process::Child,
}

/// The programs of a cluster.
pub struct Programs {
    patroni: PathBuf,
    patronictl: PathBuf,
    postgres: PathBuf,
}

impl Cluster {
    /// Makes one, and in it an empty database for the role `tenantry`.
    ///
    /// # Errors
    /// When that does not come about, with what the nodes say.
    pub fn start(programs: Programs) -> Result<Self> {
        let directory = directory_of_postgres()?;
        let mut watch = Command::new("sh");
        watch.args(["-c", UNTIL_ABANDONED, "sh"]).arg(&directory).stdin(Stdio::piped());
        let watch = watch.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut ports = free_ports();
        let mut member = |name| Member::make(name, &directory, &mut ports);
        let (etcd, nodes) = (member("etcd")?, NODES.map(&mut member).into_iter().collect::<Result<Vec<_>>>()?);
        let mut cluster = Self { programs, etcd, nodes, watch };
        cluster.etcd.run(&cluster.etcd.etcd())?;
        for nth in 0..NODES.len() {
            cluster.write_settings(nth)?;
            cluster.start_node(nth)?;
        }
        cluster.wait_until_whole()?;
        cluster.say("CREATE ROLE tenantry LOGIN NOSUPERUSER NOBYPASSRLS")?;
        cluster.say(&format!("CREATE DATABASE {DATABASE} OWNER tenantry"))?;
        Ok(cluster)
    }

    /// The address of the database, with all nodes in it.
    pub fn url(&self) -> String {
        self.url_of("tenantry", DATABASE)
    }

    fn url_of(&self, role: &str, database: &str) -> String {
        let hosts: Vec<_> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.data)).collect();
        format!("postgres://{role}@{}/{database}", hosts.join(","))
    }

    /// Waits until all three nodes are there and agree on that and on the leader; which one that is.
    ///
    /// # Errors
    /// When that does not come about, with what the nodes say.
    pub fn wait_until_whole(&self) -> Result<usize> {
        let since = Instant::now();
        loop {
            let views: Vec<_> = self.nodes.iter().map(Member::view).collect();
            if let Some(leader) = agreed(&views) {
                return Ok(NODES.iter().position(|name| *name == leader).ok_or("The leader has no known name.")?);
            }
            if since.elapsed() > PATIENCE {
                return Err(format!("The nodes are not whole again; they say {views:?}. {}", self.last_words()).into());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// kill -9 of all processes of a node at once.
    pub fn kill_node(&mut self, nth: usize) {
        self.nodes[nth].kill();
    }

    /// Brings a node back that was killed.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_node(&mut self, nth: usize) -> Result<()> {
        let patroni = [self.programs.patroni.clone(), self.nodes[nth].settings()];
        self.nodes[nth].run(&patroni.map(|word| word.display().to_string()))
    }

    /// Stops all processes of a node where they stand.
    pub fn freeze_node(&mut self, nth: usize) {
        self.nodes[nth].signal_all(Signal::STOP);
    }

    /// Lets a frozen node go on where it stood.
    pub fn thaw_node(&mut self, nth: usize) {
        self.nodes[nth].signal_all(Signal::CONT);
    }

    /// Freezes the etcd for `length`.
    pub fn freeze_etcd(&mut self, length: Duration) {
        self.etcd.signal_all(Signal::STOP);
        std::thread::sleep(length);
        self.etcd.signal_all(Signal::CONT);
    }

    /// `patronictl switchover` from this leader to the standby that has everything.
    ///
    /// # Errors
    /// What `patronictl` says.
    pub fn switch_over(&self, leader: usize) -> Result<()> {
        let mut switch = Command::new(&self.programs.patronictl);
        switch.arg("--config-file").arg(self.nodes[leader].settings());
        done(switch.args(["switchover", "tenantry", "--leader", NODES[leader], "--force"]))
    }

    fn say(&self, sql: &str) -> Result<()> {
        let url = format!("{}?target_session_attrs=read-write", self.url_of("postgres", "postgres"));
        done(Command::new(self.programs.postgres.join("psql")).args(["--no-psqlrc", "--quiet", "--command", sql, &url]))
    }

    fn write_settings(&self, nth: usize) -> Result<()> {
        let node = &self.nodes[nth];
        let settings = [
            ("<name>", node.name.into()),
            ("<control>", node.control.to_string()),
            ("<data>", node.data.to_string()),
            ("<etcd>", self.etcd.control.to_string()),
            ("<directory>", node.directory.display().to_string()),
            ("<programs>", self.programs.postgres.display().to_string()),
        ];
        let fill = |text: String, (place, value): (&str, String)| text.replace(place, &value);
        Ok(fs::write(node.settings(), settings.into_iter().fold(SETTINGS.into(), fill))?)
    }

    fn last_words(&self) -> String {
        let last = |node: &Member| {
            let said = fs::read_to_string(node.log()).unwrap_or_default();
            format!("{} said last: {}", node.name, said.lines().last().unwrap_or_default())
        };
        self.nodes.iter().map(last).collect::<Vec<_>>().join("; ")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        // There is nobody left to tell.
        let _ = self.watch.wait();
    }
}

impl Programs {
    /// Finds them on this machine.
    ///
    /// # Errors
    /// One sentence when something is not installed.
    pub fn find() -> Result<Self> {
        let program = std::env::current_exe()?;
        // `script/patroni` installs it into cargo's target directory.
        let installed =
            program.ancestors().map(|above| above.join("patroni/bin")).find(|bin| bin.join("patroni").exists());
        let has_etcd = Command::new("etcd").arg("--version").stdout(Stdio::null()).status().is_ok();
        let (Some(bin), Ok(postgres), true) = (installed, testbed::postgres::programs(), has_etcd) else {
            return Err("It needs PostgreSQL, etcd and Patroni: `script/patroni` installs them, or says how.".into());
        };
        Ok(Self { patroni: bin.join("patroni"), patronictl: bin.join("patronictl"), postgres })
    }
}

/// A new directory that belongs to PostgreSQL's own user.
fn directory_of_postgres() -> Result<PathBuf> {
    let directory = TempDir::with_prefix("tenantry-patroni-")?.keep();
    give_to_postgres(&directory)?;
    Ok(directory.canonicalize()?)
}

fn free_ports() -> impl Iterator<Item = u16> {
    // Two of these programs that begin at once have numbers side by side, and each needs eight.
    let begin = u16::try_from(std::process::id() * 8 % 10_000).unwrap_or_default();
    PORTS.skip(begin.into()).filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
}

fn done(command: &mut Command) -> Result<()> {
    let ended = command.output()?;
    if ended.status.success() {
        return Ok(());
    }
    let said = [ended.stdout, ended.stderr].concat();
    Err(format!("{} {}", ended.status, String::from_utf8_lossy(&said).trim()).into())
}
