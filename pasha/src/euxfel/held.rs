//! The entries of a key that a worker has in its buffer: those of its train, and where it goes forward, some of the next.

use std::ops::Range;
use std::sync::Arc;

use super::buffer::Aligned;
use super::chunks::Window;
use super::data::{Data, Train, Worker};
use crate::error::Result;

/// As much as stays in the cache of a core until it is used: read at once, it saves the calls into the system, which cost small trains most
/// of their time.
const MOST_AHEAD: usize = 512 << 10;

/// What one worker holds of one key, seen through one window.
pub(super) struct Held {
    data: Arc<Data>,
    window: Window,
    worker: Worker,
    bytes: Aligned,
    /// In the file of which part they lie, and where.
    part: usize,
    rows: Range<u64>,
    /// How many trains were asked for at once.
    trains: usize,
}

impl Held {
    pub(super) fn new(data: &Arc<Data>, window: &Window) -> Self {
        Self {
            data: data.clone(),
            window: window.clone(),
            worker: Worker::new(),
            bytes: Aligned::default(),
            part: 0,
            rows: 0..0,
            trains: 1,
        }
    }

    /// The window of all entries of a train, which has some. What is held of another key, or through another window, is forgotten.
    pub(super) fn entries(&mut self, data: &Arc<Data>, train: &Train, window: &Window) -> Result<&[u8]> {
        if !Arc::ptr_eq(&self.data, data) || self.window != *window {
            *self = Self::new(data, window);
        }
        let rows = train.rows();
        if self.part != train.part() || rows.start < self.rows.start || self.rows.end < rows.end {
            self.read(train)?;
        }
        let entry = data.entry_bytes(train, window);
        let range = |rows: Range<u64>| (rows.end - rows.start) as usize * entry;
        let (before, len) = (range(self.rows.start..rows.start), range(rows));
        Ok(&self.bytes.get(before + len)[before..])
    }

    /// Doubles what is read at once with each step forward. Whoever goes elsewhere has his train alone.
    fn read(&mut self, train: &Train) -> Result<()> {
        let bytes = self.data.check_size(train, &self.window)?;
        let rows = train.rows();
        let forward = self.part == train.part() && self.rows.start < rows.start && rows.start <= self.rows.end;
        self.trains = if forward { (2 * self.trains).min(MOST_AHEAD / bytes.max(1)).max(1) } else { 1 };
        let more = self.data.onward(train, &self.window, self.trains);
        // What is wrong behind a train is told when it is its turn.
        if more.count() > train.count()
            && let Ok(bytes) = self.data.check_size(&more, &self.window)
            && self.read_all(&more, bytes).is_ok()
        {
            return Ok(());
        }
        self.trains = 1;
        self.read_all(train, bytes)
    }

    fn read_all(&mut self, train: &Train, bytes: usize) -> Result<()> {
        self.rows = 0..0;
        self.data.read(&mut self.worker, train, &self.window, self.bytes.room(bytes)?)?;
        (self.part, self.rows) = (train.part(), train.rows());
        Ok(())
    }
}

#[cfg(test)]
mod test {
    use super::super::data::test::{numbers, train};
    use super::*;

    fn whole() -> Window {
        Window::whole(&[])
    }

    #[test]
    fn a_train_that_cannot_be_read_does_not_keep_those_before_it_from_being_read() {
        let data = numbers("behind", 10, 12);
        let mut held = Held::new(&data, &whole());
        for first in 0..12 {
            match held.entries(&data, &train(first, 1), &whole()) {
                Ok(bytes) => assert_eq!(bytes, (first as u16).to_ne_bytes()),
                Err(error) => {
                    assert!(first >= 10 && error.to_string().contains(&format!("in train {first}:")), "{error}")
                }
            }
            assert_eq!(held.entries(&data, &train(first, 1), &whole()).is_ok(), first < 10);
        }
        std::fs::remove_file(data.path(0)).unwrap();
    }

    #[test]
    fn what_a_failed_read_left_behind_is_not_taken_for_entries() {
        let data = numbers("left", 10, 12);
        let mut held = Held::new(&data, &whole());
        assert_eq!(held.entries(&data, &train(8, 1), &whole()).unwrap(), 8_u16.to_ne_bytes());
        assert!(held.entries(&data, &train(9, 2), &whole()).is_err());
        assert_eq!(held.entries(&data, &train(8, 1), &whole()).unwrap(), 8_u16.to_ne_bytes());
        std::fs::remove_file(data.path(0)).unwrap();
    }

    #[test]
    fn a_worker_that_goes_forward_reads_more_and_more_at_once_and_no_other() {
        let data = numbers("forward", 1 << 20, 1 << 20);
        let mut held = Held::new(&data, &whole());
        let mut reads = Vec::new();
        for first in 0..1 << 20 {
            held.entries(&data, &train(first, 1), &whole()).unwrap();
            if held.rows.start == first {
                reads.push((held.rows.end - held.rows.start) as usize);
            }
        }
        assert_eq!(reads[..5], [1, 2, 4, 8, 16]);
        assert_eq!(reads.iter().max(), Some(&(MOST_AHEAD / 2)));
        for first in [7, 3, 900, 902, 5] {
            held.entries(&data, &train(first, 1), &whole()).unwrap();
            assert_eq!(held.rows, first..first + 1);
        }
        std::fs::remove_file(data.path(0)).unwrap();
    }

    #[test]
    fn a_buffer_of_one_key_holds_nothing_of_another() {
        let (one, other) = (numbers("one", 10, 10), numbers("other", 20, 20));
        let mut held = Held::new(&one, &whole());
        assert_eq!(held.entries(&one, &train(1, 2), &whole()).unwrap().len(), 4);
        std::fs::remove_file(other.path(0)).unwrap();
        assert!(held.entries(&other, &train(1, 2), &whole()).is_err());
        std::fs::remove_file(one.path(0)).unwrap();
    }
}
