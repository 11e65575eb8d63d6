//! What the watchdog says of a test that hangs: where each of its processes and threads is.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, id};
use std::thread;
use std::time::Duration;

use nix::libc;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::getppid;
use pasha_tests::support::{Role, Watch, act, again, run_once};

const ROLES: &[Role] = &[
    Role { name: "wait for a child that sleeps", act: wait_for_a_child_that_sleeps },
    Role { name: "sleep beside a child", act: sleep_beside_a_child },
    Role { name: "sleep", act: sleep },
    Role { name: "end in time", act: end_in_time },
];

fn main() -> ExitCode {
    act(ROLES);
    run_once(&[
        ("a_test_that_hangs_is_ended_with_where_it_hangs", a_test_that_hangs_is_ended_with_where_it_hangs),
        ("a_test_that_ends_in_time_is_left_alone", a_test_that_ends_in_time_is_left_alone),
    ])
}

fn wait_for_a_child_that_sleeps() {
    let _watch = Watch::for_seconds("a test on purpose", 1);
    start("sleep beside a child").wait().unwrap();
}

fn sleep_beside_a_child() {
    end_with_the_parent();
    let mut child = start("sleep");
    thread::Builder::new().name("dormouse".to_owned()).spawn(sleep_long).unwrap();
    sleep_long();
    child.wait().unwrap();
}

fn sleep() {
    end_with_the_parent();
    sleep_long();
}

fn end_in_time() {
    drop(Watch::for_seconds("a test on purpose", 1));
    thread::sleep(Duration::from_millis(1500));
}

fn sleep_long() {
    thread::sleep(Duration::from_secs(30));
}

fn start(role: &str) -> std::process::Child {
    println!("{}", id());
    again(role).spawn().unwrap()
}

/// Nobody is left when the watchdog ends the first of them.
fn end_with_the_parent() {
    println!("{}", id());
    set_pdeathsig(Signal::SIGKILL).unwrap();
    assert_ne!(getppid().as_raw(), 1, "the parent was ended before");
}

fn outcome(mut command: Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.signal(), text(output.stdout), text(output.stderr))
}

fn a_test_that_hangs_is_ended_with_where_it_hangs() {
    let (signal, pids, said) = outcome(again("wait for a child that sleeps"));
    assert_eq!(signal, Some(libc::SIGABRT), "{said}");
    assert!(said.contains("this test hangs: a test on purpose\n"), "{said}");

    let pids: BTreeSet<&str> = pids.lines().collect();
    assert_eq!(pids.len(), 3, "each of them printed its process id: {pids:?}");
    let comm = fs::read_to_string("/proc/self/comm").unwrap();
    for pid in &pids {
        let process = format!("process {pid}, {}: ", comm.trim_end());
        assert_eq!(said.matches(&process).count(), 1, "{process:?} in {said}");
        assert_eq!(said.matches(&format!("thread {pid}, ")).count(), 1, "{said}");
    }
    assert_eq!(said.matches("process ").count(), 3, "{said}");
    assert_eq!(said.matches("thread ").count() - said.matches("thread that").count(), 4, "{said}");

    // The child's two threads and the grandchild's one.
    let (_, dormouse) = said.split_once(", dormouse: S (sleeping)\n").unwrap_or_else(|| panic!("{said}"));
    for file in ["wchan", "syscall", "stack"] {
        let first = dormouse.split("thread ").next().unwrap();
        assert!(first.contains(&format!("    {file}")), "{file} in {first}");
    }
    if fs::read_to_string("/proc/self/syscall").is_ok() {
        let asleep = format!("syscall {} ", libc::SYS_clock_nanosleep);
        assert_eq!(said.matches(&asleep).count(), 3, "{said}");
    }
    assert!(said.contains("wait_for_a_child_that_sleeps"), "the backtrace tells where the program itself is: {said}");
}

fn a_test_that_ends_in_time_is_left_alone() {
    assert_eq!(outcome(again("end in time")), (None, String::new(), String::new()));
}
