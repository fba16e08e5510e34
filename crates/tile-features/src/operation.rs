//! The operations by name and by number, in both dialects of compiled definitions.

use std::fmt;
use tile_base::{Error, Result};

/// Which numbers a compiled definition uses: they differ from 18 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `chronon-ai`.
    Airbnb,
    /// `zipline-ai`.
    Zipline,
}

macro_rules! operations {
    ($($variant:ident $name:literal $airbnb:expr, $zipline:expr;)*) => {
        /// What is done to the values of a column.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation { $($variant,)* }

        impl Operation {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As definitions name it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Its number in a compiled definition.
            pub const fn number(self, dialect: Dialect) -> Option<i64> {
                match (self, dialect) {
                    $((Self::$variant, Dialect::Airbnb) => $airbnb, (Self::$variant, Dialect::Zipline) => $zipline,)*
                }
            }
        }
    };
}

operations! {
    Min "MIN" Some(0), Some(0);
    Max "MAX" Some(1), Some(1);
    First "FIRST" Some(2), Some(2);
    Last "LAST" Some(3), Some(3);
    UniqueCount "UNIQUE_COUNT" Some(4), Some(4);
    ApproxUniqueCount "APPROX_UNIQUE_COUNT" Some(5), Some(5);
    Count "COUNT" Some(6), Some(6);
    Sum "SUM" Some(7), Some(7);
    Average "AVERAGE" Some(8), Some(8);
    Variance "VARIANCE" Some(9), Some(9);
    Skew "SKEW" Some(10), Some(10);
    Kurtosis "KURTOSIS" Some(11), Some(11);
    ApproxPercentile "APPROX_PERCENTILE" Some(12), Some(12);
    LastK "LAST_K" Some(13), Some(13);
    FirstK "FIRST_K" Some(14), Some(14);
    TopK "TOP_K" Some(15), Some(15);
    BottomK "BOTTOM_K" Some(16), Some(16);
    Histogram "HISTOGRAM" Some(17), Some(17);
    ApproxHistogramK "APPROX_HISTOGRAM_K" Some(18), None;
    BoundedUniqueCount "BOUNDED_UNIQUE_COUNT" Some(19), None;
    ApproxFrequentK "APPROX_FREQUENT_K" None, Some(18);
    ApproxHeavyHittersK "APPROX_HEAVY_HITTERS_K" None, Some(19);
    UniqueTopK "UNIQUE_TOP_K" None, Some(20);
}

impl Operation {
    /// Reads a name, whatever its case.
    ///
    /// # Errors
    /// `Invalid` for another, with the nearest that there is.
    pub fn parse(name: &str) -> Result<Self> {
        let upper = name.trim().to_ascii_uppercase();
        Self::ALL.iter().copied().find(|o| o.name() == upper).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|o| o.name()).collect();
            Error::invalid(format!("no operation is called `{name}`")).did_you_mean_or(
                &upper,
                names.iter().copied(),
                || format!("Operations are {}", names.join(", ")),
            )
        })
    }

    /// The operation of a number.
    ///
    /// # Errors
    /// `Invalid` for a number that the dialect does not have.
    pub fn of_number(number: i64, dialect: Dialect) -> Result<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|o| o.number(dialect) == Some(number))
            .ok_or_else(|| Error::invalid(format!("no operation has the number {number}")))
    }

    /// The `k` that a dialect takes where a definition has none, and that is not the one which we take.
    pub const fn default_k(self, dialect: Dialect) -> Option<u32> {
        match (self, dialect) {
            (Self::ApproxPercentile, Dialect::Zipline) => Some(20),
            _ => None,
        }
    }

    /// Whether the time of an event is part of the result: such an operation takes a list as one value.
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::First | Self::Last | Self::FirstK | Self::LastK)
    }

    /// What stands in the names of columns: `count`, `last3`.
    pub fn suffix(self, k: Option<u32>) -> String {
        let stem = match self {
            Self::LastK => "last",
            Self::FirstK => "first",
            Self::TopK => "top",
            Self::BottomK => "bottom",
            _ => return self.name().to_ascii_lowercase(),
        };
        k.map_or_else(|| stem.to_owned(), |k| format!("{stem}{k}"))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
