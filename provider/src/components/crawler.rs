//! A Glue crawler that keeps the partitions of our tables up to date.
//!
//! AWS surprises: it may rewrite the columns of the tables it crawls, hence the policies that only log; the role comes
//! back as ARN, name or path; a running crawler can be neither changed nor deleted; it checks its role at once, which IAM
//! may not have spread yet.

use aws_sdk_glue::types::{
    CatalogTarget, CrawlerTargets, DeleteBehavior, Schedule, ScheduleState, SchemaChangePolicy,
    UpdateBehavior,
};
use serde::Serialize;

use super::database::{glue_tags, set_glue_tags};
use super::{Component, On, Permission, on_itself};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, ErrorKind, Scope, wait};
use crate::engine::Owner;

/// A crawler as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Crawler {
    /// Crawler name.
    pub crawler_name: String,
    /// Role it runs under.
    pub role_arn: String,
    /// Database it writes to.
    pub database_name: String,
    /// Catalogue tables it keeps up to date (partitions and statistics, never columns), sorted.
    pub table_names: Vec<String>,
    /// Schedule, e.g. `cron(0 */6 * * ? *)`.
    pub schedule: String,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

/// New partitions take the table's columns and format instead of what the crawler makes of their files.
const CONFIGURATION: &str =
    r#"{"Version":1.0,"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"}}}"#;

const NO_RESOURCE: &str = "Glue asks for it on everything: IAM knows no resource for it";

impl Component for Crawler {
    const TYPE: &'static str = "aws_glue_crawler";
    const PERMISSIONS: &'static [Permission] = &[
        Permission { action: "glue:CreateCrawler", on: On::Everything(NO_RESOURCE) },
        on_itself("glue:DeleteCrawler"),
        on_itself("glue:GetCrawler"),
        on_itself("glue:GetTags"),
        Permission { action: "glue:StartCrawlerSchedule", on: On::Everything(NO_RESOURCE) },
        on_itself("glue:StopCrawler"),
        on_itself("glue:TagResource"),
        on_itself("glue:UntagResource"),
        on_itself("glue:UpdateCrawler"),
    ];

    fn name(&self) -> String {
        self.crawler_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.arn("glue", &format!("crawler/{}", self.crawler_name))
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let (glue, arn) = (&cx.clients.glue, self.arn(&cx.scope));
        let crawler =
            async { glue.get_crawler().name(&self.crawler_name).send().await.optional("glue:GetCrawler") };
        let (crawler, tags) = futures::try_join!(crawler, glue_tags(cx, &arn, &self.tags))?;
        let Some(crawler) = crawler.and_then(|answer| answer.crawler) else { return Ok(None) };
        let database_name = crawler.database_name.unwrap_or_default();
        Ok(Some(Self {
            crawler_name: self.crawler_name.clone(),
            role_arn: role_arn(&cx.scope, &crawler.role.unwrap_or_default()),
            table_names: table_names(&database_name, crawler.targets, crawler.schema_change_policy),
            database_name,
            schedule: schedule(crawler.schedule),
            tags,
        }))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.glue.create_crawler().name(&self.crawler_name).role(&self.role_arn);
        let call = call.database_name(&self.database_name).targets(self.targets()?);
        let call = call.schema_change_policy(only_log()).configuration(CONFIGURATION);
        let call = call.set_schedule(Some(self.schedule.clone()).filter(|schedule| !schedule.is_empty()));
        let call = call.set_tags(Some(self.tags.clone().into_iter().collect()));
        wait::while_not_ready(cx, || async { call.clone().send().await.call("glue:CreateCrawler").map(drop) })
            .await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets every field in its one call.
        let Some(observed) = observed else { return Ok(()) };
        let arn = self.arn(&cx.scope);
        let tags = set_glue_tags(cx, &arn, &self.tags, &observed.tags);
        futures::try_join!(self.set_definition(cx, observed), tags).map(drop)
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        wait::while_not_ready(cx, || async {
            let call = cx.clients.glue.delete_crawler().name(&self.crawler_name);
            let result = call.send().await.or_gone("glue:DeleteCrawler");
            if result.as_ref().is_err_and(|error| error.kind == ErrorKind::Conflict) {
                self.stop(cx).await?;
            }
            result
        })
        .await
    }
}

impl Crawler {
    async fn set_definition(&self, cx: &Cx, observed: &Self) -> Result<(), AwsError> {
        if (Self { tags: observed.tags.clone(), ..self.clone() }) == *observed {
            return Ok(());
        }
        let call = cx.clients.glue.update_crawler().name(&self.crawler_name).role(&self.role_arn);
        let call = call.database_name(&self.database_name).targets(self.targets()?);
        let call =
            call.schema_change_policy(only_log()).configuration(CONFIGURATION).schedule(&self.schedule);
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("glue:UpdateCrawler").map(drop)
        })
        .await?;
        // An expression found paused reads as none; setting it again does not let it run.
        let paused = observed.schedule.is_empty() && !self.schedule.is_empty();
        if paused { self.start_schedule(cx).await } else { Ok(()) }
    }

    async fn start_schedule(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.glue.get_crawler().name(&self.crawler_name);
        let crawler = call.send().await.call("glue:GetCrawler")?.crawler;
        if schedule(crawler.and_then(|crawler| crawler.schedule)) == self.schedule {
            return Ok(());
        }
        let call = cx.clients.glue.start_crawler_schedule().crawler_name(&self.crawler_name);
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("glue:StartCrawlerSchedule").map(drop)
        })
        .await
    }

    /// Asks a running crawler to stop; one that stops already, or has, is as good.
    async fn stop(&self, cx: &Cx) -> Result<(), AwsError> {
        let answer = cx.clients.glue.stop_crawler().name(&self.crawler_name).send().await;
        match answer.or_gone("glue:StopCrawler") {
            Err(error) if error.kind != ErrorKind::Conflict => Err(error),
            _ => Ok(()),
        }
    }

    fn targets(&self) -> Result<CrawlerTargets, AwsError> {
        let tables = CatalogTarget::builder().database_name(&self.database_name);
        let tables = tables.set_tables(Some(self.table_names.clone())).build()?;
        Ok(CrawlerTargets::builder().catalog_targets(tables).build())
    }
}

fn only_log() -> SchemaChangePolicy {
    let policy = SchemaChangePolicy::builder().update_behavior(UpdateBehavior::Log);
    policy.delete_behavior(DeleteBehavior::Log).build()
}

/// The role's ARN, from whichever of ARN, name or path Glue returns.
fn role_arn(scope: &Scope, role: &str) -> String {
    if role.starts_with("arn:") {
        return role.to_owned();
    }
    scope.global_arn("iam", &format!("role/{}", role.trim_start_matches('/')))
}

/// The expression in force: none while the schedule is paused.
fn schedule(found: Option<Schedule>) -> String {
    found
        .filter(|found| found.state != Some(ScheduleState::NotScheduled))
        .and_then(|found| found.schedule_expression)
        .unwrap_or_default()
}

/// The tables it crawls, sorted. What we never set reads as a table that nobody wants, and is mended.
fn table_names(
    database: &str,
    targets: Option<CrawlerTargets>,
    policy: Option<SchemaChangePolicy>,
) -> Vec<String> {
    let targets = targets.unwrap_or_else(|| CrawlerTargets::builder().build());
    let mut names = Vec::new();
    for target in targets.catalog_targets() {
        let theirs = (target.database_name != database).then_some(&target.database_name);
        names.extend(target.tables.iter().map(|table| match theirs {
            Some(database) => format!("{database}.{table}"),
            None => table.clone(),
        }));
    }
    let paths = targets.s3_targets().iter().filter_map(|target| target.path.clone());
    names.extend(paths);
    if policy.is_some_and(|policy| policy != only_log()) {
        names.push("(may change columns)".to_owned());
    }
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_glue::types::S3Target;

    #[test]
    fn roles_in_all_their_spellings() {
        let scope = Scope::new("123456789012", "eu-west-1");
        let cases = [
            ("arn:aws:iam::123456789012:role/r", "arn:aws:iam::123456789012:role/r"),
            ("r", "arn:aws:iam::123456789012:role/r"),
            ("service-role/r", "arn:aws:iam::123456789012:role/service-role/r"),
            ("/service-role/r", "arn:aws:iam::123456789012:role/service-role/r"),
        ];
        for (found, expected) in cases {
            assert_eq!(role_arn(&scope, found), expected);
        }
    }

    #[test]
    fn a_paused_schedule_is_none() {
        let found = |state: Option<ScheduleState>| {
            schedule(Some(Schedule::builder().schedule_expression("cron(x)").set_state(state).build()))
        };
        assert_eq!(found(None), "cron(x)");
        assert_eq!(found(Some(ScheduleState::Scheduled)), "cron(x)");
        assert_eq!(found(Some(ScheduleState::NotScheduled)), "");
        assert_eq!(schedule(None), "");
    }

    #[test]
    fn targets_and_policies_that_are_not_ours_show() {
        let tables = |database: &str| {
            let names = Some(vec!["b".to_owned(), "a".to_owned()]);
            CatalogTarget::builder().database_name(database).set_tables(names).build().unwrap()
        };
        let ours = CrawlerTargets::builder().catalog_targets(tables("d"));
        assert_eq!(table_names("d", Some(ours.clone().build()), Some(only_log())), ["a", "b"]);
        let path = ours.clone().s3_targets(S3Target::builder().path("s3://x").build()).build();
        assert_eq!(table_names("d", Some(path), None), ["a", "b", "s3://x"]);
        let writes = SchemaChangePolicy::builder().update_behavior(UpdateBehavior::UpdateInDatabase).build();
        assert_eq!(table_names("d", Some(ours.build()), Some(writes)).len(), 3);
        let other = CrawlerTargets::builder().catalog_targets(tables("e")).build();
        assert_eq!(table_names("d", Some(other), None), ["e.a", "e.b"]);
    }
}
