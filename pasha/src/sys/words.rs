//! Words that a host shares with its worker processes.

use std::marker::PhantomData;
use std::sync::atomic::AtomicU64;

use super::memory::{Memory, Sharing, Span};
use crate::error::Result;
use crate::share::{Head, Post, Word};

/// Types made of atomics only.
///
/// # Safety
///
/// Every bit pattern is a value, all fields are atomics, and nothing needs to be dropped.
pub(crate) unsafe trait Words {}

// SAFETY: atomics only.
unsafe impl Words for Head {}
// SAFETY: atomics only.
unsafe impl Words for Post {}
// SAFETY: atomics only.
unsafe impl<const N: usize> Words for [AtomicU64; N] {}
// SAFETY: an atomic.
unsafe impl Words for Word {}

/// Words, all zero at first, in memory that later forks share.
pub(crate) struct SharedWords {
    memory: Memory,
}

/// Where some words lie among others.
#[derive(Debug)]
pub(crate) struct Place<W> {
    offset: usize,
    len: usize,
    words: PhantomData<W>,
}

/// Lays several kinds of words out in one piece of memory.
#[derive(Default)]
pub(crate) struct Layout {
    bytes: usize,
}

impl Layout {
    /// Room for so many.
    pub(crate) fn add<W: Words>(&mut self, len: usize) -> Place<W> {
        let offset = self.bytes.next_multiple_of(align_of::<W>());
        self.bytes = offset + len * size_of::<W>();
        Place { offset, len, words: PhantomData }
    }

    pub(crate) fn allocate(self) -> Result<SharedWords> {
        Ok(SharedWords { memory: Memory::zeroed(self.bytes, align_of::<Post>(), Sharing::Processes)? })
    }
}

impl SharedWords {
    pub(crate) fn span(&self) -> Span {
        self.memory.span()
    }

    pub(crate) fn get<W: Words>(&self, place: &Place<W>) -> &[W] {
        let Place { offset, len, .. } = *place;
        let end = len.checked_mul(size_of::<W>()).and_then(|bytes| offset.checked_add(bytes));
        assert!(end.is_some_and(|end| end <= self.memory.span().bytes), "a place of this layout");
        // SAFETY: the end of the place lies in the memory, as just checked, and so does its beginning.
        let start = unsafe { self.memory.start().add(offset) }.cast::<W>();
        assert!(start.is_aligned(), "a place of this layout");
        // SAFETY: `memory` holds `len` of them there, aligned, for as long as `self` lives; zeros and whatever another process stores are values
        // of atomics, and these may change behind a shared reference. Words of several kinds over each other would still be atomics.
        unsafe { std::slice::from_raw_parts(start.as_ptr(), len) }
    }
}
