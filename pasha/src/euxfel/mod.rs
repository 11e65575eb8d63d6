//! European XFEL runs: kernels mapped over the keys of detectors and devices, train by train.
//!
//! What [EXtra-data] and the original pasha do in Python, at the speed of the page cache: structures are read once, when a key is asked
//! for; chunks are read by each worker on its own, straight into a buffer that it keeps, with inflating and unshuffling in the worker, and without
//! a lock anywhere. Nothing is allocated for a train (but strings), and no file is open but those that are being read.
//!
//! ```no_run
//! use ndarray::{ArrayView3, Ix3};
//! use pasha::euxfel::open_run;
//!
//! #[pasha::kernel]
//! fn analysis_kernel(_worker_id: usize, _index: usize, _train_id: u64, data: ArrayView3<'_, u16>, #[out] mean: &mut f64) {
//!     *mean = data.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / data.len() as f64;
//! }
//!
//! let run = open_run(700_000, 1)?;
//! let frames = run.key::<u16, Ix3>("SPB_DET_AGIPD1M-1/DET/0CH0:xtdf", "image.data")?;
//! let mut mean = pasha::alloc().shape(run.train_ids().len()).build()?;
//! pasha::map(analysis_kernel { mean: &mut mean }, &frames)?;
//! # Ok::<(), pasha::Error>(())
//! ```
//!
//! # From Python
//!
//! Each pair does the same.
//!
//! ## Opening
//!
//! ```python
//! run = open_run(proposal=700000, run=1)
//! run = RunDirectory("/path/r0001")
//! run = H5File("/path/r0001/RAW-R0001-DA01-S00000.h5")
//! ```
//! ```no_run
//! # use pasha::euxfel::{h5_file, open_run, run_directory};
//! let run = open_run(700_000, 1)?;
//! let run = run_directory("/path/r0001")?;
//! let run = h5_file("/path/r0001/RAW-R0001-DA01-S00000.h5")?;
//! # Ok::<(), pasha::Error>(())
//! ```
//!
//! ## Sources, keys, trains
//!
//! ```python
//! run.all_sources, run.control_sources, run.train_ids
//! run[source].keys()
//! sel = run.select("*/DET/*", "image.*")
//! sel = run.select([(camera, "data.image.pixels"), (xgm, "pulseEnergy.*")], require_all=True)
//! kd = run[source, "image.data"]
//! kd.dtype, kd.entry_shape
//! ```
//! ```no_run
//! # use ndarray::Ix3;
//! # fn example(run: pasha::euxfel::Run, source: &str, camera: &str, xgm: &str) -> pasha::Result<()> {
//! let (sources, control, ids) = (run.sources(), run.control_sources(), run.train_ids());
//! let keys = run.keys(source)?;
//! let sel = run.select("*/DET/*", "image.*")?;
//! let sel = run.select_any(&[(camera, "data.image.pixels"), (xgm, "pulseEnergy.*")])?.require_all()?;
//! let key = run.key::<u16, Ix3>(source, "image.data")?;
//! let about = run.describe(source, "image.data")?;
//! # Ok(()) }
//! ```
//!
//! ## Mapping over a key
//!
//! ```python
//! def kernel(worker_id, index, train_id, data):
//!     mean[index] = data.mean()
//!
//! psh.map(kernel, run[source, "image.data"])
//! ```
//! ```no_run
//! # use ndarray::{ArrayView3, Ix3};
//! #[pasha::kernel]
//! fn kernel(_worker_id: usize, _index: usize, _train_id: u64, data: ArrayView3<'_, f32>, #[out] mean: &mut f32) {
//!     *mean = data.mean().unwrap_or(f32::NAN);
//! }
//!
//! # fn example(run: pasha::euxfel::Run, source: &str) -> pasha::Result<()> {
//! # let mut mean = pasha::alloc().shape(run.train_ids().len()).build()?;
//! pasha::map(kernel { mean: &mut mean }, run.key::<f32, Ix3>(source, "image.data")?)?;
//! # Ok(()) }
//! ```
//!
//! Axis 0 of `data` counts the entries of the train. Where each train has one, [`single`](Key::single) leaves that axis out, as Python does
//! of itself.
//!
//! ## Trains without data
//!
//! ```python
//! def kernel(worker_id, index, train_id, data):
//!     mean[index] = data.mean() if data.size else np.nan
//!
//! psh.map(kernel, run[source, key])
//! full = run[source, key].drop_empty_trains()
//! ```
//! ```no_run
//! # use ndarray::{ArrayView2, Ix3};
//! #[pasha::kernel]
//! fn kernel(_worker_id: usize, index: usize, train_id: u64, data: Option<ArrayView2<'_, f32>>, #[out] mean: &mut f32) {
//!     *mean = data.and_then(|data| data.mean()).unwrap_or(f32::NAN);
//! }
//!
//! # fn example(run: pasha::euxfel::Run, source: &str, key: &str) -> pasha::Result<()> {
//! # let mut mean = pasha::alloc().shape(run.train_ids().len()).build()?;
//! let frames = run.key::<f32, Ix3>(source, key)?;
//! // All trains of the run; or only those with data, whose ids are in `full.train_ids()`.
//! pasha::map(kernel { mean: &mut mean }, frames.clone().single().optional())?;
//! let full = frames.drop_empty_trains();
//! # Ok(()) }
//! ```
//!
//! ## All sources of a train
//!
//! ```python
//! def kernel(worker_id, index, train_id, data):
//!     frames, energy = data[camera]["data.image.pixels"], data[xgm]["pulseEnergy.photonFlux.value"]
//!
//! psh.map(kernel, run.select([(camera, "data.image.pixels"), (xgm, "pulseEnergy.photonFlux")]))
//! ```
//! ```no_run
//! # use ndarray::{ArrayView0, ArrayView3, Ix1, Ix3};
//! # use pasha::euxfel::together;
//! #[pasha::kernel]
//! fn kernel(
//!     _worker_id: usize,
//!     _index: usize,
//!     _train_id: u64,
//!     frames: ArrayView3<'_, u16>,
//!     energy: ArrayView0<'_, f32>,
//!     #[out] ratio: &mut f32,
//! ) {
//!     *ratio = frames.iter().map(|&pixel| f32::from(pixel)).sum::<f32>() / energy[()];
//! }
//!
//! # fn example(run: pasha::euxfel::Run, camera: &str, xgm: &str) -> pasha::Result<()> {
//! # let mut ratio = pasha::alloc().shape(run.train_ids().len()).build()?;
//! let frames = run.key::<u16, Ix3>(camera, "data.image.pixels")?;
//! let energy = run.key::<f32, Ix1>(xgm, "pulseEnergy.photonFlux")?.single();
//! pasha::map(kernel { ratio: &mut ratio }, together((&frames, &energy)))?;
//! # Ok(()) }
//! ```
//!
//! More than a few keys make a struct, which is then a run of shots: [`#[derive(Functor)]`](macro@crate::Functor).
//!
//! ## Selecting and splitting trains
//!
//! ```python
//! run.select_trains(np.s_[10:20])
//! run.select_trains(by_id[10_005:10_010])
//! run.select_trains(by_id[[10_003, 10_007]])
//! for part in run.split_trains(parts=4): ...
//! ```
//! ```no_run
//! # use pasha::euxfel::by_id;
//! # fn example(run: pasha::euxfel::Run) -> pasha::Result<()> {
//! run.select_trains(10..20)?;
//! run.select_trains(by_id(10_005..10_010))?;
//! run.select_trains(by_id([10_003, 10_007]))?;
//! for part in run.split_trains(4) {}
//! # Ok(()) }
//! ```
//!
//! ## Pulses: counts, regions, everything at once
//!
//! ```python
//! counts = kd.data_counts(labelled=False)
//! offsets = np.concatenate([[0], np.cumsum(counts)])
//! part = kd.ndarray(roi=np.s_[100:200, :])
//! ```
//! ```no_run
//! # use ndarray::{Ix3, s};
//! # fn example(kd: pasha::euxfel::Key<u16, Ix3>) -> pasha::Result<()> {
//! let counts = kd.data_counts();
//! let offsets = kd.offsets(); // for outputs with `#[out(ranges)]`
//! let part = kd.roi(s![100..200, ..])?.ndarray()?;
//! # Ok(()) }
//! ```
//!
//! Where a kernel takes one entry at a time, it can be given just that: `kd.by_entry()` has an item for each, counted through all trains, so that an
//! output needs no ranges.
//!
//! ## Detectors
//!
//! ```python
//! def kernel(worker_id, index, train_id, data):
//!     frames = stack_detector_data(data, "image.data", modules=16, fillvalue=0)
//!
//! psh.map(kernel, run.select("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data"))
//! ```
//! ```no_run
//! # use ndarray::{ArrayView4, Ix4};
//! #[pasha::kernel]
//! fn kernel(_worker_id: usize, _index: usize, _train_id: u64, frames: ArrayView4<'_, u16>, #[out] sum: &mut u64) {
//!     *sum = frames.iter().map(|&pixel| u64::from(pixel)).sum();
//! }
//!
//! # fn example(run: pasha::euxfel::Run) -> pasha::Result<()> {
//! # let mut sum = pasha::alloc().shape(run.train_ids().len()).build()?;
//! let detector = run.detector::<u16, Ix4>("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data", 0..16)?.fill(0);
//! pasha::map(kernel { sum: &mut sum }, &detector)?;
//! # Ok(()) }
//! ```
//!
//! # What is read
//!
//! | | read | refused, with file, place and reason |
//! |---|---|---|
//! | files | superblocks 0 to 3, old and new groups, soft links | external links, external storage, virtual datasets (the keys beside one cannot be listed, but are read) |
//! | format versions | 0.5 to 1.3; `first` and `count`, or `first`, `last` and `status` | sources of no known kind |
//! | sections | `CONTROL`, `INSTRUMENT` | `RUN` and auxiliary sources (not looked at) |
//! | types | integers of 8 to 64 bits, `f32`, `f64`, in both byte orders; enumerations (with `bool`) as their integers; strings | `f16`, records, lists, odd encodings |
//! | layouts | compact, contiguous, chunked by any index; unallocated chunks as the fill value | |
//! | filters | deflate, shuffle, fletcher32 (checked) | lzf, szip, nbit, scale-offset, plugins; shuffle alone in the newer chunk indices, where the length is no multiple of the chunk's |
//! | suspect trains | read, as EXtra-data does unless told otherwise: `INDEX/flag` is not looked at | two files with data of one train and source |
//! | writing | – | nothing is written |
//!
//! # In which contexts
//!
//! In all of them: each worker opens the files that it reads from, and closes them. What a key knows of its files (paths, where the trains and chunks lie) is
//! sent to [resident processes](crate::ContextBuilder::resident) with the map: for each key or module 28 bytes a chunk of the run and 32 a train. Where that is more than 1 MiB, processes are forked
//! for the map, and [`Report::why_forked`](crate::Report::why_forked) says so.
//!
//! # Reading ahead
//!
//! A worker that goes through a [`Key`] from train to train, or from entry to entry, reads more and more of them at once, up to 512 KiB: calls into
//! the system are what small ones cost. Where one behind cannot be read, that is an error of its own train only. Trains that went through filters, whose frames are
//! cut into several chunks, or of which a region is read, are read one by one; so are detectors and strings.
//!
//! Files that are not in memory need no more. The system reads ahead for each worker, which reads its trains in ascending order, and keeps the disk busy: 1 GB of frames takes two
//! workers 0.37 s, and plain reading 0.36. To ask it for more, by `POSIX_FADV_WILLNEED`, made that 0.8 to 1.2 s, so that nothing of the kind is done.
//!
//! # Damaged and changing files
//!
//! Whatever is wrong with a file, reading it is an error that names the file, the place in it and the reason; nothing is read beyond
//! what the file has, and no memory is taken because a damaged header asks for it. A file that cannot be opened is left out of a run with a warning
//! ([`Run::skipped`]). A file that has changed since the run was opened (its length or the time of its last change) is an error of whoever reads from it next, also
//! if it changes while a train is being read: a worker looks at the file after each reading.
//!
//! [EXtra-data]: https://extra-data.readthedocs.io

use std::fmt::Display;
use std::path::Path;

use crate::error::Error;

mod buffer;
mod by_entry;
mod chunks;
mod data;
mod detector;
mod file;
mod filters;
mod hdf5;
mod held;
mod key;
mod letter;
mod run;
mod select;
mod strings;
mod together;
mod trains;
mod value;

pub use by_entry::ByEntry;
pub use detector::{Detector, DetectorBuffer};
pub use key::{Axis0, Entries, Key, KeyBuffer, Optional, Single};
pub use run::{Description, Run, Skipped, h5_file, open_run, open_run_in, run_directory};
pub use strings::{Strings, StringsBuffer};
pub use together::{DataOf, DataOnly, Sees, Together, TrainData, together};
pub use trains::{Ids, Trains, by_id};
pub use value::{Kind, Value};

/// What is wrong with a place in a file.
fn fault(file: &Path, place: &str, reason: impl Display) -> Error {
    Error::functor(format!("{}: {place} {reason}", file.display()))
}
