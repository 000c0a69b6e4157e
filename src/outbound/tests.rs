use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// Answers each look-up with the next of these lists, the last one for ever, and counts them.
fn names(lists: &[&[IpAddr]]) -> (Arc<Names>, Arc<AtomicUsize>) {
    let (left, asked) = (Mutex::new(lists.iter().map(|list| list.to_vec()).collect::<Vec<_>>()), Arc::default());
    let counted: Arc<AtomicUsize> = Arc::clone(&asked);
    let answer =
        move |_: &str, port: u16| -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>> {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut left = left.lock().unwrap();
            let list = if left.len() > 1 { left.remove(0) } else { left[0].clone() };
            Box::pin(async move { Ok(list.into_iter().map(|address| SocketAddr::new(address, port)).collect()) })
        };
    (Arc::new(answer), asked)
}

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Calls of 127.0.0.1 alone, which is what each name leads to.
fn here() -> Outbound {
    let patience = (Duration::from_millis(500), Duration::from_millis(900));
    Outbound::with_names(vec![ip_network("127.0.0.1")], None, names(&[&[HERE]]).0).within(patience.0, patience.1)
}

fn ip_network(text: &str) -> Network {
    text.parse().unwrap()
}

/// A server that reads one request from each connection and writes this; how many it has read, with the last of them.
struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn saying(answer: &str) -> Self {
        Self::start(answer.as_bytes().to_vec(), false).await
    }

    /// The same, and then 64 KiB again and again.
    async fn flooding(answer: &str) -> Self {
        Self::start(answer.as_bytes().to_vec(), true).await
    }

    async fn start(answer: Vec<u8>, floods: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, kept) = (answer.clone(), Arc::clone(&kept));
                tokio::spawn(async move {
                    let mut read = vec![0; 4096];
                    let length = stream.read(&mut read).await.unwrap();
                    kept.lock().unwrap().push(String::from_utf8_lossy(&read[..length]).into_owned());
                    stream.write_all(&answer).await.unwrap();
                    let more = vec![b'x'; 64 * 1024];
                    while floods && stream.write_all(&more).await.is_ok() {}
                    // Until the other side has had enough.
                    let _ = stream.read(&mut read).await;
                });
            }
        });
        Self { port, seen }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    async fn call(&self, outbound: &Outbound, host: &str) -> Result<Answer, Unanswered> {
        post(outbound, &format!("http://{host}:{}/in?a=b", self.port)).await
    }
}

async fn post(outbound: &Outbound, url: &str) -> Result<Answer, Unanswered> {
    let headers = vec![("webhook-id".parse().unwrap(), "msg_1".parse().unwrap())];
    outbound.post(&Target::parse(url, true).unwrap(), Request { headers, body: "{}".into() }).await
}

#[tokio::test]
async fn a_request_is_sent_and_its_answer_read() {
    let server = Server::saying("HTTP/1.1 503 Busy\r\nretry-after: 120\r\ncontent-length: 5\r\n\r\nlater").await;
    let answer = server.call(&here(), "hooks.example.com").await.unwrap();
    assert_eq!(answer, Answer { status: 503, retry_after: Some(120), body: b"later".to_vec() });
    let seen = server.seen()[0].to_ascii_lowercase();
    assert!(seen.starts_with("post /in?a=b http/1.1\r\n"), "{seen}");
    for line in
        [&format!("host: hooks.example.com:{}\r\n", server.port), "webhook-id: msg_1\r\n", "content-length: 2\r\n"]
    {
        assert!(seen.contains(line), "{seen}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = Server::saying("HTTP/1.1 200 OK\r\n\r\n").await;
    let redirect = format!("HTTP/1.1 307 Elsewhere\r\nlocation: http://hooks.example.com:{}/\r\n\r\n", other.port);
    let server = Server::saying(&redirect).await;
    assert_eq!(server.call(&here(), "hooks.example.com").await.unwrap().status, 307);
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn of_an_answer_without_end_the_beginning_is_read() {
    for head in ["HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
        let server = Server::flooding(head).await;
        let answer = server.call(&here(), "hooks.example.com").await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (200, 16 * 1024));
    }
    let endless = Server::flooding("HTTP/1.1 200 OK\r\nx-long: ").await;
    assert!(endless.call(&here(), "hooks.example.com").await.unwrap_err().0.contains("no answer that is HTTP"));
}

#[tokio::test]
async fn a_silent_server_is_waited_for_so_long_and_no_longer() {
    let silent = Server::saying("").await;
    let words = silent.call(&here(), "hooks.example.com").await.unwrap_err().0;
    assert_eq!(words, "hooks.example.com did not answer within 0.9 seconds.");
    let half = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
    let answer = half.call(&here(), "hooks.example.com").await.unwrap();
    assert_eq!((answer.status, answer.body), (200, b"half".to_vec()), "the status has told what counts");
    let words = post(&here(), "https://hooks.example.com:1024/").await.unwrap_err().0;
    assert!(words.starts_with("hooks.example.com (127.0.0.1:1024) cannot be reached: "), "{words}");
}

#[tokio::test]
async fn every_address_is_judged_at_every_call_and_the_name_asked_once() {
    let server = Server::saying("HTTP/1.1 204 None\r\n\r\n").await;
    let (changing, asked) = names(&[&[HERE], &[ip("127.0.0.2")], &[HERE, ip("10.0.0.5")], &[]]);
    let outbound = Outbound::with_names(vec![ip_network("127.0.0.1")], None, changing);
    assert_eq!(server.call(&outbound, "hooks.example.com").await.unwrap().status, 204);
    for wanted in
        ["leads to 127.0.0.2, which is not a public address", "leads to 10.0.0.5, which is not", "has no address"]
    {
        let words = server.call(&outbound, "hooks.example.com").await.unwrap_err().0;
        assert!(words.contains(wanted), "{words}");
    }
    assert_eq!((asked.load(Ordering::SeqCst), server.seen().len()), (4, 1));
    let words = server.call(&Outbound::new(Vec::new(), None), "127.0.0.1").await.unwrap_err().0;
    assert!(words.contains("127.0.0.1 leads to 127.0.0.1, which is not a public address"), "{words}");
}

/// A server that speaks TLS with a certificate for `name`, which it also writes to a file.
async fn in_tls(name: &str, file: &Path) -> u16 {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    std::fs::write(file, made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let acceptor = TlsAcceptor::from(tls::server(vec![made.cert.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut read = [0; 4096];
            let _ = stream.read(&mut read).await;
            let _ = stream.write_all(b"HTTP/1.1 204 None\r\n\r\n").await;
        }
    });
    port
}

#[tokio::test]
async fn a_server_must_prove_that_it_is_the_host_of_the_url() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    let port = in_tls("hooks.example.com", &file).await;
    let with = |file: Option<PathBuf>| Outbound::with_names(vec![ip_network("127.0.0.1")], file, names(&[&[HERE]]).0);
    let trusting = with(Some(file));
    let at = |host: &str| format!("https://{host}:{port}/");
    assert_eq!(post(&trusting, &at("hooks.example.com")).await.unwrap().status, 204);
    let words = post(&trusting, &at("other.example.com")).await.unwrap_err().0;
    assert!(words.starts_with("TLS with other.example.com failed: "), "{words}");
    let words = post(&with(None), &at("hooks.example.com")).await.unwrap_err().0;
    assert!(words.starts_with("TLS with hooks.example.com failed: "), "{words}");
    let words = post(&with(Some(directory.path().join("none.pem"))), &at("hooks.example.com")).await.unwrap_err().0;
    assert!(words.starts_with("outbound.ca_file cannot be read: "), "{words}");
}
