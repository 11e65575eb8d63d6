//! What a waiting worker sees of the program, and what the program sees of it: the table in the documentation of `resident()`.

#![allow(unsafe_code)]

use std::env;
use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::process::id;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pasha::prelude::*;
use pasha::{ErrorKind, Ix1};
use pasha_tests::support::{Case, Role, Session, Setting, again};

macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        pub(crate) const CASES: &[Case] = &[$(Case {
            name: concat!(module_path!(), "::", stringify!($case)),
            run: |setting| $case(setting),
        }),*];
    };
}

cases![
    arrays_allocated_later_are_seen,
    workers_keep_their_statics_from_map_to_map,
    scratch_is_made_anew_for_each_map,
    an_array_that_is_not_bound_is_read_only,
    an_array_is_read_only_again_when_it_is_not_bound_any_more,
    contexts_beside_each_other_do_their_own_maps,
    arrays_of_another_resident_context_can_be_bound,
    arrays_outlive_their_context,
    freed_memory_goes_back_but_for_a_bounded_part,
    maps_beside_other_threads_are_right,
    maps_of_several_threads_take_turns,
    contexts_can_be_made_beside_threads,
    a_map_that_would_have_to_fork_beside_threads_is_an_error_that_says_why,
    initializing_again_changes_nothing,
    workers_see_the_program_as_it_was_at_init,
    files_opened_before_are_shared_and_later_ones_are_not_there,
    an_array_in_a_static_is_read_only_unless_it_is_bound,
    without_init_a_context_beside_threads_is_an_error_that_says_what_to_do,
];

/// The programs that the cases watch from outside.
pub(crate) const ROLES: &[Role] = &[
    Role { name: "change the world", act: change_the_world },
    Role { name: "open files", act: open_files },
    Role { name: "write to a static array", act: write_to_a_static_array },
    Role { name: "begin with threads", act: begin_with_threads },
];

const PATIENCE: Duration = Duration::from_secs(30);

#[pasha::kernel]
fn fill(_worker_id: usize, index: usize, _item: usize, #[param] plus: usize, #[out] value: &mut usize) {
    *value = index + plus;
}

fn fill_by(ctx: &Context, values: &mut SharedArray<usize, Ix1>, plus: usize) {
    let items = values.len();
    let report = ctx.map(fill { plus, value: values }, 0..items).unwrap();
    assert_eq!(report.why_forked(), None);
    assert!(values.iter().enumerate().all(|(index, value)| *value == index + plus), "{values}");
}

fn map_by(ctx: &Context, items: usize, plus: usize) {
    fill_by(ctx, &mut ctx.alloc().shape(items).build().unwrap(), plus);
}

fn passes(role: &str) {
    assert_eq!(Session::start(again(role)).succeed(PATIENCE), "through\n");
}

fn arrays_allocated_later_are_seen(setting: &Setting) {
    let ctx = setting.ctx();
    map_by(ctx, 10, 0);
    let mut all = Vec::new();
    // Of a page, of many, of a huge one.
    for (round, items) in [1, 7, 512, 5_000, 300_000, 20].into_iter().cycle().take(30).enumerate() {
        let mut values = ctx.alloc().shape(items).build().unwrap();
        fill_by(ctx, &mut values, round);
        all.push(values);
    }
    for (round, values) in all.iter().enumerate() {
        assert!(values.iter().enumerate().all(|(index, value)| *value == index + round));
    }
}

fn workers_keep_their_statics_from_map_to_map(setting: &Setting) {
    static CALLS: AtomicU64 = AtomicU64::new(0);

    #[pasha::kernel]
    fn count(_worker_id: usize, _index: usize, _item: usize, #[out] calls: &mut u64, #[out] pid: &mut u32) {
        *calls = CALLS.fetch_add(1, SeqCst) + 1;
        *pid = id();
    }

    let ctx = setting.with_workers(setting.ctx().workers());
    let (mut total, mut last) = (0, std::collections::HashMap::new());
    for _ in 0..20 {
        let mut calls = ctx.alloc::<u64>().shape(30).build().unwrap();
        let mut pids = ctx.alloc::<u32>().shape(30).build().unwrap();
        ctx.map(count { calls: &mut calls, pid: &mut pids }, 0..30_usize).unwrap();
        total += 30;
        for (calls, pid) in calls.iter().zip(&pids) {
            let last = last.entry(*pid).or_insert(0);
            *last = (*calls).max(*last);
        }
    }
    assert_eq!(last.values().sum::<u64>(), total, "{last:?}");
    assert!(last.len() <= ctx.workers() && !last.contains_key(&id()), "{last:?}");
    assert_eq!(CALLS.load(SeqCst), 0, "they are the workers' own");
}

fn scratch_is_made_anew_for_each_map(setting: &Setting) {
    #[pasha::kernel]
    fn count(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[scratch] calls: &mut u64,
        #[out] made: &mut u64,
        #[out] pid: &mut u32,
    ) {
        *calls += 1;
        *made = u64::from(*calls == 1);
        *pid = id();
    }

    let ctx = setting.ctx();
    for _ in 0..20 {
        let mut made = ctx.alloc::<u64>().shape(20).build().unwrap();
        let mut pids = ctx.alloc::<u32>().shape(20).build().unwrap();
        let report = ctx.map(count { calls: || 0, made: &mut made, pid: &mut pids }, 0..20_usize).unwrap();
        assert_eq!(report.why_forked(), None);
        let mut pids = pids.to_vec();
        pids.sort_unstable();
        pids.dedup();
        assert_eq!(made.sum(), pids.len() as u64);
    }
}

/// Writes to an array behind the back of the library.
#[pasha::kernel]
fn stray(_worker_id: usize, index: usize, _item: usize, #[param] target: usize, #[out] value: &mut usize) {
    *value = index;
    if index == 3 {
        // SAFETY: this process may not write there, or nobody else reads it.
        unsafe { std::ptr::with_exposed_provenance_mut::<usize>(target).write_volatile(1) };
    }
}

fn check_stray(ctx: &Context, target: &SharedArray<usize, Ix1>) {
    let mut values = ctx.alloc::<usize>().shape(10).build().unwrap();
    let target_at = target.as_ptr().expose_provenance();
    let error = ctx.map(stray { target: target_at, value: &mut values }, 0..10_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(3)), "{error}");
    assert!(error.to_string().contains("not bound to"), "{error}");
}

fn an_array_that_is_not_bound_is_read_only(setting: &Setting) {
    let ctx = setting.ctx();
    for items in [1, 1000, 1 << 19] {
        let target = ctx.alloc().shape(items).fill(7_usize).build().unwrap();
        check_stray(ctx, &target);
        assert!(target.iter().all(|value| *value == 7));
        map_by(ctx, 20, 1);
    }
}

fn an_array_is_read_only_again_when_it_is_not_bound_any_more(setting: &Setting) {
    let ctx = setting.ctx();
    let mut target = ctx.alloc().shape(100).build().unwrap();
    for round in 0..5 {
        fill_by(ctx, &mut target, round);
        fill_by(ctx, &mut target, round + 1);
        check_stray(ctx, &target);
        assert!(target.iter().enumerate().all(|(index, value)| *value == index + round + 1));
    }
}

fn contexts_beside_each_other_do_their_own_maps(setting: &Setting) {
    let others: Vec<Context> = (1..4).map(|workers| setting.with_workers(workers)).collect();
    for round in 0..50 {
        for (number, ctx) in others.iter().enumerate() {
            map_by(ctx, 1 + round % 40, number);
        }
    }
    thread::scope(|scope| {
        for (number, ctx) in others.iter().enumerate() {
            scope.spawn(move || (0..200).for_each(|round| map_by(ctx, 1 + round % 40, number)));
        }
    });
}

fn arrays_of_another_resident_context_can_be_bound(setting: &Setting) {
    let other = setting.with_workers(2);
    let mut values = other.alloc().shape(100).build().unwrap();
    for round in 0..10 {
        fill_by(setting.ctx(), &mut values, round);
        fill_by(&other, &mut values, round + 1);
    }
}

fn arrays_outlive_their_context(setting: &Setting) {
    let other = setting.with_workers(2);
    let mut values = other.alloc().shape(1000).build().unwrap();
    fill_by(&other, &mut values, 1);
    drop(other);
    assert_eq!(values[999], 1000);
    fill_by(setting.ctx(), &mut values, 2);
}

fn freed_memory_goes_back_but_for_a_bounded_part(setting: &Setting) {
    let ctx = setting.ctx();
    let resident = || {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssShmem:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() >> 10
    };
    let before = resident();
    for mebibytes in [1, 10, 30, 40] {
        let items = mebibytes << 20;
        let arrays: Vec<_> = (0..6).map(|_| ctx.alloc::<u8>().shape(items).fill(1).build().unwrap()).collect();
        assert!(resident() >= 6 * mebibytes, "{} MiB", resident());
        drop(arrays);
        assert!(resident() <= before + 64, "{before} MiB, then {} after 6 of {mebibytes}", resident());
    }
}

fn maps_beside_other_threads_are_right(setting: &Setting) {
    let over = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !over.load(SeqCst) {
                    drop(vec![String::from("busy"); 10]);
                    thread::yield_now();
                }
            });
        }
        (0..200).for_each(|round| map_by(setting.ctx(), 30, round));
        over.store(true, SeqCst);
    });
}

fn maps_of_several_threads_take_turns(setting: &Setting) {
    #[pasha::kernel]
    fn overlap(_worker_id: usize, index: usize, _item: usize, #[param] begun: u64, #[out] value: &mut u64) {
        thread::sleep(Duration::from_micros(50));
        *value = begun + index as u64;
    }

    let ctx = setting.ctx();
    thread::scope(|scope| {
        for number in 0..5_u64 {
            scope.spawn(move || {
                for round in 0..60 {
                    let begun = number * 1000 + round;
                    let mut values = ctx.alloc::<u64>().shape(1 + round as usize % 20).build().unwrap();
                    let items = values.len();
                    ctx.map(overlap { begun, value: &mut values }, 0..items).unwrap();
                    assert_eq!(values.to_vec(), (begun..begun + items as u64).collect::<Vec<_>>());
                }
            });
        }
    });
}

fn contexts_can_be_made_beside_threads(setting: &Setting) {
    thread::scope(|scope| {
        for number in 1..4 {
            scope.spawn(move || {
                for round in 0..5 {
                    map_by(&setting.with_workers(number), 20, round);
                }
            });
        }
    });
}

fn a_map_that_would_have_to_fork_beside_threads_is_an_error_that_says_why(setting: &Setting) {
    #[pasha::kernel]
    fn add(_worker_id: usize, index: usize, _item: usize, #[param] names: &[String], #[out] value: &mut usize) {
        *value = names[index % names.len()].len();
    }

    let ctx = setting.ctx();
    let names = ["one".to_owned(), "three".to_owned()];
    let mut values = ctx.alloc::<usize>().shape(10).build().unwrap();
    let report = ctx.map(add { names: &names, value: &mut values }, 0..10_usize).unwrap();
    assert!(report.why_forked().is_some_and(|why| why.contains("String")), "{report}");
    assert_eq!(values.sum(), 40);
    thread::scope(|scope| {
        let ended = scope.spawn(|| ctx.map(add { names: &names, value: &mut values }, 0..10_usize).map(drop)).join();
        let error = ended.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Threads, "{error}");
        assert!(error.to_string().contains("String"), "{error}");
    });
    map_by(ctx, 10, 1);
}

fn initializing_again_changes_nothing(setting: &Setting) {
    #[pasha::kernel]
    fn again(_worker_id: usize, _index: usize, _item: usize) -> Result<(), String> {
        pasha::init().map_err(|error| error.to_string())
    }

    pasha::init().unwrap();
    setting.ctx().map(again {}, 0..10_usize).unwrap();
    thread::scope(|scope| scope.spawn(|| pasha::init().unwrap()).join()).unwrap();
}

static CHANGED: AtomicUsize = AtomicUsize::new(1);
const VARIABLE: &str = "PASHA_TESTS_WORLD";

fn change_the_world() {
    #[pasha::kernel]
    fn look(_worker_id: usize, _index: usize, _item: usize) -> Result<(), String> {
        let limit = getrlimit(Resource::RLIMIT_CORE).map_err(|errno| errno.to_string())?;
        let seen =
            (CHANGED.load(SeqCst), env::var(VARIABLE).ok(), env::current_dir().ok(), limit.0, OnceLock::get(&LATE));
        match seen {
            (2, Some(variable), Some(folder), 4096, None) if variable == "before" && folder.as_os_str() == "/proc" => {
                Ok(())
            }
            seen => Err(format!("{seen:?}")),
        }
    }

    static LATE: OnceLock<usize> = OnceLock::new();

    let set = |value: &str, folder: &str, limit| {
        // SAFETY: this program has one thread.
        unsafe { env::set_var(VARIABLE, value) };
        env::set_current_dir(folder).unwrap();
        setrlimit(Resource::RLIMIT_CORE, limit, 1 << 20).unwrap();
    };
    CHANGED.store(2, SeqCst);
    set("before", "/proc", 4096);
    pasha::init().unwrap();
    let change = || {
        CHANGED.store(3, SeqCst);
        set("after", "/", 8192);
        let _ = LATE.set(1);
    };
    change();
    let ctx = Context::processes().workers(2).resident().build().unwrap();
    ctx.map(look {}, 0..20_usize).unwrap();
    change();
    ctx.map(look {}, 0..20_usize).unwrap();
    let forked = Context::processes().workers(2).build().unwrap();
    assert!(forked.map(look {}, 0..20_usize).unwrap_err().to_string().contains("after"));
    println!("through");
}

fn workers_see_the_program_as_it_was_at_init(_: &Setting) {
    passes("change the world");
}

static EARLIER: OnceLock<File> = OnceLock::new();

fn open_files() {
    #[pasha::kernel]
    fn read(_worker_id: usize, _index: usize, _item: usize, #[out] byte: &mut u8, #[out] later: &mut u8) {
        let mut read = [0];
        let mut file = EARLIER.get().expect("it was opened before");
        *byte = if file.read(&mut read).is_ok_and(|len| len == 1) { read[0] } else { 255 };
        let open = fs::read_dir("/proc/self/fd").expect("/proc is mounted").flatten();
        let links = open.filter_map(|entry| fs::read_link(entry.path()).ok());
        *later = links.filter(|link| link.to_string_lossy().contains("-later")).count() as u8;
    }

    let open = |name| {
        let path = env::temp_dir().join(format!("pasha-tests-{}-{name}", id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        fs::remove_file(path).unwrap();
        file
    };
    let mut file = open("earlier");
    file.write_all(&(0..100).collect::<Vec<u8>>()).unwrap();
    file.rewind().unwrap();
    EARLIER.set(file).unwrap();
    pasha::init().unwrap();
    let _later = open("later");
    let ctx = Context::processes().workers(2).resident().build().unwrap();
    let mut file = EARLIER.get().unwrap();
    for round in 0..4_u8 {
        let mut bytes = ctx.alloc::<u8>().shape(20).build().unwrap();
        let mut later = ctx.alloc::<u8>().shape(20).build().unwrap();
        ctx.map(read { byte: &mut bytes, later: &mut later }, 0..20_usize).unwrap();
        let mut bytes = bytes.to_vec();
        bytes.sort_unstable();
        let begin = 25 * round;
        assert_eq!(bytes, (begin..begin + 20).collect::<Vec<u8>>(), "one position for all");
        assert_eq!(later.sum(), 0, "it was opened later");
        // The program goes on where the workers are.
        let mut read = [0; 5];
        file.read_exact(&mut read).unwrap();
        assert_eq!(read[0], begin + 20);
    }
    println!("through");
}

fn files_opened_before_are_shared_and_later_ones_are_not_there(_: &Setting) {
    passes("open files");
}

static SMUGGLED: OnceLock<Mutex<SharedArray<usize, Ix1>>> = OnceLock::new();

fn write_to_a_static_array() {
    #[pasha::kernel]
    fn smuggle(_worker_id: usize, index: usize, _item: usize) {
        if index == 3 {
            SMUGGLED.get().expect("it was made before").lock().expect("nobody panicked")[0] += 1;
        }
    }

    let forking = Context::processes().workers(2).build().unwrap();
    SMUGGLED.set(Mutex::new(forking.alloc().shape(1000).build().unwrap())).unwrap();
    pasha::init().unwrap();
    let ctx = Context::processes().workers(2).resident().build().unwrap();
    for ctx in [&forking, &ctx] {
        let error = ctx.map(smuggle {}, 0..10_usize).unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(3)), "{error}");
        assert!(error.to_string().contains("not bound to"), "{error}");
        assert_eq!(SMUGGLED.get().unwrap().lock().unwrap()[0], 0);
    }
    println!("through");
}

fn an_array_in_a_static_is_read_only_unless_it_is_bound(_: &Setting) {
    passes("write to a static array");
}

fn begin_with_threads() {
    let make = || Context::processes().workers(2).resident().build();
    thread::scope(|scope| {
        let error = scope.spawn(make).join().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Threads, "{error}");
        assert!(error.to_string().contains("`pasha::init()` in the first line of `main`"), "{error}");
        assert_eq!(scope.spawn(pasha::init).join().unwrap().unwrap_err().kind(), ErrorKind::Threads);
    });
    // They have ended.
    let ctx = make().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| map_by(&ctx, 20, 1));
        scope.spawn(|| map_by(&make().unwrap(), 20, 2));
    });
    println!("through");
}

fn without_init_a_context_beside_threads_is_an_error_that_says_what_to_do(_: &Setting) {
    passes("begin with threads");
}
