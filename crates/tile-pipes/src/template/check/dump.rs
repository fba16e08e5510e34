//! An expression as Python's `ast.dump` writes it, for errors that show one.

use super::super::eval::quote;
use super::super::python::ast::{
    Binary, Clause, Comparison, Const, Expr, Formatted, Keyword, Kind, Piece, Shape, Statement, Unary,
};
use super::super::value::float_repr;

pub fn dump(expr: &Expr) -> String {
    write(expr, "Load")
}

pub fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Expr(expr) => format!("Expr(value={})", dump(expr)),
        Statement::Assign(targets, value) => {
            let targets: Vec<String> = targets.iter().map(|target| write(target, "Store")).collect();
            format!("Assign(targets=[{}], value={})", targets.join(", "), dump(value))
        }
        Statement::Augmented(target, operator, value) => {
            let (target, operator) = (write(target, "Store"), binary(*operator));
            format!("AugAssign(target={target}, op={operator}, value={})", dump(value))
        }
    }
}

pub fn unary(operator: Unary) -> &'static str {
    match operator {
        Unary::Minus => "USub()",
        Unary::Plus => "UAdd()",
        Unary::Invert => "Invert()",
        Unary::Not => "Not()",
    }
}

pub fn binary(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "Add()",
        Binary::Sub => "Sub()",
        Binary::Mult => "Mult()",
        Binary::Div => "Div()",
        Binary::FloorDiv => "FloorDiv()",
        Binary::Mod => "Mod()",
        Binary::Pow => "Pow()",
        Binary::MatMult => "MatMult()",
        Binary::LeftShift => "LShift()",
        Binary::RightShift => "RShift()",
        Binary::BitOr => "BitOr()",
        Binary::BitXor => "BitXor()",
        Binary::BitAnd => "BitAnd()",
    }
}

fn comparison(operator: Comparison) -> &'static str {
    match operator {
        Comparison::Equal => "Eq()",
        Comparison::NotEqual => "NotEq()",
        Comparison::Less => "Lt()",
        Comparison::LessEqual => "LtE()",
        Comparison::Greater => "Gt()",
        Comparison::GreaterEqual => "GtE()",
        Comparison::Is => "Is()",
        Comparison::IsNot => "IsNot()",
        Comparison::In => "In()",
        Comparison::NotIn => "NotIn()",
    }
}

fn list(items: &[Expr], context: &str) -> String {
    let items: Vec<String> = items.iter().map(|item| write(item, context)).collect();
    format!("[{}]", items.join(", "))
}

fn constant(value: &Const) -> String {
    match value {
        Const::None => "None".to_owned(),
        Const::Ellipsis => "Ellipsis".to_owned(),
        Const::Bool(b) => if *b { "True" } else { "False" }.to_owned(),
        Const::Int(n) => n.to_string(),
        Const::Float(x) => float_repr(*x),
        Const::Str(text) => quote(text),
    }
}

/// `context`: whether the expression is read or written.
fn write(expr: &Expr, context: &str) -> String {
    match &expr.kind {
        Kind::Const(value) => format!("Constant(value={})", constant(value)),
        Kind::Name(name) => format!("Name(id={}, ctx={context}())", quote(name)),
        Kind::Attribute(value, name) => {
            format!("Attribute(value={}, attr={}, ctx={context}())", dump(value), quote(name))
        }
        Kind::Call(function, arguments, keywords) => {
            let keywords: Vec<String> = keywords.iter().map(keyword).collect();
            let arguments = list(arguments, "Load");
            format!("Call(func={}, args={arguments}, keywords=[{}])", dump(function), keywords.join(", "))
        }
        Kind::Index(value, index) => {
            format!("Subscript(value={}, slice={}, ctx={context}())", dump(value), dump(index))
        }
        Kind::Slice(from, to, step) => {
            let parts: Vec<String> = [("lower", from), ("upper", to), ("step", step)]
                .iter()
                .filter_map(|(name, part)| part.as_ref().map(|part| format!("{name}={}", dump(part))))
                .collect();
            format!("Slice({})", parts.join(", "))
        }
        Kind::Unary(operator, value) => format!("UnaryOp(op={}, operand={})", unary(*operator), dump(value)),
        Kind::Binary(left, operator, right) => {
            format!("BinOp(left={}, op={}, right={})", dump(left), binary(*operator), dump(right))
        }
        Kind::And(items) => format!("BoolOp(op=And(), values={})", list(items, "Load")),
        Kind::Or(items) => format!("BoolOp(op=Or(), values={})", list(items, "Load")),
        Kind::Compare(left, rest) => {
            let operators: Vec<&str> = rest.iter().map(|(operator, _)| comparison(*operator)).collect();
            let values: Vec<String> = rest.iter().map(|(_, value)| dump(value)).collect();
            let (operators, values) = (operators.join(", "), values.join(", "));
            format!("Compare(left={}, ops=[{operators}], comparators=[{values}])", dump(left))
        }
        Kind::If(test, then, otherwise) => {
            format!("IfExp(test={}, body={}, orelse={})", dump(test), dump(then), dump(otherwise))
        }
        Kind::List(items) => format!("List(elts={}, ctx={context}())", list(items, context)),
        Kind::Tuple(items) => format!("Tuple(elts={}, ctx={context}())", list(items, context)),
        Kind::Set(items) => format!("Set(elts={})", list(items, "Load")),
        Kind::Starred(value) => format!("Starred(value={}, ctx={context}())", write(value, context)),
        Kind::Assign(name, value) => {
            let target = format!("Name(id={}, ctx=Store())", quote(name));
            format!("NamedExpr(target={target}, value={})", dump(value))
        }
        Kind::Embedded(value) => dump(value),
        _ => write_other(expr),
    }
}

fn write_other(expr: &Expr) -> String {
    match &expr.kind {
        Kind::Dict(pairs) => {
            let keys: Vec<String> =
                pairs.iter().map(|(key, _)| key.as_ref().map_or_else(|| "None".to_owned(), dump)).collect();
            let values: Vec<String> = pairs.iter().map(|(_, value)| dump(value)).collect();
            format!("Dict(keys=[{}], values=[{}])", keys.join(", "), values.join(", "))
        }
        Kind::Joined(pieces) => joined(pieces),
        Kind::Lambda(lambda) => {
            let names: Vec<String> =
                lambda.parameters.iter().map(|(name, _)| format!("arg(arg={})", quote(name))).collect();
            let defaults: Vec<String> =
                lambda.parameters.iter().filter_map(|(_, default)| default.as_ref()).map(dump).collect();
            let rest = lambda
                .rest
                .as_ref()
                .map(|name| format!("vararg=arg(arg={}), ", quote(name)))
                .unwrap_or_default();
            format!(
                "Lambda(args=arguments(posonlyargs=[], args=[{}], {rest}kwonlyargs=[], kw_defaults=[], \
                 defaults=[{}]), body={})",
                names.join(", "),
                defaults.join(", "),
                dump(&lambda.body)
            )
        }
        Kind::Comprehension(c) => {
            let clauses: Vec<String> = c.clauses.iter().map(clause).collect();
            let clauses = clauses.join(", ");
            match (c.shape, &c.value) {
                (Shape::Dict, Some(value)) => {
                    let (key, value) = (dump(&c.element), dump(value));
                    format!("DictComp(key={key}, value={value}, generators=[{clauses}])")
                }
                (shape, _) => {
                    let name = match shape {
                        Shape::List => "ListComp",
                        Shape::Set => "SetComp",
                        _ => "GeneratorExp",
                    };
                    format!("{name}(elt={}, generators=[{clauses}])", dump(&c.element))
                }
            }
        }
        _ => String::new(),
    }
}

fn keyword(keyword: &Keyword) -> String {
    let name = keyword.name.as_ref().map(|name| format!("arg={}, ", quote(name))).unwrap_or_default();
    format!("keyword({name}value={})", dump(&keyword.value))
}

fn clause(clause: &Clause) -> String {
    let (target, iter) = (write(&clause.target, "Store"), dump(&clause.iter));
    let conditions = list(&clause.conditions, "Load");
    format!("comprehension(target={target}, iter={iter}, ifs={conditions}, is_async=0)")
}

fn joined(pieces: &[Piece]) -> String {
    let values: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => format!("Constant(value={})", quote(text)),
            Piece::Value(Formatted { expr, conversion, spec }) => {
                let code = conversion.map_or(-1, |c| i64::from(u32::from(c)));
                let spec =
                    spec.as_deref().map(|spec| format!(", format_spec={}", joined(spec))).unwrap_or_default();
                format!("FormattedValue(value={}, conversion={code}{spec})", dump(expr))
            }
        })
        .collect();
    format!("JoinedStr(values=[{}])", values.join(", "))
}
