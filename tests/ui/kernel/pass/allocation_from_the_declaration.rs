//! `alloc_…`: element type, rank and `per_worker` come from the declaration.

use ndarray::{ArrayViewMut2, Order};
use pasha::prelude::*;
use pasha::{Element, Ix0, Ix1, Ix2, Ix3};

#[pasha::kernel]
fn stats<T: Element>(
    _worker_id: usize,
    _index: usize,
    _item: &f64,
    #[out] sorted: &mut [f64],
    #[out] frame: ArrayViewMut2<'_, f32>,
    #[out(ranges)] events: &mut [u16],
    #[per_worker] seen: &mut T,
    #[per_worker] hist: &mut [u32],
    #[reduce(max)] top: &mut i64,
    #[reduce(sum)] sums: &mut [f64],
    #[scratch] buffer: &mut Vec<T>,
    #[param] name: &str,
) {
    let _ = (sorted, frame, events, seen, hist, top, sums, buffer, name);
}

#[test]
fn types_are_those_of_the_declaration() -> pasha::Result<()> {
    let ctx = Context::threads().workers(3).build()?;
    let sorted: SharedArray<f64, Ix2> = stats::<u8>::alloc_sorted(&ctx, (97, 33)).fill(0.5).build()?;
    let frame: SharedArray<f32, Ix3> = stats::<u8>::alloc_frame(&ctx, [2, 3, 4]).order(Order::F).build()?;
    let events: SharedArray<u16, Ix1> = stats::<u8>::alloc_events(&ctx, 7).build()?;
    let seen: SharedArray<u8, Ix1> = stats::alloc_seen(&ctx, ()).build()?;
    let hist: SharedArray<u32, Ix2> = stats::<u8>::alloc_hist(&ctx, 16).order(Order::F).build()?;
    let top: SharedArray<i64, Ix0> = stats::<u8>::alloc_top(&ctx, ()).fill(-1).build()?;
    let sums: SharedArray<f64, Ix1> = stats::<u8>::alloc_sums(&ctx, [5]).build()?;
    assert_eq!((sorted.shape(), sorted[[96, 32]]), (&[97, 33][..], 0.5));
    assert_eq!((frame.shape(), frame.strides()), (&[2, 3, 4][..], &[1, 2, 6][..]));
    assert_eq!((events.len(), seen.shape(), hist.shape(), top[()], sums.len()), (7, &[3][..], &[16, 3][..], -1, 5));
    assert!(seen.worker_axis().is_some() && hist.worker_axis() == Some(Axis(1)) && sums.worker_axis().is_none());
    Ok(())
}

#[test]
fn a_shape_may_follow_from_another_array() -> pasha::Result<()> {
    #[pasha::kernel]
    fn negate(_worker_id: usize, _index: usize, row: ndarray::ArrayView1<'_, f64>, #[out] negated: &mut [f64]) {
        for (negated, value) in negated.iter_mut().zip(row) {
            *negated = -value;
        }
    }

    let ctx = Context::serial();
    let table = ndarray::array![[1.0, 2.0], [3.0, 4.0]];
    let mut negated = negate::alloc_negated(&ctx, table.dim()).fill_from(&table).build()?;
    assert_eq!(negated, table);
    ctx.map(negate { negated: &mut negated }, &table)?;
    assert_eq!(negated, -table);
    Ok(())
}
