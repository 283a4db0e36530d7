//! Values to and from MessagePack.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use tf_provider::{AttributePath, Diagnostics};

use crate::any::Any;
use crate::diag;

/// Null on the wire.
pub(crate) const NULL: [u8; 1] = [0xc0];

/// Why a value could not be decoded, and where.
#[derive(Debug)]
pub(crate) struct DecodeError {
    pub message: String,
    pub segments: Vec<Segment>,
}

/// Whether the value is null; none at all counts as null.
pub(crate) fn is_null(bytes: &[u8]) -> bool {
    bytes.is_empty() || bytes == NULL
}

/// Reads a value; none at all is read as null.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let bytes = if bytes.is_empty() { &NULL } else { bytes };
    let mut from = rmp_serde::Deserializer::from_read_ref(bytes);
    serde_path_to_error::deserialize(&mut from).map_err(|error| DecodeError {
        message: error.inner().to_string(),
        segments: error.path().iter().cloned().collect(),
    })
}

/// Writes a value; one that cannot be written is an error of the provider.
pub(crate) fn encode<T: Serialize>(diags: &mut Diagnostics, value: &T) -> Option<Vec<u8>> {
    match rmp_serde::to_vec_named(value) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            let detail = format!("{error}\nThis is a bug in the provider.");
            diag::error(diags, "A value could not be encoded", detail, AttributePath::root());
            None
        }
    }
}

/// Writes a value that must hold no unknown: after apply Terraform takes none.
///
/// Unknowns become null. Beside an error that is what they mean: not made. Without one the provider forgot
/// them, which is an error itself, named once instead of once per attribute as Terraform does.
pub(crate) fn encode_settled<T: Serialize>(diags: &mut Diagnostics, value: &T) -> Option<Vec<u8>> {
    let bytes = encode(diags, value)?;
    // Without this byte there is no extension value; it is rare enough that most values end here.
    if !bytes.iter().any(|byte| matches!(byte, 0xc7..=0xc9 | 0xd4..=0xd8)) {
        return Some(bytes);
    }
    let Ok(mut any) = rmp_serde::from_slice::<Any>(&bytes) else { return Some(bytes) };
    let unknown = any.settle();
    if unknown.is_empty() {
        return Some(bytes);
    }
    if diags.errors.is_empty() {
        let detail = format!("Unknown after apply: {}.\nThis is a bug in the provider.", unknown.join(", "));
        diag::error(diags, "A value was left unknown", detail, AttributePath::root());
    }
    encode(diags, &any)
}

/// The arguments of a call as one sequence, which the function's input is read from.
pub(crate) fn sequence(items: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0xdd]; // a sequence whose length is in four bytes
    bytes.extend(u32::try_from(items.len()).unwrap_or(u32::MAX).to_be_bytes());
    for item in items {
        bytes.extend(if item.is_empty() { &NULL } else { item.as_slice() });
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Val;

    type State = BTreeMap<&'static str, Val<Vec<Val<i64>>>>;

    fn half_made() -> State {
        [("a", Val::Known(vec![Val::Known(200), Val::Unknown])), ("b", Val::Unknown)].into()
    }

    fn settled(diags: &mut Diagnostics) -> BTreeMap<String, Val<Vec<Val<i64>>>> {
        decode(&encode_settled(diags, &half_made()).unwrap()).unwrap()
    }

    #[test]
    fn unknowns_become_null_beside_an_error() {
        let mut diags = Diagnostics::default();
        diag::root(&mut diags, "failed", "");
        let state = settled(&mut diags);
        assert_eq!(state["a"], Val::Known(vec![Val::Known(200), Val::Null]));
        assert_eq!((state["b"].is_null(), diags.errors.len()), (true, 1));
    }

    #[test]
    fn a_forgotten_unknown_is_an_error_once() {
        let mut diags = Diagnostics::default();
        assert!(settled(&mut diags)["b"].is_null());
        assert_eq!(diags.errors.len(), 1);
        assert!(diags.errors[0].detail.starts_with("Unknown after apply: a[1], b."), "{:?}", diags.errors);
    }

    #[test]
    fn nothing_is_read_as_null() {
        assert_eq!(decode::<Val<String>>(&[]).unwrap(), Val::Null);
        assert!(is_null(&[]) && is_null(&NULL) && !is_null(&[0x80]));
    }

    #[test]
    fn arguments_are_one_sequence() {
        let args = [rmp_serde::to_vec("a").unwrap(), rmp_serde::to_vec(&7).unwrap()];
        assert_eq!(decode::<(String, i64)>(&sequence(&args)).unwrap(), ("a".to_owned(), 7));
        assert_eq!(decode::<(String, u8)>(&sequence(&args[..1])).unwrap_err().segments.len(), 0);
    }
}
