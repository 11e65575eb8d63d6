//! The end of a program that maps, at any moment and by any signal: no worker outlives it. And signals that do not end it: they change nothing.

#![allow(unsafe_code)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::ptr;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::pty::openpty;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork, getpgrp, getpid, setpgid, setsid, tcgetpgrp};
use pasha::prelude::*;
use pasha::{CauseOfDeath, ErrorKind};
use pasha_tests::support::kills::scatter;
use pasha_tests::support::{Counters, Role, Session, again, count_signals, ignore, leave, processes_beside_threads};

use super::interposed::delay_the_request_to_end_with_the_parent;
use super::{cases, skipped};

cases![
    no_worker_outlives_a_program_that_is_killed,
    no_worker_outlives_a_program_that_is_terminated,
    no_worker_outlives_a_program_that_is_interrupted,
    no_busy_worker_outlives_its_program,
    no_worker_outlives_a_program_that_ends_before_the_worker_has_begun,
    no_worker_outlives_an_interrupt_from_the_terminal,
    of_a_program_that_is_interrupted_only_what_kernels_started_may_be_left,
    a_program_that_handles_an_interrupt_goes_on,
    the_terminal_belongs_to_the_program_during_and_after_a_map,
    a_kernel_that_reads_the_terminal_is_not_stopped,
    a_storm_of_signals_changes_nothing,
    with_the_status_stolen_all_is_right,
    a_process_that_gets_the_pid_of_a_dead_worker_is_left_alone,
];

pub(crate) const ROLES: &[Role] = &[
    Role { name: "map for ever", act: map_for_ever },
    Role { name: "map sleepers", act: map_sleepers },
    Role { name: "map slow beginners", act: map_slow_beginners },
    Role { name: "run programs", act: run_programs },
    Role { name: "handle an interrupt", act: handle_an_interrupt },
    Role { name: "look at the terminal", act: look_at_the_terminal },
    Role { name: "read the terminal", act: read_the_terminal },
    Role { name: "map in a storm", act: map_in_a_storm },
    Role { name: "lose a pid", act: lose_a_pid },
];

const MOMENTS: u64 = 20;

/// More than it takes on a busy machine.
const SOON: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(30);

#[pasha::kernel]
fn doze(_worker_id: usize, index: usize, _item: usize, #[param] pause: Duration, #[out] value: &mut usize) {
    sleep(pause);
    *value = index + 1;
}

fn map(ctx: &Context, items: usize, pause: Duration) {
    let mut values = ctx.alloc::<usize>().shape(items).build().unwrap();
    ctx.map(doze { pause, value: &mut values }, 0..items).unwrap();
    assert_eq!(values.to_vec(), (1..=items).collect::<Vec<_>>());
}

fn map_for_ever() {
    let ctx = Context::processes().workers(3).build().unwrap();
    println!("ready");
    loop {
        map(&ctx, 9, Duration::from_micros(200));
    }
}

fn map_sleepers() {
    let ctx = Context::processes().workers(3).build().unwrap();
    println!("ready");
    map(&ctx, 3, Duration::from_secs(3600));
}

/// Ends a program at several moments of its maps, and looks for its workers.
fn end_at_all_moments(signal: Signal) {
    for moment in 0..MOMENTS {
        let mut program = Session::start(again("map for ever"));
        program.wait_for_line("ready");
        // Over some maps, of some milliseconds each.
        sleep(Duration::from_micros(scatter(moment) % 6_000));
        kill(program.pid(), signal).unwrap();
        let status = program.wait(SOON).expect("it ends by the signal");
        assert_eq!(status.signal(), Some(signal as i32));
        assert_eq!(program.alive_after(SOON), [""; 0], "{signal}, moment {moment}");
    }
}

fn no_worker_outlives_a_program_that_is_killed() {
    end_at_all_moments(Signal::SIGKILL);
}

fn no_worker_outlives_a_program_that_is_terminated() {
    end_at_all_moments(Signal::SIGTERM);
}

fn no_worker_outlives_a_program_that_is_interrupted() {
    end_at_all_moments(Signal::SIGINT);
}

fn no_busy_worker_outlives_its_program() {
    for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT, Signal::SIGABRT] {
        let mut program = Session::start(again("map sleepers"));
        program.wait_for_line("ready");
        wait_for_workers(&program, 3);
        kill(program.pid(), signal).unwrap();
        assert_eq!(program.wait(SOON).expect("it ends by the signal").signal(), Some(signal as i32));
        assert_eq!(program.alive_after(SOON), [""; 0], "{signal}");
    }
}

/// Waits until there are so many beside the program itself.
fn wait_for_workers(program: &Session, workers: usize) {
    let until = Instant::now() + PATIENCE;
    while program.alive().len() < workers + 1 {
        assert!(Instant::now() < until, "{:?}", program.alive());
        sleep(Duration::from_millis(1));
    }
}

fn map_slow_beginners() {
    let ctx = Context::processes().workers(3).build().unwrap();
    delay_the_request_to_end_with_the_parent(Duration::from_millis(150));
    println!("ready");
    map(&ctx, 3, Duration::from_secs(3600));
}

fn no_worker_outlives_a_program_that_ends_before_the_worker_has_begun() {
    for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGKILL, Signal::SIGINT] {
        let mut program = Session::start(again("map slow beginners"));
        program.wait_for_line("ready");
        wait_for_workers(&program, 3);
        kill(program.pid(), signal).unwrap();
        assert!(program.wait(SOON).is_some());
        // They sleep; then they ask to be ended with a parent that is gone already.
        assert_eq!(program.alive_after(SOON), [""; 0], "{signal}");
    }
}

/// Starts a program in a terminal of its own; gives the terminal's other side.
fn in_a_terminal(role: &str) -> Result<(Session, File), Errno> {
    let terminal = openpty(None, None)?;
    let (master, slave): (OwnedFd, OwnedFd) = (terminal.master, terminal.slave);
    let mut command: Command = again(role);
    command.stdin(Stdio::from(slave)).stdout(Stdio::piped());
    let ours = master.as_raw_fd();
    let begin = move || {
        setsid()?;
        // SAFETY: the standard input is a terminal that belongs to no session.
        Errno::result(unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) })?;
        // SAFETY: it is open in this process, and not used in it.
        Errno::result(unsafe { libc::close(ours) })?;
        Ok(())
    };
    // SAFETY: system calls only.
    unsafe { command.pre_exec(begin) };
    Ok((Session::of(command), master.into()))
}

fn no_worker_outlives_an_interrupt_from_the_terminal() {
    for moment in 0..MOMENTS {
        let (mut program, mut terminal) = match in_a_terminal("map for ever") {
            Ok(both) => both,
            Err(errno) => return skipped("an interrupt from the terminal", &format!("no terminal: {errno}")),
        };
        program.wait_for_line("ready");
        sleep(Duration::from_micros(scatter(moment) % 6_000));
        terminal.write_all(b"\x03").unwrap();
        let status = program.wait(SOON).expect("it ends by the signal");
        assert_eq!(status.signal(), Some(libc::SIGINT));
        assert_eq!(program.alive_after(SOON), [""; 0], "moment {moment}");
    }
}

fn run_programs() {
    #[pasha::kernel]
    fn run(_worker_id: usize, _index: usize, _item: usize) {
        Command::new("sleep").arg("1000").status().unwrap();
    }

    let ctx = Context::processes().workers(2).build().unwrap();
    println!("ready");
    ctx.map(run {}, 0..2_usize).unwrap();
}

fn of_a_program_that_is_interrupted_only_what_kernels_started_may_be_left() {
    let (mut program, mut terminal) = match in_a_terminal("run programs") {
        Ok(both) => both,
        Err(errno) => return skipped("an interrupt from the terminal", &format!("no terminal: {errno}")),
    };
    program.wait_for_line("ready");
    wait_for_workers(&program, 4);
    terminal.write_all(b"\x03").unwrap();
    assert_eq!(program.wait(SOON).expect("it ends by the signal").signal(), Some(libc::SIGINT));
    // A limit that is documented: nobody is left who could end them.
    let until = Instant::now() + SOON;
    while !program.alive().iter().all(|process| process.contains("(sleep)")) {
        assert!(Instant::now() < until, "{:?}", program.alive());
        sleep(Duration::from_millis(1));
    }
}

fn handle_an_interrupt() {
    let counted = Counters::new(65);
    let _handlers = count_signals(&[Signal::SIGINT], &counted);
    let ctx = Context::processes().workers(3).build().unwrap();
    println!("ready");
    while counted.get(Signal::SIGINT as usize) < 3 {
        map(&ctx, 9, Duration::from_micros(500));
    }
    println!("through");
}

fn a_program_that_handles_an_interrupt_goes_on() {
    let (mut program, mut terminal) = match in_a_terminal("handle an interrupt") {
        Ok(both) => both,
        Err(errno) => return skipped("an interrupt from the terminal", &format!("no terminal: {errno}")),
    };
    program.wait_for_line("ready");
    for _ in 0..3 {
        terminal.write_all(b"\x03").unwrap();
        // Signals that come together count once.
        sleep(Duration::from_millis(20));
    }
    let until = Instant::now() + PATIENCE;
    while program.wait(Duration::from_millis(20)).is_none() {
        assert!(Instant::now() < until, "it did not hear its interrupts");
        terminal.write_all(b"\x03").unwrap();
    }
    assert_eq!(program.alive_after(SOON), [""; 0]);
    assert_eq!(program.succeed(SOON), "through\n");
}

fn look_at_the_terminal() {
    let ctx = Context::processes().workers(2).on_death(OnDeath::Skip).build().unwrap();
    #[pasha::kernel]
    fn look(_worker_id: usize, index: usize, _item: usize, #[param] host: i32) -> Result<(), String> {
        let foreground = tcgetpgrp(std::io::stdin()).map_err(|errno| errno.to_string())?.as_raw();
        if index == 5 {
            std::process::abort();
        }
        if foreground == host { Ok(()) } else { Err(format!("{foreground} is in the foreground, not {host}")) }
    }

    for _ in 0..5 {
        ctx.map(look { host: getpgrp().as_raw() }, 0..20_usize).unwrap();
        assert_eq!(tcgetpgrp(std::io::stdin()).unwrap(), getpgrp());
    }
    println!("through");
}

fn the_terminal_belongs_to_the_program_during_and_after_a_map() {
    match in_a_terminal("look at the terminal") {
        Ok((program, _terminal)) => assert_eq!(program.succeed(PATIENCE), "through\n"),
        Err(errno) => skipped("a terminal", &errno.to_string()),
    }
}

fn read_the_terminal() {
    #[pasha::kernel]
    fn read(_worker_id: usize, index: usize, _item: usize, #[out] failed: &mut u8) {
        if index == 2 {
            *failed = u8::from(std::io::stdin().read(&mut [0; 10]).is_err());
            // Writing is allowed.
            eprintln!("a word");
        }
    }

    let ctx = Context::processes().workers(2).deadline(PATIENCE / 2).build().unwrap();
    let mut failed = ctx.alloc::<u8>().shape(6).build().unwrap();
    ctx.map(read { failed: &mut failed }, 0..6_usize).unwrap();
    println!("{}", failed[2]);
}

fn a_kernel_that_reads_the_terminal_is_not_stopped() {
    match in_a_terminal("read the terminal") {
        Ok((program, _terminal)) => assert_eq!(program.succeed(PATIENCE), "1\n"),
        Err(errno) => skipped("a terminal", &errno.to_string()),
    }
}

const NO_TIME: libc::timeval = libc::timeval { tv_sec: 0, tv_usec: 0 };

fn map_in_a_storm() {
    let counted = Counters::new(65);
    let _handlers = count_signals(&[Signal::SIGALRM], &counted);
    let millisecond = libc::timeval { tv_sec: 0, tv_usec: 1000 };
    let every = libc::itimerval { it_interval: millisecond, it_value: millisecond };
    // SAFETY: the timer is valid, and its signal is handled.
    assert_eq!(unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const every, ptr::null_mut()) }, 0);
    let ctx = Context::processes().workers(3).on_death(OnDeath::Retry(1)).build().unwrap();
    #[pasha::kernel]
    fn work(_worker_id: usize, index: usize, _item: usize, #[param] lives: &Counters, #[reduce(sum)] sum: &mut usize) {
        eprintln!("a word");
        if index == 11 && lives.count(0) == 0 {
            std::process::abort();
        }
        *sum += index;
    }

    for _ in 0..100 {
        let lives = Counters::new(1);
        let mut sum = ctx.alloc::<usize>().shape(()).build().unwrap();
        let report = ctx.map(work { lives: &lives, sum: &mut sum }, 0..30_usize).unwrap();
        assert_eq!((sum[()], report.retried()), (435, &[11][..]));
        map(&ctx, 30, Duration::from_micros(100));
    }
    let never = libc::itimerval { it_interval: NO_TIME, it_value: NO_TIME };
    // SAFETY: as above.
    assert_eq!(unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const never, ptr::null_mut()) }, 0);
    let storm = counted.get(Signal::SIGALRM as usize);
    assert!(storm > 100, "only {storm} signals");
    println!("through");
}

fn a_storm_of_signals_changes_nothing() {
    let mut command = again("map in a storm");
    command.stderr(Stdio::null());
    assert_eq!(Session::start(command).succeed(PATIENCE), "through\n");
}

fn with_the_status_stolen_all_is_right() {
    #[pasha::kernel]
    fn work(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] deadly: usize,
        #[param] lives: &Counters,
        #[out] value: &mut usize,
    ) {
        if index == deadly && lives.count(0) == 0 {
            std::process::abort();
        }
        *value = index + 1;
    }

    let ctx = processes_beside_threads(3);
    let over = std::sync::atomic::AtomicBool::new(false);
    let stolen = std::sync::atomic::AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(std::sync::atomic::Ordering::SeqCst) {
                if waitpid(None, None).is_ok() {
                    stolen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
            }
        });
        for round in 0..150 {
            let lives = Counters::new(1);
            let mut values = ctx.alloc::<usize>().shape(30).build().unwrap();
            let deadly = if round % 3 == 0 { round % 30 } else { 99 };
            let mapped = ctx.map(work { deadly, lives: &lives, value: &mut values }, 0..30_usize);
            if deadly == 99 {
                assert_eq!(mapped.unwrap().items(), 30);
                assert_eq!(values.to_vec(), (1..=30).collect::<Vec<_>>());
            } else {
                let error = mapped.unwrap_err();
                assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(deadly)), "{error}");
                let causes = [CauseOfDeath::Unknown, CauseOfDeath::Signal(Signal::SIGABRT as i32)];
                assert!(causes.contains(&error.deaths()[0].cause()), "{error}");
            }
        }
        over.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    assert!(stolen.into_inner() > 0, "nothing was stolen");
}

/// The worker of item 3 stops the host and dies; before the host goes on, another process has the worker's pid.
fn lose_a_pid() {
    #[pasha::kernel]
    fn lend(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] host: i32,
        #[param] told: &Counters,
    ) -> Result<(), Errno> {
        if index == 3 {
            let worker = getpid();
            // SAFETY: a worker has one thread.
            if let ForkResult::Child = unsafe { fork() }? {
                take_the_pid_of(worker, Pid::from_raw(host), told);
                leave(0);
            }
            // The other must be out of this group, whose number is the pid.
            told.wait_for(0, 1);
            kill(Pid::from_raw(host), Signal::SIGSTOP)?;
            std::process::abort();
        }
        Ok(())
    }

    let _nobody_asks = ignore(Signal::SIGCHLD);
    let ctx = Context::processes().workers(2).build().unwrap();
    let told = Counters::new(2);
    let error = ctx.map(lend { host: getpid().as_raw(), told: &told }, 0..20_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(3)), "{error}");
    assert_eq!(error.deaths()[0].cause(), CauseOfDeath::Unknown);
    match told.get(1) {
        0 => println!("skipped"),
        pid => {
            assert_eq!(error.pid().map(u64::from), Some(pid));
            sleep(Duration::from_millis(50));
            let alive = kill(Pid::from_raw(pid as i32), None);
            let _ = kill(Pid::from_raw(pid as i32), Signal::SIGKILL);
            assert_eq!(alive, Ok(()), "it was ended for the worker");
            println!("through");
        }
    }
}

fn take_the_pid_of(worker: Pid, host: Pid, told: &Counters) {
    let _ = setsid();
    told.count(0);
    while kill(worker, None).is_ok() {
        sleep(Duration::from_millis(1));
    }
    for _ in 0..200 {
        if std::fs::write("/proc/sys/kernel/ns_last_pid", (worker.as_raw() - 1).to_string()).is_err() {
            break;
        }
        // SAFETY: this process has one thread.
        match unsafe { fork() } {
            Ok(ForkResult::Child) => {
                // A group of this number, too.
                let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
                sleep(Duration::from_secs(1000));
                leave(0);
            }
            Ok(ForkResult::Parent { child }) if child == worker => {
                told[1].store(child.as_raw() as u64, std::sync::atomic::Ordering::SeqCst);
                sleep(Duration::from_millis(20));
                break;
            }
            Ok(ForkResult::Parent { child }) => {
                let _ = kill(child, Signal::SIGKILL);
            }
            Err(_) => break,
        }
    }
    let _ = kill(host, Signal::SIGCONT);
}

fn a_process_that_gets_the_pid_of_a_dead_worker_is_left_alone() {
    let said = Session::start(again("lose a pid")).succeed(PATIENCE);
    match &*said {
        "skipped\n" => skipped("a pid that is used again", "the next pid cannot be chosen"),
        said => assert_eq!(said, "through\n"),
    }
}
