//! `#[out]`: slot `index` of an axis, of any rank, order and element.

use bytemuck::{Pod, Zeroable};
use ndarray::{
    Array1, Array2, Array3, Array4, ArrayD, ArrayView1, ArrayViewMut, ArrayViewMut0, ArrayViewMut1, ArrayViewMut2,
    ArrayViewMut3, ArrayViewMutD, Axis, Ix2, IxDyn,
};
use pasha::prelude::*;

use crate::support::cases;

cases![
    an_element_is_written_by_its_index,
    a_row_is_a_slice,
    a_view_of_no_axes_is_one_element,
    a_view_of_one_axis_is_a_row,
    a_view_of_two_axes_is_a_frame,
    a_view_of_three_axes_is_a_block,
    a_view_of_dynamic_rank_is_whatever_is_left,
    an_array_of_dynamic_rank_and_one_axis_gives_views_of_none,
    a_view_may_be_written_by_its_dimension,
    slots_of_axis_1_are_columns,
    slots_of_axis_2_are_the_last_axis,
    slots_of_every_axis_are_right_in_c_and_f_order,
    a_slice_is_a_column_of_an_f_ordered_array,
    a_slice_of_rows_that_are_not_contiguous_is_refused,
    an_optional_output_is_written_when_it_is_given,
    an_optional_output_may_be_left_out,
    an_optional_output_of_a_wrong_length_is_refused,
    outputs_of_different_types_and_ranks_mix,
    a_struct_may_be_an_element,
    an_array_of_numbers_may_be_an_element,
    a_slot_without_elements_is_given_all_the_same,
    a_slot_holds_what_was_there_before,
    a_slot_that_is_not_written_keeps_its_fill,
    a_second_map_writes_over_the_first,
    a_kernel_stays_a_function,
    a_kernel_without_outputs_runs,
    a_kernel_allocates_its_outputs,
    a_generic_kernel_writes_whatever_type_it_is_bound_to,
];

#[pasha::kernel]
fn square(_worker_id: usize, index: usize, &value: &i64, #[out] squared: &mut i64) {
    *squared = value * value + index as i64;
}

fn an_element_is_written_by_its_index(ctx: &Context) {
    let values: Vec<i64> = (0..1000).map(|value| 3 * value - 700).collect();
    let mut squared = ctx.alloc_like(&values).unwrap();
    ctx.map(square { squared: &mut squared }, &values).unwrap();
    let expected: Vec<i64> = values.iter().zip(0..).map(|(value, index)| value * value + index).collect();
    assert_eq!(squared.to_vec(), expected);
}

fn a_row_is_a_slice(ctx: &Context) {
    #[pasha::kernel]
    fn powers(_worker_id: usize, _index: usize, &value: &f64, #[out] powers: &mut [f64]) {
        for (power, exponent) in powers.iter_mut().zip(1..) {
            *power = value.powi(exponent);
        }
    }

    let values = [1.5, -2.0, 0.0, 4.0, 0.25];
    let mut table = ctx.alloc::<f64>().shape((5, 3)).build().unwrap();
    ctx.map(powers { powers: &mut table }, &values).unwrap();
    assert_eq!(table, Array2::from_shape_fn((5, 3), |(row, column)| values[row].powi(column as i32 + 1)));
}

fn a_view_of_no_axes_is_one_element(ctx: &Context) {
    #[pasha::kernel]
    fn twice(_worker_id: usize, _index: usize, value: i32, #[out] mut doubled: ArrayViewMut0<'_, i32>) {
        doubled.fill(2 * value);
    }

    let mut doubled = ctx.alloc::<i32>().shape(20).build().unwrap();
    ctx.map(twice { doubled: &mut doubled }, -5..15).unwrap();
    assert_eq!(doubled.to_vec(), (-5..15).map(|value| 2 * value).collect::<Vec<_>>());
}

fn a_view_of_one_axis_is_a_row(ctx: &Context) {
    #[pasha::kernel]
    fn count(_worker_id: usize, _index: usize, from: u32, #[out] mut row: ArrayViewMut1<'_, u32>) {
        row.iter_mut().zip(from..).for_each(|(entry, number)| *entry = number);
    }

    let mut table = ctx.alloc::<u32>().shape((30, 4)).build().unwrap();
    ctx.map(count { row: &mut table }, 100..130).unwrap();
    assert_eq!(table, Array2::from_shape_fn((30, 4), |(row, column)| 100 + (row + column) as u32));
}

#[pasha::kernel]
fn tag_frame(_worker_id: usize, index: usize, &tag: &u64, #[out] mut frame: ArrayViewMut2<'_, u64>) {
    assert_eq!(frame.iter().copied().max(), Some(0), "a fresh array holds zeros");
    for ((row, column), pixel) in frame.indexed_iter_mut() {
        *pixel = tag * 10_000 + (index * 100 + row * 10 + column) as u64;
    }
}

fn a_view_of_two_axes_is_a_frame(ctx: &Context) {
    let tags = [4, 1, 9, 0, 7, 7, 3];
    let mut frames = ctx.alloc::<u64>().shape((7, 3, 5)).build().unwrap();
    ctx.map(tag_frame { frame: &mut frames }, &tags).unwrap();
    let expected = Array3::from_shape_fn((7, 3, 5), |(index, row, column)| {
        tags[index] * 10_000 + (index * 100 + row * 10 + column) as u64
    });
    assert_eq!(frames, expected);
}

fn a_view_of_three_axes_is_a_block(ctx: &Context) {
    #[pasha::kernel]
    fn number(_worker_id: usize, index: usize, scale: f32, #[out] mut block: ArrayViewMut3<'_, f32>) {
        for ((a, b, c), value) in block.indexed_iter_mut() {
            *value = scale * (index * 1000 + a * 100 + b * 10 + c) as f32;
        }
    }

    #[derive(Debug)]
    struct Halves;

    impl pasha::functor::Items<'_> for Halves {
        type Item = f32;
    }

    impl Functor for Halves {
        type State = ();

        fn items(&self) -> pasha::Result<usize> {
            Ok(6)
        }

        fn state(&self) -> pasha::Result<()> {
            Ok(())
        }

        fn item(&self, (): &mut (), index: usize) -> pasha::Result<f32> {
            Ok(index as f32 / 2.0)
        }
    }

    let mut blocks = ctx.alloc::<f32>().shape((6, 2, 3, 4)).build().unwrap();
    ctx.map(number { block: &mut blocks }, Halves).unwrap();
    let expected = Array4::from_shape_fn((6, 2, 3, 4), |(index, a, b, c)| {
        index as f32 / 2.0 * (index * 1000 + a * 100 + b * 10 + c) as f32
    });
    assert_eq!(blocks, expected);
}

#[pasha::kernel]
fn tag_any(_worker_id: usize, index: usize, _tag: u8, #[out] mut slot: ArrayViewMutD<'_, u16>) {
    for (at, (_, value)) in slot.indexed_iter_mut().enumerate() {
        *value = (index * 100 + at) as u16;
    }
}

fn a_view_of_dynamic_rank_is_whatever_is_left(ctx: &Context) {
    let mut frames = ctx.alloc::<u16>().shape(IxDyn(&[9, 3, 2, 2])).build().unwrap();
    ctx.map(tag_any { slot: &mut frames }, 0..9).unwrap();
    let expected =
        ArrayD::from_shape_fn(IxDyn(&[9, 3, 2, 2]), |at| (at[0] * 100 + at[1] * 4 + at[2] * 2 + at[3]) as u16);
    assert_eq!(frames, expected);
}

fn an_array_of_dynamic_rank_and_one_axis_gives_views_of_none(ctx: &Context) {
    let mut values = ctx.alloc::<u16>().shape(IxDyn(&[9])).build().unwrap();
    ctx.map(tag_any { slot: &mut values }, 0..9).unwrap();
    assert_eq!(values, ArrayD::from_shape_fn(IxDyn(&[9]), |at| at[0] as u16 * 100));
}

fn a_view_may_be_written_by_its_dimension(ctx: &Context) {
    #[pasha::kernel]
    fn fill(_worker_id: usize, _index: usize, &value: &i8, #[out] mut frame: ArrayViewMut<'_, i8, Ix2>) {
        frame.fill(value);
    }

    let mut frames = ctx.alloc::<i8>().shape((3, 2, 2)).build().unwrap();
    ctx.map(fill { frame: &mut frames }, &[5, -6, 7]).unwrap();
    assert_eq!(frames, Array3::from_shape_fn((3, 2, 2), |(index, ..)| [5, -6, 7][index]));
}

#[pasha::kernel]
fn tag_column(_worker_id: usize, index: usize, _tag: usize, #[out(axis = 1)] mut column: ArrayViewMut1<'_, usize>) {
    column.iter_mut().enumerate().for_each(|(row, value)| *value = 100 * index + row);
}

fn slots_of_axis_1_are_columns(ctx: &Context) {
    for order in [Order::C, Order::F] {
        let mut table = ctx.alloc::<usize>().shape((4, 11)).order(order).build().unwrap();
        ctx.map(tag_column { column: &mut table }, 0..11).unwrap();
        assert_eq!(table, Array2::from_shape_fn((4, 11), |(row, column)| 100 * column + row));
    }
}

#[pasha::kernel]
fn tag_last(_worker_id: usize, index: usize, _tag: usize, #[out(axis = 2)] mut slot: ArrayViewMut2<'_, usize>) {
    slot.indexed_iter_mut().for_each(|((a, b), value)| *value = 10_000 * a + 100 * b + index);
}

fn slots_of_axis_2_are_the_last_axis(ctx: &Context) {
    for order in [Order::C, Order::F] {
        let mut cube = ctx.alloc::<usize>().shape((3, 4, 13)).order(order).build().unwrap();
        ctx.map(tag_last { slot: &mut cube }, 0..13).unwrap();
        assert_eq!(cube, Array3::from_shape_fn((3, 4, 13), |(a, b, c)| 10_000 * a + 100 * b + c));
    }
}

fn slots_of_every_axis_are_right_in_c_and_f_order(ctx: &Context) {
    #[pasha::kernel]
    fn first(_worker_id: usize, index: usize, _tag: usize, #[out] mut slot: ArrayViewMut3<'_, u32>) {
        slot.indexed_iter_mut().for_each(|((a, b, c), value)| *value = number(index, &[a, b, c]));
    }

    #[pasha::kernel]
    fn second(_worker_id: usize, index: usize, _tag: usize, #[out(axis = 1)] mut slot: ArrayViewMut3<'_, u32>) {
        slot.indexed_iter_mut().for_each(|((a, b, c), value)| *value = number(index, &[a, b, c]));
    }

    #[pasha::kernel]
    fn last(_worker_id: usize, index: usize, _tag: usize, #[out(axis = 3)] mut slot: ArrayViewMut3<'_, u32>) {
        slot.indexed_iter_mut().for_each(|((a, b, c), value)| *value = number(index, &[a, b, c]));
    }

    fn number(index: usize, rest: &[usize]) -> u32 {
        rest.iter().fold(index, |number, next| 10 * number + next) as u32
    }

    for order in [Order::C, Order::F] {
        let alloc = || ctx.alloc::<u32>().shape((5, 4, 3, 6)).order(order).build().unwrap();
        let (mut one, mut two, mut three) = (alloc(), alloc(), alloc());
        ctx.map(first { slot: &mut one }, 0..5).unwrap();
        ctx.map(second { slot: &mut two }, 0..4).unwrap();
        ctx.map(last { slot: &mut three }, 0..6).unwrap();
        assert_eq!(one, Array4::from_shape_fn((5, 4, 3, 6), |(a, b, c, d)| number(a, &[b, c, d])));
        assert_eq!(two, Array4::from_shape_fn((5, 4, 3, 6), |(a, b, c, d)| number(b, &[a, c, d])));
        assert_eq!(three, Array4::from_shape_fn((5, 4, 3, 6), |(a, b, c, d)| number(d, &[a, b, c])));
    }
}

fn a_slice_is_a_column_of_an_f_ordered_array(ctx: &Context) {
    #[pasha::kernel]
    fn tag(_worker_id: usize, index: usize, _tag: usize, #[out(axis = 1)] column: &mut [usize]) {
        column.iter_mut().enumerate().for_each(|(row, value)| *value = 100 * index + row);
    }

    let mut table = ctx.alloc::<usize>().shape((4, 11)).order(Order::F).build().unwrap();
    ctx.map(tag { column: &mut table }, 0..11).unwrap();
    assert_eq!(table, Array2::from_shape_fn((4, 11), |(row, column)| 100 * column + row));
}

fn a_slice_of_rows_that_are_not_contiguous_is_refused(ctx: &Context) {
    #[pasha::kernel]
    fn fill(_worker_id: usize, _index: usize, _tag: usize, #[out] row: &mut [u8]) {
        row.fill(1);
    }

    let mut table = ctx.alloc::<u8>().shape((4, 5)).order(Order::F).build().unwrap();
    let error = ctx.map(fill { row: &mut table }, 0..4).unwrap_err();
    assert_eq!(error.kind(), pasha::ErrorKind::Shape);
    assert!(error.to_string().contains("`row`") && error.to_string().contains("not contiguous"), "{error}");
    assert_eq!(table.sum(), 0);
}

#[pasha::kernel]
fn extremes(
    _worker_id: usize,
    _index: usize,
    trace: ArrayView1<'_, i32>,
    #[out] highest: &mut i32,
    #[out] lowest: Option<&mut i32>,
    #[out] sorted: Option<&mut [i32]>,
) {
    *highest = *trace.iter().max().unwrap();
    if let Some(lowest) = lowest {
        *lowest = *trace.iter().min().unwrap();
    }
    if let Some(sorted) = sorted {
        sorted.iter_mut().zip(trace).for_each(|(to, from)| *to = *from);
        sorted.sort_unstable();
    }
}

fn traces() -> Array2<i32> {
    Array2::from_shape_fn((12, 7), |(trace, sample)| ((trace * 37 + sample * 61 + 11) % 101) as i32 - 50)
}

fn an_optional_output_is_written_when_it_is_given(ctx: &Context) {
    let traces = traces();
    let mut highest = ctx.alloc::<i32>().shape(12).build().unwrap();
    let mut lowest = ctx.alloc::<i32>().shape(12).build().unwrap();
    let mut sorted = ctx.alloc::<i32>().shape((12, 7)).build().unwrap();
    let kernel = extremes { highest: &mut highest, lowest: Some(&mut lowest), sorted: Some(&mut sorted) };
    ctx.map(kernel, &traces).unwrap();
    for (index, trace) in traces.rows().into_iter().enumerate() {
        let mut expected = trace.to_vec();
        expected.sort_unstable();
        assert_eq!(sorted.row(index).to_vec(), expected);
        assert_eq!((lowest[index], highest[index]), (expected[0], expected[6]));
    }
}

fn an_optional_output_may_be_left_out(ctx: &Context) {
    let traces = traces();
    let mut highest = ctx.alloc::<i32>().shape(12).build().unwrap();
    ctx.map(extremes { highest: &mut highest, lowest: None, sorted: None }, &traces).unwrap();
    assert_eq!(highest.to_vec(), traces.map_axis(Axis(1), |trace| *trace.iter().max().unwrap()).to_vec());
}

fn an_optional_output_of_a_wrong_length_is_refused(ctx: &Context) {
    let traces = traces();
    let mut highest = ctx.alloc::<i32>().shape(12).build().unwrap();
    let mut lowest = ctx.alloc::<i32>().shape(11).build().unwrap();
    let kernel = extremes { highest: &mut highest, lowest: Some(&mut lowest), sorted: None };
    let error = ctx.map(kernel, &traces).unwrap_err();
    assert_eq!(error.kind(), pasha::ErrorKind::Shape);
    assert!(error.to_string().contains("`lowest`"), "{error}");
    assert!(highest.iter().all(|value| *value == 0), "nothing ran");
}

fn outputs_of_different_types_and_ranks_mix(ctx: &Context) {
    #[pasha::kernel]
    fn analyse(
        _worker_id: usize,
        index: usize,
        &value: &u8,
        #[out] bits: &mut [u8],
        #[out] ones: &mut u32,
        #[out(axis = 1)] mut share: ArrayViewMut1<'_, f64>,
        #[out] mut outer: ArrayViewMut2<'_, i16>,
        #[out] id: &mut u128,
    ) {
        for (bit, entry) in bits.iter_mut().enumerate() {
            *entry = value >> bit & 1;
        }
        *ones = value.count_ones();
        share.fill(f64::from(value) / 255.0);
        outer.indexed_iter_mut().for_each(|((a, b), product)| *product = (a as i16 - b as i16) * i16::from(value));
        *id = (index as u128) << 64 | u128::from(value);
    }

    let values = [0, 1, 255, 170, 85, 128];
    let mut bits = ctx.alloc::<u8>().shape((6, 8)).build().unwrap();
    let mut ones = ctx.alloc::<u32>().shape(6).build().unwrap();
    let mut share = ctx.alloc::<f64>().shape((2, 6)).build().unwrap();
    let mut outer = ctx.alloc::<i16>().shape((6, 2, 3)).order(Order::F).build().unwrap();
    let mut id = ctx.alloc::<u128>().shape(6).build().unwrap();
    let kernel = analyse { bits: &mut bits, ones: &mut ones, share: &mut share, outer: &mut outer, id: &mut id };
    ctx.map(kernel, &values).unwrap();
    for (index, value) in values.into_iter().enumerate() {
        assert_eq!(bits.row(index).to_vec(), (0..8).map(|bit| value >> bit & 1).collect::<Vec<_>>());
        assert_eq!(ones[index], value.count_ones());
        assert_eq!(share.column(index).to_vec(), [f64::from(value) / 255.0; 2]);
        let expected = Array2::from_shape_fn((2, 3), |(a, b)| (a as i16 - b as i16) * i16::from(value));
        assert_eq!(outer.index_axis(Axis(0), index), expected);
        assert_eq!(id[index], (index as u128) << 64 | u128::from(value));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Peak {
    position: u32,
    height: f32,
}

fn a_struct_may_be_an_element(ctx: &Context) {
    #[pasha::kernel]
    fn find(_worker_id: usize, _index: usize, trace: ArrayView1<'_, i32>, #[out] peak: &mut Peak) {
        let (position, height) = trace.iter().enumerate().max_by_key(|(_, value)| **value).unwrap();
        *peak = Peak { position: position as u32, height: *height as f32 };
    }

    let traces = traces();
    let mut peaks = ctx.alloc::<Peak>().shape(12).build().unwrap();
    ctx.map(find { peak: &mut peaks }, &traces).unwrap();
    for (trace, peak) in traces.rows().into_iter().zip(&peaks) {
        let height = *trace.iter().max().unwrap();
        assert_eq!((peak.height, trace[peak.position as usize]), (height as f32, height));
    }
}

fn an_array_of_numbers_may_be_an_element(ctx: &Context) {
    #[pasha::kernel]
    fn place(_worker_id: usize, _index: usize, value: u16, #[out] place: &mut [u16; 3]) {
        *place = [value, value * value, 7];
    }

    let mut places = ctx.alloc::<[u16; 3]>().shape(9).build().unwrap();
    ctx.map(place { place: &mut places }, 0..9).unwrap();
    assert_eq!(places.to_vec(), (0..9).map(|value| [value, value * value, 7]).collect::<Vec<_>>());
}

fn a_slot_without_elements_is_given_all_the_same(ctx: &Context) {
    #[pasha::kernel]
    fn measure(
        _worker_id: usize,
        _index: usize,
        _value: u8,
        #[out] row: &mut [f64],
        #[out] frame: ArrayViewMut2<'_, f64>,
        #[out] nothing: &mut [u8; 0],
        #[out] sizes: &mut [usize],
    ) {
        nothing.copy_from_slice(&[]);
        sizes.copy_from_slice(&[row.len(), frame.len(), frame.nrows() + 1]);
    }

    let mut row = ctx.alloc::<f64>().shape((10, 0)).build().unwrap();
    let mut frame = ctx.alloc::<f64>().shape((10, 3, 0)).build().unwrap();
    let mut nothing = ctx.alloc::<[u8; 0]>().shape(10).build().unwrap();
    let mut sizes = ctx.alloc::<usize>().shape((10, 3)).build().unwrap();
    let kernel = measure { row: &mut row, frame: &mut frame, nothing: &mut nothing, sizes: &mut sizes };
    ctx.map(kernel, 0..10).unwrap();
    assert_eq!(sizes, Array2::from_shape_fn((10, 3), |(_, column)| [0, 0, 4][column]));
}

fn a_slot_holds_what_was_there_before(ctx: &Context) {
    #[pasha::kernel]
    fn add(_worker_id: usize, _index: usize, value: i32, #[out] sum: &mut i32) {
        *sum += value;
    }

    let mut sums = ctx.alloc::<i32>().shape(50).fill(1000).build().unwrap();
    sums[7] = -7;
    ctx.map(add { sum: &mut sums }, 0..50).unwrap();
    assert_eq!(sums.to_vec(), (0..50).map(|value| if value == 7 { 0 } else { 1000 + value }).collect::<Vec<_>>());
}

fn a_slot_that_is_not_written_keeps_its_fill(ctx: &Context) {
    #[pasha::kernel]
    fn root(_worker_id: usize, _index: usize, &value: &f64, #[out] root: &mut f64) {
        if value < 0.0 {
            return;
        }
        *root = value.sqrt();
    }

    let values = [4.0, -1.0, 9.0, -0.5, 0.0];
    let mut roots = ctx.alloc::<f64>().shape(5).fill(f64::NAN).build().unwrap();
    ctx.map(root { root: &mut roots }, &values).unwrap();
    assert_eq!([roots[0], roots[2], roots[4]], [2.0, 3.0, 0.0]);
    assert!(roots[1].is_nan() && roots[3].is_nan());
}

fn a_second_map_writes_over_the_first(ctx: &Context) {
    let mut squared = ctx.alloc::<i64>().shape(64).build().unwrap();
    ctx.map(square { squared: &mut squared }, &[3; 64]).unwrap();
    ctx.map(square { squared: &mut squared }, &[5; 64]).unwrap();
    assert_eq!(squared, Array1::from_shape_fn(64, |index| 25 + index as i64));
}

fn a_kernel_stays_a_function(ctx: &Context) {
    let mut called = 0;
    square(0, 2, &6, &mut called);
    let mut mapped = ctx.alloc::<i64>().shape(3).build().unwrap();
    ctx.map(square { squared: &mut mapped }, &[6; 3]).unwrap();
    assert_eq!((called, mapped[2]), (38, 38));
}

fn a_kernel_without_outputs_runs(ctx: &Context) {
    #[pasha::kernel]
    fn check(_worker_id: usize, index: usize, value: usize) -> Result<(), String> {
        if index == value { Ok(()) } else { Err(format!("{index} is not {value}")) }
    }

    assert_eq!(ctx.map(check {}, 0..100_usize).unwrap().items(), 100);
    assert_eq!(ctx.map(check {}, 1..100_usize).unwrap_err().index(), Some(0));
}

fn a_kernel_allocates_its_outputs(ctx: &Context) {
    #[pasha::kernel]
    fn stats(
        _worker_id: usize,
        _index: usize,
        trace: ArrayView1<'_, i32>,
        #[out] highest: &mut i32,
        #[out] sorted: &mut [i32],
        #[per_worker] seen: &mut u64,
        #[reduce(sum)] total: &mut [i64],
    ) {
        sorted.iter_mut().zip(&trace).for_each(|(to, from)| *to = *from);
        sorted.sort_unstable();
        *highest = sorted[sorted.len() - 1];
        *seen += 1;
        total.iter_mut().zip(&trace).for_each(|(total, value)| *total += i64::from(*value));
    }

    let traces = traces();
    let mut highest = stats::alloc_highest(ctx, 12).build().unwrap();
    let mut sorted = stats::alloc_sorted(ctx, (12, 7)).fill(-1).build().unwrap();
    let mut seen = stats::alloc_seen(ctx, ()).build().unwrap();
    let mut total = stats::alloc_total(ctx, 7).build().unwrap();
    let kernel = stats { highest: &mut highest, sorted: &mut sorted, seen: &mut seen, total: &mut total };
    ctx.map(kernel, &traces).unwrap();
    assert_eq!(highest, traces.map_axis(Axis(1), |trace| *trace.iter().max().unwrap()));
    assert_eq!(seen.sum(), 12);
    assert_eq!(seen.worker_axis(), Some(Axis(0)));
    assert_eq!(total, traces.map(|value| i64::from(*value)).sum_axis(Axis(0)));
}

fn a_generic_kernel_writes_whatever_type_it_is_bound_to(ctx: &Context) {
    #[pasha::kernel]
    fn reverse<T, const N: usize>(
        _worker_id: usize,
        _index: usize,
        values: &[T; N],
        #[out] first: &mut T,
        #[out] reversed: &mut [T],
    ) where
        T: pasha::Element,
    {
        *first = values[0];
        reversed.copy_from_slice(values);
        reversed.reverse();
    }

    let mut first = ctx.alloc::<f32>().shape(2).build().unwrap();
    let mut reversed = ctx.alloc::<f32>().shape((2, 3)).build().unwrap();
    ctx.map(reverse { first: &mut first, reversed: &mut reversed }, &[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).unwrap();
    assert_eq!(first.to_vec(), [1.0, 4.0]);
    assert_eq!(reversed.row(1).to_vec(), [6.0, 5.0, 4.0]);

    let mut first = ctx.alloc::<u64>().shape(1).build().unwrap();
    let mut reversed = ctx.alloc::<u64>().shape((1, 2)).build().unwrap();
    ctx.map(reverse { first: &mut first, reversed: &mut reversed }, &[[8, 9]]).unwrap();
    assert_eq!((first[0], reversed[[0, 0]]), (8, 9));
}
