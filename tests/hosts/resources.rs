//! When there is not enough of something: an error, no child, no change, and the next map works.

use std::fs;
use std::hint::black_box;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Command, id};
use std::thread::sleep;
use std::time::Duration;

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, CpuSet, sched_getaffinity, sched_setaffinity, unshare};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use pasha::prelude::*;
use pasha::{CauseOfDeath, ErrorKind, Ix1};
use pasha_tests::support::{Counters, MappedFile, Role, Session, again};

use super::interposed::{fail_fork_after, forks};
use super::{cases, skipped};

cases![
    the_kth_fork_that_fails_is_an_error_and_nothing_is_left,
    a_replacement_that_cannot_be_forked_is_an_error_that_says_what_was_done,
    nothing_is_forked_for_no_items,
    nothing_is_forked_for_what_is_refused,
    no_more_are_forked_than_there_are_items,
    files_that_cannot_be_opened_are_an_error_and_nothing_is_left,
    memory_that_cannot_be_had_is_an_error_with_the_bytes,
    a_limit_on_the_size_of_files_does_no_harm,
    a_full_dev_shm_does_no_harm,
    a_worker_ended_for_want_of_memory_is_an_error_with_a_hint,
    a_mapped_file_that_is_cut_short_is_an_error_at_the_index,
    affinity_bounds_the_default_number_of_workers,
    a_quota_bounds_the_default_number_of_workers,
];

pub(crate) const ROLES: &[Role] = &[
    Role { name: "map with little memory", act: map_with_little_memory },
    Role { name: "map with a limit on files", act: map_with_a_limit_on_files },
    Role { name: "map with a full /dev/shm", act: map_with_a_full_dev_shm },
    Role { name: "map in a small control group", act: map_in_a_small_control_group },
    Role { name: "say how many workers", act: say_how_many_workers },
];

const PATIENCE: Duration = Duration::from_secs(30);

#[pasha::kernel]
fn fill(_worker_id: usize, index: usize, _item: usize, #[out] value: &mut usize) {
    *value = index + 1;
}

fn check_map(ctx: &Context) {
    let mut values = ctx.alloc::<usize>().shape(40).build().unwrap();
    assert_eq!(ctx.map(fill { value: &mut values }, 0..40_usize).unwrap().items(), 40);
    assert_eq!(values.to_vec(), (1..=40).collect::<Vec<_>>());
}

fn check_nobody_is_left() {
    assert_eq!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Err(Errno::ECHILD), "a worker is left");
}

/// A map that must fail before anything runs.
fn fail(ctx: &Context) -> pasha::Error {
    let mut values = ctx.alloc::<usize>().shape(40).fill(7).build().unwrap();
    let error = ctx.map(fill { value: &mut values }, 0..40_usize).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::System, "{error}");
    check_nobody_is_left();
    assert_eq!(values.to_vec(), [7; 40]);
    error
}

fn the_kth_fork_that_fails_is_an_error_and_nothing_is_left() {
    for on_death in [OnDeath::Fail, OnDeath::Retry(2), OnDeath::Skip] {
        let ctx = Context::processes().workers(5).on_death(on_death).build().unwrap();
        for (good, errno) in (0..5).flat_map(|good| [(good, Errno::EAGAIN), (good, Errno::ENOMEM)]) {
            let before = forks();
            let failing = fail_fork_after(good, errno);
            let error = fail(&ctx);
            drop(failing);
            assert_eq!(forks() - before, u64::from(good) + 1);
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains(errno.desc()) && error.to_string().contains("forked"), "{error}: {cause}");
            check_map(&ctx);
        }
    }
}

fn a_replacement_that_cannot_be_forked_is_an_error_that_says_what_was_done() {
    #[pasha::kernel]
    fn die_at_9(_worker_id: usize, index: usize, _item: usize, #[param] told: &Counters, #[out] row: &mut [usize]) {
        row[0] = index + 1;
        if index == 9 {
            // The other worker is done, and so are the items of this one before.
            told.wait_for(0, 29);
            std::process::abort();
        }
        told.count(0);
        row[1] = index + 1;
    }

    for on_death in [OnDeath::Retry(2), OnDeath::Skip] {
        let builder = Context::processes().workers(2).schedule(Schedule::Static);
        let ctx = builder.on_death(on_death).build().unwrap();
        let mut rows = ctx.alloc::<usize>().shape((40, 2)).fill(77).build().unwrap();
        let told = Counters::new(1);
        let failing = fail_fork_after(2, Errno::EAGAIN);
        let mapped = ctx.map(die_at_9 { told: &told, row: &mut rows }, 0..40_usize);
        drop(failing);
        check_nobody_is_left();
        let error = mapped.unwrap_err();
        assert_eq!((error.kind(), error.items(), error.deaths().len()), (ErrorKind::System, 40, 1), "{error}");
        assert_eq!(error.done(), 29, "{error}");
        let undone: Vec<usize> = error.undone().iter().cloned().flatten().collect();
        assert!(undone.contains(&9) || on_death == OnDeath::Skip, "{undone:?}");
        for index in 0..40 {
            let row = rows.row(index).to_vec();
            let expected = if undone.contains(&index) || index == 9 { [77; 2] } else { [index + 1; 2] };
            let torn = error.torn().iter().any(|torn| torn.contains(&index));
            assert!(torn || row == expected, "index {index}: {row:?}, {error}");
        }
        check_map(&ctx);
    }
}

fn nothing_is_forked_for_no_items() {
    let ctx = Context::processes().workers(3).build().unwrap();
    let mut values = ctx.alloc::<usize>().shape(0).build().unwrap();
    let before = forks();
    assert_eq!(ctx.map(fill { value: &mut values }, 0..0_usize).unwrap().items(), 0);
    assert_eq!(forks(), before);
}

fn nothing_is_forked_for_what_is_refused() {
    let ctx = Context::processes().workers(3).build().unwrap();
    let before = forks();
    let mut too_short = ctx.alloc::<usize>().shape(39).fill(7).build().unwrap();
    let mut private = Context::serial().alloc::<usize>().shape(40).fill(7).build().unwrap();
    assert_eq!(ctx.map(fill { value: &mut too_short }, 0..40_usize).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(ctx.map(fill { value: &mut private }, 0..40_usize).unwrap_err().kind(), ErrorKind::Visibility);
    assert!(too_short.iter().chain(private.iter()).all(|value| *value == 7));
    assert_eq!(forks(), before);
}

fn no_more_are_forked_than_there_are_items() {
    let ctx = Context::processes().workers(6).build().unwrap();
    for items in 1..9 {
        let mut values = ctx.alloc::<usize>().shape(items).build().unwrap();
        let before = forks();
        ctx.map(fill { value: &mut values }, 0..items).unwrap();
        assert_eq!(forks() - before, items.min(6) as u64);
    }
}

fn files_that_cannot_be_opened_are_an_error_and_nothing_is_left() {
    let ctx = Context::processes().workers(4).build().unwrap();
    check_map(&ctx);
    let next_file = u64::from(fs::File::open("/dev/null").unwrap().as_raw_fd().cast_unsigned());
    let (before, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let mut failures = 0;
    for room in 0..40 {
        let mut values = ctx.alloc::<usize>().shape(40).fill(7).build().unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, next_file + room, most).unwrap();
        let mapped = ctx.map(fill { value: &mut values }, 0..40_usize);
        setrlimit(Resource::RLIMIT_NOFILE, before, most).unwrap();
        check_nobody_is_left();
        match mapped {
            Ok(report) => assert_eq!((report.items(), values[39]), (40, 40)),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::System, "{error}");
                // Workers that began before the last of them could be watched may have come to some.
                let is_sound = |(index, value): (usize, &usize)| *value == 7 || *value == index + 1;
                assert!(values.iter().enumerate().all(is_sound), "{values}");
                assert!(error.to_string().contains("open files"), "{error}");
                assert_eq!(failures, room, "with more room it worked already");
                failures += 1;
            }
        }
        check_map(&ctx);
    }
    // Each worker takes two files, and one more for a moment.
    assert!((8..12).contains(&failures), "{failures} limits were too low");
}

fn in_role(role: &str) -> String {
    Session::start(again(role)).succeed(PATIENCE)
}

fn map_with_little_memory() {
    let ctx = Context::processes().workers(2).build().unwrap();
    let (_, most) = getrlimit(Resource::RLIMIT_AS).unwrap();
    setrlimit(Resource::RLIMIT_AS, 400 << 20, most).unwrap();
    let bytes = 1_usize << 30;
    for error in
        [
            ctx.alloc::<u8>().shape(bytes).build().unwrap_err(),
            ctx.alloc::<u64>().shape((bytes / 8, 1)).per_worker().build().map(drop).map_err(|_| ()).map_or_else(
                |()| ctx.alloc::<u8>().shape(bytes).build().unwrap_err(),
                |()| panic!("two GiB do not fit"),
            ),
            reduce_into(&ctx, bytes / 8),
            ctx.collect(echo {}, 0..bytes / 8).unwrap_err(),
        ]
    {
        assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
        println!("{error}");
    }
    for shape in [usize::MAX, usize::MAX / 8, isize::MAX as usize] {
        let error = ctx.alloc::<u64>().shape((shape, 2)).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
    }
    check_map(&ctx);
}

#[pasha::kernel]
fn echo(_worker_id: usize, _index: usize, item: usize) -> u64 {
    item as u64
}

fn reduce_into(ctx: &Context, len: usize) -> pasha::Error {
    #[pasha::kernel]
    fn add(_worker_id: usize, index: usize, _item: usize, #[reduce(sum)] sum: &mut [u64]) {
        sum[index] += 1;
    }

    // The result fits, a copy for each worker does not.
    let mut sum = ctx.alloc::<u64>().shape(len / 4).build().unwrap();
    let error = ctx.map(add { sum: &mut sum }, 0..10_usize).unwrap_err();
    assert_eq!(sum.iter().copied().max(), Some(0));
    error
}

fn memory_that_cannot_be_had_is_an_error_with_the_bytes() {
    let said = in_role("map with little memory");
    assert!(said.lines().count() == 4 && said.contains(&format!("{} bytes", 1 << 30)), "{said}");
}

fn map_with_a_limit_on_files() {
    let ctx = Context::processes().workers(2).build().unwrap();
    for limit in [0, 1, 4096] {
        setrlimit(Resource::RLIMIT_FSIZE, limit, limit.max(4096)).unwrap();
        let mut values = ctx.alloc::<u64>().shape(1 << 20).build().unwrap();
        values[(1 << 20) - 1] = 5;
        check_map(&ctx);
    }
    println!("through");
}

fn a_limit_on_the_size_of_files_does_no_harm() {
    assert_eq!(in_role("map with a limit on files"), "through\n");
}

fn map_with_a_full_dev_shm() {
    let made = unshare(CloneFlags::CLONE_NEWNS)
        .and_then(|()| mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>))
        .and_then(|()| mount(Some("shm"), "/dev/shm", Some("tmpfs"), MsFlags::empty(), Some("size=4096")));
    if let Err(errno) = made {
        println!("skipped: {errno}");
        return;
    }
    fs::write("/dev/shm/full", [1; 4096]).unwrap();
    assert!(fs::write("/dev/shm/more", [1]).is_err(), "it is full");
    let ctx = Context::processes().workers(2).build().unwrap();
    let mut values = ctx.alloc::<u64>().shape(1 << 20).build().unwrap();
    values[(1 << 20) - 1] = 5;
    check_map(&ctx);
    println!("through");
}

fn a_full_dev_shm_does_no_harm() {
    let said = in_role("map with a full /dev/shm");
    match said.strip_prefix("skipped: ") {
        Some(why) => skipped("a full /dev/shm", &format!("no private mounts: {}", why.trim_end())),
        None => assert_eq!(said, "through\n"),
    }
}

/// A control group of ours, removed when it is dropped.
struct Group(PathBuf);

impl Group {
    /// With these files written. Beside this process's group, or else none.
    fn make(controller: &str, files: &[(&str, &str)]) -> Result<Self, String> {
        let groups = fs::read_to_string("/proc/self/cgroup").map_err(|error| error.to_string())?;
        let within = |controllers: &str| {
            let lines = groups.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
            lines
                .filter(|(names, _)| names.split(',').any(|name| name == controllers))
                .map(|(_, path)| path.to_owned())
                .next()
        };
        let root = match (within(controller), within("")) {
            (Some(path), _) => format!("/sys/fs/cgroup/{controller}{path}"),
            (None, Some(path)) => format!("/sys/fs/cgroup{path}"),
            (None, None) => return Err(format!("no control group for {controller}")),
        };
        let path = Path::new(&root).join(format!("pasha-tests-{}", id()));
        fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let group = Self(path);
        let written = files.iter().filter(|(file, value)| fs::write(group.0.join(file), value).is_ok()).count();
        if written == 0 { Err(format!("{}: it counts no {controller}", group.0.display())) } else { Ok(group) }
    }

    fn enter(&self, command: &mut Command) {
        command.env("PASHA_TESTS_GROUP", self.0.join("cgroup.procs"));
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for _ in 0..1000 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            sleep(Duration::from_millis(2));
        }
        eprintln!("{} could not be removed", self.0.display());
    }
}

fn enter_the_group() -> Result<(), String> {
    let file = std::env::var("PASHA_TESTS_GROUP").map_err(|error| error.to_string())?;
    fs::write(file, "0").map_err(|error| error.to_string())
}

fn map_in_a_small_control_group() {
    #[pasha::kernel]
    fn eat(_worker_id: usize, index: usize, _item: usize) {
        if index == 7 {
            let mut all = Vec::new();
            loop {
                all.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
    }

    if let Err(why) = enter_the_group() {
        println!("skipped: {why}");
        return;
    }
    let ctx = Context::processes().workers(2).build().unwrap();
    let error = ctx.map(eat {}, 0..20_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(7)), "{error}");
    assert!(matches!(error.deaths()[0].cause(), CauseOfDeath::Signal(_)));
    assert!(error.to_string().contains("want of memory"), "{error}");
    check_map(&ctx);
    let ctx = Context::processes().workers(2).on_death(OnDeath::Skip).build().unwrap();
    assert_eq!(ctx.map(eat {}, 0..20_usize).unwrap().skipped(), [7]);
    println!("through");
}

fn a_worker_ended_for_want_of_memory_is_an_error_with_a_hint() {
    let limit = (64 << 20).to_string();
    match Group::make("memory", &[("memory.limit_in_bytes", &limit), ("memory.max", &limit)]) {
        Err(why) => skipped("a worker ended for want of memory", &why),
        Ok(group) => {
            let mut command = again("map in a small control group");
            group.enter(&mut command);
            let said = Session::start(command).succeed(PATIENCE);
            match said.strip_prefix("skipped: ") {
                Some(why) => skipped("a worker ended for want of memory", why.trim_end()),
                None => assert_eq!(said, "through\n"),
            }
        }
    }
}

fn a_mapped_file_that_is_cut_short_is_an_error_at_the_index() {
    #[pasha::kernel]
    fn read(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] file: &MappedFile,
        #[param] cut: bool,
        #[out] sum: &mut u64,
    ) {
        if cut && index == 3 {
            file.cut();
        }
        *sum = if index == 3 { file.sum(3 * 4096..4 * 4096) } else { 1 };
    }

    let file = MappedFile::of_ones(8 * 4096);
    let ctx = Context::processes().workers(2).build().unwrap();
    let mut sums: SharedArray<u64, Ix1> = ctx.alloc().shape(8).build().unwrap();
    ctx.map(read { file: &file, cut: false, sum: &mut sums }, 0..8_usize).unwrap();
    assert_eq!(sums[3], 4096);
    let error = ctx.map(read { file: &file, cut: true, sum: &mut sums }, 0..8_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(3)), "{error}");
    assert!(error.to_string().contains("SIGBUS") && error.to_string().contains("at address 0x"), "{error}");
    let ctx = Context::processes().workers(2).on_death(OnDeath::Skip).build().unwrap();
    assert_eq!(ctx.map(read { file: &file, cut: true, sum: &mut sums }, 0..8_usize).unwrap().skipped(), [3]);
}

fn say_how_many_workers() {
    if std::env::var_os("PASHA_TESTS_GROUP").is_some() && enter_the_group().is_err() {
        println!("skipped");
        return;
    }
    let processes = Context::processes().build().unwrap().workers();
    println!("{processes} {}", Context::threads().build().unwrap().workers());
}

fn affinity_bounds_the_default_number_of_workers() {
    let myself = Pid::from_raw(0);
    let allowed = sched_getaffinity(myself).unwrap();
    let first = (0..CpuSet::count()).find(|cpu| allowed.is_set(*cpu).unwrap()).unwrap();
    let mut only = CpuSet::new();
    only.set(first).unwrap();
    sched_setaffinity(myself, &only).unwrap();
    let said = in_role("say how many workers");
    sched_setaffinity(myself, &allowed).unwrap();
    assert_eq!(said, "1 1\n");
}

fn a_quota_bounds_the_default_number_of_workers() {
    let files = [("cpu.cfs_period_us", "100000"), ("cpu.cfs_quota_us", "100000"), ("cpu.max", "100000 100000")];
    match Group::make("cpu", &files) {
        Err(why) => skipped("a quota of processors", &why),
        Ok(group) => {
            let mut command = again("say how many workers");
            group.enter(&mut command);
            let said = Session::start(command).succeed(PATIENCE);
            match said.trim_end() {
                "skipped" => skipped("a quota of processors", "the group cannot be entered"),
                said => assert_eq!(said, "1 1"),
            }
        }
    }
}
