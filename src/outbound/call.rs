//! One call: the name looked up, its addresses judged, one of them reached, the request sent, the beginning of the answer read.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::judge::refusal;
use super::target::Target;
use super::{Outbound, Parts};
use crate::error::Error;
use crate::tls;

/// So much of an answer is read: of its head, and of its body.
const READ_BYTES_MAX: usize = 16 * 1024;
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;

/// What is sent, by POST.
pub struct Request {
    /// Headers, besides those of the connection.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
}

/// What the other side said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// In how many seconds it wants to be asked again, where it says so in seconds.
    pub retry_after: Option<i64>,
    /// The beginning of its body, 16 KiB at most.
    pub body: Vec<u8>,
}

/// Why there is no answer: one sentence for the administrator who chose the URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered(pub String);

impl From<Error> for Unanswered {
    fn from(error: Error) -> Self {
        Self(error.message)
    }
}

/// A connection, in clear or in TLS.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Outbound {
    /// Calls a target. It takes 15 seconds at most.
    ///
    /// # Errors
    /// When there is no answer, or none that is HTTP.
    pub async fn post(&self, target: &Target, request: Request) -> Result<Answer, Unanswered> {
        let Parts { call, connect, .. } = &*self.0;
        let by = Instant::now() + *call;
        let called = async {
            let stream = match timeout_at(by.min(Instant::now() + *connect), self.reach(target)).await {
                Ok(stream) => stream?,
                Err(_) => {
                    return Err(Unanswered(format!(
                        "{} could not be reached within {}.",
                        target.host,
                        seconds(connect)
                    )));
                }
            };
            exchange(stream, target, request, by).await
        };
        let late = || Unanswered(format!("{} did not answer within {}.", target.host, seconds(call)));
        timeout_at(by, called).await.unwrap_or_else(|_| Err(late()))
    }

    async fn reach(&self, target: &Target) -> Result<Box<dyn Stream>, Unanswered> {
        let tcp = self.connect(target, &self.addresses(target).await?).await?;
        if !target.is_https {
            return Ok(Box::new(tcp));
        }
        let host = &target.host;
        let name = ServerName::try_from(host.clone())
            .map_err(|_| Unanswered(format!("{host} is not a name that a certificate can carry.")))?;
        let tls = TlsConnector::from(self.tls().await?);
        let shaken = tls.connect(name, tcp).await.map_err(|error| {
            Unanswered(format!("TLS with {host} failed: {}", tls::complaint(host, "outbound.ca_file", &error)))
        });
        Ok(Box::new(shaken?))
    }

    /// The addresses of the target's name, of which each may be called.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, Unanswered> {
        let (Parts { names, allowed, .. }, Target { host, port, .. }) = (&*self.0, target);
        let found = names(host, *port).await;
        let found = found.map_err(|error| Unanswered(format!("The name {host} was not found: {error}.")))?;
        if found.is_empty() {
            return Err(Unanswered(format!("The name {host} has no address.")));
        }
        match found.iter().find_map(|address| refusal(target, address.ip(), allowed)) {
            Some(refusal) => Err(Unanswered(refusal)),
            None => Ok(found),
        }
    }

    /// The first address that takes a connection; each has its share of the time.
    async fn connect(&self, target: &Target, addresses: &[SocketAddr]) -> Result<TcpStream, Unanswered> {
        let tried = addresses.len().min(ADDRESSES_MAX);
        let share = self.0.connect / u32::try_from(tried).unwrap_or(1).max(1);
        let mut last = String::new();
        for address in addresses.iter().take(tried) {
            last = match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => return Ok(tcp),
                Ok(Err(error)) => format!("{} ({address}) cannot be reached: {error}.", target.host),
                Err(_) => format!("{} ({address}) does not answer.", target.host),
            };
        }
        Err(Unanswered(last))
    }
}

fn seconds(time: &Duration) -> String {
    format!("{} seconds", time.as_secs_f32())
}

async fn exchange(
    stream: Box<dyn Stream>,
    target: &Target,
    request: Request,
    by: Instant,
) -> Result<Answer, Unanswered> {
    let broken = |error: hyper::Error| Unanswered(format!("{} gave no answer that is HTTP: {error}.", target.host));
    let mut builder = http1::Builder::new();
    builder.max_buf_size(READ_BYTES_MAX);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Ends with this call, whatever becomes of it.
    let mut carried = JoinSet::new();
    carried.spawn(connection);
    let response = sender.send_request(request.for_target(target)?).await.map_err(broken)?;
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Ok(Answer { status, retry_after, body: beginning(response.into_body(), by).await })
}

/// The beginning of a body; where it breaks off or stalls, as far as it came. The status has told what counts.
async fn beginning(mut body: Incoming, by: Instant) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some(Ok(frame))) = timeout_at(by, body.frame()).await {
        let Ok(data) = frame.into_data() else { continue };
        let room = READ_BYTES_MAX - read.len();
        read.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() >= room {
            break;
        }
    }
    read
}

impl Request {
    fn for_target(self, target: &Target) -> Result<http::Request<Full<Bytes>>, Unanswered> {
        let mut request = http::Request::builder()
            .method(Method::POST)
            .uri(&target.path)
            .header(HOST, &target.authority)
            .header(CONNECTION, "close");
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        request.body(Full::new(self.body)).map_err(|error| Unanswered(format!("The request cannot be made: {error}.")))
    }
}
