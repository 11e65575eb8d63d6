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

/// A worker that has not begun after this time waits for a processor.
const BIRTH: Duration = Duration::from_micros(100);

/// So much of what a worker writes to standard error is kept, at least.
const TAIL: usize = 4096;

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
    /// The end of what it wrote to standard error.
    stderr: Vec<u8>,
    /// When its part was first seen to have ended.
    ended: Option<Instant>,
    /// The index it was last seen at, and since when.
    at: Option<(usize, Instant)>,
    /// It was killed because an item took longer than this.
    overran: Option<Duration>,
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
            let part = Part { job: self.job, worker, board: self.board, outbox, others: &others, again };
            let child = process::fork(self.permit, outbox.fault_word(), || part.run())?;
            self.members.push(Member { worker, child, stderr: Vec::new(), ended: None, at: None, overran: None });
        }
        self.protected = others.into_spans();
        Ok(())
    }

    /// Sees to it that those just started get a processor each, if there are enough.
    pub(super) fn see_begin(&mut self) -> Result<Vec<(usize, u32, End)>> {
        let ends = self.wait(BIRTH)?;
        let waiting = self.members.iter().find(|member| !self.board.has_begun(member.worker));
        if let Some(member) = waiting {
            member.child.bring_here();
        }
        Ok(ends)
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
                member.end_if_it_overruns(self.board.index_of(member.worker), limit);
            }
        }
        Ok(ends)
    }

    fn wait(&mut self, patience: Duration) -> Result<Vec<(usize, u32, End)>> {
        let children: Vec<&Child> = self.members.iter().map(|member| &member.child).collect();
        let mut gone = process::wait_any(&children, patience)?;
        self.members.iter_mut().for_each(Member::hear);
        gone.sort_unstable_by(|a, b| b.cmp(a));
        let gone: Vec<Member> = gone.into_iter().map(|at| self.members.swap_remove(at)).collect();
        Ok(gone.into_iter().map(|member| self.end_of(member)).collect())
    }

    fn end_of(&self, mut member: Member) -> (usize, u32, End) {
        let outbox = Outbox(&self.outboxes[member.worker]);
        let (worker, pid, index) = (member.worker, member.child.pid(), self.board.index_of(member.worker));
        if outbox.ended().is_none() {
            // What it has started and left behind is of no use to anybody.
            member.child.kill();
        }
        let cause = member.child.reap();
        member.hear();
        let end = match outbox.ended() {
            Some(ended) => End::Part(ended),
            None => End::Death(Death {
                worker,
                pid,
                index,
                cause: member.overran.map_or(cause, CauseOfDeath::Deadline),
                hint: self.hint(cause, outbox.fault(), member.overran.is_some()),
                stderr: String::from_utf8_lossy(&member.stderr).into_owned(),
            }),
        };
        (worker, pid, end)
    }

    /// What else is known of a death.
    fn hint(&self, cause: CauseOfDeath, fault: Option<usize>, overran: bool) -> String {
        match (cause, fault) {
            _ if overran => String::new(),
            (_, Some(address)) if self.protected.iter().any(|span| span.contains(address)) => {
                ", writing to a shared array that this kernel is not bound to: bind it by `#[out]` or another attribute, a lock does not \
                 reach across processes"
                    .to_owned()
            }
            (_, Some(address)) => format!(", at address {address:#x}"),
            (CauseOfDeath::Signal(number), None) if signals::is_kill(number) && oom::struck_again() => {
                ", and the system has just killed a process of this control group for want of memory: fewer workers may help".to_owned()
            }
            (CauseOfDeath::Exit(_), None) => ", from within the kernel or what it calls".to_owned(),
            _ => String::new(),
        }
    }

    /// Kills all that are left; gives their ids.
    pub(super) fn end(&mut self) -> Vec<usize> {
        process::end_all(self.members.iter_mut().map(|member| &mut member.child));
        self.members.iter_mut().for_each(Member::hear);
        self.members.drain(..).map(|member| member.worker).collect()
    }
}

impl Member {
    fn hear(&mut self) {
        let Self { child, stderr, .. } = self;
        child.hear(|bytes| {
            stderr.extend_from_slice(bytes);
            if stderr.len() > 2 * TAIL {
                stderr.drain(..stderr.len() - TAIL);
            }
        });
    }

    /// A worker whose part has ended may be kept by what its kernel left behind, such as a thread that holds a lock.
    fn end_if_it_lingers(&mut self, outbox: Outbox<'_>) {
        if self.ended.is_none() && outbox.ended().is_some() {
            self.ended = Some(Instant::now());
        }
        if self.ended.is_some_and(|ended| ended.elapsed() > GRACE) {
            self.child.kill();
        }
    }

    fn end_if_it_overruns(&mut self, index: Option<usize>, limit: Duration) {
        match (index, self.at) {
            (Some(now), Some((before, since))) if now == before => {
                if since.elapsed() >= limit && self.overran.is_none() {
                    self.overran = Some(limit);
                    self.child.kill();
                }
            }
            _ => self.at = index.map(|index| (index, Instant::now())),
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
}

impl Part<'_> {
    fn run(self) {
        self.board.wait_until_open();
        if let Err(errno) = self.others.write_protect() {
            let message = format!("shared arrays that it must not write could not be protected: {errno}");
            self.outbox.end(Err(Failure::new(Cause::System, None, message)));
        } else if let Some(mut lease) = self.board.lease(self.worker) {
            lease.renew(self.again.units, self.again.anew);
            self.outbox.end(self.job.work(lease, Trace::Indices));
        }
    }
}
