//! The program that maps is left as it was: its signals, buffers, files, children, threads, memory and place among processes.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd};
use std::panic;
use std::process::{Child, Command, Stdio, abort, exit, id};
use std::thread;
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise};
use nix::unistd::{Pid, getpgrp, getsid, pipe};
use pasha::prelude::*;
use pasha::{CauseOfDeath, ErrorKind};

use crate::support::{Counters, Role, Setting, again, cases, count_signals, on_exit, print_by_c};

cases![
    signal_handlers_and_masks_are_the_same_after_every_outcome,
    handlers_of_the_host_do_not_run_in_workers,
    handlers_of_the_host_run_in_the_host_during_a_map,
    children_of_the_host_are_neither_ended_nor_waited_for,
    a_child_of_the_host_that_ends_during_a_map_keeps_its_status,
    open_files_are_the_same_after_every_outcome,
    no_file_of_the_library_is_open_in_a_program_that_a_kernel_runs,
    flags_of_the_standard_streams_are_the_same,
    threads_and_mappings_are_the_same_after_every_outcome,
    nothing_of_shared_arrays_can_be_opened_or_cut,
    the_process_group_and_the_session_are_the_same,
    the_panic_hook_of_the_host_is_called_where_a_kernel_panics,
    exit_handlers_run_once_and_in_the_host,
    exit_handlers_of_the_host_do_not_run_where_a_kernel_exits,
    output_that_waits_in_buffers_of_c_is_printed_once,
    what_kernels_say_on_stderr_is_shown_once,
    what_kernels_say_on_stderr_is_told_with_their_death,
    a_long_story_on_stderr_is_told_from_its_end,
    a_kernel_that_closes_stderr_does_no_harm,
];

/// The cases that are for processes alone.
pub fn suite() -> &'static [crate::support::Case] {
    CASES
}

/// The programs that the cases watch from outside.
pub const ROLES: &[Role] = &[
    Role { name: "exit by handlers", act: exit_by_handlers },
    Role { name: "exit in kernels", act: exit_in_kernels },
    Role { name: "print by c", act: print_by_c_around_maps },
    Role { name: "speak on stderr", act: speak_on_stderr },
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Success,
    Failure,
    Panic,
    Death,
    Deadline,
    Retry,
    Skip,
    Refusal,
}

const OUTCOMES: [Outcome; 8] = [
    Outcome::Success,
    Outcome::Failure,
    Outcome::Panic,
    Outcome::Death,
    Outcome::Deadline,
    Outcome::Retry,
    Outcome::Skip,
    Outcome::Refusal,
];

#[pasha::kernel]
fn act(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] outcome: Outcome,
    #[param] lives: &Counters,
    #[out] done: &mut u8,
    #[reduce(sum)] sum: &mut u64,
) -> Result<(), String> {
    *sum += 1;
    if index == 7 {
        match outcome {
            Outcome::Failure => return Err("on purpose".to_owned()),
            Outcome::Panic => panic!("on purpose"),
            Outcome::Death | Outcome::Skip => abort(),
            Outcome::Retry if lives.count(0) == 0 => abort(),
            Outcome::Deadline => thread::sleep(Duration::from_secs(3600)),
            _ => {}
        }
    }
    *done = 1;
    Ok(())
}

/// Has a map end in some way.
fn bring_about(setting: &Setting, outcome: Outcome) {
    let on_death = match outcome {
        Outcome::Retry => OnDeath::Retry(1),
        Outcome::Skip => OnDeath::Skip,
        _ => OnDeath::Fail,
    };
    let mut ctx = setting.processes().on_death(on_death);
    if outcome == Outcome::Deadline {
        ctx = ctx.deadline(Duration::from_millis(15));
    }
    let ctx = ctx.build().unwrap();
    let lives = Counters::new(1);
    let mut done = ctx.alloc::<u8>().shape(20).build().unwrap();
    let mut sum = ctx.alloc::<u64>().shape(()).build().unwrap();
    let items = if outcome == Outcome::Refusal { 21 } else { 20_usize };
    let mapped = ctx.map(act { outcome, lives: &lives, done: &mut done, sum: &mut sum }, 0..items);
    let kind = mapped.map(|report| report.deaths().len()).map_err(|error| error.kind());
    let expected = match outcome {
        Outcome::Success => Ok(0),
        Outcome::Failure => Err(ErrorKind::Kernel),
        Outcome::Panic => Err(ErrorKind::Panic),
        Outcome::Death => Err(ErrorKind::Died),
        Outcome::Deadline => Err(ErrorKind::Deadline),
        Outcome::Retry | Outcome::Skip => Ok(1),
        Outcome::Refusal => Err(ErrorKind::Shape),
    };
    assert_eq!(kind, expected, "{outcome:?}");
}

/// What is asked of the system must be the same after every outcome as before.
fn check_same<T: PartialEq + std::fmt::Debug>(setting: &Setting, ask: impl Fn() -> T) {
    // What is made on first use, and kept, is made here.
    bring_about(setting, Outcome::Failure);
    for outcome in OUTCOMES {
        let before = ask();
        bring_about(setting, outcome);
        assert_eq!(ask(), before, "after {outcome:?}");
    }
}

/// Masks, ignored and handled signals of this process.
fn signals() -> Vec<String> {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    status.lines().filter(|line| line.starts_with("Sig") && !line.starts_with("SigQ")).map(str::to_owned).collect()
}

fn signal_handlers_and_masks_are_the_same_after_every_outcome(setting: &Setting) {
    assert!(signals().len() >= 4, "{:?}", signals());
    check_same(setting, signals);
    let counted = Counters::new(65);
    let _handlers = count_signals(&[Signal::SIGINT, Signal::SIGTERM, Signal::SIGCHLD, Signal::SIGUSR1], &counted);
    let mut blocked = SigSet::empty();
    blocked.add(Signal::SIGTERM);
    blocked.add(Signal::SIGUSR2);
    let before = blocked.thread_swap_mask(SigmaskHow::SIG_BLOCK).unwrap();
    check_same(setting, signals);
    before.thread_set_mask().unwrap();
}

fn handlers_of_the_host_do_not_run_in_workers(setting: &Setting) {
    let counted = Counters::new(65);
    let signals = [Signal::SIGINT, Signal::SIGTERM];
    let _handlers = count_signals(&[Signal::SIGINT, Signal::SIGTERM, Signal::SIGCHLD], &counted);
    let ctx = setting.processes();
    let ctx = ctx.on_death(OnDeath::Skip).build().unwrap();
    for signal in signals {
        #[pasha::kernel]
        fn send(_worker_id: usize, index: usize, _item: usize, #[param] signal: Signal) {
            if index == 5 {
                // The child of a worker, too, is nothing to the host's handler.
                let mut child = Command::new("true").spawn().unwrap();
                child.wait().unwrap();
                raise(signal).unwrap();
            }
        }

        let report = ctx.map(send { signal }, 0..20_usize).unwrap();
        assert_eq!(report.skipped(), [5]);
        assert_eq!(counted.get(signal as usize), 0, "{signal} ran a handler of the host");
    }
    let host = counted.get(Signal::SIGCHLD as usize);
    let starts = 2 * (setting.ctx().workers() as u64 + 2);
    assert!(host <= starts, "a handler counted {host} children, and at most {starts} were the host's");
}

fn handlers_of_the_host_run_in_the_host_during_a_map(setting: &Setting) {
    #[pasha::kernel]
    fn tell(_worker_id: usize, index: usize, _item: usize, #[param] host: u32, #[param] counted: &Counters) {
        if index == 5 {
            nix::sys::signal::kill(Pid::from_raw(host as i32), Signal::SIGUSR1).unwrap();
            counted.wait_for(Signal::SIGUSR1 as usize, 1);
        }
    }

    let counted = Counters::new(65);
    let _handlers = count_signals(&[Signal::SIGUSR1], &counted);
    assert_eq!(setting.ctx().map(tell { host: id(), counted: &counted }, 0..20_usize).unwrap().items(), 20);
    assert_eq!(counted.get(Signal::SIGUSR1 as usize), 1);
}

fn children_of_the_host_are_neither_ended_nor_waited_for(setting: &Setting) {
    /// Ended with the test, however that ends.
    struct Asleep(Child);

    impl Drop for Asleep {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    let mut asleep = Asleep(Command::new("sleep").arg("1000").spawn().unwrap());
    let mut over = Command::new("sh").args(["-c", "exit 3"]).spawn().unwrap();
    for outcome in OUTCOMES {
        bring_about(setting, outcome);
        assert!(asleep.0.try_wait().unwrap().is_none(), "it was ended by {outcome:?}");
    }
    assert_eq!(over.wait().unwrap().code(), Some(3), "nobody else asked for its status");
}

fn a_child_of_the_host_that_ends_during_a_map_keeps_its_status(setting: &Setting) {
    #[pasha::kernel]
    fn doze(_worker_id: usize, _index: usize, _item: usize) {
        thread::sleep(Duration::from_millis(1));
    }

    let mut child = Command::new("sh").args(["-c", "sleep 0.01; exit 3"]).spawn().unwrap();
    setting.ctx().map(doze {}, 0..60_usize).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

/// The open files of this process, and what they are.
fn files() -> BTreeSet<(String, String)> {
    let entries = fs::read_dir("/proc/self/fd").unwrap();
    let name = |path: &std::path::Path| path.display().to_string();
    let all = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        // What the folder itself was read by is closed again.
        Some((name(path.file_name()?.as_ref()), name(&fs::read_link(&path).ok()?)))
    });
    all.filter(|(_, file)| !file.ends_with("/fd")).collect()
}

fn open_files_are_the_same_after_every_outcome(setting: &Setting) {
    check_same(setting, files);
}

fn no_file_of_the_library_is_open_in_a_program_that_a_kernel_runs(setting: &Setting) {
    /// What a program finds open: its standard streams, and the folder that it reads. What the host left open is none of ours.
    fn open() -> Result<String, String> {
        let output = Command::new("ls").arg("/proc/self/fd").stderr(Stdio::null()).output();
        String::from_utf8(output.map_err(|error| error.to_string())?.stdout).map_err(|error| error.to_string())
    }

    #[pasha::kernel]
    fn compare(_worker_id: usize, _index: usize, _item: usize, #[param] expected: &str) -> Result<(), String> {
        let found = open()?;
        if found == expected { Ok(()) } else { Err(format!("{found:?} instead of {expected:?}")) }
    }

    let expected = open().unwrap();
    setting.ctx().map(compare { expected: &expected }, 0..12_usize).unwrap();
}

fn flags_of_the_standard_streams_are_the_same(setting: &Setting) {
    let flags = || {
        let of = |file: &dyn AsFdDyn| fcntl(file.fd(), FcntlArg::F_GETFL).map(OFlag::from_bits_truncate);
        (of(&std::io::stdin()), of(&std::io::stdout()), of(&std::io::stderr()))
    };
    check_same(setting, flags);
}

trait AsFdDyn {
    fn fd(&self) -> std::os::fd::BorrowedFd<'_>;
}

impl<F: AsFd> AsFdDyn for F {
    fn fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.as_fd()
    }
}

/// Shared mappings and threads of this process, and its mappings of any kind that hold code.
fn inventory() -> (Vec<String>, usize) {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let is_kept =
        |line: &&str| line.split(' ').nth(1).is_some_and(|rights| rights.ends_with('s') || rights.contains('x'));
    let kept = maps.lines().filter(is_kept).map(str::to_owned).collect();
    (kept, fs::read_dir("/proc/self/task").unwrap().count())
}

fn threads_and_mappings_are_the_same_after_every_outcome(setting: &Setting) {
    check_same(setting, inventory);
}

fn nothing_of_shared_arrays_can_be_opened_or_cut(setting: &Setting) {
    let before = files();
    let array = setting.ctx().alloc::<u64>().shape(100_000).build().unwrap();
    assert_eq!(files(), before, "there is no descriptor that somebody could cut short");
    let address = array.as_ptr().addr();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let holds = |line: &&str| {
        let (start, rest) = line.split_once('-').unwrap();
        let end = rest.split(' ').next().unwrap();
        let number = |text| usize::from_str_radix(text, 16).unwrap();
        (number(start)..number(end)).contains(&address)
    };
    let line = maps.lines().find(holds).unwrap();
    assert!(line.contains("rw-s") && line.ends_with("/dev/zero (deleted)"), "anonymous, without a name: {line}");
}

fn the_process_group_and_the_session_are_the_same(setting: &Setting) {
    check_same(setting, || (getpgrp(), getsid(None)));

    #[pasha::kernel]
    fn place(_worker_id: usize, _index: usize, _item: usize, #[out] group: &mut i32, #[out] session: &mut i32) {
        *group = getpgrp().as_raw();
        *session = getsid(None).unwrap().as_raw();
    }

    let mut groups = setting.ctx().alloc::<i32>().shape(20).build().unwrap();
    let mut sessions = setting.ctx().alloc::<i32>().shape(20).build().unwrap();
    setting.ctx().map(place { group: &mut groups, session: &mut sessions }, 0..20_usize).unwrap();
    assert!(groups.iter().all(|group| *group != getpgrp().as_raw()), "workers are groups of their own");
    assert!(sessions.iter().all(|session| *session == getsid(None).unwrap().as_raw()), "in the session of the host");
}

fn the_panic_hook_of_the_host_is_called_where_a_kernel_panics(setting: &Setting) {
    let calls: &'static Counters = Box::leak(Box::new(Counters::new(2)));
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |_| {
        calls.count(0);
    }));
    bring_about(setting, Outcome::Panic);
    let in_kernels = calls.get(0);
    let caught = panic::catch_unwind(|| panic!("on purpose"));
    panic::set_hook(usual);
    assert!(caught.is_err());
    assert_eq!((in_kernels, calls.get(0)), (1, 2), "the hook is still the host's");
}

fn exit_by_handlers() {
    on_exit(|| println!("handler of {}", id()));
    let ctx = Context::processes().workers(3).build().unwrap();
    let lives = Counters::new(1);
    for outcome in [Outcome::Success, Outcome::Failure, Outcome::Panic, Outcome::Death] {
        let mut done = ctx.alloc::<u8>().shape(20).build().unwrap();
        let mut sum = ctx.alloc::<u64>().shape(()).build().unwrap();
        let _ = ctx.map(act { outcome, lives: &lives, done: &mut done, sum: &mut sum }, 0..20_usize);
    }
    println!("main of {}", id());
}

fn said_by(role: &str) -> (String, String) {
    let output = again(role).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

fn exit_handlers_run_once_and_in_the_host(_setting: &Setting) {
    let (said, _) = said_by("exit by handlers");
    let (main, handler) = said.split_once('\n').unwrap_or_else(|| panic!("{said}"));
    assert_eq!(handler.trim_end(), main.replace("main", "handler"));
}

fn exit_in_kernels() {
    #[pasha::kernel]
    fn leave(_worker_id: usize, index: usize, _item: usize) {
        if index % 7 == 3 {
            print_by_c("<leaves>");
            exit(3);
        }
    }

    on_exit(|| print_by_c(&format!("handler of {}", id())));
    let builder = || Context::processes().workers(3).on_death(OnDeath::Skip);
    for ctx in [builder().build().unwrap(), builder().resident().build().unwrap()] {
        let report = ctx.map(leave {}, 0..20_usize).unwrap();
        assert_eq!(report.skipped(), [3, 10, 17]);
        assert!(report.deaths().iter().all(|death| death.cause() == CauseOfDeath::Exit(3)));
    }
    println!("main of {}", id());
}

fn exit_handlers_of_the_host_do_not_run_where_a_kernel_exits(_setting: &Setting) {
    let (said, _) = said_by("exit in kernels");
    assert_eq!(said.matches("<leaves>").count(), 6, "what was printed before is shown: {said}");
    let said = said.replace("<leaves>", "");
    let (main, handler) = said.split_once('\n').unwrap_or_else(|| panic!("{said}"));
    assert_eq!(handler.trim_end(), main.replace("main", "handler"));
}

fn print_by_c_around_maps() {
    #[pasha::kernel]
    fn print(_worker_id: usize, index: usize, _item: usize) {
        print_by_c(&format!("<{index}>"));
    }

    let ctx = Context::processes().workers(3).schedule(Schedule::Static).build().unwrap();
    print_by_c("[begun]");
    ctx.map(print {}, 0..6_usize).unwrap();
    print_by_c("[ended]");
}

fn output_that_waits_in_buffers_of_c_is_printed_once(_setting: &Setting) {
    let (said, _) = said_by("print by c");
    assert!(said.starts_with("[begun]") && said.ends_with("[ended]"), "{said}");
    for word in ["[begun]", "<0><1>", "<2><3>", "<4><5>", "[ended]"] {
        assert_eq!(said.matches(word).count(), 1, "{said}");
    }
}

#[pasha::kernel]
fn speak(_worker_id: usize, index: usize, _item: usize, #[param] lines: usize, #[param] deadly: usize) {
    for line in 0..lines {
        eprintln!("<{index}: line {line}>");
    }
    if index == deadly {
        eprint!("\u{fffd} last words of item {index}");
        exit(3);
    }
}

fn speak_on_stderr() {
    let ctx = Context::processes().workers(3).on_death(OnDeath::Skip).build().unwrap();
    ctx.map(speak { lines: 40, deadly: 7 }, 0..20_usize).unwrap();
    eprintln!("[the host goes on]");
}

fn what_kernels_say_on_stderr_is_shown_once(_setting: &Setting) {
    let (_, said) = said_by("speak on stderr");
    let said = said.strip_suffix("[the host goes on]\n").unwrap_or_else(|| panic!("{said}"));
    let lines = (0..20).flat_map(|index| (0..40).map(move |line| format!("<{index}: line {line}>\n")));
    let expected = lines.chain(["\u{fffd} last words of item 7".to_owned()]).collect::<String>();
    let sorted = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    // Lines of several workers may be mixed.
    assert_eq!(sorted(said), sorted(&expected), "{said}");
}

fn what_kernels_say_on_stderr_is_told_with_their_death(setting: &Setting) {
    let error = without_stderr(|| setting.ctx().map(speak { lines: 2, deadly: 7 }, 0..20_usize).unwrap_err());
    let death = &error.deaths()[0];
    assert!(death.stderr().ends_with("<7: line 0>\n<7: line 1>\n\u{fffd} last words of item 7"), "{}", death.stderr());
    assert!(error.to_string().contains("last words of item 7"), "{error}");

    let error = setting.ctx().map(speak { lines: 0, deadly: 50 }, 0..20_usize);
    assert!(error.unwrap().deaths().is_empty());
}

fn a_long_story_on_stderr_is_told_from_its_end(setting: &Setting) {
    let error = without_stderr(|| setting.ctx().map(speak { lines: 20_000, deadly: 0 }, 0..3_usize).unwrap_err());
    let story = error.deaths()[0].stderr();
    assert!((4096..=16_384).contains(&story.len()), "{} bytes", story.len());
    assert!(story.ends_with("<0: line 19999>\n\u{fffd} last words of item 0"), "{story}");
    assert!(error.to_string().len() < 1000, "{error}");
}

/// Keeps what workers say from who reads the output of the tests.
fn without_stderr<R>(run: impl FnOnce() -> R) -> R {
    let (mut reader, writer) = pipe().unwrap().into_files();
    fcntl(&reader, FcntlArg::F_SETPIPE_SZ(1 << 20)).unwrap();
    let kept = nix::unistd::dup(std::io::stderr()).unwrap();
    nix::unistd::dup2_stderr(&writer).unwrap();
    let result = run();
    nix::unistd::dup2_stderr(&kept).unwrap();
    drop(writer);
    let mut said = Vec::new();
    reader.read_to_end(&mut said).unwrap();
    result
}

trait IntoFiles {
    fn into_files(self) -> (fs::File, fs::File);
}

impl IntoFiles for (std::os::fd::OwnedFd, std::os::fd::OwnedFd) {
    fn into_files(self) -> (fs::File, fs::File) {
        (self.0.into(), self.1.into())
    }
}

fn a_kernel_that_closes_stderr_does_no_harm(setting: &Setting) {
    #[pasha::kernel]
    fn close(_worker_id: usize, index: usize, _item: usize, #[param] deadly: usize, #[out] done: &mut u8) {
        if index == 3 {
            // A worker may be the one that has closed it before.
            let _ = nix::unistd::close(std::io::stderr().as_raw_fd());
        }
        thread::sleep(Duration::from_millis(1));
        if index == deadly {
            abort();
        }
        *done = 1;
    }

    let mut done = setting.ctx().alloc::<u8>().shape(20).build().unwrap();
    setting.ctx().map(close { deadly: 99, done: &mut done }, 0..20_usize).unwrap();
    assert_eq!(done.to_vec(), [1; 20]);
    let error = setting.ctx().map(close { deadly: 3, done: &mut done }, 0..20_usize).unwrap_err();
    assert_eq!((error.index(), error.deaths()[0].stderr()), (Some(3), ""));
}
