//! The calls on the provider itself, on data sources and on functions.

use prost::Message;

use super::{Diagnostic, DynamicValue, FunctionError};

/// The provider block to check.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ValidateProviderConfigRequest {
    #[prost(message, optional, tag = "1")]
    pub config: Option<DynamicValue>,
}

/// What is wrong with the provider block.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ValidateProviderConfigResponse {
    #[prost(message, repeated, tag = "2")]
    pub diagnostics: Vec<Diagnostic>,
}

/// The provider block to work with.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ConfigureProviderRequest {
    #[prost(string, tag = "1")]
    pub terraform_version: String,
    #[prost(message, optional, tag = "2")]
    pub config: Option<DynamicValue>,
}

/// Why the provider cannot work with it.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ConfigureProviderResponse {
    #[prost(message, repeated, tag = "1")]
    pub diagnostics: Vec<Diagnostic>,
}

pub(crate) type StopProviderRequest = super::Empty;
/// An error could be told; there is none.
pub(crate) type StopProviderResponse = super::Empty;

/// A data block to check.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ValidateDataResourceConfigRequest {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub config: Option<DynamicValue>,
}

/// What is wrong with the data block.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ValidateDataResourceConfigResponse {
    #[prost(message, repeated, tag = "1")]
    pub diagnostics: Vec<Diagnostic>,
}

/// A data block to answer.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ReadDataSourceRequest {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub config: Option<DynamicValue>,
}

/// The answer to a data block.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ReadDataSourceResponse {
    #[prost(message, optional, tag = "1")]
    pub state: Option<DynamicValue>,
    #[prost(message, repeated, tag = "2")]
    pub diagnostics: Vec<Diagnostic>,
}

/// A function call; variadic arguments follow the others.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct CallFunctionRequest {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "2")]
    pub arguments: Vec<DynamicValue>,
}

/// A function's result, or its error.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct CallFunctionResponse {
    #[prost(message, optional, tag = "1")]
    pub result: Option<DynamicValue>,
    #[prost(message, optional, tag = "2")]
    pub error: Option<FunctionError>,
}
