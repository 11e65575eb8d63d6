//! Odd arrays: without elements, with elements of no size or of a wide alignment, of no axes, in F order, larger than memory.

use std::marker::PhantomData;

use bytemuck::{Pod, Zeroable};
use ndarray::{ArrayViewMut, ArrayViewMut1, ArrayViewMut2, Order};
use pasha::{Element, ErrorKind, Ix1, IxDyn, SharedArray};
use pasha_tests::support::Setting;

cases![
    elements_of_no_size,
    elements_of_a_wide_alignment,
    elements_of_too_wide_an_alignment_are_refused,
    wide_integers,
    slots_of_no_elements,
    slots_of_no_axes,
    rows_that_are_not_contiguous_are_refused,
    rows_of_one_element_are_contiguous,
    frames_of_either_order_are_told_apart,
    shapes_beyond_the_address_space_are_refused,
    accumulators_beyond_the_address_space_are_refused,
    a_view_that_is_turned_around_turns_no_array,
    arrays_that_are_swapped_take_their_memory_along,
    every_slot_of_every_axis_is_one_of_its_own,
];

#[pasha::kernel]
fn set<T: Element>(_worker_id: usize, _index: usize, item: &T, #[out] one: &mut T, #[per_worker] row: &mut [T]) {
    *one = *item;
    row.fill(*item);
}

fn check<T: Element + PartialEq + std::fmt::Debug>(setting: &Setting, values: &[T]) {
    let ctx = setting.ctx();
    let mut one = ctx.alloc_like(values).unwrap();
    let mut row = ctx.alloc::<T>().shape(3).per_worker().build().unwrap();
    assert_eq!(one.as_ptr().addr() % align_of::<T>(), 0);
    ctx.map(set { one: &mut one, row: &mut row }, values).unwrap();
    assert_eq!(one.to_vec(), values);
    let collected = ctx.collect(same {}, values).unwrap();
    assert_eq!(collected.to_vec(), values);
}

#[pasha::kernel]
fn same<T: Element>(_worker_id: usize, _index: usize, item: &T) -> T {
    *item
}

fn elements_of_no_size(setting: &Setting) {
    check(setting, &[(); 1000]);
    check(setting, &[[0.0_f64; 0]; 10]);
    check(setting, &[PhantomData::<u8>; 10]);
    let ctx = setting.ctx();
    let mut runs = ctx.alloc::<()>().shape(10).build().unwrap();

    #[pasha::kernel]
    fn fill(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[out(ranges)] run: &mut [()],
        #[reduce(with = keep)] all: &mut [()],
        #[out] len: &mut u64,
    ) {
        run.fill(());
        all.fill(());
        *len = run.len() as u64;
    }
    fn keep(_total: &mut (), _part: &()) {}

    let mut len = ctx.alloc::<u64>().shape(3).build().unwrap();
    let mut all = ctx.alloc::<()>().shape(7).build().unwrap();
    let run = runs.ranges(&[0, 2, 9, 10]).unwrap();
    ctx.map(fill { run, all: &mut all, len: &mut len }, 0..3).unwrap();
    assert_eq!(len.to_vec(), [2, 7, 1]);
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
struct Aligned([u8; 64]);

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(4096))]
struct Page([u8; 4096]);

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(8192))]
struct TwoPages([u8; 8192]);

macro_rules! plain {
    ($($plain:ty),*) => {$(
        #[allow(unsafe_code)]
        const _: () = {
            // SAFETY: bytes only, as many as the alignment, so that there is no padding.
            unsafe impl Zeroable for $plain {}
            // SAFETY: as above.
            unsafe impl Pod for $plain {}
        };
    )*};
}

plain!(Aligned, Page, TwoPages);

fn elements_of_a_wide_alignment(setting: &Setting) {
    check(setting, &[Aligned([3; 64]), Aligned([4; 64]), Aligned([5; 64])]);
    check(setting, &[Page([3; 4096]), Page([4; 4096])]);
    let large = setting.ctx().alloc::<Page>().shape(1000).build().unwrap();
    assert_eq!(large.as_ptr().addr() % 4096, 0);
}

fn elements_of_too_wide_an_alignment_are_refused(setting: &Setting) {
    match setting.ctx().alloc::<TwoPages>().shape(3).build() {
        Ok(array) => assert_eq!(array.as_ptr().addr() % 8192, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Argument),
    }
}

fn wide_integers(setting: &Setting) {
    check(setting, &[u128::MAX, 1 << 100, 7]);
    check(setting, &[i128::MIN, -1, 7]);
}

fn slots_of_no_elements(setting: &Setting) {
    #[pasha::kernel]
    fn write(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[out] row: &mut [u64],
        #[out] mut frame: ArrayViewMut2<'_, u64>,
        #[reduce(sum)] total: &mut [u64],
        #[per_worker] mut own: ArrayViewMut1<'_, u64>,
    ) {
        row.fill(1);
        frame.fill(1);
        total.fill(1);
        own.fill(1);
    }

    let ctx = setting.ctx();
    let mut row = ctx.alloc::<u64>().shape((4, 0)).build().unwrap();
    let mut total = ctx.alloc::<u64>().shape(0).build().unwrap();
    let mut own = ctx.alloc::<u64>().shape(0).per_worker().build().unwrap();
    for shape in [(4, 0, 3), (4, 3, 0), (4, 0, 0)] {
        for order in [Order::RowMajor, Order::ColumnMajor] {
            let mut frame = ctx.alloc::<u64>().shape(shape).order(order).build().unwrap();
            ctx.map(write { row: &mut row, frame: &mut frame, total: &mut total, own: &mut own }, 0..4).unwrap();
        }
    }
    let mut none = ctx.alloc::<u64>().shape((0, 3, 3)).build().unwrap();
    let mut no_rows = ctx.alloc::<u64>().shape((0, 3)).build().unwrap();
    ctx.map(write { row: &mut no_rows, frame: &mut none, total: &mut total, own: &mut own }, 0..0).unwrap();
}

#[pasha::kernel]
fn dynamic(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[out] mut slot: ArrayViewMut<'_, u64, IxDyn>,
    #[reduce(sum)] mut total: ArrayViewMut<'_, u64, IxDyn>,
) {
    slot += index as u64;
    total += 1;
}

fn slots_of_no_axes(setting: &Setting) {
    let ctx = setting.ctx();
    let mut slot = ctx.alloc::<u64>().shape(IxDyn(&[5])).build().unwrap();
    let mut total = ctx.alloc::<u64>().shape(IxDyn(&[])).build().unwrap();
    ctx.map(dynamic { slot: &mut slot, total: &mut total }, 0..5).unwrap();
    assert_eq!(slot.iter().copied().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(total.first(), Some(&5));

    // Not even an axis to count items.
    let mut no_axis = ctx.alloc::<u64>().shape(IxDyn(&[])).build().unwrap();
    for items in [0, 1, 2] {
        let error = ctx.map(dynamic { slot: &mut no_axis, total: &mut total }, 0..items).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
    }
    let mut own = ctx.alloc::<u64>().shape(IxDyn(&[])).per_worker().build().unwrap();
    assert_eq!(own.shape(), [ctx.workers()]);
    let error = ctx.map(dynamic { slot: &mut own, total: &mut total }, 0..ctx.workers()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape, "workers are not items");
}

#[pasha::kernel]
fn rows(_worker_id: usize, index: usize, _item: usize, #[out] row: &mut [u64]) {
    row.fill(1 + index as u64);
}

#[pasha::kernel]
fn columns(_worker_id: usize, index: usize, _item: usize, #[out(axis = 1)] column: &mut [u64]) {
    column.fill(1 + index as u64);
}

fn rows_that_are_not_contiguous_are_refused(setting: &Setting) {
    let ctx = setting.ctx();
    let mut c = ctx.alloc::<u64>().shape((3, 4)).build().unwrap();
    let mut f = ctx.alloc::<u64>().shape((3, 4)).order(Order::F).build().unwrap();
    ctx.map(rows { row: &mut c }, 0..3).unwrap();
    ctx.map(columns { column: &mut f }, 0..4).unwrap();
    assert_eq!(c.sum(), 4 * (1 + 2 + 3));
    assert_eq!(f.sum(), 3 * (1 + 2 + 3 + 4));
    assert_eq!(ctx.map(rows { row: &mut f }, 0..3).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(ctx.map(columns { column: &mut c }, 0..4).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(c.sum(), 24);

    #[pasha::kernel]
    fn own(_worker_id: usize, _index: usize, _item: usize, #[per_worker] row: &mut [u64]) {
        row.fill(1);
    }
    let mut own_f = ctx.alloc::<u64>().shape(5).order(Order::F).per_worker().build().unwrap();
    ctx.map(own { row: &mut own_f }, 0..3).unwrap();
    assert_eq!(own_f.shape(), [5, ctx.workers()]);
}

fn rows_of_one_element_are_contiguous(setting: &Setting) {
    let ctx = setting.ctx();
    for order in [Order::RowMajor, Order::ColumnMajor] {
        let mut narrow = ctx.alloc::<u64>().shape((5, 1)).order(order).build().unwrap();
        ctx.map(rows { row: &mut narrow }, 0..5).unwrap();
        assert_eq!(narrow.iter().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        let mut flat = ctx.alloc::<u64>().shape((1, 5)).order(order).build().unwrap();
        ctx.map(columns { column: &mut flat }, 0..5).unwrap();
        assert_eq!(flat.iter().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    }
}

fn frames_of_either_order_are_told_apart(setting: &Setting) {
    #[pasha::kernel]
    fn frame(_worker_id: usize, index: usize, _item: usize, #[out] mut frame: ArrayViewMut2<'_, u64>) {
        for ((row, column), value) in frame.indexed_iter_mut() {
            *value += (100 * index + 10 * row + column) as u64;
        }
    }

    let ctx = setting.ctx();
    for order in [Order::RowMajor, Order::ColumnMajor] {
        let mut cube = ctx.alloc::<u64>().shape((7, 3, 4)).order(order).build().unwrap();
        ctx.map(frame { frame: &mut cube }, 0..7).unwrap();
        for ((index, row, column), value) in cube.indexed_iter() {
            assert_eq!(*value, (100 * index + 10 * row + column) as u64);
        }
    }
}

fn shapes_beyond_the_address_space_are_refused(setting: &Setting) {
    let ctx = setting.ctx();
    let kind = |built: pasha::Result<SharedArray<u8, IxDyn>>| built.unwrap_err().kind();
    for shape in [&[usize::MAX][..], &[isize::MAX as usize, 2], &[1 << 32, 1 << 32], &[0, usize::MAX, usize::MAX]] {
        assert_eq!(kind(ctx.alloc::<u8>().shape(IxDyn(shape)).build()), ErrorKind::Memory, "{shape:?}");
    }
    assert!(ctx.alloc::<[u64; 1024]>().shape(usize::MAX / 1024).build().is_err());
    // More elements than an `isize` counts, although they take no room.
    for shape in [&[usize::MAX][..], &[1 << 40, 1 << 40]] {
        assert!(ctx.alloc::<()>().shape(IxDyn(shape)).build().is_err(), "{shape:?}");
    }
}

fn accumulators_beyond_the_address_space_are_refused(setting: &Setting) {
    let ctx = setting.ctx();
    assert!(ctx.alloc::<u8>().shape(usize::MAX / 2).per_worker().build().is_err());
    assert!(ctx.alloc::<()>().shape(usize::MAX / 2).per_worker().build().is_err() || ctx.workers() == 1);
}

fn a_view_that_is_turned_around_turns_no_array(setting: &Setting) {
    let ctx = setting.ctx();
    let mut array = ctx.alloc::<u64>().shape((3, 4)).build().unwrap();
    let mut view = array.view_mut();
    view.swap_axes(0, 1);
    view.invert_axis(ndarray::Axis(0));
    view[[0, 2]] = 5;
    assert_eq!(array.shape(), [3, 4]);
    assert_eq!(array[[2, 3]], 5);
    ctx.map(rows { row: &mut array }, 0..3).unwrap();
    assert_eq!(array.row(2).to_vec(), [3; 4]);
}

fn arrays_that_are_swapped_take_their_memory_along(setting: &Setting) {
    let ctx = setting.ctx();
    let mut small: SharedArray<u64, Ix1> = ctx.alloc().shape(1).fill(1).build().unwrap();
    let mut large = ctx.alloc().shape(100_000).fill(2).build().unwrap();
    std::mem::swap(&mut small, &mut large);
    let old = std::mem::replace(&mut large, ctx.alloc().shape(2).fill(3).build().unwrap());
    assert_eq!((small.sum(), large.sum(), old.sum()), (200_000, 6, 1));
    drop(old);

    #[pasha::kernel]
    fn set_one(_worker_id: usize, _index: usize, _item: usize, #[out] value: &mut u64) {
        *value = 7;
    }
    ctx.map(set_one { value: &mut small }, 0..100_000).unwrap();
    assert_eq!(small.sum(), 700_000);
}

fn every_slot_of_every_axis_is_one_of_its_own(setting: &Setting) {
    #[pasha::kernel]
    fn add(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[out(axis = 0)] mut first: ArrayViewMut2<'_, u64>,
        #[out(axis = 1)] mut second: ArrayViewMut2<'_, u64>,
        #[out(axis = 2)] mut third: ArrayViewMut2<'_, u64>,
    ) {
        first += 1;
        second += 1;
        third += 1;
    }

    let ctx = setting.ctx();
    for order in [Order::RowMajor, Order::ColumnMajor] {
        let cube = |shape| ctx.alloc::<u64>().shape(shape).order(order).build().unwrap();
        let (mut first, mut second, mut third) = (cube((6, 2, 3)), cube((2, 6, 3)), cube((2, 3, 6)));
        ctx.map(add { first: &mut first, second: &mut second, third: &mut third }, 0..6).unwrap();
        for cube in [&first, &second, &third] {
            assert!(cube.iter().all(|value| *value == 1), "{cube:?}");
        }
    }
}
