//! A team of processes that are forked for one map, seen from their host.

use std::time::Duration;

use super::outbox::Outbox;
use super::part::Part;
use super::stderr::{Rest, Stderr};
use super::team::{Again, End, GRACE, Last, Protected, Pulse, Team, patience};
use crate::context::job::Job;
use crate::error::Result;
use crate::share::{Board, Limits};
use crate::sys::memory::{Others, Span};
use crate::sys::permit::Permit;
use crate::sys::process::{self, Child};

/// The processes of one map.
pub(super) struct Forked<'m> {
    pub(super) job: &'m dyn Job,
    pub(super) permit: &'m Permit,
    pub(super) board: Board<'m>,
    pub(super) outboxes: &'m [super::Words],
    /// What workers may write; all other shared arrays are read-only for them.
    pub(super) writable: &'m [Span],
    /// Those of them whose memory nobody has asked for.
    pub(super) fresh: &'m [Span],
    pub(super) protected: Vec<Span>,
    pub(super) members: Vec<Member>,
    /// How many begin together.
    pub(super) starters: usize,
    pub(super) rest: Rest,
}

/// A worker process.
pub(super) struct Member {
    worker: usize,
    child: Child,
    stderr: Stderr,
    pulse: Pulse,
}

impl Team for Forked<'_> {
    fn start(&mut self, workers: impl IntoIterator<Item = (usize, Again)>) -> Result<()> {
        let others = Others::than(self.writable);
        for (worker, again) in workers {
            let outbox = Outbox(&self.outboxes[worker]);
            outbox.empty();
            let part = Part { worker, board: self.board, outbox, fresh: self.fresh, again };
            let child = process::fork(self.permit, outbox.fault_word(), || self.work(part, &others))?;
            let (stderr, pulse) = (Stderr::default(), Pulse::default());
            self.members.push(Member { worker, child, stderr, pulse });
        }
        self.protected = others.into_spans();
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    fn watch(&mut self, limits: Limits) -> Result<Vec<(usize, u32, End)>> {
        let ends = self.wait(patience(limits, self.members.iter().map(|member| &member.pulse)))?;
        for member in &mut self.members {
            let overruns = limits.item.is_some_and(|limit| member.pulse.feel(&self.board, member.worker, limit));
            if member.pulse.lingers(Outbox(&self.outboxes[member.worker])) || overruns {
                member.child.kill();
            }
        }
        Ok(ends)
    }

    fn end(&mut self) -> Vec<(usize, u32)> {
        process::end_all(self.members.iter_mut().map(|member| &mut member.child));
        let mut members = std::mem::take(&mut self.members);
        members.iter_mut().for_each(|member| self.rest.keep(&mut member.stderr, &mut member.child));
        members.into_iter().map(|member| (member.worker, member.child.pid())).collect()
    }
}

impl Forked<'_> {
    /// What one worker process does.
    fn work(&self, part: Part<'_>, others: &Others) {
        let places = self.board.wait_at_gate(part.worker, self.starters, process::processor);
        if let (Some(places), []) = (places, &*part.again.units) {
            process::keep_off(&places);
        }
        if let Err(errno) = others.write_protect() {
            return part.leave_unprotected(errno);
        }
        part.run(|lease| self.job.work(lease));
        // Nobody else can hold the locks of standard output.
        if self.permit.alone() {
            // What the kernel printed and what the libraries it calls did.
            process::flush();
        }
    }

    fn wait(&mut self, patience: Duration) -> Result<Vec<(usize, u32, End)>> {
        let children: Vec<(&Child, bool)> =
            self.members.iter().map(|member| (&member.child, !member.stderr.is_full())).collect();
        let to_show = !self.rest.is_empty() || self.members.iter().any(|member| member.stderr.is_full());
        let mut gone = process::wait_any(&children, &[], to_show, patience)?;
        self.rest.show(Duration::ZERO);
        for member in &mut self.members {
            member.stderr.pass_on(&mut member.child);
        }
        gone.sort_unstable_by(|a, b| b.cmp(a));
        let gone: Vec<Member> = gone.into_iter().map(|at| self.members.swap_remove(at)).collect();
        Ok(gone.into_iter().map(|member| self.end_of(member)).collect())
    }

    fn end_of(&mut self, mut member: Member) -> (usize, u32, End) {
        let outbox = Outbox(&self.outboxes[member.worker]);
        let (worker, pid, run) = (member.worker, member.child.pid(), self.board.run_of(member.worker));
        if !matches!(outbox.ended(), Some(Ok(()))) {
            // What it has started and left behind is of no use to anybody.
            member.child.kill();
        }
        let cause = member.child.reap();
        self.rest.keep(&mut member.stderr, &mut member.child);
        let end = match outbox.ended() {
            Some(ended) => End::Part(ended),
            None => {
                let fault = outbox.fault();
                End::Death(member.pulse.death(
                    worker,
                    run,
                    Last {
                        pid,
                        cause,
                        fault,
                        protected: match fault {
                            Some(at) if self.protected.iter().any(|span| span.contains(at)) => Protected::ReadOnly,
                            _ => Protected::No,
                        },
                        stderr: member.stderr.last_words(),
                    },
                ))
            }
        };
        (worker, pid, end)
    }
}

impl Drop for Forked<'_> {
    fn drop(&mut self) {
        self.end();
        self.rest.show(GRACE);
    }
}
