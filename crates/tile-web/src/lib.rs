//! The web vocabulary: requests as values, the guard, answers, negotiation, compression, streaming, the server loop.
//!
//! A route is a line in a table ([`route::Route`]): method, pattern, needed scope, documentation, handler. The dispatcher
//! asks the `Authorizer` before a handler runs, so no handler can forget it, and the OpenAPI document is made from the same
//! table. Nothing here knows what is served. Start at [`route`].

pub mod body;
pub mod client;
pub mod compress;
pub mod etag;
pub mod media;
pub mod metrics;
pub mod openapi;
pub mod range;
pub mod reply;
pub mod request;
pub mod route;
pub mod rt;
pub mod server;

pub use axum::Router;
pub use body::Sink;
pub use client::Client;
pub use reply::Reply;
pub use request::{Query, Req};
pub use route::{Param, Route};
