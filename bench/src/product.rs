//! The product as a child of this process, on a data directory of its own: started, found through `dev.json`, stopped.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::Result;
use crate::answer::Answer;
use crate::ask::get;
use crate::child::Child;

/// Making a million sample users takes a while.
const START_PATIENCE: Duration = Duration::from_secs(600);

/// The part of `dev.json` that the measurements need.
#[derive(Debug, Clone, Deserialize)]
pub struct Directions {
    /// Where it listens, as `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// The same server under the tenant's host.
    pub tenant_url: String,
    /// A token of the administrator.
    pub api_token: String,
    /// The password of the sample users.
    pub user_password: String,
}

impl Directions {
    /// Where to connect.
    pub fn address(&self) -> Result<SocketAddr> {
        let authority = authority_of(&self.base_url);
        authority.parse().map_err(|error| format!("dev.json has the base_url {}: {error}", self.base_url).into())
    }

    /// The value of `Host` that names the tenant.
    pub fn host(&self) -> &str {
        authority_of(&self.tenant_url)
    }
}

fn authority_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.split('/').next().unwrap_or(after_scheme)
}

/// The running product.
pub struct Product {
    /// Its process.
    pub child: Child,
    /// How to reach it.
    pub directions: Directions,
    /// From the start of the process to its first `200` on `/readyz`, the making of missing users included.
    pub start_to_ready: Duration,
}

impl Product {
    /// Starts `tenantry dev` with `users` sample users on `data` and waits until it is ready. Its log goes to
    /// `bench.log` in that directory.
    pub fn start(data: &Path, users: u32) -> Result<Self> {
        Self::start_on(data, users, None)
    }

    /// The same with its store in a PostgreSQL database, when there is one.
    pub fn start_on(data: &Path, users: u32, postgres: Option<&str>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["product", "dev", "--listen", "127.0.0.1:0", "--users"]).arg(users.to_string());
        command.arg("--data").arg(data);
        if let Some(url) = postgres {
            command.arg("--postgres").arg(url);
        }
        Self::start_with(command, data)
    }

    fn start_with(mut command: Command, data: &Path) -> Result<Self> {
        fs::create_dir_all(data)?;
        let of_before = written_at(data);
        let log_path = data.join("bench.log");
        let log = File::create(&log_path)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let started_at = Instant::now();
        let mut child = Child::spawn(&mut command)?;
        let directions = wait_for("dev.json", &mut child, &log_path, || {
            // First when, then what: else what the process before has written could pass for this one's.
            Ok(if written_at(data) == of_before { None } else { read_directions(data) })
        })?;
        let address = directions.address()?;
        wait_for("readiness", &mut child, &log_path, || Ok(is_ready(address, directions.host()).then_some(())))?;
        Ok(Self { child, directions, start_to_ready: started_at.elapsed() })
    }

    /// Moves the product's clock forward, as `dev` allows.
    pub fn advance_clock(&self, seconds: u32) -> Result<()> {
        advance_clock(self.directions.address()?, self.directions.host(), seconds)
    }

    /// The links in the last mails of the mailbox, at most 1,000.
    pub fn links(&self) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Mail {
            link: Option<String>,
        }
        let request = get("/dev/mailbox", self.directions.host(), "Accept: application/json\r\nConnection: close\r\n");
        let (status, said) = exchange(self.directions.address()?, &request)?;
        if status != 200 {
            return Err(format!("The mailbox answered {status}.").into());
        }
        Ok(serde_json::from_slice::<Vec<Mail>>(&said)?.into_iter().filter_map(|mail| mail.link).collect())
    }

    /// Lets it drain and end.
    pub fn stop(self) -> Result<()> {
        self.child.stop()
    }
}

/// Moves the clock of the process at `address` forward, as `dev` allows.
pub fn advance_clock(address: SocketAddr, host: &str, seconds: u32) -> Result<()> {
    let body = format!(r#"{{"advance_seconds":{seconds}}}"#);
    let request = format!(
        "POST /dev/clock HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    match exchange(address, request.as_bytes())? {
        (200..=299, _) => Ok(()),
        (status, said) => Err(format!("The clock cannot be moved: {status} {}", String::from_utf8_lossy(&said)).into()),
    }
}

/// Asks every half millisecond until there is something.
fn wait_for<T>(what: &str, child: &mut Child, log: &PathBuf, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let since = Instant::now();
    while since.elapsed() < START_PATIENCE {
        if let Some(found) = ask()? {
            return Ok(found);
        }
        if let Some(status) = child.ended()? {
            let said = fs::read_to_string(log).unwrap_or_default();
            return Err(format!("The product ended at once ({status}). It said:\n{said}").into());
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    Err(format!("Waited {} s in vain for {what}; see {}.", START_PATIENCE.as_secs(), log.display()).into())
}

/// A file that is still being written is as good as none.
fn read_directions(data: &Path) -> Option<Directions> {
    serde_json::from_slice(&fs::read(data.join("dev.json")).ok()?).ok()
}

fn is_ready(address: SocketAddr, host: &str) -> bool {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    exchange(address, request.as_bytes()).is_ok_and(|(status, _)| status == 200)
}

/// Sends one request on a connection of its own and returns status and body; not for measuring.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request)?;
    let (mut arrived, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(answer) = Answer::read(&arrived)? {
            return Ok((answer.status, arrived[answer.body_from..answer.ends_at].to_vec()));
        }
        match stream.read(&mut piece)? {
            0 => return Err("The server closed the connection before its answer was whole.".into()),
            count => arrived.extend_from_slice(&piece[..count]),
        }
    }
}

/// The product rewrites this file at each start and keeps the token in it.
fn written_at(data: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(data.join("dev.json")).and_then(|file| file.modified()).ok()
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;

    use super::*;

    #[test]
    fn the_address_and_the_host_are_found_in_the_urls() {
        assert_eq!(authority_of("http://example-corp.localhost:8080/x/y"), "example-corp.localhost:8080");
        assert_eq!(authority_of("http://127.0.0.1:9"), "127.0.0.1:9");
    }

    #[test]
    fn a_program_that_fails_is_quoted() {
        let data = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo the port is taken >&2; exit 3"]);
        let failure = Product::start_with(command, data.path()).err().unwrap().to_string();
        assert!(failure.contains("the port is taken"), "{failure}");
    }

    #[test]
    fn a_program_is_found_through_its_directions_and_ends_when_asked() {
        let data = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut line = String::new();
            std::io::BufReader::new(&stream).read_line(&mut line).unwrap();
            assert_eq!(line, "GET /readyz HTTP/1.1\r\n");
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        });
        let directions = serde_json::json!({
            "base_url": format!("http://{address}"), "tenant_url": format!("http://t.localhost:{}", address.port()),
            "admin_email": "", "admin_password": "", "api_token": "", "user_email": "", "user_password": "", "mailbox_url": ""
        });
        let mut command = Command::new("sh");
        let script = format!("trap 'exit 0' TERM; echo '{directions}' > dev.json; while :; do sleep 0.01; done");
        command.args(["-c", &script]).current_dir(data.path());
        let product = Product::start_with(command, data.path()).unwrap();
        assert_eq!(product.directions.address().unwrap(), address);
        assert_eq!(product.directions.host(), format!("t.localhost:{}", address.port()));
        product.stop().unwrap();
    }
}
