//! Certificates for the relay: a good one, and each kind of bad one.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::Result;

/// The name by which the product knows its relay.
const RELAY: &str = "localhost";

/// The certificates of the relay.
pub struct Certificates {
    /// The root that the product trusts.
    pub ca_pem: String,
    /// In order.
    pub good: Arc<ServerConfig>,
    /// A self-signed one; one for another name; one that expired years ago.
    pub bad: [Arc<ServerConfig>; 3],
}

impl Certificates {
    /// Makes them, and the authority that signs all but one.
    pub fn make() -> Result<Self> {
        let ca_key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Tenantry fault harness");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_pem = params.self_signed(&ca_key)?.pem();
        let issuer = Issuer::new(params, ca_key);

        let key = KeyPair::generate()?;
        let itself = CertificateParams::new([RELAY.to_owned()])?.self_signed(&key)?;
        let itself = config(itself.der().clone(), &key)?;
        let elsewhere = signed(CertificateParams::new(["elsewhere.example".to_owned()])?, &issuer)?;
        let mut late = CertificateParams::new([RELAY.to_owned()])?;
        (late.not_before, late.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        let bad = [itself, elsewhere, signed(late, &issuer)?];
        Ok(Self { ca_pem, good: signed(CertificateParams::new([RELAY.to_owned()])?, &issuer)?, bad })
    }
}

fn signed(params: CertificateParams, issuer: &Issuer<'_, KeyPair>) -> Result<Arc<ServerConfig>> {
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    config(certificate.der().clone(), &key)
}

fn config(certificate: CertificateDer<'static>, key: &KeyPair) -> Result<Arc<ServerConfig>> {
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    Ok(Arc::new(config))
}
