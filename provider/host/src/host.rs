//! [`Host`]: what is served, put together by the provider's `main`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tf_provider::schema::FunctionSchema;
use tf_provider::value::ValueEmpty;
use tf_provider::{DataSource, Function, Provider, Resource};
use tokio_util::sync::CancellationToken;

use crate::erased::{AnyData, AnyFunction, AnyProvider, AnyResource, Typed};
use crate::identity::{AnyIdentity, Identity};
use crate::serve::{self, HostError};

/// Brings a state of an older schema version to the current one.
///
/// It is given the state's version and the state as JSON, and never called for the current version.
pub type Upgrade = Box<dyn Fn(i64, serde_json::Value) -> Result<serde_json::Value, String> + Send + Sync>;

/// A provider with its resources, data sources and functions, ready to be served to Terraform.
///
/// # Guarantees
///
/// - A panic in a call is a diagnostic of that call; the process goes on.
/// - A state returned beside errors is saved. Where none is returned, the prior state is kept, and nothing
///   is saved for a create.
/// - No state holds an unknown.
///
/// # Caveats
///
/// - Once cancelled, [`Host::stop_token`] stays so: under `--debug` an interrupted run is followed by a
///   restart of the provider.
/// - A panic loses what the call would have returned: a create must recognise its own leftovers.
pub struct Host {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) version: String,
    pub(crate) provider: Box<dyn AnyProvider>,
    pub(crate) resources: BTreeMap<String, ServedResource>,
    pub(crate) data_sources: BTreeMap<String, Box<dyn AnyData>>,
    pub(crate) functions: BTreeMap<String, Box<dyn AnyFunction>>,
    pub(crate) stop: CancellationToken,
    pub(crate) shutdown: CancellationToken,
}

/// A resource with its state upgrade and its identity.
pub(crate) struct ServedResource {
    pub resource: Box<dyn AnyResource>,
    pub upgrade: Option<Upgrade>,
    pub identity: Option<Box<dyn AnyIdentity>>,
}

impl Host {
    /// A host of `provider`, whose type names begin with `name` and whose source address is `address`.
    pub fn new<P, C>(name: &str, address: &str, version: &str, provider: P) -> Self
    where
        P: for<'a> Provider<Config<'a> = C>,
        C: Serialize + DeserializeOwned + Send + 'static,
    {
        Self {
            name: name.to_owned(),
            address: address.to_owned(),
            version: version.to_owned(),
            provider: Box::new(Typed::new(provider)),
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            functions: BTreeMap::new(),
            stop: CancellationToken::new(),
            shutdown: CancellationToken::new(),
        }
    }

    /// Adds the resource type `<provider>_<name>`.
    #[must_use]
    pub fn resource<R, S, P>(mut self, name: &str, resource: R, upgrade: Option<Upgrade>) -> Self
    where
        R: for<'a> Resource<State<'a> = S, PrivateState<'a> = P, ProviderMetaState<'a> = ValueEmpty>
            + 'static,
        S: Serialize + DeserializeOwned + Send + 'static,
        P: Serialize + DeserializeOwned + Send + 'static,
    {
        let resource = Box::new(Typed::new(resource));
        self.resources.insert(self.type_name(name), ServedResource { resource, upgrade, identity: None });
        self
    }

    /// Gives the resource type `<provider>_<name>`, added before, an identity; `S` is its state.
    #[must_use]
    pub fn identity<S: DeserializeOwned + 'static>(mut self, name: &str, identity: Identity<S>) -> Self {
        let name = self.type_name(name);
        if let Some(served) = self.resources.get_mut(&name) {
            served.identity = Some(Box::new(identity));
        }
        self
    }

    /// Adds the data source type `<provider>_<name>`.
    #[must_use]
    pub fn data_source<D, S>(mut self, name: &str, data_source: D) -> Self
    where
        D: for<'a> DataSource<State<'a> = S, ProviderMetaState<'a> = ValueEmpty> + 'static,
        S: Serialize + DeserializeOwned + Send + 'static,
    {
        self.data_sources.insert(self.type_name(name), Box::new(Typed::new(data_source)));
        self
    }

    /// Adds the function `provider::<provider>::<name>`.
    #[must_use]
    pub fn function<F, I, O>(mut self, name: &str, function: F) -> Self
    where
        F: for<'a> Function<Input<'a> = I, Output<'a> = O> + 'static,
        I: DeserializeOwned + Send + 'static,
        O: Serialize + Send + 'static,
    {
        let function: Typed<F, FunctionSchema> = Typed::new(function);
        self.functions.insert(name.to_owned(), Box::new(function));
        self
    }

    /// A token that is cancelled when the user interrupts Terraform.
    ///
    /// A long call should then start nothing more and return what it has, with an error; Terraform waits.
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Serves until Terraform ends the process, as the arguments and the environment say.
    ///
    /// # Errors
    ///
    /// Fails if the process was not started by Terraform, or if the socket cannot be made.
    pub async fn serve(self) -> Result<(), HostError> {
        serve::serve(Arc::new(self)).await
    }

    /// Serves, and tells a failure on the standard error stream: all that a `main` has to do.
    pub async fn run(self) -> ExitCode {
        match self.serve().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        }
    }

    fn type_name(&self, name: &str) -> String {
        format!("{}_{name}", self.name)
    }
}
