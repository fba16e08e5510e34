//! Events in, SQL, endpoints out: data sources, pipes and what runs them.
//!
//! [`datafile`] reads project files, [`template`] renders a node's SQL, [`ingest`] turns bytes into typed blocks. These three are
//! pure: no runtime, clock, disk or network.

pub mod api;
pub mod branches;
mod cache;
pub mod copies;
pub mod datafile;
pub mod feeds;
pub mod hub;
pub mod ingest;
pub mod jobs;
pub mod members;
pub mod mount;
pub mod native;
pub mod observe;
pub mod scheduler;
pub mod schedules;
pub mod sharing;
pub mod template;
pub mod tokens;
pub mod transfer;
pub mod workspace;
pub mod writer;
