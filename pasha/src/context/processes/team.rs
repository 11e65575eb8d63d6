//! The team: the worker processes of a map, seen from their host.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::outbox::Outbox;
use crate::context::job::{Cause, Failure, Job, Trace};
use crate::death::{CauseOfDeath, Death};
use crate::error::Result;
use crate::share::{Board, Limits};
use crate::sys::memory::{Others, Span};
use crate::sys::permit::Permit;
use crate::sys::process::{self, Child};
use crate::sys::{oom, signals};

/// How long a worker process may live on when its part has ended.
const GRACE: Duration = Duration::from_secs(1);

/// A host looks at its workers at least this often.
const TICK: Duration = Duration::from_millis(100);

/// So much of what a worker writes to standard error is kept, at least.
const TAIL: usize = 4096;

/// A pipe holds so many pieces.
const PIPE: usize = 16;

/// So much of what dead workers wrote is kept while nobody reads.
const UNSHOWN: usize = 1 << 20;

/// The processes that work for one map.
pub(super) struct Team<'m> {
    pub(super) job: &'m dyn Job,
    pub(super) permit: &'m Permit,
    pub(super) board: Board<'m>,
    pub(super) outboxes: &'m [super::Words],
    /// What workers may write; all other shared arrays are read-only for them.
    pub(super) writable: &'m [Span],
    pub(super) protected: Vec<Span>,
    pub(super) members: Vec<Member>,
    /// How many begin together.
    pub(super) starters: usize,
    /// What workers wrote to standard error before their end and nobody has read yet.
    pub(super) unshown: Vec<u8>,
}

/// What a worker does before its even part.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    pub(super) units: Vec<Range<u32>>,
    /// Its accumulators are what they were before the map.
    pub(super) anew: bool,
}

/// A worker process.
pub(super) struct Member {
    worker: usize,
    child: Child,
    stderr: Stderr,
    /// When its part was first seen to have ended.
    ended: Option<Instant>,
    /// Where it was last seen, at an index or making ready for one, and since when.
    at: Option<(Place, Instant)>,
    /// It was killed because this took longer than allowed: an index, or making ready for the first one.
    overran: Option<(Option<usize>, Duration)>,
}

/// The index that a worker has come to, if any, and that which it has before it.
type Place = (Option<usize>, usize);

/// What a worker writes to standard error.
#[derive(Default)]
struct Stderr {
    /// The end of it.
    tail: Vec<u8>,
    /// What the host has not shown yet: an unfinished line, mostly.
    unshown: Vec<u8>,
}

/// How a worker process ended.
pub(super) enum End {
    /// By itself: its part was done, or failed.
    Part(Result<(), Failure>),
    /// Without a word.
    Death(Death),
}

impl<'m> Team<'m> {
    /// Forks some workers.
    pub(super) fn start(&mut self, workers: impl IntoIterator<Item = (usize, Again)>) -> Result<()> {
        let others = Others::than(self.writable);
        for (worker, again) in workers {
            let outbox = Outbox(&self.outboxes[worker]);
            outbox.empty();
            let part = Part {
                job: self.job,
                worker,
                board: self.board,
                outbox,
                others: &others,
                again,
                flushes: self.permit.alone(),
                starters: self.starters,
            };
            let child = process::fork(self.permit, outbox.fault_word(), || part.run())?;
            self.members.push(Member {
                worker,
                child,
                stderr: Stderr::default(),
                ended: None,
                at: None,
                overran: None,
            });
        }
        self.protected = others.into_spans();
        Ok(())
    }

    /// Waits until something happens, until a deadline or a tick; gives worker, pid and end of those that have ended.
    pub(super) fn watch(&mut self, Limits { until, item }: Limits) -> Result<Vec<(usize, u32, End)>> {
        let mut patience = TICK;
        if let Some((until, _)) = until {
            patience = patience.min(until.saturating_duration_since(Instant::now()));
        }
        if let Some(limit) = item {
            // A new index is seen a tick late at most; one that is known overruns at a known time.
            patience = patience.min((limit / 8).clamp(Duration::from_millis(1), Duration::from_millis(5)));
            for until in self.members.iter().filter_map(|member| member.at?.1.checked_add(limit)) {
                patience = patience.min(until.saturating_duration_since(Instant::now()));
            }
        }
        let ends = self.wait(patience)?;
        for member in &mut self.members {
            member.end_if_it_lingers(Outbox(&self.outboxes[member.worker]));
            if let Some(limit) = item {
                let at = self.board.index_of(member.worker);
                member.end_if_it_overruns(self.board.place_of(member.worker).map(|place| (at, place)), limit);
            }
        }
        Ok(ends)
    }

    fn wait(&mut self, patience: Duration) -> Result<Vec<(usize, u32, End)>> {
        let children: Vec<(&Child, bool)> =
            self.members.iter().map(|member| (&member.child, !member.stderr.is_full())).collect();
        let to_show = !self.unshown.is_empty() || self.members.iter().any(|member| member.stderr.is_full());
        let mut gone = process::wait_any(&children, to_show, patience)?;
        self.show_rest(Duration::ZERO);
        for member in &mut self.members {
            member.stderr.pass_on(&mut member.child);
        }
        gone.sort_unstable_by(|a, b| b.cmp(a));
        let gone: Vec<Member> = gone.into_iter().map(|at| self.members.swap_remove(at)).collect();
        Ok(gone.into_iter().map(|member| self.end_of(member)).collect())
    }

    fn end_of(&mut self, mut member: Member) -> (usize, u32, End) {
        let outbox = Outbox(&self.outboxes[member.worker]);
        let (worker, pid, index) = (member.worker, member.child.pid(), self.board.index_of(member.worker));
        if !matches!(outbox.ended(), Some(Ok(()))) {
            // What it has started and left behind is of no use to anybody.
            member.child.kill();
        }
        let cause = member.child.reap();
        self.keep(&mut member);
        let end = match outbox.ended() {
            Some(ended) => End::Part(ended),
            None => {
                // An item that began just before the kill is not to blame.
                let missed = member.overran.is_some_and(|(at, _)| at != index);
                End::Death(Death {
                    worker,
                    pid,
                    index: if missed { None } else { index },
                    cause: member.overran.map_or(cause, |(_, limit)| CauseOfDeath::Deadline(limit)),
                    late: missed,
                    hint: match member.overran {
                        Some((Some(late), _)) if missed => format!(" (it had just done index {late})"),
                        Some(_) => String::new(),
                        None => self.hint(cause, outbox.fault()),
                    },
                    stderr: String::from_utf8_lossy(&member.stderr.tail).into_owned(),
                })
            }
        };
        (worker, pid, end)
    }

    /// What else is known of a death.
    fn hint(&self, cause: CauseOfDeath, fault: Option<usize>) -> String {
        match (cause, fault) {
            (cause, Some(_)) if !signals::is_fault(cause) => String::new(),
            (_, Some(address)) if self.protected.iter().any(|span| span.contains(address)) => {
                ", writing to a shared array that this kernel is not bound to: bind it by `#[out]` or another attribute, a lock does not \
                 reach across processes"
                    .to_owned()
            }
            (_, Some(address)) => format!(", at address {address:#x}"),
            (CauseOfDeath::Signal(number), None) if signals::is_kill(number) && oom::struck_again() => {
                ", and the system has killed a process of this control group for want of memory since the context was made: fewer workers may help".to_owned()
            }
            (CauseOfDeath::Exit(_), None) => ", from within the kernel or what it calls".to_owned(),
            _ => String::new(),
        }
    }

    /// Kills all that are left; gives their ids and pids.
    pub(super) fn end(&mut self) -> Vec<(usize, u32)> {
        process::end_all(self.members.iter_mut().map(|member| &mut member.child));
        let mut members = std::mem::take(&mut self.members);
        members.iter_mut().for_each(|member| self.keep(member));
        members.into_iter().map(|member| (member.worker, member.child.pid())).collect()
    }

    /// Keeps the last that a worker wrote before its end.
    fn keep(&mut self, member: &mut Member) {
        member.stderr.hear(&mut member.child);
        self.unshown.append(&mut member.stderr.unshown);
        if self.unshown.len() > UNSHOWN {
            self.unshown.drain(..self.unshown.len() - UNSHOWN);
        }
    }

    /// Shows what dead workers wrote, if somebody reads within some time.
    fn show_rest(&mut self, patience: Duration) {
        while !self.unshown.is_empty() && process::takes_stderr(patience) {
            show_some(&mut self.unshown, true);
        }
    }
}

impl Stderr {
    /// Shows the whole lines that a worker has written, as far as the host's own standard error takes them now. The rest waits here and in the pipe, and
    /// in the end its writer with it. An unfinished line is shown when nothing follows for a while.
    fn pass_on(&mut self, child: &mut Child) {
        let before = self.unshown.len();
        if !self.is_full() {
            self.hear(child);
        }
        let news = self.unshown.len() > before;
        while !self.unshown.is_empty() && process::takes_stderr(Duration::ZERO) && show_some(&mut self.unshown, !news) {
        }
    }

    /// Whether so much waits to be shown that no more is taken.
    fn is_full(&self) -> bool {
        self.unshown.len() >= PIPE * process::PIECE
    }

    /// Takes what is in the pipe, and not what others may write to it for ever.
    fn hear(&mut self, child: &mut Child) {
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

impl Drop for Team<'_> {
    fn drop(&mut self) {
        self.end();
        self.show_rest(GRACE);
    }
}

impl Member {
    /// A worker whose part has ended may be kept by what its kernel left behind, such as a thread that holds a lock.
    fn end_if_it_lingers(&mut self, outbox: Outbox<'_>) {
        // It may have to wait until somebody reads what it printed.
        if outbox.ended().is_some() && (self.ended.is_none() || !process::takes_stdout()) {
            self.ended = Some(Instant::now());
        }
        if self.ended.is_some_and(|ended| ended.elapsed() > GRACE) {
            self.child.kill();
        }
    }

    fn end_if_it_overruns(&mut self, place: Option<Place>, limit: Duration) {
        match (place, self.at) {
            (Some(now), Some((before, since))) if now == before => {
                if since.elapsed() >= limit && self.overran.is_none() {
                    self.overran = Some((now.0, limit));
                    self.child.kill();
                }
            }
            _ => self.at = place.map(|place| (place, Instant::now())),
        }
    }
}

/// What one worker process does.
struct Part<'m> {
    job: &'m dyn Job,
    worker: usize,
    board: Board<'m>,
    outbox: Outbox<'m>,
    others: &'m Others,
    again: Again,
    /// Nobody else can hold the locks of standard output.
    flushes: bool,
    starters: usize,
}

impl Part<'_> {
    fn run(self) {
        let others = self.board.wait_at_gate(self.worker, self.starters, process::processor);
        if let (Some(others), []) = (others, &*self.again.units) {
            process::keep_off(&others);
        }
        if let Err(errno) = self.others.write_protect() {
            let message = format!("shared arrays that it must not write could not be protected: {errno}");
            self.outbox.end(Err(Failure::new(Cause::System, None, message)));
        } else if let Some(mut lease) = self.board.lease(self.worker) {
            lease.renew(self.again.units, self.again.anew);
            let ended = self.job.work(lease, Trace::Indices);
            let failed = ended.as_ref().err().and_then(|failure| failure.index);
            self.outbox.end(ended);
            // Not before it is told, or it could be known to nobody why indices are not wanted any more.
            failed.into_iter().for_each(|index| self.board.fail_at(index));
            if self.flushes {
                // What the kernel printed and what the libraries it calls did.
                process::flush();
            }
        }
    }
}
