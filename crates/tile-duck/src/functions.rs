//! Functions of ours that DuckDB may call.

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::DataType;
use duckdb::Connection;
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};
use std::cell::RefCell;
use std::error::Error as StdError;
use std::sync::Arc;

/// What a function does to columns of equal length.
pub type Run = Arc<dyn Fn(&[ArrayRef]) -> Result<ArrayRef, String> + Send + Sync>;

/// A scalar function. NULLs come in as they are.
#[derive(Clone)]
pub struct Function {
    pub name: &'static str,
    pub args: Vec<DataType>,
    pub result: DataType,
    pub run: Run,
}

/// The kernel behind a registered name.
#[derive(Clone, Default)]
struct State(Option<Run>);

struct Scalar;

thread_local! {
    /// The signature being registered: DuckDB's binding asks the type for it, not the value.
    static SIGNATURE: RefCell<Option<(Vec<DataType>, DataType)>> = const { RefCell::new(None) };
}

impl VArrowScalar for Scalar {
    type State = State;

    fn invoke(state: &State, input: RecordBatch) -> Result<ArrayRef, Box<dyn StdError>> {
        let run = state.0.as_ref().ok_or("the function has no body")?;
        run(input.columns()).map_err(Into::into)
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        let signature = SIGNATURE.with_borrow(Clone::clone);
        signature.into_iter().map(|(args, result)| ArrowFunctionSignature::exact(args, result)).collect()
    }
}

/// Makes a function known to all connections of a database.
pub fn register(connection: &Connection, function: &Function) -> duckdb::Result<()> {
    SIGNATURE.set(Some((function.args.clone(), function.result.clone())));
    let done = connection.register_scalar_function_with_state::<Scalar>(
        function.name,
        &State(Some(Arc::clone(&function.run))),
    );
    SIGNATURE.set(None);
    done
}
