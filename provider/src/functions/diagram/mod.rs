//! `diagram` and `diagram_svg`: what a configuration would make and how it hangs together, as a picture.
//!
//! What is only there to serve another object (roles, logs, the layer) is left out of both, or counted.

mod flow;
mod layout;
mod mermaid;
mod svg;

use async_trait::async_trait;
use datalake_host::Dynamic;
use tf_provider::schema::{Description, FunctionSchema, Type};
use tf_provider::{Diagnostics, Function};

use super::expand::{expansion, parameters};
pub use mermaid::mermaid;
pub use svg::svg;

/// The function that draws in the language of Mermaid.
#[derive(Debug, Clone, Copy)]
pub struct Diagram;

/// The function that draws SVG.
#[derive(Debug, Clone, Copy)]
pub struct DiagramSvg;

#[async_trait]
impl Function for Diagram {
    type Input<'a> = (Dynamic, String, String);
    type Output<'a> = String;

    fn schema(&self, _: &mut Diagnostics) -> Option<FunctionSchema> {
        let about = "Draws what a `datalake_pipeline` of this configuration would make, without calling AWS and without credentials: a \
                     flowchart in the language of [Mermaid](https://mermaid.js.org), which GitHub shows in a Markdown file. Solid arrows are \
                     what happens to data and events, dotted ones where a message goes that could not be handled.";
        Some(schema("A picture of a pipeline, as Mermaid.", about))
    }

    async fn call<'a>(&self, diags: &mut Diagnostics, input: (Dynamic, String, String)) -> Option<String> {
        expansion(diags, input).map(|expansion| mermaid(&expansion))
    }
}

#[async_trait]
impl Function for DiagramSvg {
    type Input<'a> = (Dynamic, String, String);
    type Output<'a> = String;

    fn schema(&self, _: &mut Diagnostics) -> Option<FunctionSchema> {
        let about = "Draws what a `datalake_pipeline` of this configuration would make, without calling AWS and without credentials: an SVG \
                     image that needs nothing else, with the name of every object. Its title is under the pointer on every arrow. Solid arrows \
                     are what happens to data and events, dotted ones where a message goes that could not be handled.";
        Some(schema("A picture of a pipeline, as SVG.", about))
    }

    async fn call<'a>(&self, diags: &mut Diagnostics, input: (Dynamic, String, String)) -> Option<String> {
        expansion(diags, input).map(|expansion| svg(&expansion))
    }
}

fn schema(summary: &str, about: &'static str) -> FunctionSchema {
    FunctionSchema {
        parameters: parameters(),
        return_type: Type::String,
        summary: summary.to_owned(),
        description: Description::markdown(about),
        ..FunctionSchema::default()
    }
}
