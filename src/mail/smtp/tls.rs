//! Whom we believe to be the relay: the machine's certificate roots and those that the settings add.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use crate::error::{Error, Result};

/// Makes the TLS side that all connections of one relay share, so that they resume each other's sessions.
pub fn connector(extra_roots_pem: Option<&[u8]>) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    // A root that cannot be read is none; only having no root at all is an error.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = extra_roots_pem {
        add_extra(&mut roots, pem)?;
    }
    if roots.is_empty() {
        return Err(Error::invalid(
            "There is no certificate root to verify the mail relay with; install your system's ca-certificates, or \
             name a PEM file with the relay's root.",
        ));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn add_extra(roots: &mut RootCertStore, pem: &[u8]) -> Result<()> {
    let mut added = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| unreadable().caused_by(error))?;
        roots.add(certificate).map_err(|error| unreadable().caused_by(error))?;
        added += 1;
    }
    if added == 0 { Err(unreadable()) } else { Ok(()) }
}

fn unreadable() -> Error {
    Error::invalid("The mail relay's extra certificate roots are not readable; give them as PEM, one after the other.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_that_are_none_are_refused() {
        for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(connector(Some(pem.as_bytes())).is_err(), "{pem:?}");
        }
    }
}
