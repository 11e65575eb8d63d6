//! European XFEL runs: kernels mapped over the keys of detectors and devices, train by train.

use std::fmt::Display;
use std::path::Path;

use crate::error::Error;

mod buffer;
mod chunks;
mod data;
mod detector;
mod file;
mod filters;
mod hdf5;
mod key;
mod run;
mod select;
mod strings;
mod together;
mod trains;
mod value;

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
