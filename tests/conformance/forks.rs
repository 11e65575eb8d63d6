//! What forking does to the rest of a program: nothing.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pasha::ErrorKind;
use pasha::prelude::*;

use crate::support::{Kind, Role, Setting, again, cases, processes_beside_threads};

cases![
    a_program_with_another_thread_is_refused,
    a_map_may_follow_the_end_of_a_thread_at_once,
    a_program_with_a_thread_context_is_refused_until_it_is_dropped,
    a_program_with_other_threads_may_promise,
    several_maps_at_once_do_not_disturb_each_other,
    an_array_that_is_not_bound_cannot_be_written,
    an_array_that_is_not_bound_can_be_read,
    what_workers_write_elsewhere_is_theirs,
    output_that_waits_in_a_buffer_is_printed_once,
    what_kernels_print_arrives,
    what_kernels_print_without_ending_the_line_arrives,
    destructors_and_what_follows_a_map_run_once,
    a_kernel_may_run_a_program,
    a_kernel_may_start_threads,
    a_worker_that_lingers_when_it_is_done_is_ended,
    a_worker_that_cannot_be_watched_is_an_error_and_the_others_are_ended,
    two_hundred_maps_leave_nothing_behind,
    thirty_two_workers_are_possible,
];

/// The cases that are for processes alone.
pub fn suite() -> &'static [crate::support::Case] {
    CASES
}

/// The programs that the cases watch from outside.
pub const ROLES: &[Role] = &[
    Role { name: "print before the fork", act: print_before_the_fork },
    Role { name: "print in the kernel", act: print_in_the_kernel },
    Role { name: "print no whole line", act: print_no_whole_line },
    Role { name: "clean up", act: clean_up },
];

#[pasha::kernel]
fn count(_worker_id: usize, _index: usize, _item: usize, #[out] calls: &mut u32) {
    *calls += 1;
}

fn check_maps(ctx: &Context) {
    let mut calls = ctx.alloc::<u32>().shape(50).build().unwrap();
    ctx.map(count { calls: &mut calls }, 0..50_usize).unwrap();
    assert_eq!(calls.to_vec(), [1; 50]);
}

/// A program with other threads cannot fork, but it can give maps to processes that were forked before.
fn check_beside_threads(setting: &Setting) {
    match setting.kind {
        Kind::Residents => check_maps(setting.ctx()),
        _ => check_refused(setting.ctx()),
    }
}

fn check_refused(ctx: &Context) {
    let mut calls = ctx.alloc::<u32>().shape(50).build().unwrap();
    let error = ctx.map(count { calls: &mut calls }, 0..50_usize).unwrap_err();
    assert_eq!((error.kind(), calls.sum()), (ErrorKind::Threads, 0));
    let text = error.to_string();
    for part in ["this program has", "threads", "PASHA_CONTEXT=threads"] {
        assert!(text.contains(part), "{text:?} says nothing of {part:?}");
    }
}

/// Runs something while another thread is alive.
fn beside_a_thread(run: impl FnOnce()) {
    let (end, ended) = mpsc::channel::<()>();
    let other = thread::spawn(move || ended.recv());
    run();
    drop(end);
    assert!(other.join().unwrap().is_err());
}

fn a_program_with_another_thread_is_refused(setting: &Setting) {
    let ctx = setting.ctx();
    check_maps(ctx);
    beside_a_thread(|| check_beside_threads(setting));
    check_maps(ctx);
}

fn a_map_may_follow_the_end_of_a_thread_at_once(ctx: &Context) {
    for _ in 0..50 {
        thread::spawn(|| {}).join().unwrap();
        check_maps(ctx);
        thread::scope(|scope| drop(scope.spawn(|| {})));
        check_maps(ctx);
    }
}

fn a_program_with_a_thread_context_is_refused_until_it_is_dropped(setting: &Setting) {
    let ctx = setting.ctx();
    let threads = Context::threads().workers(3).build().unwrap();
    check_maps(&threads);
    check_beside_threads(setting);
    drop(threads);
    check_maps(ctx);
}

fn a_program_with_other_threads_may_promise(setting: &Setting) {
    let ctx = processes_beside_threads(setting.ctx().workers());
    beside_a_thread(|| check_maps(&ctx));
}

fn several_maps_at_once_do_not_disturb_each_other(setting: &Setting) {
    let ctx = processes_beside_threads(setting.ctx().workers());
    // Each makes and drops arrays while the other forks.
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..40).for_each(|_| check_maps(&ctx)));
        }
    });
}

fn an_array_that_is_not_bound_cannot_be_written(ctx: &Context) {
    #[pasha::kernel]
    fn smuggle(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] other: &Mutex<SharedArray<u32, pasha::Ix1>>,
        #[out] calls: &mut u32,
    ) {
        *calls += 1;
        if index == 13 {
            other.lock().unwrap()[0] = 7;
        }
    }

    let other = Mutex::new(ctx.alloc::<u32>().shape(2000).fill(5).build().unwrap());
    let mut calls = ctx.alloc::<u32>().shape(50).build().unwrap();
    let error = ctx.map(smuggle { other: &other, calls: &mut calls }, 0..50_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(13)), "{error}");
    assert!(error.to_string().contains("not bound to"), "{error}");
    let mut other = other.into_inner().unwrap();
    assert!(other.iter().all(|value| *value == 5));
    other[0] = 6;
    ctx.map(count { calls: &mut calls }, 0..50_usize).unwrap();
}

fn an_array_that_is_not_bound_can_be_read(ctx: &Context) {
    #[pasha::kernel]
    fn look(
        _worker_id: usize,
        _index: usize,
        at: usize,
        #[param] other: &Mutex<SharedArray<u32, pasha::Ix1>>,
        #[out] value: &mut u32,
    ) {
        *value = other.lock().unwrap()[at];
    }

    let other = Mutex::new(ctx.alloc::<u32>().shape(2000).fill(5).build().unwrap());
    let mut values = ctx.alloc::<u32>().shape(50).build().unwrap();
    ctx.map(look { other: &other, value: &mut values }, 0..50_usize).unwrap();
    assert_eq!(values.to_vec(), [5; 50]);
}

fn what_workers_write_elsewhere_is_theirs(ctx: &Context) {
    #[pasha::kernel]
    fn push(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] list: &Mutex<Vec<usize>>,
        #[out] length: &mut usize,
    ) {
        let mut list = list.lock().unwrap();
        list.push(index);
        *length = list.len();
    }

    let list = Mutex::new(Vec::new());
    let mut lengths = ctx.alloc::<usize>().shape(50).build().unwrap();
    ctx.map(push { list: &list, length: &mut lengths }, 0..50_usize).unwrap();
    assert!(lengths.iter().all(|length| *length > 0));
    assert_eq!(list.into_inner().unwrap(), [0; 0]);
}

fn printed_by(role: &str) -> String {
    let output = again(role).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn print_before_the_fork() {
    print!("[begun]");
    let ctx = Context::processes().workers(3).build().unwrap();
    check_maps(&ctx);
    print!("[between]");
    check_maps(&ctx);
    print!("[ended]");
}

fn output_that_waits_in_a_buffer_is_printed_once(_ctx: &Context) {
    assert_eq!(printed_by("print before the fork"), "[begun][between][ended]");
}

fn print_in_the_kernel() {
    #[pasha::kernel]
    fn print(_worker_id: usize, index: usize, _item: usize) {
        match index % 3 {
            0 => println!("<line {index}>"),
            1 => print!("<part {index}>"),
            _ => writeln!(std::io::stdout().lock(), "<locked {index}>").unwrap(),
        }
    }

    let ctx = Context::processes().workers(3).build().unwrap();
    ctx.map(print {}, 0..60_usize).unwrap();
}

fn what_kernels_print_arrives(_ctx: &Context) {
    let printed = printed_by("print in the kernel");
    for index in 0..60 {
        let word = ["line", "part", "locked"][index % 3];
        assert_eq!(printed.matches(&format!("<{word} {index}>")).count(), 1, "{printed}");
    }
}

fn print_no_whole_line() {
    #[pasha::kernel]
    fn print(_worker_id: usize, index: usize, _item: usize) {
        print!("<{index}>");
    }

    let ctx = Context::processes().workers(3).schedule(Schedule::Static).build().unwrap();
    ctx.map(print {}, 0..6_usize).unwrap();
}

fn what_kernels_print_without_ending_the_line_arrives(_ctx: &Context) {
    let printed = printed_by("print no whole line");
    assert_eq!(printed.len(), 18, "{printed}");
    for pair in ["<0><1>", "<2><3>", "<4><5>"] {
        assert!(printed.contains(pair), "{printed}");
    }
}

fn clean_up() {
    struct Goodbye;

    impl Drop for Goodbye {
        fn drop(&mut self) {
            println!("goodbye");
        }
    }

    let _goodbye = Goodbye;
    let ctx = Context::processes().workers(3).build().unwrap();
    check_maps(&ctx);
    println!("after the map");
}

fn destructors_and_what_follows_a_map_run_once(_ctx: &Context) {
    assert_eq!(printed_by("clean up"), "after the map\ngoodbye\n");
}

fn a_kernel_may_run_a_program(ctx: &Context) {
    #[pasha::kernel]
    fn run(_worker_id: usize, index: usize, _item: usize, #[out] said: &mut u32) -> Result<(), String> {
        let output = Command::new("sh").args(["-c", &format!("echo $((2 * {index}))")]).output();
        let text =
            String::from_utf8(output.map_err(|error| error.to_string())?.stdout).map_err(|error| error.to_string())?;
        *said = text.trim().parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
        Ok(())
    }

    let mut said = ctx.alloc::<u32>().shape(8).build().unwrap();
    ctx.map(run { said: &mut said }, 0..8_usize).unwrap();
    assert_eq!(said.to_vec(), [0, 2, 4, 6, 8, 10, 12, 14]);
}

fn a_kernel_may_start_threads(ctx: &Context) {
    #[pasha::kernel]
    fn spawn(_worker_id: usize, index: usize, _item: usize, #[out] halves: &mut [usize]) {
        let (left, right) = halves.split_at_mut(1);
        thread::scope(|scope| {
            scope.spawn(|| left[0] = index);
            scope.spawn(|| right[0] = index + 1);
        });
    }

    let mut halves = ctx.alloc::<usize>().shape((20, 2)).build().unwrap();
    ctx.map(spawn { halves: &mut halves }, 0..20_usize).unwrap();
    assert!(halves.rows().into_iter().enumerate().all(|(index, row)| row.to_vec() == [index, index + 1]));
}

fn a_worker_that_lingers_when_it_is_done_is_ended(ctx: &Context) {
    #[pasha::kernel]
    fn hold_stdout(_worker_id: usize, index: usize, _item: usize, #[out] done: &mut u8) {
        *done = 1;
        if index == 5 {
            let (locked, is_locked) = mpsc::channel();
            thread::spawn(move || {
                let _stdout = std::io::stdout().lock();
                locked.send(()).unwrap();
                thread::sleep(Duration::from_secs(3600));
            });
            is_locked.recv().unwrap();
        }
    }

    let mut done = ctx.alloc::<u8>().shape(20).build().unwrap();
    assert_eq!(ctx.map(hold_stdout { done: &mut done }, 0..20_usize).unwrap().items(), 20);
    assert_eq!(done.to_vec(), [1; 20]);
}

fn a_worker_that_cannot_be_watched_is_an_error_and_the_others_are_ended(setting: &Setting) {
    #[pasha::kernel]
    fn doze(_worker_id: usize, _index: usize, _item: usize) {
        thread::sleep(Duration::from_secs(3600));
    }

    let next_file = File::open("/dev/null").unwrap().as_raw_fd().cast_unsigned();
    let (before, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let ctx = Context::processes().workers(setting.ctx().workers()).build().unwrap();
    // Room for one file more: the first worker can be watched, the second cannot.
    setrlimit(Resource::RLIMIT_NOFILE, u64::from(next_file) + 1, most).unwrap();
    let mapped = ctx.map(doze {}, 0..ctx.workers());
    setrlimit(Resource::RLIMIT_NOFILE, before, most).unwrap();
    let error = mapped.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::System);
    assert!(error.to_string().contains("open files"), "{error}");
    check_maps(&ctx);
    check_maps(setting.ctx());
}

fn two_hundred_maps_leave_nothing_behind(ctx: &Context) {
    (0..200).for_each(|_| check_maps(ctx));
}

fn thirty_two_workers_are_possible(setting: &Setting) {
    check_maps(&setting.with_workers(32));
}
