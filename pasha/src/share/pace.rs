//! The pace of a worker: how many items to claim next, learnt from what the last ones took.

use std::time::Instant;

/// A claim should last about this long: long enough that claiming costs nothing, short enough that nobody waits for it at the end.
const CLAIM: f64 = 20_000.0;

/// Below this, what the compiler makes of a loop that does not look up after each item (vectors, items that overlap) is felt.
const CHEAP: f64 = 16.0;

/// Nanoseconds of cheap items between two looks around, so that dear ones among them can be handed on; and how many items at most.
const PIECE: f64 = 1_000.0;
const LONGEST: f64 = 1024.0;

/// What one worker knows of the cost of its items.
pub(crate) struct Pace {
    last: Instant,
    /// Nanoseconds an item, of the last claims rather than of all.
    cost: f64,
    claim: usize,
}

impl Pace {
    /// Begins the clock, with a claim of one item.
    pub(crate) fn since(begun: Instant) -> Self {
        Self { last: begun, cost: f64::MAX, claim: 1 }
    }

    /// How many items to claim.
    pub(crate) fn claim(&self) -> usize {
        self.claim
    }

    /// Whether looking up after each item would be felt.
    pub(crate) fn is_cheap(&self) -> bool {
        self.cost < CHEAP
    }

    /// How many cheap items to walk between two looks around.
    pub(crate) fn piece(&self) -> usize {
        (PIECE / self.cost).clamp(1.0, LONGEST) as usize
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
        if items > 0 {
            // Half old, half new: one odd item neither hides nor lasts.
            let cost = elapsed as f64 / items as f64;
            self.cost = if self.cost == f64::MAX { cost } else { (self.cost + cost) / 2.0 };
            let fitting = (CLAIM / self.cost.max(0.01)) as usize;
            self.claim = fitting.clamp(1, self.claim.saturating_mul(4));
        }
        elapsed
    }
}
