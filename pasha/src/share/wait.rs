//! Waiting for other workers.

use std::time::{Duration, Instant};

use super::sync::{sleep, spin_loop};

/// A wait for some 20 µs of work, or for one long item: spins a little, then passes time, then sleeps in between.
#[derive(Default)]
pub(super) struct Wait {
    turns: u32,
    /// Since when there is only this progress.
    still: Option<(u64, Instant)>,
}

impl Wait {
    /// Whether there was no progress for so long.
    pub(super) fn is_longer_than(&mut self, patience: Duration, progress: impl FnOnce() -> u64) -> bool {
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

    pub(super) fn on(&mut self, pass_time: fn()) {
        self.turns = self.turns.saturating_add(1);
        match self.turns {
            0..SPINS => spin_loop(),
            SPINS..YIELDS => pass_time(),
            _ => {
                pass_time();
                sleep(Duration::from_micros(100));
            }
        }
    }
}

const SPINS: u32 = 32;
const YIELDS: u32 = 256;
