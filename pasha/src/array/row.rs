//! Rows: the slot that belongs to one worker for a whole map.

use std::fmt;
use std::ptr::NonNull;

use super::Slot;
use crate::share::Turn;

/// The slot of one worker. There is one for each lease, and it is not copied.
pub struct Row<S: Slot> {
    start: NonNull<S::Elem>,
    extent: S::Extent,
}

impl<S: Slot> fmt::Debug for Row<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("start", &self.start).finish_non_exhaustive()
    }
}

impl<S: Slot> Row<S> {
    /// # Safety
    ///
    /// What `extent` spans from `start` is alive for as long as the row is used, and nothing else reaches it.
    pub(super) unsafe fn new(start: NonNull<S::Elem>, extent: S::Extent) -> Self {
        Self { start, extent }
    }

    /// Copies the values of another row of its shape into the slot.
    pub(super) fn set_to(&mut self, other: &Self) {
        // SAFETY: by the contract of `new` nothing else reaches the slot, and the row is borrowed for as long as the view lives.
        let slot = unsafe { S::at(self.start, &self.extent) };
        // SAFETY: as above, for the other row, which is another one.
        let values = unsafe { S::at(other.start, &other.extent) };
        S::set(slot, values);
    }

    /// The slot, for one turn.
    #[inline]
    pub(crate) fn at<'s>(&'s mut self, _turn: Turn<'s>) -> S::At<'s> {
        // SAFETY: by the contract of `new` nothing else reaches the slot, and the row itself is borrowed for `'s`.
        unsafe { S::at(self.start, &self.extent) }
    }
}
