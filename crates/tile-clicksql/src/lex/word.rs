//! The words that the grammar knows. Each may still be a name; where, the parser decides.

macro_rules! words {
    ($($name:ident $text:literal),* $(,)?) => {
        /// A keyword, or `Other` for every other word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Word { Other, $($name),* }

        /// Sorted by text, for the binary search.
        const TABLE: &[(&str, Word)] = &[$(($text, Word::$name)),*];
    };
}

words! {
    All "ALL", And "AND", Anti "ANTI", Any "ANY", Apply "APPLY", Array "ARRAY", As "AS", Asc "ASC",
    Ascending "ASCENDING", Asof "ASOF", Between "BETWEEN", Both "BOTH", By "BY", Case "CASE",
    Collate "COLLATE", Columns "COLUMNS", Cross "CROSS", Cube "CUBE", Current "CURRENT", Date "DATE",
    Desc "DESC", Descending "DESCENDING", Describe "DESCRIBE", Distinct "DISTINCT", Div "DIV",
    Else "ELSE", End "END", Escape "ESCAPE", Except "EXCEPT", Exists "EXISTS", Explain "EXPLAIN",
    False "FALSE", Fetch "FETCH", Fill "FILL", Filter "FILTER", Final "FINAL", First "FIRST",
    Following "FOLLOWING", For "FOR", Format "FORMAT", From "FROM", Full "FULL", Global "GLOBAL",
    Group "GROUP", Grouping "GROUPING", Groups "GROUPS", Having "HAVING", Ignore "IGNORE",
    ILike "ILIKE", In "IN", Inf "INF", Infinity "INFINITY", Inner "INNER", Interpolate "INTERPOLATE",
    Intersect "INTERSECT", Interval "INTERVAL", Into "INTO", Is "IS", Join "JOIN", Last "LAST",
    Leading "LEADING", Left "LEFT", Like "LIKE", Limit "LIMIT", Local "LOCAL",
    Materialized "MATERIALIZED", Mod "MOD", Nan "NAN", Natural "NATURAL", Next "NEXT", Not "NOT",
    Null "NULL", Nulls "NULLS", Offset "OFFSET", On "ON", Only "ONLY", Or "OR", Order "ORDER",
    Outer "OUTER", Over "OVER", Partition "PARTITION", Paste "PASTE", Preceding "PRECEDING",
    Prewhere "PREWHERE", Qualify "QUALIFY", Range "RANGE", Recursive "RECURSIVE", Regexp "REGEXP",
    Replace "REPLACE", Respect "RESPECT", Right "RIGHT", Rollup "ROLLUP", Row "ROW", Rows "ROWS",
    Sample "SAMPLE", Select "SELECT", Semi "SEMI", Sets "SETS", Settings "SETTINGS", Show "SHOW",
    Some "SOME", Staleness "STALENESS", Step "STEP", Strict "STRICT", Table "TABLE", Then "THEN",
    Ties "TIES", Timestamp "TIMESTAMP", To "TO", Top "TOP", Totals "TOTALS", Trailing "TRAILING",
    True "TRUE", Unbounded "UNBOUNDED", Union "UNION", Unknown "UNKNOWN", Using "USING", When "WHEN",
    Where "WHERE", Window "WINDOW", With "WITH",
}

/// Longer than every keyword, so that long names are told apart without a search.
const LENGTH_MAX: usize = 12;

impl Word {
    pub fn of(text: &str) -> Self {
        let mut upper = [0u8; LENGTH_MAX];
        let Some(buffer) = upper.get_mut(..text.len()) else { return Self::Other };
        buffer.copy_from_slice(text.as_bytes());
        buffer.make_ascii_uppercase();
        let found = TABLE.binary_search_by(|(name, _)| name.as_bytes().cmp(buffer));
        found.ok().and_then(|i| TABLE.get(i)).map_or(Self::Other, |entry| entry.1)
    }

    /// Words that cannot be an alias without `AS` before it: they go on with the statement.
    /// Source: ClickHouse, `ParserAlias::restricted_keywords`, and the words that only follow an operand.
    pub const fn ends_alias(self) -> bool {
        matches!(
            self,
            Self::All
                | Self::And
                | Self::Anti
                | Self::Any
                | Self::Array
                | Self::As
                | Self::Asof
                | Self::Between
                | Self::By
                | Self::Cross
                | Self::Div
                | Self::Else
                | Self::Escape
                | Self::Except
                | Self::Fetch
                | Self::Final
                | Self::For
                | Self::Format
                | Self::From
                | Self::Full
                | Self::Global
                | Self::Group
                | Self::Having
                | Self::ILike
                | Self::In
                | Self::Inner
                | Self::Intersect
                | Self::Into
                | Self::Is
                | Self::Join
                | Self::Left
                | Self::Like
                | Self::Limit
                | Self::Mod
                | Self::Not
                | Self::Offset
                | Self::On
                | Self::Only
                | Self::Or
                | Self::Order
                | Self::Paste
                | Self::Prewhere
                | Self::Qualify
                | Self::Regexp
                | Self::Right
                | Self::Sample
                | Self::Select
                | Self::Semi
                | Self::Settings
                | Self::Then
                | Self::Union
                | Self::Using
                | Self::When
                | Self::Where
                | Self::Window
                | Self::With
        )
    }

    /// Words that, where an operand should stand, are taken for the keyword unless the next token proves
    /// them a name.
    pub const fn ends_operand(self) -> bool {
        matches!(
            self,
            Self::And
                | Self::As
                | Self::Between
                | Self::By
                | Self::Else
                | Self::Except
                | Self::From
                | Self::Having
                | Self::ILike
                | Self::In
                | Self::Intersect
                | Self::Is
                | Self::Join
                | Self::Like
                | Self::On
                | Self::Or
                | Self::Prewhere
                | Self::Qualify
                | Self::Select
                | Self::Settings
                | Self::Then
                | Self::Union
                | Self::Using
                | Self::When
                | Self::Where
        )
    }

    /// Operators that are also functions: `and(a, b)`.
    pub const fn is_function_too(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::In | Self::Like | Self::ILike)
    }

    /// May stand as a bare name everywhere, so the printer leaves it without quotes.
    pub const fn is_plain_name(self) -> bool {
        matches!(
            self,
            Self::Other
                | Self::Date
                | Self::Timestamp
                | Self::First
                | Self::Last
                | Self::Next
                | Self::Show
                | Self::Some
                | Self::Unknown
                | Self::Current
                | Self::Describe
                | Self::Local
        )
    }

    /// Not callable without quotes: the word before `(` means something else.
    pub const fn is_no_function(self) -> bool {
        matches!(
            self,
            Self::Not
                | Self::Case
                | Self::Interval
                | Self::Exists
                | Self::Columns
                | Self::Distinct
                | Self::Top
                | Self::All
                | Self::With
                | Self::Rollup
                | Self::Cube
        ) || (self.ends_operand() && !self.is_function_too())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_found() {
        assert!(TABLE.is_sorted_by_key(|(text, _)| text.as_bytes()));
        for (text, word) in TABLE {
            assert!(text.len() <= LENGTH_MAX, "{text}");
            assert_eq!(Word::of(&text.to_lowercase()), *word);
        }
        assert_eq!(Word::of("selec"), Word::Other);
        assert_eq!(Word::of("ünion"), Word::Other);
        assert_eq!(Word::of("a_name_longer_than_any_keyword"), Word::Other);
    }
}
