//! A library that is loaded before the system's: it has the k-th fork fail, and children dawdle before they ask to die with their parent.

use std::env::temp_dir;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The fork of this number fails,
pub(crate) const FAIL_FORK: &str = "PASHA_FAULTS_FAIL_FORK";
/// with this error.
pub(crate) const ERRNO: &str = "PASHA_FAULTS_ERRNO";
/// So many milliseconds pass before a parent-death signal is set.
pub(crate) const DAWDLE: &str = "PASHA_FAULTS_DAWDLE";

/// A compiled shim; its file goes with it.
pub(crate) struct Shim {
    folder: PathBuf,
}

impl Shim {
    /// Compiles it, if there is a compiler.
    pub(crate) fn compile() -> Option<Self> {
        let shim = Self { folder: temp_dir().join(format!("pasha-faults-{}", std::process::id())) };
        fs::create_dir_all(&shim.folder).ok()?;
        let source = shim.folder.join("shim.c");
        fs::write(&source, include_str!("shim.c")).ok()?;
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let compiled = Command::new(compiler)
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(shim.folder.join("shim.so"))
            .arg(&source)
            .arg("-ldl")
            .stdin(Stdio::null())
            .status();
        compiled.is_ok_and(|status| status.success()).then_some(shim)
    }

    /// The variable that has a program load it.
    pub(crate) fn preload(&self) -> (&'static str, String) {
        ("LD_PRELOAD", self.folder.join("shim.so").to_string_lossy().into_owned())
    }
}

impl Drop for Shim {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
