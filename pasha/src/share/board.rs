//! The board: the words that all workers of a map share with each other and with their host.

use std::ops::Range;
use std::slice::from_ref;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use super::lease::{Lease, in_order};
use super::ledger::Ledger;
use super::plan::{Plan, Schedule, indices};
use super::sync::{AtomicU64, yield_now};
use super::wait::Wait;
use crate::report::WorkerReport;

/// The words of the whole map.
#[repr(C, align(128))]
#[derive(Default)]
pub(crate) struct Head {
    /// Bit pattern of the lowest index that failed, inverted: 0 means none.
    pub(super) failed: AtomicU64,
    /// Not 0: whoever holds more than one item looks up from it, because somebody has nothing to do ([`IDLE`]) or an index failed ([`FAILED`]).
    pub(super) call: AtomicU64,
    /// How many workers have come to the gate.
    present: AtomicU64,
    /// Not 0: an index was given up.
    gave_up: AtomicU64,
}

impl Head {
    /// Makes it as it was.
    pub(crate) fn clear(&self) {
        let Self { failed, call, present, gave_up } = self;
        [failed, call, present, gave_up].into_iter().for_each(|word| word.store(0, Relaxed));
    }

    /// Whether the host's row of the ledger was written to.
    pub(crate) fn has_given_up(&self) -> bool {
        self.gave_up.load(Relaxed) != 0
    }
}

/// Goes when it is heard; who is still idle calls again.
pub(super) const IDLE: u64 = 1;
/// Stays.
const FAILED: u64 = 2;

/// So many of the runs that a worker did are kept: with them a post fills its lines.
const RUNS: usize = 4;

/// The words of one worker, on lines of their own.
///
/// A unit that is not done is in one place at most: in a claim word, in `hand`, or in the list of a worker that does it again ([`Lease::renew`]). Whoever
/// moves it takes it away here before he puts it there, so that a worker that ends in between loses it and never doubles it; what is lost is
/// found at the end ([`Board::gather`]).
#[repr(C, align(128))]
#[derive(Default)]
pub(crate) struct Post {
    /// `lo << 32 | hi`, in units of [`Plan::grain`] items: what the worker has not claimed yet.
    pub(super) range: AtomicU64,
    /// Items in hand that may yet be handed on, the current one included.
    pub(super) holding: AtomicU64,
    pub(super) leased: AtomicU64,
    /// One more than the place that the worker gave at the gate; 0 before.
    place: AtomicU64,
    /// The first index of the last claim,
    pub(super) from: AtomicU64,
    /// and how many.
    pub(super) hand: AtomicU64,
    /// One more than the index being worked on, or than the first of those that are; 0 between shares.
    pub(super) at: AtomicU64,
    /// Where the run of indices being worked on ends; 0 if it is the one.
    pub(super) upto: AtomicU64,
    /// How many were done before the claim in hand, and with it as soon as the worker has counted it.
    pub(super) items: AtomicU64,
    /// How many with it, said before `at` no longer tells.
    pub(super) counted: AtomicU64,
    pub(super) busy: AtomicU64,
    /// `end << 32 | number`, of the last of the runs of units that the worker did, and of all of them.
    runs: AtomicU64,
    /// The first of them.
    first: [AtomicU64; RUNS],
}

impl Post {
    /// Makes it as it was.
    pub(crate) fn clear(&self) {
        let Self { range, holding, leased, place, from, hand, at, upto, items, counted, busy, runs, first: _ } = self;
        let words = [range, holding, leased, place, from, hand, at, upto, items, counted, busy, runs];
        words.into_iter().for_each(|word| word.store(0, Relaxed));
    }

    /// Says that the worker did some units, after those that it did before. Does no harm if it was said.
    pub(super) fn did(&self, units: Range<u32>) {
        let (last, number) = self.last_run();
        if units.is_empty() || number > 0 && last == units.end {
            return;
        }
        let goes_on = number > 0 && last == units.start;
        let number = if goes_on { number } else { number.saturating_add(1) };
        if let Some(run) = self.first.get(number as usize - 1) {
            let start = if goes_on { unpack(run.load(Relaxed)).start } else { units.start };
            run.store(pack(start..units.end), Relaxed);
        }
        in_order();
        self.runs.store(pack(units.end..number), Relaxed);
    }

    /// Where the last run ended, and how many there were.
    fn last_run(&self) -> (u32, u32) {
        let Range { start, end } = unpack(self.runs.load(Relaxed));
        (start, end)
    }
}

/// The runs of indices that a worker did, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Runs {
    first: [u64; RUNS],
    number: u32,
    grain: usize,
    items: usize,
}

impl Runs {
    /// The first of them.
    pub(crate) fn first(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        self.first.iter().take(self.number()).map(|run| indices(unpack(*run), self.grain, self.items))
    }

    pub(crate) fn number(&self) -> usize {
        self.number as usize
    }
}

/// What a dead worker leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Grave {
    /// The units that are to be done again, by a worker that takes the post over.
    pub(crate) again: Vec<Range<u32>>,
    /// Those that it wrote to, and that do not count as done.
    pub(crate) begun: Vec<Range<u32>>,
}

/// A view of the words of one map, wherever they lie.
#[derive(Clone, Copy)]
pub(crate) struct Board<'m> {
    pub(super) head: &'m Head,
    pub(super) posts: &'m [Post],
    pub(super) ledger: Ledger<'m>,
    pub(super) plan: Plan,
}

impl<'m> Board<'m> {
    /// Lays the plan out on words that are all zero. One post for each worker of the plan.
    pub(crate) fn set(head: &'m Head, posts: &'m [Post], ledger: Ledger<'m>, plan: Plan) -> Self {
        assert_eq!(posts.len(), plan.workers, "one post a worker");
        for (worker, post) in posts.iter().enumerate() {
            post.range.store(pack(plan.part(worker)), Relaxed);
        }
        Self { head, posts, ledger, plan }
    }

    /// Whether `worker` has something to begin with.
    pub(crate) fn begins(&self, worker: usize) -> bool {
        worker < self.posts.len() && !self.plan.part(worker).is_empty()
    }

    /// Which of those that begin with something `worker` is, and how many they are.
    pub(crate) fn rank(&self, worker: usize) -> Option<(usize, usize)> {
        let rank = self.plan.starters().position(|starter| starter == worker)?;
        Some((rank, self.plan.starters().count()))
    }

    /// The right to work as `worker` in this map: to nobody else, until the worker is buried.
    pub(crate) fn lease(self, worker: usize) -> Option<Lease<'m>> {
        let free = self.posts.get(worker)?.leased.swap(1, Relaxed) == 0;
        free.then(|| Lease::new(self, worker))
    }

    /// Waits until so many workers have come here. None does anything before. Each says by `place`, as long as it waits, where it runs. If this one shares
    /// its place with one of a lower id, and should move, gives the places of all others.
    pub(crate) fn wait_at_gate(&self, worker: usize, workers: usize, place: impl Fn() -> u32) -> Option<Vec<u32>> {
        let mark = || self.posts[worker].place.store(u64::from(place()) + 1, Release);
        mark();
        self.head.present.fetch_add(1, AcqRel);
        let mut wait = Wait::default();
        while self.head.present.load(Acquire) < workers as u64 {
            wait.on(yield_now);
            mark();
        }
        let places = |posts: &[Post]| -> Vec<u32> {
            posts.iter().filter_map(|post| (post.place.load(Acquire) as u32).checked_sub(1)).collect()
        };
        let mut others = places(&self.posts[..worker]);
        let shares = others.contains(&place());
        others.extend(places(&self.posts[worker + 1..]));
        shares.then_some(others)
    }

    /// From here on only indices below `index` matter. Said when it is known for sure that it failed: what nobody does any more must be in an error.
    pub(crate) fn fail_at(&self, index: usize) {
        self.head.failed.fetch_max(!(index as u64), Relaxed);
        self.head.call.fetch_or(FAILED, Relaxed);
    }

    /// Whether somebody holds what he may yet hand on.
    pub(crate) fn may_hand_on(&self) -> bool {
        self.limit() > 0 && self.posts.iter().any(|post| post.holding.load(Relaxed) > 1)
    }

    /// What each worker did.
    pub(crate) fn report(&self) -> Vec<WorkerReport> {
        let report = |post: &Post| {
            let first = std::array::from_fn(|run| post.first[run].load(Relaxed));
            let runs = Runs { first, number: post.last_run().1, grain: self.plan.grain(), items: self.plan.items };
            WorkerReport::new(post.items.load(Relaxed) as usize, post.busy.load(Relaxed), runs)
        };
        self.posts.iter().map(report).collect()
    }

    /// How many items were done.
    pub(crate) fn done(&self) -> usize {
        self.posts
            .iter()
            .map(|post| post.items.load(Relaxed) as usize)
            .fold(0, usize::saturating_add)
            .min(self.plan.items)
    }

    /// The indices that `worker` is at: none, one, or a run of cheap ones.
    pub(crate) fn run_of(&self, worker: usize) -> Range<usize> {
        let (at, hand) = self.hand_of(worker);
        at.filter(|at| hand.contains(&at.start)).unwrap_or(0..0)
    }

    /// The index that `worker` is at, or the first of them, if it is at any.
    pub(crate) fn index_of(&self, worker: usize) -> Option<usize> {
        let run = self.run_of(worker);
        (!run.is_empty()).then_some(run.start)
    }

    /// Whether there is something wanted that nobody has claimed.
    pub(crate) fn has_unclaimed(&self) -> bool {
        let end = self.limit().div_ceil(self.plan.grain());
        let range = |post: &Post| unpack(post.range.load(Relaxed));
        self.posts.iter().map(range).any(|range| !range.is_empty() && (range.start as usize) < end)
    }

    /// How many items a worker did that count.
    pub(crate) fn done_by(&self, worker: usize) -> usize {
        self.posts[worker].items.load(Relaxed) as usize
    }

    /// The index that `worker` is at, or is making ready for.
    pub(crate) fn place_of(&self, worker: usize) -> Option<usize> {
        let (at, hand) = self.hand_of(worker);
        (!hand.is_empty()).then(|| at.map_or(hand.start, |at| at.start))
    }

    /// Takes everything that is left, after everybody has left: what was not claimed, and what dead workers lost on the way, of the units below the
    /// lowest failure.
    pub(crate) fn gather(&self) -> Vec<Range<u32>> {
        self.posts.iter().for_each(|post| post.range.store(0, Relaxed));
        let end = self.limit().div_ceil(self.plan.grain()) as u32;
        self.ledger.open(from_ref(&(0..end)))
    }

    /// The indices that were not done, nor given up.
    pub(crate) fn undone_indices(&self) -> Vec<Range<usize>> {
        self.indices(self.ledger.open(from_ref(&(0..self.plan.units() as u32))))
    }

    /// Has nobody do an index. Only its worker had it, and is gone.
    pub(crate) fn give_up(&self, index: usize) {
        assert_eq!(self.plan.grain(), 1, "indices are units");
        self.head.gave_up.store(1, Relaxed);
        self.ledger.give_up(index as u32);
    }

    /// Lets somebody else work as `worker`, who has done its part.
    pub(crate) fn leave(&self, worker: usize) {
        self.posts[worker].leased.store(0, Relaxed);
    }

    /// Closes the post of a worker that is gone for good, together with everything that it had. What it did not claim stays where it is, for everybody.
    ///
    /// With accumulators all that the worker ever did is lost with it.
    pub(crate) fn bury(&self, worker: usize, accumulates: bool) -> Grave {
        let post = &self.posts[worker];
        let (at, hand) = self.hand_of(worker);
        let grain = self.plan.grain();
        let mut begun = Vec::new();
        let items = post.items.load(Relaxed);
        let at = at.filter(|at| (hand.start..=hand.end).contains(&at.start));
        // What it has counted is done, wherever it still seems to be.
        let counted = hand.len().min(post.counted.load(Relaxed).saturating_sub(items) as usize);
        let done = if counted > 0 { counted } else { at.as_ref().map_or(0, |at| at.start - hand.start) };
        if let Some(at) = at {
            let at = at.start.max(hand.start + done)..at.end;
            begun.extend((!at.is_empty()).then(|| (at.start / grain) as u32..at.end.div_ceil(grain) as u32));
        }
        self.note(worker, hand.start, done);
        post.did(self.units_done(hand.start, done));
        let items = items.saturating_add(done as u64);
        post.items.store(items, Relaxed);
        post.counted.store(items, Relaxed);
        let hand = (hand.start / grain) as u32..hand.end.div_ceil(grain) as u32;
        let mut lost = Vec::from_iter([hand]);
        if self.plan.schedule == Schedule::Static {
            // All of its part again, in order, but for what is done.
            post.range.store(0, Relaxed);
            lost.push(self.plan.part(worker));
        }
        if accumulates {
            begun.extend(self.ledger.forget(worker));
            lost.extend(begun.iter().cloned());
            [&post.items, &post.counted, &post.runs].into_iter().for_each(|word| word.store(0, Relaxed));
        }
        let again = self.ledger.open(&union(lost));
        for word in [&post.at, &post.upto, &post.hand, &post.holding, &post.leased] {
            word.store(0, Relaxed);
        }
        Grave { again, begun }
    }

    /// The indices among some units that nobody has done or given up.
    pub(crate) fn undone_among(&self, units: Vec<Range<u32>>) -> Vec<Range<usize>> {
        self.indices(self.ledger.open(&union(units)))
    }

    fn indices(&self, units: Vec<Range<u32>>) -> Vec<Range<usize>> {
        units.into_iter().map(|units| self.plan.indices(units)).collect()
    }

    /// Notes in the ledger that the first `done` items of a claim were done.
    pub(super) fn note(&self, worker: usize, from: usize, done: usize) {
        self.ledger.note(worker, self.units_done(from, done));
    }

    /// The units that are whole among the first `done` items of a claim.
    pub(super) fn units_done(&self, from: usize, done: usize) -> Range<u32> {
        let (grain, end) = (self.plan.grain(), from + done);
        if grain == 1 {
            return from as u32..end as u32;
        }
        // The last unit may be shorter than the others.
        let upto = if end >= self.plan.items { end.div_ceil(grain) } else { end / grain };
        (from / grain) as u32..upto as u32
    }

    /// Indices below this are still wanted.
    pub(super) fn limit(&self) -> usize {
        let limit = !self.head.failed.load(Relaxed);
        usize::try_from(limit).unwrap_or(usize::MAX).min(self.plan.items)
    }

    /// The indices a worker is at, empty if it is behind its last one, and what it has in hand: within the plan, whatever the words say.
    fn hand_of(&self, worker: usize) -> (Option<Range<usize>>, Range<usize>) {
        let post = &self.posts[worker];
        let word = |word: &AtomicU64| (word.load(Acquire) as usize).min(self.plan.items);
        let from = word(&post.from);
        let hand = from..from.saturating_add(word(&post.hand)).min(self.plan.items);
        let at = (post.at.load(Acquire) as usize).checked_sub(1);
        let upto = |at: usize| word(&post.upto).max(at.saturating_add(1)).min(hand.end.max(at));
        (at.map(|at| at..upto(at)), hand)
    }
}

/// Ascending runs without overlaps.
fn union(mut runs: Vec<Range<u32>>) -> Vec<Range<u32>> {
    runs.sort_by_key(|run| run.start);
    let mut union: Vec<Range<u32>> = Vec::with_capacity(runs.len());
    for run in runs {
        match union.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => union.push(run),
        }
    }
    union
}

pub(super) fn pack(units: Range<u32>) -> u64 {
    u64::from(units.start) << 32 | u64::from(units.end)
}

pub(super) fn unpack(word: u64) -> Range<u32> {
    (word >> 32) as u32..word as u32
}
