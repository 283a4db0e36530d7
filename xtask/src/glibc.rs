//! Which C library a Linux binary needs: the newest `GLIBC_x.y` among the versions of its dynamic symbols.
//!
//! Lambda's `provided.al2023` has glibc 2.34; a binary that names a newer version ends at start with a loader error
//! that reaches nobody but the log. An ELF file lists the versions in its section `.gnu.version_r`.

use std::fmt;
use std::path::Path;

use crate::error::{Context, Error, Result};

/// The C library of Amazon Linux 2023.
pub const AMAZON_LINUX_2023: Version = Version(2, 34);

/// A version of the C library; compares as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.0, self.1)
    }
}

/// The newest version a file needs; none when it needs no symbol of the C library.
///
/// # Errors
/// When the file cannot be read or is no 64-bit little-endian ELF file.
pub fn newest(file: &Path) -> Result<Option<Version>> {
    let bytes = std::fs::read(file).context(|| format!("{} cannot be read", file.display()))?;
    let names = needed_versions(&bytes)
        .ok_or_else(|| Error::new(format!("{} is no 64-bit little-endian ELF file", file.display())))?;
    Ok(names.iter().filter_map(|name| parse(name)).max())
}

/// Refuses a file that Amazon Linux 2023 cannot start.
///
/// # Errors
/// When the file cannot be read, or needs more than [`AMAZON_LINUX_2023`] has.
pub fn require_amazon_linux(file: &Path) -> Result {
    match newest(file)? {
        Some(version) if version > AMAZON_LINUX_2023 => Err(Error::new(format!(
            "{} needs GLIBC_{version}, and Amazon Linux 2023 has {AMAZON_LINUX_2023}: it would not start on Lambda; \
             build it with cargo-zigbuild for the target ….{AMAZON_LINUX_2023}",
            file.display()
        ))),
        _ => Ok(()),
    }
}

/// `GLIBC_2.17` or `GLIBC_2.3.4`; not `GLIBC_PRIVATE`, not `GCC_3.0`.
fn parse(name: &str) -> Option<Version> {
    let mut parts = name.strip_prefix("GLIBC_")?.split('.').map(|part| part.parse::<u32>().ok());
    Some(Version(parts.next()??, parts.next()??))
}

/// Section type of `.gnu.version_r`.
const SHT_GNU_VERNEED: u32 = 0x6fff_fffe;
/// Records of a section of a broken file could point at each other for ever.
const MOST_RECORDS: usize = 10_000;

/// The version names in `.gnu.version_r`; none when the file is not what we can read.
fn needed_versions(elf: &[u8]) -> Option<Vec<String>> {
    if elf.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let (table, size, count) =
        (word(elf, 0x28)?, usize::from(half(elf, 0x3a)?), usize::from(half(elf, 0x3c)?));
    let header = |index: usize| table.checked_add(index.checked_mul(size)?);
    let mut names = Vec::new();
    for index in 0..count {
        let section = header(index)?;
        if int(elf, section + 4)? == SHT_GNU_VERNEED {
            let strings = word(elf, header(index_of(int(elf, section + 0x28)?)?)? + 0x18)?;
            names.extend(names_in(elf, word(elf, section + 0x18)?, strings)?);
        }
    }
    Some(names)
}

/// Walks one chain of `Verneed` records and the chain of `Vernaux` records of each.
fn names_in(elf: &[u8], section: usize, strings: usize) -> Option<Vec<String>> {
    let (mut names, mut need) = (Vec::new(), section);
    while names.len() < MOST_RECORDS {
        let mut aux = need.checked_add(index_of(int(elf, need + 8)?)?)?;
        for _ in 0..half(elf, need + 2)? {
            names.push(text(elf, strings.checked_add(index_of(int(elf, aux + 8)?)?)?)?);
            aux = aux.checked_add(index_of(int(elf, aux + 12)?)?)?;
        }
        match int(elf, need + 12)? {
            0 => return Some(names),
            next => need = need.checked_add(index_of(next)?)?,
        }
    }
    None
}

fn index_of(value: u32) -> Option<usize> {
    usize::try_from(value).ok()
}

fn half(elf: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(elf.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn int(elf: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(elf.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn word(elf: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(elf.get(at..at.checked_add(8)?)?.try_into().ok()?)).ok()
}

fn text(elf: &[u8], at: usize) -> Option<String> {
    let bytes = elf.get(at..)?.split(|byte| *byte == 0).next()?;
    String::from_utf8(bytes.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let cases = [
            ("GLIBC_2.34", Some(Version(2, 34))),
            ("GLIBC_2.3.4", Some(Version(2, 3))),
            ("GLIBC_PRIVATE", None),
            ("GCC_3.0", None),
        ];
        for (name, expected) in cases {
            assert_eq!(parse(name), expected, "{name}");
        }
        assert!(Version(2, 9) < Version(2, 34));
    }

    /// A header, two section headers (versions, strings) and the sections: two libraries, three versions.
    fn small_elf() -> Vec<u8> {
        let mut elf = vec![0u8; 0x40];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[0x28] = 0x40;
        elf[0x3a] = 0x40;
        elf[0x3c] = 2;
        let mut versions = vec![0u8; 0x40];
        versions[4..8].copy_from_slice(&SHT_GNU_VERNEED.to_le_bytes());
        versions[0x18] = 0xc0;
        versions[0x28] = 1;
        let mut strings = vec![0u8; 0x40];
        strings[0x18..0x1a].copy_from_slice(&0x120u16.to_le_bytes());
        elf.extend(versions);
        elf.extend(strings);
        elf.resize(0x120, 0);
        // Verneed: version, count, file, aux, next; Vernaux: hash, flags and other, name, next.
        let mut put = |at: usize, count: u16, words: [u32; 3]| {
            elf[at + 2..at + 4].copy_from_slice(&count.to_le_bytes());
            for (index, value) in words.into_iter().enumerate() {
                elf[at + 4 + index * 4..at + 8 + index * 4].copy_from_slice(&value.to_le_bytes());
            }
        };
        put(0xc0, 2, [0, 16, 48]);
        put(0xd0, 0, [0, 0, 16]);
        put(0xe0, 0, [0, 11, 0]);
        put(0xf0, 1, [0, 16, 0]);
        put(0x100, 0, [0, 22, 0]);
        elf.extend(b"GLIBC_2.17\0GLIBC_2.33\0GCC_3.0\0");
        elf
    }

    #[test]
    fn a_small_file() {
        let elf = small_elf();
        assert_eq!(needed_versions(&elf).unwrap(), ["GLIBC_2.17", "GLIBC_2.33", "GCC_3.0"]);
    }

    #[test]
    fn no_cut_or_changed_file_panics() {
        let elf = small_elf();
        for at in 0..elf.len() {
            needed_versions(&elf[..at]);
            let mut changed = elf.clone();
            changed[at] = 0xff;
            needed_versions(&changed);
        }
        assert_eq!(needed_versions(b"#!/bin/sh"), None);
    }

    #[test]
    fn this_test_itself() {
        let newest = newest(&std::env::current_exe().unwrap()).unwrap();
        assert!(newest.is_none_or(|version| version >= Version(2, 2)));
    }
}
