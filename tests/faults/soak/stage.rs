//! The stage: what host, workers and killer of the soak tell each other, in memory of their own, beside the library that is under test.

use std::sync::OnceLock;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Relaxed, SeqCst},
};

use nix::sys::signal::{Signal, raise};
use pasha_tests::support::Counters;

use crate::numbers::mix;

/// More items than any map of the soak has.
pub(super) const ITEMS: usize = 256;

/// More worker processes than any map of the soak starts.
const PROCESSES: usize = 1024;

/// The words that say what to do.
#[derive(Clone, Copy)]
pub(super) enum Word {
    /// Which round it is.
    Round,
    /// How long an item takes, in turns of a loop.
    Cost,
    /// One more than the index at which the kernel returns an error.
    Bad,
    /// One more than the number of the hook's point at which a worker dies,
    Point,
    /// when it is reached so often.
    Countdown,
    /// How many workers the killer is to kill,
    Shots,
    /// within so many microseconds each.
    Delay,
    /// Goes up when the killer may begin.
    Ticket,
    /// Places given out.
    Processes,
}

const WORDS: usize = 16;
const DEADLY: usize = WORDS;
const BEGUN: usize = DEADLY + ITEMS;
const PIDS: usize = BEGUN + ITEMS;
const INSIDE: usize = PIDS + PROCESSES;

/// The place of this process, and its pid beside it: a fork inherits that of its parent.
static PLACE: AtomicU64 = AtomicU64::new(0);

static STAGE: OnceLock<Stage> = OnceLock::new();

pub(super) struct Stage(Counters);

/// The stage of this program, shared with all that it forks.
pub(super) fn stage() -> &'static Stage {
    STAGE.get_or_init(|| Stage(Counters::new(INSIDE + PROCESSES)))
}

impl Stage {
    pub(super) fn get(&self, word: Word) -> u64 {
        self.0.get(word as usize)
    }

    pub(super) fn set(&self, word: Word, value: u64) {
        self.0[word as usize].store(value, SeqCst);
    }

    pub(super) fn add(&self, word: Word, value: u64) {
        self.0[word as usize].fetch_add(value, SeqCst);
    }

    /// Makes it ready for a round, when there are no workers.
    pub(super) fn clear(&self) {
        let used = self.get(Word::Processes) as usize;
        for place in 0..used.min(PROCESSES) {
            self.0[PIDS + place].store(0, SeqCst);
            self.0[INSIDE + place].store(0, SeqCst);
        }
        self.0[DEADLY..PIDS].iter().for_each(|word| word.store(0, SeqCst));
        for word in [Word::Bad, Word::Point, Word::Countdown, Word::Shots, Word::Processes] {
            self.set(word, 0);
        }
    }

    /// Has an item kill its worker in the middle, the first times that it is begun.
    pub(super) fn make_deadly(&self, index: usize, times: u64) {
        self.0[DEADLY + index].store(times, SeqCst);
    }

    /// How often an item was begun.
    pub(super) fn begun(&self, index: usize) -> u64 {
        self.0.get(BEGUN + index)
    }

    /// The item that a process was in the middle of when it ended; nothing if it never began one or was between them.
    pub(super) fn inside(&self, pid: u32) -> Option<usize> {
        let used = (self.get(Word::Processes) as usize).min(PROCESSES);
        let place = (0..used).find(|place| self.0.get(PIDS + place) == u64::from(pid))?;
        (self.0.get(INSIDE + place) as usize).checked_sub(1)
    }

    /// What an item does, whatever else its kernel does: writes its row, and dies in the middle of it if that was planned.
    pub(super) fn perform(&self, index: usize, row: &mut [u64]) -> Result<(), String> {
        let inside = &self.0[INSIDE + self.place()];
        inside.swap(index as u64 + 1, SeqCst);
        let round = self.get(Word::Round);
        if self.get(Word::Bad) == index as u64 + 1 {
            inside.swap(0, SeqCst);
            return Err("on purpose".to_owned());
        }
        let times = self.0.count(BEGUN + index);
        let half = row.len() / 2;
        self.fill(&mut row[..half], round, index, 0);
        if times < self.0.get(DEADLY + index) {
            let _ = raise(Signal::SIGKILL);
        }
        self.fill(&mut row[half..], round, index, half);
        inside.swap(0, SeqCst);
        Ok(())
    }

    fn fill(&self, row: &mut [u64], round: u64, index: usize, first: usize) {
        let spent = (0..self.get(Word::Cost) / 2).fold(0, |sum, turn| std::hint::black_box(sum ^ turn));
        std::hint::black_box(spent);
        for (column, value) in row.iter_mut().enumerate() {
            *value = right(round, index, first + column);
        }
    }

    /// The place of this process. It takes one with its first item.
    fn place(&self) -> usize {
        let pid = std::process::id();
        let seen = PLACE.load(Relaxed);
        if seen >> 32 == u64::from(pid) {
            return seen as u32 as usize;
        }
        let place = self.0.count(Word::Processes as usize) as usize;
        assert!(place < PROCESSES, "a map of the soak starts fewer processes");
        self.0[PIDS + place].store(u64::from(pid), SeqCst);
        PLACE.store(u64::from(pid) << 32 | place as u64, Relaxed);
        place
    }

    /// Kills this worker if that was planned for this point.
    pub(super) fn reach(&self, point: u64) {
        if self.get(Word::Point) == point + 1 && self.0[Word::Countdown as usize].fetch_sub(1, SeqCst) == 1 {
            let _ = raise(Signal::SIGKILL);
        }
    }
}

/// What a row holds when its item is done.
pub(super) fn right(round: u64, index: usize, column: usize) -> u64 {
    mix(round << 24 ^ (index as u64) << 12 ^ column as u64) | 1
}
