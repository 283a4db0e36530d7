//! What is tried: an object, and others of its name that differ from it in a field each.

use terraform_provider_datalake::aws::Scope;
use terraform_provider_datalake::aws::tags::{OWNER_KEY, Tags};
use terraform_provider_datalake::components::Object;
use terraform_provider_datalake::engine::Item as _;

/// An object on trial.
pub struct Case {
    /// As it is made first, and again after each variation.
    pub object: Object,
    /// What it is changed to, and what somebody else may have changed it to.
    pub variations: Vec<Object>,
    /// Fields that no variation changes alone, and why.
    pub fixed: Vec<(&'static str, &'static str)>,
}

impl Case {
    /// The object's kind.
    pub fn kind(&self) -> &'static str {
        self.object.kind()
    }
}

/// A case being written down.
pub struct Draft<T> {
    object: T,
    variations: Vec<Object>,
    fixed: Vec<(&'static str, &'static str)>,
}

/// A case of this object.
pub fn case<T: Clone + Into<Object>>(object: T) -> Draft<T> {
    Draft { object, variations: Vec::new(), fixed: Vec::new() }
}

impl<T: Clone + Into<Object>> Draft<T> {
    /// With a variation.
    pub fn vary(mut self, edit: impl FnOnce(&mut T)) -> Self {
        let mut varied = self.object.clone();
        edit(&mut varied);
        self.variations.push(varied.into());
        self
    }

    /// With a field that stays, because of the reason.
    pub fn fixed(mut self, field: &'static str, reason: &'static str) -> Self {
        self.fixed.push((field, reason));
        self
    }
}

impl<T: Into<Object>> From<Draft<T>> for Case {
    fn from(draft: Draft<T>) -> Self {
        Self { object: draft.object.into(), variations: draft.variations, fixed: draft.fixed }
    }
}

/// A text of one's own.
pub fn text(text: &str) -> String {
    text.to_owned()
}

/// The tags of every object.
pub fn tags() -> Tags {
    Tags::from([(text(OWNER_KEY), text("laws@here")), (text("team"), text("lake"))])
}

/// One tag less, one more.
pub fn other_tags() -> Tags {
    Tags::from([(text(OWNER_KEY), text("laws@here")), (text("cost"), text("a/b c"))])
}

/// A key of the user's.
pub fn key(scope: &Scope) -> Option<String> {
    Some(scope.arn("kms", "key/11111111-2222-3333-4444-555555555555"))
}
