//! The thread crew: the caller and the threads of a rayon pool.

use std::cell::Cell;
use std::hint::spin_loop;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::job::{Crew, Done, Job, lowest};
use super::nested::is_inside;
use crate::error::{Error, ErrorKind, Progress, Result};
use crate::share::{Board, Head, Ledger, Plan, Post};
use crate::sys::handoff::Handoff;
use crate::sys::lend::{Lender, Loaned};
use crate::sys::memory::Sharing;
use crate::sys::process::processors;

/// A thread of a pool may take a worker up while a piece of another worker's kernel waits below it on the same stack. That kernel cannot end before
/// this worker leaves, and nothing in rayon tells. So such a thread waits for workers that do not come on no longer than this; and not at
/// all if its stack is deeper than it was for another part. It comes back when it has nothing else to do.
const PATIENCE: Duration = Duration::from_millis(200);

/// For so long after it has come to a part, a thread waits for that of the next map: where maps are longer, there is nothing to be won.
const AWAKE: Duration = Duration::from_micros(20);

/// Looks at what may be handed to a thread between two looks at the clock.
const LOOKS: usize = 64;

thread_local! {
    /// The highest address at which a part began on this thread. Stacks grow down.
    static SHALLOWEST: Cell<usize> = const { Cell::new(0) };
    static SPARE: Cell<Spare> = const { Cell::new(Spare { posts: Vec::new(), lender: Lender::new() }) };
}

/// What a thread keeps from one of its maps to the next.
#[derive(Default)]
struct Spare {
    posts: Vec<Post>,
    lender: Lender,
}

/// The same, during a map.
struct Taken(Spare);

impl Taken {
    fn for_workers(workers: usize) -> Self {
        let mut spare = SPARE.try_with(Cell::take).unwrap_or_default();
        let Spare { posts, .. } = &mut spare;
        posts[..workers.min(posts.len())].iter().for_each(Post::clear);
        posts.resize_with(workers.max(posts.len()), Post::default);
        Self(spare)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let spare = std::mem::take(&mut self.0);
        let _ = SPARE.try_with(|kept| kept.set(spare));
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
    /// For each thread; for none if workers are more than processors: who waits awake takes the time of who works.
    handoffs: Arc<[Handoff]>,
}

impl Threads {
    pub(crate) fn new() -> Self {
        Self { pool: OnceLock::new(), starting: Mutex::new(()) }
    }

    fn pool(&self, threads: usize) -> Result<&Pool> {
        let _one_at_a_time = match self.pool.get() {
            Some(_) => None,
            None => Some(self.starting.lock().unwrap_or_else(PoisonError::into_inner)),
        };
        match self.pool.get() {
            Some(pool) => Ok(pool),
            None => {
                let pool = Pool::start(threads)?;
                Ok(self.pool.get_or_init(|| pool))
            }
        }
    }
}

impl Crew for Threads {
    fn sharing(&self) -> Sharing {
        Sharing::Threads
    }

    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Done> {
        let head = Head::default();
        let mut spare = Taken::for_workers(plan.workers);
        let Spare { posts, lender } = &mut spare.0;
        let board = Board::set(&head, &posts[..plan.workers], Ledger::none(), plan);
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
        match plan.starters().len() {
            0 => {}
            1 => _ = work(plan.starter(0)),
            parts => {
                let pool = self.pool(plan.workers - 1)?;
                lender.lend(parts, &|number| work(plan.starter(number)), |part| pool.hand_out(part), pass_time);
            }
        }
        match lowest(failures.into_inner().unwrap_or_else(PoisonError::into_inner)) {
            Some(error) => Err(error.after(Progress::of(board.done(), plan.items))),
            None => Ok(board.report().into()),
        }
    }
}

/// Makes a part, then those that are handed to this thread before long.
fn come(part: Loaned, handoffs: Arc<[Handoff]>) {
    if !part.is_open() {
        // Its map did without, and the queue may hold more of the kind.
        return;
    }
    let begun = Instant::now();
    let mut next = Some(part);
    while let Some(part) = next {
        if let Some(part) = part.make() {
            // This may be a thread that waits in a kernel and looks for work again and again.
            std::thread::yield_now();
            rayon::spawn(|| come(part, handoffs));
            return;
        }
        next = linger(begun, &handoffs);
    }
}

/// Waits for the next part, but not beyond a while from the beginning: others may wait for this thread in the pool's queue. Not where a kernel below
/// waits for its end.
fn linger(begun: Instant, handoffs: &[Handoff]) -> Option<Loaned> {
    let handoff = handoffs.get(rayon::current_thread_index()?)?;
    if is_inside() || begun.elapsed() > AWAKE {
        return None;
    }
    let mut looks = 0;
    handoff.wait(|| {
        looks += 1;
        if looks % LOOKS > 0 {
            spin_loop();
            return true;
        }
        std::thread::yield_now();
        begun.elapsed() < AWAKE
    })
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
        let awake = if number < processors() { number } else { 0 };
        Ok(Self { rayon: Some(rayon), threads, handoffs: (0..awake).map(|_| Handoff::new()).collect() })
    }

    /// Brings a part to a thread: to the one of its number, if that waits, or to whichever comes first.
    fn hand_out(&self, part: Loaned) {
        let part = match self.handoffs.get(part.number() - 1) {
            Some(handoff) => handoff.give(part),
            None => Some(part),
        };
        if let Some(part) = part {
            let handoffs = Arc::clone(&self.handoffs);
            self.rayon.as_ref().expect("only `drop` takes it").spawn(|| come(part, handoffs));
        }
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
