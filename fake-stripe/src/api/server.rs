//! The HTTP server: its port and its connections.

pub(crate) mod response;
#[cfg(feature = "tls")]
mod tls;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::api::request::serve;
use crate::api::server::response::Body;
use crate::error::FakeError;
use crate::state::Shared;

/// Below this a test controls the fake. Stripe has no such path.
pub(crate) const CONTROL: &str = "/_fake";

/// Serves a request that is none of Stripe's.
pub(crate) type Front = fn(Arc<Shared>, Request<Incoming>) -> Served;
/// An answer that comes, or a connection that is broken off.
pub(crate) type Served = Pin<Box<dyn Future<Output = Result<Response<Body>, io::Error>> + Send>>;

/// The listening task; it and all connections end when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    task: AbortHandle,
    #[cfg(feature = "tls")]
    certificate: Option<String>,
}

/// An open port that nothing is served on yet.
pub(crate) struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    #[cfg(feature = "tls")]
    identity: Option<tls::Identity>,
}

impl Listening {
    /// Serves HTTPS, for these names too.
    #[cfg(feature = "tls")]
    pub(crate) fn with_tls(mut self, names: &[String]) -> Result<Self, FakeError> {
        self.identity = Some(tls::Identity::new(self.address.ip(), names)?);
        Ok(self)
    }

    /// Serves from a task of its own. `control` gets what is asked below [`CONTROL`].
    pub(crate) fn serve(self, shared: Arc<Shared>, control: Option<Front>) -> Server {
        let way = Way {
            shared,
            control,
            #[cfg(feature = "tls")]
            acceptor: self
                .identity
                .as_ref()
                .map(|identity| identity.acceptor.clone()),
        };
        Server {
            address: self.address,
            task: tokio::spawn(accept(self.listener, way)).abort_handle(),
            #[cfg(feature = "tls")]
            certificate: self.identity.map(|identity| identity.root),
        }
    }
}

impl Server {
    pub(crate) async fn listen(address: SocketAddr) -> Result<Listening, FakeError> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(FakeError::Listen)?;
        Ok(Listening {
            address: listener.local_addr().map_err(FakeError::Listen)?,
            listener,
            #[cfg(feature = "tls")]
            identity: None,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if self.certificate.is_some() {
            return "https";
        }
        "http"
    }

    #[cfg(feature = "tls")]
    pub(crate) fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The way from a connection to its answers.
#[derive(Clone)]
struct Way {
    shared: Arc<Shared>,
    control: Option<Front>,
    #[cfg(feature = "tls")]
    acceptor: Option<tokio_rustls::TlsAcceptor>,
}

impl Way {
    async fn go(self, stream: TcpStream) {
        // Without it, small answers wait for the client's delayed acknowledgements.
        let _ = stream.set_nodelay(true);
        #[cfg(feature = "tls")]
        if let Some(acceptor) = self.acceptor.clone() {
            match acceptor.accept(stream).await {
                Ok(stream) => self.connection(stream).await,
                // Who only looks whether the port is open ends early.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                Err(error) => {
                    let warning = format!("a client could not connect by TLS: {error}");
                    self.shared.lock().warn(warning);
                }
            }
            return;
        }
        self.connection(stream).await;
    }

    async fn connection(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|request: Request<Incoming>| {
            let shared = Arc::clone(&self.shared);
            let control = self.control.filter(|_| is_control(request.uri().path()));
            async move {
                match control {
                    Some(control) => control(shared, request).await,
                    None => serve(shared, request).await,
                }
            }
        });
        let mut http = http1::Builder::new();
        http.auto_date_header(false);
        // A connection that breaks is the client's business, or was broken on purpose.
        let _ = http.serve_connection(TokioIo::new(stream), service).await;
    }
}

fn is_control(path: &str) -> bool {
    path.strip_prefix(CONTROL)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn accept(listener: TcpListener, way: Way) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                connections.spawn(way.clone().go(stream));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
