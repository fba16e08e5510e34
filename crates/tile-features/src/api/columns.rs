//! The columns of a table of features.

use crate::hub::Typed;
use crate::types::Type;

/// Those of the key, then the features. What is derived may have the name of a key: then that is called `key_…`.
pub fn of_table(keys: &[(String, Type)], features: &[(String, Type)]) -> Typed {
    let key = |(name, ty): &(String, Type)| {
        let is_taken = features.iter().any(|(feature, _)| feature == name);
        (if is_taken { format!("key_{name}") } else { name.clone() }, ty.clone())
    };
    keys.iter().map(key).chain(features.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_makes_way_for_a_feature_of_its_name() {
        let long = |name: &str| (name.to_owned(), Type::Long);
        let columns = of_table(&[long("a"), long("b")], &[long("b"), long("c")]);
        assert_eq!(columns, [long("a"), long("key_b"), long("b"), long("c")]);
    }
}
