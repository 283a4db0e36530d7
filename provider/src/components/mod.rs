//! The AWS objects a pipeline is made of: one file a kind, all of one shape, and the table of all kinds.
//!
//! To add a kind: write its file, add its line to the table below; the compiler lists the rest.

use std::future::Future;

use serde::Serialize;
use serde_json::Value;

use crate::aws::{AwsError, Cx, Scope};
use crate::engine::{Failure, Item, Owner, World};

/// One kind of AWS object, in the one form in which we want and see it.
///
/// All managed fields are in the struct, serialized in canonical form; what is only needed to act (a package's bytes)
/// is skipped. What is read must have exactly the form of what is wanted when the two mean the same.
///
/// # Guarantees an implementation gives
/// `create` is one call that makes the smallest thing and marks it as ours, and fails with
/// [`ErrorKind::Exists`](crate::aws::ErrorKind) when there already is one; where AWS would take over or write over what
/// is there, `refuse_existing` looks for it before. `update` brings every managed field in line,
/// right after `create` too (`observed` is `None` then: set everything), and calls AWS only for fields that differ;
/// `update` twice is `update` once; `delete` of what is missing is success.
pub trait Component: Serialize + Clone + Send + Sync + Sized + 'static {
    /// The Terraform-style type shown to people, e.g. `aws_sqs_queue`.
    const TYPE: &'static str;
    /// What the provider calls for this kind.
    const PERMISSIONS: &'static [Permission];
    /// Fields (as serialized) that AWS cannot change in place.
    const IMMUTABLE: &'static [&'static str] = &[];
    /// Whether deleting it deletes data.
    const HOLDS_DATA: bool = false;

    /// The AWS name.
    fn name(&self) -> String;
    /// The ARN; known before the object exists.
    fn arn(&self, scope: &Scope) -> String;
    /// The ARNs on which [`On::Path`] allows an action.
    fn path(&self, scope: &Scope) -> Vec<String> {
        vec![self.arn(scope)]
    }
    /// The condition under which an action is allowed, where the ARN alone would allow it on other people's objects too.
    fn condition(&self, _action: &str, _scope: &Scope) -> Option<Condition> {
        None
    }
    /// Who it says it belongs to.
    fn owner(&self) -> Owner;
    /// The object as it is; `None` when missing.
    fn read(&self, cx: &Cx) -> impl Future<Output = Result<Option<Self>, AwsError>> + Send;
    /// Fails with [`ErrorKind::Exists`](crate::aws::ErrorKind) when there is one that AWS would not refuse to make again.
    fn refuse_existing(&self, _cx: &Cx) -> impl Future<Output = Result<(), AwsError>> + Send {
        std::future::ready(Ok(()))
    }
    /// Makes the smallest thing.
    fn create(&self, cx: &Cx) -> impl Future<Output = Result<(), AwsError>> + Send;
    /// Brings every managed field in line.
    fn update(&self, cx: &Cx, observed: Option<&Self>) -> impl Future<Output = Result<(), AwsError>> + Send;
    /// Removes it with everything in it; called on what was read, which saves looking for it, or on what is wanted.
    fn delete(&self, cx: &Cx) -> impl Future<Output = Result<(), AwsError>> + Send;
}

/// One IAM action the provider needs for a kind.
#[derive(Debug, Clone, Copy)]
pub struct Permission {
    /// E.g. `sqs:CreateQueue`.
    pub action: &'static str,
    /// On what.
    pub on: On,
}

/// What an action is allowed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The object itself.
    Itself,
    /// What lies in it: its ARN and this ending, e.g. `/*`.
    Within(&'static str),
    /// The object, what it lies in and what lies in it: Glue checks the whole path.
    Path,
    /// The user's key, where the pipeline has one.
    Key,
    /// Everything, because AWS knows no narrower resource for this action: the reason.
    Everything(&'static str),
}

/// A condition of a policy: what AWS's key says must be this ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// E.g. `lambda:FunctionArn`.
    pub key: &'static str,
    /// The ARN.
    pub arn: String,
}

/// Shorthand for the tables of permissions.
pub const fn on_itself(action: &'static str) -> Permission {
    Permission { action, on: On::Itself }
}

/// The same for actions that AWS asks for when an object is encrypted with the user's key.
pub const fn on_key(action: &'static str) -> Permission {
    Permission { action, on: On::Key }
}

macro_rules! kinds {
    ($($kind:ident: $module:ident, $word:literal;)*) => {
        $(pub mod $module;)*

        /// Any object of a pipeline.
        #[derive(Debug, Clone)]
        pub enum Object {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $kind($module::$kind),)*
        }

        /// The words of all kinds.
        pub const KINDS: &[&str] = &[$($word),*];

        /// What the provider calls for each kind, in the order of [`KINDS`].
        pub const PERMISSIONS: &[&[Permission]] = &[$($module::$kind::PERMISSIONS),*];

        $(impl From<$module::$kind> for Object {
            fn from(object: $module::$kind) -> Self {
                Object::$kind(object)
            }
        })*

        impl Object {
            /// The ARN; known before the object exists.
            #[must_use]
            pub fn arn(&self, scope: &Scope) -> String {
                match self { $(Object::$kind(object) => object.arn(scope),)* }
            }

            /// The ARNs on which [`On::Path`] allows an action.
            #[must_use]
            pub fn path(&self, scope: &Scope) -> Vec<String> {
                match self { $(Object::$kind(object) => Component::path(object, scope),)* }
            }

            /// The condition under which an action is allowed.
            #[must_use]
            pub fn condition(&self, action: &str, scope: &Scope) -> Option<Condition> {
                match self { $(Object::$kind(object) => Component::condition(object, action, scope),)* }
            }

            /// What the provider calls for this object.
            #[must_use]
            pub fn permissions(&self) -> &'static [Permission] {
                match self { $(Object::$kind(_) => $module::$kind::PERMISSIONS,)* }
            }
        }

        impl Item for Object {
            fn kind(&self) -> &'static str {
                match self { $(Object::$kind(_) => $word,)* }
            }
            fn type_name(&self) -> &'static str {
                match self { $(Object::$kind(_) => $module::$kind::TYPE,)* }
            }
            fn name(&self) -> String {
                match self { $(Object::$kind(object) => Component::name(object),)* }
            }
            fn document(&self) -> Value {
                match self { $(Object::$kind(object) => document(object),)* }
            }
            fn immutable_fields(&self) -> &'static [&'static str] {
                match self { $(Object::$kind(_) => $module::$kind::IMMUTABLE,)* }
            }
            fn holds_data(&self) -> bool {
                match self { $(Object::$kind(_) => $module::$kind::HOLDS_DATA,)* }
            }
            fn owner(&self) -> Owner {
                match self { $(Object::$kind(object) => Component::owner(object),)* }
            }
        }

        // Each kind's future is large and the enum of them all larger: boxed, they do not pile up on the stack.
        impl World<Object> for Cx {
            async fn read(&self, item: &Object) -> Result<Option<Object>, Failure> {
                match item {
                    $(Object::$kind(object) => Ok(Box::pin(object.read(self)).await?.map(Object::$kind)),)*
                }
            }
            async fn look_ahead(&self, item: &Object) {
                // A failure is not remembered: `create` meets it again.
                let _ = match item { $(Object::$kind(object) => Box::pin(looked_for(self, object)).await,)* };
            }
            async fn create(&self, item: &Object) -> Result<(), Failure> {
                match item { $(Object::$kind(object) => Ok(Box::pin(create(self, object)).await?),)* }
            }
            async fn update(&self, item: &Object, observed: Option<&Object>) -> Result<(), Failure> {
                match (item, observed) {
                    $((Object::$kind(object), Some(Object::$kind(observed))) => Ok(Box::pin(object.update(self, Some(observed))).await?),
                    (Object::$kind(object), _) => Ok(Box::pin(object.update(self, None)).await?),)*
                }
            }
            async fn delete(&self, item: &Object) -> Result<(), Failure> {
                match item { $(Object::$kind(object) => Ok(Box::pin(object.delete(self)).await?),)* }
            }
        }
    };
}

kinds! {
    Backfill: backfill, "backfill";
    Bucket: bucket, "bucket";
    CatalogTable: catalog_table, "catalog_table";
    Crawler: crawler, "crawler";
    Database: database, "database";
    Definition: definition, "definition";
    EventBus: event_bus, "event_bus";
    Function: function, "function";
    Layer: layer, "layer";
    LogGroup: log_group, "log_group";
    Mapping: mapping, "mapping";
    Queue: queue, "queue";
    Role: role, "role";
    Rule: rule, "rule";
    Table: table, "table";
    Workgroup: workgroup, "workgroup";
}

/// Fails when there is one already; a look ahead is not repeated.
async fn looked_for(cx: &Cx, object: &impl Component) -> Result<(), AwsError> {
    cx.free_names.get(&object.arn(&cx.scope), || object.refuse_existing(cx)).await
}

async fn create(cx: &Cx, object: &impl Component) -> Result<(), AwsError> {
    looked_for(cx, object).await?;
    // The name is taken now, or, after a failure, perhaps.
    cx.free_names.forget(&object.arn(&cx.scope));
    object.create(cx).await
}

/// The managed fields as JSON.
fn document(object: &impl Serialize) -> Value {
    // A component is a plain struct with text keys; serializing one cannot fail. Should one ever, the error itself
    // becomes the document, which differs from every real one and so cannot hide a change.
    serde_json::to_value(object).unwrap_or_else(|error| Value::String(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Our actions for which the service authorization reference names no resource: allowed on one they are never
    /// allowed.
    const WITHOUT_RESOURCE: [&str; 6] = [
        "glue:CreateCrawler",
        "glue:StartCrawlerSchedule",
        "lambda:CreateEventSourceMapping",
        "lambda:ListEventSourceMappings",
        "lambda:ListLayerVersions",
        "logs:DescribeLogGroups",
    ];

    #[test]
    fn only_what_iam_knows_no_resource_for_is_allowed_on_everything() {
        let all = PERMISSIONS.iter().copied().flatten();
        let everywhere = all.filter(|permission| matches!(permission.on, On::Everything(_)));
        let everywhere: BTreeSet<&str> = everywhere.map(|permission| permission.action).collect();
        assert_eq!(everywhere, WITHOUT_RESOURCE.into());
    }

    #[test]
    fn every_action_is_one_action() {
        for Permission { action, .. } in PERMISSIONS.iter().copied().flatten() {
            let (service, name) = action.split_once(':').unwrap_or_default();
            let is_word = |word: &str| !word.is_empty() && word.chars().all(char::is_alphanumeric);
            assert!(is_word(service) && is_word(name), "{action}");
        }
    }
}
