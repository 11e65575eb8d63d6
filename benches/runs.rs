//! Trains of a European XFEL run, raw and deflated: the mean of each frame, beside a hand-written loop of `pread` that knows where the chunks are.
//!
//! `PASHA_BENCH_RUNS=DIRECTORY cargo bench --bench runs`, where `DIRECTORY/raw` and `DIRECTORY/gzip` are what `make_big.py` (beside `make_runs.py`) writes; a run of
//! several files in `DIRECTORY/many` is opened, too. `benches/python/runs.py` does the same in Python.

use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::layout::DataLayout;
use hdf5_reader::{Hdf5File, btree_v1};
use ndarray::{ArrayView2, ArrayView3};
use pasha::euxfel::{Key, run_directory};
use pasha::{Context, Ix3};
use pasha_benches::Bar::{AtLeast, None as NoBar};
use pasha_benches::{Pool, Race, Table, Unit, clock, quick};
use rayon::prelude::*;

const SOURCE: &str = "SPB_DET_AGIPD1M-1/DET/0CH0:xtdf";
const PIXELS: usize = 512 * 128;

/// The mean of each frame of a train.
#[pasha::kernel]
fn means(
    _worker_id: usize,
    _index: usize,
    _train_id: u64,
    frames: ArrayView3<'_, u16>,
    #[out(ranges)] mean: &mut [f64],
) {
    for (frame, mean) in frames.outer_iter().zip(mean) {
        *mean = mean_of(frame.as_slice().unwrap_or_default());
    }
}

/// The mean of one frame.
#[pasha::kernel]
fn mean_of_one(
    _worker_id: usize,
    _index: usize,
    _train_id: u64,
    _entry: usize,
    frame: ArrayView2<'_, u16>,
    #[out] mean: &mut f64,
) {
    *mean = mean_of(frame.as_slice().unwrap_or_default());
}

fn mean_of(frame: &[u16]) -> f64 {
    let sums = frame.chunks(4096).map(|part| u64::from(part.iter().map(|&pixel| u32::from(pixel)).sum::<u32>()));
    sums.sum::<u64>() as f64 / frame.len() as f64
}

fn main() {
    let Some(runs) = std::env::var_os("PASHA_BENCH_RUNS").map(PathBuf::from) else {
        println!("skipped: PASHA_BENCH_RUNS names no directory with runs (see the head of benches/runs.rs)");
        return;
    };
    for (kind, workers) in [("raw", 2), ("gzip", 2)] {
        let path = runs.join(kind);
        if path.is_dir()
            && let Some(table) = Table::begin(&format!("runs: mean of each frame, {kind}, 512 × 128 u16"))
        {
            compare(&table, &path, kind, workers);
        }
    }
    if let Some(table) = Table::begin("runs: opening") {
        let (one, many) = (runs.join("raw"), runs.join("many"));
        let many = if many.is_dir() { &many } else { &one };
        let mut race = Race::default();
        race.enter("a key of 8000 chunks", || clock(|| drop(key(&one))));
        race.enter("one file", || clock(|| drop(run_directory(&one).expect("the run opens"))));
        race.enter("many files", || clock(|| drop(run_directory(many).expect("the run opens"))));
        let [key, open, open_many] = race.run();
        table.row(&key, &open, Unit::Call, NoBar);
        table.row(&open_many, &open, Unit::Call, NoBar);
    }
}

fn key(path: &Path) -> Key<u16, Ix3> {
    let run = run_directory(path).expect("the run opens");
    let trains = if quick() { 10 } else { run.train_ids().len() };
    let run = run.select_trains(..trains).expect("a range of trains is cut to what there is");
    run.key(SOURCE, "image.data").expect("the run has the key")
}

fn compare(table: &Table, path: &Path, kind: &str, workers: usize) {
    let frames = key(path);
    let offsets = frames.offsets();
    let expected = RefCell::new(None);
    let checked = |mean: &[f64]| {
        let mut expected = expected.borrow_mut();
        assert_eq!(mean, expected.get_or_insert_with(|| mean.to_vec()), "all contenders find the same");
    };
    let map = |context: Context| {
        let mut mean = context.alloc::<f64>().shape(frames.entries()).build().expect("there is memory for the bench");
        let seconds = clock(|| {
            let mean = mean.ranges(&offsets).expect("the offsets are those of the entries");
            context.map(means { mean }, &frames).expect("the run can be read");
        });
        checked(&mean.to_vec());
        seconds
    };
    let entries = frames.clone().by_entry();
    let map_entries = |context: Context| {
        let mut mean = context.alloc::<f64>().shape(frames.entries()).build().expect("there is memory for the bench");
        let seconds = clock(|| {
            context.map(mean_of_one { mean: &mut mean }, &entries).expect("the run can be read");
        });
        checked(&mean.to_vec());
        seconds
    };
    let chunks = chunks_of(&path.join("RAW-R0001-AGIPD00-S00000.h5"));
    let chunks = &chunks[..frames.entries()];
    let hand = |pool: &Pool| {
        let mut mean = vec![0.0; chunks.len()];
        let share = chunks.len().div_ceil(pool.current_num_threads());
        let seconds = clock(|| {
            pool.install(|| {
                let shares = chunks.par_chunks(share).zip(mean.par_chunks_mut(share));
                shares.for_each(|(chunks, mean)| read_by_hand(path, chunks, mean, kind == "gzip"));
            });
        });
        checked(&mean);
        seconds
    };

    let threads = || Context::threads().workers(workers).build().expect("threads can be started");
    let processes = || Context::processes().workers(workers).build().expect("processes are not started yet");
    let mut race = Race::default();
    race.enter("threads:2, frames", || map_entries(threads()));
    race.enter("processes:2, frames", || map_entries(processes()));
    race.enter("threads:2, trains", || map(threads()));
    race.enter("processes:2, trains", || map(processes()));
    race.enter("serial, frames", || map_entries(Context::serial()));
    race.enter("pread loop, 2 threads", || hand(&Pool::new(workers)));
    race.enter("pread loop, 1 thread", || hand(&Pool::new(1)));
    let [threads, processes, threads_trains, processes_trains, serial, hand, hand_alone] = race.run();
    let bytes = Unit::Bytes(chunks.len() * PIXELS * 2);
    table.row(&threads, &hand, bytes, AtLeast("xfel", 0.95));
    table.row(&processes, &hand, bytes, AtLeast("xfel", 0.95));
    table.row(&threads_trains, &hand, bytes, NoBar);
    table.row(&processes_trains, &hand, bytes, NoBar);
    table.row(&serial, &hand_alone, bytes, NoBar);
}

/// A share of the chunks, one frame each.
fn read_by_hand(path: &Path, chunks: &[(u64, usize)], mean: &mut [f64], deflated: bool) {
    let file = File::open(path.join("RAW-R0001-AGIPD00-S00000.h5")).expect("the file opens");
    let mut frame = vec![0_u16; PIXELS];
    let (mut stored, mut sorted) = (vec![0; 4 * PIXELS], vec![0; 2 * PIXELS]);
    let mut inflate = zlib_rs::Inflate::new(true, 15);
    for (&(address, size), mean) in chunks.iter().zip(mean) {
        if deflated {
            file.read_exact_at(&mut stored[..size], address).expect("the chunk is there");
            inflate.reset(true);
            inflate
                .decompress(&stored[..size], &mut sorted, zlib_rs::InflateFlush::Finish)
                .expect("the chunk inflates");
            let (low, high) = sorted.split_at(PIXELS);
            for ((pixel, low), high) in frame.iter_mut().zip(low).zip(high) {
                *pixel = u16::from_le_bytes([*low, *high]);
            }
        } else {
            file.read_exact_at(bytemuck::cast_slice_mut(&mut frame), address).expect("the chunk is there");
        }
        *mean = mean_of(&frame);
    }
}

/// Where the frames are: address and stored bytes.
fn chunks_of(path: &Path) -> Vec<(u64, usize)> {
    let file = Hdf5File::open(path).expect("the file opens");
    let dataset = file.dataset(&format!("INSTRUMENT/{SOURCE}/image/data")).expect("the frames are there");
    let header = file.get_or_parse_header(dataset.address()).expect("it has a header");
    let layout = header.messages.iter().find_map(|message| match message {
        HdfMessage::DataLayout(layout) => Some(&layout.layout),
        _ => None,
    });
    let Some(DataLayout::Chunked { address, dims, .. }) = layout else { panic!("the frames are in chunks") };
    let leaves = btree_v1::collect_btree_v1_leaves_storage(file.storage(), *address, 8, 8, Some(3), dims, None);
    leaves
        .expect("the chunks have an index")
        .into_iter()
        .filter_map(|(key, address)| match key {
            btree_v1::BTreeV1Key::RawData { chunk_size, .. } => Some((address, chunk_size as usize)),
            _ => None,
        })
        .collect()
}
