//! Words that a host shares with its worker processes.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::AtomicU64;

use super::memory::{Memory, Sharing, Span};
use crate::error::Result;
use crate::share::{Head, Post};

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

/// A slice of words, all zero at first, in memory that later forks share.
pub(crate) struct SharedWords<W: Words> {
    memory: Memory,
    len: usize,
    words: PhantomData<W>,
}

impl<W: Words> SharedWords<W> {
    pub(crate) fn new(len: usize) -> Result<Self> {
        let memory = Memory::zeroed(len * size_of::<W>(), align_of::<W>(), Sharing::Processes)?;
        Ok(Self { memory, len, words: PhantomData })
    }

    pub(crate) fn span(&self) -> Span {
        self.memory.span()
    }
}

impl<W: Words> Deref for SharedWords<W> {
    type Target = [W];

    fn deref(&self) -> &[W] {
        // SAFETY: `memory` holds `len` of them, aligned, for as long as `self` lives; zeros and whatever another process stores are values
        // of atomics, and these may change behind a shared reference.
        unsafe { std::slice::from_raw_parts(self.memory.start().cast().as_ptr(), self.len) }
    }
}
