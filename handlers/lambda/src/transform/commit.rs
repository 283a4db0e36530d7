//! Carrying out a result, in the order that survives a crash after any step.

use std::collections::BTreeSet;

use datalake_core::engine::Curation;
use datalake_core::events::{TransformDestinations, TransformResult};
use datalake_core::layout;

use super::Work;
use crate::failure::Failure;
use crate::files::FileList;
use crate::records::{Status, most_frequent};
use crate::validate::staging::{self, Staged, StagedFile};

/// Most steps kept in item and event.
const STEPS: usize = 50;

impl Work<'_> {
    /// Makes the rows visible, and those of earlier versions not.
    pub(super) async fn commit(mut self, curation: Curation, mut staged: Staged) -> Result<(), Failure> {
        staged.abort_unfinished(self.ports).await;
        let new: BTreeSet<String> = staged.good.iter().map(|file| file.place().key.clone()).collect();
        let planned = self.item.curation.curated.clone().unwrap_or_default();
        let old = self.files().load(&planned).await?;
        self.plan(&planned, &old, &new).await?;
        let result = self.result(curation, &staged, new.len());
        staging::publish(staged.refused, self.ports).await?;
        staging::publish(staged.good, self.ports).await?;
        let files = FileList::of(&self.list_name(), &new);
        let Some(pointer) = self.curated.advance(&self.item.process_id, &files).await? else {
            return self.supersede().await;
        };
        self.files().delete_keys(old.difference(&new).cloned()).await?;
        self.curated.clear(pointer).await?;
        self.tidy(&files, &new).await?;
        tracing::info!(
            rows = result.rows.total,
            curated = result.rows.curated,
            quarantined = result.rows.quarantined,
            "transformed"
        );
        // Of an object that was refused there is nothing to say that was not said.
        let result = (self.item.status == Status::Validated).then_some(result);
        let ports = self.ports;
        let item = self.finish(files, result).await?;
        super::announce(ports, &item).await
    }

    /// Names the document of a list that is too long for the item; `validate` has one of its own.
    fn list_name(&self) -> String {
        format!("{}-curated", self.item.process_id)
    }

    /// Records that the files `new` may become visible, beside the `old` ones that an earlier attempt planned.
    async fn plan(
        &mut self,
        planned: &FileList,
        old: &BTreeSet<String>,
        new: &BTreeSet<String>,
    ) -> Result<(), Failure> {
        let all: BTreeSet<String> = old.union(new).cloned().collect();
        if all == *old {
            return Ok(());
        }
        let mut list = FileList::of(&self.list_name(), &all);
        if list.files_manifest.is_some() {
            // Until the document is written, the item alone knows the files of before.
            list.files.clone_from(&planned.files);
        }
        self.ports.table.plan_transform(&self.item.id(), &self.claim, &list).await?;
        self.files().write(&list, &all).await?;
        self.item.curation.curated = Some(list);
        Ok(())
    }

    /// Makes the document of the list, if there is one, say what is visible now.
    async fn tidy(&self, files: &FileList, new: &BTreeSet<String>) -> Result<(), Failure> {
        match (&files.files_manifest, &self.item.curation.curated) {
            (Some(_), _) => self.files().write(files, new).await,
            (None, Some(planned)) => self.files().delete_document(planned).await,
            (None, None) => Ok(()),
        }
    }

    fn result(&self, curation: Curation, staged: &Staged, files: usize) -> TransformResult {
        let buckets = &self.pipeline.spec.buckets;
        let prefix = layout::curated_prefix(&self.item.dataset);
        let refused = staged.refused.first().map(StagedFile::place);
        TransformResult {
            rows: curation.counts,
            destinations: TransformDestinations {
                curated: (files > 0).then(|| format!("s3://{}/{prefix}", buckets.processed)),
                curated_files: files as u64,
                quarantined_rows: refused.map(|place| format!("s3://{}/{}", place.bucket, place.key)),
            },
            failed_steps: most_frequent(curation.failed_steps, STEPS),
        }
    }
}
