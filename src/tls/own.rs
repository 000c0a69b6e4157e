//! The certificate by which clients know this server.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::provider;
use crate::error::{Error, Result};

/// Spoken inside TLS, as clients are told by ALPN (RFC 7301): a client that knows only HTTP/2 learns it before it asks.
const HTTP_1_1: &[u8] = b"http/1.1";

/// What a server needs to speak TLS 1.2 and 1.3 with this certificate, its own first and then those between it and the
/// root.
///
/// # Errors
/// `Invalid` if the key is not that of the first certificate, or of a kind that is not supported.
pub fn server(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Arc<ServerConfig>> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_no_client_auth();
    let config = config.with_single_cert(chain, key).map_err(|cause| {
        Error::invalid(format!(
            "The server's certificate cannot be used: {cause}. Give the certificate and the private key that belongs to it."
        ))
    });
    let mut config = config?;
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    Ok(Arc::new(config))
}
