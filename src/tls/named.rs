//! Accepts certificates as administrators usually make them, if the settings name them as trusted.
//!
//! `openssl req -x509` makes a certificate that is self-signed, may sign others (CA:TRUE) and, without further options,
//! has its name in the subject alone. The usual verification (RFC 5280, RFC 6125) refuses all three. Here, and only for
//! certificates that the settings name, two exceptions apply: the certificate of an authority is accepted for a server
//! if it is the very one that is named; and a certificate without any subjectAltName is for the name in its subject
//! (RFC 2818 § 3.1). Dates are always checked.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage};

/// Verifies a server's certificate in the usual way, and then in the ways of this module.
#[derive(Debug)]
pub(super) struct Verifier {
    usual: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
    /// The certificates that the settings name, raw and as authorities.
    named: Vec<CertificateDer<'static>>,
    authorities: RootCertStore,
}

impl Verifier {
    pub(super) fn new(
        usual: Arc<WebPkiServerVerifier>,
        provider: Arc<CryptoProvider>,
        named: Vec<CertificateDer<'static>>,
    ) -> Self {
        let mut authorities = RootCertStore::empty();
        authorities.add_parsable_certificates(named.iter().cloned());
        Self { usual, provider, named, authorities }
    }

    fn is_trusted(&self, shown: &CertificateDer<'_>, between: &[CertificateDer<'_>], now: UnixTime) -> bool {
        let Ok(certificate) = EndEntityCert::try_from(shown) else { return false };
        let algorithms = self.provider.signature_verification_algorithms.all;
        let authorities = &self.authorities.roots;
        match certificate.verify_for_usage(algorithms, authorities, between, now, KeyUsage::server_auth(), None, None) {
            Ok(_) => true,
            // Its dates were checked before; a test holds that order.
            Err(webpki::Error::CaUsedAsEndEntity) => self.named.iter().any(|named| named.as_ref() == shown.as_ref()),
            Err(_) => false,
        }
    }
}

/// # Errors
/// Refuses a certificate for another name: by its alternative names or, without any, by its subject. The error says
/// which names it has.
fn require_name(shown: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
    use CertificateError::NotValidForNameContext;
    match verify_server_name(&ParsedCertificate::try_from(shown)?, name) {
        Err(Error::InvalidCertificate(NotValidForNameContext { expected, presented })) if presented.is_empty() => {
            let common: Vec<_> = common_name(shown).into_iter().collect();
            if common.iter().any(|common| common.eq_ignore_ascii_case(&name.to_str())) {
                return Ok(());
            }
            Err(Error::InvalidCertificate(NotValidForNameContext { expected, presented: common }))
        }
        outcome => outcome,
    }
}

/// The common name in the subject of a certificate, if there is exactly one and it is text.
fn common_name(certificate: &CertificateDer<'_>) -> Option<String> {
    /// The attribute type 2.5.4.3 in DER.
    const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];
    let parsed = EndEntityCert::try_from(certificate).ok()?;
    let subject = parsed.subject();
    let mut places = (0..subject.len()).filter(|place| subject[*place..].starts_with(&COMMON_NAME));
    let (place, None) = (places.next()?, places.next()) else { return None };
    // UTF8String, PrintableString, IA5String; a name of a host is never long enough for more than one byte of length.
    let [0x0c | 0x13 | 0x16, length, rest @ ..] = &subject[place + COMMON_NAME.len()..] else { return None };
    let value = rest.get(..usize::from(*length)).filter(|_| *length < 0x80)?;
    std::str::from_utf8(value).ok().map(str::to_owned)
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let usual = self.usual.verify_server_cert(shown, between, name, ocsp, now);
        match usual {
            Err(_) if self.is_trusted(shown, between, now) => {
                require_name(shown, name).map(|()| ServerCertVerified::assertion())
            }
            usual => usual,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
