//! Logs go to standard error: lines for people, or JSON.

use tracing_subscriber::EnvFilter;

pub fn start(json: bool, verbose: u8) {
    let level = match verbose {
        0 => "info",
        1 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_env("TILE_LOG")
        .unwrap_or_else(|_| EnvFilter::new(format!("{level},hyper=info,notify=info")));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    if json {
        builder.json().init();
    } else {
        builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init();
    }
}
