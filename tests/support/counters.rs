//! Counters that worker processes share with their host, beside the library that is under test.

#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// Counters, zero at first, that every process forked from now on sees: what kernels under test tell the test.
#[derive(Debug)]
pub struct Counters {
    start: NonNull<AtomicU64>,
    len: usize,
}

impl Counters {
    /// This many counters, at least one.
    pub fn new(len: usize) -> Self {
        let bytes = bytes(len);
        // SAFETY: the system chooses the place, so that no other mapping is touched.
        let start =
            unsafe { mmap_anonymous(None, bytes, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED) };
        Self { start: start.expect("a few pages can be had").cast(), len }
    }

    /// Adds one to a counter and gives what it was.
    pub fn count(&self, counter: usize) -> u64 {
        self[counter].fetch_add(1, SeqCst)
    }

    /// What a counter says.
    pub fn get(&self, counter: usize) -> u64 {
        self[counter].load(SeqCst)
    }

    /// The sum of all.
    pub fn total(&self) -> u64 {
        self.iter().map(|counter| counter.load(SeqCst)).sum()
    }

    /// Waits until a counter says at least so much; the watchdog ends a test that waits in vain.
    pub fn wait_for(&self, counter: usize, least: u64) {
        while self.get(counter) < least {
            thread::yield_now();
        }
    }
}

impl Deref for Counters {
    type Target = [AtomicU64];

    fn deref(&self) -> &[AtomicU64] {
        // SAFETY: `new` mapped room for `len` of them, page-aligned, until `self` is dropped; any bytes are a value of an atomic.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Counters {
    fn drop(&mut self) {
        // SAFETY: mapped with this length in `new`, and nobody borrows it any more.
        let unmapped = unsafe { munmap(self.start.cast(), bytes(self.len).get()) };
        assert_eq!(unmapped, Ok(()));
    }
}

// SAFETY: it owns its mapping, which holds atomics only.
unsafe impl Send for Counters {}
// SAFETY: as above.
unsafe impl Sync for Counters {}

fn bytes(len: usize) -> NonZeroUsize {
    NonZeroUsize::new(len * size_of::<AtomicU64>()).expect("at least one counter")
}
