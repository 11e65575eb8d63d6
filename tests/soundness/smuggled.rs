//! Shared arrays that reach workers past the kernel: behind a lock as a `#[param]`, in a static, in a functor, in a scratch closure.
//!
//! Threads share the lock. Every process has a lock of its own over the same memory, so there a stray write ends the worker.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pasha::{ErrorKind, Ix1, SharedArray};
use pasha_tests::support::{Kind, Setting};

use crate::common::{indices, nothing};

cases![
    an_array_behind_a_lock_as_a_param,
    an_array_in_a_static,
    an_array_in_a_functor,
    an_array_in_a_scratch_closure,
    an_array_that_is_only_read,
    an_array_bound_by_a_nested_map,
    an_array_dropped_by_a_worker,
    a_lock_held_by_the_caller_is_not_taken,
];

const ITEMS: usize = 1000;
const LEN: usize = 3000;

type Array = SharedArray<u64, Ix1>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What must be true of a map that increments a smuggled array once an item, and of the array after it.
#[track_caller]
fn expect(setting: &Setting, outcome: pasha::Result<pasha::Report>, array: &mut Array) {
    match (setting.kind, outcome) {
        (Kind::Processes | Kind::Residents, Err(error)) => {
            assert_eq!(error.kind(), ErrorKind::Died, "{error}");
            assert!(error.to_string().contains("not bound to"), "{error}");
            assert!(error.pid().is_some() && error.index().is_some(), "{error:?}");
            assert!(array.iter().all(|value| *value == 0), "a stray write went through");
        }
        (_, outcome) => {
            assert!(!setting.kind.is_elsewhere(), "an increment behind a lock of its own is lost");
            outcome.unwrap();
            assert_eq!(array[0], ITEMS as u64);
        }
    }
    // The host can write as before.
    array[LEN - 1] = 1;
    array[0] = 0;
}

#[pasha::kernel]
fn increment(_worker_id: usize, _index: usize, _item: usize, #[param] array: &Mutex<Array>, #[out] done: &mut u8) {
    lock(array)[0] += 1;
    *done = 1;
}

fn an_array_behind_a_lock_as_a_param(setting: &Setting) {
    let ctx = setting.ctx();
    let array = Mutex::new(ctx.alloc::<u64>().shape(LEN).build().unwrap());
    let mut done = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    let outcome = ctx.map(increment { array: &array, done: &mut done }, 0..ITEMS);
    expect(setting, outcome, &mut lock(&array));
}

static ARRAY: Mutex<Option<Array>> = Mutex::new(None);

fn an_array_in_a_static(setting: &Setting) {
    #[pasha::kernel]
    fn increment_static(_worker_id: usize, _index: usize, _item: usize) {
        lock(&ARRAY).as_mut().expect("it was put there")[0] += 1;
    }

    let ctx = setting.ctx();
    *lock(&ARRAY) = Some(ctx.alloc::<u64>().shape(LEN).build().unwrap());
    let outcome = ctx.map(increment_static {}, 0..ITEMS);
    let mut array = lock(&ARRAY).take().expect("the host's is still there");
    expect(setting, outcome, &mut array);
}

fn an_array_in_a_functor(setting: &Setting) {
    let ctx = setting.ctx();
    let array = Mutex::new(ctx.alloc::<u64>().shape(LEN).build().unwrap());
    let writing = indices(
        ITEMS,
        || (),
        |(), _index| {
            lock(&array)[0] += 1;
            Ok(())
        },
    );
    let outcome = ctx.map(nothing {}, writing);
    expect(setting, outcome, &mut lock(&array));
}

fn an_array_in_a_scratch_closure(setting: &Setting) {
    #[pasha::kernel]
    fn increment_kept(_worker_id: usize, _index: usize, _item: usize, #[scratch] array: &mut &Mutex<Array>) {
        lock(array)[0] += 1;
    }

    let ctx = setting.ctx();
    let array = Mutex::new(ctx.alloc::<u64>().shape(LEN).build().unwrap());
    let outcome = ctx.map(increment_kept { array: || &array }, 0..ITEMS);
    expect(setting, outcome, &mut lock(&array));
}

fn an_array_that_is_only_read(setting: &Setting) {
    #[pasha::kernel]
    fn read(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] locked: &Mutex<Array>,
        #[param] free: &Array,
        #[out] sum: &mut u64,
    ) {
        *sum = lock(locked)[index] + free[index];
    }

    let ctx = setting.ctx();
    let locked = Mutex::new(ctx.alloc::<u64>().shape(LEN).fill(2).build().unwrap());
    let free = ctx.alloc::<u64>().shape(LEN).fill(3).build().unwrap();
    let mut sum = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
    ctx.map(read { locked: &locked, free: &free, sum: &mut sum }, 0..ITEMS).unwrap();
    assert!(sum.iter().all(|sum| *sum == 5));
}

fn an_array_bound_by_a_nested_map(setting: &Setting) {
    #[pasha::kernel]
    fn one(_worker_id: usize, _index: usize, _item: usize, #[out] slot: &mut u64) {
        *slot += 1;
    }

    #[pasha::kernel]
    fn map_inside(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[param] setting: &Setting,
        #[param] array: &Mutex<Array>,
    ) -> Result<(), pasha::Error> {
        setting.ctx().map(one { slot: &mut lock(array) }, 0..LEN).map(drop)
    }

    let ctx = setting.ctx();
    let array = Mutex::new(ctx.alloc::<u64>().shape(LEN).build().unwrap());
    let outcome = ctx.map(map_inside { setting, array: &array }, 0..ITEMS);
    expect(setting, outcome, &mut lock(&array));
}

fn an_array_dropped_by_a_worker(setting: &Setting) {
    #[pasha::kernel]
    fn take(_worker_id: usize, _index: usize, _item: usize, #[param] array: &Mutex<Option<Array>>) {
        drop(lock(array).take());
    }

    let ctx = setting.ctx();
    let array = Mutex::new(Some(ctx.alloc::<u64>().shape(LEN).fill(4).build().unwrap()));
    ctx.map(take { array: &array }, 0..ITEMS).unwrap();
    let left = array.into_inner().unwrap();
    match setting.kind {
        Kind::Processes | Kind::Residents => {
            assert_eq!(left.expect("each worker dropped a copy of its own").sum(), 4 * LEN as u64)
        }
        _ => assert!(left.is_none()),
    }
}

fn a_lock_held_by_the_caller_is_not_taken(setting: &Setting) {
    #[pasha::kernel]
    fn try_to_lock(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[param] array: &Mutex<Array>,
        #[out] slot: &mut u64,
    ) {
        *slot = u64::from(array.try_lock().is_err());
    }

    let ctx = setting.ctx();
    let array = Mutex::new(ctx.alloc::<u64>().shape(ITEMS).build().unwrap());
    let mut bound = lock(&array);
    ctx.map(try_to_lock { array: &array, slot: &mut bound }, 0..ITEMS).unwrap();
    assert_eq!(bound.sum(), ITEMS as u64);
}
