//! Differences between dates.

use super::super::eval::{Args, Builtin, Machine, Run, Stop, refuse};
use super::super::value::{Int, Value};
use super::strptime::{Moment, parse};

const DAY: &str = "%Y-%m-%d";
const SECOND: &str = "%Y-%m-%d %H:%M:%S";
const MICROSECONDS: i128 = 1_000_000;

pub fn day_diff(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [d0, d1, _] = args.bind(builtin.shown, &["d0", "d1", "default"], 2)?;
    let [d0, d1] = [d0, d1].map(|value| value.unwrap_or(Value::None));
    if d0.is_placeholder() || d1.is_placeholder() {
        return Ok(Value::int(0u64));
    }
    let format = Value::str(DAY);
    match difference(machine, [&d0, &d1], &format, &Value::None)? {
        Some(us) => Ok(whole(us, 86_400)),
        None => Err(refuse(
            "invalid date format in function `day_diff`, it must be ISO format date YYYY-MM-DD, e.g. 2018-09-26. For \
             other fotmats, try `date_diff_in_days`",
            "/cli/advanced-templates.html#date_diff_in_days",
        )),
    }
}

pub fn date_diff(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let parameters = ["d0", "d1", "date_format", "default", "backup_date_format", "none_if_error"];
    let bound = args.bind(builtin.shown, &parameters, 2)?;
    let [d0, d1, format, default, backup, lenient] = bound.map(|value| value.unwrap_or(Value::None));
    if d0.is_placeholder() || d1.is_placeholder() {
        return Ok(if machine.truth(&default)? { default } else { Value::int(0u64) });
    }
    let (usual, seconds) = match builtin.name {
        "date_diff_in_days" => (DAY, 86_400),
        "date_diff_in_hours" => (SECOND, 3600),
        "date_diff_in_minutes" => (SECOND, 60),
        _ => (SECOND, 1),
    };
    let format = if format.is_none() { Value::str(usual) } else { format };
    match difference(machine, [&d0, &d1], &format, &backup)? {
        Some(us) => Ok(whole(us, seconds)),
        None if machine.truth(&lenient)? => Ok(Value::None),
        None => Err(invalid(builtin.name)),
    }
}

fn invalid(name: &str) -> Stop {
    if name == "date_diff_in_days" {
        return refuse(
            "invalid date format in function `date_diff_in_days`, it must be ISO format date YYYY-MM-DD, e.g. 2018-09-26",
            "/cli/advanced-templates.html#date_diff_in_days",
        );
    }
    // The original names the function for seconds also when it counts minutes.
    let (shown, page) = match name {
        "date_diff_in_hours" => ("date_diff_in_hours", "/cli/advanced-templates.html#date_diff_in_hours"),
        "date_diff_in_minutes" => {
            ("date_diff_in_seconds", "/cli/advanced-templates.html#date_diff_in_minutes")
        }
        _ => ("date_diff_in_seconds", "/cli/advanced-templates.html#date_diff_in_seconds"),
    };
    refuse(
        format!(
            "invalid date_format in function `{shown}`, defaults to YYYY-MM-DD hh:mm:ss. Or %Y-%m-%d %H:%M:%S \
             [.ssssss]Z, e.g. ms: 2022-12-19T18:42:22.591Z s:2022-12-19T18:42:22Z"
        ),
        page,
    )
}

fn whole(us: i128, seconds: i128) -> Value {
    Value::Int(Int::from(us / (seconds * MICROSECONDS)))
}

/// Microseconds between two dates; nothing when one cannot be read or only one has a time zone.
fn difference(
    machine: &mut Machine<'_>,
    dates: [&Value; 2],
    format: &Value,
    backup: &Value,
) -> Run<Option<i128>> {
    let mut moments: [Option<Moment>; 2] = [None, None];
    for (moment, date) in moments.iter_mut().zip(dates) {
        let (Some(text), Some(first)) = (date.as_text(), format.as_text()) else { return Ok(None) };
        *moment = read(machine, text, first)?;
        if moment.is_none() && machine.truth(backup)? {
            let Some(second) = backup.as_text() else { return Ok(None) };
            *moment = read(machine, text, second)?;
        }
    }
    let [Some(a), Some(b)] = moments else { return Ok(None) };
    if a.offset_us.is_some() != b.offset_us.is_some() {
        return Ok(None);
    }
    Ok(Some((b.utc_us() - a.utc_us()).abs()))
}

fn read(machine: &mut Machine<'_>, text: &str, format: &str) -> Run<Option<Moment>> {
    let (moment, tries) = parse(text, format);
    machine.spend((tries + text.len() + format.len()) * 16)?;
    Ok(moment)
}
