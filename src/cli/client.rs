//! Speaks to a running server: one token, one deadline, and every failure as one sentence.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;

use super::answered::{Answered, Sent, refusal};
use super::arguments::Api;
use super::connection::Connection;
use super::proxy::{Names, proxy};
use super::unix::Way;
use crate::config::{PublicUrl, process_environment};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::tls;

/// A call that takes longer is given up.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The list of a hundred thousand users takes some 60 MB.
const ANSWER_BYTES_MAX: u64 = 1 << 30;
/// How often a reading is tried again while the server is busy or gone.
const TRIES: u32 = 60;
/// The largest page that the server's listings return.
const PAGE_MAX: u32 = 1_000;

/// A server, where it is and the token for it.
pub struct Client {
    agent: ureq::Agent,
    base: String,
    /// How sentences name it.
    place: String,
    /// None by the socket of a data directory, which opens for its owner alone.
    token: Option<Secret<String>>,
}

/// What became of a request on its way.
type Ran = std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>;

/// Query parameters; those without a value are left out.
pub type Query<'a> = [(&'a str, Option<String>)];

impl Client {
    /// The server named by the flags, the environment, or a `dev` directory here.
    ///
    /// # Errors
    /// One sentence that says what is missing.
    pub fn of(api: &Api) -> Result<Self> {
        Self::to(api.connection(&process_environment())?)
    }

    /// The server of a connection.
    ///
    /// # Errors
    /// As [`agent`].
    pub fn to(connection: Connection) -> Result<Self> {
        let Connection { url, token, ca_file } = connection;
        let agent = agent(&url, ca_file.as_deref(), &process_environment())?;
        let (base, place) = (url.to_string(), format!("The server at {url}"));
        Ok(Self { agent, base, place, token: Some(token) })
    }

    /// The server at a socket of this machine.
    pub fn local(way: Way, place: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None);
        let agent = ureq::Agent::with_parts(config.build(), way, Names);
        Self { agent, base: "http://localhost".into(), place: format!("The server at {place}"), token: None }
    }

    /// Sends a GET.
    ///
    /// # Errors
    /// The server's own sentence with the id of the request, or why it could not be reached.
    pub fn get(&self, path: &str, query: &Query<'_>) -> Result<Answered> {
        self.send("GET", &with_query(path, query), None)
    }

    /// Sends a GET, and again while the server is busy or gone, for a minute or more: a long reading is not lost for that.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn get_patiently(&self, path: &str, query: &Query<'_>) -> Result<Answered> {
        self.patiently("GET", &with_query(path, query), None)
    }

    /// Sends a call that only reads, as [`Client::get_patiently`].
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn patiently(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answered> {
        for _ in 0..TRIES {
            let wait = match self.take(self.run(method, path, body)?) {
                Ok((200..300, answered)) => return Ok(answered),
                Ok((429 | 503 | 504, answered)) => {
                    answered.header("retry-after").and_then(|wait| wait.parse().ok()).unwrap_or(1)
                }
                Ok((status, answered)) => return Err(refusal(status, &answered)),
                Err(_) => 1,
            };
            std::thread::sleep(Duration::from_secs(wait.clamp(1, 10)));
        }
        self.send(method, path, body)
    }

    /// Sends a POST.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post(&self, path: &str, body: &Value) -> Result<Answered> {
        self.send("POST", path, Some(body))
    }

    /// Sends a POST whose answer may be long: it is written on as it comes, and takes as long as it comes.
    ///
    /// # Errors
    /// As [`Client::get`]; `Invalid` if it cannot be written on.
    pub fn post_into(&self, path: &str, body: &Value, into: &mut impl Write) -> Result<Answered> {
        let request = self.request("POST", path).header("Content-Type", "application/json");
        let request = request.body(body.to_string()).map_err(Error::internal)?;
        let request = self.agent.configure_request(request).timeout_global(None).timeout_recv_response(Some(TIMEOUT));
        let mut response = self.agent.run(request.build()).map_err(|failure| self.unreached(failure))?;
        if !response.status().is_success() {
            return self.read(Ok(response));
        }
        std::io::copy(&mut response.body_mut().as_reader(), into).map_err(|cause| {
            Error::unavailable(
                format!("The answer of {} ended too early or could not be kept: {cause}.", self.place),
                1,
            )
        })?;
        Ok(Answered { text: String::new(), headers: response.headers().clone() })
    }

    /// Sends any call.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answered> {
        let answer = self.run(method, path, body)?;
        self.read(answer)
    }

    fn run(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Ran> {
        let request = self.request(method, path);
        Ok(match body {
            None => self.agent.run(request.body(()).map_err(Error::internal)?),
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string()).map_err(Error::internal)?)
            }
        })
    }

    fn request(&self, method: &str, path: &str) -> ureq::http::request::Builder {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        let request = request.header("Accept", "application/json");
        match &self.token {
            Some(token) => request.header("Authorization", format!("APIToken {}", token.expose())),
            None => request,
        }
    }

    /// Sends a file by a POST.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post_file(&self, path: &str, query: &Query<'_>, (content_type, bytes): (&str, &[u8])) -> Result<Answered> {
        let request = self.request("POST", &with_query(path, query)).header("Content-Type", content_type);
        self.read(self.agent.run(request.body(bytes.to_vec()).map_err(Error::internal)?))
    }

    /// Sends a PUT of lines, which may be sent again.
    ///
    /// # Errors
    /// As [`Client::get`]; a server that is busy is no error.
    pub fn put_lines(&self, path: &str, lines: &str) -> Result<Sent> {
        let request = self.request("PUT", path).header("Content-Type", "application/x-ndjson");
        let (status, answered) = self.take(self.agent.run(request.body(lines.to_owned()).map_err(Error::internal)?))?;
        match status {
            200..300 => Ok(Sent::Done(answered)),
            429 | 503 | 504 => {
                let wait = answered.header("retry-after").and_then(|wait| wait.parse().ok());
                Ok(Sent::Busy(wait.unwrap_or(1)))
            }
            _ => Err(refusal(status, &answered)),
        }
    }

    /// Reads pages of a listing until there are `limit` items, and returns them as one list.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn pages(&self, path: &str, query: &Query<'_>, limit: u32) -> Result<Value> {
        let (mut items, mut next) = (Vec::new(), Value::Null);
        loop {
            let left = limit - u32::try_from(items.len()).unwrap_or(limit).min(limit);
            if left == 0 {
                break;
            }
            let mut query = query.to_vec();
            query.push(("limit", Some(left.min(PAGE_MAX).to_string())));
            query.push(("cursor", next.as_str().map(str::to_string)));
            let mut page = self.get(path, &query)?.json();
            let found = page["items"].as_array().cloned().unwrap_or_default();
            next = page["next"].take();
            items.extend(found);
            // A page of a filter may be empty, and still have a next one.
            if next.is_null() {
                break;
            }
        }
        Ok(serde_json::json!({ "items": items, "next": next }))
    }

    fn read(&self, answer: Ran) -> Result<Answered> {
        let (status, answered) = self.take(answer)?;
        if (200..300).contains(&status) { Ok(answered) } else { Err(refusal(status, &answered)) }
    }

    fn take(&self, answer: Ran) -> Result<(u16, Answered)> {
        let mut response = answer.map_err(|failure| self.unreached(failure))?;
        let text = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        let text = text.map_err(|failure| self.unreached(failure))?;
        Ok((response.status().as_u16(), Answered { text, headers: response.headers().clone() }))
    }

    fn not_reached(&self) -> String {
        let proxy = self.agent.config().proxy().map(|proxy| format!(" through the proxy {}", proxy.host()));
        format!("{} cannot be reached{}", self.place, proxy.unwrap_or_default())
    }

    fn unreached(&self, failure: ureq::Error) -> Error {
        let place = &self.place;
        let sentence = match &failure {
            ureq::Error::Timeout(_) => format!(
                "{place} did not answer within {} seconds. Whether it did what was asked is not known; \
                 look before you repeat it.",
                TIMEOUT.as_secs()
            ),
            _ if is_distrust(&failure) => format!(
                "{place} cannot be trusted, and nothing was sent: {failure}. If its certificate is your own, \
                 name the one that signed it in SSL_CERT_FILE."
            ),
            ureq::Error::Io(cause) => format!("{}: {cause}. Does it run there?", self.not_reached()),
            _ => format!("{}: {failure}. Does it run there?", self.not_reached()),
        };
        Error::unavailable(sentence, 1).caused_by(failure)
    }
}

/// An HTTP client for one server. It verifies certificates against this machine's roots, or those in `ca_file` if that is
/// given, uses a proxy if the environment names one for this server, and follows no redirect, which would carry the token
/// elsewhere.
///
/// # Errors
/// `Invalid` for an unusable proxy, or if there is no root to verify a certificate with.
pub fn agent(url: &PublicUrl, ca_file: Option<&Path>, environment: &[(String, String)]) -> Result<ureq::Agent> {
    let mut config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(TIMEOUT))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy(url, environment)?);
    if url.is_https() {
        config = config.tls_config(trust(ca_file)?);
    }
    Ok(ureq::Agent::with_parts(config.build(), DefaultConnector::default(), Names))
}

fn trust(ca_file: Option<&Path>) -> Result<TlsConfig> {
    let roots = match ca_file {
        Some(file) => tls::of_file(file)?,
        None => tls::of_this_machine(),
    };
    if roots.is_empty() {
        return Err(Error::invalid(
            "There is no certificate root to verify the server with; install your system's ca-certificates, or name a \
             PEM file in SSL_CERT_FILE.",
        ));
    }
    let roots: Vec<_> = roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(tls::provider())
        .build())
}

/// A path with its parameters.
fn with_query(path: &str, query: &Query<'_>) -> String {
    let mut written = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query {
        if let Some(value) = value {
            written.append_pair(name, value);
        }
    }
    let written = written.finish();
    let mark = if written.is_empty() { "" } else { "?" };
    format!("{path}{mark}{written}")
}

/// Whether the certificate was the cause.
fn is_distrust(failure: &ureq::Error) -> bool {
    let inner = match failure {
        ureq::Error::Rustls(cause) => Some(cause),
        ureq::Error::Io(cause) => cause.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()),
        _ => None,
    };
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

/// Encodes a word, such as an address, for use in a path.
pub fn in_path(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_connection_is_told_plainly() {
        // Bound and released, so that nothing listens there.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url: PublicUrl = format!("http://{address}").parse().unwrap();
        let agent = agent(&url, None, &[]).unwrap();
        let (base, place) = (url.to_string(), format!("The server at {url}"));
        let client = Client { agent, base, place, token: Some(Secret::new("hidden-token".into())) };
        let failure = client.get("/x", &[("q", None)]).unwrap_err();
        assert!(failure.message.contains(&format!("http://{address} cannot be reached")), "{}", failure.message);
        assert!(!failure.message.contains("hidden-token"));
    }

    #[test]
    fn an_address_stands_in_a_path() {
        assert_eq!(in_path("a+b@example.com"), "a%2Bb%40example.com");
    }
}
