//! Directives of one value, by what they set.

use super::directives::Take;
use super::fault::Report;
use super::read::Found;
use super::source::Place;

/// In the order in which the file first sets them; the last value of a name counts.
#[derive(Default)]
pub(super) struct Values(Vec<(&'static str, String, Place)>);

impl Values {
    pub fn set(&mut self, key: &'static str, value: String, place: Place) {
        match self.0.iter_mut().find(|(known, ..)| *known == key) {
            Some(entry) => *entry = (key, value, place),
            None => self.0.push((key, value, place)),
        }
    }

    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(known, ..)| *known == key)
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, ..)| *known == key).map(|(_, value, _)| value.as_str())
    }

    /// The value, if it is set and not empty.
    pub fn some(&self, key: &str) -> Option<String> {
        self.text(key).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub fn or_empty(&self, key: &str) -> String {
        self.text(key).unwrap_or("").to_owned()
    }

    pub fn place(&self, key: &str) -> Option<&Place> {
        self.0.iter().find(|(known, ..)| *known == key).map(|(.., place)| place)
    }

    pub fn keys(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|(key, ..)| *key)
    }

    /// Those of `keys` that are not set.
    pub fn missing<'a>(&self, keys: &[&'a str]) -> Vec<&'a str> {
        keys.iter().filter(|key| !self.has(key)).copied().collect()
    }

    /// Takes a directive of one line of text.
    pub fn take(&mut self, found: &Found, report: &mut Report) {
        let mut value = found.value();
        if found.args.is_empty() && found.block.is_none() {
            let message = match found.directive.key {
                "datasource" => {
                    "Missing datasource name for pipe creation after the DATASOURCE label".to_owned()
                }
                _ => format!("{} requires a value", found.name()),
            };
            report.invalid(&found.place, message);
        }
        match found.directive.take {
            Take::Lower => value = value.to_lowercase(),
            Take::OneOf(words) if !value.is_empty() && !words.contains(&value.to_lowercase().as_str()) => {
                one_of(&value, &found.name(), words, &found.place, report);
            }
            Take::Json if !value.contains("{{") && !is_json(&value) => {
                report.syntax(&found.place, 1, format!("{} is not valid JSON", found.name()));
            }
            _ => {}
        }
        self.set(found.directive.key, value, found.place.clone());
    }

    /// True or false in one of the ways that people write them; `None` if it is not set or empty.
    pub fn truth(&self, key: &'static str, report: &mut Report) -> Option<bool> {
        let text = self.some(key)?;
        let truth = truth(&text);
        if truth.is_none() {
            let place = self.place(key).cloned().unwrap_or_default();
            report.invalid(&place, format!("{} must be true or false", key.to_uppercase()));
        }
        truth
    }

    /// The value must be one of the words, unless it is a secret's place.
    pub fn check_one_of(&self, key: &'static str, words: &[&str], report: &mut Report) {
        let Some(value) = self.some(key).filter(|value| !value.contains("{{")) else { return };
        if !words.iter().any(|word| word.eq_ignore_ascii_case(&value)) {
            let place = self.place(key).cloned().unwrap_or_default();
            one_of(&value, &key.to_uppercase(), words, &place, report);
        }
    }
}

pub(super) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Some(true),
        "n" | "no" | "f" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn one_of(value: &str, name: &str, words: &[&str], place: &Place, report: &mut Report) {
    let list = super::lex::repr_list(words).replace('[', "{").replace(']', "}");
    report.syntax(place, 1, format!("{value} is not an allowed value for {name}. Use one of: {list}"));
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}
