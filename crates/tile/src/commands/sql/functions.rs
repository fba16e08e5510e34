//! The kernels of the ClickHouse dialect, as the engine takes them.

use std::sync::Arc;
use tile_clicksql::kernels::ALL;
use tile_duck::Function;

/// Every kernel.
pub fn all() -> Vec<Function> {
    ALL.iter()
        .copied()
        .flatten()
        .map(|kernel| Function {
            name: kernel.name,
            args: kernel.args.iter().map(|a| a.arrow()).collect(),
            result: kernel.result.arrow(),
            run: Arc::new(|columns| (kernel.run)(columns).map_err(|e| e.to_string())),
        })
        .collect()
}
