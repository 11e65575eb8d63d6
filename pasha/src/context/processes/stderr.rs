//! What worker processes write to standard error, on its way through the process that forked them.

use std::time::{Duration, Instant};

use crate::sys::process::{self, Child};

/// So much of what a worker writes to standard error is kept, at least.
const TAIL: usize = 4096;

/// After so much time without news, an unfinished line is shown.
const PAUSE: Duration = Duration::from_millis(90);

/// A pipe holds so many pieces.
const PIPE: usize = 16;

/// So much of what dead workers wrote is kept while nobody reads.
const UNSHOWN: usize = 1 << 20;

/// What a worker writes to standard error.
#[derive(Default)]
pub(super) struct Stderr {
    /// The end of it.
    tail: Vec<u8>,
    /// What the host has not shown yet: an unfinished line, mostly.
    unshown: Vec<u8>,
    /// When something came last.
    news: Option<Instant>,
}

/// What dead workers wrote and nobody has read yet.
#[derive(Default)]
pub(super) struct Rest {
    bytes: Vec<u8>,
}

impl Stderr {
    /// Shows the whole lines that a worker has written, as far as the host's own standard error takes them now. The rest waits here and in the pipe, and
    /// in the end its writer with it. An unfinished line is shown when nothing follows for a while.
    pub(super) fn pass_on(&mut self, child: &mut Child) {
        let before = self.unshown.len();
        if !self.is_full() {
            self.hear(child);
        }
        if self.unshown.len() > before {
            self.news = Some(Instant::now());
        }
        // Others wake this process, too.
        let last = self.news.is_none_or(|news| news.elapsed() >= PAUSE);
        while !self.unshown.is_empty() && process::takes_stderr(Duration::ZERO) && show_some(&mut self.unshown, last) {}
    }

    /// What it writes from now on belongs to another map.
    pub(super) fn begin_anew(&mut self) {
        self.tail.clear();
    }

    /// The end of what it has written.
    pub(super) fn last_words(&self) -> String {
        String::from_utf8_lossy(&self.tail).into_owned()
    }

    /// Whether something waits to be shown.
    pub(super) fn waits(&self) -> bool {
        !self.unshown.is_empty()
    }

    /// Whether so much waits to be shown that no more is taken.
    pub(super) fn is_full(&self) -> bool {
        self.unshown.len() >= PIPE * process::PIECE
    }

    /// Takes what is in the pipe, and not what others may write to it for ever.
    pub(super) fn hear(&mut self, child: &mut Child) {
        for bytes in std::iter::from_fn(|| child.hear()).take(PIPE) {
            self.keep(&bytes);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
        self.unshown.extend_from_slice(bytes);
    }
}

/// Shows a piece that a pipe takes at once, up to the end of a line if it is not too long or the last. Says whether there was one.
fn show_some(unshown: &mut Vec<u8>, last: bool) -> bool {
    let piece = &unshown[..unshown.len().min(process::PIECE)];
    let len = match piece.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(end) => end + 1,
        None if last || piece.len() == process::PIECE => piece.len(),
        None => 0,
    };
    process::show(&piece[..len]);
    unshown.drain(..len);
    len > 0
}

impl Rest {
    /// Keeps the last that a worker wrote before its end.
    pub(super) fn keep(&mut self, stderr: &mut Stderr, child: &mut Child) {
        stderr.hear(child);
        self.bytes.append(&mut stderr.unshown);
        if self.bytes.len() > UNSHOWN {
            self.bytes.drain(..self.bytes.len() - UNSHOWN);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Shows it, if somebody reads within some time.
    pub(super) fn show(&mut self, patience: Duration) {
        while !self.bytes.is_empty() && process::takes_stderr(patience) {
            show_some(&mut self.bytes, true);
        }
    }
}
