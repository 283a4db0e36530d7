//! `parse_dqdl`: the rules of a document one by one, in the form the engine prints them.

use async_trait::async_trait;
use datalake_core::dqdl;
use tf_provider::schema::{FunctionSchema, Type};
use tf_provider::{Diagnostics, Function};

use super::{answer, schema};

/// The function.
#[derive(Debug, Clone, Copy)]
pub struct ParseDqdl;

#[async_trait]
impl Function for ParseDqdl {
    type Input<'a> = (String,);
    type Output<'a> = Vec<String>;

    fn schema(&self, _: &mut Diagnostics) -> Option<FunctionSchema> {
        Some(schema(
            "The rules of a DQDL document, one by one.",
            "Reads a document in DQDL, the rule language of AWS Glue Data Quality, and returns its rules in order, each in one \
             normal form: equal rules are equal texts however they were written. A mistake is an error with line and column, all \
             mistakes at once. Only the grammar is looked at; whether columns exist and rules can be evaluated is checked by \
             `datalake_pipeline`. A variable stays `$name`, and neither default labels nor analyzers are part of the result.",
            &[("text", "The document: `Rules = [ RowCount > 0, IsComplete \"id\" ]`.")],
            Type::List(Type::String.into()),
        ))
    }

    async fn call<'a>(&self, diags: &mut Diagnostics, (text,): (String,)) -> Option<Vec<String>> {
        answer(diags, "The text is not DQDL", 0, rules(&text))
    }
}

fn rules(text: &str) -> Result<Vec<String>, String> {
    match dqdl::parse(text) {
        Ok(document) => Ok(document.rules.iter().map(ToString::to_string).collect()),
        Err(errors) => Err(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_normal() {
        let cases: [(&str, &[&str]); 5] = [
            ("Rules=[RowCount>0]", &["RowCount > 0"]),
            (
                "# all\nRules = [\n  IsComplete id, RowCount   between 1 and 9\n]",
                &["IsComplete id", "RowCount between 1 and 9"],
            ),
            (
                "Rules = [ (IsComplete \"a\") and (IsUnique \"a\") ]",
                &["(IsComplete \"a\") and (IsUnique \"a\")"],
            ),
            ("c = [\"DE\"]\nRules = [ ColumnValues \"a\" in $c ]", &["ColumnValues \"a\" in $c"]),
            ("Analyzers = [ RowCount ]", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(rules(text).unwrap(), expected, "{text}");
            for rule in expected.iter().filter(|rule| !rule.contains('$')) {
                assert_eq!(rules(&format!("Rules = [ {rule} ]")).unwrap(), [*rule]);
            }
        }
    }

    #[test]
    fn mistakes_have_line_and_column() {
        let cases = [
            ("", "line 1, column 1: "),
            ("Rules = [ RowCount > ]", "line 1, column 22: "),
            ("Rules = [\n  RowCount > ,\n  IsComplet \"a\"\n]", "; line 3, column 3: "),
        ];
        for (text, part) in cases {
            let error = rules(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
