//! An Athena workgroup: where query results go, whoever asks.
//!
//! AWS surprises: without enforcement every client chooses its own location and encryption; a missing workgroup is an
//! "invalid request"; an update takes a document of another shape than creation; one with saved queries can only be
//! deleted with them.

use aws_sdk_athena::types::{
    EncryptionConfiguration, EncryptionOption, EngineVersion, ResultConfiguration,
    ResultConfigurationUpdates, Tag, WorkGroup, WorkGroupConfiguration, WorkGroupConfigurationUpdates,
    WorkGroupState,
};
use serde::Serialize;

use super::{Component, Permission, on_itself};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, Scope};
use crate::engine::Owner;

/// A workgroup as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Workgroup {
    /// Workgroup name.
    pub workgroup_name: String,
    /// `s3://` location of results.
    pub result_location: String,
    /// KMS key of results; without one SSE-S3.
    pub kms_key_arn: Option<String>,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

impl Component for Workgroup {
    const TYPE: &'static str = "aws_athena_workgroup";
    const PERMISSIONS: &'static [Permission] = &[
        on_itself("athena:CreateWorkGroup"),
        on_itself("athena:DeleteWorkGroup"),
        on_itself("athena:GetWorkGroup"),
        on_itself("athena:ListTagsForResource"),
        on_itself("athena:TagResource"),
        on_itself("athena:UntagResource"),
        on_itself("athena:UpdateWorkGroup"),
    ];

    fn name(&self) -> String {
        self.workgroup_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.arn("athena", &format!("workgroup/{}", self.workgroup_name))
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let call = cx.clients.athena.get_work_group().work_group(&self.workgroup_name);
        let answer = call.send().await.optional("athena:GetWorkGroup")?;
        let Some(workgroup) = answer.and_then(|answer| answer.work_group) else { return Ok(None) };
        // Not at once: Athena has no code of its own for the tags of a missing workgroup.
        let tags = self.tags(cx).await?;
        Ok(Some(self.observed(workgroup, tags)))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let results = ResultConfiguration::builder().output_location(&self.result_location);
        let configuration = WorkGroupConfiguration::builder()
            .result_configuration(results.encryption_configuration(self.encryption()?).build())
            .enforce_work_group_configuration(true)
            .publish_cloud_watch_metrics_enabled(true)
            .engine_version(newest_engine());
        let call = cx.clients.athena.create_work_group().name(&self.workgroup_name);
        let call = call.configuration(configuration.build()).set_tags(Some(tag_list(&self.tags)));
        call.send().await.call("athena:CreateWorkGroup").map(drop)
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets every field in its one call.
        let Some(observed) = observed else { return Ok(()) };
        futures::try_join!(self.set_configuration(cx, observed), self.set_tags(cx, observed)).map(drop)
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.athena.delete_work_group().work_group(&self.workgroup_name);
        call.recursive_delete_option(true).send().await.or_gone("athena:DeleteWorkGroup")
    }
}

impl Workgroup {
    /// The tags; a page holds more than an object can have.
    async fn tags(&self, cx: &Cx) -> Result<Tags, AwsError> {
        if cx.tags_as_wanted(&self.arn(&cx.scope), &self.tags).await {
            return Ok(self.tags.clone());
        }
        let call = cx.clients.athena.list_tags_for_resource().resource_arn(self.arn(&cx.scope));
        let answer = call.send().await.optional("athena:ListTagsForResource")?;
        let tags = answer.and_then(|answer| answer.tags).unwrap_or_default();
        Ok(cx.managed(tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))))
    }

    async fn set_configuration(&self, cx: &Cx, observed: &Self) -> Result<(), AwsError> {
        if (&self.result_location, &self.kms_key_arn) == (&observed.result_location, &observed.kms_key_arn) {
            return Ok(());
        }
        let results = ResultConfigurationUpdates::builder().output_location(&self.result_location);
        let updates = WorkGroupConfigurationUpdates::builder()
            .result_configuration_updates(results.encryption_configuration(self.encryption()?).build())
            .enforce_work_group_configuration(true)
            .publish_cloud_watch_metrics_enabled(true)
            .engine_version(newest_engine());
        let call = cx.clients.athena.update_work_group().work_group(&self.workgroup_name);
        let call = call.configuration_updates(updates.build()).state(WorkGroupState::Enabled);
        call.send().await.call("athena:UpdateWorkGroup").map(drop)
    }

    async fn set_tags(&self, cx: &Cx, observed: &Self) -> Result<(), AwsError> {
        let (athena, arn) = (&cx.clients.athena, self.arn(&cx.scope));
        let (set, remove) = tags::changes(&self.tags, Some(&observed.tags));
        if !set.is_empty() {
            let call = athena.tag_resource().resource_arn(&arn).set_tags(Some(tag_list(&set)));
            call.send().await.call("athena:TagResource")?;
        }
        if !remove.is_empty() {
            let call = athena.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove));
            call.send().await.call("athena:UntagResource")?;
        }
        Ok(())
    }

    fn encryption(&self) -> Result<EncryptionConfiguration, AwsError> {
        let option =
            if self.kms_key_arn.is_some() { EncryptionOption::SseKms } else { EncryptionOption::SseS3 };
        let encryption = EncryptionConfiguration::builder().encryption_option(option);
        Ok(encryption.set_kms_key(self.kms_key_arn.clone()).build()?)
    }

    fn observed(&self, workgroup: WorkGroup, tags: Tags) -> Self {
        let enabled = workgroup.state != Some(WorkGroupState::Disabled);
        let configuration = workgroup.configuration;
        let enforced =
            configuration.as_ref().is_some_and(|found| found.enforce_work_group_configuration == Some(true));
        let results = configuration.and_then(|found| found.result_configuration);
        let results = results.unwrap_or_else(|| ResultConfiguration::builder().build());
        Self {
            workgroup_name: self.workgroup_name.clone(),
            // A location that clients may overrule, or that nobody can use, is none.
            result_location: results.output_location.filter(|_| enabled && enforced).unwrap_or_default(),
            kms_key_arn: key_in_force(results.encryption_configuration),
            tags,
        }
    }
}

/// Engine version 3 or what follows it, as Athena moves on.
fn newest_engine() -> EngineVersion {
    EngineVersion::builder().selected_engine_version("AUTO").build()
}

/// The KMS key of results; none for SSE-S3. What we never set reads as a key that nobody wants, and is mended.
fn key_in_force(found: Option<EncryptionConfiguration>) -> Option<String> {
    let Some(found) = found else { return Some("(not encrypted)".to_owned()) };
    match found.encryption_option {
        EncryptionOption::SseS3 => None,
        EncryptionOption::SseKms => Some(found.kms_key.unwrap_or_default()),
        other => Some(format!("{} ({other})", found.kms_key.unwrap_or_default())),
    }
}

fn tag_list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(edit: impl FnOnce(&mut WorkGroup)) -> Workgroup {
        let wanted = wanted();
        let results = ResultConfiguration::builder()
            .output_location(&wanted.result_location)
            .encryption_configuration(wanted.encryption().unwrap());
        let configuration = WorkGroupConfiguration::builder()
            .result_configuration(results.build())
            .enforce_work_group_configuration(true);
        let mut found = WorkGroup::builder().name("w").configuration(configuration.build()).build().unwrap();
        edit(&mut found);
        wanted.observed(found, wanted.tags.clone())
    }

    fn wanted() -> Workgroup {
        Workgroup {
            workgroup_name: "w".to_owned(),
            result_location: "s3://b/_athena/".to_owned(),
            kms_key_arn: None,
            tags: Tags::new(),
        }
    }

    #[test]
    fn only_what_is_in_force_counts() {
        assert_eq!(read_back(|_| ()), wanted());
        let off = read_back(|found| found.state = Some(WorkGroupState::Disabled));
        let free = read_back(|found| {
            found.configuration.as_mut().unwrap().enforce_work_group_configuration = Some(false);
        });
        let bare = read_back(|found| found.configuration = None);
        for other in [off, free, bare] {
            assert_eq!(other.result_location, "");
        }
    }

    #[test]
    fn keys_in_force() {
        let found = |option: EncryptionOption| {
            let found = EncryptionConfiguration::builder().encryption_option(option).kms_key("k");
            key_in_force(Some(found.build().unwrap()))
        };
        assert_eq!(found(EncryptionOption::SseS3), None);
        assert_eq!(found(EncryptionOption::SseKms).as_deref(), Some("k"));
        assert_eq!(found(EncryptionOption::CseKms).as_deref(), Some("k (CSE_KMS)"));
        assert!(key_in_force(None).is_some());
    }
}
