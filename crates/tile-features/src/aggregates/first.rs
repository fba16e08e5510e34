//! `FIRST`: the value of the earliest event; of events at the same time that which came first.

use super::Aggregate;
use super::parts::ends::End;
use crate::types::Type;
use tile_base::Result;

/// # Errors
/// None: it takes all that can be aggregated.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    Ok(Box::new(End::<false>(input.clone())))
}
