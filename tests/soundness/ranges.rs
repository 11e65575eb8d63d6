//! Runs of entries: cut once, at offsets that cannot change, and never twice.

use ndarray::{ArrayViewMut, ArrayViewMut2, Axis, Order};
use pasha::{ErrorKind, Ix0, IxDyn};
use pasha_tests::support::Setting;

cases![
    runs_touch_only_their_entries,
    runs_of_any_axis_touch_only_their_entries,
    offsets_that_overlap_are_refused,
    offsets_that_are_not_of_the_map_are_refused,
    offsets_in_shared_memory_do_not_change,
    forgotten_ranges_give_the_array_back,
    an_array_of_no_axes_has_no_ranges,
    runs_of_nothing_are_empty,
];

#[pasha::kernel]
fn mark(_worker_id: usize, index: usize, _item: usize, #[out(ranges)] run: &mut [u64]) {
    for entry in run {
        *entry += 1 + index as u64;
    }
}

fn runs_touch_only_their_entries(setting: &Setting) {
    let ctx = setting.ctx();
    let mut flat = ctx.alloc::<u64>().shape(20).build().unwrap();
    ctx.map(mark { run: flat.ranges(&[2, 2, 5, 5, 11, 18]).unwrap() }, 0..5).unwrap();
    assert_eq!(flat.to_vec(), [0, 0, 2, 2, 2, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 0, 0]);
}

#[pasha::kernel]
fn mark_views(_worker_id: usize, index: usize, _item: usize, #[out(ranges)] mut run: ArrayViewMut2<'_, u64>) {
    run += 1 + index as u64;
}

fn runs_of_any_axis_touch_only_their_entries(setting: &Setting) {
    let ctx = setting.ctx();
    for order in [Order::RowMajor, Order::ColumnMajor] {
        for axis in [Axis(0), Axis(1)] {
            let mut table = ctx.alloc::<u64>().shape((6, 6)).order(order).build().unwrap();
            let runs = table.ranges_along(axis, &[1, 3, 3, 6]).unwrap();
            ctx.map(mark_views { run: runs }, 0..3).unwrap();
            for (number, lane) in table.axis_iter(axis).enumerate() {
                let expected = [0, 1, 1, 3, 3, 3][number];
                assert!(lane.iter().all(|value| *value == expected), "{table:?}");
            }
        }
    }
}

fn offsets_that_overlap_are_refused(setting: &Setting) {
    let ctx = setting.ctx();
    let mut flat = ctx.alloc::<u64>().shape(20).build().unwrap();
    let kind = |offsets: &[usize], flat: &mut pasha::SharedArray<u64, pasha::Ix1>| {
        flat.ranges(offsets).map(drop).unwrap_err().kind()
    };
    assert_eq!(kind(&[0, 10, 5, 20], &mut flat), ErrorKind::Argument);
    assert_eq!(kind(&[20, 0], &mut flat), ErrorKind::Argument);
    assert_eq!(kind(&[0, usize::MAX, 20], &mut flat), ErrorKind::Argument);
    assert_eq!(kind(&[0, 21], &mut flat), ErrorKind::Shape);
    assert_eq!(kind(&[usize::MAX], &mut flat), ErrorKind::Shape);
    assert_eq!(kind(&[], &mut flat), ErrorKind::Argument);
    assert!(flat.ranges_along(Axis(1), &[0, 1]).is_err());
    assert!(flat.ranges_along(Axis(usize::MAX), &[0, 1]).is_err());
}

fn offsets_that_are_not_of_the_map_are_refused(setting: &Setting) {
    let ctx = setting.ctx();
    let mut flat = ctx.alloc::<u64>().shape(20).build().unwrap();
    for (offsets, items) in [(&[0, 10, 20][..], 1), (&[0, 10, 20], 3), (&[0], 1), (&[0, 10, 20], usize::MAX)] {
        let error = ctx.map(mark { run: flat.ranges(offsets).unwrap() }, 0..items).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape, "{offsets:?} for {items} items");
    }
    ctx.map(mark { run: flat.ranges(&[20]).unwrap() }, 0..0).unwrap();
    assert_eq!(flat.sum(), 0);
}

fn offsets_in_shared_memory_do_not_change(setting: &Setting) {
    let ctx = setting.ctx();
    let mut offsets = ctx.alloc::<usize>().shape(101).build().unwrap();
    for (number, offset) in offsets.view_mut().iter_mut().enumerate() {
        *offset = 10 * number;
    }
    let mut flat = ctx.alloc::<u64>().shape(1000).build().unwrap();
    let runs = flat.ranges(offsets.as_slice().unwrap()).unwrap();
    ctx.map(mark { run: runs }, 0..100).unwrap();
    assert!(flat.iter().enumerate().all(|(entry, value)| *value == 1 + entry as u64 / 10));
    offsets[1] = 0;
}

#[allow(clippy::forget_non_drop)]
fn forgotten_ranges_give_the_array_back(setting: &Setting) {
    let ctx = setting.ctx();
    let mut flat = ctx.alloc::<u64>().shape(20).build().unwrap();
    std::mem::forget(flat.ranges(&[0, 20]).unwrap());
    ctx.map(mark { run: flat.ranges(&[0, 20]).unwrap() }, 0..1).unwrap();
    assert_eq!(flat.sum(), 20);
}

fn an_array_of_no_axes_has_no_ranges(setting: &Setting) {
    let ctx = setting.ctx();
    let mut single = ctx.alloc::<u64>().shape(()).build().unwrap();
    assert!(single.ranges(&[0, 1]).is_err());
    assert!(single.ranges(&[0]).is_err());
    let _: &pasha::SharedArray<u64, Ix0> = &single;
    let mut dynamic = ctx.alloc::<u64>().shape(IxDyn(&[])).build().unwrap();
    assert!(dynamic.ranges(&[0, 1]).is_err());
    assert!(dynamic.ranges_along(Axis(7), &[0, 1]).is_err());
}

fn runs_of_nothing_are_empty(setting: &Setting) {
    #[pasha::kernel]
    fn measure(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[out(ranges)] run: ArrayViewMut<'_, u64, IxDyn>,
        #[out] len: &mut u64,
    ) {
        *len = run.len() as u64;
        assert_eq!(run.iter().count(), run.len());
    }

    let ctx = setting.ctx();
    for shape in [&[0, 5][..], &[5, 0], &[5, 0, 4], &[0]] {
        for axis in 0..shape.len() {
            let mut empty = ctx.alloc::<u64>().shape(IxDyn(shape)).build().unwrap();
            let mut len = ctx.alloc::<u64>().shape(3).fill(9).build().unwrap();
            let end = shape[axis];
            let offsets = [0, end / 2, end, end];
            let runs = empty.ranges_along(Axis(axis), &offsets).unwrap();
            ctx.map(measure { run: runs, len: &mut len }, 0..3).unwrap();
            assert_eq!(len.sum(), 0, "axis {axis} of {shape:?}");
        }
    }
}
