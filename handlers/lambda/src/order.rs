//! Which of two versions of one key is the newer, and what the newer does to the older: pure.

use datalake_core::events::SourceObject;
use datalake_core::identity::{self, ObjectVersion};

use crate::files::FileList;
use crate::records::{Left, Pointer};
use crate::time;

/// Sequencers are shorter than this.
const WIDTH: usize = 40;

/// What follows from the pointer of a key for a version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advance {
    /// A newer version was judged: this one changes nothing.
    Newer,
    /// The pointer is at this version already, with these files.
    Done(Pointer),
    /// The pointer to write.
    Write(Pointer),
}

/// Identity of a key's pointer: 128 bits, since two keys of one identity would delete each other's rows.
#[must_use]
pub fn key_id(source: &SourceObject) -> String {
    key_id_of(&source.bucket, &source.key)
}

/// The same of a key in a bucket.
#[must_use]
pub fn key_id_of(bucket: &str, key: &str) -> String {
    identity::process_id(&ObjectVersion { pipeline: "", bucket, key, version: "", spec_hash: "" })
}

/// A text that sorts as S3 orders the versions of a key: the sequencer, padded on the right to a fixed width.
///
/// Without one, a sequencer is imitated from the time of the event: S3's begin, as far as was ever seen, with the
/// seconds since 1970 in ten digits.
#[must_use]
pub fn order(source: &SourceObject, timestamp: &str) -> String {
    let sequencer = source.sequencer.clone().unwrap_or_else(|| {
        let millis = time::parse_rfc3339(timestamp).map_or(0, time::epoch_millis);
        format!("{:010X}{:06X}", millis / 1000, millis % 1000)
    });
    format!("{:0<WIDTH$}", sequencer.to_uppercase())
}

/// Whether the pointer is at a newer version than one of this `order`.
#[must_use]
pub fn is_newer(pointer: Option<&Pointer>, order: &str) -> bool {
    pointer.is_some_and(|pointer| pointer.order.as_str() > order)
}

/// Moves the pointer to a version. The same version under other rules takes the place of itself.
#[must_use]
pub fn advance(pointer: Option<&Pointer>, order: &str, process_id: &str, files: &FileList) -> Advance {
    let current = Left { process_id: process_id.to_owned(), files: files.clone() };
    let Some(pointer) = pointer else {
        return Advance::Write(Pointer { revision: 1, order: order.to_owned(), current, stale: Vec::new() });
    };
    if pointer.order.as_str() > order {
        return Advance::Newer;
    }
    if pointer.current == current {
        return Advance::Done(pointer.clone());
    }
    let mut stale = pointer.stale.clone();
    if pointer.current.process_id != process_id {
        stale.push(pointer.current.clone());
    }
    stale.retain(|left| left.process_id != process_id);
    Advance::Write(Pointer { revision: pointer.revision + 1, order: order.to_owned(), current, stale })
}

/// The pointer without the stale version `process_id`, whose files are deleted; none when it is not there.
#[must_use]
pub fn forget(pointer: &Pointer, process_id: &str) -> Option<Pointer> {
    let stale: Vec<Left> =
        pointer.stale.iter().filter(|left| left.process_id != process_id).cloned().collect();
    (stale.len() < pointer.stale.len()).then(|| Pointer {
        revision: pointer.revision + 1,
        stale,
        ..pointer.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(sequencer: Option<&str>) -> SourceObject {
        SourceObject {
            bucket: "b".into(),
            key: "k".into(),
            version_id: None,
            sequencer: sequencer.map(str::to_owned),
            size_bytes: 0,
            etag: String::new(),
        }
    }

    #[test]
    fn orders_sort_as_sequencers_compare() {
        let texts = ["0055AED6DCD90281E5", "0055aed6dcd90281e6", "0055AED6DCD90281E500", "01", "001", "FF"];
        for left in texts {
            for right in texts {
                let upper = (left.to_uppercase(), right.to_uppercase());
                let ours = order(&source(Some(left)), "").cmp(&order(&source(Some(right)), ""));
                assert_eq!(ours, identity::compare_sequencers(&upper.0, &upper.1), "{left} {right}");
            }
        }
    }

    #[test]
    fn without_a_sequencer_the_time_orders() {
        let at = |timestamp| order(&source(None), timestamp);
        assert!(at("2026-11-24T00:00:00.001Z") > at("2026-11-24T00:00:00.000Z"));
        // The seconds of this real sequencer are those of 2015-07-21T23:33:48Z.
        assert!(order(&source(Some("0055AED6DCD90281E5")), "") > at("2015-07-21T23:33:47.000Z"));
        assert!(order(&source(Some("0055AED6DCD90281E5")), "") < at("2015-07-21T23:33:49.000Z"));
    }

    #[test]
    fn a_pointer_only_moves_forward_and_remembers_what_it_leaves() {
        let files = |key: &str| FileList { files: vec![key.to_owned()], files_manifest: None };
        let Advance::Write(first) = advance(None, "1", "a", &files("a1")) else { panic!("no pointer yet") };
        assert_eq!(advance(Some(&first), "1", "a", &files("a1")), Advance::Done(first.clone()));
        assert_eq!(advance(Some(&first), "0", "z", &files("z")), Advance::Newer);
        let Advance::Write(second) = advance(Some(&first), "2", "b", &files("b1")) else { panic!("newer") };
        assert_eq!(second.stale, std::slice::from_ref(&first.current));
        let Advance::Write(again) = advance(Some(&second), "2", "c", &files("c1")) else {
            panic!("other rules")
        };
        assert_eq!(again.stale.len(), 2);
        assert_eq!(forget(&again, "a").map(|pointer| (pointer.revision, pointer.stale.len())), Some((4, 1)));
        assert_eq!(forget(&again, "x"), None);
    }
}
