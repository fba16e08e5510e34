//! Bodies: encoders write into a [`Sink`]; what is small becomes one buffer with a length, what is large streams at the
//! reader's pace through a short bounded channel.

use crate::compress::{Coding, Stage};
use crate::rt;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tile_base::{Error, Kind, Result};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Where encoders write. [`Sink::put`] hands over a buffer without copying it.
pub trait Sink: Write {
    /// # Errors
    /// When the reader is gone.
    fn put(&mut self, bytes: Bytes) -> io::Result<()>;
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: Bytes) -> io::Result<()> {
        self.extend_from_slice(&bytes);
        Ok(())
    }
}

/// Turns a failed write into the shared error: the reader left, nothing is wrong here.
pub fn write_error(e: io::Error) -> Error {
    Error::new(Kind::Busy, "the reader left").source(e)
}

/// Answers up to this size are sent whole, with a length; also the largest piece of a streamed one.
const WHOLE_BYTES: usize = 1 << 20;
/// Pieces that wait for a slow reader.
const PIECES_WAITING: usize = 2;
/// Answers that are encoded or streamed at once; each holds a worker. More wait, then are told to come again.
const ENCODERS_MAX: usize = 256;
/// How long a request waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// A reader that takes nothing for so long is cut off, since it holds a worker.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

fn turns() -> &'static Arc<Semaphore> {
    static TURNS: OnceLock<Arc<Semaphore>> = OnceLock::new();
    TURNS.get_or_init(|| Arc::new(Semaphore::new(ENCODERS_MAX)))
}

/// Hands a piece to the reader and waits for room, but not for ever.
fn hand_over(out: &mpsc::Sender<io::Result<Bytes>>, piece: io::Result<Bytes>) -> io::Result<()> {
    let piece = match out.try_send(piece) {
        Ok(()) => return Ok(()),
        Err(mpsc::error::TrySendError::Closed(_)) => return Err(gone()),
        Err(mpsc::error::TrySendError::Full(piece)) => piece,
    };
    match Handle::current().block_on(out.send_timeout(piece, STALL_TIMEOUT)) {
        Ok(()) => Ok(()),
        Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(gone()),
        Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
            Err(io::Error::new(io::ErrorKind::TimedOut, "the reader stalled"))
        }
    }
}

/// An encoded answer.
pub enum Encoded {
    Whole(Bytes),
    /// The first pieces are made already, the rest follows; `length` when it is known before.
    Stream {
        body: Body,
        length: Option<u64>,
        coding: Option<Coding>,
    },
}

/// Runs `encode` on a worker and returns once the answer is complete or has outgrown one buffer. An error before that is
/// an error of the request; a later one breaks the connection off, so that no client takes a part for the whole.
///
/// # Errors
/// Those of `encode`.
pub async fn encode(
    length: Option<u64>,
    coding: Option<Coding>,
    encode: impl FnOnce(&mut dyn Sink) -> Result<()> + Send + 'static,
) -> Result<Encoded> {
    let busy = || Error::new(Kind::Busy, "the server is busy with other answers");
    let turn = tokio::time::timeout(TURN_TIMEOUT, turns().clone().acquire_owned()).await;
    let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
    let (head_tx, head_rx) = oneshot::channel();
    let coding = coding.filter(Coding::streams);
    let worker = async move {
        rt::blocking(move || {
            let mut pipe = Pipe {
                buffer: BytesMut::new(),
                state: State::Gathering { head: Some(head_tx), pieces: vec![], bytes: 0 },
                coding,
            };
            let result = encode(&mut pipe);
            pipe.finish(result);
            drop(turn);
            Ok(())
        })
        .await
    };
    let task = rt::spawn("encode", async move {
        if let Err(e) = worker.await {
            tracing::error!(error = %e, "an encoder failed");
        }
    });
    drop(task);
    match head_rx.await.map_err(|_| Error::internal("an encoder failed"))?? {
        Head::Whole(bytes) => Ok(Encoded::Whole(bytes)),
        Head::Rest(rest) => {
            let stream = futures_util::stream::unfold(rest, |mut rest| async move {
                rest.recv().await.map(|piece| (piece, rest))
            });
            Ok(Encoded::Stream {
                body: Body::from_stream(stream.boxed()),
                length: length.filter(|_| coding.is_none()),
                coding,
            })
        }
    }
}

enum Head {
    Whole(Bytes),
    Rest(mpsc::Receiver<io::Result<Bytes>>),
}

enum State {
    Gathering { head: Option<oneshot::Sender<Result<Head>>>, pieces: Vec<Bytes>, bytes: usize },
    Streaming { out: mpsc::Sender<io::Result<Bytes>>, stage: Stage },
}

struct Pipe {
    buffer: BytesMut,
    state: State,
    coding: Option<Coding>,
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the reader left")
}

impl Pipe {
    fn push(&mut self, piece: Bytes) -> io::Result<()> {
        match &mut self.state {
            State::Gathering { head, pieces, bytes } => {
                *bytes += piece.len();
                pieces.push(piece);
                if *bytes <= WHOLE_BYTES {
                    return Ok(());
                }
                let (tx, rx) = mpsc::channel(PIECES_WAITING);
                let waiting = std::mem::take(pieces);
                head.take().ok_or_else(gone)?.send(Ok(Head::Rest(rx))).map_err(|_| gone())?;
                self.state = State::Streaming { out: tx, stage: Stage::new(self.coding)? };
                waiting.into_iter().try_for_each(|p| self.push(p))
            }
            State::Streaming { out, stage } => match stage.compress(piece)? {
                Some(bytes) if !bytes.is_empty() => hand_over(out, Ok(bytes)),
                _ => Ok(()),
            },
        }
    }

    fn flush_buffer(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = self.buffer.split().freeze();
        self.push(piece)
    }

    fn finish(mut self, result: Result<()>) {
        let result = result.and_then(|()| self.flush_buffer().map_err(write_error));
        match (self.state, result) {
            (State::Gathering { head: Some(head), pieces, .. }, Ok(())) => {
                drop(head.send(Ok(Head::Whole(join(pieces)))));
            }
            (State::Gathering { head: Some(head), .. }, Err(e)) => drop(head.send(Err(e))),
            (State::Gathering { head: None, .. }, _) => {}
            (State::Streaming { out, stage }, Ok(())) => {
                if let Ok(Some(tail)) = stage.finish() {
                    drop(hand_over(&out, Ok(tail)));
                }
            }
            (State::Streaming { out, .. }, Err(e)) => {
                if !out.is_closed() {
                    tracing::info!(error = %e, "an answer broke off");
                    drop(out.try_send(Err(io::Error::other(e.detail()))));
                }
            }
        }
    }
}

fn join(mut pieces: Vec<Bytes>) -> Bytes {
    if pieces.len() == 1 {
        return pieces.pop().unwrap_or_default();
    }
    let mut out = BytesMut::with_capacity(pieces.iter().map(Bytes::len).sum());
    for p in pieces {
        out.extend_from_slice(&p);
    }
    out.freeze()
}

impl Write for Pipe {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(16 << 10);
        }
        self.buffer.extend_from_slice(data);
        if self.buffer.len() >= WHOLE_BYTES / 4 {
            self.flush_buffer()?;
        }
        Ok(data.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Pipe {
    fn put(&mut self, bytes: Bytes) -> io::Result<()> {
        self.flush_buffer()?;
        self.push(bytes)
    }
}
