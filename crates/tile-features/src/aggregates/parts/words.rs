//! Partial results of a fixed size as words of 64 bits: as tiles keep those that they can, side by side and without a tag. What they mean
//! stays with the operations: here is only how they lie.

use super::super::Ir;
use super::exact::{Exact, Wild};
use super::moments::Moments;
use crate::column::{Block, Cell, Column};
use crate::types::Type;
use crate::value::Value;
use arrow_array::Array;

/// Is added to a time, so that none is zero: those in tiles lie within 2^60 of 1970.
const TIME_SHIFT: i64 = 1 << 61;
/// Bits of each count of what is no number. They saturate: where nothing is taken out, only whether there is one matters.
const WILD_BITS: u32 = 21;
const WILD_MAX: u64 = (1 << WILD_BITS) - 1;

/// How a partial result lies in words. All words zero is that of no input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// [`Ir::Int`] that is never 0.
    Count,
    /// [`Ir::Int`].
    Int,
    /// [`Ir::Real`].
    Real,
    Whole,
    Sum,
    Spread,
    Moments,
    /// [`Ir::At`] of a bool, an integer, a double.
    BoolAt,
    IntAt,
    RealAt,
}

impl Form {
    /// Of a value with its time; none where it has no fixed size.
    pub const fn at(ty: &Type) -> Option<Self> {
        match ty {
            Type::Bool => Some(Self::BoolAt),
            _ if ty.is_integer() => Some(Self::IntAt),
            _ if ty.is_real() => Some(Self::RealAt),
            _ => None,
        }
    }

    /// Words that it takes.
    pub const fn words(self) -> usize {
        match self {
            Self::Count => 1,
            Self::Int | Self::Real | Self::Whole | Self::BoolAt | Self::IntAt | Self::RealAt => 2,
            Self::Spread => 3,
            Self::Sum => 4,
            Self::Moments => 5,
        }
    }

    /// Writes a partial result of this form; any other as that of no input.
    #[inline]
    pub fn pack(self, ir: &Ir, words: &mut [u64]) {
        match (self, ir) {
            (Self::Count, Ir::Int(n)) => words[0] = n.cast_unsigned(),
            (Self::Int, Ir::Int(x)) => (words[0], words[1]) = (1, x.cast_unsigned()),
            (Self::Real, Ir::Real(x)) => (words[0], words[1]) = (1, x.to_bits()),
            (Self::Whole, Ir::Whole { sum, count }) => {
                (words[0], words[1]) = (sum.cast_unsigned(), count.cast_unsigned());
            }
            (Self::Sum, Ir::Sum(Exact { sum, lost, count, wild })) => {
                (words[0], words[1]) = (sum.to_bits(), lost.to_bits());
                (words[2], words[3]) = (count.cast_unsigned(), wild.as_deref().map_or(0, pack_wild));
            }
            (Self::Spread, Ir::Spread { count, mean, squares }) => {
                (words[0], words[1], words[2]) = (count.to_bits(), mean.to_bits(), squares.to_bits());
            }
            (Self::Moments, Ir::Moments(m)) => {
                let parts = [m.n, m.mean, m.m2, m.m3, m.m4];
                words.iter_mut().zip(parts).for_each(|(word, part)| *word = part.to_bits());
            }
            (Self::BoolAt, Ir::At(at, Value::Bool(x))) => {
                (words[0], words[1]) = (pack_time(*at), u64::from(*x));
            }
            (Self::IntAt, Ir::At(at, Value::Int(x))) => {
                (words[0], words[1]) = (pack_time(*at), x.cast_unsigned());
            }
            (Self::RealAt, Ir::At(at, Value::Real(x))) => {
                (words[0], words[1]) = (pack_time(*at), x.to_bits());
            }
            _ => words.fill(0),
        }
    }

    /// Reads what [`Form::pack`] wrote.
    #[inline]
    pub fn unpack(self, words: &[u64]) -> Ir {
        if is_nothing(words) {
            return Ir::Empty;
        }
        match self {
            Self::Count => Ir::Int(words[0].cast_signed()),
            Self::Int => Ir::Int(words[1].cast_signed()),
            Self::Real => Ir::Real(f64::from_bits(words[1])),
            Self::Whole => Ir::Whole { sum: words[0].cast_signed(), count: words[1].cast_signed() },
            Self::Sum => Ir::Sum(Exact {
                sum: f64::from_bits(words[0]),
                lost: f64::from_bits(words[1]),
                count: words[2].cast_signed(),
                wild: (words[3] != 0).then(|| Box::new(unpack_wild(words[3]))),
            }),
            Self::Spread => Ir::Spread {
                count: f64::from_bits(words[0]),
                mean: f64::from_bits(words[1]),
                squares: f64::from_bits(words[2]),
            },
            Self::Moments => {
                let part = |at: usize| f64::from_bits(words[at]);
                Ir::Moments(Box::new(Moments {
                    n: part(0),
                    mean: part(1),
                    m2: part(2),
                    m3: part(3),
                    m4: part(4),
                }))
            }
            Self::BoolAt => Ir::At(unpack_time(words[0]), Value::Bool(words[1] != 0)),
            Self::IntAt => Ir::At(unpack_time(words[0]), Value::Int(words[1].cast_signed())),
            Self::RealAt => Ir::At(unpack_time(words[0]), Value::Real(f64::from_bits(words[1]))),
        }
    }
}

/// Whether words are the result of no input.
#[inline]
pub fn is_nothing(words: &[u64]) -> bool {
    words.iter().all(|word| *word == 0)
}

pub const fn pack_time(at: i64) -> u64 {
    at.wrapping_add(TIME_SHIFT).cast_unsigned()
}

pub const fn unpack_time(word: u64) -> i64 {
    word.cast_signed().wrapping_sub(TIME_SHIFT)
}

/// The word of a bool, an integer or a double, as it stands beside a time.
#[inline]
pub fn pack_cell(cell: Cell<'_>) -> u64 {
    match cell {
        Cell::Bool(x) => u64::from(x),
        Cell::Int(x) => x.cast_unsigned(),
        Cell::Real(x) => x.to_bits(),
        _ => 0,
    }
}

fn pack_wild(wild: &Wild) -> u64 {
    let bits = |n: i64| u64::try_from(n).unwrap_or(0).min(WILD_MAX);
    bits(wild.nans) | bits(wild.ups) << WILD_BITS | bits(wild.downs) << (2 * WILD_BITS)
}

const fn unpack_wild(word: u64) -> Wild {
    Wild {
        nans: (word & WILD_MAX).cast_signed(),
        ups: (word >> WILD_BITS & WILD_MAX).cast_signed(),
        downs: (word >> (2 * WILD_BITS) & WILD_MAX).cast_signed(),
    }
}

/// One partial result of each of many tiles that lie side by side.
#[derive(Clone, Copy, Debug)]
pub struct Lane {
    /// Words from one tile to the next.
    pub stride: usize,
    /// Where in a tile it is.
    pub at: usize,
    pub form: Form,
}

impl Lane {
    #[inline]
    pub fn of(self, tiles: &[u64], tile: usize) -> &[u64] {
        let from = tile * self.stride + self.at;
        &tiles[from..from + self.form.words()]
    }

    #[inline]
    pub fn of_mut(self, tiles: &mut [u64], tile: usize) -> &mut [u64] {
        let from = tile * self.stride + self.at;
        &mut tiles[from..from + self.form.words()]
    }
}

/// Rows of a block, each with the place of the tile that takes it.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    pub block: &'a Block,
    pub rows: &'a [(usize, usize)],
}

impl<'a> Inputs<'a> {
    /// Calls with the tile, the value and the time of each row that is not null in a column, in their order. The loop is made for each
    /// type of column, so that what is called knows the type of its cell.
    #[inline]
    pub fn each(self, column: usize, mut call: impl FnMut(usize, Cell<'a>, i64)) {
        let times = &self.block.times;
        match &self.block.columns[column] {
            Column::Int(of) if of.nulls().is_none() => {
                let values = of.values();
                self.rows.iter().for_each(|(row, tile)| call(*tile, Cell::Int(values[*row]), times[*row]));
            }
            Column::Real(of) if of.nulls().is_none() => {
                let values = of.values();
                self.rows.iter().for_each(|(row, tile)| call(*tile, Cell::Real(values[*row]), times[*row]));
            }
            of => {
                for (row, tile) in self.rows {
                    match of.cell(*row) {
                        Cell::Null => {}
                        cell => call(*tile, cell, times[*row]),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        let wild = Some(Box::new(Wild { nans: 0, ups: 3, downs: 1 }));
        for (form, ir) in [
            (Form::Count, Ir::Int(3)),
            (Form::Int, Ir::Int(0)),
            (Form::Int, Ir::Int(i64::MIN)),
            (Form::Real, Ir::Real(0.0)),
            (Form::Whole, Ir::Whole { sum: 0, count: 2 }),
            (Form::Whole, Ir::Whole { sum: -5, count: 0 }),
            (Form::Sum, Ir::Sum(Exact { sum: 0.0, lost: 0.0, count: 1, wild: None })),
            (Form::Sum, Ir::Sum(Exact { sum: 1.5, lost: -1e-20, count: 9, wild })),
            (Form::Spread, Ir::Spread { count: 1.0, mean: 0.0, squares: 0.0 }),
            (Form::Moments, Ir::Moments(Box::new(Moments::of(-0.0)))),
            (Form::BoolAt, Ir::At(0, Value::Bool(false))),
            (Form::IntAt, Ir::At(-(1 << 60), Value::Int(0))),
            (Form::RealAt, Ir::At(1 << 60, Value::Real(-0.0))),
        ] {
            let mut words = vec![7; form.words()];
            form.pack(&ir, &mut words);
            assert!(!is_nothing(&words), "{ir:?}");
            assert_eq!(format!("{:?}", form.unpack(&words)), format!("{ir:?}"));
            form.pack(&Ir::Empty, &mut words);
            assert!(is_nothing(&words));
            assert_eq!(form.unpack(&words), Ir::Empty);
        }
    }
}
