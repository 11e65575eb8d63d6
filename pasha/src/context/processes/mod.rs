//! The process crew: one forked process for each worker, for each map.
//!
//! The host forks the workers, waits for their ends on pidfds, and runs nothing itself. What a worker has to say lies in memory that both
//! see: its [`Post`] (where it is, what it did), its [`Outbox`](outbox::Outbox) (how it ended), the [`Ledger`] (what is done). Success is what the outbox
//! and the ledger say, never an exit status: another part of the host may have taken that.

use std::sync::atomic::AtomicU64;

use super::job::{Crew, Done, Job};
use crate::death::OnDeath;
use crate::error::{Error, ErrorKind, Result};
use crate::share::{Board, Head, Ledger, Plan, Post, Trace, Word};
use crate::sys::memory::Sharing;
use crate::sys::pages;
use crate::sys::permit::{Permit, Promise};
use crate::sys::words::Layout;
use crate::sys::{oom, process};

mod forked;
mod outbox;
mod part;
pub(crate) mod resident;
mod stderr;
mod team;
mod watch;

use forked::Forked;
use outbox::WORDS;
use stderr::Rest;
use watch::Watch;

/// The words of an outbox.
type Words = [AtomicU64; WORDS];

/// Forks for every map.
#[derive(Debug)]
pub(crate) struct Processes {
    promise: Option<Promise>,
    on_death: OnDeath,
}

impl Processes {
    pub(crate) fn new(promise: Option<Promise>, on_death: OnDeath) -> Self {
        oom::remember();
        Self { promise, on_death }
    }

    /// The plan for workers that may end without a word. Single items matter to who goes on without some, and to a clock.
    fn traced(&self, plan: Plan) -> Plan {
        let trace = if self.recovers() || plan.limits.any() { Trace::Indices } else { Trace::Runs };
        Plan { trace, ..plan }
    }

    fn on_death(&self) -> OnDeath {
        self.on_death
    }

    /// Refuses more items than can be told apart when one of them is to be done again.
    fn can_tell_apart(&self, plan: Plan) -> Result<()> {
        if self.recovers() && plan.grain() > 1 {
            let message = format!("{} items are too many for `on_death`: 2³² at most can be told apart", plan.items);
            return Err(Error::new(ErrorKind::Argument, message));
        }
        Ok(())
    }
}

impl Crew for Processes {
    fn sharing(&self) -> Sharing {
        Sharing::Processes
    }

    fn recovers(&self) -> bool {
        self.on_death != OnDeath::Fail
    }

    fn skips(&self) -> bool {
        self.on_death == OnDeath::Skip
    }

    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Done> {
        self.can_tell_apart(plan)?;
        let plan = self.traced(plan);
        let permit = Permit::obtain(self.promise)?;
        let accumulates = self.recovers() && job.accumulates();
        let mut layout = Layout::default();
        let head = layout.add::<Head>(1);
        let posts = layout.add::<Post>(plan.workers);
        let outboxes = layout.add::<Words>(plan.workers);
        let ledger = layout.add::<Word>(Ledger::words(plan.units(), if accumulates { plan.workers } else { 1 }));
        let words = layout.allocate()?;
        let ledger = Ledger::over(words.get(&ledger), plan.units());
        let board = Board::set(&words.get(&head)[0], words.get(&posts), ledger, plan);
        let mut writable = job.spans();
        let fresh = pages::take_fresh(&writable);
        writable.push(words.span());
        if permit.alone() {
            // What is buffered now would be printed by every worker again.
            process::flush();
        }
        let team = Forked {
            job,
            permit: &permit,
            board,
            outboxes: words.get(&outboxes),
            writable: &writable,
            fresh: &fresh,
            protected: Vec::new(),
            members: Vec::new(),
            starters: plan.starters().count(),
            rest: Rest::default(),
        };
        Watch::over(team, board, plan, self.on_death, accumulates).run()
    }
}
