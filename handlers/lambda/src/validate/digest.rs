//! Digests of the object as it arrived, worked out on the way past: only those that a rule asks for.

use std::collections::{BTreeMap, BTreeSet};

use sha2_11::digest::DynDigest;

/// Digests under way, by the names the rules give them.
pub struct Digests(BTreeMap<&'static str, Box<dyn DynDigest>>);

impl Digests {
    /// Those of these algorithms; others are not known here.
    pub fn of(algorithms: &BTreeSet<&'static str>) -> Self {
        let digest = |name: &&'static str| {
            let digest: Box<dyn DynDigest> = match *name {
                "MD5" => Box::new(md5::Md5::default()),
                "SHA-1" => Box::new(sha1::Sha1::default()),
                "SHA-256" => Box::new(sha2_11::Sha256::default()),
                _ => return None,
            };
            Some((*name, digest))
        };
        Self(algorithms.iter().filter_map(digest).collect())
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.values_mut().for_each(|digest| digest.update(bytes));
    }

    /// In lower-case hexadecimal.
    pub fn finish(self) -> BTreeMap<String, String> {
        let hex = |bytes: Box<[u8]>| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.0.into_iter().map(|(name, digest)| (name.to_owned(), hex(digest.finalize()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_known_texts() {
        let mut digests = Digests::of(&["MD5", "SHA-1", "SHA-256"].into());
        digests.push(b"ab");
        digests.push(b"c");
        let found = digests.finish();
        assert_eq!(found["MD5"], "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(found["SHA-1"], "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(found["SHA-256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
