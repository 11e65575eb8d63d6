//! The zygote: a process with one thread that is forked early, forks the resident workers, and sees to their ends.
//!
//! It is nobody's child, so that a host which waits for its own children never meets it. It ends with its host.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::desk::{Desk, DeskWords};
use super::worker;
use crate::context::processes::stderr::{Rest, Stderr};
use crate::context::processes::team::{GRACE, TICK};
use crate::error::{Error, ErrorKind, Result};
use crate::sys::futex;
use crate::sys::memory::Others;
use crate::sys::permit::Permit;
use crate::sys::process::{self, Bell, Child, Pidfd};
use crate::sys::reserve::Reserve;
use crate::sys::text::Text;
use crate::sys::words::{Layout, Place, SharedWords};

/// A worker that ends as soon as it is forked is not forked again at once.
const PAUSE: Duration = Duration::from_millis(10);

/// An answer that takes longer will not come.
pub(super) const ANSWER: Duration = Duration::from_secs(10);

/// Longer than anybody waits.
const EVER: Duration = Duration::from_secs(3600);

/// How long a worker stays awake after a map.
const AWAKE: Duration = Duration::from_micros(50);

/// What host and zygote say to each other.
#[repr(C, align(128))]
pub(crate) struct Control {
    /// Grows with each request; what is asked for is below.
    asked: AtomicU32,
    answered: AtomicU32,
    request: AtomicU64,
    /// The desk that it is about, and how many workers it has.
    desk: AtomicU64,
    workers: AtomicU64,
    pid: AtomicU64,
    /// One more than the error number of what went wrong.
    failed: AtomicU64,
}

const OPEN: u64 = 1;
const CLOSE: u64 = 2;

/// The zygote, seen from the host.
pub(super) struct Zygote {
    words: SharedWords,
    control: Place<Control>,
    bell: Bell,
    process: Pidfd,
    /// Functions that workers have, too.
    pub(super) text: Text,
    asking: Mutex<()>,
}

/// The one that this process has.
static ZYGOTE: Mutex<Option<Arc<Zygote>>> = Mutex::new(None);

impl Zygote {
    /// The zygote of this process, forked now if there is none.
    pub(super) fn get() -> Result<Arc<Self>> {
        if Reserve::get().is_some_and(|reserve| !reserve.is_ours()) {
            let message = "this process was forked from one that has resident workers, and cannot have its own: map in the other, or start this one by `exec`";
            return Err(Error::new(ErrorKind::System, message));
        }
        let mut zygote = ZYGOTE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zygote) = zygote.as_ref().filter(|zygote| zygote.is_alive()) {
            return Ok(Arc::clone(zygote));
        }
        let made = Arc::new(Self::fork()?);
        *zygote = Some(Arc::clone(&made));
        Ok(made)
    }

    fn fork() -> Result<Self> {
        let permit = Permit::obtain(None).map_err(|error| {
            let message = format!("{error}; `pasha::init()` in the first line of `main` forks what resident workers need while there is one");
            Error::new(error.kind(), message)
        })?;
        Reserve::make()?;
        let mut layout = Layout::default();
        let control = layout.add::<Control>(1);
        let mut words = layout.reserve()?;
        let (bell, theirs) = Bell::new()?;
        let host = Pidfd::own()?;
        let text = Text::now();
        let others = Others::than(&[]);
        process::detach(&permit, || {
            bell.close_in_fork();
            others.hide();
            Nursery::new(&words.get(&control)[0], host, theirs).serve();
        })?;
        drop(others);
        let control_words = &words.get(&control)[0];
        let process = wait_for(&control_words.answered, 1, || {
            Pidfd::of(control_words.pid.load(Acquire) as u32).filter(|_| control_words.pid.load(Acquire) > 0)
        });
        let Some(process) = process else {
            // It may come late, and write there.
            words.give_up();
            let message = "the process that forks resident workers did not begin in time";
            return Err(Error::new(ErrorKind::System, message));
        };
        Ok(Self { words, control, bell, process, text, asking: Mutex::new(()) })
    }

    pub(super) fn is_alive(&self) -> bool {
        !self.process.has_ended()
    }

    /// Ends it, and all workers with it: it does not answer.
    pub(super) fn end(&self) {
        self.process.end();
    }

    /// Has the workers of a desk forked.
    pub(super) fn open(&self, desk: &DeskWords, workers: usize) -> Result<()> {
        match self.ask(OPEN, desk, workers) {
            Some(0) => Ok(()),
            Some(errno) => {
                let cause = std::io::Error::from_raw_os_error(errno as i32 - 1);
                let message = format!(
                    "resident workers could not be forked: {cause}; fewer workers, or a higher limit of processes, open files or memory, may help"
                );
                Err(Error::new(ErrorKind::System, message).caused_by(cause))
            }
            None => Err(ended()),
        }
    }

    /// Ends the workers of a desk. Says whether nobody looks at it any more.
    pub(super) fn close(&self, desk: &DeskWords, workers: usize) -> bool {
        self.ask(CLOSE, desk, workers).is_some()
    }

    /// Has the zygote look at the seats.
    pub(super) fn ring(&self) {
        self.bell.ring();
    }

    fn ask(&self, request: u64, desk: &DeskWords, workers: usize) -> Option<u64> {
        let _one_at_a_time = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let control = &self.words.get(&self.control)[0];
        control.request.store(request, Relaxed);
        control.desk.store(desk.address() as u64, Relaxed);
        control.workers.store(workers as u64, Relaxed);
        let asked = control.asked.load(Relaxed) + 1;
        control.asked.store(asked, Release);
        self.bell.ring();
        let begun = Instant::now();
        // The first answer was that it lives.
        loop {
            let answered = control.answered.load(Acquire);
            if answered > asked {
                return Some(control.failed.load(Relaxed));
            }
            if begun.elapsed() > ANSWER {
                self.end();
            }
            if !self.is_alive() {
                return None;
            }
            futex::sleep_while(&control.answered, answered, Some(TICK));
        }
    }
}

/// The error of a zygote that is gone.
pub(super) fn ended() -> Error {
    let message = "the process that forks resident workers was killed, and they with it: make a new context";
    Error::new(ErrorKind::Died, message)
}

fn wait_for<T>(word: &AtomicU32, least: u32, found: impl Fn() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    while begun.elapsed() < ANSWER {
        let now = word.load(Acquire);
        if now >= least {
            return found();
        }
        futex::sleep_while(word, now, Some(TICK));
    }
    None
}

/// The zygote, seen from itself.
struct Nursery<'z> {
    control: &'z Control,
    host: Pidfd,
    bell: Bell,
    nests: Vec<Nest>,
    rest: Rest,
    handled: u32,
}

/// The workers of one crew.
struct Nest {
    words: DeskWords,
    /// How long a worker waits awake. With more of them than processors, who does that takes the time of who works.
    awake: Duration,
    sitters: Vec<Option<Sitter>>,
}

struct Sitter {
    child: Child,
    stderr: Stderr,
    /// The last call that it was seen at.
    generation: u64,
}

impl<'z> Nursery<'z> {
    fn new(control: &'z Control, host: Pidfd, bell: Bell) -> Self {
        Self { control, host, bell, nests: Vec::new(), rest: Rest::default(), handled: 0 }
    }

    /// Serves until the host has ended.
    fn serve(mut self) {
        self.control.pid.store(process::id().into(), Release);
        self.answer(0);
        while !self.host.has_ended() && !self.bell.hear() {
            let asked = self.control.asked.load(Acquire);
            if asked != self.handled {
                self.handled = asked;
                let failed = self.handle();
                self.answer(failed);
            }
            self.kill_condemned();
            let missing = self.fill();
            let sitters = || self.nests.iter().flat_map(|nest| nest.sitters.iter().flatten());
            let patience = match missing {
                true => PAUSE,
                // An unfinished line is shown when nothing follows.
                false if sitters().any(|sitter| sitter.stderr.waits()) => TICK,
                false => EVER,
            };
            let Some(gone) = self.wait(patience) else { break };
            self.bury(gone);
        }
        // What they have said last is shown, although nobody waits for it.
        for mut nest in std::mem::take(&mut self.nests) {
            self.end(&mut nest);
        }
        self.rest.show(GRACE);
    }

    fn end(&mut self, nest: &mut Nest) {
        process::end_all(nest.sitters.iter_mut().flatten().map(|sitter| &mut sitter.child));
        nest.sitters.iter_mut().flatten().for_each(|sitter| self.rest.keep(&mut sitter.stderr, &mut sitter.child));
    }

    fn answer(&self, failed: u64) {
        self.control.failed.store(failed, Relaxed);
        self.control.answered.fetch_add(1, Release);
        futex::wake_all(&self.control.answered);
    }

    fn handle(&mut self) -> u64 {
        let (address, workers) =
            (self.control.desk.load(Relaxed) as usize, self.control.workers.load(Relaxed) as usize);
        if self.control.request.load(Relaxed) == CLOSE {
            let (closed, kept) =
                std::mem::take(&mut self.nests).into_iter().partition(|nest| nest.words.address() == address);
            self.nests = kept;
            for mut nest in closed {
                self.end(&mut nest);
            }
            return 0;
        }
        let Ok(words) = DeskWords::at(address, workers) else { return 1 };
        let awake = if workers > process::processors() { Duration::ZERO } else { AWAKE };
        let mut nest = Nest { words, awake, sitters: Vec::new() };
        for seat in 0..workers {
            match nest.fork(seat) {
                Ok(sitter) => nest.sitters.push(Some(sitter)),
                Err(error) => {
                    process::end_all(nest.sitters.iter_mut().flatten().map(|sitter| &mut sitter.child));
                    return process::errno_of(&error) as u64 + 1;
                }
            }
        }
        self.nests.push(nest);
        0
    }

    fn kill_condemned(&mut self) {
        for nest in &mut self.nests {
            let desk = nest.words.desk();
            for (seat, sitter) in nest.sitters.iter().enumerate() {
                if let Some(sitter) = sitter.as_ref().filter(|sitter| desk.is_condemned(seat, sitter.child.pid())) {
                    sitter.child.kill();
                }
            }
        }
    }

    /// Forks workers for empty seats; whether some stay empty.
    fn fill(&mut self) -> bool {
        let mut missing = false;
        for nest in &mut self.nests {
            for seat in 0..nest.sitters.len() {
                if nest.sitters[seat].is_some() {
                    continue;
                }
                match nest.fork(seat) {
                    Ok(sitter) => nest.sitters[seat] = Some(sitter),
                    Err(error) => {
                        nest.words.desk().leave_vacant(seat, process::errno_of(&error));
                        missing = true;
                    }
                }
            }
        }
        missing
    }

    /// Waits until something happens; gives those who have ended, by nest and seat.
    fn wait(&mut self, patience: Duration) -> Option<Vec<(usize, usize)>> {
        let mut places = Vec::new();
        let mut children = Vec::new();
        for (number, nest) in self.nests.iter().enumerate() {
            for (seat, sitter) in nest.sitters.iter().enumerate() {
                if let Some(sitter) = sitter {
                    places.push((number, seat));
                    children.push((&sitter.child, !sitter.stderr.is_full()));
                }
            }
        }
        let to_show = !self.rest.is_empty() || children.iter().any(|(_, listens)| !listens);
        let gone = process::wait_any(&children, &[self.host.handle(), self.bell.handle()], to_show, patience).ok()?;
        self.rest.show(Duration::ZERO);
        for nest in &mut self.nests {
            let desk = nest.words.desk();
            for (seat, sitter) in nest.sitters.iter_mut().enumerate() {
                let Some(sitter) = sitter else { continue };
                let generation = desk.generation_of(seat);
                if std::mem::replace(&mut sitter.generation, generation) != generation {
                    sitter.stderr.begin_anew();
                }
                sitter.stderr.pass_on(&mut sitter.child);
            }
        }
        Some(gone.into_iter().map(|at| places[at]).collect())
    }

    fn bury(&mut self, gone: Vec<(usize, usize)>) {
        for (nest, seat) in gone {
            let nest = &mut self.nests[nest];
            let Some(mut sitter) = nest.sitters[seat].take() else { continue };
            // What it has started and left behind is of no use to anybody.
            sitter.child.kill();
            let cause = sitter.child.reap();
            self.rest.keep(&mut sitter.stderr, &mut sitter.child);
            nest.words.desk().bury(seat, sitter.child.pid(), cause, &sitter.stderr.last_words());
        }
    }
}

impl Nest {
    fn fork(&self, seat: usize) -> Result<Sitter> {
        let permit = Permit::obtain(None)?;
        let desk: Desk<'_> = self.words.desk();
        desk.make_ready(seat);
        let awake = self.awake;
        let child = process::fork(&permit, &desk.seats[seat].fault, || worker::serve(desk, seat, awake))?;
        Ok(Sitter { child, stderr: Stderr::default(), generation: 0 })
    }
}
