//! The tree of a ClickHouse statement, as it was written. Names are not looked up here and nothing is typed.
//!
//! Source: ClickHouse's SQL reference, statement `SELECT`.

/// Byte offsets into the text, half open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The smallest span around both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A name, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ident {
    pub text: String,
    pub span: Span,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    Query(Query),
    /// `DESCRIBE [TABLE] table | (query)`
    Describe(Box<TableRef>),
    /// `SHOW TABLES | DATABASES | CREATE TABLE t | COLUMNS FROM t`: the words after `SHOW`.
    Show(Vec<Ident>),
    /// `EXPLAIN [AST | SYNTAX | PLAN | PIPELINE …] query`
    Explain {
        what: Option<Ident>,
        query: Box<Query>,
    },
    /// `EXISTS [TABLE | VIEW | DICTIONARY | DATABASE] name`
    Exists {
        what: Existing,
        name: Vec<Ident>,
    },
}

/// What `EXISTS` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    Table,
    View,
    Dictionary,
    Database,
}

/// A query with what may stand at its very end.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub body: QueryBody,
    /// `SETTINGS` after a set operation; those of a single select stay with it.
    pub settings: Vec<Setting>,
    pub format: Option<Ident>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum QueryBody {
    Select(Box<Select>),
    Set {
        op: SetOp,
        quantifier: Quantifier,
        left: Box<QueryBody>,
        right: Box<QueryBody>,
    },
    /// `(query)`, whose own ORDER BY and LIMIT bind inside.
    Parens(Box<Query>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOp {
    Union,
    Intersect,
    Except,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Not written.
    Default,
    All,
    Distinct,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// `WITH RECURSIVE`
    pub recursive: bool,
    pub with: Vec<With>,
    pub distinct: Distinct,
    pub projection: Vec<Expr>,
    pub from: Option<TableRef>,
    pub prewhere: Option<Expr>,
    pub filter: Option<Expr>,
    pub group_by: Option<GroupBy>,
    pub having: Option<Expr>,
    /// `WINDOW name AS (…)`
    pub windows: Vec<(Ident, WindowSpec)>,
    pub qualify: Option<Expr>,
    pub order_by: Vec<OrderItem>,
    /// `INTERPOLATE [(a AS expr, …)]` after ORDER BY … WITH FILL; an empty list means all columns.
    pub interpolate: Option<Vec<(Ident, Option<Expr>)>>,
    pub limit_by: Option<LimitBy>,
    pub limit: Option<Limit>,
    pub settings: Vec<Setting>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum With {
    /// `name [(columns)] AS [MATERIALIZED] (query)`
    Cte { name: Ident, columns: Vec<Ident>, query: Box<Query> },
    /// `expr AS name`, a scalar or a lambda. Without a name it means nothing, except for the aliases inside.
    Expr { expr: Expr, name: Option<Ident> },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Distinct {
    No,
    Yes,
    On(Vec<Expr>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct GroupBy {
    pub kind: GroupKind,
    /// `WITH TOTALS`
    pub totals: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum GroupKind {
    Plain(Vec<Expr>),
    /// `GROUP BY ALL`
    All,
    /// `ROLLUP(…)` or `… WITH ROLLUP`
    Rollup(Vec<Expr>),
    Cube(Vec<Expr>),
    Sets(Vec<Vec<Expr>>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct OrderItem {
    /// `None`: `ORDER BY ALL`.
    pub expr: Option<Expr>,
    pub descending: bool,
    /// `NULLS FIRST` is `Some(true)`.
    pub nulls_first: Option<bool>,
    pub collate: Option<String>,
    pub fill: Option<Fill>,
}

/// `WITH FILL [FROM x] [TO y] [STEP s] [STALENESS t]`
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Fill {
    pub from: Option<Expr>,
    pub to: Option<Expr>,
    pub step: Option<Expr>,
    pub staleness: Option<Expr>,
}

/// `LIMIT count [OFFSET offset] BY exprs`
#[derive(Clone, Debug, PartialEq)]
pub struct LimitBy {
    pub count: Expr,
    pub offset: Option<Expr>,
    pub by: Vec<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// `None`: only an OFFSET stands there.
    pub count: Option<Expr>,
    pub offset: Option<Expr>,
    pub with_ties: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub name: Ident,
    pub value: Expr,
}

/// A table with what stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRef {
    pub kind: TableKind,
    pub alias: Option<Ident>,
    pub is_final: bool,
    pub sample: Option<Sample>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub size: Expr,
    pub offset: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TableKind {
    /// `[database.]table`
    Table(Vec<Ident>),
    Function {
        name: Ident,
        args: Vec<Expr>,
    },
    Subquery(Box<Query>),
    /// A statement in parentheses that is no query, as in `SELECT * FROM (DESCRIBE t)`.
    Statement(Box<Statement>),
    Join(Box<Join>),
    /// `left [LEFT] ARRAY JOIN exprs`; `left` is absent in a select without FROM.
    ArrayJoin {
        left: Option<Box<TableRef>>,
        is_left: bool,
        exprs: Vec<Expr>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    pub left: TableRef,
    pub right: TableRef,
    pub kind: JoinKind,
    pub strictness: Strictness,
    pub global: bool,
    pub on: JoinOn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
    /// `a, b`
    Comma,
    Paste,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Not written.
    Default,
    All,
    Any,
    Semi,
    Anti,
    Asof,
}

#[derive(Clone, Debug, PartialEq)]
pub enum JoinOn {
    None,
    On(Expr),
    Using(Vec<Ident>),
}

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    Literal(Literal),
    /// `a`, `t.a`, `db.t.a`, or a path into a tuple, a nested column or JSON.
    Name(Vec<Ident>),
    /// `*` or `t.*`
    Star {
        qualifier: Vec<Ident>,
        modifiers: Vec<StarModifier>,
    },
    /// `COLUMNS('regex')` or `COLUMNS(a, b)`, perhaps qualified.
    Columns {
        qualifier: Vec<Ident>,
        what: ColumnsOf,
        modifiers: Vec<StarModifier>,
    },
    Call(Box<Call>),
    /// `x -> body` or `(x, y) -> body`
    Lambda {
        params: Vec<Ident>,
        body: Box<Expr>,
    },
    /// `(a, b)`, `(a,)` and `()`; a single `(a)` is `Parens`.
    Tuple(Vec<Expr>),
    Parens(Box<Expr>),
    Array(Vec<Expr>),
    /// `{'k': v, …}`
    Map(Vec<(Expr, Expr)>),
    Unary {
        op: UnaryOp,
        expr: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Between {
        expr: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    In {
        expr: Box<Expr>,
        set: Box<Expr>,
        negated: bool,
        global: bool,
    },
    IsNull {
        expr: Box<Expr>,
        negated: bool,
    },
    Case {
        operand: Option<Box<Expr>>,
        whens: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    /// `condition ? then : otherwise`
    Ternary {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// `CAST(x AS T)`, `x::T`, `DATE 'text'`, `TIMESTAMP 'text'`; `ty` is the type as written. `CAST(x, 'T')` is a call.
    Cast {
        expr: Box<Expr>,
        ty: String,
        style: CastStyle,
    },
    Interval {
        value: Box<Expr>,
        unit: IntervalUnit,
    },
    Extract {
        unit: IntervalUnit,
        expr: Box<Expr>,
    },
    Subquery(Box<Query>),
    Exists(Box<Query>),
    /// `a[i]`
    Index {
        expr: Box<Expr>,
        index: Box<Expr>,
    },
    /// `t.1` or `t.name` of something that is not a plain name.
    Member {
        expr: Box<Expr>,
        member: Member,
    },
    /// `{name:Type}`
    Parameter {
        name: Ident,
        ty: String,
    },
    /// `expr AS name`, which may stand anywhere.
    Alias {
        expr: Box<Expr>,
        name: Ident,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// As written: `1`, `0xff`, `1e3`, `inf`, `nan`.
    Number(String),
    /// Without quotes, escapes resolved.
    Text(String),
    Bool(bool),
    Null,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StarModifier {
    Except(Vec<Ident>),
    /// `EXCEPT('regex')`
    ExceptPattern(String),
    Replace(Vec<(Expr, Ident)>),
    /// `APPLY(f)`, `APPLY(f(p))` or `APPLY(x -> …)`: a name, a call that takes one argument more, or a lambda.
    Apply(Box<Expr>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum ColumnsOf {
    Pattern(String),
    Names(Vec<Vec<Ident>>),
}

/// `name(params)(DISTINCT args) [FILTER (WHERE …)] [OVER …]`
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub name: Ident,
    /// The first pair of parentheses of a parametric function.
    pub params: Option<Vec<Expr>>,
    pub args: Vec<Expr>,
    pub distinct: bool,
    pub filter: Option<Expr>,
    /// `RESPECT NULLS` is `Some(true)`, `IGNORE NULLS` is `Some(false)`.
    pub respect_nulls: Option<bool>,
    pub over: Option<Over>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Over {
    Name(Ident),
    Spec(WindowSpec),
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct WindowSpec {
    /// A window that this one extends.
    pub base: Option<Ident>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<OrderItem>,
    pub frame: Option<Frame>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub unit: FrameUnit,
    pub start: Bound,
    /// `None`: not written, the current row.
    pub end: Option<Bound>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameUnit {
    Rows,
    Range,
    Groups,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    UnboundedPreceding,
    Preceding(Box<Expr>),
    CurrentRow,
    Following(Box<Expr>),
    UnboundedFollowing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Minus,
    Plus,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    /// `DIV`
    IntDivide,
    Concat,
    Eq,
    NotEq,
    /// `<=>` and `IS NOT DISTINCT FROM`
    NullSafeEq,
    /// `IS DISTINCT FROM`
    Distinct,
    Lt,
    LtEq,
    Gt,
    GtEq,
    And,
    Or,
    Like,
    NotLike,
    ILike,
    NotILike,
    Regexp,
    NotRegexp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CastStyle {
    Call,
    /// `::`
    Colons,
    /// `DATE 'text'`
    Prefix,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntervalUnit {
    Nanosecond,
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// From 1.
    Index(u32),
    Name(Ident),
    /// `.:Type`, by the type's text.
    Typed(String),
}
