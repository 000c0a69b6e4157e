//! One node of the cluster, or its etcd: a directory in which all its processes work, and by which they are found.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, geteuid, kill_process};
use testbed::postgres::give_to_postgres;

use super::view::View;
use crate::Result;
use crate::child::Child;

/// How long a node may take to tell how it stands.
const TELLING: Duration = Duration::from_secs(2);

/// A node, or the etcd: a directory in which all its processes work.
pub struct Member {
    /// Its name in the cluster.
    pub name: &'static str,
    /// Where it works.
    pub directory: PathBuf,
    /// Where it takes commands.
    pub control: u16,
    /// Where its PostgreSQL listens, or other members of etcd would knock.
    pub data: u16,
    process: Option<Child>,
}

impl Member {
    /// One that has not been started yet.
    ///
    /// # Errors
    /// When its directory cannot be made, or no port is free.
    pub fn make(name: &'static str, parent: &Path, ports: &mut impl Iterator<Item = u16>) -> Result<Self> {
        let directory = parent.join(name);
        fs::create_dir(&directory)?;
        give_to_postgres(&directory)?;
        let mut port = || ports.next().ok_or("There is no free port.");
        Ok(Self { name, directory, control: port()?, data: port()?, process: None })
    }

    /// The file of its settings.
    pub fn settings(&self) -> PathBuf {
        self.directory.join("settings.yml")
    }

    /// What its processes wrote.
    pub fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    /// The words that start an etcd of one.
    pub fn etcd(&self) -> Vec<String> {
        let [clients, peers] = [self.control, self.data].map(|port| format!("http://127.0.0.1:{port}"));
        let pairs = [
            ("--data-dir", format!("{}/data", self.directory.display())),
            ("--listen-client-urls", clients.clone()),
            ("--advertise-client-urls", clients),
            ("--listen-peer-urls", peers.clone()),
            ("--initial-advertise-peer-urls", peers.clone()),
            ("--initial-cluster", format!("default={peers}")),
        ];
        std::iter::once("etcd".into()).chain(pairs.into_iter().flat_map(|(name, value)| [name.into(), value])).collect()
    }

    /// Starts it in its directory, as PostgreSQL's own user where this program runs as root.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(&mut self, words: &[String]) -> Result<()> {
        let log = OpenOptions::new().create(true).append(true).open(self.log())?;
        let mut command = Command::new("env");
        if geteuid().is_root() {
            command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
        }
        command.args(words).current_dir(&self.directory).env("HOME", &self.directory);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.process = Some(Child::spawn(&mut command)?);
        Ok(())
    }

    /// kill -9 of all its processes at once.
    pub fn kill(&mut self) {
        // First stopped, so that none of them sees another one go.
        self.signal_all(Signal::STOP);
        self.signal_all(Signal::KILL);
        drop(self.process.take());
    }

    /// Each process of it gets the signal, also one that is made meanwhile.
    pub fn signal_all(&self, signal: Signal) {
        let mut known = HashSet::new();
        loop {
            let new: Vec<_> = at_work_in(&self.directory).into_iter().filter(|pid| known.insert(*pid)).collect();
            if new.is_empty() {
                return;
            }
            for pid in new {
                // It may just have ended.
                let _ = kill_process(pid, signal);
            }
        }
    }

    /// How the cluster stands, if the node answers.
    pub fn view(&self) -> Option<View> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.control)).ok()?;
        stream.set_read_timeout(Some(TELLING)).ok()?;
        stream.write_all(b"GET /cluster HTTP/1.0\r\n\r\n").ok()?;
        let mut said = String::new();
        stream.read_to_string(&mut said).ok()?;
        let (_, body) = said.split_once("\r\n\r\n")?;
        View::read(&serde_json::from_str(body).ok()?)
    }
}

/// The processes that work in a directory or below it.
fn at_work_in(directory: &Path) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let there =
        processes.filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(directory)));
    there.filter_map(|process| Pid::from_raw(process.file_name()?.to_str()?.parse().ok()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_by_where_it_works() {
        let directory = tempfile::tempdir().unwrap();
        let below = directory.path().canonicalize().unwrap().join("below");
        fs::create_dir(&below).unwrap();
        let child = Child::spawn(Command::new("sleep").arg("60").current_dir(&below)).unwrap();
        let found = at_work_in(below.parent().unwrap());
        assert_eq!(found.iter().map(|pid| pid.as_raw_nonzero().get()).collect::<Vec<_>>(), [child.id() as i32]);
    }
}
