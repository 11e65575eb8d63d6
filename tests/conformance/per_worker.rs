//! `#[per_worker]`: a slot that belongs to one worker, whatever the item.

use ndarray::{Array1, Array3, ArrayView2, ArrayViewMut2, ArrayViewMutD, Axis, IxDyn};
use pasha::ErrorKind;
use pasha::prelude::*;

use crate::support::cases;

cases![
    elements_add_up_to_the_whole,
    rows_add_up_to_the_whole,
    views_add_up_to_the_whole_in_c_and_f_order,
    views_of_dynamic_rank_add_up_to_the_whole,
    the_slot_is_that_of_the_worker_id,
    a_slot_keeps_what_earlier_maps_left_in_it,
    each_slot_begins_with_the_fill,
    a_slot_without_elements_is_given_all_the_same,
    an_optional_accumulator_may_be_left_out,
    an_array_without_a_worker_axis_is_refused,
    an_array_for_another_number_of_workers_is_refused,
    an_array_with_a_worker_axis_is_refused_as_an_output,
    an_array_with_a_worker_axis_is_refused_as_a_reduction,
    an_array_with_a_worker_axis_is_refused_as_ranges,
];

#[pasha::kernel]
fn add_up(_worker_id: usize, _index: usize, &value: &u64, #[per_worker] sum: &mut u64) {
    *sum += value;
}

#[pasha::kernel]
fn histogram(_worker_id: usize, _index: usize, &value: &u64, #[per_worker] bins: &mut [u32]) {
    bins[(value % 10) as usize] += 1;
}

fn values() -> Vec<u64> {
    (0..500).map(|value| value * value % 1009).collect()
}

fn elements_add_up_to_the_whole(ctx: &Context) {
    let mut sums = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    ctx.map(add_up { sum: &mut sums }, &values()).unwrap();
    assert_eq!(sums.shape(), [ctx.workers()]);
    assert_eq!(sums.sum(), values().iter().sum::<u64>());
}

fn rows_add_up_to_the_whole(ctx: &Context) {
    let mut expected = Array1::<u32>::zeros(10);
    values().iter().for_each(|value| expected[(value % 10) as usize] += 1);
    for order in [Order::C, Order::F] {
        let mut bins = ctx.alloc::<u32>().shape(10).order(order).per_worker().build().unwrap();
        ctx.map(histogram { bins: &mut bins }, &values()).unwrap();
        assert_eq!(bins.sum_axis(bins.worker_axis().unwrap()), expected);
    }
}

fn frames() -> Array3<f64> {
    Array3::from_shape_fn((60, 3, 4), |(frame, row, column)| (frame * 7 + row * 5 + column * 3) as f64)
}

fn views_add_up_to_the_whole_in_c_and_f_order(ctx: &Context) {
    #[pasha::kernel]
    fn add(
        _worker_id: usize,
        _index: usize,
        frame: ArrayView2<'_, f64>,
        #[per_worker] mut sum: ArrayViewMut2<'_, f64>,
    ) {
        sum += &frame;
    }

    for (order, axis) in [(Order::C, Axis(0)), (Order::F, Axis(2))] {
        let mut sums = ctx.alloc::<f64>().shape((3, 4)).order(order).per_worker().build().unwrap();
        ctx.map(add { sum: &mut sums }, &frames()).unwrap();
        assert_eq!(sums.worker_axis(), Some(axis));
        assert_eq!(sums.sum_axis(axis), frames().sum_axis(Axis(0)));
    }
}

fn views_of_dynamic_rank_add_up_to_the_whole(ctx: &Context) {
    #[pasha::kernel]
    fn add(
        _worker_id: usize,
        _index: usize,
        frame: ArrayView2<'_, f64>,
        #[per_worker] mut sum: ArrayViewMutD<'_, f64>,
    ) {
        sum += &frame;
    }

    let mut sums = ctx.alloc::<f64>().shape(IxDyn(&[3, 4])).per_worker().build().unwrap();
    ctx.map(add { sum: &mut sums }, &frames()).unwrap();
    assert_eq!(sums.sum_axis(Axis(0)), frames().sum_axis(Axis(0)).into_dyn());
}

fn the_slot_is_that_of_the_worker_id(ctx: &Context) {
    #[pasha::kernel]
    fn sign(worker_id: usize, _index: usize, _item: u8, #[per_worker] signed: &mut [usize], #[out] by: &mut usize) {
        signed[0] = worker_id;
        signed[1] += 1;
        *by = worker_id;
    }

    let mut signed = ctx.alloc::<usize>().shape(2).per_worker().build().unwrap();
    let mut by = ctx.alloc::<usize>().shape(200).build().unwrap();
    ctx.map(sign { signed: &mut signed, by: &mut by }, 0..200).unwrap();
    for (worker, slot) in signed.rows().into_iter().enumerate() {
        let calls = by.iter().filter(|by| **by == worker).count();
        assert_eq!(slot.to_vec(), [if calls > 0 { worker } else { 0 }, calls]);
    }
}

fn a_slot_keeps_what_earlier_maps_left_in_it(ctx: &Context) {
    let mut sums = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    for _ in 0..3 {
        ctx.map(add_up { sum: &mut sums }, &values()).unwrap();
    }
    assert_eq!(sums.sum(), 3 * values().iter().sum::<u64>());
}

fn each_slot_begins_with_the_fill(ctx: &Context) {
    let row: Array1<u32> = (0..10).collect();
    let mut bins = ctx.alloc().shape(10).per_worker().fill_from(&row).build().unwrap();
    ctx.map(histogram { bins: &mut bins }, &values()).unwrap();
    let workers = ctx.workers() as u32;
    let found: Array1<u32> = bins.sum_axis(Axis(0)) - row * workers;
    assert_eq!(found.sum(), 500);
    assert_eq!(found[3], values().iter().filter(|value| *value % 10 == 3).count() as u32);
}

fn a_slot_without_elements_is_given_all_the_same(ctx: &Context) {
    #[pasha::kernel]
    fn measure(
        _worker_id: usize,
        _index: usize,
        _item: u8,
        #[per_worker] nothing: &mut [u8],
        #[out] length: &mut usize,
    ) {
        *length = nothing.len() + 1;
    }

    let mut nothing = ctx.alloc::<u8>().shape(0).per_worker().build().unwrap();
    let mut length = ctx.alloc::<usize>().shape(6).build().unwrap();
    ctx.map(measure { nothing: &mut nothing, length: &mut length }, 0..6).unwrap();
    assert_eq!(length.to_vec(), [1; 6]);
}

fn an_optional_accumulator_may_be_left_out(ctx: &Context) {
    #[pasha::kernel]
    fn count(_worker_id: usize, _index: usize, _item: u8, #[per_worker] calls: Option<&mut u32>) {
        if let Some(calls) = calls {
            *calls += 1;
        }
    }

    let mut calls = ctx.alloc::<u32>().shape(()).per_worker().build().unwrap();
    ctx.map(count { calls: Some(&mut calls) }, 0..77).unwrap();
    ctx.map(count { calls: None }, 0..77).unwrap();
    assert_eq!(calls.sum(), 77);
}

fn an_array_without_a_worker_axis_is_refused(ctx: &Context) {
    let mut plain = ctx.alloc::<u64>().shape(ctx.workers()).build().unwrap();
    let error = ctx.map(add_up { sum: &mut plain }, &values()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(error.to_string().contains("`sum`") && error.to_string().contains(".per_worker()"), "{error}");
    assert_eq!(plain.sum(), 0);
}

fn an_array_for_another_number_of_workers_is_refused(ctx: &Context) {
    // A process array can be seen by all contexts, whoever its workers are.
    let other = Context::processes().workers(ctx.workers() + 1).build().unwrap();
    let mut sums = other.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let error = ctx.map(add_up { sum: &mut sums }, &values()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    let workers = format!("made for {} workers, but this context has {}", other.workers(), ctx.workers());
    assert!(error.to_string().contains("`sum`") && error.to_string().contains(&workers), "{error}");
    assert_eq!(sums.sum(), 0);
}

fn an_array_with_a_worker_axis_is_refused_as_an_output(ctx: &Context) {
    #[pasha::kernel]
    fn copy(_worker_id: usize, _index: usize, value: u64, #[out] copied: &mut u64) {
        *copied = value + 1;
    }

    let mut sums = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let error = ctx.map(copy { copied: &mut sums }, 0..ctx.workers() as u64).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(error.to_string().contains("`copied`") && error.to_string().contains("counts workers"), "{error}");
    assert_eq!(sums.sum(), 0);
}

fn an_array_with_a_worker_axis_is_refused_as_a_reduction(ctx: &Context) {
    #[pasha::kernel]
    fn add(_worker_id: usize, _index: usize, value: u64, #[reduce(sum)] sums: &mut [u64]) {
        sums[0] += value;
    }

    let mut sums = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    assert_eq!(ctx.map(add { sums: &mut sums }, 0..3).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(sums.sum(), 0);
}

fn an_array_with_a_worker_axis_is_refused_as_ranges(ctx: &Context) {
    #[pasha::kernel]
    fn fill(_worker_id: usize, _index: usize, _item: u8, #[out(ranges)] run: &mut [u64]) {
        run.fill(1);
    }

    let mut sums = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let error = ctx.map(fill { run: sums.ranges(&[0, 1]).unwrap() }, 0..1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert_eq!(sums.sum(), 0);
}
