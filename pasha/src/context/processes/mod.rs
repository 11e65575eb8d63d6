//! The process crew: one forked process for each worker, for each map.
//!
//! The host forks the workers, waits for their ends on pidfds, and runs nothing itself. What a worker has to say lies in memory that both
//! see: its [`Post`] (where it is, what it did) and its [`Outbox`] (how it ended). Success is what the outbox says,
//! never an exit status: another part of the host may have taken that.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use super::job::{Cause, Crew, Failure, Job, Trace, lowest};
use crate::error::{Error, ErrorKind, Result, Site};
use crate::report::WorkerReport;
use crate::share::{Board, Head, Plan, Post};
use crate::sys::memory::{Others, Sharing, Span};
use crate::sys::permit::{Permit, Promise};
use crate::sys::process::{self, Child, Exit};
use crate::sys::words::SharedWords;

mod outbox;

use outbox::{Outbox, WORDS};

/// Forks for every map.
#[derive(Debug)]
pub(crate) struct Processes {
    pub(crate) promise: Option<Promise>,
}

/// How long a worker process may live on when its part has ended.
const GRACE: Duration = Duration::from_secs(1);

impl Crew for Processes {
    fn sharing(&self) -> Sharing {
        Sharing::Processes
    }

    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Vec<WorkerReport>> {
        let permit = Permit::obtain(self.promise)?;
        let head = SharedWords::<Head>::new(1)?;
        let posts = SharedWords::<Post>::new(plan.workers)?;
        let outboxes = SharedWords::<[AtomicU64; WORDS]>::new(plan.workers)?;
        let outbox = |worker: usize| Outbox(&outboxes[worker]);
        let board = Board::set(&head[0], &posts, plan);
        let mut writable = job.spans();
        writable.extend([head.span(), posts.span(), outboxes.span()]);

        if permit.alone() {
            // What is buffered now would be printed by every worker again.
            process::flush();
        }
        let mut team = Vec::new();
        let others = Others::than(&writable);
        for worker in plan.starters() {
            let part = Part { job, worker, board, outbox: outbox(worker), others: &others };
            let child = process::fork(&permit, outbox(worker).fault_word(), || part.run())?;
            team.push(Member { worker, child, outbox: outbox(worker), ended: None });
        }

        let protected = others.into_spans();

        let mut errors = Vec::new();
        while !team.is_empty() {
            let children: Vec<&Child> = team.iter().map(|member| &member.child).collect();
            for at in process::wait_any(&children)?.into_iter().rev() {
                let Member { worker, mut child, outbox, .. } = team.swap_remove(at);
                let exit = child.reap();
                match outbox.ended() {
                    Some(Ok(())) => {}
                    Some(Err(failure)) => errors.push(failure.into_error(worker, Some(child.pid()))),
                    None => {
                        process::end_all(team.into_iter().map(|member| member.child).collect());
                        let death = Death {
                            worker,
                            pid: child.pid(),
                            exit,
                            index: board.index_of(worker),
                            fault: outbox.fault(),
                        };
                        let done = board.report().iter().map(WorkerReport::items).sum();
                        return Err(death.into_error(&protected, done, plan.items));
                    }
                }
            }
            team.iter_mut().for_each(Member::end_if_it_lingers);
        }
        match lowest(errors) {
            Some(error) => Err(error),
            None => Ok(board.report()),
        }
    }
}

/// A worker process, seen from its host.
struct Member<'m> {
    worker: usize,
    child: Child,
    outbox: Outbox<'m>,
    /// When its part was first seen to have ended.
    ended: Option<Instant>,
}

impl Member<'_> {
    /// A worker whose part has ended may be kept by what its kernel left behind, such as a thread that holds a lock.
    fn end_if_it_lingers(&mut self) {
        if self.ended.is_none() && self.outbox.ended().is_some() {
            self.ended = Some(Instant::now());
        }
        if self.ended.is_some_and(|ended| ended.elapsed() > GRACE) {
            self.child.kill();
        }
    }
}

/// What one worker process does.
struct Part<'m> {
    job: &'m dyn Job,
    worker: usize,
    board: Board<'m>,
    outbox: Outbox<'m>,
    others: &'m Others,
}

impl Part<'_> {
    fn run(self) {
        if let Err(errno) = self.others.write_protect() {
            let message = format!("shared arrays that it must not write could not be protected: {errno}");
            self.outbox.end(Err(Failure::new(Cause::System, None, message)));
        } else if let Some(lease) = self.board.lease(self.worker) {
            self.outbox.end(self.job.work(lease, Trace::Indices));
        }
    }
}

/// A worker process that ended without having said how.
struct Death {
    worker: usize,
    pid: u32,
    exit: Exit,
    index: Option<usize>,
    fault: Option<usize>,
}

impl Death {
    fn into_error(self, protected: &[Span], done: usize, items: usize) -> Error {
        let Self { worker, pid, exit, index, fault } = self;
        let place = match index {
            Some(index) => format!("at index {index}"),
            None => "between items".to_owned(),
        };
        let fault = match fault {
            Some(address) if protected.iter().any(|span| span.contains(address)) => {
                ", writing to a shared array that this kernel is not bound to: bind it by `#[out]` or another attribute, a lock does not \
                 reach across processes"
                    .to_owned()
            }
            Some(address) => format!(", at address {address:#x}"),
            None => String::new(),
        };
        Error::new(
            ErrorKind::Died,
            format!("worker {worker} (pid {pid}) died {place}: {exit}{fault}; {done} of {items} items were counted as done before"),
        )
        .at(Site { worker: Some(worker), index, pid: Some(pid) })
    }
}
