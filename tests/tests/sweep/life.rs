//! A pipeline's life, step by step: each is prepared, then done, and can be finished whatever came of it.

use terraform_provider_datalake::provider::Configured;
use terraform_provider_datalake::resources::model::Model;
use tokio_util::sync::CancellationToken;

use crate::Done;
use crate::meddling;
use crate::place::{OURS, Place};
use crate::scenario::{changed, first};
use crate::terraform::{Errors, Terraform, config};

/// What there is between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing.
    Nothing,
    /// The first configuration is applied.
    First,
    /// The other one is.
    Changed,
}

/// One step, in the order of a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The first configuration is applied where there is nothing.
    Create,
    /// What is there is looked at.
    Refresh,
    /// The pipeline is imported by its name.
    Import,
    /// What somebody else has changed is brought back.
    Mend,
    /// Everything is changed that can be.
    Change,
    /// And back.
    ChangeBack,
    /// What is there, data too, is removed.
    Destroy,
}

/// A whole life.
pub const LIFE: [Step; 7] =
    [Step::Create, Step::Refresh, Step::Import, Step::Mend, Step::Change, Step::ChangeBack, Step::Destroy];

impl Step {
    /// What there has to be.
    pub fn begins_at(self) -> Stage {
        match self {
            Self::Create => Stage::Nothing,
            Self::Refresh | Self::Import | Self::Mend | Self::Change | Self::Destroy => Stage::First,
            Self::ChangeBack => Stage::Changed,
        }
    }

    /// What there is when it is finished.
    pub fn ends_at(self) -> Stage {
        match self {
            Self::Create | Self::Refresh | Self::Import | Self::Mend | Self::ChangeBack => Stage::First,
            Self::Change => Stage::Changed,
            Self::Destroy => Stage::Nothing,
        }
    }
}

/// One pipeline that lives.
pub struct Life {
    terraform: Terraform,
    stage: Stage,
}

impl Life {
    /// With nothing made yet.
    pub fn new(configured: Configured) -> Self {
        Self { terraform: Terraform::new(configured), stage: Stage::Nothing }
    }

    /// What there is.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Makes everything ready for a step: what it begins with, what others do before it, and the plan.
    pub async fn prepare(&mut self, step: Step, place: &Place) -> Done<Option<Model>> {
        self.go_to(step.begins_at()).await?;
        match step {
            Step::Mend => meddling::everywhere(&place.root).await?,
            Step::Destroy => {
                place.put_data().await?;
                meddling::leave_behind(&place.root).await?;
            }
            _ => {}
        }
        if let Some(state) = self.terraform.state.clone() {
            let read = self.terraform.read(&state, &CancellationToken::new()).await;
            self.terraform.state = read.map_err(|errors| errors.join("; "))?;
        }
        let inputs = match step {
            Step::Create | Step::Mend | Step::ChangeBack => first(),
            Step::Change => changed(),
            Step::Refresh | Step::Import | Step::Destroy => return Ok(None),
        };
        let planned = self.terraform.plan(&config(&inputs), self.terraform.state.as_ref()).await;
        Ok(Some(planned.map_err(|errors| errors.join("; "))?))
    }

    /// Does what is left of a step, which is what calls AWS for it.
    pub async fn act(&mut self, step: Step, planned: Option<Model>) -> Errors {
        let calm = CancellationToken::new();
        let terraform = &mut self.terraform;
        let done = match (step, planned, terraform.state.clone()) {
            (Step::Refresh, _, Some(state)) => Box::pin(terraform.read(&state, &calm)).await.map(drop),
            (Step::Import, ..) => {
                let mut other = terraform.clone();
                other.state = None;
                return Box::pin(other.import(OURS, &calm)).await;
            }
            (Step::Destroy, ..) => Box::pin(terraform.remove(&calm)).await,
            (_, Some(planned), _) => {
                let inputs = if step == Step::Change { changed() } else { first() };
                Box::pin(terraform.make(planned, &config(&inputs), &calm)).await
            }
            _ => Err(vec!["the step was not prepared".to_owned()]),
        };
        done.err().unwrap_or_default()
    }

    /// Brings a step to its end, however far it came.
    pub async fn finish(&mut self, step: Step) -> Errors {
        self.stage = step.ends_at();
        self.reach(step.ends_at()).await
    }

    /// Goes on to where something else begins.
    pub async fn go_to(&mut self, stage: Stage) -> Done {
        if self.stage == stage {
            return Ok(());
        }
        self.stage = stage;
        match self.reach(stage).await {
            errors if errors.is_empty() => Ok(()),
            errors => Err(format!("{stage:?} is not reached: {}", errors.join("; ")).into()),
        }
    }

    async fn reach(&mut self, stage: Stage) -> Errors {
        let calm = CancellationToken::new();
        let inputs = match stage {
            Stage::Nothing => return Box::pin(self.terraform.destroy(&calm)).await,
            Stage::First => first(),
            Stage::Changed => changed(),
        };
        Box::pin(self.terraform.apply(&config(&inputs), &calm)).await
    }

    /// What a plan says of a configuration where there is nothing; it asks AWS nothing.
    pub async fn planned(&self, inputs: &serde_json::Value) -> Done<Model> {
        Ok(self.terraform.plan(&config(inputs), None).await.map_err(|errors| errors.join("; "))?)
    }
}
