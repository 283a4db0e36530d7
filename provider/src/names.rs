//! Names of everything a pipeline makes: deterministic, so that ARNs are known at plan and a lost state can be found.

use crate::aws::Scope;

/// Longest pipeline name: a bucket name of 63 characters must hold it with the role, account and region.
pub const LONGEST_NAME: usize = 24;

/// What the name of a table of transformed rows ends in.
const CURATED_SUFFIX: &str = "_curated";

/// The table of a dataset's transformed rows.
#[must_use]
pub fn curated_table(dataset: &str) -> String {
    format!("{dataset}{CURATED_SUFFIX}")
}

/// The names of one pipeline's objects.
#[derive(Debug, Clone)]
pub struct Names {
    /// The pipeline's name.
    pub pipeline: String,
    /// Where it lives.
    pub scope: Scope,
}

impl Names {
    /// The names of the pipeline called `pipeline` in `scope`.
    #[must_use]
    pub fn new(pipeline: &str, scope: &Scope) -> Self {
        Self { pipeline: pipeline.to_owned(), scope: scope.clone() }
    }

    /// The owner mark: name and region, since some services have no regions.
    #[must_use]
    pub fn owner(&self) -> String {
        format!("{}@{}", self.pipeline, self.scope.region)
    }

    /// Bucket by role. Account and region make it unique in the world.
    #[must_use]
    pub fn bucket(&self, role: &str) -> String {
        format!("{}-{role}-{}-{}", self.pipeline, self.scope.account, self.scope.region)
    }

    /// An object named `<pipeline>-<part>`: queues, functions, rules, table, bus, crawler.
    #[must_use]
    pub fn part(&self, part: &str) -> String {
        format!("{}-{part}", self.pipeline)
    }

    /// IAM role by use. IAM has no regions, so the region is in the name.
    #[must_use]
    pub fn role(&self, part: &str) -> String {
        format!("{}-{}-{part}", self.pipeline, self.scope.region)
    }

    /// Log group of a function.
    #[must_use]
    pub fn log_group(&self, function: &str) -> String {
        format!("/aws/lambda/{}", self.part(function))
    }

    /// Glue database. Hyphens would have to be quoted in every Athena statement.
    #[must_use]
    pub fn database(&self) -> String {
        self.pipeline.replace('-', "_")
    }

    /// URL of a queue.
    #[must_use]
    pub fn queue_arn(&self, queue: &str) -> String {
        self.scope.arn("sqs", &self.part(queue))
    }
}
