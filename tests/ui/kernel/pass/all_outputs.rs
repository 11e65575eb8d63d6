//! Every type of `#[out]`, `#[per_worker]` and `#[reduce]`.

#![allow(unused_qualifications)]

use ndarray::{
    ArrayViewMut, ArrayViewMut0, ArrayViewMut1, ArrayViewMut2, ArrayViewMut3, ArrayViewMut4, ArrayViewMut5, ArrayViewMutD, Ix0, Ix1,
    Ix2, Ix3, IxDyn,
};
use pasha::prelude::*;

#[pasha::kernel]
fn views(
    _worker_id: usize,
    index: usize,
    _item: u64,
    #[out] mut zero: ArrayViewMut0<'_, u64>,
    #[out] mut one: ArrayViewMut1<'_, u64>,
    #[out] mut two: ArrayViewMut2<'_, u64>,
    #[out] mut three: ArrayViewMut3<'_, u64>,
    #[out] mut four: ArrayViewMut4<'_, u64>,
    #[out] mut five: ArrayViewMut5<'_, u64>,
    #[out] mut dynamic: ArrayViewMutD<'_, u64>,
) {
    let value = index as u64;
    zero.fill(value);
    one.fill(value);
    two.fill(value);
    three.fill(value);
    four.fill(value);
    five.fill(value);
    dynamic.fill(value);
}

#[test]
fn views_of_every_rank() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut zero = views::alloc_zero(&ctx, 3).build()?;
    let mut one = views::alloc_one(&ctx, (3, 2)).build()?;
    let mut two = views::alloc_two(&ctx, (3, 2, 2)).build()?;
    let mut three = views::alloc_three(&ctx, (3, 2, 2, 2)).build()?;
    let mut four = views::alloc_four(&ctx, (3, 2, 2, 2, 2)).build()?;
    let mut five = views::alloc_five(&ctx, (3, 2, 2, 2, 2, 2)).build()?;
    let mut dynamic = views::alloc_dynamic(&ctx, IxDyn(&[3, 2])).build()?;
    let kernel = views {
        zero: &mut zero,
        one: &mut one,
        two: &mut two,
        three: &mut three,
        four: &mut four,
        five: &mut five,
        dynamic: &mut dynamic,
    };
    ctx.map(kernel, 0..3_u64)?;
    assert_eq!((zero.sum(), one.sum(), two.sum(), three.sum()), (3, 6, 12, 24));
    assert_eq!((four.sum(), five.sum(), dynamic.sum()), (48, 96, 6));
    Ok(())
}

#[pasha::kernel]
fn spelled(
    _worker_id: usize,
    _index: usize,
    _item: u64,
    #[out] mut with_dimension: ArrayViewMut<'_, u64, Ix1>,
    #[out] mut qualified: ndarray::ArrayViewMut<'_, u64, ndarray::Ix2>,
    #[out] mut of_no_axes: ::ndarray::ArrayViewMut<'_, u64, Ix0>,
    #[out] mut dim: ArrayViewMut<'_, u64, ndarray::Dim<[usize; 3]>>,
    #[reduce(sum)] mut total: ArrayViewMut<'_, u64, Ix3>,
    #[per_worker] own: &mut [[u64; 2]],
) {
    with_dimension.fill(1);
    qualified.fill(1);
    of_no_axes.fill(1);
    dim.fill(1);
    total += 1;
    own[0] = [1, 1];
}

#[test]
fn views_that_are_spelled_out() -> pasha::Result<()> {
    let ctx = Context::threads().workers(2).build()?;
    let mut with_dimension = ctx.alloc().shape((3, 2)).build()?;
    let mut qualified = ctx.alloc().shape((3, 2, 2)).build()?;
    let mut of_no_axes = ctx.alloc().shape(3).build()?;
    let mut dim = ctx.alloc().shape((3, 2, 2, 2)).build()?;
    let mut total = ctx.alloc().shape((2, 2, 2)).build()?;
    let mut own = ctx.alloc().shape(1).per_worker().build()?;
    let kernel = spelled {
        with_dimension: &mut with_dimension,
        qualified: &mut qualified,
        of_no_axes: &mut of_no_axes,
        dim: &mut dim,
        total: &mut total,
        own: &mut own,
    };
    ctx.map(kernel, 0..3_u64)?;
    assert_eq!((with_dimension.sum(), qualified.sum(), of_no_axes.sum(), dim.sum()), (6, 12, 3, 24));
    assert!(total.iter().all(|total| *total == 3));
    Ok(())
}

type Row<'a> = ArrayViewMut1<'a, f32>;
type Frame<'a, T> = ArrayViewMut<'a, T, Ix2>;

#[pasha::kernel]
fn aliases(
    _worker_id: usize,
    _index: usize,
    &item: &f32,
    #[out] mut row: Row<'_>,
    #[out(axis = 1)] mut frame: Frame<'_, f32>,
    #[out(ranges)] mut run: Row<'_>,
    #[per_worker] mut own: Row<'_>,
    #[reduce(max)] mut most: Row<'_>,
) {
    row.fill(item);
    frame.fill(item);
    run.fill(item);
    own += item;
    most[0] = most[0].max(item);
}

#[test]
fn aliases_of_views() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut row = aliases::alloc_row(&ctx, (2, 3)).build()?;
    let mut frame = aliases::alloc_frame(&ctx, (3, 2, 3)).build()?;
    let mut run = aliases::alloc_run(&ctx, 4).build()?;
    let mut own = aliases::alloc_own(&ctx, 2).build()?;
    let mut most = aliases::alloc_most(&ctx, 1).build()?;
    let run_of = run.ranges(&[0, 1, 4])?;
    ctx.map(aliases { row: &mut row, frame: &mut frame, run: run_of, own: &mut own, most: &mut most }, &[1.0, 2.0])?;
    assert_eq!((row.sum(), frame.sum(), run.sum(), own.sum(), most[0]), (9.0, 27.0, 7.0, 6.0, 2.0));
    Ok(())
}

#[pasha::kernel]
fn optional(
    _worker_id: usize,
    _index: usize,
    item: u64,
    #[out] element: Option<&mut u64>,
    #[out] row: std::option::Option<&mut [u64]>,
    #[out] view: ::core::option::Option<ArrayViewMut1<'_, u64>>,
    #[out(ranges)] run: Option<&mut [u64]>,
    #[per_worker] own: Option<&mut u64>,
    #[reduce(sum)] sum: Option<&mut u64>,
) {
    if let Some(element) = element {
        *element = item;
    }
    for part in [row, run].into_iter().flatten() {
        part.fill(item);
    }
    if let Some(mut view) = view {
        view.fill(item);
    }
    for count in [own, sum].into_iter().flatten() {
        *count += item;
    }
}

#[test]
fn outputs_that_may_be_left_out() -> pasha::Result<()> {
    let ctx = Context::serial();
    let none = || optional { element: None, row: None, view: None, run: None, own: None, sum: None };
    ctx.map(none(), 0..3_u64)?;
    let mut element = ctx.alloc().shape(3).build()?;
    let mut row = ctx.alloc().shape((3, 2)).build()?;
    let mut view = ctx.alloc().shape((3, 2)).build()?;
    let mut run = ctx.alloc().shape(3).build()?;
    let mut own = ctx.alloc().shape(()).per_worker().build()?;
    let mut sum = ctx.alloc().shape(()).build()?;
    let all = optional {
        element: Some(&mut element),
        row: Some(&mut row),
        view: Some(&mut view),
        run: Some(run.ranges(&[0, 1, 2, 3])?),
        own: Some(&mut own),
        sum: Some(&mut sum),
    };
    ctx.map(all, 0..3_u64)?;
    ctx.map(optional { sum: Some(&mut sum), ..none() }, 0..4_u64)?;
    assert_eq!((element.sum(), row.sum(), view.sum(), run.sum(), own.sum(), sum[()]), (3, 6, 6, 3, 3, 6));
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Peak {
    position: f64,
    height: f64,
}

fn higher(total: &mut Peak, part: &Peak) {
    if part.height > total.height {
        *total = *part;
    }
}

#[pasha::kernel]
fn peaks(
    _worker_id: usize,
    index: usize,
    height: &f64,
    #[out] peak: &mut Peak,
    #[reduce(with = higher, identity = Peak { position: -1.0, height: f64::MIN })] highest: &mut Peak,
) {
    *peak = Peak { position: index as f64, height: *height };
    higher(highest, peak);
}

#[test]
fn elements_that_are_structs() -> pasha::Result<()> {
    let ctx = Context::threads().workers(3).build()?;
    let mut peak = peaks::alloc_peak(&ctx, 4).build()?;
    let mut highest = peaks::alloc_highest(&ctx, ()).build()?;
    ctx.map(peaks { peak: &mut peak, highest: &mut highest }, &[1.0, 5.0, 2.0, 3.0])?;
    assert_eq!(highest[()], Peak { position: 1.0, height: 5.0 });
    assert_eq!(peak[3].height, 3.0);
    Ok(())
}
