//! The laws that every kind of component obeys, and the trial that tries them.

use std::fmt::Debug;

use serde_json::Value;
use terraform_provider_datalake::components::Object;
use terraform_provider_datalake::engine::diff::differing_fields;
use terraform_provider_datalake::engine::{Change, Failure, Item as _, change};

use crate::case::{Case, cannot_change, fields};
use crate::cloud::Place;

/// Objects on trial, and what was found.
pub struct Trial {
    /// Where they are.
    pub place: Place,
    /// How often a law was tried.
    pub checks: usize,
    /// The laws that were broken: kind, law, field, what it should have been and what it was.
    pub broken: Vec<String>,
}

type Tried = Result<(), Failure>;

impl Trial {
    /// A trial in which nothing was found yet.
    pub fn new(place: Place) -> Self {
        Self { place, checks: 0, broken: Vec::new() }
    }

    /// Making the object, changing it there and back, making it again.
    pub async fn life(&mut self, case: &Case) {
        let wanted = &case.object;
        let tried = self.birth(wanted).await;
        self.no_failure(wanted, "making it", tried);
        for varied in case.variations.iter().chain([&case.altogether]) {
            let tried = self.there_and_back(wanted, varied).await;
            self.no_failure(wanted, &format!("changing {}", fields(wanted, varied).join(", ")), tried);
        }
        let tried = self.made_again(wanted).await;
        self.no_failure(wanted, "making it again", tried);
    }

    /// Removing the object; then the half-made one that an interrupted creation leaves, and one that is all different.
    pub async fn death(&mut self, case: &Case) {
        let tried = self.removed(&case.object).await;
        self.no_failure(&case.object, "removing it", tried);
        let tried = self.half_made(&case.object).await;
        self.no_failure(&case.object, "going on with a half-made one", tried);
        let tried = self.made_otherwise(&case.altogether).await;
        self.no_failure(&case.object, "making one that is all different", tried);
    }

    async fn birth(&mut self, wanted: &Object) -> Tried {
        self.missing("a missing one reads as none", wanted).await?;
        self.place.delete(wanted).await?;
        self.missing("deleting a missing one is success", wanted).await?;

        self.place.create(wanted).await?;
        let changes = self.changes().len();
        self.check(wanted, "create is one call that changes something", "(all)", &1, &changes);
        let owner = self.place.read(wanted).await?.map(|found| found.owner());
        let changes = self.changes();
        self.check(wanted, "a new one is there and has its owner", "tags", &Some(wanted.owner()), &owner);
        self.check(wanted, "reading only reads", "(all)", &Vec::new(), &changes);
        self.place.update(wanted, None).await?;
        self.right("create and update make it right", wanted).await?;
        self.place.update(wanted, None).await?;
        self.right("update twice is update once", wanted).await?;

        let observed = self.place.read(wanted).await?;
        self.place.update(wanted, observed.as_ref()).await?;
        let calls = self.place.calls.clone();
        self.check(wanted, "an update of what is right calls nothing", "(all)", &Vec::new(), &calls);
        Ok(())
    }

    /// Each variation is first what is wanted now, and then what somebody made of the object.
    async fn there_and_back(&mut self, wanted: &Object, varied: &Object) -> Tried {
        let fields = fields(wanted, varied);
        if fields.is_empty() {
            return Ok(());
        }
        if cannot_change(wanted, varied) {
            let observed = self.place.read(varied).await?;
            let (want, have) = (Change::Replace(fields.clone()), change(varied, observed.as_ref()));
            self.check(wanted, "what cannot be changed is replaced", &fields.join(", "), &want, &have);
            return Ok(());
        }
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        self.healed("a change", varied, &fields).await?;
        self.healed("a change back", wanted, &fields).await
    }

    async fn made_again(&mut self, wanted: &Object) -> Tried {
        let again = self.place.create(wanted).await.map_err(|failure| (failure.exists, failure.to_string()));
        let (exists, _) = again.clone().err().unwrap_or_default();
        let law = format!("making it again is refused because it is there: {again:?}");
        self.check(wanted, &law, "(all)", &true, &exists);
        self.right("a refused making changes nothing", wanted).await
    }

    async fn removed(&mut self, wanted: &Object) -> Tried {
        self.place.delete(wanted).await?;
        self.missing("a deleted one is gone", wanted).await?;
        self.place.delete(wanted).await?;
        self.missing("delete twice is delete once", wanted).await
    }

    async fn half_made(&mut self, wanted: &Object) -> Tried {
        self.place.create(wanted).await?;
        let observed = self.place.read(wanted).await?;
        self.place.update(wanted, observed.as_ref()).await?;
        self.right("a half-made one is only a drifted one", wanted).await?;
        self.removed(wanted).await
    }

    async fn made_otherwise(&mut self, varied: &Object) -> Tried {
        self.place.create(varied).await?;
        self.place.update(varied, None).await?;
        self.right("create and update make any of them right", varied).await?;
        self.removed(varied).await
    }

    /// What was done is seen in exactly these fields, and an update makes it right.
    pub async fn healed(&mut self, what: &str, wanted: &Object, fields: &[&str]) -> Tried {
        self.seen(what, wanted, fields).await?;
        self.mended(what, wanted).await
    }

    /// What was done is seen in exactly these fields.
    pub async fn seen(&mut self, what: &str, wanted: &Object, fields: &[&str]) -> Tried {
        let observed = self.place.read(wanted).await?;
        let want = Change::Update(fields.iter().map(|field| (*field).to_owned()).collect());
        let have = change(wanted, observed.as_ref());
        self.check(wanted, &format!("{what} is seen, and nothing else"), &fields.join(", "), &want, &have);
        Ok(())
    }

    /// An update makes it right.
    pub async fn mended(&mut self, what: &str, wanted: &Object) -> Tried {
        let observed = self.place.read(wanted).await?;
        self.place.update(wanted, observed.as_ref()).await?;
        self.right(&format!("{what} is made right"), wanted).await
    }

    /// Wanted and found are equal in every field.
    pub async fn right(&mut self, law: &str, wanted: &Object) -> Tried {
        let found = self.place.read(wanted).await?.map(|found| found.document());
        let (want, have) = (wanted.document(), found.unwrap_or_default());
        let fields = differing_fields(&want, &have);
        let part = |document: &Value| -> Vec<String> {
            fields.iter().map(|field| document.get(field).unwrap_or(&Value::Null).to_string()).collect()
        };
        self.check(wanted, law, &fields.join(", "), &part(&want), &part(&have));
        Ok(())
    }

    /// There is no such object.
    pub async fn missing(&mut self, law: &str, wanted: &Object) -> Tried {
        let found = self.place.read(wanted).await?.map(|found| found.document());
        self.check(wanted, law, "(all)", &None, &found);
        Ok(())
    }

    /// The calls of the last operation that were more than looking.
    fn changes(&self) -> Vec<String> {
        let looks = ["Describe", "Get", "List"];
        let calls = self.place.calls.iter();
        let changes = calls.filter(|call| {
            call.split_once(':').is_none_or(|(_, name)| !looks.iter().any(|look| name.starts_with(look)))
        });
        changes.cloned().collect()
    }

    /// Notes one trial of one law.
    pub fn check<T: PartialEq + Debug>(&mut self, of: &Object, law: &str, field: &str, want: &T, have: &T) {
        self.checks += 1;
        if want != have {
            let (kind, name) = (of.kind(), of.name());
            self.broken
                .push(format!("{kind} `{name}`: {law}: {field}\n    want {want:?}\n    have {have:?}"));
        }
    }

    fn no_failure(&mut self, of: &Object, what: &str, tried: Tried) {
        let tried = tried.map_err(|failure| failure.to_string());
        self.check(of, &format!("{what} does not fail"), "(all)", &Ok(()), &tried);
    }
}
