//! Files as memory, read-only.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// The bytes of a file, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Mapped(Mmap);

impl Mapped {
    /// Maps the whole of a file, as long as it is now.
    pub(crate) fn new(file: &File) -> io::Result<Self> {
        // SAFETY: nothing of this program writes through the mapping. What others write to the file shows as other bytes: whoever reads
        // elements of it takes any bytes for a value, and is told to leave the file alone. A file that others cut off ends the reader by
        // SIGBUS, which is not a wrong access but the end of the process.
        unsafe { Mmap::map(file) }.map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
