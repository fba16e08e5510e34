//! Children or descendants of a container: filtered, sorted, in pages.

use super::resource::{self, Fields, encoded};
use super::{App, Reply, Req, query, wrong_family};
use crate::tree::Located;
use http::header;
use std::sync::Arc;
use tile_base::filter::{Candidate, Filter, compare, value_at};
use tile_base::{Error, Family, Kind, NodePath, Result};
use tile_meta::{Order, Page, Query, Scope};

const LIMIT_DEFAULT: u64 = 100;
const LIMIT_MAX: u64 = 300;

pub async fn children(app: Arc<App>, req: Req) -> Result<Reply> {
    run(app, req, None).await
}

pub async fn deep(app: Arc<App>, req: Req) -> Result<Reply> {
    let depth = req.query.number("max_depth", 1, 64)?.unwrap_or(64);
    if req.query.all("sort").any(|s| !s.is_empty()) {
        return Err(Error::invalid("Sorting is not supported by a deep search"));
    }
    run(app, req, Some(u32::try_from(depth).unwrap_or(64))).await
}

/// What a request asks for, parsed.
struct Asked {
    filters: Vec<Filter>,
    order: Vec<Order>,
    newest_first: bool,
    offset: Option<u64>,
    cursor: Option<u64>,
    limit: u64,
    fields: Fields,
    depth: Option<u32>,
    origin: String,
    route: &'static str,
}

async fn run(app: Arc<App>, req: Req, depth: Option<u32>) -> Result<Reply> {
    super::metadata::check_client(&req)?;
    let (order, newest_first) = sorting(&req)?;
    if depth.is_none() {
        req.query.number("max_depth", 0, 5)?;
    }
    let asked = Asked {
        filters: query::parse(&req.query)?,
        order,
        newest_first,
        offset: req.query.number("page[offset]", 0, i64::MAX.unsigned_abs())?,
        cursor: req.query.number("page[cursor]", 0, i64::MAX.unsigned_abs())?,
        limit: req.query.number("page[limit]", 0, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT),
        fields: Fields::of(&req)?,
        depth,
        origin: req.origin.clone(),
        route: if depth.is_some() { "search-deep" } else { "search" },
    };
    if asked.offset.is_some() && asked.cursor.is_some() {
        return Err(Error::invalid("Cannot specify both page[cursor] and page[offset]"));
    }
    let path = req.tail.clone();
    let text = tile_web::rt::cpu(move || {
        let node = app.tree.find(&path)?;
        if node.family() != Family::Container {
            return Err(wrong_family(&path, node.family(), &[Family::Container]));
        }
        if app.tree.file_container(&node)?.is_some() {
            if asked.depth.is_some() {
                return Err(Error::new(Kind::NotAllowed, "This node does not support a deep search."));
            }
            return in_file(&app, &node, &asked);
        }
        in_catalog(&app, &node, &asked)
    })
    .await?;
    Ok(Reply::document(&req, text)?.with(header::CACHE_CONTROL, "must-revalidate"))
}

/// The `sort` parameters: keys and directions, and whether insertion order is reversed.
fn sorting(req: &Req) -> Result<(Vec<Order>, bool)> {
    let (mut order, mut newest_first, mut ended) = (Vec::new(), false, false);
    for text in req.query.all("sort").flat_map(|s| s.split(',')).filter(|s| !s.is_empty()) {
        let (descending, key) = match text.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, text.strip_prefix('+').or_else(|| text.strip_prefix(' ')).unwrap_or(text)),
        };
        if !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.') {
            return Err(Error::malformed(format!(
                "sort key `{}` may hold only letters, digits, `_` and `.`",
                key.chars().take(80).collect::<String>()
            ))
            .at("query.sort"));
        }
        if ended {
            return Err(Error::invalid(
                "Default sorting (empty string) must be the last item in the sort list",
            ));
        }
        if key.is_empty() {
            newest_first = descending;
            ended = true;
        } else if order.iter().any(|o: &Order| o.key == key) {
            return Err(Error::invalid(format!("Duplicate sorting key: {key}")));
        } else {
            order.push(Order { key: key.to_owned(), descending });
        }
    }
    Ok((order, newest_first))
}

/// Writes the page: resources, links, count.
fn page(
    app: &App,
    node: &Located,
    asked: &Asked,
    nodes: &[Located],
    next: Option<String>,
    count: u64,
) -> Result<String> {
    let mut out = String::with_capacity(256 + nodes.len() * 700);
    out.push_str("{\"data\":[");
    for (i, child) in nodes.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        resource::write(app, child, &asked.fields, &asked.origin, &mut out)?;
    }
    let base = format!("{}/api/v1/{}/{}", asked.origin, asked.route, encoded(&node.path));
    let here = match (asked.offset, asked.cursor) {
        (Some(n), _) => format!("page[offset]={n}&"),
        (_, Some(n)) => format!("page[cursor]={n}&"),
        _ => String::new(),
    };
    let link =
        |q: &str| serde_json::Value::from(format!("{base}?{q}page[limit]={}", asked.limit)).to_string();
    let next = next.map_or_else(|| "null".to_owned(), |q| link(&q));
    out.push_str(&format!("],\"error\":null,\"links\":{{\"self\":{},\"first\":{},\"next\":{next}}},\"meta\":{{\"count\":{count}}}}}", link(&here), link("")));
    Ok(out)
}

fn in_catalog(app: &App, node: &Located, asked: &Asked) -> Result<String> {
    let mut filters = asked.filters.clone();
    let lookups: Vec<&Filter> = filters.iter().filter(|f| matches!(f, Filter::Lookup(_))).collect();
    if lookups.windows(2).any(|w| w[0] != w[1]) {
        // Two different keys cannot be one node.
        filters.push(Filter::Keys(vec![]));
    }
    let scope = asked
        .depth
        .map_or(Scope::Children(node.row.id), |depth| Scope::Descendants { of: node.row.id, depth });
    let query = Query { scope, filters, order: asked.order.clone(), newest_first: asked.newest_first };
    let catalog = &app.tree.catalog;
    if asked.fields.count_only() {
        return page(app, node, asked, &[], None, catalog.count(&query, None)?);
    }
    let insertion = query.order.is_empty() && !query.newest_first;
    let at = match (asked.offset, asked.cursor) {
        (Some(n), _) => Page::Offset(n),
        (_, Some(n)) if insertion => Page::After(i64::try_from(n).unwrap_or(i64::MAX)),
        (_, Some(n)) => Page::Offset(n),
        _ if insertion => Page::After(0),
        _ => Page::Offset(0),
    };
    let mut rows = catalog.search(&query, at, asked.limit + 1)?;
    let more = rows.len() as u64 > asked.limit;
    rows.truncate(usize::try_from(asked.limit).unwrap_or(usize::MAX));
    let count = if asked.fields.count {
        catalog.count(&query, None)?
    } else {
        lower_bound(app, &query, rows.len() as u64, more, asked)?
    };
    let next = match (more, rows.last()) {
        (true, Some(last)) if insertion => Some(format!("page[cursor]={}&", last.id)),
        (true, Some(_)) => Some(format!("page[offset]={}&", asked.offset.unwrap_or(0) + rows.len() as u64)),
        _ => None,
    };
    let nodes: Vec<Located> = rows
        .into_iter()
        .map(|row| {
            let path = if asked.depth.is_some() {
                NodePath(catalog.keys_of(row.id)?)
            } else {
                node.path.child(&row.key)
            };
            Ok(Located { path, row: Arc::new(row), inside: None, is_mounted: false })
        })
        .collect::<Result<_>>()?;
    page(app, node, asked, &nodes, next, count)
}

/// The count beside a page: exact up to the configured number; a first page that holds all tells it for nothing.
fn lower_bound(app: &App, query: &Query, found: u64, more: bool, asked: &Asked) -> Result<u64> {
    if query.filters.is_empty() && asked.depth.is_none() {
        // The catalog keeps the number of children: the exact count costs nothing.
        return app.tree.catalog.count(query, None);
    }
    if !more && asked.offset.unwrap_or(0) == 0 && asked.cursor.unwrap_or(0) == 0 {
        return Ok(found);
    }
    let limit = app.tree.config.exact_count_max;
    app.tree.catalog.count(query, Some(limit + 1)).map(|n| n.min(limit + 1))
}

/// Children inside a file, by the reference meaning of the conditions.
fn in_file(app: &App, node: &Located, asked: &Asked) -> Result<String> {
    let Some(container) = app.tree.file_container(node)? else {
        return Err(Error::internal("not a container"));
    };
    let keys = container.keys()?;
    let plain = asked.filters.is_empty() && asked.order.is_empty();
    if plain && asked.fields.count_only() {
        return page(app, node, asked, &[], None, keys.len() as u64);
    }
    let start = usize::try_from(asked.offset.or(asked.cursor).unwrap_or(0)).unwrap_or(usize::MAX);
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let mut matches: Vec<Located> = Vec::new();
    let mut total = keys.len();
    if plain {
        let ordered: Vec<&String> =
            if asked.newest_first { keys.iter().rev().collect() } else { keys.iter().collect() };
        for key in ordered.into_iter().skip(start).take(limit) {
            matches.push(inside_or_stub(app, node, key)?);
        }
    } else {
        for key in &keys {
            match app.tree.child(node, key) {
                Ok(child) if meets(&child, &asked.filters)? => matches.push(child),
                Ok(_) => {}
                Err(e) if e.kind == Kind::Internal => return Err(e),
                Err(_) => {}
            }
        }
        order_by(&mut matches, asked)?;
        total = matches.len();
        matches = matches.into_iter().skip(start).take(limit).collect();
    }
    if asked.fields.count_only() {
        return page(app, node, asked, &[], None, total as u64);
    }
    let end = start.saturating_add(matches.len());
    let next = (end < total && !matches.is_empty()).then(|| format!("page[offset]={end}&"));
    page(app, node, asked, &matches, next, total as u64)
}

/// A child for a listing: a broken or damaged one is shown as what it is instead of failing the page.
fn inside_or_stub(app: &App, node: &Located, key: &str) -> Result<Located> {
    match app.tree.child(node, key) {
        Ok(child) => Ok(child),
        Err(e) if e.kind == Kind::Internal => Err(e),
        Err(e) => {
            let stub = crate::formats::damaged("link", &e);
            let path = node.path.child(key);
            let (row, inside) = (node.row.clone(), Some(Arc::new(stub)));
            Ok(Located { path, row, inside, is_mounted: node.is_mounted })
        }
    }
}

fn meets(child: &Located, filters: &[Filter]) -> Result<bool> {
    let metadata = child.metadata_json()?;
    let specs: Vec<String> = child.specs().into_iter().map(|s| s.name).collect();
    let candidate =
        Candidate { key: child.path.key(), family: child.family(), metadata: &metadata, specs: &specs };
    let regex = |pattern: &str, case: bool, text: &str| {
        regex::RegexBuilder::new(pattern)
            .case_insensitive(!case)
            .size_limit(1 << 20)
            .build()
            .is_ok_and(|r| r.is_match(text))
    };
    for filter in filters {
        if let Filter::Regex { pattern, .. } = filter {
            regex::RegexBuilder::new(pattern)
                .size_limit(1 << 20)
                .build()
                .map_err(|e| Error::invalid("the pattern is not a regular expression").source(e))?;
        }
    }
    Ok(filters.iter().all(|f| f.matches(&candidate, &regex)))
}

fn order_by(nodes: &mut Vec<Located>, asked: &Asked) -> Result<()> {
    let mut keyed: Vec<(serde_json::Value, Located)> =
        nodes.drain(..).map(|n| n.metadata_json().map(|m| (m, n))).collect::<Result<_>>()?;
    if asked.newest_first {
        keyed.reverse();
    }
    keyed.sort_by(|(ma, a), (mb, b)| {
        for o in &asked.order {
            let found = if o.key == "id" {
                a.path.key().cmp(b.path.key())
            } else {
                let key = o.key.strip_prefix("metadata.").unwrap_or(&o.key);
                match (value_at(ma, key), value_at(mb, key)) {
                    // Missing values come last.
                    (None, None) => std::cmp::Ordering::Equal,
                    (None, Some(_)) => std::cmp::Ordering::Greater,
                    (Some(_), None) => std::cmp::Ordering::Less,
                    (Some(x), Some(y)) => compare(x, y).unwrap_or(std::cmp::Ordering::Equal),
                }
            };
            if found.is_ne() {
                return if o.descending { found.reverse() } else { found };
            }
        }
        std::cmp::Ordering::Equal
    });
    nodes.extend(keyed.into_iter().map(|k| k.1));
    Ok(())
}
