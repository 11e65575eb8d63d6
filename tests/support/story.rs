//! What an error says, but for who it happened to.

use std::ops::Range;

use pasha::{Error, ErrorKind};

/// The kind, the index and the message of an error. The worker's number is left out: which worker comes to an index is nobody's business.
pub fn story(error: &Error) -> (ErrorKind, Option<usize>, String) {
    let mut message = error.to_string();
    if let Some(worker) = error.worker() {
        message = message.replace(&format!("worker {worker}"), "the worker");
    }
    (error.kind(), error.index(), message)
}

/// The numbers of some ranges, one by one.
pub fn each(ranges: &[Range<usize>]) -> Vec<usize> {
    ranges.iter().cloned().flatten().collect()
}
