//! Generics: types, constants and lifetimes, bounds in both places, and callers that are generic themselves.

use ndarray::{ArrayView, ArrayView1, ArrayViewMut, Dimension, Ix2};
use pasha::functor::Items;
use pasha::prelude::*;
use pasha::{Element, Ix1};

#[pasha::kernel]
fn convert<T: Copy + Into<f64>>(_worker_id: usize, _index: usize, value: &T, #[out] converted: &mut f64) {
    *converted = (*value).into();
}

#[pasha::kernel]
fn copy<T>(_worker_id: usize, _index: usize, value: &T, #[out] copied: &mut T)
where
    T: Element,
{
    *copied = *value;
}

#[pasha::kernel]
fn both<T: Element, const N: usize>(
    _worker_id: usize,
    _index: usize,
    values: &[T; N],
    #[out] all: &mut [T; N],
    #[per_worker] last: &mut [T; N],
    #[scratch] kept: &mut Vec<[T; N]>,
    #[param] zero: T,
) where
    T: PartialEq,
    [T; N]: Element,
{
    kept.push(*values);
    *all = *values;
    *last = if values[0] == zero { *last } else { *values };
}

#[pasha::kernel]
fn of_any_rank<T, D>(_worker_id: usize, _index: usize, item: &T, #[out] mut slot: ArrayViewMut<'_, T, D>)
where
    T: Element,
    D: Dimension,
{
    slot.fill(*item);
}

#[pasha::kernel]
fn items_of_any_rank<'v, T: Element, D: Dimension>(_worker_id: usize, _index: usize, item: ArrayView<'v, T, D>, #[out] len: &mut u64) {
    *len = item.len() as u64;
}

#[pasha::kernel]
fn by_function<F: Fn(f64) -> f64 + Copy + Send + Sync>(_worker_id: usize, _index: usize, &value: &f64, #[param] function: F) -> f64 {
    function(value)
}

#[pasha::kernel]
fn lifetimes<'a, 'b>(_worker_id: usize, _index: usize, value: &f64, #[param] table: &'a [&'b [f64]], #[out] sum: &mut f64)
where
    'b: 'a,
{
    *sum = table.iter().map(|row| row.iter().sum::<f64>()).sum::<f64>() + value;
}

#[test]
fn kernels() -> pasha::Result<()> {
    let ctx = Context::threads().workers(2).build()?;
    let mut floats = ctx.alloc().shape(2).build()?;
    ctx.map(convert { converted: &mut floats }, &[1_u8, 2])?;
    ctx.map(convert { converted: &mut floats }, &[1.5_f32, 2.5])?;
    assert_eq!(floats.to_vec(), [1.5, 2.5]);

    let mut copied = copy::<i16>::alloc_copied(&ctx, 2).build()?;
    ctx.map(copy { copied: &mut copied }, &[1_i16, 2])?;
    assert_eq!(copied.to_vec(), [1, 2]);

    let values = [[1_u8, 2, 3], [4, 5, 6]];
    let mut all = ctx.alloc_like(&values)?;
    let mut last = ctx.alloc().shape(()).per_worker().build()?;
    ctx.map(both { all: &mut all, last: &mut last, kept: Vec::new, zero: 0 }, &values)?;
    assert_eq!(all.to_vec(), values);

    let mut cube = ctx.alloc::<u8>().shape((2, 3, 4)).build()?;
    ctx.map(of_any_rank::<u8, Ix2> { slot: &mut cube }, &[1_u8, 2])?;
    assert_eq!(cube.iter().map(|value| u32::from(*value)).sum::<u32>(), 36);

    let mut len = ctx.alloc().shape(2).build()?;
    ctx.map(items_of_any_rank { len: &mut len }, &cube)?;
    assert_eq!(len.to_vec(), [12, 12]);

    let offset = 10.0;
    assert_eq!(ctx.collect(by_function { function: |value| value + offset }, &[1.0, 2.0])?.to_vec(), [11.0, 12.0]);

    let rows = [1.0, 2.0];
    ctx.map(lifetimes { table: &[&rows, &rows], sum: &mut floats }, &[0.5, 1.5])?;
    assert_eq!(floats.to_vec(), [6.5, 7.5]);
    Ok(())
}

fn copy_all<T: Element + PartialEq + std::fmt::Debug>(ctx: &Context, values: &[T]) -> pasha::Result<()> {
    let mut copied = ctx.alloc().shape(values.len()).build()?;
    ctx.map(copy { copied: &mut copied }, values)?;
    assert_eq!(copied.to_vec(), values);
    Ok(())
}

fn convert_any<F: Functor + for<'i> Items<'i, Item = &'i u8>>(ctx: &Context, functor: F, converted: &mut SharedArray<f64, Ix1>) -> pasha::Result<()> {
    ctx.map(convert { converted }, functor)?;
    Ok(())
}

#[test]
fn callers() -> pasha::Result<()> {
    let ctx = Context::serial();
    copy_all(&ctx, &[1_u8, 2])?;
    copy_all(&ctx, &[[1.0_f32, 2.0]; 3])?;
    let mut converted = ctx.alloc().shape(3).build()?;
    convert_any(&ctx, vec![1_u8, 2, 3], &mut converted)?;
    convert_any(&ctx, &[1_u8, 2, 3], &mut converted)?;
    convert_any(&ctx, ndarray::array![1_u8, 2, 3].view(), &mut converted)?;
    assert_eq!(converted.sum(), 6.0);
    Ok(())
}

#[test]
fn kernels_in_functions_of_generics() -> pasha::Result<()> {
    fn sums(ctx: &Context, rows: &[ArrayView1<'_, f64>]) -> pasha::Result<Vec<f64>> {
        #[pasha::kernel]
        fn sum(_worker_id: usize, _index: usize, row: &ArrayView1<'_, f64>) -> f64 {
            row.sum()
        }
        Ok(ctx.collect(sum {}, rows)?.to_vec())
    }

    assert_eq!(sums(&Context::serial(), &[ndarray::array![1.0, 2.0].view()])?, [3.0]);
    Ok(())
}
