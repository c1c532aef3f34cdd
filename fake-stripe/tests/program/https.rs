//! HTTPS, with the certificate that the program writes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::Program;

/// What a client reads that reaches the program by this name and trusts these certificates.
fn answer(program: &Program, name: &str, roots: RootCertStore) -> std::io::Result<String> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let address = program.said("Address:").strip_prefix("https://").unwrap();
    let mut stream = StreamOwned::new(client, TcpStream::connect(address)?);
    write!(
        stream,
        "GET /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk_test_1\r\nConnection: close\r\n\r\n"
    )?;
    let mut text = String::new();
    // The server may close the connection without TLS's own end.
    match stream.read_to_string(&mut text) {
        Err(error) if text.is_empty() => Err(error),
        _ => Ok(text),
    }
}

#[test]
fn a_client_that_trusts_the_written_certificate_reads() {
    let file = std::env::temp_dir().join(format!("fake-stripe-{}.pem", std::process::id()));
    let path = file.to_str().unwrap();
    let arguments = [
        "customer=2",
        "--tls",
        "--tls-cert",
        path,
        "--tls-name",
        "stripe.test",
    ];
    let mut program = Program::start(&arguments);
    assert_eq!(program.said("Certificate:"), path);
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&file).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(roots.len(), 1);
    for name in [
        "localhost",
        "127.0.0.1",
        "::1",
        "api.stripe.com",
        "stripe.test",
    ] {
        let answer = answer(&program, name, roots.clone()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{name}: {answer}");
    }
    assert!(answer(&program, "example.com", roots).is_err());
    let error = answer(&program, "localhost", RootCertStore::empty()).unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    let mut stderr = BufReader::new(program.child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(
        line.starts_with("warning: a client could not connect by TLS"),
        "{line}"
    );
}

#[test]
fn a_file_that_cannot_be_written_is_one_line() {
    let arguments = [
        "--port",
        "0",
        "--tls",
        "--tls-cert",
        "/no/such/folder/x.pem",
    ];
    let (code, stderr) = super::ended(&arguments);
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with("error: cannot write /no/such/folder/x.pem"),
        "{stderr}"
    );
    assert_eq!(
        super::ended(&["--tls-cert", "x.pem"]).0,
        Some(2),
        "needs --tls"
    );
}
