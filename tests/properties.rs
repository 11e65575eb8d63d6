//! Properties that hold for any shape, order, axis, offsets, number of workers and schedule, against a plain loop.

use ndarray::{ArrayD, ArrayViewMutD, Axis, Dimension, IxDyn};
use pasha::ErrorKind;
use pasha::prelude::*;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq};
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::support::{Case, Setting, cases};

cases![
    outputs_of_any_shape_order_and_axis_are_those_of_a_loop,
    runs_along_any_axis_are_those_of_a_loop,
    offsets_are_taken_if_and_only_if_they_ascend_within_the_array,
    reductions_and_accumulators_of_any_shape_are_those_of_a_loop,
    every_index_is_done_once_by_a_worker_below_the_number_of_workers,
    a_static_split_is_that_of_a_loop,
    the_first_failure_is_that_of_a_loop,
    items_of_any_array_along_any_axis_are_those_of_a_loop,
    chunks_of_any_size_are_those_of_a_loop,
    arrays_are_allocated_as_they_are_described,
    outputs_of_any_other_length_are_refused,
];

/// All properties.
pub fn suite() -> &'static [Case] {
    CASES
}

/// Tries many inputs, fewer where each costs a few forks.
fn check<S: Strategy>(setting: &Setting, inputs: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let cases = if setting.kind.is_elsewhere() { 12 } else { 40 };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if let Err(failure) = TestRunner::new(config).run(&inputs, test) {
        panic!("{failure}");
    }
}

fn orders() -> impl Strategy<Value = Order> {
    select(&[Order::C, Order::F][..])
}

fn contexts(setting: &Setting) -> impl Strategy<Value = Context> + use<> {
    let kind = setting.kind;
    (1..6_usize, select(&[Schedule::Static, Schedule::Dynamic][..]))
        .prop_map(move |(workers, schedule)| Setting::new(kind, workers, schedule).ctx().clone())
}

/// Shapes of one to four axes, and one of these axes.
fn shapes_and_axes() -> impl Strategy<Value = (Vec<usize>, usize)> {
    vec(0..7_usize, 1..5).prop_flat_map(|shape| {
        let axes = shape.len();
        (Just(shape), 0..axes)
    })
}

/// A number that belongs to a place.
fn tag(at: &[usize]) -> u64 {
    at.iter().fold(17, |tag, next| tag * 31 + *next as u64)
}

fn tagged(shape: &[usize]) -> ArrayD<u64> {
    ArrayD::from_shape_fn(IxDyn(shape), |at| tag(at.slice()))
}

/// Writes the tags of a part of an array, told which index of which axis it is.
fn tag_part(mut part: ArrayViewMutD<'_, u64>, axis: usize, index: usize) {
    for (at, value) in part.indexed_iter_mut() {
        let mut place = at.slice().to_vec();
        place.insert(axis, index);
        *value += tag(&place);
    }
}

macro_rules! tag_axis {
    ($name:ident, $axis:literal) => {
        #[pasha::kernel]
        fn $name(_worker_id: usize, index: usize, _item: usize, #[out(axis = $axis)] part: ArrayViewMutD<'_, u64>) {
            tag_part(part, $axis, index);
        }
    };
}

tag_axis!(tag_axis_0, 0);
tag_axis!(tag_axis_1, 1);
tag_axis!(tag_axis_2, 2);
tag_axis!(tag_axis_3, 3);

fn map_along(
    ctx: &Context,
    array: &mut SharedArray<u64, IxDyn>,
    axis: usize,
    items: usize,
) -> pasha::Result<pasha::Report> {
    match axis {
        0 => ctx.map(tag_axis_0 { part: array }, 0..items),
        1 => ctx.map(tag_axis_1 { part: array }, 0..items),
        2 => ctx.map(tag_axis_2 { part: array }, 0..items),
        _ => ctx.map(tag_axis_3 { part: array }, 0..items),
    }
}

fn outputs_of_any_shape_order_and_axis_are_those_of_a_loop(setting: &Setting) {
    check(setting, (contexts(setting), shapes_and_axes(), orders()), |(ctx, (shape, axis), order)| {
        let mut array = ctx.alloc::<u64>().shape(IxDyn(&shape)).order(order).build().unwrap();
        let report = map_along(&ctx, &mut array, axis, shape[axis]).unwrap();
        prop_assert_eq!(report.items(), shape[axis]);
        prop_assert_eq!(array.into_owned(), tagged(&shape));
        Ok(())
    });
}

fn outputs_of_any_other_length_are_refused(setting: &Setting) {
    let inputs = (contexts(setting), shapes_and_axes(), orders(), 0..12_usize);
    check(setting, inputs, |(ctx, (shape, axis), order, items)| {
        let mut array = ctx.alloc::<u64>().shape(IxDyn(&shape)).order(order).build().unwrap();
        let mapped = map_along(&ctx, &mut array, axis, items);
        if items == shape[axis] {
            prop_assert!(mapped.is_ok());
        } else {
            prop_assert_eq!(mapped.unwrap_err().kind(), ErrorKind::Shape);
            prop_assert!(array.iter().all(|value| *value == 0));
        }
        Ok(())
    });
}

#[pasha::kernel]
fn tag_run(
    _worker_id: usize,
    index: usize,
    &start: &usize,
    #[param] axis: usize,
    #[out(ranges)] mut run: ArrayViewMutD<'_, u64>,
    #[out] length: &mut usize,
) {
    *length = run.shape()[axis];
    for (at, value) in run.indexed_iter_mut() {
        let mut place = at.slice().to_vec();
        place[axis] += start;
        *value += 1000 * tag(&place) + index as u64;
    }
}

/// A shape, one of its axes, and ascending offsets within that axis.
fn cut_shapes() -> impl Strategy<Value = (Vec<usize>, usize, Vec<usize>)> {
    vec(1..12_usize, 1..4).prop_flat_map(|shape| {
        let axes = shape.len();
        (Just(shape), 0..axes).prop_flat_map(|(shape, axis)| {
            let len = shape[axis];
            let offsets = vec(0..=len, 1..9).prop_map(|mut offsets| {
                offsets.sort_unstable();
                offsets
            });
            (Just(shape), Just(axis), offsets)
        })
    })
}

fn runs_along_any_axis_are_those_of_a_loop(setting: &Setting) {
    check(setting, (contexts(setting), cut_shapes(), orders()), |(ctx, (shape, axis, offsets), order)| {
        let items = offsets.len() - 1;
        let mut array = ctx.alloc::<u64>().shape(IxDyn(&shape)).order(order).build().unwrap();
        let mut length = ctx.alloc::<usize>().shape(items).build().unwrap();
        let run = array.ranges_along(Axis(axis), &offsets).unwrap();
        ctx.map(tag_run { axis, run, length: &mut length }, &offsets[..items]).unwrap();
        prop_assert_eq!(length.to_vec(), offsets.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>());
        for (at, value) in array.indexed_iter() {
            let run = (0..items).find(|item| (offsets[*item]..offsets[item + 1]).contains(&at[axis]));
            let expected = run.map_or(0, |item| 1000 * tag(at.slice()) + item as u64);
            prop_assert_eq!(*value, expected);
        }
        Ok(())
    });
}

fn offsets_are_taken_if_and_only_if_they_ascend_within_the_array(setting: &Setting) {
    let offset = proptest::prop_oneof![8 => 0..15_usize, 1 => any::<usize>()];
    check(setting, (0..15_usize, vec(offset, 0..5)), |(len, offsets)| {
        let mut array = setting.ctx().alloc::<u8>().shape(len).build().unwrap();
        let ascend = offsets.windows(2).all(|pair| pair[0] <= pair[1]);
        let fit = offsets.last().is_some_and(|last| *last <= len);
        match array.ranges(&offsets) {
            Ok(_) => prop_assert!(ascend && fit, "{offsets:?} of {len}"),
            Err(error) => {
                prop_assert!(!(ascend && fit), "{offsets:?} of {len}: {error}");
                prop_assert!(matches!(error.kind(), ErrorKind::Argument | ErrorKind::Shape));
            }
        }
        Ok(())
    });
}

#[pasha::kernel]
fn gather(
    _worker_id: usize,
    _index: usize,
    &value: &i64,
    #[reduce(sum)] mut sum: ArrayViewMutD<'_, i64>,
    #[reduce(min)] mut least: ArrayViewMutD<'_, i64>,
    #[reduce(max)] greatest: &mut i64,
    #[per_worker] mut own: ArrayViewMutD<'_, i64>,
) {
    for (at, sum) in sum.iter_mut().enumerate() {
        *sum += value + at as i64;
    }
    own.iter_mut().enumerate().for_each(|(at, sum)| *sum += value + at as i64);
    least.iter_mut().enumerate().for_each(|(at, least)| *least = (*least).min(value - at as i64));
    *greatest = (*greatest).max(value);
}

fn reductions_and_accumulators_of_any_shape_are_those_of_a_loop(setting: &Setting) {
    let inputs = (contexts(setting), vec(0..5_usize, 0..4), orders(), vec(-1000..1000_i64, 0..60));
    check(setting, inputs, |(ctx, shape, order, values)| {
        let alloc = || ctx.alloc::<i64>().shape(IxDyn(&shape)).order(order).fill(77);
        let (mut sum, mut least) = (alloc().build().unwrap(), alloc().build().unwrap());
        let mut own = alloc().fill(0).per_worker().build().unwrap();
        let mut greatest = ctx.alloc::<i64>().shape(()).build().unwrap();
        let kernel = gather { sum: &mut sum, least: &mut least, greatest: &mut greatest, own: &mut own };
        ctx.map(kernel, &values).unwrap();
        let total = own.sum_axis(own.worker_axis().unwrap());
        for (at, (((_, sum), least), total)) in sum.indexed_iter().zip(&least).zip(&total).enumerate() {
            let expected: i64 = values.iter().map(|value| value + at as i64).sum();
            prop_assert_eq!((*sum, *total), (expected, expected));
            prop_assert_eq!(*least, values.iter().map(|value| value - at as i64).min().unwrap_or(i64::MAX));
        }
        prop_assert_eq!(greatest[()], values.iter().copied().max().unwrap_or(i64::MIN));
        Ok(())
    });
}

#[pasha::kernel]
fn sign(
    worker_id: usize,
    _index: usize,
    &work: &u16,
    #[out] calls: &mut u32,
    #[out] by: &mut usize,
    #[out] sum: &mut u64,
) {
    *calls += 1;
    *by = worker_id;
    *sum = (0..u64::from(work)).map(|number| number * number % 7).sum();
}

fn every_index_is_done_once_by_a_worker_below_the_number_of_workers(setting: &Setting) {
    let works = vec(proptest::prop_oneof![10 => 0..10_u16, 1 => 0..20_000_u16], 0..400);
    check(setting, (contexts(setting), works), |(ctx, works)| {
        let mut calls = ctx.alloc::<u32>().shape(works.len()).build().unwrap();
        let mut by = ctx.alloc::<usize>().shape(works.len()).build().unwrap();
        let mut sum = ctx.alloc::<u64>().shape(works.len()).build().unwrap();
        let report = ctx.map(sign { calls: &mut calls, by: &mut by, sum: &mut sum }, &works).unwrap();
        prop_assert!(calls.iter().all(|calls| *calls == 1));
        for (worker, report) in report.workers().iter().enumerate() {
            prop_assert_eq!(report.items(), by.iter().filter(|by| **by == worker).count());
        }
        prop_assert_eq!(report.workers().iter().map(|worker| worker.items()).sum::<usize>(), works.len());
        Ok(())
    });
}

fn a_static_split_is_that_of_a_loop(setting: &Setting) {
    let kind = setting.kind;
    check(setting, (1..9_usize, 0..200_usize), |(workers, items)| {
        let ctx = Setting::new(kind, workers, Schedule::Static).ctx().clone();
        let mut calls = ctx.alloc::<u32>().shape(items).build().unwrap();
        let mut by = ctx.alloc::<usize>().shape(items).build().unwrap();
        let mut sum = ctx.alloc::<u64>().shape(items).build().unwrap();
        ctx.map(sign { calls: &mut calls, by: &mut by, sum: &mut sum }, &vec![3; items]).unwrap();
        for worker in 0..ctx.workers() {
            let share = worker * items / ctx.workers()..(worker + 1) * items / ctx.workers();
            prop_assert!(share.into_iter().all(|index| by[index] == worker));
        }
        Ok(())
    });
}

#[pasha::kernel]
fn fail(_worker_id: usize, _index: usize, &fails: &bool, #[out] done: &mut bool_::Bool) -> Result<(), &'static str> {
    if fails {
        return Err("on purpose");
    }
    done.0 = 1;
    Ok(())
}

mod bool_ {
    //! A truth value that may lie in shared memory.

    /// 1 for true.
    #[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
    #[repr(transparent)]
    pub(crate) struct Bool(pub(crate) u8);
}

fn the_first_failure_is_that_of_a_loop(setting: &Setting) {
    let fails = vec(proptest::bool::weighted(0.02), 0..300);
    check(setting, (contexts(setting), fails), |(ctx, fails)| {
        let mut done = ctx.alloc::<bool_::Bool>().shape(fails.len()).build().unwrap();
        let mapped = ctx.map(fail { done: &mut done }, &fails);
        let first = fails.iter().position(|fails| *fails);
        prop_assert_eq!(mapped.err().and_then(|error| error.index()), first);
        prop_assert!(done.iter().take(first.unwrap_or(fails.len())).all(|done| done.0 == 1));
        prop_assert!(done.iter().zip(&fails).all(|(done, fails)| !(*fails && done.0 == 1)));
        Ok(())
    });
}

#[pasha::kernel]
fn weigh(_worker_id: usize, _index: usize, part: ndarray::ArrayViewD<'_, u64>, #[out] weight: &mut u64) {
    *weight = weight_of(part.iter());
}

/// A number that depends on the order of the values.
fn weight_of<'a>(values: impl Iterator<Item = &'a u64>) -> u64 {
    values.fold(1, |weight, value| weight.wrapping_mul(1_000_003).wrapping_add(*value))
}

fn items_of_any_array_along_any_axis_are_those_of_a_loop(setting: &Setting) {
    check(setting, (contexts(setting), shapes_and_axes(), orders()), |(ctx, (shape, axis), order)| {
        let array = ctx.alloc().shape(IxDyn(&shape)).order(order).fill_from(&tagged(&shape)).build().unwrap();
        let mut weight = ctx.alloc::<u64>().shape(shape[axis]).build().unwrap();
        ctx.map(weigh { weight: &mut weight }, along(&array, Axis(axis))).unwrap();
        let expected: Vec<u64> = tagged(&shape).axis_iter(Axis(axis)).map(|part| weight_of(part.iter())).collect();
        prop_assert_eq!(weight.to_vec(), expected);
        Ok(())
    });
}

fn chunks_of_any_size_are_those_of_a_loop(setting: &Setting) {
    #[pasha::kernel]
    fn weigh(_worker_id: usize, _index: usize, part: &[u64], #[out] weight: &mut u64) {
        *weight = weight_of(part.iter());
    }

    check(setting, (contexts(setting), vec(any::<u64>(), 0..100), 1..20_usize), |(ctx, values, rows)| {
        let mut weight = ctx.alloc::<u64>().shape(values.len().div_ceil(rows)).build().unwrap();
        ctx.map(weigh { weight: &mut weight }, chunks(&values, rows)).unwrap();
        let expected: Vec<u64> = values.chunks(rows).map(|part| weight_of(part.iter())).collect();
        prop_assert_eq!(weight.to_vec(), expected);
        Ok(())
    });
}

fn arrays_are_allocated_as_they_are_described(setting: &Setting) {
    let inputs = (contexts(setting), vec(0..6_usize, 0..5), orders(), any::<bool>(), any::<i32>());
    check(setting, inputs, |(ctx, shape, order, per_worker, fill)| {
        let builder = ctx.alloc().shape(IxDyn(&shape)).order(order).fill(fill);
        let (array, mut expected) = if per_worker {
            let at = if matches!(order, Order::C) { 0 } else { shape.len() };
            let mut expected = shape.clone();
            expected.insert(at, ctx.workers());
            let array = builder.per_worker().build().unwrap();
            prop_assert_eq!(array.worker_axis(), Some(Axis(at)));
            (array, expected)
        } else {
            (builder.build().unwrap(), shape)
        };
        prop_assert_eq!(array.shape(), &expected[..]);
        prop_assert_eq!(array.len(), expected.iter().product::<usize>());
        prop_assert!(array.iter().all(|value| *value == fill));
        if array.len() > 1 {
            if matches!(order, Order::F) {
                expected.reverse();
                prop_assert!(array.t().is_standard_layout());
            } else {
                prop_assert!(array.is_standard_layout());
            }
        }
        Ok(())
    });
}
