//! Programs with other threads, which have promised: whatever these do, workers take no lock that they may hold.

use std::collections::HashMap;
use std::hint::black_box;
use std::panic::catch_unwind;
use std::process::{Stdio, abort};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use pasha::ErrorKind;
use pasha::prelude::*;
use pasha_tests::support::{Counters, Role, Session, again, beside_threads, processes_beside_threads};
use rayon::prelude::*;

use super::cases;
use super::interposed::forks;

cases![
    a_thousand_forks_beside_busy_threads_do_not_hang,
    eight_threads_map_two_hundred_times_on_one_context,
    a_thread_that_maps_and_ends_leaves_a_context_that_works,
    a_map_may_begin_on_a_thread_of_rayon,
    a_kernel_that_waits_for_the_rayon_of_its_host_meets_the_deadline,
    eight_workers_for_each_processor_meet_at_a_barrier,
];

pub(crate) const ROLES: &[Role] = &[
    Role { name: "map beside busy threads", act: map_beside_busy_threads },
    Role { name: "map from rayon", act: map_from_rayon },
    Role { name: "use rayon in a kernel", act: use_rayon_in_a_kernel },
];

const PATIENCE: Duration = Duration::from_secs(50);

#[pasha::kernel]
fn gather(
    _worker_id: usize,
    index: usize,
    value: u64,
    #[param] trouble: usize,
    #[out] doubled: &mut u64,
    #[per_worker] calls: &mut u64,
    #[reduce(sum)] sum: &mut u64,
) -> Result<(), String> {
    *doubled = 2 * value;
    *calls += 1;
    // Allocation is allowed.
    *sum += black_box(vec![value; 100]).iter().sum::<u64>() / 100;
    match index == 7 {
        true if trouble == 1 => Err(format!("on purpose: {value}")),
        true if trouble == 2 => panic!("on purpose: {value}"),
        true if trouble == 3 => abort(),
        _ => Ok(()),
    }
}

fn check_map(ctx: &Context, items: u64, trouble: usize) {
    let mut doubled = ctx.alloc::<u64>().shape(items as usize).build().unwrap();
    let mut calls = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let mut sum = ctx.alloc::<u64>().shape(()).build().unwrap();
    let mapped = ctx.map(gather { trouble, doubled: &mut doubled, calls: &mut calls, sum: &mut sum }, 0..items);
    let expected = [ErrorKind::System, ErrorKind::Kernel, ErrorKind::Panic, ErrorKind::Died][trouble];
    match mapped {
        Ok(_) => {
            assert_eq!(trouble, 0);
            assert!(doubled.iter().zip(0..items).all(|(doubled, value)| *doubled == 2 * value));
            assert_eq!((calls.sum(), sum[()]), (items, items * (items - 1) / 2));
        }
        Err(error) => assert_eq!((error.kind(), error.index()), (expected, Some(7)), "{error}"),
    }
}

fn map_beside_busy_threads() {
    let ctx = processes_beside_threads(3);
    let over: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
    let busy: [fn(); 4] = [
        || println!("a word"),
        || eprintln!("a word"),
        || assert!(catch_unwind(|| panic!("a panic")).is_err()),
        || {
            let mut map = HashMap::new();
            for number in 0..200 {
                map.insert(number, vec![number; number]);
            }
            black_box(map);
        },
    ];
    let others: Vec<_> = busy
        .into_iter()
        .map(|run| {
            thread::spawn(move || {
                while !over.load(SeqCst) {
                    run();
                    thread::sleep(Duration::from_micros(20));
                }
            })
        })
        .collect();
    let mut maps = 0;
    while forks() < 1000 {
        // Now and then a kernel that fails, panics or dies: a worker speaks, and is replaced by nobody.
        let trouble = if maps % 10 == 0 { maps / 10 % 4 } else { 0 };
        check_map(&ctx, 20, trouble);
        maps += 1;
    }
    over.store(true, SeqCst);
    others.into_iter().for_each(|other| other.join().unwrap());
    println!("\n1000 forks");
}

fn a_thousand_forks_beside_busy_threads_do_not_hang() {
    let mut command = again("map beside busy threads");
    command.stderr(Stdio::null());
    let mut program = Session::start(command);
    let begun = Instant::now();
    program.wait_for_line("1000 forks");
    assert!(begun.elapsed() < PATIENCE);
    assert!(program.wait(PATIENCE).is_some_and(|status| status.success()));
}

fn eight_threads_map_two_hundred_times_on_one_context() {
    let ctx = processes_beside_threads(2);
    thread::scope(|scope| {
        for thread in 0..8 {
            let ctx = &ctx;
            scope.spawn(move || (0..200).for_each(|map| check_map(ctx, 8 + (thread * 31 + map) % 30, 0)));
        }
    });
}

fn a_thread_that_maps_and_ends_leaves_a_context_that_works() {
    let ctx = processes_beside_threads(3);
    for round in 0..30 {
        // Workers end with the thread that forked them, which waits for them.
        thread::scope(|scope| drop(scope.spawn(|| check_map(&ctx, 30, round % 4))));
        check_map(&ctx, 30, 0);
    }
    let made_elsewhere = thread::spawn(|| Context::processes().workers(3).build().unwrap()).join().unwrap();
    check_map(&made_elsewhere, 30, 0);
}

fn map_from_rayon() {
    let ctx = processes_beside_threads(2);
    (0..20_u64).into_par_iter().for_each(|map| check_map(&ctx, 10 + map, 0));
    rayon::join(|| check_map(&ctx, 30, 0), || check_map(&ctx, 20, 1));
    println!("through");
}

fn a_map_may_begin_on_a_thread_of_rayon() {
    assert_eq!(Session::start(again("map from rayon")).succeed(PATIENCE), "through\n");
}

fn use_rayon_in_a_kernel() {
    #[pasha::kernel]
    fn sum_up(_worker_id: usize, index: usize, value: u64, #[out] sum: &mut u64) {
        *sum = if index == 4 { (0..10_000 + value).into_par_iter().sum() } else { value };
    }

    let limit = Duration::from_millis(300);
    let threads = (0..10_000_u64).into_par_iter().sum::<u64>();
    assert_eq!(threads, 49_995_000);
    let ctx = beside_threads(Context::processes().workers(2).deadline(limit)).build().unwrap();
    let mut sums = ctx.alloc::<u64>().shape(20).build().unwrap();
    let error = ctx.map(sum_up { sum: &mut sums }, 0..20).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Deadline, Some(4)), "{error}");
    println!("through");
}

fn a_kernel_that_waits_for_the_rayon_of_its_host_meets_the_deadline() {
    assert_eq!(Session::start(again("use rayon in a kernel")).succeed(PATIENCE), "through\n");
}

fn eight_workers_for_each_processor_meet_at_a_barrier() {
    #[pasha::kernel]
    fn meet(
        worker_id: usize,
        _index: usize,
        _item: usize,
        #[param] met: &Counters,
        #[param] all: u64,
        #[out] by: &mut usize,
    ) {
        met.count(0);
        met.wait_for(0, all);
        *by = worker_id;
    }

    let workers = 8 * thread::available_parallelism().unwrap().get();
    for schedule in [Schedule::Static, Schedule::Dynamic] {
        let ctx = Context::processes().workers(workers).schedule(schedule).build().unwrap();
        let met = Counters::new(1);
        let mut by = ctx.alloc::<usize>().shape(workers).build().unwrap();
        ctx.map(meet { met: &met, all: workers as u64, by: &mut by }, 0..workers).unwrap();
        // Nobody could wait twice, for all had to be there.
        assert_eq!(by.to_vec(), (0..workers).collect::<Vec<_>>());
    }
}
