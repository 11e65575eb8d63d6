//! Pages: shared memory that is asked for at once, on huge pages, by who will write it.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::ptr::{NonNull, without_provenance_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use super::memory::Span;
use super::oom;

pub(super) const PAGE: usize = 4096;

/// From this size on, shared memory begins where a huge page does.
pub(super) const HUGE: usize = 1 << 21;

/// Up to this size, nobody asks first whether there is so much memory.
const SURE: usize = 1 << 26;

/// Large pieces of shared memory that nobody has asked the system for, by where they begin.
static FRESH: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());

/// Notes that nobody has asked for the memory of a large piece.
pub(super) fn note(start: usize) {
    fresh().insert(start);
}

/// Forgets it.
pub(super) fn forget(start: usize) {
    fresh().remove(&start);
}

/// Whether here begins a large piece whose memory nobody has asked for, and which is to be asked for as a whole: this time it is.
///
/// Of a piece that takes most of the memory there is, perhaps only a part is ever written: its pages come when they are.
pub(crate) fn take_fresh(span: Span) -> bool {
    span.bytes >= HUGE
        && fresh().remove(&span.start)
        && (span.bytes <= SURE || oom::available().is_none_or(|available| span.bytes <= available / 2))
}

/// Has the memory of a part of a piece ready, on huge pages if the system has some: the `part`th of so many `parts`. Contents stay.
///
/// Shared memory gets huge pages without any setting of the system if a page of each is there and the rest is not.
pub(crate) fn make_ready(span: Span, part: usize, parts: usize) {
    let pages = span.bytes.div_ceil(HUGE);
    for page in pages * part / parts..pages * (part + 1) / parts {
        let offset = page * HUGE;
        let (start, bytes) = (without_provenance_mut(span.start + offset), HUGE.min(span.bytes - offset));
        // SAFETY: advice that changes no contents, wherever it is.
        if unsafe { libc::madvise(start, PAGE, libc::MADV_POPULATE_WRITE) } != 0 {
            // An older system: pages come when they are written.
            return;
        }
        // SAFETY: as above. What is no whole huge page stays as it is.
        let _ = unsafe { libc::madvise(start, bytes, libc::MADV_COLLAPSE) };
    }
}

/// Shared memory that begins where a huge page does: then huge pages of the memory are huge pages of addresses, too.
pub(super) fn map_aligned(bytes: usize, more: MapFlags) -> nix::Result<NonNull<libc::c_void>> {
    let length = |bytes| NonZeroUsize::new(bytes).ok_or(nix::Error::EINVAL);
    let place =
        bytes.checked_next_multiple_of(PAGE).and_then(|bytes| bytes.checked_add(HUGE)).ok_or(nix::Error::ENOMEM)?;
    let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_NORESERVE;
    // SAFETY: the system chooses the place, so that no other mapping is touched.
    let found = unsafe { mmap_anonymous(None, length(place)?, ProtFlags::PROT_NONE, flags) }?;
    let first = found.addr().get();
    let start = first.next_multiple_of(HUGE);
    let flags = MapFlags::MAP_SHARED | MapFlags::MAP_FIXED | more;
    let rights = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: it takes the place of a part of the mapping just made, which nobody else knows.
    let mapped = unsafe { mmap_anonymous(Some(length(start)?), length(bytes)?, rights, flags) };
    let end = mapped.map_or(first, |_| start + bytes.next_multiple_of(PAGE));
    for (from, upto) in [(first, if mapped.is_ok() { start } else { first }), (end, first + place)] {
        if from < upto {
            // SAFETY: the address is in the first mapping, or one past its end.
            let rest = unsafe { found.byte_add(from - first) };
            // SAFETY: what is left of the first mapping.
            let _ = unsafe { munmap(rest, upto - from) };
        }
    }
    mapped
}

fn fresh() -> MutexGuard<'static, BTreeSet<usize>> {
    FRESH.lock().unwrap_or_else(PoisonError::into_inner)
}
