//! Questions about SQL that answer without running it.

use super::super::App;
use super::super::call::{Call, params, required};
use super::super::json;
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_clicksql::ast::Query;
use tile_web::{Reply, Req};

/// The query of a request.
async fn asked(app: &App, req: &mut Req) -> Result<Query> {
    Call::of_workspace(app, req)?;
    let params = params(req, super::BODY_BYTES_MAX).await?;
    let text = required(&params, "q")?;
    tile_clicksql::parse::query(text).map_err(|e| Error::invalid(e.render(text)))
}

/// `POST /v0/sql_tables`: the tables that a query names, as database, name and alias.
pub async fn tables(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let query = asked(&app, &mut req).await?;
    let named = |path: Vec<String>| {
        let (name, space) = path
            .split_last()
            .map_or((String::new(), String::new()), |(name, space)| (name.clone(), space.join(".")));
        json!([space, name, ""])
    };
    let tables: Vec<Value> = tile_clicksql::tables::names(&query).into_iter().map(named).collect();
    Ok(json(&json!({"tables": tables})))
}

/// `GET /v0/sql_format`: a query in one normal form.
pub async fn format(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let query = asked(&app, &mut req).await?;
    Ok(json(&json!({"q": tile_clicksql::print::query(&query)})))
}
