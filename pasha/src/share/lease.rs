//! The lease: the right to work under one id in one map, and what one does with it: claim, steal, give back.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{Ordering::Relaxed, Ordering::SeqCst, compiler_fence};
use std::time::Duration;

use super::board::{Board, IDLE, Post, pack, unpack};
use super::plan::{Limits, Schedule, Trace};
use super::sync::{AtomicU64, yield_now};
use super::turn::Share;
use super::wait::Wait;
use crate::hooks::{Point, reach};

/// The right to work under one id in one map. Dropped with the worker's last share.
pub struct Lease<'m> {
    board: Board<'m>,
    worker: usize,
    /// What a worker before this one lost and is to be done again, the next run last.
    again: Vec<Range<u32>>,
    anew: bool,
    /// How long to wait for others that may hand something back.
    patience: Duration,
    while_idle: fn(),
    /// Whether the last claim had to wait.
    waited: bool,
}

impl<'m> Lease<'m> {
    pub(super) fn new(board: Board<'m>, worker: usize) -> Self {
        Self {
            board,
            worker,
            again: Vec::new(),
            anew: false,
            patience: Duration::MAX,
            while_idle: yield_now,
            waited: false,
        }
    }

    pub(crate) fn worker(&self) -> usize {
        self.worker
    }

    /// Does some units again that a worker lost; `anew` if all is lost that this worker's accumulators ever held.
    pub(crate) fn renew(&mut self, mut again: Vec<Range<u32>>, anew: bool) {
        again.reverse();
        self.again = again;
        self.anew = anew;
    }

    /// Whether accumulators must be what they were before the map, whatever lies there now.
    pub(crate) fn begins_anew(&self) -> bool {
        self.anew
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

    /// How closely the worker says where it is.
    #[inline]
    pub(crate) fn trace(&self) -> Trace {
        self.board.plan.trace
    }

    /// How long the map and its items may take.
    pub(crate) fn limits(&self) -> Limits {
        self.board.plan.limits
    }

    /// The next run of at most `want` indices, or nothing if all are taken.
    ///
    /// Waits as long as others hold runs of many items that they may yet hand back, unless it must not.
    pub(crate) fn claim(&mut self, want: usize) -> Option<Share> {
        reach(Point::Claim, self.worker);
        let post = self.post();
        post.hand.store(0, Relaxed);
        // Before the wait: two that wait must not take each other for busy.
        post.holding.store(0, Relaxed);
        in_order();
        let range = self.claim_any(want)?;
        reach(Point::Claimed, self.worker);
        post.from.store(range.start as u64, Relaxed);
        in_order();
        post.hand.store(range.len() as u64, Relaxed);
        post.holding.store(range.len() as u64, Relaxed);
        Some(Share::new(self.worker, range))
    }

    /// Whether the last claim had to wait for others.
    pub(crate) fn has_waited(&self) -> bool {
        self.waited
    }

    /// Puts down what was not done of the last claim.
    ///
    /// The owner alone moves the front of its word, so that the rest of its last claim still lies right before it. What comes back must begin
    /// at a whole unit, and none of its indices may have been given out as a turn.
    pub(crate) fn give_back(&mut self, rest: Share) {
        let Range { start, end } = rest.range();
        let grain = self.board.plan.grain();
        assert!(start.is_multiple_of(grain), "only whole units come back");
        let units = (end.div_ceil(grain) - start / grain) as u32;
        let post = self.post();
        post.hand.store(0, Relaxed);
        in_order();
        update(&post.range, |Range { start, end }| Some(start - units..end));
        post.holding.store(0, Relaxed);
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

    /// Says that the indices of `run` are next, in any order, and those of the last run done.
    pub(crate) fn begin_run(&self, run: &Range<usize>) {
        let post = self.post();
        in_order();
        // In between it is at both runs.
        post.upto.store(run.end as u64, Relaxed);
        in_order();
        post.at.store(run.start as u64 + 1, Relaxed);
        in_order();
    }

    /// Says that the first `done` items of the claim were done, and that no index is being worked on.
    pub(crate) fn rest(&self, done: usize, nanoseconds: u64) {
        let post = self.post();
        let from = post.from.load(Relaxed) as usize;
        let items = post.items.load(Relaxed) + done as u64;
        post.counted.store(items, Relaxed);
        in_order();
        self.board.note(self.worker, from, done);
        reach(Point::Noted, self.worker);
        in_order();
        post.at.store(0, Relaxed);
        in_order();
        post.upto.store(0, Relaxed);
        reach(Point::Left, self.worker);
        post.did(self.board.units_done(from, done));
        reach(Point::Left, self.worker);
        in_order();
        post.items.store(items, Relaxed);
        post.busy.store(post.busy.load(Relaxed) + nanoseconds, Relaxed);
        in_order();
    }

    #[inline]
    fn post(&self) -> &'m Post {
        &self.board.posts[self.worker]
    }

    fn claim_any(&mut self, want: usize) -> Option<Range<usize>> {
        let mut wait = Wait::default();
        self.waited = false;
        loop {
            let limit = self.board.limit();
            let grain = self.board.plan.grain();
            let (units, end) = (want.div_ceil(grain), limit.div_ceil(grain));
            if let Some(range) = self.take(units, end) {
                return Some(self.indices(range, limit));
            }
            if self.board.plan.schedule == Schedule::Static {
                return None;
            }
            if let Some(range) = self.steal(units, end) {
                return Some(self.indices(range, limit));
            }
            if wait.is_longer_than(self.patience, || self.progress()) || !self.board.may_hand_on() {
                return None;
            }
            self.board.head.call.fetch_or(IDLE, Relaxed);
            wait.on(self.while_idle);
            self.waited = true;
        }
    }

    /// From the front of the own word, nothing from the unit `end` on.
    fn take(&mut self, units: usize, end: usize) -> Option<Range<u32>> {
        loop {
            let taken = self.take_from_word(units, end);
            if taken.is_some() {
                return taken;
            }
            // The own word is empty, or holds nothing below the limit: nobody else swaps it.
            self.post().range.store(pack(self.again.pop()?), Relaxed);
        }
    }

    fn take_from_word(&self, units: usize, end: usize) -> Option<Range<u32>> {
        let for_all = self.is_alone() || self.board.plan.schedule == Schedule::Static;
        let mut taken = 0..0;
        update(&self.post().range, |Range { start, end: own }| {
            let left = own.min(u32::try_from(end).unwrap_or(u32::MAX)).checked_sub(start).filter(|left| *left > 0)?;
            // Half of it stays for others to take over, if there are any who may.
            let most = if for_all { left } else { left.div_ceil(2) };
            let count = u32::try_from(units).unwrap_or(u32::MAX).clamp(1, most);
            taken = start..start + count;
            Some(start + count..own)
        })
        .then_some(taken)
    }

    /// The back half of the fullest other word becomes the own word, and its front the claim.
    fn steal(&mut self, units: usize, end: usize) -> Option<Range<u32>> {
        loop {
            let (seen, victim) = (1..self.board.posts.len())
                .map(|step| &self.board.posts[(self.worker + step) % self.board.posts.len()])
                .map(|post| (post.range.load(Relaxed), post))
                .filter(|(word, _)| !unpack(*word).is_empty() && (unpack(*word).start as usize) < end)
                .max_by_key(|(word, _)| unpack(*word).end - unpack(*word).start)?;
            let Range { start, end: theirs } = unpack(seen);
            let middle = start + (theirs - start) / 2;
            if victim.range.compare_exchange(seen, pack(start..middle), Relaxed, Relaxed).is_err() {
                continue;
            }
            reach(Point::Stolen, self.worker);
            // The own word is empty, or holds nothing below the limit: nobody else swaps it.
            self.post().range.store(pack(middle..theirs), Relaxed);
            if let Some(range) = self.take(units, end) {
                return Some(range);
            }
        }
    }

    /// A number that changes whenever a share ends.
    fn progress(&self) -> u64 {
        self.board.posts.iter().map(|post| post.items.load(Relaxed)).fold(0, u64::wrapping_add)
    }

    fn indices(&self, units: Range<u32>, limit: usize) -> Range<usize> {
        let Range { start, end } = self.board.plan.indices(units);
        start..end.min(limit)
    }

    /// Says that the call was heard.
    pub(crate) fn heard(&self) {
        self.board.head.call.fetch_and(!IDLE, Relaxed);
    }
}

impl fmt::Debug for Lease<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { worker, again, anew, patience, .. } = self;
        let mut debug = f.debug_struct("Lease");
        debug.field("worker", worker).field("again", again).field("anew", anew).field("patience", patience);
        debug.finish_non_exhaustive()
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.post().holding.store(0, Relaxed);
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

/// Replaces a claim word; says whether it did.
fn update(word: &AtomicU64, mut change: impl FnMut(Range<u32>) -> Option<Range<u32>>) -> bool {
    word.fetch_update(Relaxed, Relaxed, |old| change(unpack(old)).map(pack)).is_ok()
}

/// Keeps what was stored before from being stored later: the worker may end between any two stores. (The processor keeps to the order as far as
/// the host can tell, which looks after the worker's end.)
pub(super) fn in_order() {
    compiler_fence(SeqCst);
}
