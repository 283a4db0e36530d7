//! Ordering, comparison, failure and state policy: everything that is the same for every AWS object.
//!
//! The engine does no I/O and names no SDK: it reaches objects through the [`World`] trait, which `components`
//! implements for AWS and the tests implement in memory.

pub mod diff;
pub mod graph;
pub mod outcome;
pub mod run;
#[cfg(test)]
mod tests;

use std::future::Future;

use serde_json::Value;

pub use diff::{Change, change};
pub use graph::{Graph, GraphError, Node};
pub use outcome::{Failure, Outcome, Status};
pub use run::{Limits, destroy, reconcile};

/// One object as we want it or as it is: the two have one form, so that one comparison serves every kind.
pub trait Item: Clone + Send + Sync + 'static {
    /// The kind's word, e.g. `queue`.
    fn kind(&self) -> &'static str;
    /// The Terraform-style type shown to people, e.g. `aws_sqs_queue`.
    fn type_name(&self) -> &'static str;
    /// The object's AWS name.
    fn name(&self) -> String;
    /// The managed fields as one JSON object, in canonical form.
    fn document(&self) -> Value;
    /// Fields that AWS cannot change in place.
    fn immutable_fields(&self) -> &'static [&'static str];
    /// Whether data is lost when the object is deleted.
    fn holds_data(&self) -> bool;
    /// Who the object says it belongs to; `None` when it cannot or does not say.
    fn owner(&self) -> Owner;
}

/// What an object says about who it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// It carries this owner mark.
    Marked(String),
    /// It could carry a mark and has none.
    Unmarked,
    /// Its kind cannot carry a mark; its name is all there is.
    Unmarkable,
}

impl Owner {
    /// Whether that is the owner with this mark. What lost its mark is still theirs when it was `known` to be, by the
    /// state: then the mark is only drift.
    #[must_use]
    pub fn is(&self, mark: &str, known: bool) -> bool {
        match self {
            Self::Marked(found) => found == mark,
            Self::Unmarked => known,
            Self::Unmarkable => true,
        }
    }
}

/// Where objects live.
///
/// # Guarantees an implementation gives
/// `create` makes the smallest thing that exists, marked as ours, in one call, and refuses, changing nothing, when there
/// already is one, whoever's it is: the walk tries it before it looks. `update` brings every managed field in
/// line and may be called right after `create`, or twice; `delete` of what is missing succeeds.
pub trait World<I: Item>: Sync {
    /// The object as it is, or `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be known.
    fn read(&self, item: &I) -> impl Future<Output = Result<Option<I>, Failure>> + Send;
    /// Learns what `create` will have to know that can be known before the object's needs are there. May be given up.
    fn look_ahead(&self, item: &I) -> impl Future<Output = ()> + Send;
    /// Makes the smallest thing that exists.
    ///
    /// # Errors
    /// [`Failure::exists`] when there already is one.
    fn create(&self, item: &I) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Brings every managed field in line. `observed` is what was read before; `None` right after a creation.
    ///
    /// # Errors
    /// When a field could not be brought in line.
    fn update(&self, item: &I, observed: Option<&I>) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Removes the object with everything in it. What was read of it, if it was, saves looking for that again.
    ///
    /// # Errors
    /// When it is still there.
    fn delete(&self, item: &I) -> impl Future<Output = Result<(), Failure>> + Send;
}
