//! The reserve: one range of shared memory at the same addresses in this process and in all resident workers, so that a pointer into it means the
//! same to each of them.
//!
//! It is mapped once, before the first worker is forked, and never unmapped. What nobody has touched costs nothing.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use nix::libc;
use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap_anonymous, mprotect};

use super::memory::{Span, too_little};
use super::pages::{self, HUGE, PAGE, map_aligned};
use crate::error::Result;

/// What is asked for first; less where the system does not give so much.
const MOST: usize = 1 << 40;
const LEAST: usize = 1 << 28;

/// So much memory of the blocks of a room that nobody has any more is wiped and kept for others; the rest goes back to the system, which takes many times as long to give
/// it again, page by page, as it takes to wipe it. No block may take more than half of it.
const KEPT: usize = 1 << 26;

/// What a part of the reserve is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// What the library itself keeps, which every worker may write.
    Words,
    /// Arrays, which a worker may write while a kernel is bound to them.
    Arrays,
}

/// A process has one at most.
static RESERVE: OnceLock<Reserve> = OnceLock::new();

#[derive(Debug)]
pub(crate) struct Reserve {
    start: NonNull<u8>,
    bytes: usize,
    /// Not 0 in the process that made it; the system makes it 0 in every fork.
    ours: NonNull<AtomicU8>,
    words: Mutex<Free>,
    arrays: Mutex<Free>,
}

// SAFETY: the address of a mapping that stays; what is in it belongs to the owners of blocks.
unsafe impl Send for Reserve {}
// SAFETY: as above.
unsafe impl Sync for Reserve {}

impl Reserve {
    /// The reserve, made now if there is none.
    pub(crate) fn make() -> Result<&'static Self> {
        if let Some(reserve) = RESERVE.get() {
            return Ok(reserve);
        }
        let reserve = Self::map()?;
        Ok(RESERVE.get_or_init(|| reserve))
    }

    /// The reserve, if there is one.
    pub(crate) fn get() -> Option<&'static Self> {
        RESERVE.get()
    }

    /// Whether this process made it, and no fork of its.
    pub(crate) fn is_ours(&self) -> bool {
        // SAFETY: the page is never unmapped; any bytes are a value of an atomic.
        unsafe { self.ours.as_ref() }.load(Relaxed) != 0
    }

    fn map() -> Result<Self> {
        let mut bytes = most();
        loop {
            match map_aligned(bytes, MapFlags::MAP_NORESERVE) {
                Ok(start) => {
                    // SAFETY: advice changes no contents, and the mapping is ours. Nobody wants so much in a core dump.
                    let _ = unsafe { madvise(start, bytes, MmapAdvise::MADV_DONTDUMP) };
                    let (words, arrays) = rooms(start.addr().get(), bytes);
                    return Ok(Self {
                        start: start.cast(),
                        bytes,
                        ours: mark()?,
                        words: Mutex::new(Free::of(words)),
                        arrays: Mutex::new(Free::of(arrays)),
                    });
                }
                Err(errno) if bytes / 2 < LEAST => return Err(too_little(bytes, Some(errno))),
                Err(_) => bytes /= 2,
            }
        }
    }

    /// How large a piece one owner of words may take, if there are to be others.
    pub(crate) fn fair_share(&self) -> usize {
        rooms(self.start.addr().get(), self.bytes).0.bytes / 32
    }

    /// So many bytes, all zero.
    pub(crate) fn allocate(&'static self, room: Room, bytes: usize) -> Result<Block> {
        let unit = if bytes < HUGE { PAGE } else { HUGE };
        let rounded = bytes.max(1).checked_next_multiple_of(unit).ok_or_else(|| too_little(bytes, None))?;
        let (start, kept) = self.free(room).take(rounded, unit).ok_or_else(|| too_little(bytes, None))?;
        if rounded >= HUGE && kept < rounded {
            pages::note(start);
        }
        Ok(Block { reserve: self, room, span: Span { start, bytes: rounded } })
    }

    /// Whether all of a span lies in one of the rooms.
    pub(crate) fn holds(&self, room: Room, span: Span) -> bool {
        let (words, arrays) = rooms(self.start.addr().get(), self.bytes);
        let room = match room {
            Room::Words => words,
            Room::Arrays => arrays,
        };
        match (span.start.checked_sub(room.start), span.bytes.checked_add(span.start)) {
            (Some(_), Some(end)) => end <= room.start + room.bytes,
            _ => false,
        }
    }

    /// The pointer of an address in it.
    pub(crate) fn at(&self, address: usize) -> NonNull<u8> {
        let offset = address - self.start.addr().get();
        assert!(offset <= self.bytes, "an address of the reserve");
        // SAFETY: inside the mapping, as just checked.
        unsafe { self.start.add(offset) }
    }

    /// Takes the right to write arrays away from this process, which must be a worker.
    pub(crate) fn protect(&self) -> io::Result<()> {
        let (_, arrays) = rooms(self.start.addr().get(), self.bytes);
        self.set_writable(arrays, false)
    }

    /// Lets this process, which must be a worker, write some arrays, or takes that right away.
    pub(crate) fn set_writable(&self, span: Span, writable: bool) -> io::Result<()> {
        let start = span.start / PAGE * PAGE;
        let bytes = (span.start + span.bytes).next_multiple_of(PAGE) - start;
        assert!(self.holds(Room::Arrays, Span { start, bytes }), "only arrays are protected");
        let rights = if writable { ProtFlags::PROT_READ | ProtFlags::PROT_WRITE } else { ProtFlags::PROT_READ };
        // SAFETY: rights change no memory; a write through safe code without the right ends this worker by SIGSEGV.
        unsafe { mprotect(self.at(start).cast(), bytes, rights) }.map_err(Into::into)
    }

    fn free(&self, room: Room) -> MutexGuard<'_, Free> {
        let free = match room {
            Room::Words => &self.words,
            Room::Arrays => &self.arrays,
        };
        free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A part of the reserve that belongs to one owner.
#[derive(Debug)]
pub(crate) struct Block {
    reserve: &'static Reserve,
    room: Room,
    span: Span,
}

impl Block {
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.reserve.at(self.span.start)
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }
}

impl Drop for Block {
    /// Leaves zeros behind.
    fn drop(&mut self) {
        if !self.reserve.is_ours() {
            // A fork has a copy of the owner, and none of its rights.
            return;
        }
        let Span { start, bytes } = self.span;
        // What has its pages one by one, if any, goes back: the next owner is better off on huge ones.
        let is_small = bytes >= HUGE && pages::forget(start);
        let memory = self.start();
        let keeps = !is_small && self.reserve.free(self.room).book(bytes);
        // SAFETY: the block is ours, and nobody reaches it any more, for its owner drops it. Removing pages leaves zeros.
        if keeps || unsafe { madvise(memory.cast(), bytes, MmapAdvise::MADV_REMOVE) }.is_err() {
            // SAFETY: as above, and the whole block is mapped.
            unsafe { memory.write_bytes(0, bytes) };
        }
        self.reserve.free(self.room).give(start, bytes, keeps);
    }
}

/// The words lie in the first eighth, or half if that is little; the arrays behind them.
fn rooms(start: usize, bytes: usize) -> (Span, Span) {
    let start = start.next_multiple_of(HUGE);
    let words = (bytes / 8).max((bytes / 2).min(1 << 30)) / HUGE * HUGE;
    let all = bytes / HUGE * HUGE - HUGE;
    (Span { start, bytes: words }, Span { start: start + words, bytes: all - words })
}

/// How much to ask for. Where the system promises no more than it has, or the address space is limited, what is asked for counts.
fn most() -> usize {
    let strict = std::fs::read_to_string("/proc/sys/vm/overcommit_memory").is_ok_and(|mode| mode.trim() == "2");
    let most = if strict { LEAST * 4 } else { MOST };
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a limit, which is written.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) } == 0;
    if known { most.min(usize::try_from(limit.rlim_cur / 4).unwrap_or(MOST)).max(LEAST) } else { most }
}

/// A page that says 1 here, and 0 in every fork.
fn mark() -> Result<NonNull<AtomicU8>> {
    let page = NonZeroUsize::new(PAGE).expect("a page has a size");
    // SAFETY: the system chooses the place, so that no other mapping is touched.
    let start =
        unsafe { mmap_anonymous(None, page, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_PRIVATE) };
    let start = start.map_err(|errno| too_little(PAGE, Some(errno)))?.cast::<AtomicU8>();
    // SAFETY: advice on a page of ours.
    let wiped = unsafe { libc::madvise(start.as_ptr().cast(), PAGE, libc::MADV_WIPEONFORK) };
    if wiped != 0 {
        return Err(too_little(PAGE, Some(nix::Error::last())));
    }
    // SAFETY: just mapped, and never unmapped.
    unsafe { start.as_ref() }.store(1, Relaxed);
    Ok(start)
}

/// What is free.
#[derive(Debug)]
struct Free {
    /// By address: neighbours are one.
    spans: BTreeMap<usize, usize>,
    /// The parts of them that have memory.
    kept: BTreeMap<usize, usize>,
    /// How much that is, with what is about to be.
    kept_bytes: usize,
}

impl Free {
    fn of(span: Span) -> Self {
        Self { spans: BTreeMap::from([(span.start, span.bytes)]), kept: BTreeMap::new(), kept_bytes: 0 }
    }

    /// Whether the memory of so many bytes may be kept. Then it has to be given back like that.
    fn book(&mut self, bytes: usize) -> bool {
        let keeps = bytes <= KEPT / 2 && self.kept_bytes + bytes <= KEPT;
        self.kept_bytes += if keeps { bytes } else { 0 };
        keeps
    }

    /// The first free place that is large enough, and how much of it has memory.
    fn take(&mut self, bytes: usize, align: usize) -> Option<(usize, usize)> {
        let fits = |(&start, &len): (&usize, &usize)| {
            let begin = start.checked_next_multiple_of(align)?;
            (begin.checked_add(bytes)? <= start + len).then_some((start, len, begin))
        };
        let (start, len, begin) = self.spans.iter().find_map(fits)?;
        self.spans.remove(&start);
        if begin > start {
            self.spans.insert(start, begin - start);
        }
        if begin + bytes < start + len {
            self.spans.insert(begin + bytes, start + len - begin - bytes);
        }
        Some((begin, self.use_kept(begin, begin + bytes)))
    }

    /// Takes a part of what is kept out of it. Says how much it is.
    fn use_kept(&mut self, begin: usize, end: usize) -> usize {
        let mut used = 0;
        while let Some((start, len)) = self.kept.range(..end).next_back().map(|(&start, &len)| (start, len))
            && start + len > begin
        {
            self.kept.remove(&start);
            if start < begin {
                self.kept.insert(start, begin - start);
            }
            if start + len > end {
                self.kept.insert(end, start + len - end);
            }
            used += (start + len).min(end) - start.max(begin);
        }
        self.kept_bytes -= used;
        used
    }

    fn give(&mut self, mut start: usize, mut bytes: usize, keeps: bool) {
        if keeps {
            self.kept.insert(start, bytes);
        }
        if let Some(after) = self.spans.remove(&(start + bytes)) {
            bytes += after;
        }
        if let Some((&before, &len)) = self.spans.range(..start).next_back()
            && before + len == start
        {
            self.spans.remove(&before);
            start = before;
            bytes += len;
        }
        self.spans.insert(start, bytes);
    }
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut free = Free::of(Span { start: 4096, bytes: 1 << 24 });
        let mut take = |bytes, align| free.take(bytes, align).expect("there is room");
        let [small, huge, next] = [take(4096, 4096), take(HUGE, HUGE), take(8192, 4096)];
        assert_eq!((small, huge.0 % HUGE, huge.1, next), ((4096, 0), 0, 0, (8192, 0)));
        for (start, bytes) in [(huge.0, HUGE), (4096, 4096), (8192, 8192)] {
            free.give(start, bytes, false);
        }
        assert_eq!(free.spans, BTreeMap::from([(4096, 1 << 24)]));
        assert_eq!(free.take(1 << 25, 4096), None);
    }

    #[test]
    fn what_is_kept_is_known_to_who_takes_any_part_of_it() {
        let mut free = Free::of(Span { start: PAGE, bytes: 1 << 30 });
        let [three, four, five] = [3, 4, 5].map(|pages| free.take(pages * PAGE, PAGE).expect("there is room").0);
        for (start, pages) in [(five, 5), (three, 3)] {
            assert!(free.book(pages * PAGE));
            free.give(start, pages * PAGE, true);
        }
        assert_eq!(free.take(2 * PAGE, PAGE), Some((three, 2 * PAGE)));
        assert_eq!(free.take(7 * PAGE, PAGE), Some((five, 5 * PAGE)), "what lies behind has no memory");
        free.give(four, 4 * PAGE, false);
        assert_eq!(free.take(5 * PAGE, PAGE), Some((three + 2 * PAGE, PAGE)), "one page, and four without");
        assert_eq!((free.kept.len(), free.kept_bytes), (0, 0));
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let mut free = Free::of(Span { start: PAGE, bytes: 1 << 40 });
        assert!(!free.book(KEPT / 2 + 1));
        let blocks = [(); 5].map(|()| free.take(KEPT / 4, PAGE).expect("there is room").0);
        let kept = blocks.map(|start| {
            let keeps = free.book(KEPT / 4);
            free.give(start, KEPT / 4, keeps);
            keeps
        });
        assert_eq!(kept, [true, true, true, true, false]);
        assert_eq!(free.take(KEPT / 2, PAGE), Some((blocks[0], KEPT / 2)));
        assert!(free.book(KEPT / 2) && !free.book(1));
    }
}
