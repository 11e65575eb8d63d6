//! Telling the system what will be read.

use std::fs::File;

use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};

/// Has these bytes of a file brought into memory, meanwhile. It does not wait, and if it cannot be done, they are read when they are asked for.
pub(crate) fn will_need(file: &File, address: u64, bytes: u64) {
    if let (Ok(address), Ok(bytes)) = (address.try_into(), bytes.try_into()) {
        let _ = posix_fadvise(file, address, bytes, PosixFadviseAdvice::POSIX_FADV_WILLNEED);
    }
}
