//! Parameters of endpoints as JSON Schema, for documents that describe them.

use crate::template::Param;
use crate::workspace::resources::Pipe;
use serde_json::{Value, json};

/// A parameter with its type.
pub struct Described {
    pub name: String,
    pub is_required: bool,
    pub description: String,
    /// JSON Schema, with `default` and `enum` where they fit the type.
    pub schema: Value,
    pub is_list: bool,
}

/// The parameters of a pipe that a request can set, in the order in which they are first written. The place that says more of a
/// parameter counts.
pub fn of(pipe: &Pipe, fixed: &serde_json::Map<String, Value>) -> Vec<Described> {
    let mut found: Vec<&Param> = Vec::new();
    for node in &pipe.nodes {
        let Some(text) = node.body.template() else { continue };
        for param in text.params().iter().filter(|p| p.is_name && !fixed.contains_key(&p.name)) {
            match found.iter_mut().find(|known| known.name == param.name) {
                None => found.push(param),
                Some(known) if known.used_in().is_some() && param.used_in().is_none() => *known = param,
                Some(known) if known.attributes.len() < param.attributes.len() && known.ty == param.ty => {
                    *known = param;
                }
                Some(_) => {}
            }
        }
    }
    found.into_iter().map(described).collect()
}

fn described(param: &Param) -> Described {
    let (ty, is_list) = match param.ty.strip_prefix("Array(").and_then(|t| t.strip_suffix(')')) {
        Some(item) => (item, true),
        None if param.ty == "Array" => ("String", true),
        None => (param.ty.as_str(), false),
    };
    let item = scalar(ty);
    let mut schema = if is_list { json!({"type": "array", "items": item}) } else { item.clone() };
    let mut description = param.description().unwrap_or_default().to_owned();
    let mut add = |text: String| {
        description.push_str(if description.is_empty() || description.ends_with('.') { "" } else { "." });
        description.push_str(if description.is_empty() { "" } else { " " });
        description.push_str(&text);
    };
    if let Some(values) = param.enum_values().and_then(Value::as_array) {
        let fitting: Vec<Value> = values.iter().filter_map(|v| fitted(v, &item)).collect();
        let into = if is_list { schema.get_mut("items") } else { Some(&mut schema) };
        if let (false, Some(Value::Object(into))) = (fitting.is_empty(), into) {
            into.insert("enum".into(), json!(fitting));
        }
    }
    if !param.default().is_null() {
        let default = if is_list { list(param.default(), &item) } else { fitted(param.default(), &item) };
        match (default.filter(|d| is_among(d, &schema)), schema.as_object_mut()) {
            (Some(default), Some(schema)) => drop(schema.insert("default".into(), default)),
            _ => add(format!("Default: {}", shown(param.default()))),
        }
    }
    if let Some(example) = param.example() {
        add(format!("Example: {}", shown(example)));
    }
    if let Some(format) = param.format() {
        add(format!("Format: {format}"));
    }
    let is_required = param.required() == Some(true);
    Described { name: param.name.clone(), is_required, description, schema, is_list }
}

/// The schema of a type of the template language.
fn scalar(ty: &str) -> Value {
    let bits = |name: &str| ty.strip_prefix(name).and_then(|bits| bits.parse::<u32>().ok());
    match ty {
        "Boolean" | "Bool" | "boolean" | "bool" => json!({"type": "boolean"}),
        "Int" | "Integer" | "int" => json!({"type": "integer"}),
        "Float32" | "Float64" | "float" => json!({"type": "number"}),
        "Date" => json!({"type": "string", "format": "date"}),
        _ => match (bits("Int"), bits("UInt")) {
            (Some(bits), _) if bits <= 64 => json!({"type": "integer"}),
            (_, Some(bits)) if bits <= 64 => json!({"type": "integer", "minimum": 0}),
            _ => json!({"type": "string"}),
        },
    }
}

/// A value as its schema has it: template texts write many of them as texts.
fn fitted(value: &Value, schema: &Value) -> Option<Value> {
    let text = || shown(value);
    match schema.get("type").and_then(Value::as_str)? {
        "integer" if value.is_i64() || value.is_u64() => Some(value.clone()),
        "integer" => text().parse::<i64>().ok().map(Value::from),
        "number" if value.is_number() => Some(value.clone()),
        "number" => text().parse::<f64>().ok().map(Value::from),
        "boolean" => match text().to_ascii_lowercase().as_str() {
            "0" | "false" => Some(json!(false)),
            "1" | "true" => Some(json!(true)),
            _ => None,
        },
        "string" => Some(json!(text())),
        _ => None,
    }
}

fn list(value: &Value, item: &Value) -> Option<Value> {
    let items = match value {
        Value::Array(items) => items.clone(),
        Value::String(text) if text.is_empty() => vec![],
        Value::String(text) => text.split(',').map(|t| json!(t.trim())).collect(),
        other => vec![other.clone()],
    };
    items.iter().map(|v| fitted(v, item)).collect::<Option<Vec<_>>>().map(Value::Array)
}

/// Whether a default is one of the values that there are.
fn is_among(value: &Value, schema: &Value) -> bool {
    let of = |schema: &Value, value: &Value| {
        schema.get("enum").and_then(Value::as_array).is_none_or(|known| known.contains(value))
    };
    match value {
        Value::Array(items) => items.iter().all(|v| schema.get("items").is_none_or(|s| of(s, v))),
        value => of(schema, value),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn param(ty: &str, attributes: Value) -> Described {
        let Value::Object(attributes) = attributes else { panic!("an object") };
        described(&Param { name: "p".into(), is_name: true, ty: ty.into(), attributes })
    }

    #[test]
    fn types_defaults_and_enums_become_schemas() {
        assert_eq!(param("Int32", json!({"default": "7"})).schema, json!({"type": "integer", "default": 7}));
        assert_eq!(
            param("Boolean", json!({"default": 0})).schema,
            json!({"type": "boolean", "default": false})
        );
        assert_eq!(
            param("Array(Int32)", json!({"default": "1, 2"})).schema,
            json!({"type": "array", "items": {"type": "integer"}, "default": [1, 2]})
        );
        assert_eq!(
            param("String", json!({"enum": ["a", "b"], "default": "a"})).schema,
            json!({"type": "string", "enum": ["a", "b"], "default": "a"})
        );
        assert_eq!(param("UInt128", json!({})).schema, json!({"type": "string"}));
        // What does not fit is said in words.
        let odd = param("Int32", json!({"default": "many", "description": "How many", "example": 3}));
        assert_eq!(odd.schema, json!({"type": "integer"}));
        assert_eq!(odd.description, "How many. Default: many. Example: 3");
        assert!(!odd.is_required && param("String", json!({"required": true})).is_required);
    }
}
