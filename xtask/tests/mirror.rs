//! A real `terraform init` takes the provider from the mirror, without a network.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use xtask::artifacts::{Architecture, Artifacts, Bundle};
use xtask::mirror::Mirror;
use xtask::progress::Progress;
use xtask::repo::Repo;
use xtask::terraform::Workspace;
use xtask::tools::Tools;

/// `terraform init` installs and hashes a provider; it does not start it.
fn stand_in(folder: &std::path::Path) -> Artifacts {
    let (provider, zip) = (folder.join("provider"), folder.join("bundle.zip"));
    fs::write(&provider, "#!/bin/sh\nexit 1\n").unwrap();
    fs::set_permissions(&provider, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&zip, "zip").unwrap();
    let bundle = Bundle { architecture: Architecture::X86, bootstrap: provider.clone(), zip };
    Artifacts { provider, bundles: vec![bundle] }
}

#[test]
fn init_finds_provider_and_bundle() {
    let repo = Repo::find().unwrap();
    let tools = Tools::find(&repo).unwrap();
    let folder = repo.work_dir(&format!("test-mirror-{}", std::process::id())).unwrap();
    let mirror = Mirror::lay(&folder, &stand_in(&folder)).unwrap();
    let example = repo.join("examples/demo");
    for terraform in [tools.terraform(&Progress::default()), tools.terraform_from_pypi(&Progress::default())]
    {
        let terraform = terraform.unwrap();
        let work = Workspace::copy_of(&example, &terraform, &mirror, &folder.join("work"), &[]).unwrap();
        work.init().unwrap_or_else(|error| panic!("{}: {error}", terraform.describe()));
        let installed = work
            .folder()
            .join(".terraform/providers")
            .join(mirror.package().strip_prefix(folder.join("mirror")).unwrap());
        assert!(installed.join("datalake-handlers_x86_64.zip").exists(), "{}", installed.display());
        // The stand-in is no provider: Terraform's words about it must come through.
        let error = work.plan(&[]).unwrap_err().to_string();
        assert!(error.contains("terraform plan") && error.contains("plugin"), "{error}");
    }
    fs::remove_dir_all(&folder).unwrap();
}
