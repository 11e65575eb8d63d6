//! Accumulators: one private copy of an array for each worker, folded into one after the map.

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use ndarray::{ArrayView, ArrayViewMut, Dimension};

use super::lane::strides_of;
use super::{Element, Row, Slot, bytes_of};
use crate::error::{Error, ErrorKind, Result};
use crate::share::Lease;
use crate::sys::memory::{Memory, Sharing, Span};
use crate::sys::parcel::{Packed, Parcel};

/// Copies begin a multiple of this apart, so that no two workers write one cache line or its neighbour.
const PITCH: usize = 128;

/// For each worker a byte that says whether it took part, and at the next multiple of the pitch its copy, in C order.
pub(crate) struct Accumulators<T: Element, D: Dimension> {
    memory: Memory,
    copies: Copies<T, D>,
}

/// Where they lie, as workers see them.
pub struct Copies<T: Element, D: Dimension> {
    start: NonNull<u8>,
    workers: usize,
    unit: usize,
    /// Bytes from worker to worker.
    pitch: usize,
    dim: D,
    elements: PhantomData<T>,
}

// SAFETY: an address; each worker reaches its own copy only, by its lease. Elements are `Send`.
unsafe impl<T: Element, D: Dimension> Send for Copies<T, D> {}
// SAFETY: as above.
unsafe impl<T: Element, D: Dimension> Sync for Copies<T, D> {}

impl<T: Element, D: Dimension> fmt::Debug for Copies<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copies").field("start", &self.start).finish_non_exhaustive()
    }
}

impl<T: Element, D: Dimension> Accumulators<T, D> {
    /// Room for this many copies of an array of shape `dim`.
    pub(crate) fn new(dim: D, workers: usize, sharing: Sharing) -> Result<Self> {
        let unit = PITCH.max(align_of::<T>());
        let copy = bytes_of::<T>(dim.slice())?;
        let pitch = copy.checked_next_multiple_of(unit).and_then(|copy| copy.checked_add(unit));
        let bytes = pitch.and_then(|pitch| pitch.checked_mul(workers)).filter(|bytes| isize::try_from(*bytes).is_ok());
        let (Some(pitch), Some(bytes)) = (pitch, bytes) else {
            return Err(Error::new(
                ErrorKind::Memory,
                format!("{workers} accumulators of shape {:?} do not fit into the address space", dim.slice()),
            ));
        };
        let memory = Memory::zeroed(bytes, unit, sharing)?;
        let copies = Copies { start: memory.start(), workers, unit, pitch, dim, elements: PhantomData };
        Ok(Self { memory, copies })
    }

    pub(crate) fn copies(&self) -> &Copies<T, D> {
        &self.copies
    }

    /// The same for workers that were forked before.
    pub(crate) fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Copies<T, D>>> {
        if D::NDIM.is_none() {
            return parcel.refuse(|| "the number of axes of a result is known at run time only".to_owned());
        }
        let Copies { start, workers, unit, pitch, ref dim, elements } = self.copies;
        // SAFETY: the pointer leads to the memory of the copies; a dimension of fixed rank has none.
        unsafe { parcel.plain(Copies { start, workers, unit, pitch, dim: dim.clone(), elements }, &[self.span()]) }
    }

    pub(crate) fn span(&self) -> Span {
        self.memory.span()
    }

    /// Folds the copies of all workers that took part into `identity`, in the order of their ids. The first of them becomes the total.
    pub(crate) fn fold(&mut self, identity: T, mut fold: impl FnMut(&mut T, &T)) {
        let mut workers =
            (0..self.copies.workers).filter(|worker| self.copies.took_part(*worker)).collect::<Vec<_>>().into_iter();
        let Some(first) = workers.next() else { return };
        // SAFETY: the copy lies in `memory`, which `&mut self` borrows alone; it is aligned, and was filled by its worker.
        let mut total =
            unsafe { ArrayViewMut::from_shape_ptr(self.copies.dim.clone(), self.copies.copy(first).as_ptr()) };
        total.map_inplace(|first| {
            let mut total = identity;
            fold(&mut total, first);
            *first = total;
        });
        for worker in workers {
            // SAFETY: as above, for another copy: they do not overlap.
            let part = unsafe { ArrayView::from_shape_ptr(self.copies.dim.clone(), self.copies.copy(worker).as_ptr()) };
            total.zip_mut_with(&part, &mut fold);
        }
    }

    /// What [`fold`](Self::fold) left; `None` if no worker took part.
    pub(crate) fn total(&self) -> Option<ArrayView<'_, T, D>> {
        let first = (0..self.copies.workers).find(|worker| self.copies.took_part(*worker))?;
        // SAFETY: the copy lies in `memory`, aligned and filled; the map is over, so that nobody writes it while `self` is borrowed.
        Some(unsafe { ArrayView::from_shape_ptr(self.copies.dim.clone(), self.copies.copy(first).as_ptr()) })
    }
}

impl<T: Element, D: Dimension> Copies<T, D> {
    /// The copy of a worker, every element set to `identity` unless the worker goes on with what it gathered.
    pub(crate) fn enter<S: Slot<Elem = T, Dim = D>>(&self, lease: &Lease<'_>, identity: T) -> Option<Row<S>> {
        let worker = lease.worker();
        assert!(worker < self.workers, "worker {worker} of {}", self.workers);
        // SAFETY: the worker's byte lies in `memory`; only the worker, which has the one lease, reaches it during the map.
        let before = unsafe { self.mark(worker).replace(1) };
        let start = self.copy(worker);
        // SAFETY: the copy lies in `memory`, aligned; only this worker, which has the one lease, reaches it during the map.
        let mut view = unsafe { ArrayViewMut::from_shape_ptr(self.dim.clone(), start.as_ptr()) };
        if before == 0 || lease.begins_anew() {
            view.fill(identity);
        }
        let extent = S::extent(view.shape(), &strides_of(&view))?;
        // SAFETY: as above; the view is not used any more. `Reduce::enter` makes one row of a lease, and `map.rs` asks it once for a lease. The
        // binding owns the copies for the whole map, which rows do not leave.
        Some(unsafe { Row::new(start, extent) })
    }

    fn took_part(&self, worker: usize) -> bool {
        // SAFETY: the byte lies in `memory`; this is asked after the map, when no worker writes.
        unsafe { self.mark(worker).read() != 0 }
    }

    fn mark(&self, worker: usize) -> NonNull<u8> {
        // SAFETY: `worker < workers`, so that this is inside `memory`.
        unsafe { self.start.add(worker * self.pitch) }
    }

    fn copy(&self, worker: usize) -> NonNull<T> {
        // SAFETY: each worker has `unit` bytes for the mark, then its copy, all inside `memory`.
        unsafe { self.mark(worker).add(self.unit) }.cast()
    }
}
