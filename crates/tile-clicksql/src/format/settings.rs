//! What a statement's `SETTINGS` can change about its output, with the defaults of ClickHouse 26.9.

use super::time::TimeStyle;

/// The settings of all formats; the comment is the name in SQL.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `session_timezone`: of times whose type names no zone.
    pub time_zone: String,
    /// `date_time_output_format`.
    pub time_style: TimeStyle,
    /// `output_format_decimal_trailing_zeros`.
    pub decimal_trailing_zeros: bool,
    /// `output_format_write_statistics`.
    pub write_statistics: bool,
    /// `bool_true_representation`.
    pub bool_true: String,
    /// `bool_false_representation`.
    pub bool_false: String,
    pub json: Json,
    pub csv: Csv,
    pub tsv: Tsv,
    pub custom: Custom,
    pub pretty: Pretty,
    pub insert: Insert,
    /// `output_format_markdown_escape_special_characters`.
    pub markdown_escape: bool,
    /// `format_json_object_each_row_column_for_object_name`.
    pub object_name_column: String,
}

/// `output_format_json_…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json {
    pub quote_64bit_integers: bool,
    pub quote_64bit_floats: bool,
    pub quote_denormals: bool,
    pub quote_decimals: bool,
    pub escape_forward_slashes: bool,
    pub named_tuples_as_objects: bool,
    pub skip_null_value_in_named_tuples: bool,
    pub array_of_rows: bool,
    pub validate_utf8: bool,
    pub pretty_print: bool,
    pub map_as_array_of_tuples: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csv {
    /// `format_csv_delimiter`
    pub delimiter: u8,
    /// `output_format_csv_crlf_end_of_line`
    pub crlf: bool,
    /// `format_csv_null_representation`
    pub null: String,
    /// `output_format_csv_serialize_tuple_into_separate_columns`
    pub tuples_as_columns: bool,
    /// `output_format_csv_header_serialize_tuple_into_separate_columns`
    pub tuples_as_columns_in_header: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tsv {
    /// `format_tsv_null_representation`
    pub null: String,
    /// `output_format_tsv_crlf_end_of_line`
    pub crlf: bool,
}

/// How the fields of `CustomSeparated` are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EscapingRule {
    Escaped,
    Quoted,
    Csv,
    Json,
    Xml,
    Raw,
}

/// `format_custom_…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custom {
    pub escaping_rule: EscapingRule,
    pub field_delimiter: String,
    pub row_before_delimiter: String,
    pub row_after_delimiter: String,
    pub row_between_delimiter: String,
    pub result_before_delimiter: String,
    pub result_after_delimiter: String,
}

/// `output_format_pretty_…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pretty {
    pub max_rows: usize,
    pub max_column_pad_width: usize,
    pub max_column_name_width_cut_to: usize,
    pub max_column_name_width_min_chars_to_cut: usize,
    pub max_value_width: usize,
    pub max_value_width_apply_for_single_value: bool,
    pub multiline_fields: bool,
    pub row_numbers: bool,
    pub single_large_number_tip_threshold: u64,
    pub display_footer_column_names: bool,
    pub display_footer_column_names_min_rows: usize,
    pub fallback_to_vertical: bool,
    pub fallback_to_vertical_max_rows_per_chunk: usize,
    pub fallback_to_vertical_min_columns: usize,
    pub fallback_to_vertical_min_table_width: usize,
    pub named_tuples_as_json: bool,
    /// `output_format_pretty_grid_charset`: `UTF-8`, or `ASCII`.
    pub ascii: bool,
}

/// `output_format_sql_insert_…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    pub max_batch_size: usize,
    pub table_name: String,
    pub include_column_names: bool,
    pub use_replace: bool,
    pub quote_names: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            time_style: TimeStyle::Simple,
            decimal_trailing_zeros: false,
            write_statistics: true,
            bool_true: "true".to_owned(),
            bool_false: "false".to_owned(),
            json: Json::default(),
            csv: Csv {
                delimiter: b',',
                crlf: false,
                null: "\\N".to_owned(),
                tuples_as_columns: true,
                tuples_as_columns_in_header: true,
            },
            tsv: Tsv { null: "\\N".to_owned(), crlf: false },
            custom: Custom::default(),
            pretty: Pretty::default(),
            insert: Insert {
                max_batch_size: 65_409,
                table_name: "table".to_owned(),
                include_column_names: true,
                use_replace: false,
                quote_names: true,
            },
            markdown_escape: false,
            object_name_column: String::new(),
        }
    }
}

impl Default for Json {
    fn default() -> Self {
        Self {
            quote_64bit_integers: false,
            quote_64bit_floats: false,
            quote_denormals: false,
            quote_decimals: false,
            escape_forward_slashes: true,
            named_tuples_as_objects: true,
            skip_null_value_in_named_tuples: false,
            array_of_rows: false,
            validate_utf8: false,
            pretty_print: true,
            map_as_array_of_tuples: false,
        }
    }
}

impl Default for Custom {
    fn default() -> Self {
        Self {
            escaping_rule: EscapingRule::Escaped,
            field_delimiter: "\t".to_owned(),
            row_before_delimiter: String::new(),
            row_after_delimiter: "\n".to_owned(),
            row_between_delimiter: String::new(),
            result_before_delimiter: String::new(),
            result_after_delimiter: String::new(),
        }
    }
}

impl Default for Pretty {
    fn default() -> Self {
        Self {
            max_rows: 1000,
            max_column_pad_width: 250,
            max_column_name_width_cut_to: 24,
            max_column_name_width_min_chars_to_cut: 4,
            max_value_width: 10_000,
            max_value_width_apply_for_single_value: false,
            multiline_fields: true,
            row_numbers: true,
            single_large_number_tip_threshold: 1_000_000,
            display_footer_column_names: true,
            display_footer_column_names_min_rows: 50,
            fallback_to_vertical: true,
            fallback_to_vertical_max_rows_per_chunk: 10,
            fallback_to_vertical_min_columns: 5,
            fallback_to_vertical_min_table_width: 250,
            named_tuples_as_json: true,
            ascii: false,
        }
    }
}
