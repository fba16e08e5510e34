//! URLs, by the kernels.

use super::{Args, Function, entry};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

macro_rules! part {
    ($name:literal, $kernel:literal) => {
        entry($name, (1, 1), |a| Ok(Typed::new(format!("{}({})", $kernel, a.text(0)?), Type::String)))
    };
}

pub const ALL: &[Function] = &[
    part!("protocol", "ch_protocol"),
    part!("domain", "ch_domain"),
    part!("domainWithoutWWW", "ch_domain_without_www"),
    part!("topLevelDomain", "ch_top_level_domain"),
    part!("path", "ch_path"),
    part!("pathFull", "ch_path_full"),
    part!("queryString", "ch_query_string"),
    part!("fragment", "ch_fragment"),
    part!("cutQueryString", "ch_cut_query_string"),
    part!("cutFragment", "ch_cut_fragment"),
    part!("cutWWW", "ch_cut_www"),
    part!("decodeURLComponent", "ch_decode_url_component"),
    part!("encodeURLComponent", "ch_encode_url_component"),
    part!("decodeURLFormComponent", "ch_decode_url_form_component"),
    part!("encodeURLFormComponent", "ch_encode_url_form_component"),
    part!("queryStringAndFragment", "ch_query_string_and_fragment"),
    part!("cutQueryStringAndFragment", "ch_cut_query_string_and_fragment"),
    part!("firstSignificantSubdomain", "ch_first_significant_subdomain"),
    part!("cutToFirstSignificantSubdomain", "ch_cut_to_first_significant_subdomain"),
    entry("port", (1, 2), |a| {
        let default = if a.len() > 1 { a.integer(1)? } else { "0".into() };
        Ok(Typed::new(format!("ch_port({}, CAST({default} AS USMALLINT))", a.text(0)?), Type::UInt(16)))
    }),
    entry("extractURLParameter", (2, 2), |a| two(a, "ch_extract_url_parameter")),
    entry("cutURLParameter", (2, 2), |a| two(a, "ch_cut_url_parameter")),
    entry("URLHierarchy", (1, 1), |a| list(a, "ch_url_hierarchy")).full(),
    entry("URLPathHierarchy", (1, 1), |a| list(a, "ch_url_path_hierarchy")).full(),
    entry("extractURLParameters", (1, 1), |a| list(a, "ch_extract_url_parameters")).full(),
    entry("extractURLParameterNames", (1, 1), |a| list(a, "ch_extract_url_parameter_names")).full(),
];

fn two(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    Ok(Typed::new(format!("{kernel}({}, {})", a.text(0)?, a.text(1)?), Type::String))
}

fn list(a: &Args<'_, '_, '_>, kernel: &str) -> Result<Typed> {
    Ok(Typed::new(format!("{kernel}({})", a.text(0)?), Type::Array(Box::new(Type::String))))
}
