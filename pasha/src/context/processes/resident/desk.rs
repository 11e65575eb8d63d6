//! The desk: the words by which a host, its resident workers and the zygote that forks them find each other.
//!
//! A call has a number, its generation. A worker *joins* it by its own word before it reads anything of it, and *leaves* when it is done; the host
//! *shuts* out who has not joined, by the same word. So a map is over when all who joined have left, however late others wake up.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::{Duration, Instant};

use crate::death::CauseOfDeath;
use crate::error::Result;
use crate::sys::futex;
use crate::sys::words::{Layout, Place, SharedWords};

/// Words of text that a dead worker leaves.
const TAIL: usize = 512;

/// Turns between two looks at the clock.
const TURNS: u32 = 64;

/// What the host says to all.
#[repr(C, align(128))]
pub(crate) struct Call {
    generation: AtomicU64,
    /// Where the mission of this generation lies, or of the next one.
    mission: AtomicU64,
    /// Changes with the generation; odd while somebody sleeps on it.
    bell: AtomicU32,
    /// Not 0: there will be no more calls.
    closed: AtomicU32,
    /// Not 0: somebody slept at a call, and the host has not woken him yet.
    owed: AtomicU32,
}

/// What wakes the host: changes when somebody leaves or dies, odd while the host sleeps on it.
#[repr(C, align(128))]
pub(crate) struct Ear {
    bell: AtomicU32,
}

/// The words of one worker.
#[repr(C, align(128))]
pub(crate) struct Seat {
    /// Twice the last generation that it has joined or was shut out of; one more while it is at work for it.
    state: AtomicU64,
    pid: AtomicU64,
    /// Not 0: it sleeps, or has been woken and does not run yet.
    asleep: AtomicU64,
    /// Who is to be killed, by its pid.
    kill: AtomicU64,
    /// Why it cannot be forked: one more than the error number.
    vacant: AtomicU64,
    /// The last generation in which a worker of this seat died at work, and of what.
    died: AtomicU64,
    dead_pid: AtomicU64,
    cause: AtomicU64,
    code: AtomicU64,
    /// Of the worker that has the seat, and of the one that died last.
    pub(super) fault: AtomicU64,
    dead_fault: AtomicU64,
    tail_len: AtomicU64,
    tail: [AtomicU64; TAIL],
}

const EXIT: u64 = 1;
const SIGNAL: u64 = 2;

/// How a worker stands to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has not joined.
    Away,
    /// It has joined and not left.
    Busy,
    /// It has left, was shut out, or is dead.
    Through,
}

/// The words of a crew, and where they lie.
pub(super) struct DeskWords {
    words: SharedWords,
    call: Place<Call>,
    ear: Place<Ear>,
    seats: Place<Seat>,
}

/// A view of them.
#[derive(Clone, Copy)]
pub(super) struct Desk<'d> {
    call: &'d Call,
    ear: &'d Ear,
    pub(super) seats: &'d [Seat],
}

/// The right to read what a call is about, for a worker that has joined it and not left.
pub(crate) struct Joined<'d> {
    desk: Desk<'d>,
    seat: usize,
    generation: u64,
}

impl DeskWords {
    pub(super) fn reserve(workers: usize) -> Result<Self> {
        Self::lay_out(workers, Layout::reserve)
    }

    /// Those that another process has reserved.
    pub(super) fn at(address: usize, workers: usize) -> Result<Self> {
        Self::lay_out(workers, |layout| Ok(layout.at(address)))
    }

    fn lay_out(workers: usize, make: impl FnOnce(Layout) -> Result<SharedWords>) -> Result<Self> {
        let mut layout = Layout::default();
        let (call, ear, seats) = (layout.add(1), layout.add(1), layout.add(workers));
        Ok(Self { words: make(layout)?, call, ear, seats })
    }

    /// Leaves the words to who may still use them.
    pub(super) fn give_up(&mut self) {
        self.words.give_up();
    }

    pub(super) fn address(&self) -> usize {
        self.words.span().start
    }

    pub(super) fn desk(&self) -> Desk<'_> {
        let Self { words, call, ear, seats } = self;
        Desk { call: &words.get(call)[0], ear: &words.get(ear)[0], seats: words.get(seats) }
    }
}

/// The host's side.
impl Desk<'_> {
    /// Calls everybody to the mission of a generation. Says whether somebody sleeps, who has to be woken by [`wake`](Self::wake).
    pub(super) fn call(&self, generation: u64, mission: usize) -> bool {
        self.call.mission.store(mission as u64, Release);
        self.call.generation.store(generation, Release);
        self.ring(generation)
    }

    /// Whether nobody waits awake, nor works.
    pub(super) fn all_sleep(&self) -> bool {
        self.seats.iter().all(|seat| seat.asleep.load(Relaxed) != 0)
    }

    /// Wakes all who sleep.
    pub(super) fn wake(&self) {
        self.call.owed.store(0, Relaxed);
        futex::wake_all(&self.call.bell);
    }

    /// The generation of the next call.
    pub(super) fn next(&self) -> u64 {
        self.call.generation.load(Relaxed) + 1
    }

    /// Lets all workers end.
    pub(super) fn close(&self) {
        self.call.closed.store(1, Release);
        self.ring(self.call.generation.load(Relaxed) + 1);
        self.wake();
    }

    fn ring(&self, generation: u64) -> bool {
        if self.call.bell.swap((generation as u32) << 1, AcqRel) & 1 != 0 {
            self.call.owed.store(1, Relaxed);
        }
        self.call.owed.load(Relaxed) != 0
    }

    /// How a worker stands to a generation.
    pub(super) fn standing(&self, worker: usize, generation: u64) -> Standing {
        let state = self.seats[worker].state.load(Acquire);
        match (state & 1 != 0, state >> 1) {
            (true, _) => Standing::Busy,
            (false, last) if last >= generation => Standing::Through,
            (false, _) => Standing::Away,
        }
    }

    /// Keeps a worker from joining a generation, or an earlier one. Says whether it was this that did: the worker may have joined, and even left, by now.
    pub(super) fn shut(&self, worker: usize, generation: u64) -> bool {
        let state = &self.seats[worker].state;
        let out = |old: u64| (old & 1 == 0 && old >> 1 < generation).then_some(generation << 1);
        state.fetch_update(AcqRel, Acquire, out).is_ok()
    }

    /// What the host has heard so far: to be asked before it looks at the seats.
    pub(super) fn heard(&self) -> u32 {
        self.ear.bell.load(Acquire) & !1
    }

    /// Sleeps until something happens that the host has not heard, or for so long.
    pub(super) fn listen(&self, heard: u32, patience: Duration) {
        if self.ear.bell.compare_exchange(heard, heard | 1, AcqRel, Acquire).is_ok() {
            futex::sleep_while(&self.ear.bell, heard | 1, Some(patience));
            self.ear.bell.fetch_and(!1, AcqRel);
        }
    }

    /// Who died at a seat, and of what, if one died at work for this generation.
    pub(super) fn death(&self, worker: usize, generation: u64) -> Option<(u32, CauseOfDeath, Option<usize>, String)> {
        let seat = &self.seats[worker];
        if seat.died.load(Acquire) < generation {
            return None;
        }
        let code = seat.code.load(Relaxed) as i32;
        let cause = match seat.cause.load(Relaxed) {
            EXIT => CauseOfDeath::Exit(code),
            SIGNAL => CauseOfDeath::Signal(code),
            _ => CauseOfDeath::Unknown,
        };
        let fault = (seat.dead_fault.load(Relaxed) as usize).checked_sub(1);
        let bytes: Vec<u8> = seat.tail.iter().flat_map(|word| word.load(Relaxed).to_ne_bytes()).collect();
        let len = (seat.tail_len.load(Relaxed) as usize).min(bytes.len());
        Some((seat.dead_pid.load(Relaxed) as u32, cause, fault, String::from_utf8_lossy(&bytes[..len]).into_owned()))
    }

    pub(super) fn pid(&self, worker: usize) -> u32 {
        self.seats[worker].pid.load(Relaxed) as u32
    }

    /// Asks for the death of the worker that is at work at a seat. The zygote has to be told to look.
    pub(super) fn condemn(&self, worker: usize) {
        let seat = &self.seats[worker];
        // Whoever takes the seat next says so after the one before was seen not to be at work.
        let pid = seat.pid.load(Acquire);
        if seat.state.load(Acquire) & 1 != 0 {
            seat.kill.store(pid, Release);
        }
    }

    /// Whether somebody's death was asked for who is not buried yet: an order must not outlive its map.
    pub(super) fn has_condemned(&self, worker: usize) -> bool {
        self.seats[worker].kill.load(Acquire) != 0
    }

    /// Why a seat is empty, if its worker could not be forked: an error number.
    pub(super) fn vacancy(&self, worker: usize) -> Option<i32> {
        self.seats[worker].vacant.load(Relaxed).checked_sub(1).map(|errno| errno as i32)
    }
}

/// The zygote's side.
impl Desk<'_> {
    /// Notes the end of the worker of a seat, and tells the host if it was at work.
    pub(super) fn bury(&self, worker: usize, pid: u32, cause: CauseOfDeath, last_words: &str) {
        let seat = &self.seats[worker];
        let state = seat.state.load(Acquire);
        if state & 1 != 0 {
            let (kind, code) = match cause {
                CauseOfDeath::Exit(code) => (EXIT, code),
                CauseOfDeath::Signal(number) => (SIGNAL, number),
                _ => (0, 0),
            };
            seat.dead_pid.store(pid.into(), Relaxed);
            seat.dead_fault.store(seat.fault.load(Relaxed), Relaxed);
            seat.cause.store(kind, Relaxed);
            seat.code.store(code as u64, Relaxed);
            let bytes = &last_words.as_bytes()[last_words.len().saturating_sub(TAIL * 8)..];
            for (word, bytes) in seat.tail.iter().zip(bytes.chunks(8)) {
                let mut value = [0; 8];
                value[..bytes.len()].copy_from_slice(bytes);
                word.store(u64::from_ne_bytes(value), Relaxed);
            }
            seat.tail_len.store(bytes.len() as u64, Relaxed);
            seat.died.store(state >> 1, Release);
            seat.state.store(state & !1, Release);
        }
        seat.kill.store(0, Release);
        self.tell_host();
    }

    /// Whether somebody asks for the death of this process. An order for one that is gone is taken back.
    pub(super) fn is_condemned(&self, worker: usize, pid: u32) -> bool {
        let kill = &self.seats[worker].kill;
        let order = kill.load(Acquire);
        if order != 0 && order != u64::from(pid) && kill.compare_exchange(order, 0, AcqRel, Acquire).is_ok() {
            self.tell_host();
        }
        order == u64::from(pid)
    }

    /// The last generation that the worker of a seat has joined.
    pub(super) fn generation_of(&self, worker: usize) -> u64 {
        self.seats[worker].state.load(Relaxed) >> 1
    }

    /// Makes a seat ready for another worker.
    pub(super) fn make_ready(&self, worker: usize) {
        self.seats[worker].fault.store(0, Relaxed);
        self.seats[worker].asleep.store(0, Relaxed);
        self.seats[worker].vacant.store(0, Relaxed);
    }

    /// Says that nobody could be forked for a seat.
    pub(super) fn leave_vacant(&self, worker: usize, errno: i32) {
        let why = u64::from(errno.unsigned_abs()) + 1;
        if self.seats[worker].vacant.swap(why, Relaxed) != why {
            self.tell_host();
        }
    }
}

/// The worker's side.
impl<'d> Desk<'d> {
    /// Says who sits here.
    pub(super) fn take_seat(&self, worker: usize, pid: u32) {
        self.seats[worker].pid.store(pid.into(), Release);
    }

    /// Waits for a call after a generation, awake for a while; nothing if there will be none.
    pub(super) fn wait_for_call(&self, worker: usize, after: u64, awake: Duration) -> Option<u64> {
        let Call { generation, bell, closed, .. } = self.call;
        let called = || Some(generation.load(Acquire)).filter(|generation| *generation > after);
        let mut since = None;
        let mut turns = 0_u32;
        loop {
            if let Some(generation) = called() {
                return Some(generation);
            }
            if closed.load(Acquire) != 0 {
                return None;
            }
            turns += 1;
            if !turns.is_multiple_of(TURNS) && !awake.is_zero() {
                std::hint::spin_loop();
                continue;
            }
            if !awake.is_zero() && since.get_or_insert_with(Instant::now).elapsed() < awake {
                continue;
            }
            let seen = bell.load(Acquire);
            if called().is_none()
                && closed.load(Acquire) == 0
                && (seen & 1 != 0 || bell.compare_exchange(seen, seen | 1, AcqRel, Acquire).is_ok())
            {
                let asleep = &self.seats[worker].asleep;
                asleep.store(1, Relaxed);
                futex::sleep_while(bell, seen | 1, None);
                asleep.store(0, Relaxed);
            }
        }
    }

    /// Joins a generation, unless this seat has joined it, or was shut out.
    pub(super) fn join(self, worker: usize, generation: u64) -> Option<Joined<'d>> {
        let state = &self.seats[worker].state;
        let into = |old: u64| (old >> 1 < generation).then_some(generation << 1 | 1);
        state.fetch_update(AcqRel, Acquire, into).ok()?;
        Some(Joined { desk: self, seat: worker, generation })
    }

    fn tell_host(&self) {
        if self.ear.bell.fetch_add(2, AcqRel) & 1 != 0 {
            futex::wake_all(&self.ear.bell);
            // It may have no other processor to run on than that of a worker which waits awake.
            std::thread::yield_now();
        }
    }
}

impl Joined<'_> {
    /// Where the mission of this call lies, or of a later one of the same map.
    pub(crate) fn mission(&self) -> usize {
        self.desk.call.mission.load(Acquire) as usize
    }
}

impl Drop for Joined<'_> {
    fn drop(&mut self) {
        self.desk.seats[self.seat].state.store(self.generation << 1, Release);
        self.desk.tell_host();
    }
}
