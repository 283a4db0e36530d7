//! Many pipelines in one configuration: whether plans grow with their number and no faster, what the provider holds, and
//! what a pipeline takes in the state.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::cost::{Cost, Meter, ROUND_TRIP};
use super::{Bench, Figure, Target, cloud, median, peer};
use crate::commands::example::EXAMPLE;
use crate::error::{Context, Result};
use crate::files::{clear, read};
use crate::terraform::{REQUIRED, Workspace};

/// How many pipelines, one time after the other.
const COUNTS: [usize; 4] = [1, 5, 10, 20];
/// Plans of which the median counts.
const PLANS: usize = 3;
/// What a further pipeline may add to a plan among many, beside what it adds among few.
const GROWTH: f64 = 1.25;
/// Most memory the provider may hold, in MB.
const MOST_MEMORY: f64 = 120.0;

/// What is known of one count.
#[derive(Debug, Clone, PartialEq)]
struct Size {
    pipelines: usize,
    /// A plan that makes them all, in seconds: no call is made.
    first_plan: f64,
    /// The apply that adds those which were not there.
    apply: Cost,
    /// A plan that finds nothing to do, 50 ms a call: the medians.
    plan: Cost,
    /// The state's size in bytes.
    state: f64,
}

/// Measures.
pub fn measure(bench: &mut Bench<'_>) -> Result<Vec<Figure>> {
    let folder = bench.kit.folder("bench-many")?;
    let (cloud, log) = cloud::start(bench, &folder)?;
    let work = folder.join("work");
    lay_out(bench, &work)?;
    let meter = Meter { cloud: &cloud, log, program: crate::artifacts::PROVIDER };
    let of = |pipelines: usize| {
        let mut environment = cloud.environment();
        environment.push(("TF_VAR_pipelines".to_owned(), pipelines.to_string()));
        Workspace::at(&bench.kit.terraform, &bench.kit.mirror, &work, &environment)
    };
    let of = COUNTS.map(|pipelines| (pipelines, of(pipelines)));
    bench.steps.run("terraform init", |_| of[0].1.init())?;
    cloud::warm(bench, &of[0].1)?;
    let firsts = first_plans(bench, &meter, &of)?;
    let mut sizes = Vec::new();
    for ((pipelines, work), first_plan) in of.iter().zip(firsts) {
        sizes.push(size(bench, &meter, *pipelines, work, first_plan)?);
    }
    cloud.set_delay(Duration::ZERO)?;
    bench.steps.run("destroy all", |_| of[0].1.destroy())?;
    Ok(figures(&sizes))
}

/// One resource block with as many pipelines as a variable says, each the example's.
fn lay_out(bench: &Bench<'_>, folder: &Path) -> Result {
    let example = read(&bench.kit.repo().join(EXAMPLE).join("main.tf"))?;
    let what = || format!("{} cannot be laid out", folder.display());
    clear(folder)?;
    fs::create_dir_all(folder).context(what)?;
    let configuration = format!(
        "{REQUIRED}\nvariable \"pipelines\" {{\n  type = number\n}}\n\nresource \"datalake_pipeline\" \"each\" {{\n  \
         for_each      = toset([for n in range(var.pipelines) : format(\"lake-%02d\", n)])\n  name          = each.key\n  \
         force_destroy = true\n\n{}}}\n",
        peer::datasets(&example)?
    );
    fs::write(folder.join("main.tf"), configuration).context(what)
}

/// Plans of everything, while nothing is there.
fn first_plans(bench: &mut Bench<'_>, meter: &Meter<'_>, of: &[(usize, Workspace)]) -> Result<Vec<f64>> {
    let one = |bench: &mut Bench<'_>, pipelines: usize, work: &Workspace| {
        let costs =
            plans(bench, meter, &format!("{pipelines} to make"), work, |work| work.plan(&[]).map(drop));
        Ok(median(costs?.iter().map(|cost| cost.wall).collect()))
    };
    of.iter().map(|(pipelines, work)| one(bench, *pipelines, work)).collect()
}

fn size(
    bench: &mut Bench<'_>,
    meter: &Meter<'_>,
    pipelines: usize,
    work: &Workspace,
    first_plan: f64,
) -> Result<Size> {
    meter.cloud.set_delay(Duration::ZERO)?;
    let apply = |work: &Workspace| work.apply(&[]).map(drop);
    let apply = bench.steps.run(&format!("apply up to {pipelines}"), |_| meter.cost(work, apply))?;
    meter.cloud.set_delay(ROUND_TRIP)?;
    let costs = plans(bench, meter, &format!("{pipelines} that are there"), work, |work| {
        work.expect_no_changes(&[])
    })?;
    let middle = |of: fn(&Cost) -> f64| median(costs.iter().map(of).collect());
    let plan = Cost {
        calls: costs.last().map_or(0, |cost| cost.calls),
        waiting: middle(|cost| cost.waiting),
        wall: middle(|cost| cost.wall),
        memory: middle(|cost| cost.memory),
    };
    let state = work.folder().join("terraform.tfstate");
    let state = fs::metadata(&state).context(|| format!("{} cannot be read", state.display()))?.len() as f64;
    Ok(Size { pipelines, first_plan, apply, plan, state })
}

fn plans(
    bench: &mut Bench<'_>,
    meter: &Meter<'_>,
    title: &str,
    work: &Workspace,
    plan: fn(&Workspace) -> Result,
) -> Result<Vec<Cost>> {
    bench.steps.run(&format!("plans of {title}"), |_| (0..PLANS).map(|_| meter.cost(work, plan)).collect())
}

fn figures(sizes: &[Size]) -> Vec<Figure> {
    let figure =
        |name: String, value, unit, target| Figure::new(format!("many: {name}"), value, unit, target);
    let mut figures = Vec::new();
    for Size { pipelines, first_plan, plan, .. } in sizes {
        figures.push(figure(format!("{pipelines} to make, plan"), *first_plan, "s", Target::None));
        figures.push(figure(format!("{pipelines} there, empty plan"), plan.wall, "s", Target::None));
        figures.push(figure(
            format!("{pipelines} there, empty plan, calls"),
            plan.calls as f64,
            "",
            Target::None,
        ));
    }
    let steeper = |name: &str, value: fn(&Size) -> f64| {
        let name = format!("{name}, a further pipeline among many beside one among few");
        figure(name, growth(sizes, value), "times", Target::AtMost(GROWTH))
    };
    figures.push(steeper("plan of those to make", |size| size.first_plan));
    figures.push(steeper("empty plan", |size| size.plan.wall));
    let most = |memory: fn(&Size) -> f64| sizes.iter().map(memory).fold(0.0, f64::max);
    let memory =
        |what: &str, value| figure(format!("{what}, peak memory"), value, "MB", Target::AtMost(MOST_MEMORY));
    figures.push(memory("applies", most(|size| size.apply.memory)));
    figures.push(memory("empty plans", most(|size| size.plan.memory)));
    figures.push(figure(
        "state, a pipeline".to_owned(),
        slope(sizes, |size| size.state / 1e3),
        "kB",
        Target::None,
    ));
    figures
}

/// How much steeper a value rises over the second half of the counts than over the first.
fn growth(sizes: &[Size], value: fn(&Size) -> f64) -> f64 {
    let middle = sizes.len() / 2;
    slope(&sizes[middle..], value) / slope(&sizes[..=middle], value)
}

/// What a further pipeline adds, from the first count to the last.
fn slope(sizes: &[Size], value: fn(&Size) -> f64) -> f64 {
    match sizes {
        [first, .., last] => (value(last) - value(first)) / (last.pipelines - first.pipelines) as f64,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(plan: impl Fn(f64) -> f64) -> Vec<Size> {
        let size = |pipelines: usize| {
            let cost = |wall| Cost { calls: pipelines, waiting: 0.0, wall, memory: 100.0 };
            let wall = plan(pipelines as f64);
            let state = 1e3 + 4e3 * pipelines as f64;
            Size { pipelines, first_plan: wall, apply: cost(1.0), plan: cost(wall), state }
        };
        COUNTS.map(size).to_vec()
    }

    #[test]
    fn plans_may_grow_with_the_pipelines_and_no_faster() {
        let met = |sizes: &[Size]| figures(sizes).iter().all(Figure::met);
        assert!(met(&sizes(|n| 1.0 + 0.2 * n)));
        assert!(!met(&sizes(|n| 1.0 + 0.02 * n * n)));
        let state = figures(&sizes(|n| n)).pop().unwrap();
        assert_eq!((state.value, state.unit), (4.0, "kB"));
    }
}
