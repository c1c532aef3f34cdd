//! HTTPS: a certificate that is made at the start, and what signs it.
//!
//! The certificate is signed by a root that is made with it, as clients do not take one that signs itself for a server's. The
//! root's key is forgotten at once: who trusts the root trusts nothing but this start of the fake.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use crate::error::FakeError;

const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "::1", "api.stripe.com"];
const DAY: Duration = Duration::from_secs(86_400);
/// Some clients take no certificate that is valid for longer than 825 days.
const VALID: Duration = Duration::from_secs(400 * 86_400);

/// Who the server says it is.
pub(crate) struct Identity {
    pub(crate) acceptor: TlsAcceptor,
    /// What clients have to trust, in PEM.
    pub(crate) root: String,
}

impl Identity {
    pub(crate) fn new(address: IpAddr, names: &[String]) -> Result<Self, FakeError> {
        let mut all: Vec<String> = NAMES.iter().copied().map(str::to_owned).collect();
        all.push(address.to_string());
        all.extend_from_slice(names);
        all.sort_unstable();
        all.dedup();
        make(all).map_err(FakeError::Certificate)
    }
}

fn make(names: Vec<String>) -> Result<Identity, Box<dyn std::error::Error + Send + Sync>> {
    let root = CertifiedIssuer::self_signed(root()?, KeyPair::generate()?)?;
    let mut params = CertificateParams::new(names)?;
    describe(&mut params, "fake-stripe");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &root)?;

    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Identity {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        root: root.pem(),
    })
}

fn root() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    describe(&mut params, "fake-stripe root");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

/// By the real clock: clients compare with theirs.
fn describe(params: &mut CertificateParams, name: &str) {
    params.distinguished_name.push(DnType::CommonName, name);
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + VALID).into();
}
