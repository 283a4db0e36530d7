//! Requests of people: replay and backfill. Each walks through a listing, some of it a turn, and puts what it finds on
//! the way of objects that have just arrived; then it goes on with itself through the queue.
//!
//! A turn may be repeated: an object that is on its way already is known by its process id.

mod backfill;
mod replay;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use datalake_core::layout;
use datalake_core::requests::{Ask, Continuation, SOURCE};
use futures::future::join_all;
use serde_json::json;

use crate::failure::Failure;
use crate::inbound::Asked;
use crate::pipeline::Pipeline;
use crate::ports::{Listed, Listing, Ports};
use crate::time;

/// The most objects of a listing that one turn sees to.
const MOST: u32 = 500;
/// A turn sees to the objects of so many seconds at most, so that none waits long behind the others.
const TURN_SECONDS: u32 = 10;
/// Objects seen to at a time.
const AT_ONCE: usize = 8;
/// Time kept back for going on.
const RESERVE: Duration = Duration::from_secs(5);

/// What one invocation has for a request.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// ARN of the queue the request came from.
    pub queue_arn: &'a str,
    /// When Lambda ends the invocation.
    pub deadline: SystemTime,
}

/// What became of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is on its way to be judged.
    Queued,
    /// It is left as it is, because of this.
    Left(&'static str),
}

/// One request at work.
struct Walk<'a> {
    ports: &'a Ports,
    pipeline: &'a Pipeline,
    request_id: &'a str,
    /// From when on.
    since: Option<SystemTime>,
    /// Until before when.
    until: Option<SystemTime>,
}

/// Takes one turn of a request.
///
/// # Errors
/// [`Failure::Poison`] when it asks for what this pipeline does not have, else whatever could not be done now.
pub async fn handle(
    ports: &Ports,
    pipeline: &Pipeline,
    asked: &Asked,
    turn: Turn<'_>,
) -> Result<(), Failure> {
    let Asked { request_id, ask } = asked;
    let known = pipeline.spec.datasets.contains_key(ask.dataset());
    let unfiled = matches!(ask, Ask::Replay(_)) && ask.dataset() == layout::NO_DATASET;
    if !known && !unfiled {
        return Err(Failure::Poison(format!("the pipeline has no dataset {:?}", ask.dataset())));
    }
    let [since, until] = ask.period();
    let walk = Walk { ports, pipeline, request_id, since: instant(since)?, until: instant(until)? };
    match ask {
        Ask::Replay(replay) if replay.key.is_some() => walk.replay_key(replay).await,
        _ => walk.turn(ask, turn).await,
    }
}

fn instant(text: Option<&str>) -> Result<Option<SystemTime>, Failure> {
    let refused = || Failure::Poison("since and until must be RFC 3339 instants".to_owned());
    text.map(|text| time::parse_rfc3339(text).ok_or_else(refused)).transpose()
}

impl Walk<'_> {
    async fn turn(&self, ask: &Ask, turn: Turn<'_>) -> Result<(), Failure> {
        let prefix = self.prefix(ask)?;
        let buckets = &self.pipeline.spec.buckets;
        let bucket = if matches!(ask, Ask::Replay(_)) { &buckets.quarantine } else { &buckets.raw };
        let after = ask.continuation().map_or("", |continuation| continuation.after.as_str());
        let most = MOST.min(ask.per_second() * TURN_SECONDS) as usize;
        let page = self.ports.lister.list(Listing { bucket, prefix: &prefix, after, most }).await?;
        let (mut fates, mut seen) = (BTreeMap::new(), 0);
        for objects in page.objects.chunks(AT_ONCE) {
            if self.ports.clock.now() + RESERVE > turn.deadline {
                break;
            }
            self.see_to(ask, objects, &mut fates).await?;
            seen += objects.len();
        }
        let queued = fates.get("queued").copied().unwrap_or(0);
        let done = seen == page.objects.len() && !page.more;
        tracing::info!(request = self.request_id, ?fates, done, "{} of {}", ask.detail_type(), ask.dataset());
        if done {
            return Ok(());
        }
        let Some(last) = seen.checked_sub(1).and_then(|last| page.objects.get(last)) else {
            return Err(Failure::Transient("not enough time left in this invocation".to_owned()));
        };
        let wait = Duration::from_secs(u64::from(queued.div_ceil(ask.per_second())));
        self.go_on(ask, last.key.clone(), turn.queue_arn, wait).await
    }

    fn prefix(&self, ask: &Ask) -> Result<String, Failure> {
        match ask {
            Ask::Replay(replay) => Ok(format!("{}{}/", layout::QUARANTINE, replay.dataset)),
            Ask::Backfill(request) => self.backfill_prefix(request),
        }
    }

    /// Sees to some objects of the listing, all of them before an error counts.
    async fn see_to(
        &self,
        ask: &Ask,
        objects: &[Listed],
        fates: &mut BTreeMap<&'static str, u32>,
    ) -> Result<(), Failure> {
        let found = match ask {
            Ask::Replay(replay) => self.replay_entries(replay, objects).await,
            Ask::Backfill(request) => {
                join_all(objects.iter().map(|object| self.backfill(request, object))).await
            }
        };
        for fate in found {
            let word = match fate? {
                Fate::Queued => "queued",
                Fate::Left(why) => why,
            };
            *fates.entry(word).or_default() += 1;
        }
        Ok(())
    }

    /// Hands the rest of the listing to another turn.
    async fn go_on(&self, ask: &Ask, after: String, queue_arn: &str, wait: Duration) -> Result<(), Failure> {
        let ask = ask.clone().from(Continuation { request_id: self.request_id.to_owned(), after });
        let detail = ask.detail().map_err(|error| Failure::Transient(error.to_string()))?;
        let body = json!({
            "source": SOURCE,
            "detail-type": ask.detail_type(),
            "id": self.request_id,
            "time": time::rfc3339_millis(self.ports.clock.now()),
            "detail": detail,
        });
        Ok(self.ports.queue.send(queue_arn, &body.to_string(), wait).await?)
    }

    /// Whether an instant lies in the period asked for; one that is not known does.
    fn within(&self, at: Option<SystemTime>) -> bool {
        let after = |since: SystemTime| at.is_none_or(|at| at >= since);
        let before = |until: SystemTime| at.is_none_or(|at| at < until);
        self.since.is_none_or(after) && self.until.is_none_or(before)
    }
}
