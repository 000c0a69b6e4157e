//! The command line in a network with proxies and certificates of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use tokio_rustls::TlsAcceptor;

use crate::certificates::Authority;
use crate::command_line::{Ended, tenantry};
use crate::rig::Rig;

const VARIABLES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const ELSEWHERE: &str = "id.example.com";

/// A proxy that records what clients send, and leads to one address whatever they ask for.
struct Proxy {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, heard) = (listener.local_addr().unwrap(), Arc::default());
        let kept = Arc::clone(&heard);
        thread::spawn(move || {
            for client in listener.incoming() {
                let kept = Arc::clone(&kept);
                // A client that goes away ends its own connection alone.
                thread::spawn(move || lead(client.unwrap(), target, &kept));
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}

fn lead(mut client: TcpStream, target: SocketAddr, kept: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte)? == 1 {
        head.push(byte[0]);
        kept.lock().unwrap().push(byte[0]);
    }
    let mut server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut back, mut from) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || std::io::copy(&mut from, &mut back));
    let mut buffer = [0; 4096];
    loop {
        let length = client.read(&mut buffer)?;
        if length == 0 {
            return server.shutdown(std::net::Shutdown::Write);
        }
        kept.lock().unwrap().extend(&buffer[..length]);
        server.write_all(&buffer[..length])?;
    }
}

/// A server that speaks TLS in front of another, as in production.
struct Front {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Front {
    fn of(server: SocketAddr, tls: TlsAcceptor) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let tls = tls.clone();
                tokio::spawn(async move {
                    // A client that does not trust the certificate disconnects here.
                    let Ok(mut client) = tls.accept(client).await else { return };
                    let mut behind = tokio::net::TcpStream::connect(server).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut behind).await;
                });
            }
        });
        Self { address, _runtime: runtime }
    }
}

fn list(rig: &Rig, url: &str) -> Command {
    let mut command = tenantry(rig.data.as_ref().unwrap().path(), &["user", "list"]);
    command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token);
    command
}

fn root(rig: &Rig, authority: &Authority) -> PathBuf {
    let directory = rig.data.as_ref().unwrap().path().join("trusted");
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("root.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    file
}

fn ended(command: &mut Command) -> Ended {
    command.output().unwrap().into()
}

#[test]
fn this_machine_is_never_spoken_to_through_a_proxy() {
    let rig = Rig::start();
    let proxy = Proxy::to(rig.address);
    let port = rig.address.port();
    for host in ["127.0.0.1", "localhost", "acme.localhost", "LOCALHOST"] {
        let mut command = list(&rig, &format!("http://{host}:{port}"));
        command.envs(VARIABLES.map(|name| (name, format!("http://{}", proxy.address))));
        if host != "acme.localhost" {
            assert!(ended(&mut command).done().contains("hello@example.com"), "{host}");
        } else {
            // No tenant is called so: the answer comes from this machine all the same.
            assert!(ended(&mut command).refused().contains("tenant"), "{host}");
        }
    }
    let mut all = tenantry(rig.data.as_ref().unwrap().path(), &["try"]);
    let all = ended(all.envs(VARIABLES.map(|name| (name, format!("http://{}", proxy.address)))));
    assert_eq!(all.code, 0, "{all:?}");
    assert_eq!(proxy.heard(), "");
}

#[test]
fn a_server_elsewhere_is_reached_through_the_proxy_which_learns_no_token() {
    let rig = Rig::start();
    let authority = Authority::new();
    let front = Front::of(rig.address, authority.valid(ELSEWHERE));
    let proxy = Proxy::to(front.address);
    let command = |variable: &str, exceptions: &str| {
        let mut command = list(&rig, &format!("https://{ELSEWHERE}"));
        command.env("SSL_CERT_FILE", root(&rig, &authority)).env("NO_PROXY", exceptions);
        command.env(variable, format!("http://{}", proxy.address));
        ended(&mut command)
    };
    for variable in ["HTTPS_PROXY", "all_proxy"] {
        assert!(command(variable, "10.0.0.0/8, .example.org").done().contains("hello@example.com"), "{variable}");
    }
    let heard = proxy.heard();
    assert!(heard.starts_with(&format!("CONNECT {ELSEWHERE}:443 ")), "{heard}");
    assert!(!heard.contains(&rig.sample.api_token), "the proxy learnt the token");
    for exceptions in [".example.com", "example.com", "id.example.com:443", "*"] {
        let refused = command("HTTPS_PROXY", exceptions).refused();
        assert!(refused.contains("cannot be reached") && !refused.contains("proxy"), "{refused}");
    }
    assert_eq!(proxy.heard(), heard, "an exception was not heeded");
    let clear =
        ended(list(&rig, &format!("http://{ELSEWHERE}")).env("HTTP_PROXY", format!("http://{}", proxy.address)));
    assert!(clear.refused().contains("anyone on the way could read the token"));
    assert_eq!(proxy.heard(), heard);
}

#[test]
fn the_command_line_trusts_the_certificate_roots_of_this_machine() {
    let rig = Rig::start();
    let authority = Authority::new();
    let front = Front::of(rig.address, authority.valid("localhost"));
    let url = format!("https://localhost:{}", front.address.port());
    let file = root(&rig, &authority);
    assert!(ended(list(&rig, &url).env("SSL_CERT_FILE", &file)).done().contains("hello@example.com"));
    assert!(ended(list(&rig, &url).env("SSL_CERT_DIR", file.parent().unwrap())).done().contains("hello@example.com"));
    let refused = ended(&mut list(&rig, &url)).refused();
    assert!(refused.contains("cannot be trusted") || refused.contains("no certificate root"), "{refused}");
    assert!(refused.contains("SSL_CERT_FILE"), "{refused}");
    let other = root(&rig, &Authority::new());
    let refused = ended(list(&rig, &url).env("SSL_CERT_FILE", other)).refused();
    assert!(refused.contains("nothing was sent"), "{refused}");
}
