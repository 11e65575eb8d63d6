//! A setting: the context that a case runs in, and how to make others of its kind.

use pasha::{ByProcesses, Context, ContextBuilder, Schedule};

/// What the workers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The caller.
    Serial,
    /// Threads.
    Threads,
    /// Processes.
    Processes,
    /// Processes that wait for maps.
    Residents,
}

impl Kind {
    /// Whether the workers are not in this process.
    pub fn is_elsewhere(self) -> bool {
        matches!(self, Self::Processes | Self::Residents)
    }
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
            Kind::Residents => Context::processes().workers(workers).schedule(schedule).resident().build(),
        };
        Self { kind, schedule, ctx: ctx.expect("a context of a few workers can be made") }
    }

    /// Begins a context of processes with the same number of workers and schedule, that wait for maps if those of this setting do.
    pub fn processes(&self) -> ContextBuilder<ByProcesses> {
        let builder = Context::processes().workers(self.ctx.workers()).schedule(self.schedule);
        if self.kind == Kind::Residents { builder.resident() } else { builder }
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
