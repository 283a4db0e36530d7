//! [`Dynamic`]: a value whose type the caller chooses.
//!
//! Where a schema says `dynamic`, the wire holds a pair: the value's type as JSON, and the value. Terraform converts
//! nothing there, and no attribute is filled in: what the user left out is absent.

use serde::{Deserialize, Deserializer};
use serde_bytes::ByteBuf;

/// The value of such a pair, read as a `T` whatever its type says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dynamic<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Dynamic<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <(ByteBuf, T)>::deserialize(deserializer).map(|(_, value)| Self(value))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Val;

    #[test]
    fn the_type_beside_the_value_is_passed_over() {
        let of_type = ByteBuf::from(*b"[\"object\",{\"a\":\"string\"}]");
        let value = BTreeMap::from([("a", "b")]);
        let bytes = rmp_serde::to_vec_named(&(of_type, value)).unwrap();
        let Dynamic(read) = rmp_serde::from_slice::<Dynamic<BTreeMap<String, Val<String>>>>(&bytes).unwrap();
        assert_eq!(read, BTreeMap::from([("a".to_owned(), Val::from("b"))]));
    }
}
