//! Which server certificates are trusted: those under the machine's roots and those that the settings add. And which one
//! this server shows.

mod complaint;
mod named;
mod own;

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};

use self::named::Verifier;
use crate::error::{Error, Result};

pub use complaint::complaint;
pub use own::server;

/// The certificate roots that this machine trusts: those of `SSL_CERT_FILE` and `SSL_CERT_DIR` if either is set,
/// otherwise those of the system. Unreadable ones are skipped.
pub fn of_this_machine() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

/// The certificate roots in a PEM file.
///
/// # Errors
/// `Invalid` if the file cannot be read.
pub fn of_file(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    read.map_err(|cause| Error::invalid(format!("{} cannot be read as certificates: {cause}.", file.display())))
}

/// The TLS configuration that all connections to one server share, so that they resume each other's sessions. `whom`
/// names the server in errors, such as "the mail relay".
///
/// # Errors
/// `Invalid` if the extra roots cannot be read, or if there is no root at all.
pub fn client(whom: &str, extra_roots_pem: Option<&[u8]>) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(of_this_machine());
    let named = extra_roots_pem.map(|pem| add_extra(&mut roots, whom, pem)).transpose()?.unwrap_or_default();
    if roots.is_empty() {
        return Err(Error::invalid(format!(
            "There is no certificate root to verify {whom} with; install your system's ca-certificates, or name a PEM \
             file with its root."
        )));
    }
    let provider = provider();
    let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let verifier = Verifier::new(usual.map_err(Error::internal)?, Arc::clone(&provider), named);
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        // This verifier checks all that the usual one does, and additionally accepts only certificates that the
        // settings name.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The one cryptographic backend.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn add_extra(roots: &mut RootCertStore, whom: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let mut added = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| unreadable(whom).caused_by(error))?;
        roots.add(certificate.clone()).map_err(|error| unreadable(whom).caused_by(error))?;
        added.push(certificate);
    }
    if added.is_empty() { Err(unreadable(whom)) } else { Ok(added) }
}

fn unreadable(whom: &str) -> Error {
    Error::invalid(format!(
        "The extra certificate roots for {whom} are not readable; give them as PEM, one after the other."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_that_are_none_are_refused() {
        for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(client("the mail relay", Some(pem.as_bytes())).is_err(), "{pem:?}");
        }
    }
}
