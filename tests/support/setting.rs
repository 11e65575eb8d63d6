//! A setting: the context that a case runs in, and how to make others of its kind.

use pasha::{Context, Schedule};

/// What the workers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The caller.
    Serial,
    /// Threads.
    Threads,
    /// Processes.
    Processes,
}

/// A context under test.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What its workers are.
    pub kind: Kind,
    /// How indices are divided among them.
    pub schedule: Schedule,
    ctx: Context,
}

impl Setting {
    /// A context of this kind; a serial one has a single worker whatever is asked for.
    pub fn new(kind: Kind, workers: usize, schedule: Schedule) -> Self {
        let ctx = match kind {
            Kind::Serial => Ok(Context::serial()),
            Kind::Threads => Context::threads().workers(workers).schedule(schedule).build(),
            Kind::Processes => Context::processes().workers(workers).schedule(schedule).build(),
        };
        Self { kind, schedule, ctx: ctx.expect("a context of a few workers can be made") }
    }

    /// The context itself.
    pub fn ctx(&self) -> &Context {
        &self.ctx
    }

    /// A context of the same kind and schedule with another number of workers.
    pub fn with_workers(&self, workers: usize) -> Context {
        Self::new(self.kind, workers, self.schedule).ctx
    }

    /// A context of the same kind and number of workers with another schedule.
    pub fn with_schedule(&self, schedule: Schedule) -> Context {
        Self::new(self.kind, self.ctx.workers(), schedule).ctx
    }
}

impl AsRef<Setting> for Setting {
    fn as_ref(&self) -> &Setting {
        self
    }
}

impl AsRef<Context> for Setting {
    fn as_ref(&self) -> &Context {
        &self.ctx
    }
}
