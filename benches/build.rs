//! Builds the peer in C, where there is a C compiler with OpenMP.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(openmp)");
    println!("cargo::rerun-if-changed=openmp.c");
    println!("cargo::rerun-if-env-changed=CC");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names a folder for what is built"));
    if let Some(runtime) = build(&out) {
        println!("cargo::rustc-cfg=openmp");
        println!("cargo::rustc-link-search=native={}", out.display());
        println!("cargo::rustc-link-lib=static=pasha_bench_openmp");
        println!("cargo::rustc-link-lib={runtime}");
    }
}

/// Gives the name of the library that the peer needs.
fn build(out: &Path) -> Option<&'static str> {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let compile = |last: &[&str], to: &Path| {
        let flags = ["-O2", "-fPIC", "-fopenmp", "openmp.c"];
        succeeds(Command::new(&compiler).args(flags).args(last).arg("-o").arg(to))
    };
    let object = out.join("openmp.o");
    // A shared library is linked only to see whether OpenMP's own is there.
    let built = compile(&["-shared"], &out.join("probe.so"))
        && compile(&["-c"], &object)
        && succeeds(Command::new("ar").arg("rcs").arg(out.join("libpasha_bench_openmp.a")).arg(object));
    let version = Command::new(&compiler).arg("--version").output().ok()?;
    let clang = String::from_utf8_lossy(&version.stdout).contains("clang");
    built.then_some(if clang { "omp" } else { "gomp" })
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
