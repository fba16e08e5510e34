//! `'…' % values`.

use super::super::value::Value;
use super::format::{Spec, format_float, format_int, pad};
use super::{Machine, Run, type_error, value_error};

impl Machine<'_> {
    pub(super) fn percent(&mut self, format: &str, values: &Value) -> Run<String> {
        let items = match values {
            Value::Tuple(id) => self.copied(*id)?,
            other => vec![other.clone()],
        };
        // What has subscripts is a mapping here, and may stay unused.
        let mapping =
            matches!(values, Value::Dict(_) | Value::List(_) | Value::Range(_) | Value::Placeholder(_));
        let mut items = items.into_iter();
        let mut out = String::new();
        let mut rest = format;
        while let Some((head, tail)) = rest.split_once('%') {
            out.push_str(head);
            rest = tail;
            let mut named = None;
            if let Some(inner) = rest.strip_prefix('(') {
                let Some((name, behind)) = inner.split_once(')') else {
                    return Err(value_error("incomplete format key"));
                };
                if !mapping {
                    return Err(type_error("format requires a mapping"));
                }
                named = Some(self.item(values, &Value::str(name))?);
                rest = behind;
            }
            let (spec, kind, behind) = directive(rest)?;
            rest = behind;
            if kind == '%' {
                out.push('%');
                continue;
            }
            let value = match named {
                Some(value) => value,
                None => items.next().ok_or_else(|| type_error("not enough arguments for format string"))?,
            };
            let text = self.percent_value(&value, kind, &spec)?;
            self.allocate(text.len())?;
            out.push_str(&text);
        }
        out.push_str(rest);
        if items.next().is_some() && !mapping {
            return Err(type_error("not all arguments converted during string formatting"));
        }
        Ok(out)
    }

    fn percent_value(&mut self, value: &Value, kind: char, spec: &Spec) -> Run<String> {
        let align = spec.align.unwrap_or('>');
        let text = match kind {
            's' => self.str(value)?,
            'r' => self.repr(value)?,
            'a' => self.ascii(value)?,
            'c' if value.as_text().is_some_and(|text| text.chars().count() == 1) => self.str(value)?,
            'd' | 'i' | 'u' if value.as_int().is_some() || value.as_float().is_some() => {
                let n = self.int_of(value)?;
                return format_int(&n, &Spec { kind: None, precision: None, ..spec.clone() });
            }
            'x' | 'X' | 'o' | 'c' if value.as_int().is_some() => {
                let n = value.as_int().unwrap_or_default();
                return format_int(&n, &Spec { kind: Some(kind), precision: None, ..spec.clone() });
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                if value.as_int().is_none() && value.as_float().is_none() {
                    let shown = self.type_name(value);
                    return Err(type_error(format!("must be real number, not {shown}")));
                }
                let x = self.float_of(value)?;
                return format_float(x, &Spec { kind: Some(kind), ..spec.clone() });
            }
            'd' | 'i' | 'u' => {
                let shown = self.type_name(value);
                return Err(type_error(format!("%{kind} format: a real number is required, not {shown}")));
            }
            'x' | 'X' | 'o' => {
                let shown = self.type_name(value);
                return Err(type_error(format!("%{kind} format: an integer is required, not {shown}")));
            }
            _ => return Err(type_error("%c requires int or char")),
        };
        let shown: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
        Ok(pad(&shown, "", align, &Spec { fill: ' ', ..spec.clone() }))
    }
}

/// Flags, width, precision and kind; what is behind them.
fn directive(text: &str) -> Run<(Spec, char, &str)> {
    let mut spec = Spec {
        fill: ' ',
        align: None,
        sign: '-',
        alternate: false,
        width: 0,
        group: None,
        precision: None,
        kind: None,
    };
    let mut rest = text;
    while let Some(flag) = rest.chars().next().filter(|c| "-+ #0".contains(*c)) {
        match flag {
            '-' => (spec.fill, spec.align) = (' ', Some('<')),
            '0' if spec.align.is_none() => (spec.fill, spec.align) = ('0', Some('=')),
            '#' => spec.alternate = true,
            '0' => {}
            sign => spec.sign = sign,
        }
        rest = rest.get(1..).unwrap_or("");
    }
    let number = |rest: &mut &str| -> Run<usize> {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let n = if digits.is_empty() { Some(0) } else { digits.parse().ok() };
        *rest = behind;
        n.filter(|n| *n <= 1000).ok_or_else(|| super::limit("a format of the template is too wide"))
    };
    spec.width = number(&mut rest)?;
    if let Some(behind) = rest.strip_prefix('.') {
        rest = behind;
        spec.precision = Some(number(&mut rest)?);
    }
    let Some(kind) = rest.chars().next() else { return Err(value_error("incomplete format")) };
    if !"sracdiuxXoeEfFgG%".contains(kind) {
        let at = text.len() - rest.len() + 1;
        let code = u32::from(kind);
        return Err(value_error(format!("unsupported format character '{kind}' (0x{code:x}) at index {at}")));
    }
    Ok((spec, kind, rest.get(kind.len_utf8()..).unwrap_or("")))
}
