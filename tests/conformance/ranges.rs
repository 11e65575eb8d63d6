//! `#[out(ranges)]`: a run of entries between two offsets, of a length that differs by item.

use ndarray::{Array2, ArrayViewMut1, ArrayViewMut2, ArrayViewMut3, Axis};
use pasha::ErrorKind;
use pasha::prelude::*;

use crate::support::{Counters, cases};

cases![
    a_run_is_a_slice_from_offset_to_offset,
    a_run_of_no_entries_is_an_empty_slice,
    entries_outside_of_the_offsets_belong_to_nobody,
    a_run_of_rows_is_a_view,
    a_run_of_columns_is_a_view,
    a_run_along_the_middle_of_three_axes_is_a_view,
    runs_are_right_in_f_order,
    a_view_of_one_axis_is_a_run_too,
    several_outputs_may_be_cut_alike_or_not,
    an_optional_output_may_be_cut_or_left_out,
    no_items_want_one_offset,
    descending_offsets_are_refused,
    offsets_beyond_the_end_are_refused,
    no_offsets_are_refused,
    an_axis_that_is_not_there_is_refused,
    as_many_offsets_as_items_are_refused,
];

#[pasha::kernel]
fn repeat(_worker_id: usize, index: usize, &times: &usize, #[out(ranges)] run: &mut [usize]) {
    assert_eq!(run.len(), times);
    for (at, entry) in run.iter_mut().enumerate() {
        *entry = 1000 * (index + 1) + at;
    }
}

/// Where the runs of these lengths begin and end.
fn prefix_sum(from: usize, lengths: &[usize]) -> Vec<usize> {
    let mut offsets = vec![from];
    offsets.extend(lengths.iter().scan(from, |sum, length| {
        *sum += length;
        Some(*sum)
    }));
    offsets
}

fn expected_repeats(lengths: &[usize]) -> Vec<usize> {
    let run = |(index, length): (usize, &usize)| (0..*length).map(move |at| 1000 * (index + 1) + at);
    lengths.iter().enumerate().flat_map(run).collect()
}

fn a_run_is_a_slice_from_offset_to_offset(ctx: &Context) {
    let lengths: Vec<usize> = (0..40).map(|index| 1 + index * 7 % 13).collect();
    let offsets = prefix_sum(0, &lengths);
    let mut flat = ctx.alloc::<usize>().shape(offsets[40]).build().unwrap();
    ctx.map(repeat { run: flat.ranges(&offsets).unwrap() }, &lengths).unwrap();
    assert_eq!(flat.to_vec(), expected_repeats(&lengths));
}

fn a_run_of_no_entries_is_an_empty_slice(ctx: &Context) {
    let lengths = [0, 3, 0, 0, 2, 0];
    let mut flat = ctx.alloc::<usize>().shape(5).build().unwrap();
    ctx.map(repeat { run: flat.ranges(&prefix_sum(0, &lengths)).unwrap() }, &lengths).unwrap();
    assert_eq!(flat.to_vec(), expected_repeats(&lengths));

    let mut nothing = ctx.alloc::<usize>().shape(0).build().unwrap();
    assert_eq!(ctx.map(repeat { run: nothing.ranges(&[0; 9]).unwrap() }, &[0; 8]).unwrap().items(), 8);
}

fn entries_outside_of_the_offsets_belong_to_nobody(ctx: &Context) {
    let lengths = [2, 0, 4, 1];
    let mut flat = ctx.alloc::<usize>().shape(12).fill(7).build().unwrap();
    ctx.map(repeat { run: flat.ranges(&prefix_sum(3, &lengths)).unwrap() }, &lengths).unwrap();
    assert_eq!(flat.to_vec(), [&[7; 3], expected_repeats(&lengths).as_slice(), &[7; 2]].concat());
}

#[pasha::kernel]
fn stamp(_worker_id: usize, index: usize, &length: &usize, #[out(ranges)] mut block: ArrayViewMut2<'_, usize>) {
    assert!(block.shape().contains(&length));
    block.indexed_iter_mut().for_each(|((row, column), entry)| *entry = 10_000 * (index + 1) + 100 * row + column);
}

fn a_run_of_rows_is_a_view(ctx: &Context) {
    let lengths = [3, 1, 0, 4, 2];
    let offsets = prefix_sum(0, &lengths);
    let mut table = ctx.alloc::<usize>().shape((10, 6)).build().unwrap();
    ctx.map(stamp { block: table.ranges(&offsets).unwrap() }, &lengths).unwrap();
    assert_eq!(table, stamped_rows(&offsets, 6));
}

fn stamped_rows(offsets: &[usize], columns: usize) -> Array2<usize> {
    Array2::from_shape_fn((*offsets.last().unwrap(), columns), |(row, column)| {
        let index = offsets.partition_point(|offset| *offset <= row) - 1;
        10_000 * (index + 1) + 100 * (row - offsets[index]) + column
    })
}

fn a_run_of_columns_is_a_view(ctx: &Context) {
    let lengths = [3, 1, 0, 4, 2];
    let offsets = prefix_sum(0, &lengths);
    let mut table = ctx.alloc::<usize>().shape((6, 10)).build().unwrap();
    ctx.map(stamp { block: table.ranges_along(Axis(1), &offsets).unwrap() }, &lengths).unwrap();
    let expected = Array2::from_shape_fn((6, 10), |(row, column)| {
        let index = offsets.partition_point(|offset| *offset <= column) - 1;
        10_000 * (index + 1) + 100 * row + column - offsets[index]
    });
    assert_eq!(table, expected);
}

fn a_run_along_the_middle_of_three_axes_is_a_view(ctx: &Context) {
    #[pasha::kernel]
    fn stamp(_worker_id: usize, index: usize, _item: u8, #[out(ranges)] mut block: ArrayViewMut3<'_, u32>) {
        block.indexed_iter_mut().for_each(|((a, b, c), entry)| *entry = (1000 * index + 100 * a + 10 * b + c) as u32);
    }

    let offsets = [1, 4, 4, 5, 9];
    for order in [Order::C, Order::F] {
        let mut cube = ctx.alloc::<u32>().shape((2, 9, 3)).order(order).build().unwrap();
        ctx.map(stamp { block: cube.ranges_along(Axis(1), &offsets).unwrap() }, 0..4).unwrap();
        for ((a, b, c), entry) in cube.indexed_iter() {
            let expected = match b {
                0 => 0,
                1..4 => 100 * a + 10 * (b - 1) + c,
                4 => 2000 + 100 * a + c,
                _ => 3000 + 100 * a + 10 * (b - 5) + c,
            };
            assert_eq!(*entry as usize, expected, "at {:?} in order {order:?}", (a, b, c));
        }
    }
}

fn runs_are_right_in_f_order(ctx: &Context) {
    let lengths = [3, 1, 0, 4, 2];
    let offsets = prefix_sum(0, &lengths);
    let mut table = ctx.alloc::<usize>().shape((10, 6)).order(Order::F).build().unwrap();
    ctx.map(stamp { block: table.ranges(&offsets).unwrap() }, &lengths).unwrap();
    assert_eq!(table, stamped_rows(&offsets, 6));
}

fn a_view_of_one_axis_is_a_run_too(ctx: &Context) {
    #[pasha::kernel]
    fn count(_worker_id: usize, _index: usize, _item: u8, #[out(ranges)] mut run: ArrayViewMut1<'_, usize>) {
        let length = run.len();
        run.fill(length);
    }

    let mut flat = ctx.alloc::<usize>().shape(6).build().unwrap();
    ctx.map(count { run: flat.ranges(&[0, 2, 3, 6]).unwrap() }, 0..3).unwrap();
    assert_eq!(flat.to_vec(), [2, 2, 1, 3, 3, 3]);
}

fn several_outputs_may_be_cut_alike_or_not(ctx: &Context) {
    #[pasha::kernel]
    fn divide(
        _worker_id: usize,
        _index: usize,
        &number: &u32,
        #[out(ranges)] divisors: &mut [u32],
        #[out(ranges)] quotients: &mut [u32],
        #[out(ranges)] odd: &mut [u32],
        #[out] count: &mut u32,
    ) {
        let all = (1..=number).filter(|divisor| number % divisor == 0);
        *count = all.clone().count() as u32;
        divisors.iter_mut().zip(all.clone()).for_each(|(entry, divisor)| *entry = divisor);
        quotients.iter_mut().zip(all.clone()).for_each(|(entry, divisor)| *entry = number / divisor);
        odd.iter_mut().zip(all.filter(|divisor| divisor % 2 == 1)).for_each(|(entry, divisor)| *entry = divisor);
    }

    let numbers: Vec<u32> = (1..60).collect();
    let divisors = |number: &u32| (1..=*number).filter(|divisor| number.is_multiple_of(*divisor)).collect::<Vec<_>>();
    let all: Vec<Vec<u32>> = numbers.iter().map(divisors).collect();
    let odd: Vec<Vec<u32>> = all.iter().map(|all| all.iter().copied().filter(|one| one % 2 == 1).collect()).collect();
    let offsets = |of: &[Vec<u32>]| prefix_sum(0, &of.iter().map(Vec::len).collect::<Vec<_>>());
    let (at, at_odd) = (offsets(&all), offsets(&odd));

    let mut flat = ctx.alloc::<u32>().shape(at[59]).build().unwrap();
    let mut quotients = ctx.alloc::<u32>().shape(at[59]).build().unwrap();
    let mut flat_odd = ctx.alloc::<u32>().shape(at_odd[59]).build().unwrap();
    let mut count = ctx.alloc::<u32>().shape(59).build().unwrap();
    let kernel = divide {
        divisors: flat.ranges(&at).unwrap(),
        quotients: quotients.ranges(&at).unwrap(),
        odd: flat_odd.ranges(&at_odd).unwrap(),
        count: &mut count,
    };
    ctx.map(kernel, &numbers).unwrap();
    assert_eq!(flat.to_vec(), all.concat());
    let reversed: Vec<Vec<u32>> = all.iter().map(|all| all.iter().rev().copied().collect()).collect();
    assert_eq!(quotients.to_vec(), reversed.concat());
    assert_eq!(flat_odd.to_vec(), odd.concat());
    assert_eq!(count.to_vec(), all.iter().map(|all| all.len() as u32).collect::<Vec<_>>());
}

fn an_optional_output_may_be_cut_or_left_out(ctx: &Context) {
    #[pasha::kernel]
    fn fill(_worker_id: usize, index: usize, _item: u8, #[out(ranges)] run: Option<&mut [u8]>, #[out] given: &mut u8) {
        *given = u8::from(run.is_some());
        if let Some(run) = run {
            run.fill(index as u8 + 1);
        }
    }

    let mut flat = ctx.alloc::<u8>().shape(5).build().unwrap();
    let mut given = ctx.alloc::<u8>().shape(2).build().unwrap();
    ctx.map(fill { run: Some(flat.ranges(&[0, 3, 5]).unwrap()), given: &mut given }, 0..2).unwrap();
    assert_eq!((flat.to_vec(), given.to_vec()), (vec![1, 1, 1, 2, 2], vec![1, 1]));
    ctx.map(fill { run: None, given: &mut given }, 0..2).unwrap();
    assert_eq!(given.to_vec(), [0, 0]);
}

fn no_items_want_one_offset(ctx: &Context) {
    let mut flat = ctx.alloc::<usize>().shape(4).fill(9).build().unwrap();
    let report = ctx.map(repeat { run: flat.ranges(&[2]).unwrap() }, &[0_usize; 0]).unwrap();
    assert_eq!((report.items(), flat.sum()), (0, 36));
}

fn descending_offsets_are_refused(ctx: &Context) {
    let mut flat = ctx.alloc::<usize>().shape(10).build().unwrap();
    let error = flat.ranges(&[0, 4, 3, 10]).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(error.to_string().contains("offset 1 is 4, but offset 2 is 3"), "{error}");
}

fn offsets_beyond_the_end_are_refused(ctx: &Context) {
    let mut flat = ctx.alloc::<usize>().shape(10).build().unwrap();
    for offsets in [&[0, 4, 11][..], &[0, usize::MAX], &[11], &[usize::MAX, usize::MAX]] {
        let error = flat.ranges(offsets).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Shape, "{offsets:?}");
        assert!(error.to_string().contains("has 10 entries"), "{error}");
    }
    assert!(flat.ranges(&[0, 4, 10]).is_ok());
}

fn no_offsets_are_refused(ctx: &Context) {
    let mut flat = ctx.alloc::<usize>().shape(10).build().unwrap();
    assert_eq!(flat.ranges(&[]).err().unwrap().kind(), ErrorKind::Argument);
}

fn an_axis_that_is_not_there_is_refused(ctx: &Context) {
    let mut table = ctx.alloc::<usize>().shape((10, 2)).build().unwrap();
    let error = table.ranges_along(Axis(2), &[0, 1]).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(error.to_string().contains("no such axis"), "{error}");
    let mut single = ctx.alloc::<usize>().shape(()).build().unwrap();
    assert_eq!(single.ranges(&[0, 1]).err().unwrap().kind(), ErrorKind::Shape);
}

fn as_many_offsets_as_items_are_refused(ctx: &Context) {
    #[pasha::kernel]
    fn fill(_worker_id: usize, _index: usize, _item: u8, #[out(ranges)] run: &mut [u8], #[param] calls: &Counters) {
        calls.count(0);
        run.fill(1);
    }

    let calls = Counters::new(1);
    let mut flat = ctx.alloc::<u8>().shape(10).build().unwrap();
    for offsets in [&[0, 4, 10][..], &[0, 2, 4, 6, 10]] {
        let kernel = fill { run: flat.ranges(offsets).unwrap(), calls: &calls };
        let error = ctx.map(kernel, 0..3).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert!(error.to_string().contains("`run`") && error.to_string().contains("3 items"), "{error}");
    }
    assert_eq!((calls.total(), flat.sum()), (0, 0));
}
