//! The machines a release is for: Terraform's names and Rust's.

use crate::error::{Error, Result};

/// One operating system on one processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    /// Terraform's name, as in a release's files and in a mirror's folders.
    pub name: &'static str,
    /// Rust's target.
    pub target: &'static str,
}

impl Platform {
    /// Every one a release is made for. Windows' are those of the GNU toolchains, which zig links for from any machine.
    pub const ALL: [Self; 6] = [
        Self { name: "linux_amd64", target: "x86_64-unknown-linux-gnu" },
        Self { name: "linux_arm64", target: "aarch64-unknown-linux-gnu" },
        Self { name: "darwin_amd64", target: "x86_64-apple-darwin" },
        Self { name: "darwin_arm64", target: "aarch64-apple-darwin" },
        Self { name: "windows_amd64", target: "x86_64-pc-windows-gnu" },
        Self { name: "windows_arm64", target: "aarch64-pc-windows-gnullvm" },
    ];

    /// This machine; these commands do not run on Windows.
    pub const HOST: Self = match (cfg!(target_os = "macos"), cfg!(target_arch = "aarch64")) {
        (false, false) => Self::ALL[0],
        (false, true) => Self::ALL[1],
        (true, false) => Self::ALL[2],
        (true, true) => Self::ALL[3],
    };

    /// The one with Terraform's name.
    ///
    /// # Errors
    /// When there is none: with the names there are.
    pub fn named(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|platform| platform.name == name).ok_or_else(|| {
            let names = Self::ALL.map(|platform| platform.name).join(", ");
            Error::usage(format!("there is no platform {name}; there are {names}"))
        })
    }

    /// Whether zig brings all that linking needs; Apple's linker comes with Apple's tools only.
    #[must_use]
    pub fn linked_by_zig(self) -> bool {
        !self.name.starts_with("darwin")
    }

    /// Whether what is linked for it needs the C library of a Linux.
    #[must_use]
    pub fn is_linux(self) -> bool {
        self.name.starts_with("linux")
    }

    /// A program's file name there.
    #[must_use]
    pub fn program(self, name: &str) -> String {
        let ending = if self.name.starts_with("windows") { ".exe" } else { "" };
        format!("{name}{ending}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let word = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
        assert!(Platform::HOST.name.ends_with(word));
        assert_eq!(Platform::named("linux_arm64").unwrap().target, "aarch64-unknown-linux-gnu");
        let error = Platform::named("plan9_amd64").unwrap_err().to_string();
        assert!(error.contains("plan9_amd64") && error.contains("darwin_arm64"), "{error}");
    }

    #[test]
    fn what_differs_between_systems() {
        let found: Vec<_> = Platform::ALL
            .iter()
            .map(|it| (it.name, it.linked_by_zig(), it.is_linux(), it.program("a_v1.2.3")))
            .collect();
        let expect = [
            ("linux_amd64", true, true, "a_v1.2.3"),
            ("linux_arm64", true, true, "a_v1.2.3"),
            ("darwin_amd64", false, false, "a_v1.2.3"),
            ("darwin_arm64", false, false, "a_v1.2.3"),
            ("windows_amd64", true, false, "a_v1.2.3.exe"),
            ("windows_arm64", true, false, "a_v1.2.3.exe"),
        ];
        assert_eq!(found, expect.map(|(name, zig, linux, program)| (name, zig, linux, program.to_owned())));
    }
}
