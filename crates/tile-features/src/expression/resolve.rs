//! From a tree to a typed one: names become columns, functions are chosen by the types of their arguments, casts are put in where Spark
//! casts by itself.

use super::cast;
use super::functions::{self, Function};
use super::parse::Parsed;
use super::pattern::Pattern;
use super::print;
use super::tree::{Node, What};
use crate::types::{Schema, Type};
use crate::value::Value;
use tile_base::{Error, Result};

/// An expression over the columns of a schema.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(super) root: Typed,
    ty: Type,
    columns: Vec<String>,
    sql: String,
}

#[derive(Clone, Debug)]
pub struct Typed {
    pub op: Op,
    /// None: a null of no type.
    pub ty: Option<Type>,
}

#[derive(Clone, Debug)]
pub enum Op {
    /// Its place in the schema, and its name.
    Column(usize, String),
    Literal(Value),
    Cast(Box<Typed>),
    Case(Vec<(Typed, Typed)>, Option<Box<Typed>>),
    /// A field of a structure by its place, and its name.
    Field(Box<Typed>, usize, String),
    Call(&'static Function, Vec<Typed>, Option<Pattern>),
}

impl Parsed {
    /// # Errors
    /// `Invalid`, with the character and the nearest name, for columns, fields and functions that there are not, and for types that do not
    /// go together; `TooLarge`.
    pub fn resolve(&self, schema: &Schema) -> Result<Expression> {
        let root = resolve(&self.root, schema)?;
        let ty = root.ty.clone().ok_or_else(|| {
            Error::invalid("the expression is always null, and of no type")
                .hint("Give it one, as in CAST(NULL AS DOUBLE)")
        })?;
        let sql = root.print_total()?;
        let name = |place: usize| schema.0.get(place).map(|(name, _)| name.clone());
        let mut columns: Vec<String> =
            self.columns().iter().filter_map(|c| name(place(c, schema)?)).collect();
        columns.sort();
        columns.dedup();
        Ok(Expression { root, ty, columns, sql })
    }
}

impl Expression {
    pub const fn ty(&self) -> &Type {
        &self.ty
    }

    /// The columns that it reads, sorted, each once.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The expression in the engine's SQL. It names columns of the schema and functions of the engine, nothing else.
    pub fn print_for_engine(&self) -> &str {
        &self.sql
    }

    /// The column that it is, where it is nothing more.
    pub fn as_column(&self) -> Option<usize> {
        match self.root.op {
            Op::Column(at, _) => Some(at),
            _ => None,
        }
    }

    /// The time that it gives, in milliseconds since 1970: a number is one already.
    ///
    /// # Errors
    /// `Invalid` for what is neither a number nor a time.
    pub fn print_as_millis(&self) -> Result<String> {
        print::millis(&self.ty, &self.sql).ok_or_else(|| {
            Error::invalid(format!("a time is a number of milliseconds or a timestamp, not a {}", self.ty))
        })
    }
}

impl Typed {
    pub fn literal(value: Value, ty: Type) -> Self {
        Self { op: Op::Literal(value), ty: Some(ty) }
    }

    pub fn call(function: &'static Function, args: Vec<Self>, ty: Type) -> Self {
        Self { op: Op::Call(function, args, None), ty: Some(ty) }
    }

    pub fn call_with(function: &'static Function, args: Vec<Self>, pattern: Pattern, ty: Type) -> Self {
        Self { op: Op::Call(function, args, Some(pattern)), ty: Some(ty) }
    }

    /// The type as errors name it.
    pub fn shown(&self) -> String {
        self.ty.as_ref().map_or_else(|| "null".to_owned(), Type::to_string)
    }

    /// The same as another type.
    ///
    /// # Errors
    /// `Invalid` where there is no cast.
    pub fn cast(self, to: &Type) -> Result<Self> {
        match &self.ty {
            Some(from) if from == to => Ok(self),
            Some(from) if !cast::is_possible(from, to) => {
                let error = Error::invalid(format!("a {from} cannot become a {to}"));
                let is_shown = from.is_real() && *to == Type::Text;
                Err(if is_shown { error.hint("Round it first: CAST(ROUND(x) AS BIGINT)") } else { error })
            }
            _ => Ok(Self { op: Op::Cast(Box::new(self)), ty: Some(to.clone()) }),
        }
    }
}

fn resolve(node: &Node, schema: &Schema) -> Result<Typed> {
    kind(node, schema).map_err(|e| match e.at {
        Some(_) => e,
        None => e.at(format!("character {}", node.at + 1)),
    })
}

fn kind(node: &Node, schema: &Schema) -> Result<Typed> {
    match &node.what {
        What::Name(path) => column(path, schema),
        What::Literal(value, ty) => Ok(Typed { op: Op::Literal(value.clone()), ty: ty.clone() }),
        What::Cast(of, ty) => resolve(of, schema)?.cast(ty),
        What::Field(of, name) => field(resolve(of, schema)?, name),
        What::Case(branches, other) => {
            let mut conditions = Vec::new();
            let mut values = Vec::new();
            for (condition, value) in branches {
                conditions.push(truth(resolve(condition, schema)?)?);
                values.push(resolve(value, schema)?);
            }
            if let Some(other) = other {
                values.push(resolve(other, schema)?);
            }
            case(conditions, values)
        }
        What::Call(name, args) => {
            let args = args.iter().map(|arg| resolve(arg, schema)).collect::<Result<Vec<_>>>()?;
            functions::call(name, args)
        }
    }
}

/// Conditions, and one value for each, perhaps one more for all else.
pub fn case(conditions: Vec<Typed>, values: Vec<Typed>) -> Result<Typed> {
    let (mut values, ty) = same(values, true)?;
    let other = if values.len() > conditions.len() { values.pop().map(Box::new) } else { None };
    Ok(Typed { op: Op::Case(conditions.into_iter().zip(values).collect(), other), ty })
}

/// What must be true or false.
pub fn truth(of: Typed) -> Result<Typed> {
    match of.ty {
        None | Some(Type::Bool) => of.cast(&Type::Bool),
        Some(ty) => Err(Error::invalid(format!("expected a condition, found a {ty}"))),
    }
}

fn column(path: &[String], schema: &Schema) -> Result<Typed> {
    let Some((first, fields)) = path.split_first() else { return Err(Error::invalid("a name is missing")) };
    let found = place(first, schema).and_then(|at| Some((at, schema.0.get(at)?)));
    let Some((at, (name, ty))) = found else {
        let some = || schema.names().take(30).collect::<Vec<_>>().join(", ");
        return Err(Error::invalid(format!("no column is called `{first}`")).did_you_mean_or(
            first,
            schema.names(),
            || format!("Columns are {}", some()),
        ));
    };
    let column = Typed { op: Op::Column(at, name.clone()), ty: Some(ty.clone()) };
    fields.iter().try_fold(column, |of, name| field(of, name))
}

/// The place of a column. Spark does not mind the case, but where it decides.
fn place(name: &str, schema: &Schema) -> Option<usize> {
    schema.find(name).or_else(|| {
        let mut alike = schema.0.iter().enumerate().filter(|(_, (n, _))| n.eq_ignore_ascii_case(name));
        let found = alike.next().map(|(at, _)| at);
        found.filter(|_| alike.next().is_none())
    })
}

fn field(of: Typed, name: &str) -> Result<Typed> {
    match &of.ty {
        Some(Type::Struct(fields)) => {
            let found = fields.iter().enumerate().find(|(_, (n, _))| n.eq_ignore_ascii_case(name));
            let Some((at, (name, ty))) = found else {
                let error = Error::invalid(format!("no field is called `{name}`"));
                return Err(error.did_you_mean(name, fields.iter().map(|(n, _)| n.as_str())));
            };
            let (name, ty) = (name.clone(), ty.clone());
            Ok(Typed { op: Op::Field(Box::new(of), at, name), ty: Some(ty) })
        }
        Some(Type::Map(_)) => {
            functions::call("[]", vec![of, Typed::literal(Value::Text(name.into()), Type::Text)])
        }
        _ => {
            Err(Error::invalid(format!("`{name}` is not a field: what stands before it is a {}", of.shown())))
        }
    }
}

/// Values as one type, which is given back: numbers become the widest, nulls anything, and texts win where `is_text_wide`.
pub fn same(values: Vec<Typed>, is_text_wide: bool) -> Result<(Vec<Typed>, Option<Type>)> {
    let mut ty: Option<Type> = None;
    for value in &values {
        ty = match (ty, &value.ty) {
            (ty, None) => ty,
            (None, Some(new)) => Some(new.clone()),
            (Some(old), Some(new)) => Some(common(&old, new, is_text_wide)?),
        };
    }
    let values = match &ty {
        Some(ty) => values.into_iter().map(|value| value.cast(ty)).collect::<Result<_>>()?,
        None => values,
    };
    Ok((values, ty))
}

fn common(a: &Type, b: &Type, is_text_wide: bool) -> Result<Type> {
    Ok(match (a, b) {
        (a, b) if a == b => a.clone(),
        (a, b) if a.is_number() && b.is_number() => wider(a, b),
        (Type::Date, Type::Timestamp) | (Type::Timestamp, Type::Date) => Type::Timestamp,
        (Type::Text, other) | (other, Type::Text)
            if is_text_wide && cast::is_possible(other, &Type::Text) =>
        {
            Type::Text
        }
        _ => {
            return Err(Error::invalid(format!("a {a} and a {b} do not go together"))
                .hint("Write a CAST for one of them"));
        }
    })
}

/// The wider of two types of numbers.
pub fn wider(a: &Type, b: &Type) -> Type {
    const ORDER: [Type; 6] = [Type::Byte, Type::Short, Type::Int, Type::Long, Type::Float, Type::Double];
    let place = |ty: &Type| ORDER.iter().position(|t| t == ty);
    if place(a) >= place(b) { a.clone() } else { b.clone() }
}
