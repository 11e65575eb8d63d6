//! The plan of a map: what is to be done, fixed before any worker starts.

use std::ops::Range;
use std::time::{Duration, Instant};

/// How the indices of a map are divided among its workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Schedule {
    /// Worker `w` of `p` does the indices `w * n / p .. (w + 1) * n / p`, in ascending order, and no others: the split of Python pasha. (Beyond
    /// 2³² items the cuts are rounded to a few items.)
    ///
    /// Which worker adds which item is then fixed, so that a `#[reduce]` gives the same bits every time, in threads and in
    /// processes, for the same number of workers.
    Static,
    /// Each worker begins with its even part and takes over from others when it runs dry. The default.
    #[default]
    Dynamic,
}

/// What a map is about to do: the same for all of its workers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) items: usize,
    pub(crate) workers: usize,
    pub(crate) schedule: Schedule,
    pub(crate) limits: Limits,
    pub(crate) trace: Trace,
}

/// How closely a worker says where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trace {
    /// A failure can be told afterwards.
    #[default]
    Failures,
    /// The worker may end without a word, and its map with it: items too cheap to be noted one by one are noted by the run.
    Runs,
    /// The worker may end without a word, and its map goes on without it: each index is noted before it is begun.
    Indices,
}

/// How long a map may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// When all must be done, and how long that is from the beginning.
    pub(crate) until: Option<(Instant, Duration)>,
    /// For each item.
    pub(crate) item: Option<Duration>,
}

impl Limits {
    pub(crate) fn any(&self) -> bool {
        self.until.is_some() || self.item.is_some()
    }
}

/// The part that worker `part` of `parts` begins with.
pub(super) fn even(items: usize, parts: usize, part: usize) -> Range<usize> {
    let cut = |part: usize| match part.checked_mul(items) {
        Some(product) => product / parts,
        None => (part as u128 * items as u128 / parts as u128) as usize,
    };
    cut(part)..cut(part + 1)
}

/// The indices of some units of so many items each.
pub(super) fn indices(units: Range<u32>, grain: usize, items: usize) -> Range<usize> {
    units.start as usize * grain..(units.end as usize * grain).min(items)
}

impl Plan {
    /// Items to a unit of a claim word: 1 until 32 bits are not enough.
    pub(crate) fn grain(&self) -> usize {
        self.items.div_ceil(u32::MAX as usize).max(1)
    }

    pub(crate) fn units(&self) -> usize {
        self.items.div_ceil(self.grain())
    }

    /// The units that a worker begins with.
    pub(super) fn part(&self, worker: usize) -> Range<u32> {
        let Range { start, end } = even(self.units(), self.workers, worker);
        start as u32..end as u32
    }

    /// The indices of some units.
    pub(super) fn indices(&self, units: Range<u32>) -> Range<usize> {
        indices(units, self.grain(), self.items)
    }

    /// The workers that have something to begin with, in order. The others have nothing to do that these cannot do.
    pub(crate) fn starters(self) -> impl ExactSizeIterator<Item = usize> {
        (0..self.units().min(self.workers)).map(move |number| self.starter(number))
    }

    /// The `number`th of them.
    pub(crate) fn starter(&self, number: usize) -> usize {
        let (units, workers) = (self.units(), self.workers);
        // With fewer units than workers, its part is the unit of this number.
        if units < workers { ((number + 1) * workers).div_ceil(units) - 1 } else { number }
    }
}
