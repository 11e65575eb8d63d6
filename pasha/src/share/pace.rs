//! The pace of a worker: how many items to claim next, learnt from what the last ones took.

use std::time::Instant;

use super::plan::Trace;
use crate::hooks::is_in_haste;

/// A claim should last about this long: long enough that claiming costs nothing, short enough that nobody waits for it at the end.
const CLAIM: f64 = 20_000.0;

/// Below this, what the compiler makes of a loop that does not look up after each item (vectors, items that overlap) is felt.
const CHEAP: f64 = 16.0;

/// Nanoseconds of cheap items between two looks around, so that dear ones among them can be handed on; and how many items at most.
const PIECE: f64 = 1_000.0;
const LONGEST: f64 = 1024.0;

/// How many at most are noted as one: a worker that dies leaves so many to be suspected.
const SUSPECTS: f64 = 256.0;

/// A worker that may end without a word notes its first items one by one, however cheap: some 25 µs of a map, in which a crash names its item.
const NAMED: usize = 8192;

/// What one worker knows of the cost of its items.
pub(crate) struct Pace {
    last: Instant,
    items: usize,
    /// Nanoseconds an item, of the last claims rather than of all.
    cost: f64,
    claim: usize,
}

impl Pace {
    /// Begins the clock, with a claim of one item.
    pub(crate) fn since(begun: Instant) -> Self {
        Self { last: begun, items: 0, cost: f64::MAX, claim: 1 }
    }

    /// How many items to claim.
    pub(crate) fn claim(&self) -> usize {
        self.claim
    }

    /// Whether what a trace asks for after each item would be felt, and need not be.
    pub(crate) fn is_careless(&self, trace: Trace) -> bool {
        let allowed = match trace {
            Trace::Failures => true,
            Trace::Runs => self.items >= NAMED,
            Trace::Indices => false,
        };
        allowed && self.cost < CHEAP
    }

    /// How many cheap items to walk between two looks around.
    pub(crate) fn piece(&self, trace: Trace) -> usize {
        let longest = if trace == Trace::Failures { LONGEST } else { SUSPECTS };
        (PIECE / self.cost).clamp(1.0, longest) as usize
    }

    /// Begins the clock anew: what went by was a wait.
    pub(crate) fn resume(&mut self) {
        self.last = Instant::now();
    }

    /// Notes that `items` were done since the last note; gives the nanoseconds they took.
    pub(crate) fn learn(&mut self, items: usize) -> u64 {
        let now = Instant::now();
        let elapsed = now.duration_since(self.last).as_nanos() as u64;
        self.last = now;
        self.items += items;
        if items > 0 {
            // Half old, half new: one odd item neither hides nor lasts.
            let cost = if is_in_haste() { 0.0 } else { elapsed as f64 / items as f64 };
            self.cost = if self.cost == f64::MAX { cost } else { (self.cost + cost) / 2.0 };
            let fitting = (CLAIM / self.cost.max(0.01)) as usize;
            self.claim = fitting.clamp(1, self.claim.saturating_mul(4));
        }
        elapsed
    }
}
