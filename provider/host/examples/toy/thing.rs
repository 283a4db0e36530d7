//! The resource `toy_thing`.

use std::time::Duration;
use std::{fs, io, process};

use async_trait::async_trait;
use datalake_host::diag::{error, warning};
use datalake_host::{Num, Val};
use tf_provider::schema::Schema;
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, Diagnostics, Resource};
use tokio_util::sync::CancellationToken;

use crate::model::{self, Thing};

pub struct Things {
    pub stop: CancellationToken,
}

type Private = Val<String>;
type Saved = Option<(Thing, Private)>;

#[async_trait]
impl Resource for Things {
    type State<'a> = Thing;
    type PrivateState<'a> = Private;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(model::schema())
    }

    async fn validate<'a>(&self, diags: &mut Diagnostics, config: Thing) -> Option<()> {
        if config.name.known().is_some_and(|it| it.len() < 2) {
            error(diags, "Name too short", "At least two characters.", AttributePath::new("name"));
        }
        for (key, part) in config.parts.known().into_iter().flatten() {
            if part.known().is_some_and(|it| it.kind.as_deref() == Some("odd")) {
                let path = AttributePath::new("parts").key(key.clone()).attribute("kind");
                warning(diags, "Odd part", "It may not fit.", path);
            }
        }
        Some(())
    }

    async fn read<'a>(
        &self,
        diags: &mut Diagnostics,
        state: Thing,
        private: Private,
        _: ValueEmpty,
    ) -> Saved {
        match model::load(state.id.as_deref().unwrap_or_default()) {
            Ok(found) => Some((found, private)),
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => None,
            Err(why) => {
                error(diags, "Cannot read the thing", why.to_string(), AttributePath::root());
                None
            }
        }
    }

    async fn plan_create<'a>(
        &self,
        _: &mut Diagnostics,
        mut proposed: Thing,
        _: Thing,
        _: ValueEmpty,
    ) -> Saved {
        proposed.plan_defaults();
        proposed.id = Val::Unknown;
        Some((proposed, "planned".into()))
    }

    async fn plan_update<'a>(
        &self,
        _: &mut Diagnostics,
        prior: Thing,
        mut proposed: Thing,
        config: Thing,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Thing, Private, Vec<AttributePath>)> {
        if config.size.is_null() {
            proposed.size = Val::Null;
        }
        proposed.plan_defaults();
        let mut replace = Vec::new();
        if proposed.name != prior.name {
            proposed.id = Val::Unknown;
            replace.push(AttributePath::new("name"));
        }
        Some((proposed, private, replace))
    }

    async fn plan_destroy<'a>(
        &self,
        _: &mut Diagnostics,
        _: Thing,
        private: Private,
        _: ValueEmpty,
    ) -> Option<Private> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        diags: &mut Diagnostics,
        mut planned: Thing,
        _: Thing,
        _: Private,
        _: ValueEmpty,
    ) -> Saved {
        let unfinished = planned.clone();
        planned.make_known();
        match planned.fault.as_deref() {
            Some("create:panic") => panic!("boom"),
            Some("create:nothing") => return None,
            Some("create:unknown") => return Some((unfinished, Val::Null)),
            Some("create:half") => error(diags, "Half made", "The rest failed.", AttributePath::root()),
            Some("create:slow") => self.wait_for_stop(diags, &mut planned).await,
            _ => {}
        }
        stored(diags, planned)
    }

    async fn update<'a>(
        &self,
        diags: &mut Diagnostics,
        _: Thing,
        mut planned: Thing,
        _: Thing,
        _: Private,
        _: ValueEmpty,
    ) -> Saved {
        match planned.fault.as_deref() {
            Some("update:panic") => panic!("boom"),
            Some("update:fail") => {
                error(diags, "Cannot update", "", AttributePath::root());
                return None;
            }
            _ => {}
        }
        planned.make_known();
        stored(diags, planned)
    }

    async fn destroy<'a>(
        &self,
        diags: &mut Diagnostics,
        state: Thing,
        _: Private,
        _: ValueEmpty,
    ) -> Option<()> {
        if state.fault.as_deref() == Some("destroy:fail") {
            error(diags, "Cannot destroy", "", AttributePath::root());
        } else if let Err(why) = fs::remove_file(model::file(state.id.as_deref().unwrap_or_default())) {
            warning(diags, "Already gone", why.to_string(), AttributePath::root());
        }
        Some(())
    }

    async fn import<'a>(&self, diags: &mut Diagnostics, id: String) -> Saved {
        match model::load(&id) {
            Ok(found) => Some((found, "imported".into())),
            Err(why) => {
                error(diags, "Cannot import", format!("{id}: {why}"), AttributePath::root());
                None
            }
        }
    }
}

impl Things {
    /// A long create: tells its process id to the test, and gives up with what it has when told to stop.
    async fn wait_for_stop(&self, diags: &mut Diagnostics, thing: &mut Thing) {
        let _ = fs::write(model::folder().join("started"), process::id().to_string());
        let patience = Duration::from_secs(60);
        if tokio::time::timeout(patience, self.stop.cancelled()).await.is_ok() {
            thing.size = Val::Known(Num::from(0));
            error(diags, "Stopped", "After 0 of 3.", AttributePath::root());
        }
    }
}

fn stored(diags: &mut Diagnostics, thing: Thing) -> Saved {
    if let Err(why) = thing.store() {
        error(diags, "Cannot write the thing", why.to_string(), AttributePath::root());
        return None;
    }
    Some((thing, "made".into()))
}
