//! The ledger: which units of a map are done, told by the workers and read by a host that may lose some of them.

use std::ops::Range;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::sync::AtomicU64;

/// Rows of one bit a unit. Row 0 is the host's: what it gave up. The others are the workers': one for all of them, or one each where it matters who
/// did what, because a worker's accumulator is lost with it.
///
/// A bit is set after everything that its unit writes was written, by whoever did the unit. Without rows nothing is noted.
#[derive(Clone, Copy)]
pub(crate) struct Ledger<'m> {
    words: &'m [AtomicU64],
    /// Words of a row.
    row: usize,
}

impl<'m> Ledger<'m> {
    /// A ledger that notes nothing.
    pub(crate) fn none() -> Self {
        Self { words: &[], row: 0 }
    }

    /// How many words a ledger wants that has so many rows for workers.
    pub(crate) fn words(units: usize, rows_of_workers: usize) -> usize {
        units.div_ceil(64) * (1 + rows_of_workers)
    }

    /// Lays rows for this many units on words that are all zero.
    pub(crate) fn over(words: &'m [AtomicU64], units: usize) -> Self {
        Self { words, row: units.div_ceil(64) }
    }

    fn rows(&self) -> usize {
        self.words.len().checked_div(self.row).unwrap_or(0)
    }

    /// The row of a worker: its own, or the common one.
    fn row_of(&self, worker: usize) -> usize {
        if self.rows() > 2 { 1 + worker } else { 1 }
    }

    /// Notes that a worker did some units.
    pub(super) fn note(&self, worker: usize, units: Range<u32>) {
        if self.rows() > 1 {
            self.set(self.row_of(worker), units);
        }
    }

    /// Notes that nobody will do a unit.
    pub(super) fn give_up(&self, unit: u32) {
        if self.rows() > 0 {
            self.set(0, unit..unit + 1);
        }
    }

    fn set(&self, row: usize, units: Range<u32>) {
        let row = &self.words[row * self.row..(row + 1) * self.row];
        let Range { mut start, end } = units;
        while start < end {
            let upto = end.min((start / 64 + 1) * 64);
            let word = &row[start as usize / 64];
            match u64::MAX >> (64 - (upto - start)) << (start % 64) {
                // Nobody else has bits there.
                u64::MAX => word.store(u64::MAX, Release),
                ones => _ = word.fetch_or(ones, Release),
            }
            start = upto;
        }
    }

    /// What a worker did, the common row not being its own. Forgets it: the worker's accumulator is lost.
    pub(super) fn forget(&self, worker: usize) -> Vec<Range<u32>> {
        let row = self.row_of(worker);
        let words = &self.words[row * self.row..(row + 1) * self.row];
        // Pages that were never written stay that way.
        let forget = |word: &AtomicU64| if word.load(Relaxed) == 0 { 0 } else { word.swap(0, Relaxed) };
        runs(words.iter().map(forget))
    }

    /// The units that nobody has done or given up, of those in `among`.
    pub(super) fn open(&self, among: &[Range<u32>]) -> Vec<Range<u32>> {
        let noted =
            |word: usize| (0..self.rows()).fold(0, |all, row| all | self.words[row * self.row + word].load(Acquire));
        let mut missing: Vec<Range<u32>> = Vec::new();
        for Range { start, end } in among {
            let mut unit = *start;
            while unit < *end {
                let upto = (*end).min((unit / 64 + 1) * 64);
                let absent = !noted(unit as usize / 64) >> (unit % 64);
                for run in runs_in(absent, unit) {
                    join(&mut missing, run.start..run.end.min(upto));
                }
                unit = upto;
            }
        }
        missing
    }
}

/// The runs of ones in rows of words.
fn runs(words: impl Iterator<Item = u64>) -> Vec<Range<u32>> {
    let mut all = Vec::new();
    for (number, word) in words.enumerate() {
        runs_in(word, number as u32 * 64).for_each(|run| join(&mut all, run));
    }
    all
}

/// The runs of ones in a word whose lowest bit stands for `first`.
fn runs_in(mut word: u64, mut first: u32) -> impl Iterator<Item = Range<u32>> {
    std::iter::from_fn(move || {
        if word == 0 {
            return None;
        }
        let zeros = word.trailing_zeros();
        word >>= zeros;
        let ones = word.trailing_ones();
        word = word.checked_shr(ones).unwrap_or(0);
        let start = first + zeros;
        first = start.saturating_add(ones);
        Some(start..first)
    })
}

/// Adds a run behind others, as part of the last one if it follows on it.
fn join(runs: &mut Vec<Range<u32>>, run: Range<u32>) {
    match runs.last_mut() {
        _ if run.is_empty() => {}
        Some(last) if last.end == run.start => last.end = run.end,
        _ => runs.push(run),
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod test {
    use super::*;

    fn words(number: usize) -> Vec<AtomicU64> {
        std::iter::repeat_with(|| AtomicU64::new(0)).take(number).collect()
    }

    #[test]
    fn what_was_not_noted_is_open() {
        let words = words(Ledger::words(200, 1));
        let ledger = Ledger::over(&words, 200);
        assert_eq!(ledger.open(&[0..200]), [0..200]);
        for done in [0..1, 60..70, 127..193, 199..200] {
            ledger.note(7, done);
        }
        assert_eq!(ledger.open(&[0..200]), [1..60, 70..127, 193..199]);
        assert_eq!(ledger.open(&[0..5, 65..80, 150..198]), [1..5, 70..80, 193..198]);
        ledger.give_up(100);
        assert_eq!(ledger.open(&[70..127]), [70..100, 101..127]);
    }

    #[test]
    fn any_run_is_noted_whole_and_alone() {
        let step = if cfg!(miri) { 43 } else { 1 };
        for (start, end) in
            (0..130).step_by(step).flat_map(|start| (start..=130).step_by(step).map(move |end| (start, end)))
        {
            let words = words(Ledger::words(130, 3));
            let ledger = Ledger::over(&words, 130);
            ledger.note(1, start..end);
            let open: Vec<u32> = ledger.open(&[0..130]).into_iter().flatten().collect();
            assert_eq!(open, (0..start).chain(end..130).collect::<Vec<_>>());
            assert_eq!(ledger.forget(0), []);
            assert_eq!(ledger.forget(1).into_iter().flatten().collect::<Vec<_>>(), (start..end).collect::<Vec<_>>());
            assert_eq!(ledger.open(&[0..130]), [0..130]);
        }
    }

    #[test]
    fn a_ledger_of_nothing_notes_nothing() {
        let ledger = Ledger::none();
        ledger.note(0, 0..10);
        ledger.give_up(3);
        assert_eq!(ledger.open(&[0..10]), [0..10]);
    }
}
