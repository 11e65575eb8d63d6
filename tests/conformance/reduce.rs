//! `#[reduce]`: private accumulators that are folded into one result after the map.

use bytemuck::{Pod, Zeroable};
use ndarray::{Array3, ArrayView2, ArrayViewMut0, ArrayViewMut2, ArrayViewMutD, Axis, IxDyn};
use pasha::ErrorKind;
use pasha::prelude::*;

use crate::support::{Setting, cases};

cases![
    a_scalar_is_summed,
    a_row_is_summed,
    a_frame_is_summed_in_c_and_f_order,
    a_view_of_dynamic_rank_is_summed,
    the_smallest_and_the_largest_are_found,
    the_smallest_and_the_largest_of_signed_numbers_are_found,
    a_nan_of_one_worker_is_passed_over_by_smallest_and_largest,
    a_function_folds_from_its_identity,
    a_function_without_an_identity_folds_from_zero,
    structs_are_folded_by_a_function,
    a_function_may_be_found_by_a_path,
    the_result_is_overwritten_and_not_added_to,
    no_items_give_the_identity,
    fewer_items_than_workers_give_the_right_result,
    every_worker_begins_with_the_identity,
    several_reductions_go_on_at_once,
    a_reduction_may_be_left_out,
    the_result_may_lie_on_the_heap,
    a_result_without_elements_is_possible,
    a_static_schedule_gives_the_same_bits_every_time,
    a_static_schedule_adds_the_parts_of_the_workers_in_their_order,
    a_fold_that_panics_is_an_error_and_leaves_the_results,
];

fn values() -> Vec<u64> {
    (0..700).map(|value| value * value % 1009 + 3).collect()
}

fn a_scalar_is_summed(ctx: &Context) {
    #[pasha::kernel]
    fn total(_worker_id: usize, _index: usize, &value: &u64, #[reduce(sum)] total: &mut u64) {
        *total += value;
    }

    let mut sum = ctx.alloc::<u64>().shape(()).build().unwrap();
    ctx.map(total { total: &mut sum }, &values()).unwrap();
    assert_eq!(sum[()], values().iter().sum::<u64>());
}

#[pasha::kernel]
fn histogram(_worker_id: usize, _index: usize, &value: &u64, #[reduce(sum)] bins: &mut [u32]) {
    bins[(value % 10) as usize] += 1;
}

fn expected_histogram() -> Vec<u32> {
    (0..10).map(|bin| values().iter().filter(|value| *value % 10 == bin).count() as u32).collect()
}

fn a_row_is_summed(ctx: &Context) {
    let mut bins = ctx.alloc::<u32>().shape(10).build().unwrap();
    ctx.map(histogram { bins: &mut bins }, &values()).unwrap();
    assert_eq!(bins.to_vec(), expected_histogram());
}

fn frames() -> Array3<f64> {
    Array3::from_shape_fn((90, 3, 4), |(frame, row, column)| (frame * 7 + row * 5 + column * 3) as f64)
}

fn a_frame_is_summed_in_c_and_f_order(ctx: &Context) {
    #[pasha::kernel]
    fn powder(
        _worker_id: usize,
        _index: usize,
        frame: ArrayView2<'_, f64>,
        #[reduce(sum)] mut sum: ArrayViewMut2<'_, f64>,
    ) {
        sum += &frame;
    }

    for order in [Order::C, Order::F] {
        let mut sum = ctx.alloc::<f64>().shape((3, 4)).order(order).build().unwrap();
        let strides = sum.strides().to_vec();
        ctx.map(powder { sum: &mut sum }, &frames()).unwrap();
        assert_eq!(sum, frames().sum_axis(Axis(0)));
        assert_eq!(sum.strides(), strides);
    }
}

fn a_view_of_dynamic_rank_is_summed(ctx: &Context) {
    #[pasha::kernel]
    fn powder(
        _worker_id: usize,
        _index: usize,
        frame: ArrayView2<'_, f64>,
        #[reduce(sum)] mut sum: ArrayViewMutD<'_, f64>,
    ) {
        sum += &frame;
    }

    let mut sum = ctx.alloc::<f64>().shape(IxDyn(&[3, 4])).build().unwrap();
    ctx.map(powder { sum: &mut sum }, &frames()).unwrap();
    assert_eq!(sum, frames().sum_axis(Axis(0)).into_dyn());
}

fn the_smallest_and_the_largest_are_found(ctx: &Context) {
    #[pasha::kernel]
    fn bounds(
        _worker_id: usize,
        _index: usize,
        frame: ArrayView2<'_, f64>,
        #[reduce(min)] least: &mut f64,
        #[reduce(max)] mut greatest: ArrayViewMut0<'_, f64>,
        #[reduce(min)] lower: &mut [f64],
        #[reduce(max)] mut upper: ArrayViewMut2<'_, f64>,
    ) {
        for ((row, column), &value) in frame.indexed_iter() {
            *least = least.min(value);
            greatest[()] = greatest[()].max(value);
            lower[row] = lower[row].min(value);
            upper[[row, column]] = upper[[row, column]].max(value);
        }
    }

    let frames = frames().mapv(|value| (value * 0.37).sin());
    let mut least = ctx.alloc::<f64>().shape(()).build().unwrap();
    let mut greatest = ctx.alloc::<f64>().shape(()).build().unwrap();
    let mut lower = ctx.alloc::<f64>().shape(3).build().unwrap();
    let mut upper = ctx.alloc::<f64>().shape((3, 4)).build().unwrap();
    let kernel = bounds { least: &mut least, greatest: &mut greatest, lower: &mut lower, upper: &mut upper };
    ctx.map(kernel, &frames).unwrap();
    assert_eq!(least[()], frames.iter().copied().fold(f64::INFINITY, f64::min));
    assert_eq!(greatest[()], frames.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let by_row = |row| frames.index_axis(Axis(1), row).iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(lower.to_vec(), [by_row(0), by_row(1), by_row(2)]);
    assert_eq!(upper, frames.map_axis(Axis(0), |values| values.iter().copied().fold(f64::NEG_INFINITY, f64::max)));
}

fn the_smallest_and_the_largest_of_signed_numbers_are_found(ctx: &Context) {
    #[pasha::kernel]
    fn bounds(
        _worker_id: usize,
        _index: usize,
        &value: &i32,
        #[reduce(min)] least: &mut i32,
        #[reduce(max)] greatest: &mut i32,
    ) {
        *least = value.min(*least);
        *greatest = value.max(*greatest);
    }

    let mut least = ctx.alloc::<i32>().shape(()).build().unwrap();
    let mut greatest = ctx.alloc::<i32>().shape(()).build().unwrap();
    ctx.map(bounds { least: &mut least, greatest: &mut greatest }, &[7, 3, 9, 5, 4]).unwrap();
    assert_eq!((least[()], greatest[()]), (3, 9));
    ctx.map(bounds { least: &mut least, greatest: &mut greatest }, &[-7, -3, -9, -5, -4]).unwrap();
    assert_eq!((least[()], greatest[()]), (-9, -3));
}

fn a_nan_of_one_worker_is_passed_over_by_smallest_and_largest(setting: &Setting) {
    #[pasha::kernel]
    fn bound(
        worker_id: usize,
        _index: usize,
        numbers: &[f64; 2],
        #[reduce(min)] least: &mut f64,
        #[reduce(max)] greatest: &mut f64,
    ) {
        *least = numbers[worker_id.min(1)];
        *greatest = numbers[worker_id.min(1)];
    }

    let ctx = setting.with_schedule(Schedule::Static);
    if ctx.workers() == 1 {
        return;
    }
    for numbers in [[2.0, f64::NAN], [f64::NAN, 2.0]] {
        let mut least = ctx.alloc::<f64>().shape(()).build().unwrap();
        let mut greatest = ctx.alloc::<f64>().shape(()).build().unwrap();
        ctx.map(bound { least: &mut least, greatest: &mut greatest }, &[numbers; 20]).unwrap();
        assert_eq!((least[()], greatest[()]), (2.0, 2.0), "worker 0 had {}, the others {}", numbers[0], numbers[1]);
    }
}

fn larger(total: &mut i64, part: &i64) {
    *total = (*total).max(*part);
}

fn a_function_folds_from_its_identity(ctx: &Context) {
    #[pasha::kernel]
    fn largest(
        _worker_id: usize,
        _index: usize,
        value: i64,
        #[reduce(with = larger, identity = i64::MIN)] largest: &mut i64,
    ) {
        larger(largest, &value);
    }

    let mut found = ctx.alloc::<i64>().shape(()).build().unwrap();
    ctx.map(largest { largest: &mut found }, -300..-200).unwrap();
    assert_eq!(found[()], -201);
}

fn a_function_without_an_identity_folds_from_zero(ctx: &Context) {
    #[pasha::kernel]
    fn largest(_worker_id: usize, _index: usize, value: i64, #[reduce(with = larger)] largest: &mut i64) {
        larger(largest, &value);
    }

    let mut found = ctx.alloc::<i64>().shape(()).fill(-7).build().unwrap();
    ctx.map(largest { largest: &mut found }, -300..-200).unwrap();
    assert_eq!(found[()], 0);
    ctx.map(largest { largest: &mut found }, 200..300).unwrap();
    assert_eq!(found[()], 299);
}

#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Best {
    height: f64,
    index: u64,
}

impl Best {
    const NONE: Best = Best { height: f64::NEG_INFINITY, index: u64::MAX };

    fn keep(best: &mut Best, other: &Best) {
        if other.height > best.height || (other.height == best.height && other.index < best.index) {
            *best = *other;
        }
    }
}

fn structs_are_folded_by_a_function(ctx: &Context) {
    #[pasha::kernel]
    fn find(
        _worker_id: usize,
        index: usize,
        frame: ArrayView2<'_, f64>,
        #[reduce(with = Best::keep, identity = Best::NONE)] best: &mut [Best],
    ) {
        for (row, best) in best.iter_mut().enumerate() {
            Best::keep(best, &Best { height: frame.row(row).sum(), index: index as u64 });
        }
    }

    let frames = frames().mapv(|value| (value * 0.37).sin());
    let mut best = ctx.alloc::<Best>().shape(3).build().unwrap();
    ctx.map(find { best: &mut best }, &frames).unwrap();
    for (row, found) in best.iter().enumerate() {
        let mut expected = Best::NONE;
        for (index, frame) in frames.outer_iter().enumerate() {
            Best::keep(&mut expected, &Best { height: frame.row(row).sum(), index: index as u64 });
        }
        assert_eq!(*found, expected);
    }
}

mod folds {
    pub(super) fn either(total: &mut u32, part: &u32) {
        *total |= *part;
    }
}

fn a_function_may_be_found_by_a_path(ctx: &Context) {
    #[pasha::kernel]
    fn bits(_worker_id: usize, _index: usize, value: u32, #[reduce(with = folds::either)] bits: &mut u32) {
        *bits |= 1 << value;
    }

    let mut seen = ctx.alloc::<u32>().shape(()).build().unwrap();
    ctx.map(bits { bits: &mut seen }, 4..30).unwrap();
    assert_eq!(seen[()], (1 << 30) - (1 << 4));
}

fn the_result_is_overwritten_and_not_added_to(ctx: &Context) {
    let mut bins = ctx.alloc::<u32>().shape(10).fill(1_000_000).build().unwrap();
    for _ in 0..3 {
        ctx.map(histogram { bins: &mut bins }, &values()).unwrap();
        assert_eq!(bins.to_vec(), expected_histogram());
    }
}

fn no_items_give_the_identity(ctx: &Context) {
    #[pasha::kernel]
    fn gather(
        _worker_id: usize,
        _index: usize,
        value: u8,
        #[reduce(sum)] sum: &mut u8,
        #[reduce(min)] least: &mut u8,
        #[reduce(max)] greatest: &mut [f32],
        #[reduce(with = larger, identity = 41)] larger: &mut i64,
    ) {
        *sum += value;
        *least = value;
        greatest[0] = f32::from(value);
        *larger = i64::from(value);
    }

    let mut sum = ctx.alloc::<u8>().shape(()).fill(5).build().unwrap();
    let mut least = ctx.alloc::<u8>().shape(()).fill(5).build().unwrap();
    let mut greatest = ctx.alloc::<f32>().shape(2).fill(5.0).build().unwrap();
    let mut larger = ctx.alloc::<i64>().shape(()).fill(5).build().unwrap();
    let kernel = gather { sum: &mut sum, least: &mut least, greatest: &mut greatest, larger: &mut larger };
    ctx.map(kernel, 0..0).unwrap();
    assert_eq!((sum[()], least[()], larger[()]), (0, u8::MAX, 41));
    assert_eq!(greatest.to_vec(), [f32::NEG_INFINITY; 2]);
}

fn fewer_items_than_workers_give_the_right_result(ctx: &Context) {
    #[pasha::kernel]
    fn least(
        _worker_id: usize,
        _index: usize,
        &value: &u64,
        #[reduce(min)] least: &mut u64,
        #[reduce(sum)] count: &mut u64,
    ) {
        *least = value.min(*least);
        *count += 1;
    }

    let mut found = ctx.alloc::<u64>().shape(()).build().unwrap();
    let mut count = ctx.alloc::<u64>().shape(()).build().unwrap();
    ctx.map(least { least: &mut found, count: &mut count }, &[99]).unwrap();
    assert_eq!((found[()], count[()]), (99, 1));
}

fn every_worker_begins_with_the_identity(ctx: &Context) {
    #[pasha::kernel]
    fn look(
        worker_id: usize,
        _index: usize,
        _item: u8,
        #[reduce(sum)] zero: &mut f32,
        #[reduce(min)] most: &mut i16,
        #[reduce(with = larger, identity = -5)] least: &mut [i64],
        #[scratch] seen: &mut bool,
    ) -> Result<(), String> {
        if !*seen {
            *seen = true;
            if (*zero, *most, &*least) != (0.0, i16::MAX, &[-5; 4]) {
                return Err(format!("worker {worker_id} begins with {zero}, {most}, {least:?}"));
            }
        }
        (*zero, *most) = (1.0, 1);
        least.fill(1);
        Ok(())
    }

    let mut zero = ctx.alloc::<f32>().shape(()).build().unwrap();
    let mut most = ctx.alloc::<i16>().shape(()).build().unwrap();
    let mut least = ctx.alloc::<i64>().shape(4).build().unwrap();
    for _ in 0..2 {
        ctx.map(look { zero: &mut zero, most: &mut most, least: &mut least, seen: || false }, 0..64).unwrap();
    }
    assert_eq!((most[()], least.to_vec()), (1, vec![1; 4]));
}

fn several_reductions_go_on_at_once(ctx: &Context) {
    #[pasha::kernel]
    fn moments(
        _worker_id: usize,
        _index: usize,
        &value: &u64,
        #[reduce(sum)] count: &mut u64,
        #[reduce(sum)] sum: &mut u64,
        #[reduce(sum)] squares: &mut u128,
        #[out] copy: &mut u64,
        #[per_worker] calls: &mut u64,
    ) {
        *count += 1;
        *sum += value;
        *squares += u128::from(value * value);
        *copy = value;
        *calls += 1;
    }

    let mut count = ctx.alloc::<u64>().shape(()).build().unwrap();
    let mut sum = ctx.alloc::<u64>().shape(()).build().unwrap();
    let mut squares = ctx.alloc::<u128>().shape(()).build().unwrap();
    let mut copy = ctx.alloc::<u64>().shape(700).build().unwrap();
    let mut calls = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let kernel =
        moments { count: &mut count, sum: &mut sum, squares: &mut squares, copy: &mut copy, calls: &mut calls };
    ctx.map(kernel, &values()).unwrap();
    assert_eq!((count[()], calls.sum(), copy.to_vec()), (700, 700, values()));
    assert_eq!(sum[()], values().iter().sum::<u64>());
    assert_eq!(squares[()], values().iter().map(|value| u128::from(value * value)).sum::<u128>());
}

fn a_reduction_may_be_left_out(ctx: &Context) {
    #[pasha::kernel]
    fn count(_worker_id: usize, _index: usize, _item: u8, #[reduce(sum)] calls: Option<&mut u32>) {
        if let Some(calls) = calls {
            *calls += 1;
        }
    }

    let mut calls = ctx.alloc::<u32>().shape(()).build().unwrap();
    ctx.map(count { calls: Some(&mut calls) }, 0..55).unwrap();
    ctx.map(count { calls: None }, 0..33).unwrap();
    assert_eq!(calls[()], 55);
}

fn the_result_may_lie_on_the_heap(ctx: &Context) {
    let mut bins = Context::serial().alloc::<u32>().shape(10).build().unwrap();
    ctx.map(histogram { bins: &mut bins }, &values()).unwrap();
    assert_eq!(bins.to_vec(), expected_histogram());
}

fn a_result_without_elements_is_possible(ctx: &Context) {
    #[pasha::kernel]
    fn measure(
        _worker_id: usize,
        _index: usize,
        _item: u8,
        #[reduce(sum)] nothing: &mut [f64],
        #[reduce(max)] longest: &mut u64,
    ) {
        *longest = nothing.len() as u64 + 1;
    }

    let mut nothing = ctx.alloc::<f64>().shape(0).build().unwrap();
    let mut longest = ctx.alloc::<u64>().shape(()).build().unwrap();
    ctx.map(measure { nothing: &mut nothing, longest: &mut longest }, 0..20).unwrap();
    assert_eq!(longest[()], 1);
}

#[pasha::kernel]
fn total(_worker_id: usize, _index: usize, &value: &f32, #[reduce(sum)] total: &mut f32) {
    *total += value;
}

/// Numbers whose sum depends on the order in which they are added.
fn rough_values() -> Vec<f32> {
    (0..4001).map(|index| ((index * 7919 % 4001) as f32 * 0.61).exp2().recip() * 1e6 + (index as f32).sin()).collect()
}

fn a_static_schedule_gives_the_same_bits_every_time(setting: &Setting) {
    let ctx = setting.with_schedule(Schedule::Static);
    let sum = || {
        let mut sum = ctx.alloc::<f32>().shape(()).build().unwrap();
        ctx.map(total { total: &mut sum }, &rough_values()).unwrap();
        sum[()].to_bits()
    };
    let first = sum();
    assert!((0..10).all(|_| sum() == first));
}

fn a_static_schedule_adds_the_parts_of_the_workers_in_their_order(setting: &Setting) {
    let ctx = setting.with_schedule(Schedule::Static);
    let values = rough_values();
    let mut sum = ctx.alloc::<f32>().shape(()).build().unwrap();
    ctx.map(total { total: &mut sum }, &values).unwrap();
    let part = |worker: usize| {
        let range = worker * values.len() / ctx.workers()..(worker + 1) * values.len() / ctx.workers();
        values[range].iter().fold(0.0_f32, |sum, value| sum + value)
    };
    let expected = (1..ctx.workers()).map(part).fold(part(0), |sum, part| sum + part);
    assert_eq!(sum[()].to_bits(), expected.to_bits());
}

fn a_fold_that_panics_is_an_error_and_leaves_the_results(ctx: &Context) {
    fn fail(_total: &mut u32, _part: &u32) {
        panic!("folded on purpose");
    }

    #[pasha::kernel]
    fn count(
        _worker_id: usize,
        _index: usize,
        _item: u8,
        #[reduce(sum)] calls: &mut u32,
        #[reduce(with = fail)] broken: &mut u32,
    ) {
        *calls += 1;
        *broken += 1;
    }

    let mut calls = ctx.alloc::<u32>().shape(()).fill(7).build().unwrap();
    let mut broken = ctx.alloc::<u32>().shape(()).fill(8).build().unwrap();
    let error = ctx.map(count { calls: &mut calls, broken: &mut broken }, 0..60).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Panic, None));
    assert!(error.to_string().contains("folded on purpose"), "{error}");
    assert_eq!((calls[()], broken[()]), (7, 8));
}
