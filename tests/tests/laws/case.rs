//! What is tried: an object, and others of its name that differ from it in a field each.

use terraform_provider_datalake::aws::Scope;
use terraform_provider_datalake::aws::tags::{OWNER_KEY, Tags};
use terraform_provider_datalake::components::{Component, Object};
use terraform_provider_datalake::engine::Item as _;
use terraform_provider_datalake::engine::diff::differing_fields;

/// An object on trial.
pub struct Case {
    /// As it is made first, and again after each variation.
    pub object: Object,
    /// What it is changed to, and what somebody else may have changed it to.
    pub variations: Vec<Object>,
    /// With all variations at once, except of what cannot be changed.
    pub altogether: Object,
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
    altogether: T,
    fixed: Vec<(&'static str, &'static str)>,
}

/// A case of this object.
pub fn case<T: Component + Into<Object>>(object: T) -> Draft<T> {
    Draft { altogether: object.clone(), object, variations: Vec::new(), fixed: Vec::new() }
}

impl<T: Component + Into<Object>> Draft<T> {
    /// With a variation. Of two of a field the second stays in the one that has them all.
    pub fn vary(mut self, edit: impl Fn(&mut T)) -> Self {
        let mut varied = self.object.clone();
        edit(&mut varied);
        let varied = varied.into();
        if !cannot_change(&self.object.clone().into(), &varied) {
            edit(&mut self.altogether);
        }
        self.variations.push(varied);
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
        let Draft { object, variations, altogether, fixed } = draft;
        Self { object: object.into(), variations, altogether: altogether.into(), fixed }
    }
}

/// The fields in which two objects differ.
pub fn fields(left: &Object, right: &Object) -> Vec<String> {
    differing_fields(&left.document(), &right.document())
}

/// Whether AWS cannot make the one of the other.
pub fn cannot_change(left: &Object, right: &Object) -> bool {
    fields(left, right).iter().any(|field| left.immutable_fields().contains(&field.as_str()))
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
