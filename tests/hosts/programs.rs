//! Kernels that run programs or fork: what they leave behind is ended when their map fails.

#![allow(unsafe_code)]

use std::fs;
use std::process::{Command, Stdio, abort};
use std::sync::atomic::Ordering::SeqCst;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::libc;
use nix::unistd::{ForkResult, fork};
use pasha::ErrorKind;
use pasha::prelude::*;
use pasha_tests::support::{Counters, Role, Session, again};

use super::cases;

cases![
    a_program_is_ended_with_the_worker_that_dies,
    a_program_is_ended_with_the_workers_that_are_ended_for_another,
    a_program_is_ended_by_the_deadline_of_the_map,
    a_program_is_ended_by_the_deadline_of_its_item,
    a_program_is_ended_when_the_kernel_fails,
    a_program_is_ended_when_the_kernel_panics,
    what_a_kernel_forks_is_ended_with_the_worker,
    a_program_of_a_kernel_that_is_retried_is_started_anew,
    a_program_that_holds_stderr_open_does_not_keep_the_map,
    endless_words_on_stderr_do_not_outlast_the_deadline,
];

pub(crate) const ROLES: &[Role] = &[Role { name: "hear endless words", act: hear_endless_words }];

const SOON: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    Die,
    Wait,
    Fail,
    Panic,
}

/// Starts a program for each of the first two items, and leaves it behind.
#[pasha::kernel]
fn run(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] pids: &Counters,
    #[param] then: [Then; 2],
    #[param] by_fork: bool,
) -> Result<(), String> {
    if index > 1 {
        return Ok(());
    }
    let pid = if by_fork {
        // SAFETY: a worker has one thread.
        match unsafe { fork() }.map_err(|errno| errno.to_string())? {
            ForkResult::Parent { child } => child.as_raw().cast_unsigned(),
            ForkResult::Child => loop {
                sleep(Duration::from_secs(1000));
            },
        }
    } else {
        Command::new("sleep").arg("1000").stdout(Stdio::null()).spawn().map_err(|error| error.to_string())?.id()
    };
    pids[index].store(u64::from(pid), SeqCst);
    pids.wait_for(1 - index, 1);
    match then[index] {
        Then::Die => abort(),
        Then::Wait => sleep(Duration::from_secs(3600)),
        Then::Fail => return Err("on purpose".to_owned()),
        Then::Panic => panic!("on purpose"),
    }
    Ok(())
}

fn is_alive(pid: u64) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// The kind of error of a map whose kernels run programs, none of which may be alive after it.
fn ended(
    builder: impl FnOnce(pasha::ContextBuilder<pasha::ByProcesses>) -> pasha::ContextBuilder<pasha::ByProcesses>,
    then: [Then; 2],
    by_fork: bool,
) -> ErrorKind {
    let ctx = builder(Context::processes().workers(2)).build().unwrap();
    let pids = Counters::new(2);
    let error = ctx.map(run { pids: &pids, then, by_fork }, 0..20_usize).unwrap_err();
    check_gone(&pids);
    error.kind()
}

fn check_gone(pids: &Counters) {
    let until = Instant::now() + SOON;
    for pid in pids.iter().map(|pid| pid.load(SeqCst)) {
        while is_alive(pid) {
            if Instant::now() > until {
                // SAFETY: it was just alive, and is of no use to anybody.
                unsafe { libc::kill(pid as i32, libc::SIGKILL) };
                panic!("program {pid} is left");
            }
            sleep(Duration::from_millis(1));
        }
    }
}

fn a_program_is_ended_with_the_worker_that_dies() {
    assert_eq!(ended(|builder| builder, [Then::Die; 2], false), ErrorKind::Died);
    assert_eq!(ended(|builder| builder.on_death(OnDeath::Retry(1)), [Then::Die; 2], false), ErrorKind::Died);
}

fn a_program_is_ended_with_the_workers_that_are_ended_for_another() {
    assert_eq!(ended(|builder| builder, [Then::Die, Then::Wait], false), ErrorKind::Died);
    assert_eq!(ended(|builder| builder, [Then::Wait, Then::Die], false), ErrorKind::Died);
}

fn a_program_is_ended_by_the_deadline_of_the_map() {
    let limit = Duration::from_millis(150);
    assert_eq!(ended(|builder| builder.deadline(limit), [Then::Wait; 2], false), ErrorKind::Deadline);
}

fn a_program_is_ended_by_the_deadline_of_its_item() {
    let limit = Duration::from_millis(150);
    assert_eq!(ended(|builder| builder.item_deadline(limit), [Then::Wait; 2], false), ErrorKind::Deadline);
}

fn a_program_is_ended_when_the_kernel_fails() {
    assert_eq!(ended(|builder| builder, [Then::Fail; 2], false), ErrorKind::Kernel);
}

fn a_program_is_ended_when_the_kernel_panics() {
    assert_eq!(ended(|builder| builder, [Then::Panic; 2], false), ErrorKind::Panic);
}

fn what_a_kernel_forks_is_ended_with_the_worker() {
    assert_eq!(ended(|builder| builder, [Then::Die, Then::Wait], true), ErrorKind::Died);
    let limit = Duration::from_millis(150);
    assert_eq!(ended(|builder| builder.deadline(limit), [Then::Wait; 2], true), ErrorKind::Deadline);
}

fn a_program_of_a_kernel_that_is_retried_is_started_anew() {
    #[pasha::kernel]
    fn run_twice(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] pids: &Counters,
        #[param] told: &Counters,
    ) -> Result<(), String> {
        let round = if index == 4 { told.count(0) as usize } else { return Ok(()) };
        let mut program = Command::new("sleep").arg(["1000", "0"][round]).spawn().map_err(|error| error.to_string())?;
        pids[round].store(u64::from(program.id()), SeqCst);
        if round == 0 {
            abort();
        }
        program.wait().map(drop).map_err(|error| error.to_string())
    }

    let ctx = Context::processes().workers(2).on_death(OnDeath::Retry(1)).build().unwrap();
    let (pids, told) = (Counters::new(2), Counters::new(1));
    assert_eq!(ctx.map(run_twice { pids: &pids, told: &told }, 0..20_usize).unwrap().retried(), [4]);
    check_gone(&pids);
}

fn a_program_that_holds_stderr_open_does_not_keep_the_map() {
    #[pasha::kernel]
    fn leave(_worker_id: usize, index: usize, _item: usize, #[param] pids: &Counters) -> Result<(), String> {
        if index == 4 {
            let program = Command::new("sleep").arg("1000").spawn().map_err(|error| error.to_string())?;
            pids[0].store(u64::from(program.id()), SeqCst);
        }
        Ok(())
    }

    let ctx = Context::processes().workers(2).build().unwrap();
    let pids = Counters::new(1);
    let begun = Instant::now();
    assert_eq!(ctx.map(leave { pids: &pids }, 0..20_usize).unwrap().items(), 20);
    assert!(begun.elapsed() < SOON, "it took {:?}", begun.elapsed());
    // SAFETY: what the kernel left behind in a map that went well may stay; here it is in the way.
    unsafe { libc::kill(pids.get(0) as i32, libc::SIGKILL) };
    check_gone(&pids);
}

fn hear_endless_words() {
    #[pasha::kernel]
    fn talk(_worker_id: usize, index: usize, _item: usize) {
        // Far more than a pipe holds: it is full whenever the host looks.
        let words = vec![b'x'; 1 << 20];
        if index == 3 {
            loop {
                // SAFETY: the bytes are there.
                unsafe { libc::write(2, words.as_ptr().cast(), words.len()) };
            }
        }
    }

    let limit = Duration::from_millis(200);
    for builder in [Context::processes().deadline(limit), Context::processes().item_deadline(limit)] {
        let begun = Instant::now();
        let error = builder.workers(2).build().unwrap().map(talk {}, 0..20_usize).unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Deadline, Some(3)), "{error}");
        assert!(begun.elapsed() < SOON, "it took {:?}", begun.elapsed());
    }
    println!("through");
}

fn endless_words_on_stderr_do_not_outlast_the_deadline() {
    let mut command = again("hear endless words");
    command.stderr(Stdio::null());
    assert_eq!(Session::start(command).succeed(4 * SOON), "through\n");
}
