//! Carrying out a verdict, in the order that survives a crash after any step.

use std::collections::BTreeSet;

use bytes::Bytes;
use datalake_core::events::{Destinations, RuleFailure};
use datalake_core::layout;
use datalake_core::rules::can_be_kept;
use datalake_core::verdict::{ObjectReason, RuleOutcome, Verdict};
use serde_json::json;

use super::Work;
use super::staging::{self, Staged, StagedFile};
use crate::failure::{Failure, PortError};
use crate::files::FileList;
use crate::ports::Place;
use crate::records::{Outcome, Plan, Status, most_frequent};

/// Most rules kept in item and event.
const RULES: usize = 50;
/// The longest text, in characters, of a rule that does not hold; its name finds it.
const RULE_CHARS: usize = 500;

impl Work<'_> {
    /// Carries out a verdict and announces it.
    pub(super) async fn commit(mut self, verdict: Verdict, mut staged: Staged) -> Result<(), Failure> {
        staged.abort_unfinished(self.ports).await;
        let good = if verdict.passed { std::mem::take(&mut staged.good) } else { Vec::new() };
        let mark = staged.mark.take().filter(|_| verdict.passed);
        let mut new: BTreeSet<String> = good.iter().map(|file| file.place().key.clone()).collect();
        new.extend(mark.clone());
        let old = self.plan(&new).await?;
        staged.abort_good(self.ports).await;
        let mut destinations = Destinations::default();
        if let Some(place) = staged.refused.first().map(StagedFile::place) {
            destinations.quarantined_rows = Some(address(&place.bucket, &place.key));
        }
        self.publish(staged.refused).await?;
        if !verdict.passed {
            destinations.quarantined_object = self.refuse(&verdict).await?;
        }
        if !good.is_empty() {
            let prefix = layout::validated_prefix(&self.dataset);
            destinations.validated = Some(address(&self.pipeline.spec.buckets.processed, &prefix));
            destinations.validated_files = good.len() as u64;
        }
        self.publish(good).await?;
        if let Some(key) = mark {
            let bucket = self.pipeline.spec.buckets.processed.clone();
            self.ports.writer.put(&Place { bucket, key }, Bytes::new()).await?;
        }
        let files = FileList::of(&self.item.process_id, &new);
        let Some(pointer) = self.latest.advance(&self.item.process_id, &files).await? else {
            return self.supersede(Staged::default()).await;
        };
        self.files().delete_keys(old.difference(&new).cloned()).await?;
        self.latest.clear(pointer).await?;
        self.tidy(&files, &old, &new).await?;
        self.announce(verdict, files, destinations).await
    }

    /// Makes files visible. An upload of an earlier segment may have expired; then the pass begins again.
    async fn publish(&self, files: Vec<StagedFile>) -> Result<(), Failure> {
        match staging::publish(files, self.ports).await {
            Err(PortError::Missing) => {
                self.begin_again().await?;
                Err(Failure::Transient("an upload of a result file is gone".to_owned()))
            }
            result => Ok(result?),
        }
    }

    /// Records that the files `new` may become visible, beside those an earlier attempt planned, and what the object was
    /// compared with; tells the files of the earlier attempt.
    async fn plan(&mut self, new: &BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
        let old = self.files().load(&self.item.files).await?;
        let planned: BTreeSet<String> = old.union(new).cloned().collect();
        if planned != old || self.compared != self.item.compared {
            let mut list = FileList::of(&self.item.process_id, &planned);
            if list.files_manifest.is_some() {
                // Until the document is written, the item alone knows the files of before.
                list.files.clone_from(&self.item.files.files);
            }
            let plan = Plan { files: list, compared: self.compared.clone() };
            self.ports.table.plan(&self.item.id(), &self.claim, &plan).await?;
            self.files().write(&plan.files, &planned).await?;
            self.item.files = plan.files;
        }
        Ok(old)
    }

    /// Makes the document of the list, if there is one, say what is visible now.
    async fn tidy(
        &self,
        files: &FileList,
        old: &BTreeSet<String>,
        new: &BTreeSet<String>,
    ) -> Result<(), Failure> {
        match files.files_manifest {
            Some(_) if !old.is_subset(new) => self.files().write(files, new).await,
            Some(_) => Ok(()),
            None => self.files().delete_document(&self.item.files).await,
        }
    }

    /// Keeps the object as it is in the quarantine bucket, and beside it why; where, unless it is gone by now.
    async fn refuse(&self, verdict: &Verdict) -> Result<Option<String>, Failure> {
        let (source, id) = (&self.item.source, &self.item.process_id);
        let copy = self.quarantine(layout::quarantined_object_key(&self.dataset, id, &source.key));
        let copied = match self.ports.writer.copy(&self.object(), source.size_bytes, &copy).await {
            Ok(()) => Some(address(&copy.bucket, &copy.key)),
            Err(PortError::Missing) => None,
            Err(error) => return Err(error.into()),
        };
        let document = json!({
            "processId": id,
            "pipeline": self.pipeline.spec.name,
            "dataset": self.dataset,
            "specHash": self.pipeline.spec_hash,
            "source": source,
            "objectCopied": copied.is_some(),
            "reason": reason(verdict),
            "verdict": verdict,
        });
        let place = self.quarantine(layout::quarantine_reason_key(&self.dataset, id));
        self.ports.writer.put(&place, Bytes::from(document.to_string())).await?;
        Ok(copied)
    }

    async fn announce(
        self,
        verdict: Verdict,
        files: FileList,
        destinations: Destinations,
    ) -> Result<(), Failure> {
        let (ports, pipeline) = (self.ports, self.pipeline);
        let status = if verdict.passed { Status::Validated } else { Status::Quarantined };
        tracing::info!(
            ?status,
            score = verdict.score,
            rows = verdict.rows.total,
            quarantined = verdict.rows.quarantined,
            reason = verdict.object_reason.as_ref().map(|reason| reason.code.as_str()),
            "judged"
        );
        let item = self.finish(status, files, Some(outcome(verdict, destinations))).await?;
        super::settle(ports, pipeline, &item).await
    }
}

fn address(bucket: &str, key: &str) -> String {
    format!("s3://{bucket}/{key}")
}

/// Why an object was not passed: the verdict's own word, or that it has none.
fn reason(verdict: &Verdict) -> ObjectReason {
    let unnamed = || ObjectReason::new("not_passed", "the object did not pass its checks");
    verdict.object_reason.clone().unwrap_or_else(unnamed)
}

fn outcome(verdict: Verdict, destinations: Destinations) -> Outcome {
    let object_reason = (!verdict.passed).then(|| reason(&verdict));
    Outcome {
        validation_passed: verdict.passed,
        quality_score: verdict.score,
        rows: verdict.rows,
        failed_rules: most_frequent(verdict.failed_rules, RULES),
        rule_failures: verdict.rule_failures.into_iter().take(RULES).map(shortened).collect(),
        dataset_rules: verdict.dataset_rules.into_iter().take(RULES).map(storable).collect(),
        measures: verdict.remembered,
        object_reason,
        format: verdict.format,
        compression: verdict.compression,
        destinations,
    }
}

/// The outcome without measures that no item can hold; its message still tells them.
fn storable(mut outcome: RuleOutcome) -> RuleOutcome {
    outcome.evaluated_metrics.retain(|_, value| can_be_kept(*value));
    outcome
}

/// The failure without the end of a rule that is very long.
fn shortened(mut failure: RuleFailure) -> RuleFailure {
    if let Some((end, _)) = failure.rule.char_indices().nth(RULE_CHARS) {
        failure.rule.truncate(end);
        failure.rule.push('…');
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use datalake_core::spec::{Action, Severity};
    use datalake_core::verdict::RuleResult;

    #[test]
    fn long_rules_are_shortened() {
        let failure = |rule: &str| RuleFailure {
            name: "r".to_owned(),
            rule: rule.to_owned(),
            result: RuleResult::Fail,
            severity: Severity::Error,
            action: Action::Warn,
            rows: None,
        };
        assert_eq!(shortened(failure("ä > 1")).rule, "ä > 1");
        assert_eq!(shortened(failure(&"ä".repeat(501))).rule, format!("{}…", "ä".repeat(500)));
    }

    #[test]
    fn the_most_frequent_rules_are_kept() {
        let rules = (0..100).map(|number| (format!("rule {number}"), number)).collect();
        let kept = most_frequent(rules, RULES);
        assert_eq!(kept.len(), RULES);
        assert!(kept.values().all(|rows| *rows >= 50));
    }
}
