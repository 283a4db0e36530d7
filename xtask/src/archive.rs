//! Zip archives that depend on nothing but their content, and checksums of them.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::{Context, Result};

/// One file of an archive.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Its name in the archive.
    pub name: &'a str,
    /// Where it lies now.
    pub source: &'a Path,
    /// Unix permissions.
    pub mode: u32,
}

/// Writes an archive whose bytes depend on names, contents and modes only: times are fixed, the order is the caller's.
///
/// `level` is deflate's, 1 (quick) to 9 (small). The archive appears whole or not at all.
///
/// # Errors
/// When a file cannot be read or the archive cannot be written.
pub fn write(archive: &Path, entries: &[Entry<'_>], level: i64) -> Result {
    let fresh = archive.with_extension("part");
    let what = || format!("archive {} cannot be written", archive.display());
    let mut zip = ZipWriter::new(File::create(&fresh).context(what)?);
    for entry in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(level))
            .last_modified_time(DateTime::default())
            .unix_permissions(entry.mode);
        zip.start_file(entry.name, options).context(what)?;
        let bytes =
            std::fs::read(entry.source).context(|| format!("{} cannot be read", entry.source.display()))?;
        zip.write_all(&bytes).context(what)?;
    }
    zip.finish().context(what)?;
    std::fs::rename(&fresh, archive).context(what)
}

/// SHA-256 of a file, in hexadecimal digits.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(path: &Path) -> Result<String> {
    let what = || format!("{} cannot be read", path.display());
    let mut file = File::open(path).context(what)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).context(what)? {
            0 => break,
            read => hash.update(&buffer[..read]),
        }
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_gives_the_same_bytes() {
        let folder = std::env::temp_dir().join(format!("xtask-archive-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let source = folder.join("bootstrap");
        let sums: Vec<String> = (0..2)
            .map(|_| {
                std::fs::write(&source, b"abc").unwrap();
                let archive = folder.join("a.zip");
                write(&archive, &[Entry { name: "bootstrap", source: &source, mode: 0o755 }], 6).unwrap();
                sha256(&archive).unwrap()
            })
            .collect();
        assert_eq!(sums[0], sums[1]);
        assert_eq!(
            sha256(&source).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let mut zip = zip::ZipArchive::new(File::open(folder.join("a.zip")).unwrap()).unwrap();
        assert_eq!(zip.by_index(0).unwrap().unix_mode().unwrap() & 0o777, 0o755);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
