//! Runs in process contexts, on the only thread of this program.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Trial};
use ndarray::{ArrayView3, ArrayView4, Ix3, Ix4};
use pasha::euxfel::{Run, open_run, run_directory, together};
use pasha::prelude::*;

const CAMERA: &str = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput";

fn main() -> ExitCode {
    if std::env::var_os("PASHA_TEST_OPEN_RUN").is_some() {
        let run = open_run(900_123, 5).expect("the run that the environment names");
        return ExitCode::from(run.train_ids().len() as u8);
    }
    let trials = vec![
        Trial::test("every_worker_opens_its_own_files", || run(every_worker_opens_its_own_files)),
        Trial::test("several_keys_and_detectors_go_together", || run(several_keys_and_detectors_go_together)),
        Trial::test("a_worker_holds_no_more_files_than_it_reads", || run(a_worker_holds_no_more_files_than_it_reads)),
        Trial::test("a_missing_file_is_an_error_with_its_index", || run(a_missing_file_is_an_error_with_its_index)),
        Trial::test("the_environment_says_where_proposals_are", || run(the_environment_says_where_proposals_are)),
    ];
    libtest_mimic::run(&Arguments { test_threads: Some(1), ..Arguments::from_args() }, trials).exit_code()
}

fn run(test: fn()) -> Result<(), libtest_mimic::Failed> {
    test();
    Ok(())
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/euxfel").join(name)
}

fn demo() -> Run {
    run_directory(fixture("demo")).unwrap()
}

fn processes() -> [Context; 2] {
    [2, 3].map(|workers| Context::processes().workers(workers).build().unwrap())
}

#[pasha::kernel]
fn sum(_worker_id: usize, index: usize, train_id: u64, frames: ArrayView3<'_, u16>, #[out] found: &mut [u64]) {
    found.copy_from_slice(&[index as u64, train_id, frames.iter().map(|&pixel| u64::from(pixel)).sum()]);
}

fn every_worker_opens_its_own_files() {
    let key = demo().key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    let serial = Context::serial();
    let mut expected = serial.alloc::<u64>().shape((18, 3)).build().unwrap();
    serial.map(sum { found: &mut expected }, &key).unwrap();
    for context in processes() {
        for _ in 0..3 {
            let mut found = context.alloc::<u64>().shape((18, 3)).build().unwrap();
            context.map(sum { found: &mut found }, &key).unwrap();
            assert_eq!(found, expected);
        }
    }
}

#[pasha::kernel]
fn both(
    _worker_id: usize,
    _index: usize,
    _train_id: u64,
    camera: Option<ArrayView3<'_, u16>>,
    modules: ArrayView4<'_, u16>,
    #[reduce(sum)] sums: &mut [u64],
) {
    sums[0] += camera.map_or(0, |frames| frames.len() as u64);
    sums[1] += modules.iter().map(|&pixel| u64::from(pixel)).sum::<u64>();
}

fn several_keys_and_detectors_go_together() {
    let run = demo();
    let camera = run.key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap().optional();
    let modules = run.detector::<u16, Ix4>("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data", 0..16).unwrap();
    let serial = Context::serial();
    let mut expected = serial.alloc::<u64>().shape(2).build().unwrap();
    serial.map(both { sums: &mut expected }, together((&camera, &modules))).unwrap();
    assert_eq!(expected[0], 14 * 48 * 64);
    for context in processes() {
        let mut sums = context.alloc::<u64>().shape(2).build().unwrap();
        context.map(both { sums: &mut sums }, together((&camera, &modules))).unwrap();
        assert_eq!(sums, expected);
    }
}

#[pasha::kernel]
fn open_files(_worker_id: usize, _index: usize, _train_id: u64, _frames: ArrayView3<'_, u16>, #[out] files: &mut u64) {
    *files = runs_open() as u64;
}

/// How many files of runs this process has open.
fn runs_open() -> usize {
    let files = Path::new("/proc/self/fd").read_dir().unwrap();
    let names = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    names.filter(|name| name.extension().is_some_and(|extension| extension == "h5")).count()
}

fn a_worker_holds_no_more_files_than_it_reads() {
    let key = demo().key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap().drop_empty_trains();
    assert_eq!(runs_open(), 0, "a run that is open has no files open");
    for context in processes() {
        let mut files = context.alloc::<u64>().shape(14).build().unwrap();
        context.map(open_files { files: &mut files }, &key).unwrap();
        assert_eq!(files.to_vec(), [1; 14]);
    }
    assert_eq!(runs_open(), 0);
}

fn a_missing_file_is_an_error_with_its_index() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("euxfel-missing-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    for sequence in 0..2 {
        let name = format!("RAW-R0005-DA01-S{sequence:05}.h5");
        std::fs::copy(fixture("demo").join(&name), path.join(name)).unwrap();
    }
    let key = run_directory(&path).unwrap().key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    std::fs::remove_file(path.join("RAW-R0005-DA01-S00001.h5")).unwrap();
    for context in processes() {
        let mut found = context.alloc::<u64>().shape((18, 3)).build().unwrap();
        let error = context.map(sum { found: &mut found }, &key).unwrap_err();
        assert_eq!(error.index(), Some(9), "{error}");
        assert!(error.to_string().contains("DA01-S00001.h5: the file is not there"), "{error}");
    }
    std::fs::remove_dir_all(&path).unwrap();
}

fn the_environment_says_where_proposals_are() {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("euxfel-root-{}", std::process::id()));
    let raw = root.join("SPB/202601/p900123/raw");
    std::fs::create_dir_all(&raw).unwrap();
    std::os::unix::fs::symlink(fixture("lpd"), raw.join("r0005")).unwrap();
    let mut again = Command::new(std::env::current_exe().unwrap());
    let status = again.env("PASHA_TEST_OPEN_RUN", "1").env("EXTRA_DATA_DATA_ROOT", &root).status().unwrap();
    assert_eq!(status.code(), Some(5));
    std::fs::remove_dir_all(&root).unwrap();
}
