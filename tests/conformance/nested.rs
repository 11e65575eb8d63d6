//! Maps inside maps run serially in the worker that starts them.

use ndarray::{Array2, ArrayView1};
use pasha::ErrorKind;
use pasha::prelude::*;

use crate::support::cases;

cases![
    a_map_in_a_kernel_is_done_by_its_worker_alone,
    maps_may_be_nested_three_deep,
    a_kernel_may_map_in_a_context_of_any_kind,
    a_kernel_may_map_in_a_context_it_makes_itself,
    a_kernel_may_collect,
    reductions_and_accumulators_work_in_a_nested_map,
    a_failure_of_a_nested_map_is_an_error_like_any_other,
    a_panic_of_a_nested_map_is_an_error_of_that_map,
    after_a_nested_map_maps_are_parallel_again,
];

#[pasha::kernel]
fn fill(
    worker_id: usize,
    index: usize,
    _item: usize,
    #[param] scale: u64,
    #[out] value: &mut u64,
    #[out] by: &mut usize,
) {
    *value = scale * 100 + index as u64;
    *by = worker_id;
}

fn a_map_in_a_kernel_is_done_by_its_worker_alone(ctx: &Context) {
    #[pasha::kernel]
    fn outer(
        _worker_id: usize,
        _index: usize,
        scale: u64,
        #[param] ctx: &Context,
        #[out] row: &mut [u64],
        #[out] others: &mut usize,
    ) -> pasha::Result<()> {
        let mut inner = ctx.alloc::<u64>().shape(row.len()).build()?;
        let mut by = ctx.alloc::<usize>().shape(row.len()).build()?;
        let report = ctx.map(fill { scale, value: &mut inner, by: &mut by }, 0..row.len())?;
        row.copy_from_slice(&inner.to_vec());
        *others = by.sum() + report.workers().len() - 1;
        Ok(())
    }

    let mut rows = ctx.alloc::<u64>().shape((24, 7)).build().unwrap();
    let mut others = ctx.alloc::<usize>().shape(24).fill(99).build().unwrap();
    ctx.map(outer { ctx, row: &mut rows, others: &mut others }, 0..24).unwrap();
    assert_eq!(rows, Array2::from_shape_fn((24, 7), |(row, column)| (100 * row + column) as u64));
    assert_eq!(others.to_vec(), [0; 24], "the inner maps had one worker, with id 0");
}

#[pasha::kernel]
fn deeper(
    _worker_id: usize,
    _index: usize,
    number: u64,
    #[param] depth: u32,
    #[param] ctx: &Context,
    #[out] sum: &mut u64,
) -> pasha::Result<()> {
    if depth == 0 {
        *sum = number;
        return Ok(());
    }
    let mut sums = ctx.alloc::<u64>().shape(4).build()?;
    ctx.map(deeper { depth: depth - 1, ctx, sum: &mut sums }, number..number + 4)?;
    *sum = sums.sum();
    Ok(())
}

fn maps_may_be_nested_three_deep(ctx: &Context) {
    let mut sums = ctx.alloc::<u64>().shape(12).build().unwrap();
    ctx.map(deeper { depth: 2, ctx, sum: &mut sums }, 0..12).unwrap();
    assert_eq!(sums.to_vec(), (0..12).map(|number| 16 * number + 48).collect::<Vec<_>>());
}

fn a_kernel_may_map_in_a_context_of_any_kind(ctx: &Context) {
    for other in [Context::serial(), Context::processes().workers(3).build().unwrap()] {
        let mut sums = ctx.alloc::<u64>().shape(12).build().unwrap();
        ctx.map(deeper { depth: 1, ctx: &other, sum: &mut sums }, 0..12).unwrap();
        assert_eq!(sums.to_vec(), (0..12).map(|number| 4 * number + 6).collect::<Vec<_>>());
    }
}

fn a_kernel_may_map_in_a_context_it_makes_itself(ctx: &Context) {
    #[pasha::kernel]
    fn outer(_worker_id: usize, _index: usize, number: u64, #[out] sums: &mut [u64]) -> pasha::Result<()> {
        let contexts = [Context::threads().workers(2).build()?, Context::processes().workers(2).build()?];
        for (ctx, sum) in contexts.iter().zip(sums) {
            let mut inner = ctx.alloc::<u64>().shape(4).build()?;
            ctx.map(deeper { depth: 1, ctx, sum: &mut inner }, number..number + 4)?;
            *sum = inner.sum();
        }
        Ok(())
    }

    let mut sums = ctx.alloc::<u64>().shape((6, 2)).build().unwrap();
    ctx.map(outer { sums: &mut sums }, 0..6).unwrap();
    assert_eq!(sums, Array2::from_shape_fn((6, 2), |(number, _)| 16 * number as u64 + 48));
}

fn a_kernel_may_collect(ctx: &Context) {
    #[pasha::kernel]
    fn square(_worker_id: usize, _index: usize, &value: &f64) -> f64 {
        value * value
    }

    #[pasha::kernel]
    fn length(
        _worker_id: usize,
        _index: usize,
        row: ArrayView1<'_, f64>,
        #[param] ctx: &Context,
    ) -> pasha::Result<f64> {
        Ok(ctx.collect(square {}, row)?.sum().sqrt())
    }

    let table =
        Array2::from_shape_fn((9, 2), |(row, column)| if column == 0 { 3.0 * row as f64 } else { 4.0 * row as f64 });
    let lengths = ctx.collect(length { ctx }, &table).unwrap();
    assert_eq!(lengths.to_vec(), (0..9).map(|row| 5.0 * f64::from(row)).collect::<Vec<_>>());
}

fn reductions_and_accumulators_work_in_a_nested_map(ctx: &Context) {
    #[pasha::kernel]
    fn inner(
        _worker_id: usize,
        _index: usize,
        value: u64,
        #[reduce(sum)] sum: &mut u64,
        #[per_worker] calls: &mut u64,
    ) {
        *sum += value;
        *calls += 1;
    }

    #[pasha::kernel]
    fn outer(
        _worker_id: usize,
        _index: usize,
        items: u64,
        #[param] ctx: &Context,
        #[out] told: &mut [u64],
    ) -> pasha::Result<()> {
        let mut sum = ctx.alloc::<u64>().shape(()).build()?;
        let mut calls = ctx.alloc::<u64>().shape(()).per_worker().build()?;
        ctx.map(inner { sum: &mut sum, calls: &mut calls }, 0..items)?;
        told.copy_from_slice(&[sum[()], calls.sum()]);
        Ok(())
    }

    let mut told = ctx.alloc::<u64>().shape((30, 2)).build().unwrap();
    ctx.map(outer { ctx, told: &mut told }, 0..30).unwrap();
    for (items, told) in told.rows().into_iter().enumerate() {
        assert_eq!(told.to_vec(), [(items * items.saturating_sub(1) / 2) as u64, items as u64]);
    }
}

#[pasha::kernel]
fn fail_at(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] at: usize,
    #[param] panics: bool,
) -> Result<(), String> {
    match index == at {
        true if panics => panic!("inner, on purpose"),
        true => Err("inner trouble".to_owned()),
        false => Ok(()),
    }
}

fn a_failure_of_a_nested_map_is_an_error_like_any_other(ctx: &Context) {
    #[pasha::kernel]
    fn outer(_worker_id: usize, index: usize, _item: usize, #[param] ctx: &Context) -> pasha::Result<()> {
        let at = if index == 11 { 3 } else { usize::MAX };
        ctx.map(fail_at { at, panics: false }, 0..5_usize).map(drop)
    }

    let error = ctx.map(outer { ctx }, 0..20_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(11)));
    let text = error.to_string();
    assert!(text.contains("at index 11") && text.contains("at index 3 (worker 0): inner trouble"), "{text}");
}

fn a_panic_of_a_nested_map_is_an_error_of_that_map(ctx: &Context) {
    #[pasha::kernel]
    fn outer(_worker_id: usize, _index: usize, at: usize, #[param] ctx: &Context, #[out] failed_at: &mut usize) {
        let error = ctx.map(fail_at { at, panics: true }, 0..5_usize).unwrap_err();
        if error.kind() == ErrorKind::Panic && error.pid().is_none() {
            *failed_at = error.index().unwrap_or(99);
        }
    }

    let mut failed_at = ctx.alloc::<usize>().shape(5).fill(77).build().unwrap();
    ctx.map(outer { ctx, failed_at: &mut failed_at }, 0..5_usize).unwrap();
    assert_eq!(failed_at.to_vec(), [0, 1, 2, 3, 4]);
}

fn after_a_nested_map_maps_are_parallel_again(ctx: &Context) {
    let mut sums = ctx.alloc::<u64>().shape(4).build().unwrap();
    ctx.map(deeper { depth: 1, ctx, sum: &mut sums }, 0..4).unwrap();
    assert_eq!(ctx.map(deeper { depth: 0, ctx, sum: &mut sums }, 0..4).unwrap().workers().len(), ctx.workers());
}
