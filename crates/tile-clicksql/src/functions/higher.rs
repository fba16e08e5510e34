//! Functions that take a lambda.

use crate::ast::{Call, Expr, ExprKind, Ident};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::resolve::{Level, Scope, nested_key};
use crate::typed::Typed;
use crate::types::Type;
use crate::walk;

/// The functions that take a lambda.
pub const NAMES: &[&str] = &[
    "arrayAll",
    "arrayAvg",
    "arrayCount",
    "arrayExists",
    "arrayFilter",
    "arrayFirst",
    "arrayFirstIndex",
    "arrayLast",
    "arrayMap",
    "arrayMax",
    "arrayMin",
    "arrayReverseSort",
    "arraySort",
    "arraySum",
    "mapAll",
    "mapApply",
    "mapExists",
    "mapFilter",
];

/// `f(lambda, arrays…)`.
pub fn call<'a>(scope: &Scope<'a, '_>, call: &'a Call, level: Level) -> Result<Typed> {
    let name = call.name.text.as_str();
    let bad = || SqlError::new(Code::BadArguments, format!("`{name}` takes a lambda and arrays"));
    let (first, rest) = call.args.split_first().ok_or_else(bad)?;
    let ExprKind::Lambda { params, body } = &walk::bare(first).kind else {
        return Err(SqlError::new(Code::Unsupported, format!("`{name}` with a lambda is not supported")));
    };
    let arrays = rest.iter().map(|a| scope.expr(a, level)).collect::<Result<Vec<_>>>()?;
    if let [map] = arrays.as_slice()
        && let Type::Map(key, value) = map.ty.plain()
    {
        return over_map(scope, call, level, params, body, (map, key, value));
    }
    let mut items = Vec::new();
    for array in &arrays {
        match array.ty.plain() {
            Type::Array(item) => items.push((array.sql.clone(), item.without_dictionaries())),
            _ => return Err(bad()),
        }
    }
    // One array of tuples can be taken apart by several parameters.
    let depth = scope.lambdas.borrow().len();
    let index = format!("i{depth}_");
    let value = format!("x{depth}_");
    let single = items.len() == 1;
    let mut bound: Vec<(String, Typed)> = Vec::new();
    if let ([(_, Type::Tuple(elements))], true) = (items.as_slice(), params.len() > 1) {
        for (i, (param, (_, ty))) in params.iter().zip(elements).enumerate() {
            bound.push((
                param.text.clone(),
                Typed::new(format!("struct_extract({value}, '{}')", i + 1), ty.clone()),
            ));
        }
    } else if params.len() == items.len() {
        for (param, (list, ty)) in params.iter().zip(&items) {
            let sql = if single { value.clone() } else { format!("{list}[{index}]") };
            bound.push((param.text.clone(), Typed::new(sql, ty.clone())));
        }
    } else {
        return Err(bad());
    }
    scope.lambdas.borrow_mut().extend(bound);
    let body = scope.expr(body, level);
    scope.lambdas.borrow_mut().truncate(depth);
    let body = body?;
    let names: Vec<&str> = params.iter().map(|p| p.text.as_str()).collect();
    let lambda = format!("lambda(tuple({}), {})", names.join(", "), body.name);
    let shown: Vec<String> = std::iter::once(lambda).chain(arrays.iter().map(|a| a.name.clone())).collect();
    let found = Higher { name, items: &items, body: &body, value: &value, index: &index, single }.form()?;
    let mut found = found.named(format!("{name}({})", shown.join(", ")));
    found.is_constant = arrays.iter().all(|a| a.is_constant) && body.is_constant;
    Ok(found)
}

/// `f(lambda, map)`: the lambda takes keys and values.
fn over_map<'a>(
    scope: &Scope<'a, '_>,
    call: &'a Call,
    level: Level,
    params: &'a [Ident],
    body: &'a Expr,
    (map, key, value): (&Typed, &Type, &Type),
) -> Result<Typed> {
    let name = call.name.text.as_str();
    let [k, v] = params else {
        let what = format!("the lambda of `{name}` takes a key and a value");
        return Err(SqlError::new(Code::BadArguments, what));
    };
    let depth = scope.lambdas.borrow().len();
    let entry = format!("x{depth}_");
    let part = |param: &Ident, part: &str, ty: &Type| {
        (param.text.clone(), Typed::new(format!("{entry}.{part}"), ty.clone()))
    };
    scope.lambdas.borrow_mut().extend([part(k, "key", key), part(v, "value", value)]);
    let body = scope.expr(body, level);
    scope.lambdas.borrow_mut().truncate(depth);
    let body = body?;
    let entries = format!("map_entries({})", map.sql);
    let kept = || format!("list_filter({entries}, lambda {entry}: coalesce({}, false))", body.condition());
    let of_entries = |list: &str, ty: Type| -> Result<Typed> {
        Ok(Typed::new(format!("CAST(map_from_entries({list}) AS {})", duck::type_of(&ty)?), ty))
    };
    let found = match (name, body.ty.plain()) {
        ("mapFilter", _) => of_entries(&kept(), map.ty.plain().clone())?,
        ("mapExists", _) => Typed::truth(format!("(len({}) > 0)", kept())),
        ("mapAll", _) => Typed::truth(format!("(len({}) = len({entries}))", kept())),
        ("mapApply", Type::Tuple(pair)) if pair.len() == 2 => {
            let ty = |at: usize| {
                Box::new(pair.get(at).map_or(Type::Nothing, |(_, ty)| ty.without_dictionary().clone()))
            };
            let made = "struct_pack(key := struct_extract(p_, '1'), value := struct_extract(p_, '2'))";
            let pairs = format!("list_transform({entries}, lambda {entry}: {})", body.value());
            of_entries(&format!("list_transform({pairs}, lambda p_: {made})"), Type::Map(ty(0), ty(1)))?
        }
        _ => return Err(SqlError::new(Code::Unsupported, format!("`{name}` over a map is not supported"))),
    };
    let lambda = format!("lambda(tuple({}, {}), {})", k.text, v.text, body.name);
    let mut found = found.named(format!("{name}({lambda}, {})", map.name));
    found.is_constant = map.is_constant && body.is_constant;
    Ok(found)
}

struct Higher<'x> {
    name: &'x str,
    items: &'x [(String, Type)],
    body: &'x Typed,
    value: &'x str,
    index: &'x str,
    single: bool,
}

impl Higher<'_> {
    fn first(&self) -> Result<&(String, Type)> {
        self.items
            .first()
            .ok_or_else(|| SqlError::new(Code::NumberOfArguments, format!("`{}` wants an array", self.name)))
    }

    /// A list of the body's values for all items.
    fn mapped(&self, body: &str) -> Result<String> {
        Ok(if self.single {
            let (list, _) = self.first()?;
            format!("list_transform({list}, lambda {}: {body})", self.value)
        } else {
            format!("list_transform({}, lambda {}: {body})", self.places()?, self.index)
        })
    }

    /// The first array's items for which the body holds.
    fn kept(&self) -> Result<String> {
        let (list, _) = self.first()?;
        let holds = format!("coalesce({}, false)", self.body.condition());
        Ok(if self.single {
            format!("list_filter({list}, lambda {}: {holds})", self.value)
        } else {
            format!(
                "list_transform(list_filter({}, lambda {1}: {holds}), lambda {1}: {list}[{1}])",
                self.places()?,
                self.index
            )
        })
    }

    /// The first array's items in the order of the body's values, those with equal ones as they come.
    fn in_order(&self, descending: bool) -> Result<String> {
        let (list, _) = self.first()?;
        let sign = if descending { "-" } else { "" };
        let key = nested_key(&self.body.value(), &self.body.ty, !descending);
        let packed =
            |item: &str, number: &str| format!("struct_pack(k := {key}, n := {sign}{number}, v := {item})");
        let decorated = if self.single {
            let body = packed(self.value, self.index);
            format!("list_transform({list}, lambda {}, {}: {body})", self.value, self.index)
        } else {
            let body = packed(&format!("{list}[{}]", self.index), self.index);
            format!("list_transform({}, lambda {}: {body})", self.places()?, self.index)
        };
        let direction = if descending { "DESC" } else { "ASC" };
        Ok(format!("list_transform(list_sort({decorated}, '{direction}'), lambda p_: p_.v)"))
    }

    /// The places of the arrays' items: all arrays are of one length.
    fn places(&self) -> Result<String> {
        let (list, _) = self.first()?;
        let same: Vec<String> =
            self.items.iter().skip(1).map(|(other, _)| format!("len({list}) = len({other})")).collect();
        let message = duck::text(&format!("arrays passed to {} must have equal size", self.name));
        Ok(format!(
            "CASE WHEN {} THEN range(1, len({list}) + 1) ELSE error({message}) END",
            same.join(" AND ")
        ))
    }

    fn form(&self) -> Result<Typed> {
        let (_, item) = self.first()?;
        let array = |ty: Type| Type::Array(Box::new(ty));
        let count = |sql: String| Typed::new(format!("CAST(len({sql}) AS UINTEGER)"), Type::UInt(32));
        Ok(match self.name {
            "arrayMap" => {
                Typed::new(self.mapped(&self.body.value())?, array(self.body.ty.without_dictionary().clone()))
            }
            "arrayFilter" => Typed::new(self.kept()?, array(item.without_dictionaries())),
            "arrayCount" => count(self.kept()?),
            "arrayExists" => Typed::truth(format!("(len({}) > 0)", self.kept()?)),
            "arrayAll" => Typed::truth(format!("(len({}) = len({}))", self.kept()?, self.first()?.0)),
            "arrayFirst" => Typed::new(
                duck::or_default(format!("{}[1]", self.kept()?), item)?,
                item.without_dictionaries(),
            ),
            "arrayLast" => Typed::new(
                duck::or_default(format!("{}[-1]", self.kept()?), item)?,
                item.without_dictionaries(),
            ),
            "arrayFirstIndex" => {
                let flags = self.mapped(&format!("coalesce({}, false)", self.body.condition()))?;
                Typed::new(
                    format!("CAST(coalesce(list_position({flags}, true), 0) AS UINTEGER)"),
                    Type::UInt(32),
                )
            }
            "arraySum" | "arrayMin" | "arrayMax" | "arrayAvg" => {
                let list = self.mapped(&self.body.value())?;
                super::others::reduced(self.name, &list, self.body.ty.without_dictionary())?
            }
            "arraySort" | "arrayReverseSort" => Typed::new(
                self.in_order(self.name == "arrayReverseSort")?,
                array(item.without_dictionaries()),
            ),
            _ => {
                return Err(SqlError::new(
                    Code::Unsupported,
                    format!("`{}` with a lambda is not supported", self.name),
                ));
            }
        })
    }
}
