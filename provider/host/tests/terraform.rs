//! The host under the real Terraform, which has to be on the `PATH`.
//!
//! Cargo builds the toy provider before it runs all tests of this crate; before `--test terraform` alone,
//! run `cargo build --example toy`.

#![expect(clippy::unwrap_used, reason = "a test fails where its surroundings do")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use support::{Sandbox, finish, toy, wait_for};

const THING: &str = r#"
resource "terraform_data" "late" { input = "late" }
resource "toy_thing" "t" {
  name  = "first"
  note  = terraform_data.late.output
  parts = {
    "a b" = { kind = terraform_data.late.output }
    c     = { kind = "even", weight = 0.1 }
  }
}
data "toy_count" "all" { depends_on = [toy_thing.t] }
output "label" { value = toy_thing.t.parts["a b"].label }
output "count" { value = data.toy_count.all.things }
output "double" { value = provider::toy::double(21) }
"#;

/// One thing, with a fault.
fn faulty(fault: &str) -> String {
    format!("resource \"toy_thing\" \"t\" {{\n name = \"first\"\n fault = \"{fault}\"\n}}")
}

#[test]
fn a_life_from_create_to_destroy() {
    let sandbox = Sandbox::new(THING);
    sandbox.terraform(&["validate", "-no-color"]).expect(0, &[]);
    sandbox
        .plan()
        .expect(2, &["+ label = (known after apply)", "+ weight = 0.1", "+ weight = 1", "+ size = 3"]);
    sandbox.apply(&[]).expect(0, &["label = \"first/a b\"", "count = 1", "double = 42"]);
    sandbox.plan().expect(0, &["No changes."]);

    sandbox.configure(&THING.replace("0.1", "0.25"));
    sandbox.apply(&[]).expect(0, &["~ weight = 0.1 -> 0.25", "1 changed"]);
    sandbox.configure(&THING.replace("first", "second"));
    sandbox.apply(&[]).expect(0, &["\"first\" -> \"second\" # forces replacement", "count = 1"]);
    sandbox.plan().expect(0, &["No changes."]);

    fs::remove_file(sandbox.path("things/id-second.json")).unwrap();
    sandbox.plan().expect(2, &["1 to add"]);
    sandbox.apply(&[]).expect(0, &["1 added"]);
    sandbox.apply(&["-destroy"]).expect(0, &["2 destroyed"]);
    assert_eq!(sandbox.sockets(), 0);
}

#[test]
fn import_by_id() {
    let sandbox = Sandbox::new("resource \"toy_thing\" \"t\" {\n name = \"first\"\n}");
    sandbox.apply(&[]).expect(0, &[]);
    fs::remove_file(sandbox.path("terraform.tfstate")).unwrap();
    sandbox.terraform(&["import", "-no-color", "toy_thing.t", "id-first"]).expect(0, &["Import successful"]);
    sandbox.plan().expect(0, &["No changes."]);
    sandbox.terraform(&["state", "rm", "toy_thing.t"]).expect(0, &[]);
    sandbox.terraform(&["import", "-no-color", "toy_thing.t", "id-none"]).expect(1, &["Cannot import"]);
}

#[test]
fn a_panic_in_create_names_the_resource_and_saves_nothing() {
    let sandbox = Sandbox::new(&faulty("create:panic"));
    let run = sandbox.apply(&[]).expect(
        1,
        &[
            "The provider panicked",
            "with toy_thing.t",
            "toy_thing: create: boom",
            "This is a bug in the provider.",
        ],
    );
    assert!(!run.text.contains("backtrace") && !run.text.contains("rust_begin_unwind"), "{}", run.text);
    assert!(sandbox.instance().is_null());
}

#[test]
fn a_half_made_thing_is_saved_tainted() {
    let sandbox = Sandbox::new(&faulty("create:half"));
    sandbox.apply(&[]).expect(1, &["Half made", "with toy_thing.t"]);
    let instance = sandbox.instance();
    assert_eq!((&instance["status"], &instance["attributes"]["id"]), (&"tainted".into(), &"id-first".into()));
    sandbox.plan().expect(2, &["toy_thing.t is tainted"]);
}

#[test]
fn a_create_must_answer_and_leave_nothing_unknown() {
    let sandbox = Sandbox::new(&faulty("create:nothing"));
    sandbox.apply(&[]).expect(1, &["The provider gave no answer", "toy_thing: create"]);
    assert!(sandbox.instance().is_null());
    sandbox.configure(&faulty("create:unknown"));
    let run = sandbox.apply(&[]).expect(1, &["A value was left unknown", "Unknown after apply: id."]);
    assert!(!run.text.contains("invalid result object"), "{}", run.text);
    assert_eq!(sandbox.instance()["attributes"]["name"], "first");
}

#[test]
fn a_failed_update_or_destroy_keeps_the_state() {
    let sandbox = Sandbox::new("resource \"toy_thing\" \"t\" {\n name = \"first\"\n}");
    sandbox.apply(&[]).expect(0, &[]);
    for (fault, says) in [("update:panic", "toy_thing: update: boom"), ("update:fail", "Cannot update")] {
        sandbox.configure(&faulty(fault));
        sandbox.apply(&[]).expect(1, &[says]);
        assert!(sandbox.instance()["attributes"]["fault"].is_null());
    }
    sandbox.configure(&faulty("destroy:fail"));
    sandbox.apply(&[]).expect(0, &[]);
    sandbox.apply(&["-destroy"]).expect(1, &["Cannot destroy"]);
    assert_eq!(sandbox.instance()["attributes"]["id"], "id-first");
}

#[test]
fn what_is_wrong_is_said_at_its_line() {
    let sandbox = Sandbox::new(
        r#"resource "toy_thing" "t" {
             name  = "x"
             parts = {
               a = { kind = "odd" }
             }
           }"#,
    );
    sandbox.terraform(&["validate", "-no-color"]).expect(
        1,
        &["Name too short", "main.tf line 5", "Odd part", "main.tf line 7", "fit. At parts[\"a\"].kind."],
    );
    sandbox.configure("output \"d\" { value = provider::toy::double(0.5) }");
    sandbox.plan().expect(1, &["Invalid value for \"number\" parameter: an integer is required"]);
}

#[test]
fn a_state_is_upgraded() {
    let mut sandbox = Sandbox::new("resource \"toy_thing\" \"t\" {\n name = \"first\"\n}");
    sandbox.apply(&[]).expect(0, &[]);
    sandbox.set("TOY_SCHEMA_VERSION", "2");
    sandbox
        .terraform(&["plan", "-refresh=false", "-no-color"])
        .expect(0, &["- note = \"upgraded from 1\" -> null"]);
    sandbox.apply(&[]).expect(0, &[]);
    sandbox.set("TOY_SCHEMA_VERSION", "1");
    sandbox.plan().expect(1, &["newer"]);
}

#[test]
fn an_interrupt_is_told_to_the_resource_and_what_it_has_is_saved() {
    let sandbox = Sandbox::new(&faulty("create:slow"));
    let mut command = sandbox.command("terraform");
    command.args(["apply", "-auto-approve", "-no-color"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let terraform = command.spawn().unwrap();
    let started = sandbox.path("things/started");
    let provider = wait_for("the create", || fs::read_to_string(&started).ok().filter(|it| !it.is_empty()));
    // As in a terminal, where both get it.
    finish(sandbox.command("kill").args(["-INT", &provider, &terraform.id().to_string()])).expect(0, &[]);
    let output = terraform.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("Stopped") && text.contains("After 0 of 3."), "{text}");
    let instance = sandbox.instance();
    assert_eq!((&instance["status"], &instance["attributes"]["size"]), (&"tainted".into(), &0.into()));
}

#[test]
fn ten_mebibytes_are_created_updated_and_read() {
    let sandbox = Sandbox::new("");
    let large = |size: u32| {
        format!(
            "resource \"toy_thing\" \"t\" {{\n name = \"first\"\n size = {size}\n note = file(\"large\")\n}}"
        )
    };
    fs::write(sandbox.path("large"), "0123456789abcdef".repeat(10 * 65536)).unwrap();
    sandbox.configure(&large(1));
    sandbox.apply(&[]).expect(0, &["1 added"]);
    sandbox.configure(&large(2));
    sandbox.apply(&[]).expect(0, &["1 changed"]);
    sandbox.plan().expect(0, &["No changes."]);
}

#[test]
fn a_name_that_is_not_served_is_refused() {
    let sandbox = Sandbox::new("resource \"toy_other\" \"t\" {}");
    sandbox
        .terraform(&["validate", "-no-color"])
        .expect(1, &["does not support resource type \"toy_other\""]);
}

#[test]
fn run_by_hand_it_says_what_it_is() {
    let sandbox = Sandbox::new("");
    let run = finish(&mut sandbox.command(toy()));
    let run = run.expect(1, &["this is the Terraform provider registry.terraform.io/example/toy"]);
    assert!(run.text.contains("terraform init") && run.text.contains("--debug"), "{}", run.text);
    finish(sandbox.command(toy()).arg("--version")).expect(0, &["terraform-provider-toy 0."]);
}

#[test]
fn terraform_attaches_to_a_provider_under_debug() {
    let mut sandbox = Sandbox::new("resource \"toy_thing\" \"t\" {\n name = \"first\"\n}");
    let mut provider = sandbox.command(toy()).arg("--debug").stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(provider.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let attach = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='").and_then(|it| it.strip_suffix('\''));
    sandbox.set("TF_REATTACH_PROVIDERS", attach.expect("the line to export"));
    fs::remove_file(sandbox.path("plugin/terraform-provider-toy")).unwrap();
    sandbox.apply(&[]).expect(0, &["1 added"]);
    sandbox.plan().expect(0, &["No changes."]);
    finish(sandbox.command("kill").args(["-INT", &provider.id().to_string()])).expect(0, &[]);
    assert!(provider.wait().unwrap().success());
    assert_eq!(sandbox.sockets(), 0);
}

#[test]
fn the_log_is_hclogs_and_terraforms() {
    let mut sandbox = Sandbox::new("resource \"toy_thing\" \"t\" {\n name = \"first\"\n}");
    let log = sandbox.path("log");
    sandbox.set("TF_LOG_PROVIDER", "DEBUG");
    sandbox.set("TF_LOG_PATH", log.to_str().unwrap());
    sandbox.apply(&[]).expect(0, &[]);
    let log = fs::read_to_string(log).unwrap();
    let ours = log.lines().find(|it| it.contains("apply_resource_change") && it.contains("answered"));
    let ours = ours.unwrap_or_else(|| panic!("no line of ours in:\n{log}"));
    assert!(ours.contains("[DEBUG]") && ours.contains("tf_type=toy_thing"), "{ours}");
}
