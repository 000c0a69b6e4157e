//! The dev mode's own certificate authority, for clients that speak https only.
//!
//! Its key lies in the data directory and stays the same, and its name follows from the key. So its certificate can be
//! written anew at each start, long before it ends, and a client that was given an earlier one still trusts the server. It
//! vouches for names beneath `localhost` and for addresses, and for no other name: a key that is stolen from a developer's
//! machine makes no certificate for a site.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SerialNumber, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use sha2::{Digest, Sha256};

use crate::clock::{SECOND, Timestamp};
use crate::error::{Error, Result};
use crate::private;
use crate::tls;

/// The names of its files.
const KEY: &str = "authority.key";
const CERTIFICATE: &str = "authority.pem";
const DAY: i64 = 24 * 3600;
/// What clients are given is good for ten years.
const AUTHORITY_DAYS: i64 = 3_650;
/// The most that Apple's programs accept of a server's certificate. It is made anew at each start.
const SERVER_DAYS: i64 = 825;
/// A client's clock may be behind.
const EARLIER: i64 = DAY;
/// Bytes of the key's digest that tell this authority from others.
const MARK: usize = 4;

/// The authority of one data directory.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
    now: Timestamp,
}

impl Authority {
    /// Opens the authority of a data directory, or makes it, and writes its certificate for clients. Both files are for
    /// their owner only.
    ///
    /// # Errors
    /// `Invalid` if its key is damaged; `Internal` if a file cannot be written.
    pub fn open(data_dir: &Path, now: Timestamp) -> Result<Self> {
        let key = key(&data_dir.join(KEY))?;
        let params = of_authority(&key, now);
        let file = std::path::absolute(data_dir.join(CERTIFICATE)).map_err(Error::internal)?;
        let certificate = params.self_signed(&key).map_err(Error::internal)?;
        private::write(&file, &certificate.pem()).map_err(Error::internal)?;
        Ok(Self { issuer: Issuer::new(params, key), file, now })
    }

    /// The file with its certificate, for clients.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// A certificate for these names and addresses, with a key that lives in this process only.
    ///
    /// # Errors
    /// `Internal` for a name that is none.
    pub fn certify(&self, names: Vec<String>) -> Result<Arc<ServerConfig>> {
        let key = KeyPair::generate().map_err(Error::internal)?;
        let params = CertificateParams::new(names).map_err(Error::internal)?;
        let mut params = lasting(params, self.now, SERVER_DAYS);
        params.distinguished_name = named("Tenantry dev");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.issuer).map_err(Error::internal)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(Error::internal)?;
        tls::server(vec![certificate.der().clone()], key)
    }
}

/// The names under which the dev mode is reached: this machine's, those of the tenants, and the address that it listens on.
/// No name has a star: neither OpenSSL nor rustls nor browsers take one directly beneath a top level.
pub fn host_names<'t>(listen: IpAddr, tenants: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
    names.extend(tenants.map(|tenant| format!("{tenant}.localhost")));
    let listen = listen.to_string();
    if !names.contains(&listen) {
        names.push(listen);
    }
    names
}

/// The key in a file, or a new one.
fn key(path: &Path) -> Result<KeyPair> {
    if path.exists() {
        private::tighten(path).map_err(Error::internal)?;
        let text = std::fs::read_to_string(path).map_err(Error::internal)?;
        return KeyPair::from_pem(&text).map_err(|cause| {
            Error::invalid(format!(
                "The key of the dev mode's certificate authority in {} is damaged. Remove that file and start again; \
                 clients then need the new {CERTIFICATE}.",
                path.display()
            ))
            .caused_by(cause)
        });
    }
    let key = KeyPair::generate().map_err(Error::internal)?;
    private::write(path, &key.serialize_pem()).map_err(Error::internal)?;
    Ok(key)
}

/// The authority's certificate. All but its dates and its number follows from the key; NSS refuses two of one number.
fn of_authority(key: &KeyPair, now: Timestamp) -> CertificateParams {
    let mut params = lasting(CertificateParams::default(), now, AUTHORITY_DAYS);
    let mark: String = Sha256::digest(key.public_key_raw())[..MARK].iter().map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name = named(&format!("Tenantry dev authority {mark}"));
    params.serial_number = Some(SerialNumber::from_slice(&now.0.to_be_bytes()));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let permitted_subtrees = vec![GeneralSubtree::DnsName("localhost".into())];
    params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

fn lasting(mut params: CertificateParams, now: Timestamp, days: i64) -> CertificateParams {
    let at = |moment: Timestamp| {
        let seconds = u64::try_from(moment.0 / SECOND).unwrap_or_default();
        date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    params.not_before = at(now.plus_seconds(-EARLIER));
    params.not_after = at(now.plus_seconds(days * DAY));
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_that_the_dev_mode_prints() {
        let names = host_names("192.0.2.1".parse().unwrap(), ["acme"].into_iter());
        assert_eq!(names, ["localhost", "127.0.0.1", "::1", "acme.localhost", "192.0.2.1"]);
        assert_eq!(host_names("::1".parse().unwrap(), std::iter::empty()).len(), 3);
    }

    #[test]
    fn a_damaged_key_is_told_and_not_replaced() {
        let place = tempfile::tempdir().unwrap();
        let now = Timestamp(1_800_000_000 * SECOND);
        Authority::open(place.path(), now).unwrap();
        std::fs::write(place.path().join(KEY), "-----BEGIN").unwrap();
        let refused = Authority::open(place.path(), now).map(drop).unwrap_err();
        assert!(refused.message.contains("is damaged. Remove that file"), "{}", refused.message);
        assert_eq!(std::fs::read_to_string(place.path().join(KEY)).unwrap(), "-----BEGIN");
    }
}
