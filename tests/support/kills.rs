//! Kills: workers that end at chosen moments of their shares, by the hooks of the library and where a kernel asks for it; and haste, in which items seem
//! to cost nothing.

use std::process::id;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::SeqCst;

use nix::sys::signal::{Signal, raise};
use pasha::__private::hooks::{Point, set, set_haste};

use super::Counters;

/// How many moments workers have come to.
const ARRIVALS: usize = 0;
/// The one at which the next worker is killed.
const NEXT: usize = 1;
const KILLED: usize = 2;
/// How many are to be killed.
const MOST: usize = 3;
/// From one kill to the next, as many moments at most; 0 for a fixed distance.
const SPREAD: usize = 4;
/// Bits of the moments that count.
const MOMENTS: usize = 5;
/// Kills within a kernel.
const IN_ROW: usize = 6;
const RANDOM: usize = 7;
/// Kills between items.
const BETWEEN: usize = 8;
/// Whether items seem to take no time.
const HASTE: usize = 9;
const LEN: usize = 10;

/// A map ends when workers die between items again and again: so many are no harm, whoever they are.
const HARMLESS: u64 = 3;

/// The bit of a moment that a kernel calls.
const ROW: u64 = 1 << 63;

static PLAN: OnceLock<Counters> = OnceLock::new();
static HOST: OnceLock<u32> = OnceLock::new();

/// Kills workers until it is dropped. One at a time, in one program.
#[derive(Debug)]
pub struct Kills(());

impl Kills {
    /// Kills the worker that comes to a moment as the `nth` of all.
    pub fn at(nth: u64) -> Self {
        Self::begin(u64::MAX, nth, 1, 0)
    }

    /// Kills the first `most` workers that come to one of these moments.
    pub fn first(points: &[Point], most: u64) -> Self {
        Self::begin(points.iter().fold(0, |all, point| all | bit(*point)), 0, most, 0)
    }

    /// Kills the worker that comes to one of these moments as the `nth` of all.
    pub fn nth(points: &[Point], nth: u64) -> Self {
        Self::begin(points.iter().fold(0, |all, point| all | bit(*point)), nth, 1, 0)
    }

    /// Kills workers at any moments, up to `spread` of them apart, until `most` are killed; few of them between items.
    pub fn now_and_then(seed: u64, spread: u64, most: u64) -> Self {
        let kills = Self::begin(u64::MAX, scatter(seed) % spread, most, spread);
        plan()[RANDOM].store(seed, SeqCst);
        kills
    }

    /// Lets workers know of kills that are forked from now on, and work for maps to come.
    pub fn prepare() {
        drop(Self::begin(0, 0, 0, 0));
        set(Some(|point, _worker| arrive(bit(point))));
        set_haste(Some(|| plan().get(HASTE) > 0));
    }

    fn begin(moments: u64, next: u64, most: u64, spread: u64) -> Self {
        HOST.get_or_init(id);
        let plan = plan();
        plan.iter().for_each(|word| word.store(0, SeqCst));
        for (word, value) in [(NEXT, next), (MOST, most), (SPREAD, spread), (MOMENTS, moments)] {
            plan[word].store(value, SeqCst);
        }
        set(Some(|point, _worker| arrive(bit(point))));
        Self(())
    }

    /// How many workers were killed.
    pub fn done(&self) -> u64 {
        plan().get(KILLED)
    }

    /// How many of them within a kernel, by [`moment`].
    pub fn in_a_row(&self) -> u64 {
        plan().get(IN_ROW)
    }
}

impl Drop for Kills {
    fn drop(&mut self) {
        set(None);
        plan()[MOMENTS].store(0, SeqCst);
    }
}

/// Workers believe that their items cost nothing, until it is dropped.
#[derive(Debug)]
pub struct Haste(());

impl Haste {
    /// From now on. [`Kills`] begin before it, if any.
    pub fn begin() -> Self {
        plan()[HASTE].store(1, SeqCst);
        set_haste(Some(|| plan().get(HASTE) > 0));
        Self(())
    }
}

impl Drop for Haste {
    fn drop(&mut self) {
        plan()[HASTE].store(0, SeqCst);
    }
}

/// A moment within a kernel.
pub fn moment() {
    if PLAN.get().is_some() {
        arrive(ROW);
    }
}

fn arrive(moment: u64) {
    let plan = plan();
    if plan.get(MOMENTS) & moment == 0 || HOST.get() == Some(&id()) {
        return;
    }
    let (arrival, next) = (plan.count(ARRIVALS), plan.get(NEXT));
    let between_items = ![ROW, bit(Point::Called)].contains(&moment);
    let harmful = plan.get(SPREAD) > 0 && between_items && plan.get(BETWEEN) >= HARMLESS;
    if arrival < next || harmful || plan.get(KILLED) >= plan.get(MOST) {
        return;
    }
    let distance = match plan.get(SPREAD) {
        0 => 1,
        spread => 1 + scatter(plan.get(RANDOM) ^ arrival.rotate_left(32)) % spread,
    };
    let one_more = |killed| (killed < plan.get(MOST)).then_some(killed + 1);
    if plan[NEXT].compare_exchange(next, arrival + distance, SeqCst, SeqCst).is_ok()
        && plan[KILLED].fetch_update(SeqCst, SeqCst, one_more).is_ok()
    {
        if moment == ROW {
            plan.count(IN_ROW);
        }
        if between_items {
            plan.count(BETWEEN);
        }
        raise(Signal::SIGKILL).expect("a process can kill itself");
    }
}

fn plan() -> &'static Counters {
    PLAN.get_or_init(|| Counters::new(LEN))
}

fn bit(point: Point) -> u64 {
    1 << match point {
        Point::Claim => 0,
        Point::Stolen => 1,
        Point::Claimed => 2,
        Point::Called => 3,
        Point::Noted => 4,
        Point::Left => 5,
        _ => 6,
    }
}

/// A number that looks like no other.
pub fn scatter(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}
