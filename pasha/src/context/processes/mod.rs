//! The process crew: one forked process for each worker, for each map.
//!
//! The host forks the workers, waits for their ends on pidfds, and runs nothing itself. What a worker has to say lies in memory that both
//! see: its [`Post`] (where it is, what it did), its [`Outbox`](outbox::Outbox) (how it ended), the [`Ledger`] (what is done). Success is what the outbox
//! and the ledger say, never an exit status: another part of the host may have taken that.

use std::sync::atomic::AtomicU64;

use super::job::{Crew, Done, Job};
use crate::death::OnDeath;
use crate::error::{Error, ErrorKind, Result};
use crate::share::{Board, Head, Ledger, Plan, Post, Word};
use crate::sys::memory::Sharing;
use crate::sys::permit::{Permit, Promise};
use crate::sys::words::Layout;
use crate::sys::{oom, process};

mod outbox;
mod team;
mod watch;

use outbox::WORDS;
use team::Team;
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
        if self.recovers() && plan.grain() > 1 {
            let message = format!("{} items are too many for `on_death`: 2³² at most can be told apart", plan.items);
            return Err(Error::new(ErrorKind::Argument, message));
        }
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
        writable.push(words.span());
        if permit.alone() {
            // What is buffered now would be printed by every worker again.
            process::flush();
        }
        let team = Team {
            job,
            permit: &permit,
            board,
            outboxes: words.get(&outboxes),
            writable: &writable,
            protected: Vec::new(),
            members: Vec::new(),
            starters: plan.starters().count(),
            unshown: Vec::new(),
        };
        Watch::over(team, plan, self.on_death, accumulates).run()
    }
}
