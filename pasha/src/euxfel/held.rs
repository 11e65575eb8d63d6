//! The entries of a key that a worker has in its buffer: those of its train, and where it goes forward, some of the next.

use std::ops::Range;

use super::buffer::Aligned;
use super::chunks::Window;
use super::data::{Data, Train, Worker};
use crate::error::Result;

/// As much as stays in the cache of a core until it is used: read at once, it saves the calls into the system, which cost small trains most
/// of their time.
const MOST_AHEAD: usize = 512 << 10;

/// What one worker holds of one key, seen through one window.
pub(super) struct Held {
    worker: Worker,
    bytes: Aligned,
    /// In the file of which part they lie, and where.
    part: usize,
    rows: Range<u64>,
    /// How many trains were asked for at once.
    trains: usize,
}

impl Held {
    pub(super) fn new() -> Self {
        Self { worker: Worker::new(), bytes: Aligned::default(), part: 0, rows: 0..0, trains: 1 }
    }

    /// The window of all entries of a train, which has some.
    pub(super) fn entries(&mut self, data: &Data, train: &Train, window: &Window) -> Result<&[u8]> {
        let rows = train.rows();
        if self.part != train.part() || rows.start < self.rows.start || self.rows.end < rows.end {
            self.read(data, train, window)?;
        }
        let entry = data.entry_bytes(train, window);
        let range = |rows: Range<u64>| (rows.end - rows.start) as usize * entry;
        let (before, len) = (range(self.rows.start..rows.start), range(rows));
        Ok(&self.bytes.get(before + len)[before..])
    }

    /// Doubles what is read at once with each step forward. Whoever goes elsewhere has his train alone.
    fn read(&mut self, data: &Data, train: &Train, window: &Window) -> Result<()> {
        let bytes = data.check_size(train, window)?;
        let forward =
            self.part == train.part() && self.rows.start < train.rows().start && train.rows().start <= self.rows.end;
        self.trains = if forward { (2 * self.trains).min(MOST_AHEAD / bytes.max(1)).max(1) } else { 1 };
        let more = data.onward(train, self.trains);
        // What is wrong behind a train is told when it is its turn.
        if more.count() > train.count() && self.read_all(data, &more, window).is_ok() {
            return Ok(());
        }
        self.trains = 1;
        self.read_all(data, train, window)
    }

    fn read_all(&mut self, data: &Data, train: &Train, window: &Window) -> Result<()> {
        self.rows = 0..0;
        let bytes = data.check_size(train, window)?;
        data.read(&mut self.worker, train, window, self.bytes.room(bytes)?)?;
        (self.part, self.rows) = (train.part(), train.rows());
        Ok(())
    }
}
