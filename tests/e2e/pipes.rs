//! Tinybird's own command (`tests/pipes/clients`) against `tile dev`, and the answers that are committed beside those of the packages.

use anyhow::Result;
use tile_testkit::{Server, client, place};

#[test]
fn the_tb_command_is_served_and_the_log_stays_clean() -> Result<()> {
    let server = Server::start_dev()?;
    client::pytest_pipes(&server)?;
    server.stop_clean()
}

#[test]
fn tiled_s_client_reads_a_project_as_one_catalog() -> Result<()> {
    client::script("tests/pipes/catalog.py", &[])
}

#[test]
fn committed_answers_are_those_of_the_packages() -> Result<()> {
    client::verify_pipes(&place::pipes_python()?, "datafile.py")?;
    client::verify_pipes(&place::pipes_python()?, "template.py")?;
    client::verify_pipes(&place::python()?, "ingest.py")
}

#[test]
fn strangers_with_a_token_do_no_harm() -> Result<()> {
    client::script("tests/pipes/attacks.py", &[])
}
