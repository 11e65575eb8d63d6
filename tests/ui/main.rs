//! What does not compile, with what the compiler says about it (`*/fail`), and what does, and then does what it should (`*/pass`).

use std::fs;
use std::path::Path;
use std::process::Command;

mod pass;

/// The words of the compiler change; they are compared for this release only.
const COMPILER: &str = "rustc 1.95.";

const TOPICS: [&str; 4] = ["kernel", "functor", "map", "array"];

#[test]
fn mistakes_are_explained() {
    let rustc = Command::new("rustc").arg("--version").output().expect("rustc can be run");
    let version = String::from_utf8_lossy(&rustc.stdout).into_owned();
    if version.starts_with(COMPILER) {
        trybuild::TestCases::new().compile_fail("ui/*/fail/*.rs");
    } else {
        println!("skipped: the messages are those of {COMPILER}x, and this is {}", version.trim());
    }
}

#[test]
fn no_file_is_forgotten() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let stems = |folder: &Path, extension: &str| -> Vec<String> {
        let files =
            fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("it can be listed").path());
        let files = files.filter(|file| file.extension().is_some_and(|found| found == extension));
        let mut stems: Vec<_> =
            files.map(|file| file.file_stem().expect("a file has a name").to_string_lossy().into_owned()).collect();
        stems.sort();
        stems
    };
    let listed = fs::read_to_string(here.join("pass.rs")).expect("the list is there");
    for topic in TOPICS {
        let fail = here.join(topic).join("fail");
        assert_eq!(stems(&fail, "rs"), stems(&fail, "stderr"), "each mistake has its message");
        for stem in stems(&here.join(topic).join("pass"), "rs") {
            assert!(listed.contains(&format!("{topic}/pass/{stem}.rs")), "{topic}/pass/{stem}.rs is not in pass.rs");
        }
    }
}
