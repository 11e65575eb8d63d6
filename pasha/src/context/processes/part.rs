//! The part of a worker process: what it does of a map, and how it tells its end.

use super::outbox::Outbox;
use super::team::Again;
use crate::context::job::{Cause, Failure};
use crate::share::{Board, Lease};
use crate::sys::memory::Span;
use crate::sys::pages;

/// One part of a map, in the process that is to do it.
pub(super) struct Part<'m> {
    pub(super) worker: usize,
    pub(super) board: Board<'m>,
    pub(super) outbox: Outbox<'m>,
    /// Arrays that the map writes and whose memory nobody has asked for.
    pub(super) fresh: &'m [Span],
    pub(super) again: Again,
}

impl<'m> Part<'m> {
    /// Does it, unless another process has it.
    pub(super) fn run(self, work: impl FnOnce(Lease<'m>) -> Result<(), Failure>) {
        let Self { worker, board, outbox, fresh, again } = self;
        let Some(mut lease) = board.lease(worker) else { return };
        if again.units.is_empty()
            && !fresh.is_empty()
            && let Some((part, parts)) = board.rank(worker)
        {
            // The pages that it will write, for the most part.
            fresh.iter().for_each(|span| pages::make_ready(*span, part, parts));
        }
        lease.renew(again.units, again.anew);
        let ended = work(lease);
        let failed = ended.as_ref().err().and_then(|failure| failure.index);
        outbox.end(ended);
        // Not before it is told, or it could be known to nobody why indices are not wanted any more.
        failed.into_iter().for_each(|index| board.fail_at(index));
    }

    /// Tells that the worker must not begin, because memory that it must not write could not be protected.
    pub(super) fn leave_unprotected(self, errno: impl std::fmt::Display) {
        let message = format!("shared arrays that it must not write could not be protected: {errno}");
        self.outbox.end(Err(Failure::new(Cause::System, None, message)));
    }
}
