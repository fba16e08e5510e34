//! The Python clients (`tests/clients`), all in one pytest run against one server.

use anyhow::Result;
use tile_testkit::{Server, client};

#[test]
fn foreign_clients_are_served_and_the_log_stays_clean() -> Result<()> {
    let server = Server::start()?;
    client::pytest(&server)?;
    server.stop_clean()
}
