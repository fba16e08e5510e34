//! The rows put together: left columns, features under their names, what was known before, derivations.

use super::bootstrap::Boots;
use super::left::Left;
use super::sql::{ROW, TIME, expression, quoted, type_name};
use super::{Computed, Training};
use crate::definition::Join;
use crate::definition::names::derived_names;
use arrow_schema::DataType;
use tile_base::{Error, Result};

/// The query of all rows.
pub fn query(
    training: &Training<'_>,
    join: &Join,
    left: &Left,
    computed: &[Computed],
    boots: &Boots,
) -> Result<String> {
    let mut from = format!("{} AS l", left.table);
    let mut features: Vec<(String, String)> = Vec::new();
    for (at, one) in computed.iter().enumerate() {
        let alias = format!("p{at}");
        let (relation, columns) = derived_part(training, left, one)?;
        from += &format!(" LEFT JOIN {relation} AS {alias} USING ({ROW})");
        features.extend(
            columns.iter().map(|c| (super::full_name(&one.prefix, c), format!("{alias}.{}", quoted(c)))),
        );
    }
    features.extend(external(join, left));
    if let Some(labels) = join.labels.as_ref().filter(|labels| !labels.parts.is_empty()) {
        let end = left.time(false, Some(labels.start_days.max(labels.end_days)));
        let day = format!("strftime(make_timestamp(({end} - 1) * 1000), '%Y-%m-%d')");
        features.push(("label_ds".to_owned(), day));
    }
    for (at, boot) in boots.0.iter().enumerate() {
        from += &format!(" LEFT JOIN {} AS b{at} USING ({ROW})", boot.table);
        for column in &boot.columns {
            let known = format!("b{at}.{}", quoted(column));
            match features.iter_mut().find(|(name, _)| name == column) {
                Some((_, sql)) => *sql = format!("coalesce({known}, {sql})"),
                // A derived column that is known is taken below; what nobody makes is given out as it is.
                None if join.derivations.iter().any(|d| d.name == *column) => {}
                None => features.push((column.clone(), known)),
            }
        }
    }
    let mut list = vec![format!("l.{ROW}"), format!("l.{}", time_column(left))];
    list.extend(left.list("l"));
    list.extend(features.iter().map(|(name, sql)| format!("{sql} AS {}", quoted(name))));
    let known = known_derived(join, boots, &features);
    list.extend(known.iter().map(|(name, sql)| format!("{sql} AS {}", quoted(&kept(name)))));
    let inner = format!("(SELECT {} FROM {from})", list.join(", "));
    let names: Vec<String> = features.into_iter().map(|(name, _)| name).collect();
    let known: Vec<String> = known.into_iter().map(|(name, _)| name).collect();
    outer(training, join, left, (&inner, names, &known))
}

/// Where the known value of a derived column stands.
fn kept(name: &str) -> String {
    format!("_tile_known_{name}")
}

fn time_column(left: &Left) -> &'static str {
    if left.is_entities { super::sql::DAY } else { TIME }
}

/// Values of derived columns that tables know.
fn known_derived(join: &Join, boots: &Boots, features: &[(String, String)]) -> Vec<(String, String)> {
    let made = join.derivations.iter().filter(|d| !d.keeps_all());
    made.filter(|d| !features.iter().any(|(name, _)| *name == d.name))
        .filter_map(|d| {
            let known: Vec<String> = boots
                .0
                .iter()
                .enumerate()
                .filter(|(_, boot)| boot.columns.contains(&d.name))
                .map(|(at, _)| format!("b{at}.{}", quoted(&d.name)))
                .collect();
            (!known.is_empty()).then(|| (d.name.clone(), format!("coalesce({})", known.join(", "))))
        })
        .collect()
}

fn outer(
    training: &Training<'_>,
    join: &Join,
    left: &Left,
    (inner, features, known): (&str, Vec<String>, &[String]),
) -> Result<String> {
    let mut list: Vec<String> = left.columns.iter().map(|(name, _)| quoted(name)).collect();
    let columns = if join.derivations.is_empty() { Vec::new() } else { training.columns(inner)? };
    for name in derived_names(features, &join.derivations) {
        if left.columns.iter().any(|(column, _)| column.eq_ignore_ascii_case(&name)) {
            return Err(Error::invalid(format!(
                "the left rows have a column `{name}`, as a feature is called"
            ))
            .hint("Leave it out of the left rows, or give it another name there"));
        }
        let made = join.derivations.iter().find(|d| d.name == name);
        list.push(match made {
            None => quoted(&name),
            Some(derivation) => {
                let sql = expression(&derivation.expression, &columns)?;
                let sql = match known.contains(&name) {
                    true => format!("coalesce({}, {sql})", quoted(&kept(&name))),
                    false => sql,
                };
                format!("{sql} AS {}", quoted(&name))
            }
        });
    }
    Ok(format!("SELECT {} FROM {inner} ORDER BY {ROW}", list.join(", ")))
}

/// A part's columns with those that its GroupBy derives, for each left row.
fn derived_part(training: &Training<'_>, left: &Left, one: &Computed) -> Result<(String, Vec<String>)> {
    let derivations = &one.part.group_by.derivations;
    if derivations.is_empty() {
        return Ok((one.table.clone(), one.columns.clone()));
    }
    // Keys and the time may be named in expressions, as the GroupBy names them.
    let mut list = vec![format!("l.{ROW}")];
    list.extend(one.columns.iter().map(|c| format!("p.{}", quoted(c))));
    let is_free = |name: &str| !one.columns.iter().any(|c| c == name);
    for key in one.part.group_by.keys.iter().filter(|key| is_free(key)) {
        list.push(format!("l.{} AS {}", quoted(one.part.left_key(key)), quoted(key)));
    }
    if !left.is_entities && is_free("ts") && !one.part.group_by.keys.iter().any(|key| key == "ts") {
        list.push(format!("l.{TIME} AS ts"));
    }
    let inner = format!(
        "(SELECT {} FROM {} AS l LEFT JOIN {} AS p USING ({ROW}))",
        list.join(", "),
        left.table,
        one.table
    );
    let columns: Vec<(String, DataType)> = training.columns(&inner)?;
    let names = derived_names(one.columns.clone(), derivations);
    let mut list = vec![ROW.to_owned()];
    for name in &names {
        list.push(match derivations.iter().find(|d| d.name == *name) {
            None => quoted(name),
            Some(d) => format!("{} AS {}", expression(&d.expression, &columns)?, quoted(name)),
        });
    }
    Ok((format!("(SELECT {} FROM {inner})", list.join(", ")), names))
}

/// Values that come from elsewhere: those of the left rows where they are there, null else.
fn external(join: &Join, left: &Left) -> Vec<(String, String)> {
    let has = |name: &str| left.columns.iter().any(|(n, _)| n == name);
    let mut out = Vec::new();
    for external in join.external.iter().filter(|external| external.offline.is_none()) {
        for (column, ty) in &external.values {
            let name = format!("{}_{column}", external.full_prefix());
            if has(&name) {
                continue;
            }
            let sql = match external.is_contextual() && has(column) {
                true => format!("l.{}", quoted(column)),
                false => format!("CAST(NULL AS {})", type_name(ty)),
            };
            out.push((name, sql));
        }
    }
    out
}
