//! Settings of output formats by the names that SQL and HTTP have for them.

use super::settings::{EscapingRule, Settings};
use super::time::TimeStyle;

/// Sets one field from text; `None` for a text that is no value of it.
type Set = fn(&mut Settings, &str) -> Option<()>;

/// One setting: its name, its default as text, its type as ClickHouse calls it, and what it sets.
pub struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub kind: &'static str,
    set: Set,
}

const fn flag(name: &'static str, default: &'static str, set: Set) -> Setting {
    Setting { name, default, kind: "Bool", set }
}

const fn text(name: &'static str, default: &'static str, set: Set) -> Setting {
    Setting { name, default, kind: "String", set }
}

const fn number(name: &'static str, default: &'static str, set: Set) -> Setting {
    Setting { name, default, kind: "UInt64", set }
}

/// `field` of the settings, as a flag.
macro_rules! on {
    ($($field:ident).+) => {
        |s, v| {
            s.$($field).+ = is_on(v)?;
            Some(())
        }
    };
}

/// `field` of the settings, as a text.
macro_rules! put {
    ($($field:ident).+) => {
        |s, v| {
            v.clone_into(&mut s.$($field).+);
            Some(())
        }
    };
}

/// `field` of the settings, as a number.
macro_rules! count {
    ($($field:ident).+) => {
        |s, v| {
            s.$($field).+ = v.parse().ok()?;
            Some(())
        }
    };
}

/// All of them.
const ALL: &[Setting] = &[
    text("bool_false_representation", "false", put!(bool_false)),
    text("bool_true_representation", "true", put!(bool_true)),
    text("date_time_output_format", "simple", |s, v| {
        s.time_style = match v {
            "simple" => TimeStyle::Simple,
            "iso" => TimeStyle::Iso,
            "unix_timestamp" => TimeStyle::UnixTimestamp,
            _ => return None,
        };
        Some(())
    }),
    text("format_csv_delimiter", ",", |s, v| {
        let [delimiter] = v.as_bytes() else { return None };
        s.csv.delimiter = *delimiter;
        Some(())
    }),
    text("format_csv_null_representation", "\\N", put!(csv.null)),
    text("format_custom_escaping_rule", "Escaped", |s, v| {
        s.custom.escaping_rule = match v {
            "Escaped" => EscapingRule::Escaped,
            "Quoted" => EscapingRule::Quoted,
            "CSV" => EscapingRule::Csv,
            "JSON" => EscapingRule::Json,
            "XML" => EscapingRule::Xml,
            "Raw" => EscapingRule::Raw,
            _ => return None,
        };
        Some(())
    }),
    text("format_custom_field_delimiter", "\t", put!(custom.field_delimiter)),
    text("format_custom_result_after_delimiter", "", put!(custom.result_after_delimiter)),
    text("format_custom_result_before_delimiter", "", put!(custom.result_before_delimiter)),
    text("format_custom_row_after_delimiter", "\n", put!(custom.row_after_delimiter)),
    text("format_custom_row_before_delimiter", "", put!(custom.row_before_delimiter)),
    text("format_custom_row_between_delimiter", "", put!(custom.row_between_delimiter)),
    text("format_json_object_each_row_column_for_object_name", "", put!(object_name_column)),
    text("format_tsv_null_representation", "\\N", put!(tsv.null)),
    flag("output_format_csv_crlf_end_of_line", "0", on!(csv.crlf)),
    flag("output_format_csv_serialize_tuple_into_separate_columns", "1", on!(csv.tuples_as_columns)),
    flag("output_format_decimal_trailing_zeros", "0", on!(decimal_trailing_zeros)),
    flag("output_format_json_array_of_rows", "0", on!(json.array_of_rows)),
    flag("output_format_json_escape_forward_slashes", "1", on!(json.escape_forward_slashes)),
    flag("output_format_json_map_as_array_of_tuples", "0", on!(json.map_as_array_of_tuples)),
    flag("output_format_json_named_tuples_as_objects", "1", on!(json.named_tuples_as_objects)),
    flag("output_format_json_pretty_print", "1", on!(json.pretty_print)),
    flag("output_format_json_quote_64bit_floats", "0", on!(json.quote_64bit_floats)),
    flag("output_format_json_quote_64bit_integers", "0", on!(json.quote_64bit_integers)),
    flag("output_format_json_quote_decimals", "0", on!(json.quote_decimals)),
    flag("output_format_json_quote_denormals", "0", on!(json.quote_denormals)),
    flag(
        "output_format_json_skip_null_value_in_named_tuples",
        "0",
        on!(json.skip_null_value_in_named_tuples),
    ),
    flag("output_format_json_validate_utf8", "0", on!(json.validate_utf8)),
    flag("output_format_markdown_escape_special_characters", "0", on!(markdown_escape)),
    flag("output_format_pretty_display_footer_column_names", "1", on!(pretty.display_footer_column_names)),
    text("output_format_pretty_grid_charset", "UTF-8", |s, v| {
        s.pretty.ascii = match v {
            "UTF-8" => false,
            "ASCII" => true,
            _ => return None,
        };
        Some(())
    }),
    number("output_format_pretty_max_column_pad_width", "250", count!(pretty.max_column_pad_width)),
    number("output_format_pretty_max_rows", "1000", count!(pretty.max_rows)),
    number("output_format_pretty_max_value_width", "10000", count!(pretty.max_value_width)),
    flag("output_format_pretty_row_numbers", "1", on!(pretty.row_numbers)),
    flag("output_format_sql_insert_include_column_names", "1", on!(insert.include_column_names)),
    number("output_format_sql_insert_max_batch_size", "65409", count!(insert.max_batch_size)),
    flag("output_format_sql_insert_quote_names", "1", on!(insert.quote_names)),
    text("output_format_sql_insert_table_name", "table", put!(insert.table_name)),
    flag("output_format_sql_insert_use_replace", "0", on!(insert.use_replace)),
    flag("output_format_tsv_crlf_end_of_line", "0", on!(tsv.crlf)),
    flag("output_format_write_statistics", "1", on!(write_statistics)),
];

fn is_on(text: &str) -> Option<bool> {
    match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// All settings of output formats, by name.
pub fn settings() -> &'static [Setting] {
    ALL
}

/// Whether a name is one of them.
pub fn is_setting(name: &str) -> bool {
    find(name).is_some()
}

fn find(name: &str) -> Option<&'static Setting> {
    ALL.binary_search_by(|s| s.name.cmp(name)).ok().and_then(|at| ALL.get(at))
}

impl Settings {
    /// Sets what has this name; whether there is such a setting.
    ///
    /// # Errors
    /// What the value should have been.
    pub fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        let Some(setting) = find(name) else { return Ok(false) };
        match (setting.set)(self, value) {
            Some(()) => Ok(true),
            None => Err(format!("`{name}` cannot be `{value}`: it is a {}", setting.kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_defaults_are_the_defaults() {
        assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
        for setting in ALL {
            let mut settings = Settings::default();
            assert_eq!(settings.set(setting.name, setting.default), Ok(true), "{}", setting.name);
            assert_eq!(settings, Settings::default(), "{}", setting.name);
        }
    }

    #[test]
    fn values_are_checked() {
        let mut settings = Settings::default();
        assert_eq!(settings.set("output_format_json_quote_64bit_integers", "1"), Ok(true));
        assert!(settings.json.quote_64bit_integers);
        assert_eq!(settings.set("max_threads", "1"), Ok(false));
        assert!(settings.set("output_format_json_quote_64bit_integers", "2").is_err());
        assert!(settings.set("format_csv_delimiter", "ab").is_err());
    }
}
