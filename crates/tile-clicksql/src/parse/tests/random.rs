//! Random expression trees: what is printed parses back to the same tree, up to parentheses.

use super::shape::shape;
use crate::ast::*;

/// xorshift; the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        let i = self.below(items.len() as u64);
        items[usize::try_from(i).unwrap()]
    }
}

fn make(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn ident(random: &mut Random) -> Ident {
    let names = [
        "a", "b", "from", "interval", "case", "x y", "day", "order", "null", "end", "not", "all", "é", "q`r",
    ];
    Ident { text: random.of(&names).to_owned(), span: Span::default() }
}

fn leaf(random: &mut Random) -> Expr {
    make(match random.below(6) {
        0 => ExprKind::Literal(Literal::Number(random.of(&["1", "2.5", "0xff", "1e3", "inf"]).to_owned())),
        1 => {
            ExprKind::Literal(Literal::Text(random.of(&["", "a'b", "\\", "\n\t\0", "é", "\u{7}"]).to_owned()))
        }
        2 => ExprKind::Literal(if random.of(&[true, false]) { Literal::Null } else { Literal::Bool(true) }),
        3 => ExprKind::Name(vec![ident(random), ident(random)]),
        _ => ExprKind::Name(vec![ident(random)]),
    })
}

const OPS: &[BinaryOp] = &[
    BinaryOp::Add,
    BinaryOp::Subtract,
    BinaryOp::Multiply,
    BinaryOp::Divide,
    BinaryOp::Modulo,
    BinaryOp::IntDivide,
    BinaryOp::Concat,
    BinaryOp::Eq,
    BinaryOp::NotEq,
    BinaryOp::NullSafeEq,
    BinaryOp::Distinct,
    BinaryOp::Lt,
    BinaryOp::LtEq,
    BinaryOp::Gt,
    BinaryOp::GtEq,
    BinaryOp::And,
    BinaryOp::Or,
    BinaryOp::Like,
    BinaryOp::NotLike,
    BinaryOp::ILike,
    BinaryOp::NotILike,
    BinaryOp::Regexp,
    BinaryOp::NotRegexp,
];

fn call(random: &mut Random, depth: u32) -> ExprKind {
    let names =
        ["f", "not", "if", "case", "count", "left", "x y", "dateDiff", "any", "interval", "from", "columns"];
    let name = Ident { text: random.of(&names).to_owned(), span: Span::default() };
    let params = random.of(&[true, false]).then(|| vec![tree(random, depth)]);
    let args = (0..random.below(3)).map(|_| element(random, depth)).collect();
    let respect_nulls = random.of(&[None, None, Some(true), Some(false)]);
    let call = Call { name, params, args, distinct: false, filter: None, respect_nulls, over: None };
    ExprKind::Call(Box::new(call))
}

/// Where an alias may stand.
fn element(random: &mut Random, depth: u32) -> Expr {
    let expr = tree(random, depth);
    if random.below(5) > 0 {
        return expr;
    }
    make(ExprKind::Alias { expr: Box::new(expr), name: ident(random) })
}

fn tree(random: &mut Random, depth: u32) -> Expr {
    if depth == 0 {
        return leaf(random);
    }
    let depth = depth - 1;
    let negated = random.below(2) == 0;
    let one = |random: &mut Random| Box::new(tree(random, depth));
    make(match random.below(24) {
        0..=7 => ExprKind::Binary { op: random.of(OPS), left: one(random), right: one(random) },
        8 => ExprKind::Between { expr: one(random), low: one(random), high: one(random), negated },
        9 => ExprKind::In { expr: one(random), set: one(random), negated, global: random.below(2) == 0 },
        10 => ExprKind::IsNull { expr: one(random), negated },
        11 => ExprKind::Ternary { condition: one(random), then: one(random), otherwise: one(random) },
        12 | 13 => {
            let op = random.of(&[UnaryOp::Minus, UnaryOp::Not, UnaryOp::Plus]);
            ExprKind::Unary { op, expr: one(random) }
        }
        14 => ExprKind::Lambda {
            params: (0..random.below(3)).map(|_| ident(random)).collect(),
            body: one(random),
        },
        15 => ExprKind::Tuple((0..random.below(3)).map(|_| element(random, depth)).collect()),
        16 => ExprKind::Array((0..random.below(3)).map(|_| element(random, depth)).collect()),
        17 => ExprKind::Index { expr: one(random), index: one(random) },
        18 => ExprKind::Member { expr: one(random), member: Member::Index(2) },
        19 => ExprKind::Member { expr: one(random), member: Member::Name(ident(random)) },
        20 => {
            let style = random.of(&[CastStyle::Call, CastStyle::Colons]);
            ExprKind::Cast { expr: one(random), ty: "Array(Int8)".to_owned(), style }
        }
        21 => call(random, depth),
        22 => {
            let whens = vec![(element(random, depth), element(random, depth))];
            let operand = negated.then(|| one(random));
            ExprKind::Case { operand, whens, otherwise: Some(one(random)) }
        }
        _ => ExprKind::Parens(Box::new(element(random, depth))),
    })
}

#[test]
fn random_trees_round_trip() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for i in 0..4_000 {
        let expr = tree(&mut random, 1 + i % 5);
        let printed = crate::print::expr(&expr);
        let again = super::parsed_expr(&printed);
        assert_eq!(shape(&expr), shape(&again), "{printed}");
        // Of what was parsed, not even a parenthesis changes.
        let third = super::parsed_expr(&crate::print::expr(&again));
        assert_eq!(super::without_spans(&again), super::without_spans(&third), "{printed}");
    }
}

/// Random tokens: no panic, and what parses prints to the same tree.
#[test]
fn random_texts_do_not_panic() {
    let words: Vec<&str> = super::round_trip::TEXTS.iter().flat_map(|text| text.split(' ')).collect();
    let mut random = Random(42);
    let mut parsed = 0;
    for _ in 0..10_000 {
        let length = 1 + random.below(8);
        let text = (0..length).map(|_| random.of(&words)).collect::<Vec<_>>().join(" ");
        let text = format!("SELECT {text}");
        if crate::parse::statement(&text).is_ok() {
            parsed += 1;
            super::check_statement(&text);
        }
    }
    assert!(parsed > 100, "{parsed}");
}
