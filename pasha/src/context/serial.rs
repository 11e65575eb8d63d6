//! The serial crew: the caller is the only worker.

use super::job::{Crew, Done, Job};
use crate::error::{Progress, Result};
use crate::share::{Board, Head, Ledger, Plan, Post};
use crate::sys::memory::Sharing;

/// One worker, on the thread of the caller.
#[derive(Debug)]
pub(crate) struct Serial;

impl Crew for Serial {
    fn sharing(&self) -> Sharing {
        Sharing::Threads
    }

    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Done> {
        let (head, post) = (Head::default(), [Post::default()]);
        let board = Board::set(&head, &post, Ledger::none(), Plan { workers: 1, ..plan });
        if let Some(lease) = board.lease(0) {
            let ended = job.work(lease);
            ended.map_err(|failure| failure.into_error(0, None).after(Progress::of(board.done(), plan.items)))?;
        }
        Ok(board.report().into())
    }
}
