//! An IAM role with its trust policy and one inline policy.
//!
//! AWS surprises: IAM has no regions and spreads every change over seconds, so a new role may be unknown to the very
//! next call and whoever is to assume it tries again; policies come back percent-encoded; concurrent changes of one role
//! are refused; a role must be stripped of every policy, also of those others gave it, before it can be deleted.

use aws_sdk_iam::types::Tag;
use serde::Serialize;
use serde_json::Value;

use super::{Component, Permission, on_itself};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, ErrorKind, Scope, policy, wait};
use crate::engine::Owner;

/// A role as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Role {
    /// Role name.
    pub role_name: String,
    /// Sentence shown in the console.
    pub description: String,
    /// Trust policy in canonical form.
    pub trust: Value,
    /// The one inline policy (named `least`) in canonical form.
    pub policy: Value,
    /// Permissions boundary.
    pub permissions_boundary_arn: Option<String>,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

const POLICY_NAME: &str = "least";

impl Component for Role {
    const TYPE: &'static str = "aws_iam_role";
    const PERMISSIONS: &'static [Permission] = &[
        on_itself("iam:CreateRole"),
        on_itself("iam:DeleteRole"),
        on_itself("iam:DeleteRolePermissionsBoundary"),
        on_itself("iam:DeleteRolePolicy"),
        on_itself("iam:DetachRolePolicy"),
        on_itself("iam:GetRole"),
        on_itself("iam:GetRolePolicy"),
        on_itself("iam:ListAttachedRolePolicies"),
        on_itself("iam:ListRolePolicies"),
        // No call of ours: AWS asks for it when the role is given to a function, a rule's target, a crawler or a job.
        on_itself("iam:PassRole"),
        on_itself("iam:PutRolePermissionsBoundary"),
        on_itself("iam:PutRolePolicy"),
        on_itself("iam:TagRole"),
        on_itself("iam:UntagRole"),
        on_itself("iam:UpdateAssumeRolePolicy"),
        on_itself("iam:UpdateRoleDescription"),
    ];

    fn name(&self) -> String {
        self.role_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.global_arn("iam", &format!("role/{}", self.role_name))
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let (iam, name) = (&cx.clients.iam, &self.role_name);
        let role = async { iam.get_role().role_name(name).send().await.optional("iam:GetRole") };
        let policy = async {
            let call = iam.get_role_policy().role_name(name).policy_name(POLICY_NAME);
            call.send().await.optional("iam:GetRolePolicy")
        };
        let (role, policy) = futures::try_join!(role, policy)?;
        let Some(role) = role.and_then(|answer| answer.role) else { return Ok(None) };
        let tags = role.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
        Ok(Some(Self {
            role_name: name.clone(),
            description: role.description.unwrap_or_default(),
            trust: parse("iam:GetRole", role.assume_role_policy_document.as_deref())?,
            policy: parse(
                "iam:GetRolePolicy",
                policy.as_ref().map(|answer| answer.policy_document.as_str()),
            )?,
            permissions_boundary_arn: role
                .permissions_boundary
                .and_then(|found| found.permissions_boundary_arn),
            tags: cx.managed(tags),
        }))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.iam.create_role().role_name(&self.role_name).description(&self.description);
        let call = call.assume_role_policy_document(self.trust.to_string());
        let call = call.set_permissions_boundary(self.permissions_boundary_arn.clone());
        let call = call.set_tags(Some(tag_list(&self.tags)?));
        wait::while_not_ready(cx, || async { call.clone().send().await.call("iam:CreateRole").map(drop) })
            .await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        let Some(observed) = observed else {
            // Creation sets all but the policy. The new role may not be visible to this call yet.
            return wait::until(cx, "iam:PutRolePolicy", "the new role is visible", || self.set_policy(cx))
                .await;
        };
        wait::while_not_ready(cx, || self.change(cx, observed)).await
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        let (iam, name) = (&cx.clients.iam, &self.role_name);
        self.delete_policy(cx, POLICY_NAME).await?;
        let role = iam.delete_role().role_name(name);
        match role.clone().send().await.or_gone("iam:DeleteRole") {
            // Others may have given it policies too.
            Err(error) if error.kind == ErrorKind::Conflict => self.strip(cx).await?,
            result => return result,
        }
        wait::while_not_ready(cx, || async { role.clone().send().await.or_gone("iam:DeleteRole") }).await
    }
}

impl Role {
    /// One change after the other: IAM refuses concurrent ones. Setting something twice does no harm.
    async fn change(&self, cx: &Cx, observed: &Self) -> Result<(), AwsError> {
        let (iam, name) = (&cx.clients.iam, &self.role_name);
        if self.description != observed.description {
            let call = iam.update_role_description().role_name(name).description(&self.description);
            call.send().await.call("iam:UpdateRoleDescription")?;
        }
        if self.trust != observed.trust {
            let call =
                iam.update_assume_role_policy().role_name(name).policy_document(self.trust.to_string());
            call.send().await.call("iam:UpdateAssumeRolePolicy")?;
        }
        if self.policy != observed.policy {
            self.set_policy(cx).await?;
        }
        if self.permissions_boundary_arn != observed.permissions_boundary_arn {
            self.set_boundary(cx).await?;
        }
        self.change_tags(cx, &observed.tags).await
    }

    /// `None` when there is no role to give the policy to.
    async fn set_policy(&self, cx: &Cx) -> Result<Option<()>, AwsError> {
        let (iam, name) = (&cx.clients.iam, &self.role_name);
        if self.policy.is_null() {
            let call = iam.delete_role_policy().role_name(name).policy_name(POLICY_NAME);
            return call.send().await.or_gone("iam:DeleteRolePolicy").map(Some);
        }
        let call = iam.put_role_policy().role_name(name).policy_name(POLICY_NAME);
        Ok(call
            .policy_document(self.policy.to_string())
            .send()
            .await
            .optional("iam:PutRolePolicy")?
            .map(drop))
    }

    async fn set_boundary(&self, cx: &Cx) -> Result<(), AwsError> {
        let (iam, name) = (&cx.clients.iam, &self.role_name);
        let Some(boundary) = &self.permissions_boundary_arn else {
            let call = iam.delete_role_permissions_boundary().role_name(name);
            return call.send().await.or_gone("iam:DeleteRolePermissionsBoundary");
        };
        let call = iam.put_role_permissions_boundary().role_name(name).permissions_boundary(boundary);
        call.send().await.call("iam:PutRolePermissionsBoundary").map(drop)
    }

    async fn change_tags(&self, cx: &Cx, found: &Tags) -> Result<(), AwsError> {
        let (iam, name) = (&cx.clients.iam, &self.role_name);
        let (set, remove) = tags::changes(&self.tags, Some(found));
        if !set.is_empty() {
            iam.tag_role()
                .role_name(name)
                .set_tags(Some(tag_list(&set)?))
                .send()
                .await
                .call("iam:TagRole")?;
        }
        if !remove.is_empty() {
            iam.untag_role().role_name(name).set_tag_keys(Some(remove)).send().await.call("iam:UntagRole")?;
        }
        Ok(())
    }

    async fn delete_policy(&self, cx: &Cx, policy: &str) -> Result<(), AwsError> {
        let call = cx.clients.iam.delete_role_policy().role_name(&self.role_name).policy_name(policy);
        wait::while_not_ready(cx, || async { call.clone().send().await.or_gone("iam:DeleteRolePolicy") }).await
    }

    /// Takes all policies away. The quotas keep both lists within one page.
    async fn strip(&self, cx: &Cx) -> Result<(), AwsError> {
        let (iam, name) = (&cx.clients.iam, &self.role_name);
        let (inline, attached) = futures::try_join!(
            async { iam.list_role_policies().role_name(name).send().await.optional("iam:ListRolePolicies") },
            async {
                iam.list_attached_role_policies()
                    .role_name(name)
                    .send()
                    .await
                    .optional("iam:ListAttachedRolePolicies")
            },
        )?;
        let (Some(inline), Some(attached)) = (inline, attached) else { return Ok(()) };
        for policy in inline.policy_names {
            self.delete_policy(cx, &policy).await?;
        }
        for arn in
            attached.attached_policies.unwrap_or_default().into_iter().filter_map(|policy| policy.policy_arn)
        {
            let call = iam.detach_role_policy().role_name(name).policy_arn(arn);
            wait::while_not_ready(cx, || async { call.clone().send().await.or_gone("iam:DetachRolePolicy") })
                .await?;
        }
        Ok(())
    }
}

fn tag_list(tags: &Tags) -> Result<Vec<Tag>, AwsError> {
    tags.iter().map(|(key, value)| Ok(Tag::builder().key(key).value(value).build()?)).collect()
}

/// A policy in canonical form; null when there is none.
fn parse(operation: &'static str, text: Option<&str>) -> Result<Value, AwsError> {
    text.map_or(Ok(Value::Null), |text| policy::parse(operation, text))
}
