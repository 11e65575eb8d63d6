//! The mission: what the workers of a crew are called to do, in a parcel.

use std::ops::Range;

use crate::context::processes::Words;
use crate::share::Board;
use crate::sys::memory::Span;
use crate::sys::parcel::Errand;

/// One call. All that it refers to lies in the reserve.
#[derive(Clone, Copy)]
pub(crate) struct Mission<'m> {
    pub(super) generation: u64,
    /// The call before, of the same map: who has joined that may come here later than the next call is made.
    pub(super) before: Option<&'m Mission<'m>>,
    pub(super) errand: Errand,
    pub(super) board: Board<'m>,
    pub(super) outboxes: &'m [Words],
    /// The arrays that may be written.
    pub(super) writable: &'m [Span],
    /// Those of them whose memory nobody has asked for.
    pub(super) fresh: &'m [Span],
    /// Who is meant, and what they do before their even part; if it is empty everybody who has one.
    pub(super) roles: &'m [Role<'m>],
}

impl<'m> Mission<'m> {
    /// What the workers of a generation do, this one or one before.
    pub(super) fn of(&'m self, generation: u64) -> Option<&'m Self> {
        std::iter::successors(Some(self), |mission| mission.before).find(|mission| mission.generation == generation)
    }
}

/// What one worker does.
#[derive(Clone, Copy)]
pub(super) struct Role<'m> {
    pub(super) worker: usize,
    pub(super) again: &'m [Range<u32>],
    /// Its accumulators are what they were before the map.
    pub(super) anew: bool,
}

impl Role<'_> {
    /// Whether nobody else could do it.
    pub(super) fn is_needed(&self) -> bool {
        self.anew || !self.again.is_empty()
    }
}
