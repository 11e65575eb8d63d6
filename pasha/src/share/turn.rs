//! A run of indices that one worker has, and a turn: one call of the kernel.

use std::marker::PhantomData;
use std::ops::Range;

/// A run of indices that was given to one worker and to nobody else.
pub(crate) struct Share {
    worker: usize,
    next: usize,
    left: usize,
}

impl Share {
    pub(super) fn new(worker: usize, range: Range<usize>) -> Self {
        Self { worker, next: range.start, left: range.len() }
    }

    /// Takes its first `len` indices, or all.
    #[inline]
    pub(crate) fn split_front(&mut self, len: usize) -> Share {
        let front = Share { worker: self.worker, next: self.next, left: len.min(self.left) };
        self.next += front.left;
        self.left -= front.left;
        front
    }

    /// Takes all that is left of it. It still begins where it began.
    #[inline]
    pub(crate) fn take(&mut self) -> Share {
        Share { worker: self.worker, next: self.next, left: std::mem::take(&mut self.left) }
    }

    /// What is left of it.
    #[inline]
    pub(crate) fn range(&self) -> Range<usize> {
        self.next..self.next + self.left
    }

    /// The next index of it.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<Turn<'_>> {
        self.left = self.left.checked_sub(1)?;
        let index = self.next;
        self.next += 1;
        Some(Turn { worker: self.worker, index, share: PhantomData })
    }
}

/// One call of the kernel: the only live turn of its worker and of its index, in one map. (An index is given out again only when the worker that had
/// it is gone: [`Board::bury`](super::Board::bury).)
#[derive(Clone, Copy, Debug)]
pub struct Turn<'t> {
    worker: usize,
    index: usize,
    share: PhantomData<&'t mut ()>,
}

impl Turn<'_> {
    /// The worker whose turn it is.
    #[inline]
    pub(crate) fn worker(self) -> usize {
        self.worker
    }

    /// The index it is about.
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.index
    }
}
