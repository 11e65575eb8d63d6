//! The thread crew: the caller and the threads of a rayon pool.

use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::job::{Crew, Job, Trace, lowest};
use crate::error::{Error, ErrorKind, Result};
use crate::report::WorkerReport;
use crate::share::{Board, Head, Plan, Post};
use crate::sys::memory::Sharing;

/// As many workers as the pool has threads, and the thread that calls `map`.
///
/// The pool is rayon's own, so that a kernel that calls rayon shares it instead of adding threads.
#[derive(Debug)]
pub(crate) struct Threads {
    /// `None` for a single worker. An option only for `drop` to take it.
    pool: Option<ThreadPool>,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    pub(crate) fn new(workers: usize) -> Result<Self> {
        let mut threads = Vec::new();
        if workers == 1 {
            return Ok(Self { pool: None, threads });
        }
        let pool = ThreadPoolBuilder::new()
            .num_threads(workers - 1)
            .thread_name(|thread| format!("pasha worker {}", thread + 1))
            .spawn_handler(|thread| {
                let name = std::thread::Builder::new().name(thread.name().unwrap_or("pasha worker").to_owned());
                threads.push(name.spawn(|| thread.run())?);
                Ok(())
            })
            .build()
            .map_err(|cause| {
                let message = format!("{workers} threads could not be started: {cause}; fewer workers may help");
                Error::new(ErrorKind::System, message).caused_by(cause)
            })?;
        Ok(Self { pool: Some(pool), threads })
    }
}

impl Crew for Threads {
    fn sharing(&self) -> Sharing {
        Sharing::Threads
    }

    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Vec<WorkerReport>> {
        let head = Head::default();
        let posts: Vec<Post> = std::iter::repeat_with(Post::default).take(plan.workers).collect();
        let board = Board::set(&head, &posts, plan);
        let failures = Mutex::new(Vec::new());
        // A worker id belongs to the task, not to the thread: a kernel that waits in rayon may run another task of the same map.
        let work = |worker| {
            if let Some(lease) = board.lease(worker)
                && let Err(failure) = job.work(lease, Trace::Failures)
            {
                failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure.into_error(worker, None));
            }
        };
        let mut workers = plan.starters();
        match (&self.pool, workers.next()) {
            (_, None) => {}
            (None, Some(first)) => std::iter::once(first).chain(workers).for_each(work),
            (Some(pool), Some(first)) => pool.in_place_scope(|scope| {
                for worker in workers {
                    let work = &work;
                    scope.spawn(move |_| work(worker));
                }
                work(first);
            }),
        }
        match lowest(failures.into_inner().unwrap_or_else(PoisonError::into_inner)) {
            Some(error) => Err(error),
            None => Ok(board.report()),
        }
    }
}

impl Drop for Threads {
    /// Waits until the threads are gone: a process context may be used right afterwards, and it must not fork beside them.
    fn drop(&mut self) {
        drop(self.pool.take());
        // A kernel may own the last handle to its context, and then this is one of the threads.
        let current = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != current) {
            let _ = thread.join();
        }
    }
}
