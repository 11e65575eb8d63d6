//! Shares: which worker does which indices. Even split, claiming, stealing; plain atomics, no memory and no system calls of its own.
//!
//! Every index of a map is given out once. Under [`Schedule::Static`] worker `w` walks its even part and nothing else. Under
//! [`Schedule::Dynamic`] that part is where it starts: the part lies packed in the worker's claim word, the worker takes runs from its front
//! by compare-and-swap, and who runs dry takes the back half of the fullest word of another. A word says all there is to know
//! about its range (`lo..hi`, both 32 bits), so that a swap that succeeds is right whatever happened in between.
//!
//! [`Share`], [`Turn`] and [`Lease`] cannot be made outside this file, copied (but for a turn's own lifetime) or kept. The disjoint writes of
//! `array/` rest on just that: a turn is the only live one for its index and for its worker in its map. Nothing in the types ties a turn to its
//! map; `map.rs` does, which asks a binding for one worker's things once a lease and uses them with turns of that lease only.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::report::WorkerReport;

mod pace;
#[cfg(test)]
mod test;

pub(crate) use pace::Pace;

/// How the indices of a map are divided among its workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Schedule {
    /// Worker `w` of `p` does the indices `w * n / p .. (w + 1) * n / p`, in ascending order, and no others: the split of Python pasha.
    ///
    /// Which worker adds which item is then fixed, so that a `#[reduce]` gives the same bits every time, in threads and in
    /// processes, for the same number of workers.
    Static,
    /// Each worker begins with its even part and takes over from others when it runs dry. The default.
    #[default]
    Dynamic,
}

/// The part that worker `part` of `parts` begins with.
pub(crate) fn even(items: usize, parts: usize, part: usize) -> Range<usize> {
    let cut = |part: usize| (part as u128 * items as u128 / parts as u128) as usize;
    cut(part)..cut(part + 1)
}

/// What a map is about to do: fixed before any worker starts, the same for all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) items: usize,
    pub(crate) workers: usize,
    pub(crate) schedule: Schedule,
}

/// The words that all workers of a map share with each other and with the host.
#[repr(C, align(128))]
#[derive(Default)]
pub(crate) struct Head {
    /// Bit pattern of the lowest index that failed, inverted: 0 means none.
    failed: AtomicU64,
    /// Not 0: whoever holds more than one item looks up from it, because somebody has nothing to do ([`IDLE`]) or an index failed ([`FAILED`]).
    call: AtomicU64,
}

/// Goes when it is heard; who is still idle calls again.
const IDLE: u64 = 1;
/// Stays.
const FAILED: u64 = 2;

/// The words of one worker, on lines of their own.
#[repr(C, align(128))]
#[derive(Default)]
pub(crate) struct Post {
    /// `lo << 32 | hi`, in units of [`Plan::grain`] items: what the worker has not claimed yet.
    range: AtomicU64,
    /// Items in hand, the current one included.
    holding: AtomicU64,
    leased: AtomicU64,
    /// One more than the index being worked on; 0 between shares.
    at: AtomicU64,
    items: AtomicU64,
    busy: AtomicU64,
}

/// A view of the words of one map, wherever they lie.
#[derive(Clone, Copy)]
pub(crate) struct Board<'m> {
    head: &'m Head,
    posts: &'m [Post],
    plan: Plan,
}

impl Plan {
    /// Items to a unit of a claim word: 1 until 32 bits are not enough.
    fn grain(&self) -> usize {
        self.items.div_ceil(u32::MAX as usize).max(1)
    }

    fn units(&self) -> usize {
        self.items.div_ceil(self.grain())
    }

    /// The workers that have something to begin with. The others have nothing to do that these cannot do.
    pub(crate) fn starters(self) -> impl Iterator<Item = usize> {
        (0..self.workers).filter(move |worker| !even(self.units(), self.workers, *worker).is_empty())
    }
}

impl<'m> Board<'m> {
    /// Lays the plan out on words that are all zero. One post for each worker of the plan.
    pub(crate) fn set(head: &'m Head, posts: &'m [Post], plan: Plan) -> Self {
        assert_eq!(posts.len(), plan.workers, "one post a worker");
        for (worker, post) in posts.iter().enumerate() {
            let Range { start, end } = even(plan.units(), plan.workers, worker);
            post.range.store(pack(start as u32, end as u32), Relaxed);
        }
        Self { head, posts, plan }
    }

    /// The right to work as `worker` in this map: once, and to nobody else.
    pub(crate) fn lease(self, worker: usize) -> Option<Lease<'m>> {
        let free = self.posts.get(worker)?.leased.swap(1, Relaxed) == 0;
        free.then(|| Lease {
            board: self,
            worker,
            own: even(self.plan.items, self.plan.workers, worker),
            patience: Duration::MAX,
            while_idle: std::thread::yield_now,
        })
    }

    /// What each worker did.
    pub(crate) fn report(&self) -> Vec<WorkerReport> {
        let report = |post: &Post| {
            WorkerReport::new(post.items.load(Relaxed) as usize, Duration::from_nanos(post.busy.load(Relaxed)))
        };
        self.posts.iter().map(report).collect()
    }

    /// The index that `worker` is at, if it is at one.
    pub(crate) fn index_of(&self, worker: usize) -> Option<usize> {
        (self.posts[worker].at.load(Relaxed) as usize).checked_sub(1)
    }

    /// Indices below this are still wanted.
    fn limit(&self) -> usize {
        let limit = !self.head.failed.load(Relaxed);
        usize::try_from(limit).unwrap_or(usize::MAX).min(self.plan.items)
    }
}

/// The right to work under one id in one map. Dropped with the worker's last share.
pub struct Lease<'m> {
    board: Board<'m>,
    worker: usize,
    /// What is left of the even part; used by the static schedule only.
    own: Range<usize>,
    /// How long to wait for others that may hand something back.
    patience: Duration,
    while_idle: fn(),
}

impl<'m> Lease<'m> {
    pub(crate) fn worker(&self) -> usize {
        self.worker
    }

    /// Has the worker leave when nobody came on for a while, rather than wait for others: it may run on the stack of one of them, which would never go on.
    pub(crate) fn wait_at_most(&mut self, patience: Duration) {
        self.patience = patience.min(self.patience);
    }

    /// What to do again and again while there is nothing to do. It may run other work.
    pub(crate) fn while_idle(&mut self, pass_time: fn()) {
        self.while_idle = pass_time;
    }

    /// Whether there are no other workers in this map.
    #[inline]
    pub(crate) fn is_alone(&self) -> bool {
        self.board.posts.len() == 1
    }

    /// From here on only indices below `index` matter.
    pub(crate) fn fail_at(&self, index: usize) {
        self.board.head.failed.fetch_max(!(index as u64), Relaxed);
        self.board.head.call.fetch_or(FAILED, Relaxed);
    }

    /// The next run of at most `want` indices, or nothing if all are taken.
    ///
    /// Waits as long as others hold runs of many items that they may yet hand back, unless it must not.
    pub(crate) fn claim(&mut self, want: usize) -> Option<Share> {
        // Before the wait: two that wait must not take each other for busy.
        self.post().holding.store(0, Relaxed);
        let range = match self.board.plan.schedule {
            Schedule::Static => self.claim_own(want),
            Schedule::Dynamic => self.claim_any(want),
        };
        self.post().holding.store(range.as_ref().map_or(0, ExactSizeIterator::len) as u64, Relaxed);
        range.map(|range| Share::new(self.worker, range))
    }

    /// Puts down what was not done of the last claim.
    ///
    /// The owner alone moves the front of its word, so that the rest of its last claim still lies right before it. What comes back must begin
    /// at a whole unit, and none of its indices may have been given out as a turn.
    pub(crate) fn give_back(&mut self, rest: Share) {
        let Range { start, end } = rest.range();
        match self.board.plan.schedule {
            Schedule::Static => self.own.start = start,
            Schedule::Dynamic => {
                let grain = self.board.plan.grain();
                assert!(start.is_multiple_of(grain), "only whole units come back");
                let units = (end.div_ceil(grain) - start / grain) as u32;
                update(&self.post().range, |lo, hi| Some((lo - units, hi)));
            }
        }
        self.post().holding.store(0, Relaxed);
    }

    /// Whether the call is for a worker that has the indices `rest` in hand, and these can be put down.
    #[cold]
    pub(crate) fn must_stop(&self, rest: &Range<usize>) -> bool {
        let idle = self.board.head.call.load(Relaxed) & IDLE != 0;
        (idle || self.board.limit() < rest.end) && rest.start.is_multiple_of(self.board.plan.grain())
    }

    /// What a worker looks at and writes after every item.
    #[inline]
    pub(crate) fn signs(&self) -> Signs<'m> {
        Signs { at: &self.post().at, call: &self.board.head.call }
    }

    /// Says that no index is being worked on, and counts what was done.
    pub(crate) fn rest(&self, done: usize, nanoseconds: u64) {
        let post = self.post();
        post.at.store(0, Relaxed);
        post.items.store(post.items.load(Relaxed) + done as u64, Relaxed);
        post.busy.store(post.busy.load(Relaxed) + nanoseconds, Relaxed);
    }

    #[inline]
    fn post(&self) -> &'m Post {
        &self.board.posts[self.worker]
    }

    fn claim_own(&mut self, want: usize) -> Option<Range<usize>> {
        let end = self.own.end.min(self.board.limit());
        let start = self.own.start;
        let stop = start.saturating_add(want).min(end);
        if start >= stop {
            return None;
        }
        self.own.start = stop;
        Some(start..stop)
    }

    fn claim_any(&mut self, want: usize) -> Option<Range<usize>> {
        let mut wait = Wait::default();
        loop {
            let limit = self.board.limit();
            let grain = self.board.plan.grain();
            let (units, end) = (want.div_ceil(grain), limit.div_ceil(grain));
            if let Some(range) = self.take(units, end).or_else(|| self.steal(units, end)) {
                return Some(self.indices(range, limit));
            }
            if wait.is_longer_than(self.patience, || self.progress()) || !self.others_may_give_back(limit) {
                return None;
            }
            self.board.head.call.fetch_or(IDLE, Relaxed);
            wait.on(self.while_idle);
        }
    }

    /// From the front of the own word, nothing from the unit `end` on.
    fn take(&self, units: usize, end: usize) -> Option<Range<u32>> {
        let alone = self.is_alone();
        let mut taken = 0..0;
        update(&self.post().range, |lo, hi| {
            let left = (hi.min(u32::try_from(end).unwrap_or(u32::MAX))).checked_sub(lo).filter(|left| *left > 0)?;
            // Half of it stays for others to take over, unless there are none.
            let most = if alone { left } else { left.div_ceil(2) };
            let count = u32::try_from(units).unwrap_or(u32::MAX).clamp(1, most);
            taken = lo..lo + count;
            Some((lo + count, hi))
        })
        .then_some(taken)
    }

    /// The back half of the fullest other word becomes the own word, and its front the claim.
    fn steal(&self, units: usize, end: usize) -> Option<Range<u32>> {
        loop {
            let (seen, victim) = (1..self.board.posts.len())
                .map(|step| &self.board.posts[(self.worker + step) % self.board.posts.len()])
                .map(|post| (post.range.load(Relaxed), post))
                .filter(|(word, _)| unpack(*word).0 < unpack(*word).1 && (unpack(*word).0 as usize) < end)
                .max_by_key(|(word, _)| unpack(*word).1 - unpack(*word).0)?;
            let (lo, hi) = unpack(seen);
            let middle = lo + (hi - lo) / 2;
            if victim.range.compare_exchange(seen, pack(lo, middle), Relaxed, Relaxed).is_err() {
                continue;
            }
            // The own word is empty, or holds nothing below the limit: nobody else swaps it.
            self.post().range.store(pack(middle, hi), Relaxed);
            if let Some(range) = self.take(units, end) {
                return Some(range);
            }
        }
    }

    fn others_may_give_back(&self, limit: usize) -> bool {
        limit > 0
            && (self.board.posts.iter().enumerate())
                .any(|(worker, post)| worker != self.worker && post.holding.load(Relaxed) > 1)
    }

    /// A number that changes whenever a share ends.
    fn progress(&self) -> u64 {
        self.board.posts.iter().map(|post| post.items.load(Relaxed)).fold(0, u64::wrapping_add)
    }

    fn indices(&self, units: Range<u32>, limit: usize) -> Range<usize> {
        let grain = self.board.plan.grain();
        units.start as usize * grain..(units.end as usize * grain).min(limit)
    }

    /// Says that the call was heard.
    pub(crate) fn heard(&self) {
        self.board.head.call.fetch_and(!IDLE, Relaxed);
    }
}

/// Two words of the board. By value in the loop: behind the lease they would be looked up for every item.
#[derive(Clone, Copy)]
pub(crate) struct Signs<'m> {
    at: &'m AtomicU64,
    call: &'m AtomicU64,
}

impl Signs<'_> {
    /// Says that `index` is next.
    #[inline]
    pub(crate) fn at(self, index: usize) {
        self.at.store(index as u64 + 1, Relaxed);
    }

    /// Whether somebody asks everybody to look up from their shares.
    #[inline]
    pub(crate) fn called(self) -> bool {
        self.call.load(Relaxed) != 0
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.post().holding.store(0, Relaxed);
    }
}

/// A run of indices that was given to one worker and to nobody else.
pub(crate) struct Share {
    worker: usize,
    next: usize,
    left: usize,
}

impl Share {
    fn new(worker: usize, range: Range<usize>) -> Self {
        Self { worker, next: range.start, left: range.len() }
    }

    /// Takes its first `len` indices, or all.
    #[inline]
    pub(crate) fn split_front(&mut self, len: usize) -> Share {
        let front = Share { worker: self.worker, next: self.next, left: len.min(self.left) };
        self.next += front.left;
        self.left -= front.left;
        front
    }

    /// Takes all that is left of it. It still begins where it began.
    #[inline]
    pub(crate) fn take(&mut self) -> Share {
        Share { worker: self.worker, next: self.next, left: std::mem::take(&mut self.left) }
    }

    /// What is left of it.
    #[inline]
    pub(crate) fn range(&self) -> Range<usize> {
        self.next..self.next + self.left
    }

    /// The next index of it.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<Turn<'_>> {
        self.left = self.left.checked_sub(1)?;
        let index = self.next;
        self.next += 1;
        Some(Turn { worker: self.worker, index, share: PhantomData })
    }
}

/// One call of the kernel: the only live turn of its worker, and the only one ever for its index, in one map.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'t> {
    worker: usize,
    index: usize,
    share: PhantomData<&'t mut ()>,
}

impl Turn<'_> {
    /// The worker whose turn it is.
    #[inline]
    pub(crate) fn worker(self) -> usize {
        self.worker
    }

    /// The index it is about.
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.index
    }
}

fn pack(lo: u32, hi: u32) -> u64 {
    u64::from(lo) << 32 | u64::from(hi)
}

fn unpack(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}

/// Replaces a claim word; says whether it did.
fn update(word: &AtomicU64, mut change: impl FnMut(u32, u32) -> Option<(u32, u32)>) -> bool {
    word.fetch_update(Relaxed, Relaxed, |old| {
        let (lo, hi) = unpack(old);
        change(lo, hi).map(|(lo, hi)| pack(lo, hi))
    })
    .is_ok()
}

/// A wait for some 20 µs of work, or for one long item: spins a little, then passes time, then sleeps in between.
#[derive(Default)]
struct Wait {
    turns: u32,
    /// Since when there is only this progress.
    still: Option<(u64, Instant)>,
}

impl Wait {
    /// Whether there was no progress for so long.
    fn is_longer_than(&mut self, patience: Duration, progress: impl FnOnce() -> u64) -> bool {
        if patience.is_zero() || patience == Duration::MAX || self.turns < YIELDS {
            return patience.is_zero();
        }
        let progress = progress();
        match self.still {
            Some((seen, since)) if seen == progress => since.elapsed() > patience,
            _ => {
                self.still = Some((progress, Instant::now()));
                false
            }
        }
    }

    fn on(&mut self, pass_time: fn()) {
        self.turns = self.turns.saturating_add(1);
        match self.turns {
            0..SPINS => std::hint::spin_loop(),
            SPINS..YIELDS => pass_time(),
            _ => {
                pass_time();
                std::thread::sleep(Duration::from_micros(100));
            }
        }
    }
}

const SPINS: u32 = 32;
const YIELDS: u32 = 256;
