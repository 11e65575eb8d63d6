//! `#[param]`: a value or a reference that every call gets.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ndarray::{Array1, Array2, ArrayView1, Axis};
use pasha::prelude::*;

use crate::support::{Setting, cases};

cases![
    a_value_is_copied_to_every_call,
    references_are_given_to_every_call,
    a_struct_and_a_function_may_be_given,
    a_view_may_be_given,
    another_shared_array_may_be_read,
    the_result_of_one_map_is_a_parameter_of_the_next,
    a_generic_parameter_is_whatever_it_is_bound_to,
    a_parameter_stands_where_it_likes,
    locks_and_atomics_reach_as_far_as_the_memory_does,
];

fn a_value_is_copied_to_every_call(ctx: &Context) {
    #[pasha::kernel]
    fn line(
        _worker_id: usize,
        _index: usize,
        &x: &f64,
        #[param] slope: f64,
        #[param] offset: Option<f64>,
        #[out] y: &mut f64,
    ) {
        *y = slope * x + offset.unwrap_or(0.5);
    }

    let x = [0.0, 1.0, 2.0, 3.0];
    let mut y = ctx.alloc_like(&x).unwrap();
    ctx.map(line { slope: 2.0, offset: Some(-1.0), y: &mut y }, &x).unwrap();
    assert_eq!(y.to_vec(), [-1.0, 1.0, 3.0, 5.0]);
    ctx.map(line { slope: 4.0, offset: None, y: &mut y }, &x).unwrap();
    assert_eq!(y.to_vec(), [0.5, 4.5, 8.5, 12.5]);
}

fn references_are_given_to_every_call(ctx: &Context) {
    #[pasha::kernel]
    fn look_up(
        _worker_id: usize,
        index: usize,
        key: &str,
        #[param] words: &[String],
        #[param] prefix: &str,
        #[out] found: &mut i64,
    ) {
        *found = match words.iter().position(|word| word.strip_prefix(prefix) == Some(key)) {
            Some(at) => at as i64,
            None => -(index as i64),
        };
    }

    struct Keys(Vec<String>);

    impl<'a> pasha::functor::Items<'a> for Keys {
        type Item = &'a str;
    }

    impl Functor for Keys {
        type State = ();

        fn items(&self) -> pasha::Result<usize> {
            Ok(self.0.len())
        }

        fn state(&self) -> pasha::Result<()> {
            Ok(())
        }

        fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<&'a str> {
            Ok(&self.0[index])
        }
    }

    let words = ["x-one", "x-two", "y-one", "x-three"].map(str::to_owned);
    let keys = Keys(["three", "four", "one", "two"].map(str::to_owned).to_vec());
    let mut found = ctx.alloc::<i64>().shape(4).build().unwrap();
    ctx.map(look_up { words: &words, prefix: "x-", found: &mut found }, &keys).unwrap();
    assert_eq!(found.to_vec(), [3, -1, 0, 1]);
}

#[derive(Clone, Copy)]
struct Window {
    from: u32,
    to: u32,
}

fn a_struct_and_a_function_may_be_given(ctx: &Context) {
    #[pasha::kernel]
    fn count(
        _worker_id: usize,
        _index: usize,
        trace: ArrayView1<'_, u32>,
        #[param] window: Window,
        #[param] weigh: fn(u32) -> u64,
        #[out] weight: &mut u64,
    ) {
        *weight =
            trace.iter().filter(|value| (window.from..window.to).contains(*value)).map(|value| weigh(*value)).sum();
    }

    let traces = Array2::from_shape_fn((20, 6), |(trace, sample)| (trace * 6 + sample) as u32);
    let mut weight = ctx.alloc::<u64>().shape(20).build().unwrap();
    let window = Window { from: 10, to: 14 };
    ctx.map(count { window, weigh: |value| u64::from(value) * 2, weight: &mut weight }, &traces).unwrap();
    let mut expected = vec![0; 20];
    (expected[1], expected[2]) = (2 * (10 + 11), 2 * (12 + 13));
    assert_eq!(weight.to_vec(), expected);
}

#[pasha::kernel]
fn subtract(
    _worker_id: usize,
    _index: usize,
    frame: ArrayView1<'_, f64>,
    #[param] dark: ArrayView1<'_, f64>,
    #[out] clean: &mut [f64],
) {
    for ((clean, value), dark) in clean.iter_mut().zip(frame).zip(dark) {
        *clean = value - dark;
    }
}

fn frames() -> Array2<f64> {
    Array2::from_shape_fn((25, 4), |(frame, pixel)| (frame * 10 + pixel) as f64)
}

fn a_view_may_be_given(ctx: &Context) {
    let dark = Array1::from_vec(vec![0.5, 1.5, 2.5, 3.5]);
    let mut clean = ctx.alloc::<f64>().shape((25, 4)).build().unwrap();
    ctx.map(subtract { dark: dark.view(), clean: &mut clean }, &frames()).unwrap();
    assert_eq!(clean, frames() - &dark);
}

fn another_shared_array_may_be_read(ctx: &Context) {
    #[pasha::kernel]
    fn gather(
        _worker_id: usize,
        _index: usize,
        &from: &usize,
        #[param] table: &SharedArray<f32, pasha::Ix1>,
        #[out] value: &mut f32,
    ) {
        *value = table[from];
    }

    for shared in [ctx.clone(), Context::serial(), Context::processes().workers(2).build().unwrap()] {
        let mut table = shared.alloc::<f32>().shape(5).build().unwrap();
        (0..5).for_each(|at| table[at] = at as f32 * 1.5);
        let mut value = ctx.alloc::<f32>().shape(4).build().unwrap();
        ctx.map(gather { table: &table, value: &mut value }, &[4, 0, 2, 2]).unwrap();
        assert_eq!(value.to_vec(), [6.0, 0.0, 3.0, 3.0]);
    }
}

fn the_result_of_one_map_is_a_parameter_of_the_next(ctx: &Context) {
    #[pasha::kernel]
    fn sum(_worker_id: usize, _index: usize, frame: ArrayView1<'_, f64>, #[reduce(sum)] sum: &mut [f64]) {
        sum.iter_mut().zip(frame).for_each(|(sum, value)| *sum += value);
    }

    let frames = frames();
    let mut total = ctx.alloc::<f64>().shape(4).build().unwrap();
    ctx.map(sum { sum: &mut total }, &frames).unwrap();
    let mut clean = ctx.alloc_like(&frames).unwrap();
    ctx.map(subtract { dark: total.view(), clean: &mut clean }, &frames).unwrap();
    assert_eq!(clean, &frames - &frames.sum_axis(Axis(0)));
}

fn a_generic_parameter_is_whatever_it_is_bound_to(ctx: &Context) {
    #[pasha::kernel]
    fn apply<F: Fn(i32) -> i32 + Copy + Send + Sync>(
        _worker_id: usize,
        _index: usize,
        value: i32,
        #[param] with: F,
        #[out] to: &mut i32,
    ) {
        *to = with(value);
    }

    let offset = 7;
    let mut applied = ctx.alloc::<i32>().shape(10).build().unwrap();
    ctx.map(apply { with: |value| value * value + offset, to: &mut applied }, 0..10).unwrap();
    assert_eq!(applied.to_vec(), (0..10).map(|value| value * value + 7).collect::<Vec<_>>());
}

fn a_parameter_stands_where_it_likes(ctx: &Context) {
    #[pasha::kernel]
    fn mix(
        _worker_id: usize,
        _index: usize,
        #[out] product: &mut u32,
        #[param] factor: u32,
        left: &u32,
        #[scratch] calls: &mut u32,
        right: &u32,
        #[per_worker] counted: &mut u32,
    ) {
        *product = factor * left * right;
        *calls += 1;
        *counted = *calls;
    }

    let mut product = ctx.alloc::<u32>().shape(3).build().unwrap();
    let mut counted = ctx.alloc::<u32>().shape(()).per_worker().build().unwrap();
    let kernel = mix { product: &mut product, factor: 2, calls: || 0, counted: &mut counted };
    ctx.map(kernel, zip(&[1, 2, 3], &[10, 20, 30])).unwrap();
    assert_eq!((product.to_vec(), counted.sum()), (vec![20, 80, 180], 3));
}

fn locks_and_atomics_reach_as_far_as_the_memory_does(setting: &Setting) {
    #[pasha::kernel]
    fn count(_worker_id: usize, _index: usize, _item: u8, #[param] locked: &Mutex<u64>, #[param] atomic: &AtomicU64) {
        *locked.lock().unwrap() += 1;
        atomic.fetch_add(1, Relaxed);
    }

    let (locked, atomic) = (Mutex::new(0), AtomicU64::new(0));
    setting.ctx().map(count { locked: &locked, atomic: &atomic }, 0..80).unwrap();
    let expected = if setting.kind.is_elsewhere() { 0 } else { 80 };
    assert_eq!((locked.into_inner().unwrap(), atomic.into_inner()), (expected, expected));
}
