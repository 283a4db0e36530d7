//! The walk against a world in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::*;

#[derive(Debug, Clone, PartialEq)]
struct Thing {
    name: &'static str,
    size: u32,
    owner: Option<&'static str>,
    data: bool,
}

impl Item for Thing {
    fn kind(&self) -> &'static str {
        "thing"
    }
    fn type_name(&self) -> &'static str {
        "test_thing"
    }
    fn name(&self) -> String {
        self.name.to_owned()
    }
    fn document(&self) -> Value {
        json!({"size": self.size})
    }
    fn immutable_fields(&self) -> &'static [&'static str] {
        &[]
    }
    fn holds_data(&self) -> bool {
        self.data
    }
    fn owner(&self) -> Owner {
        self.owner.map_or(Owner::Unmarked, |owner| Owner::Marked(owner.to_owned()))
    }
}

/// What goes wrong, by operation and name.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Refused,
    AnswerLost,
    NeverAnswered,
}

#[derive(Default)]
struct Memory {
    things: Mutex<BTreeMap<&'static str, Thing>>,
    calls: Mutex<Vec<String>>,
    looks: Mutex<Vec<&'static str>>,
    ahead: Mutex<Vec<&'static str>>,
    faults: BTreeMap<String, Fault>,
    /// Things that cannot be read once somebody has called for them.
    hidden: BTreeSet<&'static str>,
    /// Things that take a while to update.
    slow: BTreeSet<&'static str>,
}

impl Memory {
    fn act(
        &self,
        operation: &str,
        item: &Thing,
        effect: impl FnOnce(&mut BTreeMap<&'static str, Thing>),
    ) -> Result<(), Failure> {
        let call = format!("{operation} {}", item.name);
        self.calls.lock().unwrap().push(call.clone());
        let fault = self.faults.get(&call);
        if fault != Some(&Fault::Refused) {
            effect(&mut self.things.lock().unwrap());
        }
        match fault {
            Some(_) => Err(Failure::ours(call, "Fault", "injected")),
            None => Ok(()),
        }
    }
}

impl World<Thing> for Memory {
    async fn read(&self, item: &Thing) -> Result<Option<Thing>, Failure> {
        self.looks.lock().unwrap().push(item.name);
        let called = self.calls.lock().unwrap().iter().any(|call| call.ends_with(item.name));
        if called && self.hidden.contains(item.name) {
            return Err(Failure::ours("read", "Hidden", "injected"));
        }
        Ok(self.things.lock().unwrap().get(item.name).cloned())
    }
    async fn look_ahead(&self, item: &Thing) {
        self.ahead.lock().unwrap().push(item.name);
        if self.faults.get(&format!("look {}", item.name)) == Some(&Fault::NeverAnswered) {
            std::future::pending::<()>().await;
        }
    }
    async fn create(&self, item: &Thing) -> Result<(), Failure> {
        // As every real call does, it takes a while.
        tokio::task::yield_now().await;
        if self.faults.get(&format!("create {}", item.name)) == Some(&Fault::NeverAnswered) {
            std::future::pending::<()>().await;
        }
        if self.things.lock().unwrap().contains_key(item.name) {
            return Err(Failure { exists: true, ..Failure::ours("create", "Exists", "it is there") });
        }
        self.act("create", item, |things| {
            things.insert(item.name, Thing { size: 0, ..item.clone() });
        })
    }
    async fn update(&self, item: &Thing, _observed: Option<&Thing>) -> Result<(), Failure> {
        if self.slow.contains(item.name) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.act("update", item, |things| {
            things.insert(item.name, item.clone());
        })
    }
    async fn delete(&self, item: &Thing) -> Result<(), Failure> {
        self.act("delete", item, |things| {
            things.remove(item.name);
        })
    }
}

fn thing(name: &'static str) -> Thing {
    Thing { name, size: 1, owner: Some("us"), data: false }
}

fn graph(edges: &[(&'static str, &[&'static str])]) -> Graph<Thing> {
    Graph::new(edges.iter().map(|(name, needs)| node(name, thing(name), needs)).collect()).unwrap()
}

fn node(key: &str, item: Thing, needs: &[&str]) -> Node<Thing> {
    Node::new(key, item, needs.iter().map(|need| ((*need).to_owned(), "because")).collect())
}

async fn reconcile(world: &Memory, graph: &Graph<Thing>, limits: &Limits) -> Outcome {
    let permit = std::future::ready(Ok::<_, Infallible>(()));
    super::reconcile(world, graph, limits, permit).await.unwrap()
}

async fn destroy(world: &Memory, graph: &Graph<Thing>, limits: &Limits) -> Outcome {
    let permit = std::future::ready(Ok::<_, Infallible>(()));
    super::destroy(world, graph, limits, permit).await.unwrap()
}

fn limits() -> Limits {
    Limits {
        parallelism: 4,
        stop: CancellationToken::new(),
        timeout: Duration::from_secs(60),
        owner: "us".to_owned(),
        known: BTreeSet::new(),
        force_destroy: true,
    }
}

/// a ← b ← c, and d alone.
fn chain() -> Graph<Thing> {
    graph(&[("a", &[]), ("b", &["a"]), ("c", &["b"]), ("d", &[])])
}

#[tokio::test]
async fn makes_everything_in_order_and_then_nothing() {
    let world = Memory::default();
    assert!(reconcile(&world, &chain(), &limits()).await.complete());
    let calls = world.calls.lock().unwrap().clone();
    let at = |call: &str| calls.iter().position(|made| made == call).unwrap();
    assert!(at("update a") < at("create b") && at("update b") < at("create c"));
    world.calls.lock().unwrap().clear();
    let known = ["a", "b", "c", "d"].map(str::to_owned).into();
    assert!(reconcile(&world, &chain(), &Limits { known, ..limits() }).await.complete());
    assert_eq!(*world.calls.lock().unwrap(), Vec::<String>::new(), "a no-op apply only reads");
}

#[tokio::test]
async fn what_is_unknown_is_looked_at_ahead_and_no_walk_waits_for_that() {
    let faults = BTreeMap::from([("look d".to_owned(), Fault::NeverAnswered)]);
    let world = Memory { faults, ..Memory::default() };
    let known = BTreeSet::from(["b".to_owned()]);
    world.things.lock().unwrap().insert("b", thing("b"));
    assert!(reconcile(&world, &chain(), &Limits { known, ..limits() }).await.complete());
    assert_eq!(*world.ahead.lock().unwrap(), ["a", "c", "d"]);
}

#[tokio::test]
async fn what_the_state_does_not_know_is_made_and_what_is_ours_taken_over() {
    let world = Memory::default();
    world.things.lock().unwrap().insert("b", Thing { size: 9, ..thing("b") });
    let outcome = reconcile(&world, &chain(), &limits()).await;
    assert_eq!(outcome.statuses["a"], Status::Done(vec!["created".to_owned()]));
    assert_eq!(outcome.statuses["b"], Status::Done(vec!["size".to_owned()]));
    assert_eq!(world.things.lock().unwrap()["b"], thing("b"));
    let read = world.looks.lock().unwrap().clone();
    assert_eq!(read, ["b"], "only what is there already is looked at");
}

#[tokio::test]
async fn a_failure_skips_its_dependants_and_nothing_else() {
    let world =
        Memory { faults: BTreeMap::from([("create b".to_owned(), Fault::Refused)]), ..Memory::default() };
    let outcome = reconcile(&world, &chain(), &limits()).await;
    assert!(matches!(outcome.statuses["a"], Status::Done(_)));
    assert!(matches!(outcome.statuses["b"], Status::Failed(_)));
    assert_eq!(outcome.statuses["c"], Status::Skipped(vec!["b".to_owned()]));
    assert!(matches!(outcome.statuses["d"], Status::Done(_)));
    assert_eq!(outcome.failures().count(), 1);
    assert!(!outcome.hashes.contains_key("b") && outcome.hashes.contains_key("a"));
}

#[tokio::test]
async fn a_lost_answer_leaves_the_truth_in_the_hashes_and_the_next_walk_mends_it() {
    let mut world =
        Memory { faults: BTreeMap::from([("create b".to_owned(), Fault::AnswerLost)]), ..Memory::default() };
    let outcome = reconcile(&world, &chain(), &limits()).await;
    assert!(matches!(outcome.statuses["b"], Status::Failed(_)));
    assert_ne!(outcome.hashes["b"], diff::hash(&thing("b")), "half made is not as desired");
    world.faults.clear();
    assert!(reconcile(&world, &chain(), &limits()).await.complete());
    assert_eq!(world.things.lock().unwrap()["b"], thing("b"));
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_neither_claimed_nor_forgotten() {
    let world = Memory {
        faults: BTreeMap::from([("create b".to_owned(), Fault::AnswerLost)]),
        hidden: BTreeSet::from(["b"]),
        ..Memory::default()
    };
    let outcome = reconcile(&world, &chain(), &limits()).await;
    assert_eq!(outcome.hashes["b"], outcome::NOT_KNOWN);
    assert_eq!(outcome.unseen, BTreeSet::from(["c".to_owned()]), "nothing was done to it");

    let known = Limits { known: BTreeSet::from(["b".to_owned()]), ..limits() };
    let again = reconcile(&world, &chain(), &known).await;
    assert!(!again.hashes.contains_key("b"), "nothing was done to it this time");
    assert_eq!(again.unseen, BTreeSet::from(["b".to_owned(), "c".to_owned()]));

    let world = Memory {
        hidden: BTreeSet::from(["a"]),
        faults: BTreeMap::from([("delete a".to_owned(), Fault::AnswerLost)]),
        ..Memory::default()
    };
    world.things.lock().unwrap().insert("a", thing("a"));
    let outcome = destroy(&world, &graph(&[("a", &[])]), &limits()).await;
    assert_eq!(outcome.hashes["a"], outcome::NOT_KNOWN);
}

#[tokio::test]
async fn a_call_that_is_never_answered_ends_with_the_time() {
    let faults = BTreeMap::from([("create b".to_owned(), Fault::NeverAnswered)]);
    let world = Memory { faults, ..Memory::default() };
    let limits = Limits { timeout: Duration::from_millis(100), ..limits() };
    let outcome = reconcile(&world, &chain(), &limits).await;
    assert!(matches!(&outcome.statuses["b"], Status::Failed(failure) if failure.code == "TimedOut"));
    assert_eq!(outcome.hashes["b"], outcome::NOT_KNOWN);
    assert!(outcome.hashes.contains_key("a") && outcome.hashes.contains_key("d"));
}

#[tokio::test]
async fn a_strangers_object_is_left_alone() {
    for owner in [None, Some("them")] {
        let world = Memory::default();
        let theirs = Thing { size: 7, owner, ..thing("a") };
        world.things.lock().unwrap().insert("a", theirs.clone());
        let outcome = reconcile(&world, &chain(), &limits()).await;
        let Status::Failed(failure) = &outcome.statuses["a"] else { panic!("{:?}", outcome.statuses["a"]) };
        assert!(failure.message.contains("import {"), "{failure}");
        destroy(&world, &chain(), &limits()).await;
        assert_eq!(world.things.lock().unwrap()["a"], theirs);
    }
}

#[tokio::test]
async fn a_lost_mark_on_an_object_the_state_knows_is_drift() {
    let world = Memory::default();
    world.things.lock().unwrap().insert("a", Thing { owner: None, size: 9, ..thing("a") });
    let limits = Limits { known: BTreeSet::from(["a".to_owned()]), ..limits() };
    assert!(reconcile(&world, &chain(), &limits).await.complete());
    assert_eq!(world.things.lock().unwrap()["a"], thing("a"));
}

#[tokio::test]
async fn destroys_backwards_and_keeps_data_without_consent() {
    let world = Memory::default();
    reconcile(&world, &chain(), &limits()).await;
    world.calls.lock().unwrap().clear();
    assert!(destroy(&world, &chain(), &limits()).await.complete());
    let calls = world.calls.lock().unwrap().clone();
    let at = |call: &str| calls.iter().position(|made| made == call).unwrap();
    assert!(at("delete c") < at("delete b") && at("delete b") < at("delete a"));
    assert!(destroy(&world, &chain(), &limits()).await.complete(), "destroying nothing is success");

    let keeper = Graph::new(vec![node("k", Thing { data: true, ..thing("k") }, &[])]).unwrap();
    reconcile(&world, &keeper, &limits()).await;
    let outcome = destroy(&world, &keeper, &Limits { force_destroy: false, ..limits() }).await;
    assert!(matches!(&outcome.statuses["k"], Status::Failed(failure) if failure.code == "DataProtected"));
    assert!(world.things.lock().unwrap().contains_key("k"));
}

#[tokio::test]
async fn what_only_has_to_be_made_is_waited_for_no_longer() {
    for early in [false, true] {
        let world = Memory { slow: BTreeSet::from(["a"]), ..Memory::default() };
        let b = node("b", thing("b"), &["a"]);
        let b = if early { b.begins_with("a") } else { b };
        let graph = Graph::new(vec![node("a", thing("a"), &[]), b]).unwrap();
        assert!(reconcile(&world, &graph, &limits()).await.complete());
        let calls = world.calls.lock().unwrap().clone();
        let at = |call: &str| calls.iter().position(|made| made == call).unwrap();
        assert_eq!(at("create b") < at("update a"), early, "{calls:?}");
    }
    // What is not made does not begin anything.
    let faults = BTreeMap::from([("create a".to_owned(), Fault::Refused)]);
    let world = Memory { faults, ..Memory::default() };
    let b = node("b", thing("b"), &["a"]).begins_with("a");
    let outcome =
        reconcile(&world, &Graph::new(vec![node("a", thing("a"), &[]), b]).unwrap(), &limits()).await;
    assert_eq!(outcome.statuses["b"], Status::Skipped(vec!["a".to_owned()]));
}

#[tokio::test]
async fn what_goes_alone_holds_nothing_up() {
    let world =
        Memory { faults: BTreeMap::from([("delete b".to_owned(), Fault::Refused)]), ..Memory::default() };
    for (alone, goes) in [(false, false), (true, true)] {
        world.things.lock().unwrap().extend([("a", thing("a")), ("b", thing("b"))]);
        let b = node("b", thing("b"), &["a"]);
        let b = if alone { b.goes_alone() } else { b };
        let graph = Graph::new(vec![node("a", thing("a"), &[]), b]).unwrap();
        let outcome = destroy(&world, &graph, &limits()).await;
        assert_eq!(outcome.statuses["a"] == Status::Deleted, goes);
        assert!(outcome.hashes.contains_key("b"));
    }
}

#[tokio::test]
async fn nothing_is_changed_without_a_permit_but_looked_at() {
    let refused = || async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Err("elsewhere")
    };
    let world = Memory::default();
    world.things.lock().unwrap().insert("a", thing("a"));
    let made = super::reconcile(&world, &chain(), &limits(), refused()).await;
    let gone = super::destroy(&world, &chain(), &limits(), refused()).await;
    assert_eq!((made.err(), gone.err()), (Some("elsewhere"), Some("elsewhere")));
    assert!(world.calls.lock().unwrap().is_empty());
    assert_eq!(world.ahead.lock().unwrap().len(), 4);
    assert_eq!(world.looks.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_stop_ends_the_walk_between_two_objects() {
    let world = Memory::default();
    let limits = limits();
    limits.stop.cancel();
    let outcome = reconcile(&world, &chain(), &limits).await;
    assert!(outcome.statuses.values().all(|status| *status == Status::Interrupted));
    assert!(world.calls.lock().unwrap().is_empty() && world.ahead.lock().unwrap().is_empty());
}

#[test]
fn broken_graphs_are_refused() {
    let node = |key: &str, needs: &[&str]| node(key, thing("x"), needs);
    let cases = [
        (vec![node("a", &[]), node("a", &[])], GraphError::Duplicate("a".to_owned())),
        (vec![node("a", &["b"])], GraphError::Dangling("a".to_owned(), "b".to_owned())),
        (vec![node("a", &["b"]), node("b", &["a"])], GraphError::Cycle("a, b".to_owned())),
    ];
    for (nodes, expected) in cases {
        assert_eq!(Graph::new(nodes).err(), Some(expected));
    }
    assert_eq!(chain().depth(), 3);
}
