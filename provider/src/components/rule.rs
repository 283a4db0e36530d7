//! An EventBridge rule and exactly its targets.
//!
//! AWS surprises: `PutRule` makes or overwrites and forgets what it does not name, except tags, which it takes only when
//! it makes the rule; `PutTargets` answers 200 and lists its failures; a rule with targets cannot be deleted; the bus is
//! in the ARN of a rule only when it is not the default one.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::{DeadLetterConfig, RuleState, Target as AwsTarget};
use serde::Serialize;
use serde_json::Value;

use super::event_bus::{read_tags, tag_list, update_tags};
use super::{Component, Permission, on_itself};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, Scope, wait};
use crate::engine::Owner;

/// A rule as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// Rule name.
    pub rule_name: String,
    /// Bus it listens on; `default` for AWS's own events.
    pub bus_name: String,
    /// Sentence shown in the console.
    pub description: String,
    /// Event pattern.
    pub pattern: Value,
    /// Whether it is on.
    pub enabled: bool,
    /// Targets by id; exactly these.
    pub targets: BTreeMap<String, Target>,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

/// One target of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// ARN of the queue or bus.
    pub arn: String,
    /// Role EventBridge assumes to reach it (buses only).
    pub role_arn: Option<String>,
    /// Queue for events that could not be delivered.
    pub dead_letter_arn: Option<String>,
}

impl Component for Rule {
    const TYPE: &'static str = "aws_cloudwatch_event_rule";
    const PERMISSIONS: &'static [Permission] = &[
        on_itself("events:DeleteRule"),
        on_itself("events:DescribeRule"),
        on_itself("events:ListTagsForResource"),
        on_itself("events:ListTargetsByRule"),
        on_itself("events:PutRule"),
        on_itself("events:PutTargets"),
        on_itself("events:RemoveTargets"),
        on_itself("events:TagResource"),
        on_itself("events:UntagResource"),
    ];

    fn name(&self) -> String {
        self.rule_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        match self.bus_name.as_str() {
            "default" => scope.arn("events", &format!("rule/{}", self.rule_name)),
            bus => scope.arn("events", &format!("rule/{bus}/{}", self.rule_name)),
        }
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let (rule, targets, tags) = futures::try_join!(
            self.describe(cx),
            self.read_targets(cx),
            read_tags(cx, self.arn(&cx.scope), &self.tags),
        )?;
        let (Some(rule), Some(targets), Some(tags)) = (rule, targets, tags) else { return Ok(None) };
        Ok(Some(Self {
            rule_name: self.rule_name.clone(),
            bus_name: self.bus_name.clone(),
            description: rule.description.unwrap_or_default(),
            pattern: pattern(rule.event_pattern.as_deref())?,
            enabled: rule.state != Some(RuleState::Disabled),
            targets,
            tags,
        }))
    }

    async fn refuse_existing(&self, cx: &Cx) -> Result<(), AwsError> {
        // Putting a rule that is there would write over it.
        if self.describe(cx).await?.is_some() {
            return Err(AwsError::exists("events:PutRule", &self.rule_name));
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        self.put(cx, Some(&self.tags)).await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        let Some(observed) = observed else { return self.update_targets(cx, &BTreeMap::new()).await };
        // One after the other: EventBridge refuses concurrent changes of one rule.
        if self.settings() != observed.settings() {
            self.put(cx, None).await?;
        }
        self.update_targets(cx, &observed.targets).await?;
        update_tags(cx, self.arn(&cx.scope), &self.tags, &observed.tags).await
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        self.remove_targets(cx, self.targets.keys().cloned().collect()).await?;
        let Err(refused) = self.delete_bare(cx).await else { return Ok(()) };
        // Perhaps for the targets that somebody has added since.
        match self.read_targets(cx).await? {
            Some(targets) if !targets.is_empty() => {
                self.remove_targets(cx, targets.into_keys().collect()).await?;
                self.delete_bare(cx).await
            }
            _ => Err(refused),
        }
    }
}

impl Rule {
    async fn describe(&self, cx: &Cx) -> Result<Option<DescribeRuleOutput>, AwsError> {
        let call = cx.clients.events.describe_rule().name(&self.rule_name).event_bus_name(&self.bus_name);
        call.send().await.optional("events:DescribeRule")
    }

    /// Deletes the rule, which must have no targets.
    async fn delete_bare(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.events.delete_rule().name(&self.rule_name).event_bus_name(&self.bus_name);
        wait::while_not_ready(cx, || async { call.clone().send().await.or_gone("events:DeleteRule") }).await
    }

    fn settings(&self) -> (&str, &Value, bool) {
        (&self.description, &self.pattern, self.enabled)
    }

    async fn put(&self, cx: &Cx, tags: Option<&Tags>) -> Result<(), AwsError> {
        let call = cx.clients.events.put_rule().name(&self.rule_name).event_bus_name(&self.bus_name);
        let call = call.description(&self.description).event_pattern(self.pattern.to_string());
        let call = call.state(if self.enabled { RuleState::Enabled } else { RuleState::Disabled });
        let call = call.set_tags(tags.map(tag_list).transpose()?);
        wait::while_not_ready(cx, || async { call.clone().send().await.call("events:PutRule").map(drop) })
            .await
    }

    async fn read_targets(&self, cx: &Cx) -> Result<Option<BTreeMap<String, Target>>, AwsError> {
        // A rule has at most a handful of targets (the quota is 5) and a page holds 100.
        let call =
            cx.clients.events.list_targets_by_rule().rule(&self.rule_name).event_bus_name(&self.bus_name);
        let found = call.send().await.optional("events:ListTargetsByRule")?;
        Ok(found.map(|found| found.targets.unwrap_or_default().into_iter().map(Target::observed).collect()))
    }

    async fn update_targets(&self, cx: &Cx, found: &BTreeMap<String, Target>) -> Result<(), AwsError> {
        let wanted = self.targets.iter().filter(|(id, target)| found.get(*id) != Some(*target));
        let wanted: Vec<AwsTarget> =
            wanted.map(|(id, target)| target.wanted(id)).collect::<Result<_, _>>()?;
        // First the new, then the old: no event is lost in between.
        if !wanted.is_empty() {
            self.put_targets(cx, wanted).await?;
        }
        self.remove_targets(cx, found.keys().filter(|id| !self.targets.contains_key(*id)).cloned().collect())
            .await
    }

    async fn put_targets(&self, cx: &Cx, targets: Vec<AwsTarget>) -> Result<(), AwsError> {
        let call = cx.clients.events.put_targets().rule(&self.rule_name).event_bus_name(&self.bus_name);
        let call = call.set_targets(Some(targets));
        wait::while_not_ready(cx, || async {
            let answer = call.clone().send().await.call("events:PutTargets")?;
            match answer.failed_entries().first() {
                Some(entry) => {
                    Err(AwsError::listed("events:PutTargets", entry.error_code(), entry.error_message()))
                }
                None => Ok(()),
            }
        })
        .await
    }

    async fn remove_targets(&self, cx: &Cx, ids: Vec<String>) -> Result<(), AwsError> {
        if ids.is_empty() {
            return Ok(());
        }
        let call = cx.clients.events.remove_targets().rule(&self.rule_name).event_bus_name(&self.bus_name);
        let call = call.set_ids(Some(ids));
        wait::while_not_ready(cx, || async {
            let answer = call.clone().send().await.optional("events:RemoveTargets")?;
            match answer.iter().flat_map(|answer| answer.failed_entries()).next() {
                Some(entry) => {
                    Err(AwsError::listed("events:RemoveTargets", entry.error_code(), entry.error_message()))
                }
                None => Ok(()),
            }
        })
        .await
    }
}

impl Target {
    fn wanted(&self, id: &str) -> Result<AwsTarget, AwsError> {
        let dead_letter =
            self.dead_letter_arn.as_ref().map(|arn| DeadLetterConfig::builder().arn(arn).build());
        let target = AwsTarget::builder().id(id).arn(&self.arn).set_role_arn(self.role_arn.clone());
        Ok(target.set_dead_letter_config(dead_letter).build()?)
    }

    fn observed(target: AwsTarget) -> (String, Self) {
        let observed = Self {
            arn: target.arn,
            role_arn: target.role_arn.filter(|arn| !arn.is_empty()),
            dead_letter_arn: target.dead_letter_config.and_then(|config| config.arn),
        };
        (target.id, observed)
    }
}

fn pattern(text: Option<&str>) -> Result<Value, AwsError> {
    let Some(text) = text else { return Ok(Value::Null) };
    serde_json::from_str(text).map_err(|error| {
        AwsError::ours("events:DescribeRule", "NotJson", format!("the pattern is not JSON: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(role: Option<&str>, dead_letter: Option<&str>) -> Target {
        let text = |text: &str| text.to_owned();
        Target { arn: text("arn:q"), role_arn: role.map(text), dead_letter_arn: dead_letter.map(text) }
    }

    #[test]
    fn a_target_is_read_as_it_is_written() {
        for wanted in [target(None, None), target(Some("arn:role"), None), target(None, Some("arn:dlq"))] {
            let sent = wanted.wanted("id").unwrap();
            assert_eq!(Target::observed(sent), ("id".to_owned(), wanted));
        }
    }

    #[test]
    fn the_default_bus_is_not_in_the_arn() {
        let scope = Scope::new("123456789012", "eu-west-1");
        for (bus, expected) in [
            ("default", "arn:aws:events:eu-west-1:123456789012:rule/r"),
            ("own", "arn:aws:events:eu-west-1:123456789012:rule/own/r"),
        ] {
            let rule = Rule {
                rule_name: "r".to_owned(),
                bus_name: bus.to_owned(),
                description: String::new(),
                pattern: Value::Null,
                enabled: true,
                targets: BTreeMap::new(),
                tags: Tags::new(),
            };
            assert_eq!(rule.arn(&scope), expected);
        }
    }
}
