//! The thread crew: the caller and the threads of a rayon pool.

use std::cell::Cell;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::job::{Crew, Done, Job, lowest};
use crate::error::{Error, ErrorKind, Progress, Result};
use crate::share::{Board, Head, Ledger, Plan, Post};
use crate::sys::lend::{Loaned, lend};
use crate::sys::memory::Sharing;

/// A thread of a pool may take a worker up while a piece of another worker's kernel waits below it on the same stack. That kernel cannot end before
/// this worker leaves, and nothing in rayon tells. So such a thread waits for workers that do not come on no longer than this; and not at
/// all if its stack is deeper than it was for another part. It comes back when it has nothing else to do.
const PATIENCE: Duration = Duration::from_millis(200);

thread_local! {
    /// The highest address at which a part began on this thread. Stacks grow down.
    static SHALLOWEST: Cell<usize> = const { Cell::new(0) };
    static SPARE: Cell<Vec<Post>> = const { Cell::new(Vec::new()) };
}

/// The words of workers, which a thread keeps from one map to the next.
struct Posts(Vec<Post>);

impl Posts {
    fn of(workers: usize) -> Self {
        let mut posts = SPARE.try_with(Cell::take).unwrap_or_default();
        posts[..workers.min(posts.len())].iter().for_each(Post::clear);
        posts.resize_with(workers.max(posts.len()), Post::default);
        Self(posts)
    }
}

impl Drop for Posts {
    fn drop(&mut self) {
        let posts = std::mem::take(&mut self.0);
        let _ = SPARE.try_with(|spare| spare.set(posts));
    }
}

/// One worker is the thread that calls `map`; the others are threads of a pool, started by the first map.
///
/// The pool is rayon's own, so that a kernel that calls rayon shares it instead of adding threads.
#[derive(Debug)]
pub(crate) struct Threads {
    pool: OnceLock<Pool>,
    starting: Mutex<()>,
}

#[derive(Debug)]
struct Pool {
    /// An option only for `drop` to take it.
    rayon: Option<ThreadPool>,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    pub(crate) fn new() -> Self {
        Self { pool: OnceLock::new(), starting: Mutex::new(()) }
    }

    fn pool(&self, threads: usize) -> Result<&ThreadPool> {
        let _one_at_a_time = match self.pool.get() {
            Some(_) => None,
            None => Some(self.starting.lock().unwrap_or_else(PoisonError::into_inner)),
        };
        let pool = match self.pool.get() {
            Some(pool) => pool,
            None => {
                let pool = Pool::start(threads)?;
                self.pool.get_or_init(|| pool)
            }
        };
        Ok(pool.rayon.as_ref().expect("only `drop` takes it"))
    }
}

impl Crew for Threads {
    fn sharing(&self) -> Sharing {
        Sharing::Threads
    }

    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Done> {
        let head = Head::default();
        let spare = Posts::of(plan.workers);
        let posts = &spare.0[..plan.workers];
        let board = Board::set(&head, posts, Ledger::none(), plan);
        let failures = Mutex::new(Vec::new());
        // A worker id belongs to the part, not to the thread: a kernel that waits in rayon may take up another part of the same map.
        let work = |worker| {
            let Some(mut lease) = board.lease(worker) else { return false };
            lease.while_idle(pass_time);
            if rayon::current_thread_index().is_some() {
                lease.wait_at_most(if lies_deeper() { Duration::ZERO } else { PATIENCE });
            }
            match job.work(lease) {
                Ok(()) => {
                    board.leave(worker);
                    board.may_hand_on()
                }
                Err(failure) => {
                    if let Some(index) = failure.index {
                        board.fail_at(index);
                    }
                    failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure.into_error(worker, None));
                    false
                }
            }
        };
        let workers: Vec<usize> = plan.starters().collect();
        match *workers {
            [] => {}
            [worker] => _ = work(worker),
            _ => {
                let pool = self.pool(plan.workers - 1)?;
                lend(workers.len(), &|number| work(workers[number]), |part| pool.spawn(|| come(part)), pass_time);
            }
        }
        match lowest(failures.into_inner().unwrap_or_else(PoisonError::into_inner)) {
            Some(error) => Err(error.after(Progress::of(board.done(), plan.items))),
            None => Ok(board.report().into()),
        }
    }
}

/// Makes a part, and comes back to it later if it wants that.
fn come(part: Loaned) {
    if let Some(part) = part.make() {
        // This may be a thread that waits in a kernel and looks for work again and again.
        std::thread::yield_now();
        rayon::spawn(|| come(part));
    }
}

/// Whether something of size lies between this part and the main loop of its thread.
#[inline(never)]
fn lies_deeper() -> bool {
    let here = 0_u8;
    let here = std::ptr::from_ref(&here).addr();
    SHALLOWEST.set(SHALLOWEST.get().max(here));
    here + 1024 < SHALLOWEST.get()
}

/// Lets other work of the pool go on: a kernel may wait for a job that only this thread can run.
fn pass_time() {
    if rayon::yield_now().is_none() {
        std::thread::yield_now();
    }
}

impl Pool {
    fn start(number: usize) -> Result<Self> {
        let mut threads = Vec::new();
        let rayon = ThreadPoolBuilder::new()
            .num_threads(number)
            .thread_name(|thread| format!("pasha worker {}", thread + 1))
            .spawn_handler(|thread| {
                let builder = std::thread::Builder::new().name(thread.name().unwrap_or("pasha worker").to_owned());
                threads.push(builder.spawn(|| thread.run())?);
                Ok(())
            })
            .build()
            .map_err(|cause| {
                let message = format!("{number} threads could not be started: {cause}; fewer workers may help");
                Error::new(ErrorKind::System, message).caused_by(cause)
            })?;
        Ok(Self { rayon: Some(rayon), threads })
    }
}

impl Drop for Pool {
    /// Waits until the threads are gone: a process context may be used right afterwards, and it must not fork beside them.
    fn drop(&mut self) {
        drop(self.rayon.take());
        // A kernel may own the last handle to its context, and then this is one of the threads.
        let current = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != current) {
            let _ = thread.join();
        }
    }
}
