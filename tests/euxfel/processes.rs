//! Runs in process contexts, on the only thread of this program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Trial};
use ndarray::{ArrayView2, ArrayView3, ArrayView4, ArrayViewD, Ix2, Ix3, Ix4, IxDyn, s};
use pasha::euxfel::{DataOnly, Detector, Key, Kind, Run, Strings, Value, open_run, run_directory, together};
use pasha::functor::{chunks, zip};
use pasha::prelude::*;

const CAMERA: &str = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput";

fn main() -> ExitCode {
    if std::env::var_os("PASHA_TEST_OPEN_RUN").is_some() {
        let run = open_run(900_123, 5).expect("the run that the environment names");
        return ExitCode::from(run.train_ids().len() as u8);
    }
    pasha::init().expect("there is one thread");
    let trials = vec![
        Trial::test("every_worker_opens_its_own_files", || run(every_worker_opens_its_own_files)),
        Trial::test("several_keys_and_detectors_go_together", || run(several_keys_and_detectors_go_together)),
        Trial::test("any_key_is_sent_to_waiting_workers", || run(any_key_is_sent_to_waiting_workers)),
        Trial::test("whatever_is_made_of_keys_is_sent_to_waiting_workers", || {
            run(whatever_is_made_of_keys_is_sent_to_waiting_workers)
        }),
        Trial::test("workers_in_another_directory_find_the_files", || run(workers_in_another_directory_find_the_files)),
        Trial::test("what_is_too_much_to_be_sent_is_told", || run(what_is_too_much_to_be_sent_is_told)),
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

fn processes() -> [Context; 4] {
    let [two, three] = [2, 3].map(|workers| Context::processes().workers(workers));
    [two.clone(), three.clone(), two.resident(), three.resident()].map(|context| context.build().unwrap())
}

fn residents() -> Context {
    Context::processes().workers(2).resident().build().unwrap()
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
fn numbers<T: Value>(
    _worker_id: usize,
    index: usize,
    train_id: u64,
    data: ArrayViewD<'_, T>,
    #[out] found: &mut [u64],
) {
    let bytes = data.iter().flat_map(|value| bytemuck::bytes_of(value).iter().copied());
    found.copy_from_slice(&[index as u64, train_id, data.len() as u64, hash(bytes)]);
}

#[pasha::kernel]
fn words(_worker_id: usize, index: usize, train_id: u64, texts: &[String], #[out] found: &mut [u64]) {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0]));
    found.copy_from_slice(&[index as u64, train_id, texts.len() as u64, hash(bytes)]);
}

fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3).rotate_left(7))
}

/// What a kernel finds with waiting workers, without a fork, is what it finds here.
fn compare(
    map: impl Fn(&Context, &mut SharedArray<u64, Ix2>) -> pasha::Result<pasha::Report>,
    rows: usize,
    name: &str,
) {
    let [found, expected] = [residents(), Context::serial()].map(|context| {
        let mut found = context.alloc::<u64>().shape((rows, 4)).build().unwrap();
        let report = map(&context, &mut found).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(report.why_forked(), None, "{name}");
        found.to_owned()
    });
    assert_eq!(found, expected, "{name}");
    assert!(rows == 0 || found.column(1)[0] > 0, "{name}: there is no train 0");
}

fn any_key_is_sent_to_waiting_workers() {
    let mut kinds = BTreeMap::<String, usize>::new();
    for name in ["demo", "odd", "lpd"] {
        let run = run_directory(fixture(name)).unwrap();
        let trains = run.train_ids().len();
        for source in run.sources() {
            for key in run.keys(source).unwrap() {
                let Ok(about) = run.describe(source, &key) else { continue };
                let place = format!("{name}: {source} {key}");
                macro_rules! map {
                    ($type:ty) => {{
                        let data = run.key::<$type, IxDyn>(source, &key).unwrap();
                        compare(|context, found| context.map(numbers { found }, &data), trains, &place)
                    }};
                }
                match about.kind {
                    Kind::Unsigned(1) => map!(u8),
                    Kind::Unsigned(2) => map!(u16),
                    Kind::Unsigned(4) => map!(u32),
                    Kind::Unsigned(_) => map!(u64),
                    Kind::Signed(1) => map!(i8),
                    Kind::Signed(2) => map!(i16),
                    Kind::Signed(4) => map!(i32),
                    Kind::Signed(_) => map!(i64),
                    Kind::Float(4) => map!(f32),
                    Kind::Float(_) => map!(f64),
                    Kind::Text(_) => {
                        let data = run.strings(source, &key).unwrap();
                        compare(|context, found| context.map(words { found }, &data), trains, &place);
                    }
                }
                *kinds.entry(about.kind.to_string()).or_default() += 1;
            }
        }
    }
    assert!(kinds.len() == 11 && kinds.values().sum::<usize>() > 50, "{kinds:?}");
}

#[pasha::kernel]
fn entry(
    _worker_id: usize,
    index: usize,
    train_id: u64,
    entry: usize,
    frame: ArrayView2<'_, u16>,
    #[out] found: &mut [u64],
) {
    let sum = frame.iter().map(|&pixel| u64::from(pixel)).sum();
    found.copy_from_slice(&[index as u64, train_id, entry as u64, sum]);
}

#[pasha::kernel]
fn maybe(_worker_id: usize, index: usize, train_id: u64, frame: Option<ArrayView2<'_, u16>>, #[out] found: &mut [u64]) {
    let sum = |frame: ArrayView2<'_, u16>| frame.iter().map(|&pixel| u64::from(pixel)).sum();
    found.copy_from_slice(&[index as u64, train_id, frame.is_some().into(), frame.map_or(0, sum)]);
}

#[derive(pasha::Functor)]
struct Shots {
    frames: Key<u16, Ix3>,
    modules: DataOnly<Detector<u16, Ix4>>,
    state: DataOnly<Strings>,
}

#[pasha::kernel]
fn shot(_worker_id: usize, _index: usize, shot: ShotsItem<'_>, #[out] found: &mut [u64]) {
    let (train_id, frames) = shot.frames;
    let sums = [frames.iter().map(|&pixel| u64::from(pixel)).sum(), shot.modules.len() as u64];
    found.copy_from_slice(&[shot.state.len() as u64, train_id, sums[0], sums[1]]);
}

fn whatever_is_made_of_keys_is_sent_to_waiting_workers() {
    let run = demo();
    let camera = run.key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    let some = camera.clone().select_trains(3..17).unwrap().roi(s![10..20, ..]).unwrap();
    let entries = some.clone().by_entry();
    compare(|context, found| context.map(entry { found }, &entries), some.entries(), "entries");
    let single = some.single().optional();
    compare(|context, found| context.map(maybe { found }, &single), 14, "a region of some trains");
    compare(|context, found| context.map(maybe { found }, Box::new(single.clone())), 14, "in a box");
    let shots = Shots {
        frames: camera,
        modules: run.detector("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data", 3..6).unwrap().data_only(),
        state: run.strings("SA1_XTD2_XGM/DOOCS/MAIN", "state").unwrap().data_only(),
    };
    compare(|context, found| context.map(shot { found }, &shots), 18, "a struct");
}

fn workers_in_another_directory_find_the_files() {
    let context = residents();
    let before = std::env::current_dir().unwrap();
    std::env::set_current_dir(fixture("")).unwrap();
    let key = run_directory("demo").unwrap().key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    let mut found = context.alloc::<u64>().shape((18, 3)).build().unwrap();
    let report = context.map(sum { found: &mut found }, &key);
    std::env::set_current_dir(before).unwrap();
    assert_eq!(report.unwrap().why_forked(), None);
    assert_eq!(found.row(17).to_vec()[..2], [17, key.train_ids()[17]]);
}

#[pasha::kernel]
fn with_rows(
    _worker_id: usize,
    _index: usize,
    rows: &[u8],
    (train_id, _): (u64, ArrayView3<'_, u16>),
    #[out] found: &mut u64,
) {
    *found = train_id + rows.len() as u64;
}

fn what_is_too_much_to_be_sent_is_told() {
    let context = residents();
    let key = demo().key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    let mut found = context.alloc::<u64>().shape(18).build().unwrap();
    for (rows, why) in
        [(100, None), (58_250, Some("of `SPB_IRU_CAM/CAM/SIDEMIC:daqOutput`, `data.image.pixels` is too much"))]
    {
        let bytes = vec![1_u8; 18 * rows];
        let report = context.map(with_rows { found: &mut found }, zip(chunks(&bytes, rows), &key)).unwrap();
        assert_eq!(report.why_forked().is_some(), why.is_some(), "{report}");
        assert!(report.why_forked().unwrap_or_default().contains(why.unwrap_or_default()), "{report}");
        assert_eq!(found[17], key.train_ids()[17] + rows as u64);
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
