//! Words that a host shares with its worker processes.

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;

use super::memory::{Memory, Sharing, Span};
use super::reserve::{Block, Reserve, Room};
use crate::context::resident::{Call, Control, Ear, Seat};
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
// SAFETY: atomics only.
unsafe impl Words for Control {}
// SAFETY: atomics only.
unsafe impl Words for Call {}
// SAFETY: atomics only.
unsafe impl Words for Ear {}
// SAFETY: atomics only.
unsafe impl Words for Seat {}

/// Words in memory that other processes share.
pub(crate) struct SharedWords {
    start: NonNull<u8>,
    span: Span,
    /// Nothing if they belong to another process, in the reserve, which stays.
    owner: Option<Owner>,
}

/// Who keeps words alive.
enum Owner {
    Memory(#[allow(dead_code)] Memory),
    Block(#[allow(dead_code)] Block),
}

// SAFETY: the address of memory that is theirs or stays; what lies there are atomics.
unsafe impl Send for SharedWords {}
// SAFETY: as above.
unsafe impl Sync for SharedWords {}

/// Bytes in the reserve that one owner has.
pub(crate) struct Bytes {
    block: Block,
}

impl Bytes {
    pub(crate) fn allocate(len: usize) -> Result<Self> {
        Ok(Self { block: Reserve::make()?.allocate(Room::Words, len)? })
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        self.block.start()
    }

    pub(super) fn len(&self) -> usize {
        self.block.span().bytes
    }
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

    /// Words, all zero, that later forks share.
    pub(crate) fn allocate(self) -> Result<SharedWords> {
        let memory = Memory::zeroed(self.bytes, align_of::<Post>(), Sharing::Processes)?;
        Ok(SharedWords { start: memory.start(), span: memory.span(), owner: Some(Owner::Memory(memory)) })
    }

    /// Words, all zero, that resident workers share.
    pub(crate) fn reserve(self) -> Result<SharedWords> {
        let block = Reserve::make()?.allocate(Room::Words, self.bytes)?;
        Ok(SharedWords { start: block.start(), span: block.span(), owner: Some(Owner::Block(block)) })
    }

    /// Words that another process has reserved there.
    pub(crate) fn at(self, address: usize) -> SharedWords {
        let span = Span { start: address, bytes: self.bytes };
        let reserve = Reserve::get().filter(|reserve| reserve.holds(Room::Words, span)).expect("words of the reserve");
        SharedWords { start: reserve.at(address), span, owner: None }
    }
}

impl SharedWords {
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Keeps them from being used again, for ever.
    pub(crate) fn give_up(&mut self) {
        std::mem::forget(self.owner.take());
    }

    pub(crate) fn get<W: Words>(&self, place: &Place<W>) -> &[W] {
        let Place { offset, len, .. } = *place;
        let end = len.checked_mul(size_of::<W>()).and_then(|bytes| offset.checked_add(bytes));
        assert!(end.is_some_and(|end| end <= self.span.bytes), "a place of this layout");
        // SAFETY: the end of the place lies in the memory, as just checked, and so does its beginning.
        let start = unsafe { self.start.add(offset) }.cast::<W>();
        assert!(start.is_aligned(), "a place of this layout");
        // SAFETY: there are `len` of them there, aligned, for as long as `self` lives; zeros and whatever another process stores are values
        // of atomics, and these may change behind a shared reference. Words of several kinds over each other would still be atomics.
        unsafe { std::slice::from_raw_parts(start.as_ptr(), len) }
    }
}
