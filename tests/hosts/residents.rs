//! Resident workers and the process that forks them, the zygote: when their program ends, when they are killed or stopped, and what they cost.

#![allow(unsafe_code)]

use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::id;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::{ForkResult, Pid, fork};
use pasha::prelude::*;
use pasha::{ByProcesses, CauseOfDeath, ContextBuilder, ErrorKind, Report};
use pasha_tests::support::kills::scatter;
use pasha_tests::support::{Counters, Role, Session, again, ignore, leave};

use super::interposed::fail_fork_after;
use super::{cases, skipped};

cases![
    nobody_outlives_a_program_that_is_ended_while_its_workers_wait,
    nobody_outlives_a_program_that_is_ended_between_maps_or_within,
    nobody_outlives_a_program_that_is_ended_while_its_workers_work,
    nobody_outlives_a_program_that_ends_by_itself,
    idle_workers_that_are_killed_are_replaced,
    a_worker_that_is_killed_at_work_is_an_error_that_names_it,
    what_killed_workers_had_not_done_is_done_again_or_left_out,
    maps_fork_when_the_zygote_was_killed,
    a_map_whose_zygote_is_killed_ends_with_an_error,
    stopped_processes_do_no_harm,
    a_program_that_waits_for_all_its_children_is_not_disturbed,
    a_program_that_ignores_the_ends_of_its_children_maps,
    the_kth_fork_that_fails_is_an_error_and_the_next_works,
    a_limit_of_processes_is_an_error_that_says_so,
    a_small_address_space_is_enough,
    thousands_of_maps_leave_nothing_behind,
    nobody_uses_the_processor_after_a_map,
    a_fork_of_the_program_does_not_touch_what_it_inherits,
    an_error_of_a_deadline_names_the_processes_that_were_killed,
    a_worker_that_is_late_is_not_killed_in_the_next_map,
    a_kernel_makes_a_resident_context,
    what_workers_write_arrives_when_the_program_ends_at_once,
];

pub(crate) const ROLES: &[Role] = &[
    Role { name: "wait with residents", act: wait_with_residents },
    Role { name: "map on residents for ever", act: map_for_ever },
    Role { name: "work with residents", act: work_with_residents },
    Role { name: "return with residents", act: return_with_residents },
    Role { name: "exit with residents", act: exit_with_residents },
    Role { name: "kill idle residents", act: kill_idle },
    Role { name: "kill residents at work", act: kill_at_work },
    Role { name: "recover residents", act: recover },
    Role { name: "kill an idle zygote", act: kill_an_idle_zygote },
    Role { name: "kill a zygote at work", act: kill_a_zygote_at_work },
    Role { name: "stop residents", act: stop },
    Role { name: "wait for all children", act: wait_for_all_children },
    Role { name: "ignore the ends of residents", act: ignore_ends },
    Role { name: "fail to fork residents", act: fail_to_fork },
    Role { name: "have few processes", act: have_few_processes },
    Role { name: "have a small address space", act: have_a_small_address_space },
    Role { name: "map thousands of times", act: map_thousands_of_times },
    Role { name: "be idle with residents", act: be_idle },
    Role { name: "fork a program with residents", act: fork_a_program },
    Role { name: "overrun with residents", act: overrun },
    Role { name: "be just in time", act: be_just_in_time },
    Role { name: "nest residents", act: nest },
    Role { name: "speak by residents", act: speak },
];

const MOMENTS: u64 = 12;
const PATIENCE: Duration = Duration::from_secs(50);

/// More than it takes on a busy machine.
const SOON: Duration = Duration::from_secs(2);

/// What it takes, as a rule.
const MOSTLY: Duration = Duration::from_millis(200);

fn residents(workers: usize) -> ContextBuilder<ByProcesses> {
    Context::processes().workers(workers).resident()
}

#[pasha::kernel]
fn doze(_worker_id: usize, index: usize, _item: usize, #[param] micros: u64, #[out] value: &mut usize) {
    if micros > 0 {
        sleep(Duration::from_micros(micros));
    }
    *value = index + 1;
}

fn try_map(ctx: &Context, items: usize, micros: u64) -> pasha::Result<Report> {
    let mut values = ctx.alloc::<usize>().shape(items).build()?;
    let report = ctx.map(doze { micros, value: &mut values }, 0..items)?;
    assert_eq!(values.to_vec(), (1..=items).collect::<Vec<_>>());
    Ok(report)
}

fn map(ctx: &Context, items: usize, micros: u64) {
    assert_eq!(try_map(ctx, items, micros).unwrap().why_forked(), None);
}

fn passes(role: &str) {
    assert_eq!(Session::start(again(role)).succeed(PATIENCE), "through\n", "{role}");
}

/// The numbers and the states of the children of a process.
fn children(of: Pid) -> Vec<(Pid, String)> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let all = entries.filter_map(|entry| {
        let pid = entry.file_name().to_string_lossy().parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = fields.next()?.to_owned();
        (fields.next()?.parse() == Ok(of.as_raw())).then(|| (Pid::from_raw(pid), state))
    });
    all.collect()
}

/// The process that forks the workers of this program.
fn zygote(ctx: &Context) -> Pid {
    #[pasha::kernel]
    fn parent(_worker_id: usize, _index: usize, _item: usize, #[out] pid: &mut u32) {
        *pid = std::os::unix::process::parent_id();
    }

    let mut pid = ctx.alloc::<u32>().shape(1).build().unwrap();
    ctx.map(parent { pid: &mut pid }, 0..1_usize).unwrap();
    Pid::from_raw(pid[0].cast_signed())
}

fn workers(zygote: Pid) -> Vec<Pid> {
    children(zygote).into_iter().filter(|(_, state)| state != "Z").map(|(pid, _)| pid).collect()
}

fn kill_all(processes: &[Pid]) {
    for process in processes {
        // Whoever is gone already is dead, too.
        let _ = kill(*process, Signal::SIGKILL);
    }
}

fn wait_until(what: &str, so: impl Fn() -> bool) {
    let until = Instant::now() + SOON;
    while !so() {
        assert!(Instant::now() < until, "{what}");
        sleep(Duration::from_micros(200));
    }
}

fn is_gone(pid: Pid) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with(['Z', 'X'])),
        Err(_) => true,
    }
}

fn wait_with_residents() {
    pasha::init().unwrap();
    let ctx = residents(3).build().unwrap();
    map(&ctx, 9, 0);
    println!("ready");
    sleep(Duration::from_secs(3600));
}

fn map_for_ever() {
    let ctx = residents(3).build().unwrap();
    println!("ready");
    for round in 0.. {
        map(&ctx, 9, 200 * (round % 2));
    }
}

fn work_with_residents() {
    let ctx = residents(3).build().unwrap();
    map(&ctx, 9, 0);
    println!("ready");
    map(&ctx, 30, 3_600_000_000);
}

/// Ends programs in a role, at several moments, and looks for who is left.
fn end_at_all_moments(role: &str) {
    for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT] {
        let mut took = Vec::new();
        for moment in 0..MOMENTS {
            let mut program = Session::start(again(role));
            program.wait_for_line("ready");
            sleep(Duration::from_micros(scatter(moment) % 6_000));
            assert!(program.alive().len() >= 5, "the program, the zygote and three workers: {:?}", program.alive());
            kill(program.pid(), signal).unwrap();
            let begun = Instant::now();
            assert_eq!(program.wait(SOON).expect("it ends by the signal").signal(), Some(signal as i32));
            assert_eq!(program.alive_after(SOON), [""; 0], "{role}, {signal}, moment {moment}");
            took.push(begun.elapsed());
        }
        took.sort_unstable();
        assert!(took[took.len() / 2] < MOSTLY, "{role}, {signal}: {took:?}");
    }
}

fn nobody_outlives_a_program_that_is_ended_while_its_workers_wait() {
    end_at_all_moments("wait with residents");
}

fn nobody_outlives_a_program_that_is_ended_between_maps_or_within() {
    end_at_all_moments("map on residents for ever");
}

fn nobody_outlives_a_program_that_is_ended_while_its_workers_work() {
    end_at_all_moments("work with residents");
}

fn return_with_residents() {
    let ctx = residents(3).build().unwrap();
    map(&ctx, 9, 0);
    println!("through");
}

fn exit_with_residents() {
    pasha::set_default_context(residents(3).build().unwrap());
    map(&pasha::default_context().unwrap(), 9, 0);
    println!("through");
    std::process::exit(0);
}

fn nobody_outlives_a_program_that_ends_by_itself() {
    for role in ["return with residents", "exit with residents"] {
        let mut program = Session::start(again(role));
        program.wait_for_line("through");
        assert!(program.wait(SOON).expect("it ends").success());
        assert_eq!(program.alive_after(SOON), [""; 0], "{role}");
    }
}

fn kill_idle() {
    pasha::init().unwrap();
    let ctx = residents(3).build().unwrap();
    let zygote = zygote(&ctx);
    for round in 0..60_u64 {
        let all = workers(zygote);
        let killed = if round % 3 == 0 { &all[..] } else { &all[..1] };
        kill_all(killed);
        // At once, when they are gone, when others are there.
        sleep(Duration::from_micros(300 * (round % 8)));
        map(&ctx, 30, 50 * (round % 2));
    }
    wait_until("there are as many as before", || workers(zygote).len() == 3 && children(zygote).len() == 3);
    println!("through");
}

fn idle_workers_that_are_killed_are_replaced() {
    passes("kill idle residents");
}

/// Kills its process at one index, unless somebody was killed there before.
#[pasha::kernel]
fn fall(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] deadly: usize,
    #[param] lives: usize,
    #[out] value: &mut usize,
    #[reduce(sum)] sum: &mut usize,
) {
    *value = 1;
    if index == deadly && FALLEN.get().expect("made before").count(0) < lives as u64 {
        let _ = kill(nix::unistd::getpid(), Signal::SIGKILL);
    }
    *value = index + 1;
    *sum += index;
}

static FALLEN: std::sync::OnceLock<Counters> = std::sync::OnceLock::new();

fn kill_at_work() {
    FALLEN.set(Counters::new(1)).unwrap();
    let ctx = residents(3).build().unwrap();
    for round in 0..30 {
        let mut values = ctx.alloc::<usize>().shape(40).build().unwrap();
        let mut sum = ctx.alloc::<usize>().shape(()).fill(7).build().unwrap();
        let fallen = fall { deadly: round, lives: usize::MAX, value: &mut values, sum: &mut sum };
        let error = ctx.map(fallen, 0..40_usize).unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(round)), "{error}");
        let [death] = error.deaths() else { panic!("one died: {error}") };
        assert_eq!(death.cause(), CauseOfDeath::Signal(Signal::SIGKILL as i32));
        assert!(error.worker().is_some_and(|worker| worker < 3) && error.pid() != Some(id()), "{error}");
        assert_eq!(sum[()], 7, "a reduction is as it was");
        map(&ctx, 40, 0);
    }
    println!("through");
}

fn a_worker_that_is_killed_at_work_is_an_error_that_names_it() {
    passes("kill residents at work");
}

fn recover() {
    FALLEN.set(Counters::new(1)).unwrap();
    let fallen = FALLEN.get().unwrap();
    pasha::init().unwrap();
    let retrying = residents(3).on_death(OnDeath::Retry(2)).build().unwrap();
    let skipping = residents(3).on_death(OnDeath::Skip).build().unwrap();
    for round in 0..60_usize {
        fallen[0].store(0, std::sync::atomic::Ordering::SeqCst);
        let (ctx, lives) = if round % 2 == 0 { (&retrying, 1 + round % 4 / 2) } else { (&skipping, 1) };
        let deadly = round % 40;
        let mut values = ctx.alloc::<usize>().shape(40).build().unwrap();
        let mut sum = ctx.alloc::<usize>().shape(()).build().unwrap();
        let report = ctx.map(fall { deadly, lives, value: &mut values, sum: &mut sum }, 0..40_usize).unwrap();
        assert_eq!(report.why_forked(), None);
        assert_eq!(report.deaths().len(), lives);
        let mut expected: Vec<usize> = (1..=40).collect();
        if round % 2 == 0 {
            assert_eq!((report.retried(), report.skipped()), (&[deadly][..], &[][..]));
            assert_eq!(sum[()], 780);
        } else {
            assert_eq!((report.retried(), report.skipped()), (&[][..], &[deadly][..]));
            assert_eq!(sum[()], 780 - deadly);
            expected[deadly] = 0;
        }
        assert_eq!(values.to_vec(), expected);
    }
    println!("through");
}

fn what_killed_workers_had_not_done_is_done_again_or_left_out() {
    passes("recover residents");
}

fn kill_an_idle_zygote() {
    pasha::init().unwrap();
    // Whether it lives is asked every 10 ms.
    for pause in [11, 20, 100] {
        let ctx = residents(3).build().unwrap();
        let zygote = zygote(&ctx);
        let all = workers(zygote);
        assert_eq!(all.len(), 3);
        kill(zygote, Signal::SIGKILL).unwrap();
        wait_until("it is gone", || is_gone(zygote));
        sleep(Duration::from_millis(pause));
        let report = try_map(&ctx, 30, 0).unwrap();
        assert!(report.why_forked().is_some_and(|why| why.contains("was killed")), "{report}");
        wait_until("its workers are gone, too", || all.iter().all(|pid| is_gone(*pid)));
        drop(ctx);
    }
    let ctx = residents(2).build().unwrap();
    map(&ctx, 30, 0);
    println!("through");
}

fn maps_fork_when_the_zygote_was_killed() {
    passes("kill an idle zygote");
}

fn kill_a_zygote_at_work() {
    #[pasha::kernel]
    fn strike(_worker_id: usize, index: usize, _item: usize, #[param] at: usize) {
        if index == at {
            let _ = kill(nix::unistd::getppid(), Signal::SIGKILL);
        }
        sleep(Duration::from_millis(1));
    }

    pasha::init().unwrap();
    for (round, on_death) in [OnDeath::Fail, OnDeath::Retry(3), OnDeath::Skip].into_iter().cycle().take(12).enumerate()
    {
        let ctx = residents(3).on_death(on_death).build().unwrap();
        let all = workers(zygote(&ctx));
        let begun = Instant::now();
        let error = ctx.map(strike { at: 5 * round }, 0..10_000_usize).unwrap_err();
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        assert_eq!(error.kind(), ErrorKind::Died, "{error}");
        assert!(error.to_string().contains("make a new context"), "{error}");
        assert!(all.iter().all(|pid| is_gone(*pid)), "nobody is at work any more");
        assert!(try_map(&ctx, 30, 0).unwrap().why_forked().is_some());
    }
    println!("through");
}

fn a_map_whose_zygote_is_killed_ends_with_an_error() {
    passes("kill a zygote at work");
}

fn stop() {
    let ctx = residents(3).build().unwrap();
    let zygote = zygote(&ctx);
    // Whoever is stopped goes on after a while, by a process that is neither.
    let for_a_while = |stopped: Pid, micros: u64| {
        // SAFETY: this program has one thread.
        match unsafe { fork() }.unwrap() {
            ForkResult::Child => {
                let _ = kill(stopped, Signal::SIGSTOP);
                sleep(Duration::from_micros(micros));
                let _ = kill(stopped, Signal::SIGCONT);
                leave(0);
            }
            ForkResult::Parent { child } => child,
        }
    };
    for round in 0..60_u64 {
        let all = workers(zygote);
        let stopped = if round % 4 == 0 { zygote } else { all[round as usize % all.len()] };
        let child = for_a_while(stopped, scatter(round) % 20_000);
        for _ in 0..5 {
            map(&ctx, 1 + (scatter(round) % 40) as usize, 100 * (round % 3));
        }
        while nix::sys::wait::waitpid(child, None) == Err(Errno::EINTR) {}
        map(&ctx, 30, 0);
    }
    // With nobody who could bury it, the death of a worker is known late, but it is.
    let victim = workers(zygote)[0];
    let child = for_a_while(zygote, 50_000);
    kill(victim, Signal::SIGKILL).unwrap();
    map(&ctx, 30, 0);
    while nix::sys::wait::waitpid(child, None) == Err(Errno::EINTR) {}
    map(&ctx, 30, 0);
    println!("through");
}

fn stopped_processes_do_no_harm() {
    passes("stop residents");
}

fn wait_for_all_children() {
    let ctx = residents(3).build().unwrap();
    for round in 0..10 {
        // SAFETY: this program has one thread.
        if let ForkResult::Child = unsafe { fork() }.unwrap() {
            leave(round);
        }
        map(&ctx, 30, 50);
        assert!(matches!(wait(), Ok(WaitStatus::Exited(_, status)) if status == round));
        assert_eq!(wait(), Err(Errno::ECHILD), "the workers are not the program's to wait for");
        map(&ctx, 30, 0);
    }
    println!("through");
}

fn a_program_that_waits_for_all_its_children_is_not_disturbed() {
    passes("wait for all children");
}

fn ignore_ends() {
    FALLEN.set(Counters::new(1)).unwrap();
    let _nobody_asks = ignore(Signal::SIGCHLD);
    pasha::init().unwrap();
    let ctx = residents(3).build().unwrap();
    for round in 0..10 {
        map(&ctx, 30, 0);
        let mut values = ctx.alloc::<usize>().shape(40).build().unwrap();
        let mut sum = ctx.alloc::<usize>().shape(()).build().unwrap();
        let fallen = fall { deadly: round, lives: usize::MAX, value: &mut values, sum: &mut sum };
        let error = ctx.map(fallen, 0..40_usize).unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(round)), "{error}");
        // Whoever forks them asks, whatever the program does.
        assert_eq!(error.deaths()[0].cause(), CauseOfDeath::Signal(Signal::SIGKILL as i32));
    }
    println!("through");
}

fn a_program_that_ignores_the_ends_of_its_children_maps() {
    passes("ignore the ends of residents");
}

fn fail_to_fork() {
    // The first two make the zygote, which counts on.
    for good in 0..6 {
        for errno in [Errno::EAGAIN, Errno::ENOMEM] {
            if let ForkResult::Parent { child } = {
                // SAFETY: this program has one thread.
                unsafe { fork() }.unwrap()
            } {
                assert_eq!(nix::sys::wait::waitpid(child, None), Ok(WaitStatus::Exited(child, 0)), "{good} {errno}");
                continue;
            }
            let normal = fail_fork_after(good, errno);
            let ended = residents(3).build();
            if good < 5 {
                let error = ended.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::System, "{error}");
                let cause = std::io::Error::from_raw_os_error(errno as i32).to_string();
                let cause = cause.split(" (").next().unwrap_or_default();
                assert!(error.to_string().contains(cause) || error.to_string().contains(errno.desc()), "{error}");
            } else {
                let ctx = ended.unwrap();
                let zygote = zygote(&ctx);
                // Their replacement fails, once.
                kill_all(&workers(zygote));
                map(&ctx, 30, 0);
                wait_until("there are three again", || workers(zygote).len() == 3);
            }
            drop(normal);
            let ctx = residents(3).build().unwrap();
            map(&ctx, 30, 0);
            assert_eq!(workers(zygote(&ctx)).len(), 3, "nobody is left of what failed");
            leave(0);
        }
    }
    println!("through");
}

fn the_kth_fork_that_fails_is_an_error_and_the_next_works() {
    passes("fail to fork residents");
}

fn have_few_processes() {
    // SAFETY: it changes who this process belongs to, and it has one thread.
    if let Err(errno) = Errno::result(unsafe { libc::setuid(54_321) }) {
        println!("skipped: this program may not become a user without processes: {errno}");
        return;
    }
    // This program, the zygote and two workers.
    setrlimit(Resource::RLIMIT_NPROC, 4, 4).unwrap();
    pasha::init().unwrap();
    let error = residents(8).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::System, "{error}");
    assert!(error.to_string().contains("could not be forked"), "{error}");
    let ctx = residents(2).build().unwrap();
    map(&ctx, 30, 0);
    let zygote = zygote(&ctx);
    for _ in 0..10 {
        kill_all(&workers(zygote));
        map(&ctx, 30, 0);
    }
    println!("through");
}

fn a_limit_of_processes_is_an_error_that_says_so() {
    let said = Session::start(again("have few processes")).succeed(PATIENCE);
    match said.strip_prefix("skipped: ") {
        Some(why) => skipped("a limit of processes", why.trim_end()),
        None => assert_eq!(said, "through\n"),
    }
}

fn have_a_small_address_space() {
    setrlimit(Resource::RLIMIT_AS, 1 << 30, 1 << 30).unwrap();
    pasha::init().unwrap();
    let ctx = residents(2).build().unwrap();
    map(&ctx, 30, 0);
    let error = ctx.alloc::<u8>().shape(1 << 30).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
    assert!(error.to_string().contains(&format!("{} bytes", 1 << 30)), "{error}");
    let values = ctx.alloc::<u64>().shape(8 << 20).build().unwrap();
    map(&ctx, 1 << 20, 0);
    assert_eq!(values.sum(), 0);
    println!("through");
}

fn a_small_address_space_is_enough() {
    passes("have a small address space");
}

/// Open files, mappings, and pages that are in memory and not shared, of a process.
fn belongings(pid: Pid) -> (usize, usize, usize) {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    let mappings = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap().lines().count();
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap();
    let words: Vec<usize> = statm.split_ascii_whitespace().map(|word| word.parse().unwrap()).collect();
    (files, mappings, words[1] - words[2])
}

fn map_thousands_of_times() {
    let ctx = residents(3).build().unwrap();
    let zygote = zygote(&ctx);
    let round = |round: usize| map(&ctx, 1 + round % 50, 0);
    (0..500).for_each(round);
    let mut all = vec![nix::unistd::getpid(), zygote];
    all.extend(workers(zygote));
    let before: Vec<_> = all.iter().map(|pid| belongings(*pid)).collect();
    (0..10_000).for_each(round);
    for (pid, before) in all.iter().zip(before) {
        let now = belongings(*pid);
        assert!(now.0 == before.0 && now.1.abs_diff(before.1) <= 4, "{pid}: {before:?} before, {now:?} now");
        assert!(now.2 < before.2 + 64, "{pid}: {before:?} before, {now:?} now");
    }
    println!("through");
}

fn thousands_of_maps_leave_nothing_behind() {
    passes("map thousands of times");
}

/// The ticks of the clock that a process has used.
fn ticks(pid: Pid) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn be_idle() {
    let ctx = residents(4).build().unwrap();
    let zygote = zygote(&ctx);
    (0..200).for_each(|_| map(&ctx, 50, 0));
    let mut all = workers(zygote);
    all.push(zygote);
    sleep(Duration::from_millis(1));
    let used = || all.iter().map(|pid| ticks(*pid)).sum::<u64>();
    let before = used();
    sleep(Duration::from_millis(300));
    // A tick that was begun before may end now.
    let used = used() - before;
    assert!(used <= 1, "{used} ticks");
    println!("through");
}

fn nobody_uses_the_processor_after_a_map() {
    passes("be idle with residents");
}

fn fork_a_program() {
    let ctx = residents(2).build().unwrap();
    let kept = ctx.alloc::<usize>().shape(1000).fill(7).build().unwrap();
    map(&ctx, 30, 0);
    // SAFETY: this program has one thread.
    if let ForkResult::Child = unsafe { fork() }.unwrap() {
        // It has memory of its own, and may map, whoever does it.
        let values = ctx.alloc::<usize>().shape(1000).fill(9).build().unwrap();
        try_map(&ctx, 30, 0).unwrap();
        drop((values, ctx));
        leave(0);
    }
    let mut others = Vec::new();
    for _ in 0..200 {
        let values = ctx.alloc::<usize>().shape(1000).build().unwrap();
        assert!(values.iter().all(|value| *value == 0), "somebody else writes there");
        others.push(values);
        map(&ctx, 30, 0);
    }
    assert!(matches!(wait(), Ok(WaitStatus::Exited(_, 0))));
    assert!(others.iter().flatten().all(|value| *value == 0), "somebody else writes there");
    assert!(kept.iter().all(|value| *value == 7));
    map(&ctx, 30, 0);
    println!("through");
}

fn a_fork_of_the_program_does_not_touch_what_it_inherits() {
    passes("fork a program with residents");
}

fn overrun() {
    #[pasha::kernel]
    fn stay(_worker_id: usize, index: usize, _item: usize) {
        FALLEN.get().expect("made before")[index].store(id().into(), std::sync::atomic::Ordering::SeqCst);
        sleep(Duration::from_secs(3600));
    }

    FALLEN.set(Counters::new(2)).unwrap();
    let at = FALLEN.get().unwrap();
    let ctx = residents(2).deadline(Duration::from_millis(60)).build().unwrap();
    let mut named = 0;
    for _ in 0..20 {
        at.iter().for_each(|pid| pid.store(0, std::sync::atomic::Ordering::SeqCst));
        let error = ctx.map(stay {}, 0..2_usize).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
        // On a busy machine nobody may have begun in time.
        if let Some(index) = error.index() {
            assert_eq!(error.pid().map(u64::from), Some(at.get(index)), "{error}");
            named += 1;
        }
    }
    assert!(named > 0, "no worker was at an index");
    println!("through");
}

fn an_error_of_a_deadline_names_the_processes_that_were_killed() {
    passes("overrun with residents");
}

fn be_just_in_time() {
    #[pasha::kernel]
    fn spin(_worker_id: usize, _index: usize, _item: usize, #[param] micros: u64) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_micros(micros) {
            std::hint::spin_loop();
        }
    }

    let ctx = residents(4).item_deadline(Duration::from_millis(10)).build().unwrap();
    // For no time at all each, so that no deadline is near.
    let short = |ctx: &Context| ctx.map(spin { micros: 100 }, 0..4_usize);
    for round in 0..400 {
        match ctx.map(spin { micros: 9_000 + scatter(round) % 2_500 }, 0..4_usize) {
            Err(error) => assert_eq!(error.kind(), ErrorKind::Deadline, "{error}"),
            Ok(_) => {
                for _ in 0..5 {
                    match short(&ctx) {
                        // The machine is busy.
                        Err(error) if error.kind() == ErrorKind::Deadline => {}
                        ended => drop(ended.unwrap()),
                    }
                }
            }
        }
    }
    println!("through");
}

fn a_worker_that_is_late_is_not_killed_in_the_next_map() {
    passes("be just in time");
}

fn nest() {
    #[pasha::kernel]
    fn outer(_worker_id: usize, index: usize, _item: usize, #[out] value: &mut usize) -> Result<(), String> {
        let inner = || -> pasha::Result<usize> {
            let ctx = residents(2).build()?;
            let mut values = ctx.alloc::<usize>().shape(10).build()?;
            ctx.map(doze { micros: 0, value: &mut values }, 0..10_usize)?;
            Ok(values.sum())
        };
        *value = index + inner().map_err(|error| error.to_string())?;
        Ok(())
    }

    pasha::init().unwrap();
    let resident = residents(2).deadline(PATIENCE / 5).build().unwrap();
    let forking = Context::processes().workers(2).deadline(PATIENCE / 5).build().unwrap();
    for ctx in [&forking, &resident] {
        let mut values = ctx.alloc::<usize>().shape(6).build().unwrap();
        ctx.map(outer { value: &mut values }, 0..6_usize).unwrap();
        assert_eq!(values.to_vec(), (55..61).collect::<Vec<_>>());
        (0..20).for_each(|_| map(&resident, 30, 0));
    }
    println!("through");
}

fn a_kernel_makes_a_resident_context() {
    passes("nest residents");
}

fn speak() {
    #[pasha::kernel]
    fn say(_worker_id: usize, index: usize, _item: usize) {
        for line in 0..300 {
            println!("out {index} {line} {}", "o".repeat(70));
            eprintln!("err {index} {line} {}", "e".repeat(70));
        }
        print!("out without an end {index};");
        eprint!("err without an end {index};");
    }

    let ctx = residents(4).build().unwrap();
    ctx.map(say {}, 0..8_usize).unwrap();
}

fn what_workers_write_arrives_when_the_program_ends_at_once() {
    for round in 0..5 {
        let [(out, out_path), (err, err_path)] = ["out", "err"].map(|name| {
            let path = std::env::temp_dir().join(format!("pasha-tests-{}-{round}-{name}", id()));
            (fs::File::options().append(true).create_new(true).open(&path).unwrap(), path)
        });
        let mut command = again("speak by residents");
        // SAFETY: a descriptor may be put in the place of another between fork and exec.
        unsafe { command.stderr(err).pre_exec(move || Ok(nix::unistd::dup2_stdout(&out)?)) };
        let mut program = Session::start(command);
        assert!(program.wait(PATIENCE).expect("it ends").success());
        assert_eq!(program.alive_after(SOON), [""; 0], "the zygote says the rest, and ends");
        let [stdout, stderr] = [out_path, err_path].map(|path| {
            let said = fs::read_to_string(&path).unwrap();
            fs::remove_file(path).unwrap();
            said
        });
        for (name, said) in [("out", stdout), ("err", stderr)] {
            if said.matches(&format!("{name} without an end")).count() != 8 {
                fs::write("/tmp/attack2/torn", &said).unwrap();
            }
            // A line may come between the halves of another: letters are counted, not lines.
            let letter = &name[..1];
            let of = |text: &str| text.matches(letter).count();
            let expected = 8 * (300 * (of(name) + 70) + of(name) + of(" without an end "));
            assert_eq!(of(&said), expected, "{name}, round {round}");
            assert_eq!(said.lines().count(), 8 * 300 + 1, "{name}, round {round}");
        }
    }
}
