//! The walk: independent branches go on after a failure, dependants of a failure are skipped, a stop or a deadline ends
//! the walk between two operations. No retries and no waits here: the SDK retries, `aws::wait` waits.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::OnceCell;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::diff::{Change, change, hash};
use super::graph::{Graph, Node};
use super::outcome::{Failure, NOT_KNOWN, Outcome, Status};
use super::{Item, Owner, World};

/// What bounds a walk.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many objects are worked on at once.
    pub parallelism: usize,
    /// Asked to stop: finish the operations under way and start no others.
    pub stop: CancellationToken,
    /// How long the walk may start new operations; what is under way then has a tenth of it more to end.
    pub timeout: Duration,
    /// The owner mark objects of this pipeline carry.
    pub owner: String,
    /// Logical names that the state already knows as ours.
    pub known: BTreeSet<String>,
    /// Whether objects that hold data may be deleted or replaced.
    pub force_destroy: bool,
}

/// Makes every object of the graph as desired, once `permit` says that anything may be changed.
///
/// # Errors
/// That of `permit`; nothing was changed.
pub async fn reconcile<I: Item, W: World<I>, E>(
    world: &W,
    graph: &Graph<I>,
    limits: &Limits,
    permit: impl Future<Output = Result<(), E>>,
) -> Result<Outcome, E> {
    let needs = graph.nodes().map(|node| (node.key.clone(), node.needs.keys().cloned().collect())).collect();
    let unknown = graph.nodes().filter(|node| !limits.known.contains(&node.key));
    // Round trips that need not wait for anything: on a long chain each would be one step more.
    let ahead = join_all(unknown.map(|node| world.look_ahead(&node.item)));
    let walk = walk(graph, needs, limits, |node, made| bring_in_line(world, node, limits, made));
    beside(permitted(permit, walk), ahead).await
}

/// Removes every object of the graph, dependants first, once `permit` says that anything may be changed.
///
/// # Errors
/// That of `permit`; nothing was changed.
pub async fn destroy<I: Item, W: World<I>, E>(
    world: &W,
    graph: &Graph<I>,
    limits: &Limits,
    permit: impl Future<Output = Result<(), E>>,
) -> Result<Outcome, E> {
    let needs = graph
        .nodes()
        .map(|node| (node.key.clone(), graph.dependants(&node.key).map(str::to_owned).collect()))
        .collect();
    let looks: BTreeMap<&str, Look<I>> = graph.nodes().map(|node| (node.key.as_str(), Look::new())).collect();
    let look = |node: &Node<I>| &looks[node.key.as_str()];
    // Each object is looked at at once: what is done to its dependants does not change whose it is.
    let ahead = join_all(graph.nodes().map(|node| look(node).get_or_init(|| world.read(&node.item))));
    let walk = walk(graph, needs, limits, |node, _| remove(world, node, limits, look(node)));
    beside(permitted(permit, walk), ahead).await
}

async fn permitted<E>(
    permit: impl Future<Output = Result<(), E>>,
    walk: impl Future<Output = Outcome>,
) -> Result<Outcome, E> {
    permit.await?;
    Ok(walk.await)
}

/// What was seen of an object, once somebody has looked.
type Look<I> = OnceCell<Result<Option<I>, Failure>>;

/// What the walk gives, helped by what is learnt beside it; that is given up when the walk is done.
async fn beside<T, H>(walk: impl Future<Output = T>, helper: impl Future<Output = H>) -> T {
    let mut walk = pin!(walk);
    tokio::select! {
        // The walk first: one that was stopped before it began makes no call.
        biased;
        outcome = &mut walk => outcome,
        _ = helper => walk.await,
    }
}

/// Tells the walk that an object is there, before everything is set on it.
struct Made<'g> {
    key: &'g str,
    walk: UnboundedSender<&'g str>,
}

impl Made<'_> {
    fn tell(&self) {
        // A walk that does not listen any more is over.
        let _ = self.walk.send(self.key);
    }
}

/// What is known of an object when the walk is done with it.
enum Seen {
    /// It is there, with this hash.
    There(String),
    /// It is not there, or not ours.
    Gone,
    /// Something was done to it, and it could not be looked at since.
    Perhaps,
    /// Nothing was done to it, and it could not be looked at.
    Not,
}

/// Calls `work` for each node once all its `needs` are done.
async fn walk<'g, I, F, Fut>(
    graph: &'g Graph<I>,
    needs: BTreeMap<String, BTreeSet<String>>,
    limits: &Limits,
    work: F,
) -> Outcome
where
    I: Item,
    F: Fn(&'g Node<I>, Made<'g>) -> Fut,
    Fut: Future<Output = (Status, Seen)>,
{
    tracing::info!(objects = graph.nodes().count(), depth = graph.depth(), "walk begins");
    let deadline = tokio::time::Instant::now() + limits.timeout;
    let mut waiting: BTreeSet<&str> = graph.nodes().map(|node| node.key.as_str()).collect();
    let mut outcome = Outcome::default();
    let mut running = FuturesUnordered::new();
    let (tell, mut told) = unbounded_channel();
    let mut made = BTreeSet::new();
    loop {
        let halted = limits.stop.is_cancelled() || tokio::time::Instant::now() >= deadline;
        while !halted && running.len() < limits.parallelism.max(1) {
            let may_begin = |key: &&str| {
                let early = |need: &String| {
                    made.contains(need.as_str())
                        && graph.get(key).is_some_and(|node| node.begins_with.contains(need))
                };
                needs[*key].iter().all(|need| ready(need, &outcome, early))
            };
            let Some(key) = waiting.iter().copied().find(may_begin) else { break };
            waiting.remove(key);
            if let Some(node) = graph.get(key) {
                let made = Made { key: &node.key, walk: tell.clone() };
                let work = Box::pin(in_time(deadline + limits.timeout / 10, work(node, made)));
                running.push(async move { (node.key.clone(), work.await) });
            }
        }
        let next = tokio::select! {
            biased;
            Some(key) = told.recv() => {
                made.insert(key);
                continue;
            }
            next = running.next() => next,
        };
        let Some((key, (status, seen))) = next else { break };
        tracing::info!(object = key, status = status.word(), "done with an object");
        match seen {
            Seen::There(hash) => drop(outcome.hashes.insert(key.clone(), hash)),
            Seen::Gone => {}
            Seen::Perhaps => drop(outcome.hashes.insert(key.clone(), NOT_KNOWN.to_owned())),
            Seen::Not => drop(outcome.unseen.insert(key.clone())),
        }
        outcome.statuses.insert(key, status);
    }
    drop(running);
    for key in waiting {
        let missing: Vec<String> = needs[key].iter().filter(|need| failed(need, &outcome)).cloned().collect();
        let status = if missing.is_empty() { Status::Interrupted } else { Status::Skipped(missing) };
        outcome.statuses.insert(key.to_owned(), status);
        outcome.unseen.insert(key.to_owned());
    }
    skip_transitively(&needs, &mut outcome);
    outcome
}

/// A call that is never answered must not hold the walk for ever.
async fn in_time(end: tokio::time::Instant, work: impl Future<Output = (Status, Seen)>) -> (Status, Seen) {
    tokio::time::timeout_at(end, work).await.unwrap_or_else(|_| {
        let message = "time was up and AWS had not answered; see `timeouts`";
        (Status::Failed(Failure::ours("the last call", "TimedOut", message)), Seen::Perhaps)
    })
}

/// Whether a need is met: it is done, or under way and far enough.
fn ready(need: &String, outcome: &Outcome, early: impl Fn(&String) -> bool) -> bool {
    match outcome.statuses.get(need) {
        Some(status) => matches!(status, Status::Kept | Status::Done(_) | Status::Deleted),
        None => early(need),
    }
}

fn failed(key: &str, outcome: &Outcome) -> bool {
    matches!(outcome.statuses.get(key), Some(Status::Failed(_) | Status::Skipped(_)))
}

/// A node behind a skipped node was not interrupted but skipped as well.
fn skip_transitively(needs: &BTreeMap<String, BTreeSet<String>>, outcome: &mut Outcome) {
    loop {
        let found = outcome.statuses.iter().find_map(|(key, status)| {
            let blockers: Vec<String> =
                needs.get(key)?.iter().filter(|need| failed(need, outcome)).cloned().collect();
            (*status == Status::Interrupted && !blockers.is_empty()).then(|| (key.clone(), blockers))
        });
        let Some((key, blockers)) = found else { return };
        outcome.statuses.insert(key, Status::Skipped(blockers));
    }
}

/// Observes, compares and acts on one object; returns its fate and what is there now.
async fn bring_in_line<I: Item, W: World<I>>(
    world: &W,
    node: &Node<I>,
    limits: &Limits,
    made: Made<'_>,
) -> (Status, Seen) {
    // What the state does not know is most likely not there: making it says so when it is, and costs no look before.
    let known = limits.known.contains(&node.key);
    let observed = match if known { world.read(&node.item).await } else { Ok(None) } {
        Ok(observed) => observed,
        Err(failure) => return (Status::Failed(failure), Seen::Not),
    };
    match change_to_desired(world, node, limits, observed, &made).await {
        Ok(status) => (status, Seen::There(hash(&node.item))),
        Err(failure) => (Status::Failed(failure), look_again(world, node, limits).await),
    }
}

/// The state must not claim more than there is, nor forget what is: look again rather than guess how far the calls came.
async fn look_again<I: Item, W: World<I>>(world: &W, node: &Node<I>, limits: &Limits) -> Seen {
    match world.read(&node.item).await {
        Ok(Some(found)) if ours(&found, node, limits) => Seen::There(hash(&found)),
        Ok(_) => Seen::Gone,
        Err(_) => Seen::Perhaps,
    }
}

async fn change_to_desired<I: Item, W: World<I>>(
    world: &W,
    node: &Node<I>,
    limits: &Limits,
    mut observed: Option<I>,
    made: &Made<'_>,
) -> Result<Status, Failure> {
    if observed.is_none() {
        match world.create(&node.item).await {
            Ok(()) => {
                made.tell();
                world.update(&node.item, None).await?;
                return Ok(Status::Done(vec!["created".to_owned()]));
            }
            // Somebody, perhaps an earlier try of this very call whose answer was lost, was there first: look.
            Err(failure) if failure.exists => {
                observed = world.read(&node.item).await?;
                if observed.is_none() {
                    return Err(failure);
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    if let Some(found) = &observed
        && !ours(found, node, limits)
    {
        return Err(stranger(node, found));
    }
    match change(&node.item, observed.as_ref()) {
        Change::Keep => Ok(Status::Kept),
        Change::Create => {
            Err(Failure::ours("read", "Vanished", "the object vanished while it was looked at"))
        }
        Change::Update(fields) => {
            made.tell();
            world.update(&node.item, observed.as_ref()).await?;
            Ok(Status::Done(fields))
        }
        Change::Replace(fields) => {
            guard_data(node, limits)?;
            world.delete(observed.as_ref().unwrap_or(&node.item)).await?;
            world.create(&node.item).await?;
            made.tell();
            world.update(&node.item, None).await?;
            Ok(Status::Done(fields))
        }
    }
}

async fn remove<I: Item, W: World<I>>(
    world: &W,
    node: &Node<I>,
    limits: &Limits,
    look: &Look<I>,
) -> (Status, Seen) {
    if let Err(failure) = guard_data(node, limits) {
        return (Status::Failed(failure), look_again(world, node, limits).await);
    }
    let removed = match look.get_or_init(|| world.read(&node.item)).await {
        Err(failure) => return (Status::Failed(failure.clone()), Seen::Not),
        Ok(Some(found)) if ours(found, node, limits) => world.delete(found).await,
        // Not ours: leaving it alone is all there is to do.
        Ok(_) => Ok(()),
    };
    match removed {
        Ok(()) => (Status::Deleted, Seen::Gone),
        Err(failure) => (Status::Failed(failure), look_again(world, node, limits).await),
    }
}

fn guard_data<I: Item>(node: &Node<I>, limits: &Limits) -> Result<(), Failure> {
    if node.item.holds_data() && !limits.force_destroy {
        return Err(Failure::ours(
            "delete",
            "DataProtected",
            format!(
                "`{}` holds data; set force_destroy = true and apply before removing it",
                node.item.name()
            ),
        ));
    }
    Ok(())
}

fn ours<I: Item>(found: &I, node: &Node<I>, limits: &Limits) -> bool {
    found.owner().is(&limits.owner, limits.known.contains(&node.key))
}

fn stranger<I: Item>(node: &Node<I>, found: &I) -> Failure {
    let owner = match found.owner() {
        Owner::Marked(owner) => format!("it belongs to the pipeline `{owner}`"),
        Owner::Unmarked | Owner::Unmarkable => "it carries no mark of a pipeline".to_owned(),
    };
    Failure::ours(
        "adopt",
        "NotOurs",
        format!(
            "an {} named `{}` already exists and {owner}. It was left untouched. Choose another pipeline name, remove \
             that object, or, if it is this pipeline's, bring the pipeline back into the state with an import block:\n\n  \
             import {{\n    to = datalake_pipeline.<label>\n    id = \"<pipeline name>\"\n  }}",
            node.item.type_name(),
            node.item.name()
        ),
    )
}
