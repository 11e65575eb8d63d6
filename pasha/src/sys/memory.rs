//! Zeroed memory, private to this process or shared with the processes forked from it.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(feature = "npy")]
use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use nix::libc;
use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap_anonymous, mprotect, munmap};
#[cfg(feature = "npy")]
use nix::{fcntl::posix_fallocate, sys::mman::mmap};

use super::pages::{self, HUGE, PAGE, map_aligned};
use super::process::is_worker;
use super::reserve::{Block, Reserve, Room};
use crate::error::{Error, ErrorKind, Result};

/// Arrays begin on cache lines of their own, two of them: neighbours are fetched in pairs.
const ALIGN: usize = 128;

/// From this size on, private memory is a mapping of its own, on huge pages where there are some. Below, where there are none, what the heap has from before
/// costs a fraction of new pages.
const LARGE: usize = HUGE;

/// Who can see memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// The threads of this process.
    Threads,
    /// They, and the processes forked from now on.
    Processes,
    /// They, and the worker processes that were forked before: at the same address.
    Residents,
}

/// Where memory lies: the address of its first byte, and their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub(crate) start: usize,
    pub(crate) bytes: usize,
}

impl Span {
    pub(crate) fn contains(self, address: usize) -> bool {
        address.checked_sub(self.start).is_some_and(|offset| offset < self.bytes)
    }
}

/// Zeroed memory that is given back on drop. It does not move.
#[derive(Debug)]
pub(crate) struct Memory {
    start: NonNull<u8>,
    bytes: usize,
    origin: Origin,
    sharing: Sharing,
}

#[derive(Debug)]
enum Origin {
    Nothing,
    Heap(Layout),
    Private(NonZeroUsize),
    Shared(NonZeroUsize),
    Reserved(Block),
    /// Somebody else's, in a worker that reads it.
    Borrowed,
    /// A mapped file: where the mapping begins, before the array, and its length.
    #[cfg(feature = "npy")]
    File(NonNull<u8>, NonZeroUsize),
}

/// All live shared mappings, so that a worker can be kept from writing those its kernel is not bound to.
static SHARED: Mutex<BTreeMap<usize, usize>> = Mutex::new(BTreeMap::new());

impl Memory {
    /// This many bytes, all zero, aligned to `align` at least.
    pub(crate) fn zeroed(bytes: usize, align: usize, sharing: Sharing) -> Result<Self> {
        let layout = Layout::from_size_align(bytes, align.max(ALIGN)).map_err(|_| too_little(bytes, None))?;
        if align > PAGE {
            let message = format!("elements aligned to {align} bytes cannot lie in an array: {PAGE} is the most");
            return Err(Error::new(ErrorKind::Argument, message));
        }
        if bytes == 0 {
            let start = NonNull::without_provenance(NonZeroUsize::new(layout.align()).expect("an alignment is not 0"));
            return Ok(Self { start, bytes, origin: Origin::Nothing, sharing });
        }
        match sharing {
            Sharing::Threads if bytes < LARGE || cfg!(miri) => {
                // SAFETY: the layout has a size, checked above.
                let start = unsafe { alloc_zeroed(layout) };
                let start = NonNull::new(start).ok_or_else(|| too_little(bytes, None))?;
                Ok(Self { start, bytes, origin: Origin::Heap(layout), sharing })
            }
            Sharing::Threads => {
                let (start, length) = map(bytes, MapFlags::MAP_PRIVATE)?;
                // SAFETY: advice changes no contents, and the mapping is ours.
                let _ = unsafe { madvise(start.cast(), length.get(), MmapAdvise::MADV_HUGEPAGE) };
                Ok(Self { start, bytes, origin: Origin::Private(length), sharing })
            }
            Sharing::Processes => {
                // Anonymous: no descriptor, no name, no mount whose size could limit it, and RLIMIT_FSIZE does not count it.
                let (start, length) = map_shared(bytes)?;
                shared().insert(start.addr().get(), bytes);
                Ok(Self { start, bytes, origin: Origin::Shared(length), sharing })
            }
            Sharing::Residents => {
                let block = Reserve::make()?.allocate(Room::Arrays, bytes)?;
                shared().insert(block.span().start, bytes);
                Ok(Self { start: block.start(), bytes, origin: Origin::Reserved(block), sharing })
            }
        }
    }

    /// This many bytes, all zero, that lie in a new file behind a header. A file of that name that is there already is unlinked: who has it open
    /// goes on with it.
    ///
    /// The header's length is a multiple of [`ALIGN`].
    #[cfg(feature = "npy")]
    pub(crate) fn in_file(path: &Path, header: &[u8], bytes: usize, sharing: Sharing) -> Result<Self> {
        let refuse = |what: &str, error: io::Error| {
            let message = format!("{}: the file cannot be {what}: {error}", path.display());
            Error::new(ErrorKind::System, message).caused_by(error)
        };
        let all = bytes.checked_add(header.len()).and_then(NonZeroUsize::new).ok_or_else(|| too_little(bytes, None))?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refuse("replaced", error)),
            _ => {}
        }
        let open = File::options().read(true).write(true).create_new(true).open(path);
        let mut file = open.map_err(|error| refuse("created", error))?;
        file.write_all(header).map_err(|error| refuse("written", error))?;
        // A full disk shows here, and not as a signal when the array is written.
        let room = i64::try_from(all.get()).map_err(|_| too_little(bytes, None))?;
        if let Err(errno) = posix_fallocate(&file, 0, room) {
            let _ = fs::remove_file(path);
            return Err(refuse("made as long as the array", errno.into()));
        }
        // SAFETY: the system chooses the place, so that no other mapping is touched.
        let base =
            unsafe { mmap(None, all, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED, &file, 0) };
        let base = base.map_err(|errno| refuse("mapped", errno.into()))?.cast::<u8>();
        // SAFETY: the mapping is longer than the header, or as long.
        let start = unsafe { base.add(header.len()) };
        if sharing != Sharing::Threads {
            shared().insert(base.addr().get(), all.get());
        }
        Ok(Self { start, bytes, origin: Origin::File(base, all), sharing })
    }

    /// Asks the system for the memory now, on huge pages where there are some, instead of page by page when it is first written.
    pub(crate) fn make_ready(&self) {
        match &self.origin {
            Origin::Reserved(_) | Origin::Shared(_) => {
                pages::take_fresh(&[self.span()]).into_iter().for_each(|span| pages::make_ready(span, 0, 1));
            }
            Origin::Private(_) => {}
            _ => return,
        }
        let start = self.start.as_ptr().cast();
        // SAFETY: advice that changes no contents, on memory of ours. Where it is not known, pages come when they are written.
        let _ = unsafe { libc::madvise(start, self.bytes, libc::MADV_POPULATE_WRITE) };
    }

    /// Memory that another process owns, in the reserve, for as long as this is used.
    pub(crate) fn borrowed(span: Span) -> Option<Self> {
        if span.bytes == 0 {
            return Self::zeroed(0, PAGE, Sharing::Threads).ok();
        }
        let start = Reserve::get().filter(|reserve| reserve.holds(Room::Arrays, span))?.at(span.start);
        Some(Self { start, bytes: span.bytes, origin: Origin::Borrowed, sharing: Sharing::Residents })
    }

    /// The first byte, with the right to reach all of them.
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(crate) fn sharing(&self) -> Sharing {
        self.sharing
    }

    pub(crate) fn span(&self) -> Span {
        Span { start: self.start.addr().get(), bytes: self.bytes }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        match &self.origin {
            Origin::Nothing | Origin::Borrowed => {}
            Origin::Reserved(block) => {
                if !is_worker() {
                    shared().remove(&block.span().start);
                }
            }
            Origin::Heap(layout) => {
                // SAFETY: allocated with this layout in `zeroed`; nobody can reach it any more, for its owner drops it.
                unsafe { dealloc(self.start.as_ptr(), *layout) }
            }
            Origin::Private(length) => {
                // SAFETY: mapped in `zeroed`; nobody can reach it any more, for its owner drops it.
                unsafe { unmap(self.start, *length) }
            }
            Origin::Shared(length) => {
                // A worker keeps no registry: its host held the lock at the fork.
                if !is_worker() {
                    shared().remove(&self.start.addr().get());
                    pages::forget(self.start.addr().get());
                }
                // SAFETY: as above.
                unsafe { unmap(self.start, *length) }
            }
            #[cfg(feature = "npy")]
            Origin::File(base, length) => {
                if self.sharing != Sharing::Threads && !is_worker() {
                    shared().remove(&base.addr().get());
                }
                // SAFETY: as above; what was written is in the file.
                unsafe { unmap(*base, *length) }
            }
        }
    }
}

// SAFETY: memory is owned through a pointer that nobody else has; what may be done with its contents is up to its owner.
unsafe impl Send for Memory {}
// SAFETY: `&Memory` gives an address only.
unsafe impl Sync for Memory {}

/// The shared mappings that exist and hold none of some spans, in whole pages, neighbours as one. While this lives, no other thread can make or unmake a shared mapping.
pub(crate) struct Others {
    spans: Vec<Span>,
    _registry: MutexGuard<'static, BTreeMap<usize, usize>>,
}

impl Others {
    pub(crate) fn than(spans: &[Span]) -> Self {
        let registry = shared();
        let all = registry.iter().map(|(&start, &bytes)| Span { start, bytes: bytes.next_multiple_of(PAGE) });
        let mut others: Vec<Span> = Vec::new();
        for mapping in all.filter(|mapping| !spans.iter().any(|span| mapping.contains(span.start))) {
            match others.last_mut() {
                // One call for neighbours.
                Some(last) if last.start + last.bytes == mapping.start => last.bytes += mapping.bytes,
                _ => others.push(mapping),
            }
        }
        Self { spans: others, _registry: registry }
    }

    /// Makes them read-only in this process, which must be a worker: its host keeps the right to write.
    pub(crate) fn write_protect(&self) -> nix::Result<()> {
        for Span { start, bytes } in &self.spans {
            let start =
                NonNull::new(std::ptr::with_exposed_provenance_mut(*start)).expect("a mapping is not at address 0");
            // SAFETY: taking away the right to write changes no memory. A later write through safe code ends this worker by SIGSEGV.
            unsafe { mprotect(start, *bytes, ProtFlags::PROT_READ) }?;
        }
        Ok(())
    }

    /// Takes those that do not lie in the reserve away from this process, which is to be forked before maps: their owner writes them without telling.
    pub(crate) fn hide(&self) {
        let reserve = Reserve::get();
        for Span { start, bytes } in &self.spans {
            if reserve.is_some_and(|reserve| reserve.holds(Room::Arrays, Span { start: *start, bytes: *bytes })) {
                continue;
            }
            let start =
                NonNull::new(std::ptr::with_exposed_provenance_mut(*start)).expect("a mapping is not at address 0");
            // SAFETY: taking away rights changes no memory. A later access through safe code ends this worker by SIGSEGV.
            let _ = unsafe { mprotect(start, *bytes, ProtFlags::PROT_NONE) };
        }
    }

    /// Ends the hold on the registry, and leaves the spans.
    pub(crate) fn into_spans(self) -> Vec<Span> {
        self.spans
    }
}

/// Whether a shared array lies at an address.
pub(crate) fn is_shared(address: usize) -> bool {
    let registry = shared();
    registry.range(..=address).next_back().is_some_and(|(start, bytes)| address < start + bytes.next_multiple_of(PAGE))
}

fn shared() -> MutexGuard<'static, BTreeMap<usize, usize>> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn map(bytes: usize, flags: MapFlags) -> Result<(NonNull<u8>, NonZeroUsize)> {
    let length = NonZeroUsize::new(bytes).ok_or_else(|| too_little(bytes, None))?;
    // SAFETY: the system chooses the place, so that no other mapping is touched.
    let start = unsafe { mmap_anonymous(None, length, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, flags) };
    let start = start.map_err(|errno| too_little(bytes, Some(errno)))?.cast::<u8>();
    Ok((start, length))
}

/// On huge pages, if it is large: [`pages::make_ready`].
fn map_shared(bytes: usize) -> Result<(NonNull<u8>, NonZeroUsize)> {
    let length = NonZeroUsize::new(bytes).filter(|_| bytes >= HUGE);
    let Some(length) = length else { return map(bytes, MapFlags::MAP_SHARED) };
    let start = map_aligned(bytes, MapFlags::empty()).map_err(|errno| too_little(bytes, Some(errno)))?.cast::<u8>();
    pages::note(start.addr().get());
    Ok((start, length))
}

/// # Safety
///
/// `map` made this mapping, and nobody can reach it any more.
unsafe fn unmap(start: NonNull<u8>, length: NonZeroUsize) {
    // SAFETY: the caller promises that it is a whole mapping which nobody uses.
    let unmapped = unsafe { munmap(start.cast(), length.get()) };
    debug_assert_eq!(unmapped, Ok(()), "a mapping of our own can be unmapped");
}

pub(super) fn too_little(bytes: usize, errno: Option<nix::Error>) -> Error {
    let error = Error::new(ErrorKind::Memory, format!("{bytes} bytes of memory could not be allocated"));
    match errno {
        Some(errno) => error.caused_by(errno),
        None => error,
    }
}
