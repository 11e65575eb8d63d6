//! The serial crew: the caller is the only worker.

use super::job::{Crew, Job, Trace};
use crate::error::Result;
use crate::report::WorkerReport;
use crate::share::{Board, Head, Plan, Post};
use crate::sys::memory::Sharing;

/// One worker, on the thread of the caller.
#[derive(Debug)]
pub(crate) struct Serial;

impl Crew for Serial {
    fn sharing(&self) -> Sharing {
        Sharing::Threads
    }

    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Vec<WorkerReport>> {
        let (head, post) = (Head::default(), [Post::default()]);
        let board = Board::set(&head, &post, Plan { workers: 1, ..plan });
        if let Some(lease) = board.lease(0) {
            job.work(lease, Trace::Failures).map_err(|failure| failure.into_error(0, None))?;
        }
        Ok(board.report())
    }
}
