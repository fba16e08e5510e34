//! The server loop: accept, serve HTTP/1.1 with limits, stop gracefully.

use crate::metrics::Metrics;
use crate::rt;
use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tile_base::{Error, Kind, Result};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// Limits of the loop.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections beyond this wait to be accepted.
    pub connections_max: usize,
    /// A client that has not sent a request's head by then is cut off.
    pub head_timeout: Duration,
    /// How long requests may go on after the stop signal.
    pub drain_timeout: Duration,
}

/// Binds the address; a port that is taken is a `Conflict` that says so.
///
/// # Errors
/// When the address cannot be bound.
pub fn bind(addr: SocketAddr) -> Result<TcpListener> {
    let failed = |e: std::io::Error| {
        if e.kind() == std::io::ErrorKind::AddrInUse {
            Error::new(Kind::Conflict, format!("port {} is taken", addr.port())).source(e)
        } else {
            Error::invalid(format!("cannot listen on {addr}: {e}")).source(e)
        }
    };
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP)).map_err(failed)?;
    socket.set_reuse_address(true).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    socket.bind(&addr.into()).map_err(failed)?;
    socket.listen(4096).map_err(failed)?;
    TcpListener::from_std(socket.into()).map_err(failed)
}

/// Serves until `stop` turns true, then lets running requests end within the drain time.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    metrics: Arc<Metrics>,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(limits.connections_max));
    loop {
        let slot = tokio::select! {
            slot = slots.clone().acquire_owned() => slot,
            () = stopped(&mut stop) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        let (Ok(slot), Ok((stream, _))) = (slot, accepted) else {
            // Out of descriptors: wait until some connection ends.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (app, metrics, mut stop) = (app.clone(), metrics.clone(), stop.clone());
        metrics.connected();
        rt::spawn("connection", async move {
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder
                .timer(TokioTimer::new())
                .header_read_timeout(limits.head_timeout)
                .max_headers(128)
                .max_buf_size(64 << 10);
            let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
            tokio::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stopped(&mut stop) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(e) = ended {
                tracing::debug!(error = %e, "a connection ended early");
            }
            metrics.disconnected();
            drop(slot);
        });
    }
    drop(listener);
    let all = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
    if tokio::time::timeout(limits.drain_timeout, slots.acquire_many(all)).await.is_err() {
        tracing::info!("some requests were still running when the drain time ended");
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A dropped sender also means that nobody wants the server any more.
    let _ = stop.wait_for(|s| *s).await;
}

/// Takes as many file descriptors as the system lets this process have; connections and data files need them.
pub fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if setrlimit(Resource::Nofile, limit).is_err() {
        tracing::debug!("the limit of open files stays as it is");
    }
}
