//! Nothing that a template can write costs more than its budget.

use crate::template::{Dialect, Kind, Limits, Mode, Request, Template, TemplateError};
use std::collections::{BTreeMap, BTreeSet};

fn render(template: &str, limits: &Limits) -> Result<String, TemplateError> {
    let (params, secrets) = (BTreeMap::new(), BTreeSet::new());
    let request = Request {
        params: &params,
        secrets: &secrets,
        now_us: 0,
        mode: Mode::Normal,
        dialect: Dialect::ClickHouse,
        limits,
    };
    Template::parse("", template)?.render(&request).map(|rendered| rendered.sql)
}

#[test]
fn loops_memory_and_output_end_at_their_bounds() {
    let limits =
        Limits { steps: 200_000, loop_iterations: 10_000, memory_bytes: 1 << 20, output_bytes: 1000 };
    for template in [
        "{% while True %}{% end %}",
        "{% for i in range(10 ** 30) %}{% end %}",
        "{% set l = [i for i in range(10 ** 9)] %}",
        "{% set l = [1] %}{% for i in l %}{% set _ = l.append(i) %}{% end %}",
        "{% set f = lambda n: f(n - 1) + f(n - 2) if n > 1 else n %}{% set x = f(40) %}",
        "{{'a' * 10000000}}",
        "{% set x = 'a' * (10 ** 12) %}",
        "{% set x = [0] * 10000000 %}",
        "{% set x = 10 ** 10 ** 10 %}",
        "{% set x = 1 << 10 ** 9 %}",
        "{% set x = 9 %}{% for i in range(40) %}{% set x = x * x %}{% end %}",
        "{% set x = 'ab' %}{% for i in range(60) %}{% set x = x + x %}{% end %}",
        "{% set x = 'ab' %}{% for i in range(60) %}{% set x = x.replace('a', 'aaaa') %}{% end %}",
        "{% set x = [] %}{% for i in range(60) %}{% set x = [x, x] %}{% end %}{% set y = str(x) %}",
        "{% set x = [] %}{% for i in range(60) %}{% set x = [x, x] %}{% end %}{% set y = x == [x[0], x[1]] %}{% set y = str(x) %}",
        "{% set x = f'{1:100000000}' %}",
        "{% set x = '%9999999d' % 1 %}",
        "{% set x = 'a'.center(10 ** 9) %}",
        "{% for i in range(100) %}0123456789{{i}}{% end %}",
        "{% set x = sum(i for i in range(10 ** 9)) %}",
        "{% set x = max(range(10 ** 9)) %}",
        "{% set x = list(zip(range(10 ** 9), range(10 ** 9))) %}",
        "{% set x = 'a,' * 100000 %}{% for i in range(100000) %}{% set y = x.count('b') %}{% end %}",
        "{% try %}{% while True %}{% end %}{% except %}caught{% finally %}f{% end %}",
    ] {
        let error = render(template, &limits).expect_err(template);
        assert_eq!(error.kind, Kind::Limit, "{template}: {error}");
    }
}

#[test]
fn depth_is_bounded_before_the_stack_is() {
    let limits = Limits::default();
    let deep = |open: &str, inner: &str, close: &str, n: usize| {
        format!("{}{inner}{}", open.repeat(n), close.repeat(n))
    };
    for template in [
        format!("{{{{ {} }}}}", deep("(", "1", ")", 5000)),
        format!("{{% set x = {} %}}", deep("[", "", "]", 5000)),
        format!("{{% set x = {} %}}", "-".repeat(50_000) + "1"),
        format!("{{% set x = {} %}}", "not ".repeat(50_000) + "1"),
        format!("{{% set x = {} %}}", "1 + ".repeat(50_000) + "1"),
        format!("{{% set x = 1 {} %}}", "if 1 else 2 ".repeat(5000)),
        format!("{{% set x = a{} %}}", "[0]".repeat(50_000)),
        format!("{{% set x = {} %}}", "lambda: ".repeat(5000) + "1"),
        format!("{{% set x = {} %}}", "2 ** ".repeat(50_000) + "1"),
        deep("{% if 1 %}", "", "{% end %}", 5000),
        "{% set f = lambda n: f(n + 1) %}{% set x = f(0) %}".to_owned(),
        "{% set x = [] %}{% for i in range(100000) %}{% set x = [x] %}{% end %}{{x}}".to_owned(),
        "{% set x = [] %}{% set y = [] %}{% for i in range(100000) %}{% set x = [x] %}{% set y = [y] %}{% end %}{% set z = x == y %}"
            .to_owned(),
        "{% set x = [] %}{% for i in range(100000) %}{% set x = map(str, x) %}{% end %}{% set y = list(x) %}".to_owned(),
        "{% set x = (1,) %}{% for i in range(100000) %}{% set x = (x,) %}{% end %}{% set y = {x: 1} %}".to_owned(),
        "{% set x = [] %}{% set _ = x.append(x) %}{{x}}".to_owned(),
        format!("{{{{ JSON(x, '{}') }}}}", deep("[", "", "]", 5000)),
    ] {
        let shown: String = template.chars().take(60).collect();
        assert!(render(&template, &limits).is_err(), "{shown}");
    }
}

#[test]
fn a_long_template_takes_time_in_proportion() {
    let template = "{% if defined(a) %}{{String(a, 'x')}}{% else %}{{Int32(b, 5)}}{% end %}\n".repeat(8000);
    let sql = render(&template, &Limits::default()).unwrap();
    assert_eq!(sql.len(), "toInt32('5')\n".len() * 8000);
    let limits = Limits::default();
    for template in [
        format!("{{% set x = [{}] %}}", (0..60_000).map(|i| format!("a{i}, ")).collect::<String>()),
        format!("{{% set x = dict({}) %}}", (0..60_000).map(|i| format!("a{i}=1, ")).collect::<String>()),
        (0..40_000).map(|i| format!("{{{{String(a{i}, '')}}}}")).collect(),
        (0..40_000).map(|i| format!("{{% if a{i} %}}{{% end %}}")).collect(),
        (0..40_000).map(|i| format!("{{{{String(a{i})}}}}")).collect(),
        format!("{{% if [{}] %}}{{% end %}}", "{{a}}, ".repeat(50_000)),
        "{".repeat(1_000_000),
        "{{!".repeat(300_000),
    ] {
        // What comes out does not matter, only that it does.
        let _ = render(&template, &limits);
    }
    let long = "x".repeat((1 << 20) + 1);
    assert_eq!(render(&long, &Limits::default()).unwrap_err().kind, Kind::Limit);
}
