//! The parameters of a request. One that nothing reads would change the answer without a word: `atmillis` would ask for the present.

use super::FACE;
use tile_base::{Error, Result};
use tile_web::{Param, Req};

/// That there are no others than these, and each once. `more` are names that only this request knows: those of keys.
///
/// # Errors
/// `Invalid` with the nearest of those that there are.
pub fn check(req: &Req, params: &[Param], more: &[&str]) -> Result<()> {
    let own = params.iter().map(|param| param.name);
    let known: Vec<&str> = own.chain(more.iter().copied()).chain(FACE.token_param).collect();
    for (at, (name, _)) in req.query.0.iter().enumerate() {
        let told = |what: &str| Error::invalid(what).at(format!("query.{name}"));
        if !known.contains(&name.as_str()) {
            let all = || format!("There are `{}`", known.join("`, `"));
            let error = told(&format!("no parameter is called `{name}`"));
            return Err(error.did_you_mean_or(name, known.iter().copied(), all));
        }
        if req.query.0.iter().take(at).any(|(other, _)| other == name) {
            return Err(told(&format!("the parameter `{name}` is given twice")));
        }
    }
    Ok(())
}
