//! The AWS provider at the same objects: `modules/pipeline-native` makes what our resource makes of plain `aws_*`
//! resources. Nothing is aimed at; the figures stand beside those of `cloud`.

use std::fs;
use std::path::Path;

use super::cost::{Meter, ROUND_TRIP};
use super::{Bench, Figure, Target, cloud};
use crate::commands::example::EXAMPLE;
use crate::error::{Context, Error, Result};
use crate::files::{clear, read};
use crate::plugin::AwsPlugin;
use crate::terraform::{Workspace, copy};

/// The beginning of the name of its program.
const PROGRAM: &str = "terraform-provider-aws";

/// Measures, where the machine has the AWS provider.
pub fn measure(bench: &mut Bench<'_>) -> Result<Vec<Figure>> {
    let Some(plugin) = AwsPlugin::find() else { return Ok(Vec::new()) };
    let folder = bench.kit.folder("bench-peer")?;
    let (cloud, log) = cloud::start(bench, &folder)?;
    let environment = cloud.environment();
    let ours = bench.kit.workspace(EXAMPLE, &folder, &environment)?;
    bench.steps.run("terraform init", |_| ours.init())?;
    cloud::warm(bench, &ours)?;
    let mirror = plugin.beside(&bench.kit.mirror, &folder.join("mirror"))?;
    let native = folder.join("native");
    lay_out(bench, &native)?;
    let work = Workspace::at(&bench.kit.terraform, &mirror, &native, &environment);
    bench.steps.run("terraform init", |_| work.init())?;
    let meter = Meter { cloud: &cloud, log, program: PROGRAM };
    let round = meter.round(bench.steps, "hashicorp/aws, 50 ms a call", &work, ROUND_TRIP)?;
    let rows = [("create", &round.create), ("empty plan", &round.plan), ("destroy", &round.destroy)];
    let name =
        plugin.version().map_or_else(|| "hashicorp/aws".to_owned(), |it| format!("hashicorp/aws {it}"));
    let figures =
        rows.map(|(what, cost)| cost.figures(&format!("{name}: {what}"), Target::None, Target::None));
    Ok(figures.into_iter().flatten().collect())
}

/// The example's datasets in the native module.
fn lay_out(bench: &Bench<'_>, folder: &Path) -> Result {
    let repo = bench.kit.repo();
    let example = read(&repo.join(EXAMPLE).join("main.tf"))?;
    let what = || format!("{} cannot be laid out", folder.display());
    clear(folder)?;
    copy(&repo.join("modules"), &folder.join("modules")).context(what)?;
    let configuration = format!(
        "provider \"aws\" {{\n  s3_use_path_style = true\n}}\n\nmodule \"lake\" {{\n  source = \"./modules/pipeline-native\"\n  \
         name = \"sensors\"\n  team = \"bench\"\n  deletion_protection_enabled = false\n{}}}\n",
        datasets(&example)?
    );
    fs::write(folder.join("main.tf"), configuration).context(what)
}

/// The lines of the attribute `datasets` in a formatted resource.
pub fn datasets(configuration: &str) -> Result<String> {
    let lines = configuration.split_inclusive('\n').skip_while(|line| *line != "  datasets = {\n");
    let mut block: Vec<&str> = lines.collect();
    let end = block.iter().position(|line| *line == "  }\n");
    let end = end.ok_or_else(|| Error::new(format!("{EXAMPLE} has no datasets of the usual form")))?;
    block.truncate(end + 1);
    Ok(block.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::Repo;

    #[test]
    fn the_examples_datasets_are_found() {
        let text = fs::read_to_string(Repo::find().unwrap().join(EXAMPLE).join("main.tf")).unwrap();
        let block = datasets(&text).unwrap();
        assert!(
            block.starts_with("  datasets = {\n    readings = {") && block.ends_with("    }\n  }\n"),
            "{block}"
        );
        assert_eq!(block.matches('{').count(), block.matches('}').count());
        assert!(datasets("resource {}\n").is_err());
    }
}
