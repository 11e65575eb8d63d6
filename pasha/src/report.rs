//! The report of a map: how many items, how long, and who did what.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use crate::context::job::Done;
use crate::death::Death;
use crate::share::Runs;

/// So many indices and deaths are printed.
const NAMED: usize = 10;

/// So many shares of a worker are printed.
const SHARES: usize = 3;

/// What a map did. `Display` is a small table, with what was skipped and who died above it.
///
/// ```
/// use pasha::prelude::*;
///
/// #[pasha::kernel]
/// fn square(_worker_id: usize, _index: usize, &value: &f64, #[out] squared: &mut f64) {
///     *squared = value * value;
/// }
///
/// let inp = [1.0, 2.0, 3.0];
/// let ctx = Context::threads().workers(2).build()?;
/// let mut squared = ctx.alloc_like(&inp)?;
/// let report = ctx.map(square { squared: &mut squared }, &inp)?;
/// assert_eq!(report.items(), 3);
/// assert_eq!(report.workers().iter().map(|worker| worker.items()).sum::<usize>(), 3);
/// println!("{report}");
/// # Ok::<(), pasha::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    items: usize,
    wall: Duration,
    workers: Vec<WorkerReport>,
    deaths: Vec<Death>,
    skipped: Vec<usize>,
    retried: Vec<usize>,
    why_forked: Option<String>,
}

/// What one worker of a map did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerReport {
    items: usize,
    busy: Duration,
    runs: Runs,
}

impl Report {
    pub(crate) fn new(items: usize, wall: Duration, done: Done) -> Self {
        let Done { workers, deaths, skipped, retried, why_forked } = done;
        Self { items, wall, workers, deaths, skipped, retried, why_forked }
    }

    /// The number of items, all of which were done but those [`skipped`](Report::skipped).
    pub fn items(&self) -> usize {
        self.items
    }

    /// The time from the call of `map` to its return.
    pub fn wall(&self) -> Duration {
        self.wall
    }

    /// The indices that were left out because a worker died at them ([`OnDeath::Skip`](crate::OnDeath::Skip)), ascending. Their outputs hold
    /// the fill of their arrays; in `#[per_worker]` and `#[reduce]` they do not count.
    pub fn skipped(&self) -> &[usize] {
        &self.skipped
    }

    /// The indices at which a worker died, and which were done by another in the end ([`OnDeath::Retry`](crate::OnDeath::Retry)), ascending.
    pub fn retried(&self) -> &[usize] {
        &self.retried
    }

    /// Why a context of resident processes forked for this map instead of giving it to them; nothing if it gave it to them, and in other contexts.
    pub fn why_forked(&self) -> Option<&str> {
        self.why_forked.as_deref()
    }

    /// The workers that died, in the order of their deaths.
    pub fn deaths(&self) -> &[Death] {
        &self.deaths
    }

    /// An entry for each worker, in the order of their ids; only the first for a map that ran serially.
    pub fn workers(&self) -> &[WorkerReport] {
        &self.workers
    }
}

impl WorkerReport {
    pub(crate) fn new(items: usize, nanoseconds: u64, runs: Runs) -> Self {
        Self { items, busy: Duration::from_nanos(nanoseconds), runs }
    }

    /// The number of items that this worker did.
    pub fn items(&self) -> usize {
        self.items
    }

    /// The time that it spent on them, and on getting them where it need not wait.
    pub fn busy(&self) -> Duration {
        self.busy
    }

    /// The runs of indices that it did, in the order in which it did them, the first four of [them](WorkerReport::number_of_shares): its even part as far as
    /// others took nothing over from it, then what it took over from others.
    ///
    /// Those that took the place of a dead worker did it under the same id; what was lost with an accumulator is not counted.
    pub fn shares(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        self.runs.first()
    }

    /// How many runs of indices it did.
    pub fn number_of_shares(&self) -> usize {
        self.runs.number()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { items, wall, workers, deaths, skipped, retried, why_forked } = self;
        let plural = |number: usize| if number == 1 { "" } else { "s" };
        if !skipped.is_empty() {
            write!(f, "{} of ", items - skipped.len())?;
        }
        write!(f, "{items} item{} by {} worker{} in {wall:.2?}", plural(*items), workers.len(), plural(workers.len()))?;
        let width = items.to_string().len().max("items".len());
        for (what, indices) in [("skipped", skipped), ("retried", retried)] {
            if !indices.is_empty() {
                let some: Vec<String> = indices.iter().take(NAMED).map(usize::to_string).collect();
                let more = if indices.len() > NAMED { ", …" } else { "" };
                write!(f, "\n{} {what}: {}{more}", indices.len(), some.join(", "))?;
            }
        }
        if let Some(why) = why_forked {
            write!(f, "\nby processes forked for it: {why}")?;
        }
        for death in deaths.iter().take(NAMED) {
            write!(f, "\n{death}")?;
        }
        if deaths.len() > NAMED {
            write!(f, "\n… and {} deaths more", deaths.len() - NAMED)?;
        }
        write!(f, "\nworker  {:>width$}        busy         shares", "items")?;
        for (id, worker) in workers.iter().enumerate() {
            let share = 100.0 * worker.busy.as_secs_f64() / wall.as_secs_f64().max(f64::MIN_POSITIVE);
            // `Duration` ignores a width of its own in this form.
            let busy = format!("{:.2?}", worker.busy);
            write!(f, "\n{id:>6}  {:>width$}  {busy:>10}  {share:>3.0} %  ", worker.items)?;
            for (number, Range { start, end }) in worker.shares().take(SHARES).enumerate() {
                write!(f, "{}{start}..{end}", if number > 0 { ", " } else { "" })?;
            }
            match worker.number_of_shares() {
                0 => f.write_str("–")?,
                number if number > SHARES => write!(f, ", {} more", number - SHARES)?,
                _ => {}
            }
        }
        Ok(())
    }
}
