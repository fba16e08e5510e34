//! The pages in a real browser (`tests/browser/check.mjs`).

use anyhow::Result;
use tile_testkit::{Server, client};

#[test]
fn pages_open_without_an_error_or_a_foreign_request() -> Result<()> {
    let server = Server::start()?;
    client::browser(&server)?;
    server.stop_clean()
}
