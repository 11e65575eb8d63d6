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

/// Forgets it. Says whether it was still noted.
pub(super) fn forget(start: usize) -> bool {
    fresh().remove(&start)
}

/// Those of some spans that are large pieces whose memory nobody has asked for, and which are to be asked for as a whole: this time they are.
///
/// Of pieces that take most of the memory there is, perhaps only a part is ever written: their pages come when they are.
pub(crate) fn take_fresh(spans: &[Span]) -> Vec<Span> {
    let large = |span: &Span| span.bytes >= HUGE;
    let noted = |fresh: &BTreeSet<usize>| -> Vec<Span> {
        spans.iter().copied().filter(large).filter(|span| fresh.contains(&span.start)).collect()
    };
    if !spans.iter().any(large) {
        return Vec::new();
    }
    let all = noted(&fresh());
    let bytes = all.iter().fold(0_usize, |bytes, span| bytes.saturating_add(span.bytes));
    if bytes > SURE && oom::available().is_some_and(|available| bytes > available / 2) {
        return Vec::new();
    }
    let mut fresh = fresh();
    all.into_iter().filter(|span| fresh.remove(&span.start)).collect()
}

/// Has the memory of a part of a piece ready, on huge pages if the system has some: the `part`th of so many `parts`. Contents stay.
///
/// Shared memory gets huge pages without any setting of the system if a page of each is there and the rest is not.
pub(crate) fn make_ready(span: Span, part: usize, parts: usize) {
    let pages = span.bytes.div_ceil(HUGE);
    let (begin, end) = (pages * part / parts * HUGE, (pages * (part + 1) / parts * HUGE).min(span.bytes));
    for offset in (begin..end).step_by(HUGE) {
        // SAFETY: advice that changes no contents, wherever it is.
        if unsafe { libc::madvise(without_provenance_mut(span.start + offset), PAGE, libc::MADV_POPULATE_WRITE) } != 0 {
            // An older system, or one without memory: pages come when they are written.
            return;
        }
    }
    if begin < end {
        // SAFETY: as above. What is no whole huge page stays as it is.
        let _ = unsafe { libc::madvise(without_provenance_mut(span.start + begin), end - begin, libc::MADV_COLLAPSE) };
    }
}

/// Shared memory that begins where a huge page does: then huge pages of the memory are huge pages of addresses, too.
pub(super) fn map_aligned(bytes: usize, more: MapFlags) -> nix::Result<NonNull<libc::c_void>> {
    let length = |bytes| NonZeroUsize::new(bytes).ok_or(nix::Error::EINVAL);
    let bytes = bytes.checked_next_multiple_of(PAGE).ok_or(nix::Error::ENOMEM)?;
    let rights = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: the system chooses the place, so that no other mapping is touched.
    let mapped = unsafe { mmap_anonymous(None, length(bytes)?, rights, MapFlags::MAP_SHARED | more) }?;
    if mapped.addr().get().is_multiple_of(HUGE) {
        return Ok(mapped);
    }
    let place = bytes.checked_add(HUGE).ok_or(nix::Error::ENOMEM)?;
    let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_NORESERVE;
    // SAFETY: as above.
    let Ok(found) = (unsafe { mmap_anonymous(None, length(place)?, ProtFlags::PROT_NONE, flags) }) else {
        return Ok(mapped);
    };
    let before = found.addr().get().next_multiple_of(HUGE) - found.addr().get();
    // SAFETY: less than `HUGE` behind its begin, and it is longer.
    let start = unsafe { found.byte_add(before) };
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    // SAFETY: both mappings were just made, nobody else knows of them, and the first takes the place of a part of the second.
    if unsafe { libc::mremap(mapped.as_ptr(), bytes, bytes, flags, start.as_ptr()) } == libc::MAP_FAILED {
        // What is left of the second is not known.
        return Ok(mapped);
    }
    if before > 0 {
        // SAFETY: what is left of it before the first mapping.
        let _ = unsafe { munmap(found, before) };
    }
    // SAFETY: the second mapping goes on behind the first, or ends there.
    let (rest, len) = (unsafe { start.byte_add(bytes) }, HUGE - before);
    // SAFETY: what is left of it there.
    let _ = unsafe { munmap(rest, len) };
    Ok(start)
}

fn fresh() -> MutexGuard<'static, BTreeSet<usize>> {
    FRESH.lock().unwrap_or_else(PoisonError::into_inner)
}
