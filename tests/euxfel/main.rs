//! European XFEL runs: what EXtra-data reads from them, what users do with them, and what happens to damaged files.

mod damage;
mod kernels;
mod manifest;
mod opening;
mod selection;

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A run that ships with the tests.
fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/euxfel").join(name)
}

/// A directory of one test, removed with all that is in it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("euxfel-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Copies a run, or a part of it, to a directory in this one.
    fn copy(&self, run: &str, to: &str, which: impl Fn(&str) -> bool) -> PathBuf {
        let to = self.0.join(to);
        std::fs::create_dir_all(&to).unwrap();
        for file in fixture(run).read_dir().unwrap() {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            if which(&name) {
                std::fs::copy(file.path(), to.join(name)).unwrap();
            }
        }
        to
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The error that was expected, with all of these words in it.
#[track_caller]
fn refused<T: Debug>(result: pasha::Result<T>, words: &[&str]) {
    let error = result.expect_err("an error").to_string();
    for word in words {
        assert!(error.contains(word), "{word:?} is not in {error:?}");
    }
}
