//! The crew of resident processes: forked once and early, waiting in shared memory for maps that can be sent to them.
//!
//! What can be sent is what has no pointers to private memory (see `sys/parcel.rs`); any other map forks, as in a crew without residents.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::outbox::WORDS;
use super::watch::Watch;
use super::{Processes, Words};
use crate::context::job::{Crew, Done, Job};
use crate::death::OnDeath;
use crate::error::{Error, ErrorKind, Result};
use crate::share::{Board, Head, Ledger, Plan, Post, Word};
use crate::sys::memory::{Sharing, Span};
use crate::sys::pages;
use crate::sys::parcel::{COPIED, Errand, Parcel};
use crate::sys::permit::Promise;
use crate::sys::process;
use crate::sys::reserve::{Reserve, Room};
use crate::sys::words::{Bytes, Layout, Place, SharedWords};

mod desk;
mod mission;
mod team;
mod worker;
mod zygote;

pub(crate) use desk::{Call, Ear, Joined, Seat};
pub(crate) use mission::Mission;
pub(crate) use zygote::Control;

use desk::DeskWords;
use team::Residents;
use zygote::Zygote;

/// Room for what is sent, and for what is to be done again after deaths, some hundred bytes each.
const PARCEL: usize = 32 * COPIED;

/// How often to ask whether the zygote lives, before a map.
const LOOK: Duration = Duration::from_millis(10);

/// How long the host stays awake at most.
const AWAKE: Duration = Duration::from_micros(20);

/// Forks the process from which resident workers are forked later, whatever threads this program has then.
///
/// Worth the first line of `main`. Without it, that process is forked with the first resident context, which has to be made while the program has one
/// thread.
///
/// Workers begin with what the program has at this moment: memory, environment, open files, libraries. The less that is, the better.
///
/// # Errors
///
/// [`ErrorKind::Threads`](crate::ErrorKind::Threads) if the program has other threads; [`ErrorKind::System`](crate::ErrorKind::System) if it cannot be
/// forked.
pub fn init() -> Result<()> {
    if process::is_worker() {
        return Ok(());
    }
    Zygote::get().map(drop)
}

/// Sends maps to processes that wait for them, and forks for the others.
pub(crate) struct Resident {
    forks: Processes,
    zygote: Arc<Zygote>,
    desk: DeskWords,
    workers: usize,
    /// How long the host waits awake for a map.
    awake: Duration,
    /// Whether host and workers are more than the processors.
    is_crowded: bool,
    /// One map at a time.
    office: Mutex<Office>,
}

/// A map that can be sent.
struct Sent<'o> {
    parcel: Parcel<'o>,
    errand: Errand,
    /// The arrays that it writes,
    writable: &'o [Span],
    /// and those of them whose memory nobody has asked for.
    fresh: &'o [Span],
}

/// What the host uses again for every map.
struct Office {
    parcel: Bytes,
    words: MapWords,
    /// Whether the zygote lived when it was last asked, and when that was.
    alive: bool,
    looked: Instant,
}

/// The words of a map.
struct MapWords {
    words: SharedWords,
    head: Place<Head>,
    posts: Place<Post>,
    outboxes: Place<Words>,
    ledger: Place<Word>,
    /// Words of the ledger that there is room for.
    room: usize,
    /// Those of the last map: the row of the host, and the end of all.
    hosts: usize,
    used: usize,
}

impl MapWords {
    fn reserve(workers: usize, room: usize) -> Result<Self> {
        let mut layout = Layout::default();
        let head = layout.add(1);
        let posts = layout.add(workers);
        let outboxes: Place<[_; WORDS]> = layout.add(workers);
        let ledger = layout.add(room);
        Ok(Self { words: layout.reserve()?, head, posts, outboxes, ledger, room, hosts: 0, used: 0 })
    }

    /// Makes the words all zero, for a plan that has so many rows of workers in its ledger.
    fn clear(&mut self, plan: Plan, rows: usize) {
        let head = &self.words.get(&self.head)[0];
        let first = if head.has_given_up() { 0 } else { self.hosts };
        let ledger = &self.words.get(&self.ledger)[first..self.used];
        ledger.iter().for_each(|word| word.store(0, Relaxed));
        head.clear();
        self.words.get(&self.posts).iter().for_each(Post::clear);
        (self.hosts, self.used) = (Ledger::words(plan.units(), 0), Ledger::words(plan.units(), rows));
    }

    fn board(&self, plan: Plan) -> Board<'_> {
        let ledger = Ledger::over(&self.words.get(&self.ledger)[..self.used], plan.units());
        Board::set(&self.words.get(&self.head)[0], self.words.get(&self.posts), ledger, plan)
    }

    fn outboxes(&self) -> &[Words] {
        self.words.get(&self.outboxes)
    }
}

impl Resident {
    pub(crate) fn new(workers: usize, promise: Option<Promise>, on_death: OnDeath) -> Result<Self> {
        let forks = Processes::new(promise, on_death);
        let zygote = Zygote::get()?;
        let desk = DeskWords::reserve(workers)?;
        let office = Office {
            parcel: Bytes::allocate(PARCEL.min(Reserve::make()?.fair_share()))?,
            words: MapWords::reserve(workers, 1 << 12)?,
            alive: true,
            looked: Instant::now(),
        };
        zygote.open(&desk, workers)?;
        // With more workers than processors, who waits awake takes the time of who works.
        let processors = process::processors();
        let awake = if workers > processors { Duration::ZERO } else { AWAKE };
        Ok(Self { forks, zygote, desk, workers, awake, is_crowded: workers >= processors, office: Mutex::new(office) })
    }

    /// Sends a job to the workers, or says why it cannot be sent.
    fn send(&self, job: &dyn Job, plan: Plan) -> std::result::Result<Result<Done>, String> {
        let Some(reserve) = Reserve::get().filter(|reserve| reserve.is_ours()) else {
            return Err("the workers belong to the process that this one was forked from".to_owned());
        };
        let mut office = self.office.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = job.begun();
        if begun.saturating_duration_since(office.looked) > LOOK {
            office.looked = begun;
            office.alive = self.zygote.is_alive();
        }
        if !office.alive {
            return Err("the process that forks resident workers was killed".to_owned());
        }
        let Office { parcel, words, .. } = &mut *office;
        let mut parcel = Parcel::over(parcel, reserve, &self.zygote.text);
        let mut writable = job.spans();
        writable.retain(|span| span.bytes > 0);
        // It may run code of the user; where it panics, so will the workers.
        let errand = process::caught(|| job.pack(&mut parcel)).flatten();
        let packed = errand.zip(parcel.keep(&writable));
        let Some((errand, writable)) = packed else {
            return Err(parcel.refusal().unwrap_or_else(|| "it cannot be sent".to_owned()));
        };
        if let Some(span) = writable.iter().find(|span| !reserve.holds(Room::Arrays, **span)) {
            return Err(format!("an array of {} bytes was not allocated by a resident context", span.bytes));
        }
        let Some(fresh) = parcel.keep(&pages::take_fresh(writable)) else {
            return Err("it has too many arrays".to_owned());
        };
        let sent = Sent { parcel, errand, writable, fresh };
        let done = self.run_resident(job, plan, sent, words);
        if done.is_err() {
            office.looked = Instant::now();
            office.alive = self.zygote.is_alive();
        }
        Ok(done)
    }

    fn run_resident<'o>(&'o self, job: &dyn Job, plan: Plan, sent: Sent<'o>, words: &'o mut MapWords) -> Result<Done> {
        let Sent { parcel, errand, writable, fresh } = sent;
        let plan = self.forks.traced(plan);
        let accumulates = self.recovers() && job.accumulates();
        let rows = if accumulates { plan.workers } else { 1 };
        let needed = Ledger::words(plan.units(), rows);
        if needed > words.room {
            *words = MapWords::reserve(self.workers, needed.next_power_of_two())?;
        }
        words.clear(plan, rows);
        let (board, outboxes) = (words.board(plan), words.outboxes());
        let all_sleep = self.desk.desk().all_sleep();
        let team = Residents {
            zygote: &self.zygote,
            desk: self.desk.desk(),
            parcel,
            errand,
            board,
            outboxes,
            writable,
            fresh,
            called: Vec::with_capacity(plan.workers),
            generation: 0,
            mission: None,
            may_sleep: !all_sleep,
            lets_sleep: false,
            looked: job.begun(),
            // Who is woken needs a processor, and where none is left over the host's is the first to be free.
            awake: if all_sleep && self.is_crowded { Duration::ZERO } else { self.awake },
        };
        let done = Watch::over(team, board, plan, self.forks.on_death(), accumulates).run();
        if done.as_ref().map_or(true, |done| !done.deaths.is_empty()) {
            // Who dies may have written anywhere.
            words.hosts = 0;
        }
        done
    }
}

impl Crew for Resident {
    fn sharing(&self) -> Sharing {
        match Reserve::get() {
            Some(reserve) if reserve.is_ours() => Sharing::Residents,
            _ => Sharing::Processes,
        }
    }

    fn recovers(&self) -> bool {
        self.forks.recovers()
    }

    fn skips(&self) -> bool {
        self.forks.skips()
    }

    fn run(&self, job: &dyn Job, plan: Plan) -> Result<Done> {
        self.forks.can_tell_apart(plan)?;
        match self.send(job, plan) {
            Ok(done) => done,
            Err(why) => match self.forks.run(job, plan) {
                Ok(done) => Ok(Done { why_forked: Some(why), ..done }),
                Err(error) if error.kind() == ErrorKind::Threads => {
                    let message = format!("{error}. This map had to fork, because {why}");
                    Err(Error::new(error.kind(), message))
                }
                Err(error) => Err(error),
            },
        }
    }
}

impl fmt::Debug for Resident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resident").field("forks", &self.forks).field("workers", &self.workers).finish_non_exhaustive()
    }
}

impl Drop for Resident {
    fn drop(&mut self) {
        // In a fork of this process the workers are not its own.
        if !Reserve::get().is_some_and(Reserve::is_ours) {
            return;
        }
        self.desk.desk().close();
        if !self.zygote.close(&self.desk, self.workers) {
            // They are on their way out, and may still write there.
            self.desk.give_up();
            self.office.get_mut().unwrap_or_else(PoisonError::into_inner).words.words.give_up();
        }
    }
}
