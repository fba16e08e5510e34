//! Templates: no panic on any text with any value, no more SQL than the limit, and the same SQL every time.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tile_pipes::template::{Dialect, Limits, Mode, Request, Template};

pub const SEEDS: &[&[u8]] = &[
    b"SELECT {{String(a, 'x')}} FROM t WHERE b = {{Int32(b)}} {% if defined(c) %} AND c IN {{Array(c, 'Int32', '1,2')}} {% end %}",
    b"{% for last, v in enumerate_with_last(split_to_array(a, 'p,q')) %}{{column(v)}}{% if not last %},{% end %}{% end %}",
    b"{% set l = [i * 2 for i in range(5) if i % 2 == 0] %}{{l}}{{','.join(l)}}",
    b"{% for k, v in JSON(a, '{\"k\": [1, 2.5, null, \"x\"]}').items() %}{{k}}{{v}}{% end %}",
    b"{% try %}{{Date(a)}}{% except ValueError as e %}{{e}}{% else %}x{% finally %}y{% end %}",
    b"{% while n < 3 %}{% set n += 1 %}{% break %}{% end %}{# c #}{% comment d %}{% whitespace oneline %} a  b",
    b"{{columns(a, 'x,y', 'sum')}}{{symbol(a)}}{{table('t')}}{{sql_and(a=a, b__in=c)}}{{sql_unescape(a, '%')}}",
    b"{{date_diff_in_hours(a, '2024-01-01 00:00:00', date_format='%Y-%m-%d %H:%M:%S', none_if_error=True)}}",
    b"{{max_threads(2)}}{{cache_ttl('5m')}}{{backend_hint(a)}}{{activate('analyzer')}}{{tb_secret('s', 'd')}}",
    b"{{f'{a!r:>10}{1.5:.2f}'}}{{a if b else c}}{{[1, 'a', {'k': (1,)}]}}{{a[1:2]}}{{-1 + 2 * 3}}",
    b"{% set f = lambda x, y=2, *z: x + y %}{% set (a, *b), d['k'] = [1, 2, 3], 4 %}{% if (n := len(a)) > 1 and not a is None %}{% end %}",
    b"{% set s = '%s %05.1f' % ('a', 2) + 'abc'[::-1].upper().split('B', 1)[0] + str(10 ** 30 // 7) %}{{s}}",
    b"{{error('x')}}{{custom_error({'a': 1}, 403)}}{{Boolean(a)}}{{DateTime64(a, '2020-01-01 00:00:00.000')}}",
    b"{% if {{String(a)}} in ('x', \"y\") or a.startswith('z') %}{{{a}}}{{!b}}{%! c %}{% elif x %}{% else %}{% end if %}",
];

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(template) = Template::parse("", text) else { return };
    let _ = (template.params(), template.check_names(), template.dependencies());
    let limits =
        Limits { steps: 20_000, loop_iterations: 2000, memory_bytes: 1 << 20, output_bytes: 1 << 16 };
    let secrets = BTreeSet::from(["s".to_owned()]);
    let values = [Value::Null, text.into(), "5".into(), vec![text, "b"].into(), 7.into()];
    let test = Mode::Test { unknown_secrets: true };
    let ways =
        [(Mode::Normal, Dialect::ClickHouse), (test, Dialect::ClickHouse), (Mode::Normal, Dialect::DuckDb)];
    for (mode, dialect) in ways {
        for value in &values {
            let params: BTreeMap<String, Value> = if value.is_null() {
                BTreeMap::new()
            } else {
                ["a", "b", "c", "x"].map(|name| (name.to_owned(), value.clone())).into()
            };
            let request =
                Request { params: &params, secrets: &secrets, now_us: 0, mode, dialect, limits: &limits };
            if let Ok(rendered) = template.render(&request) {
                assert!(rendered.sql.len() <= limits.output_bytes, "{text:?}");
                let again = template.render(&request).map(|again| again.sql);
                assert_eq!(again.as_ref(), Ok(&rendered.sql), "{text:?} renders differently");
            }
        }
    }
}
