//! "Parameters of a kernel": allocation from what it declares, collection, and all roles together.

use ndarray::{Array3, ArrayView3, ArrayViewMut1, ArrayViewMut2, Axis};
use pasha::prelude::*;

/// Sorts the pixels of a row, and keeps the largest of all.
#[pasha::kernel]
fn stats(_worker_id: usize, _index: usize, row: &f64, #[out] sorted: &mut [f64], #[reduce(max)] top: &mut f64) {
    for (place, value) in sorted.iter_mut().enumerate() {
        *value = row + place as f64;
    }
    *top = top.max(*row);
}

pub(crate) fn allocation() -> pasha::Result<()> {
    let ctx = pasha::default_context()?;
    let mut sorted = stats::alloc_sorted(&ctx, (97, 33)).fill(0.0).build()?;
    let mut top = stats::alloc_top(&ctx, ()).build()?;
    let rows: Vec<f64> = (0..97).map(f64::from).collect();
    ctx.map(stats { sorted: &mut sorted, top: &mut top }, &rows)?;
    assert_eq!((sorted[[96, 32]], top[()]), (128.0, 96.0));
    Ok(())
}

#[pasha::kernel]
fn kernel(_worker_id: usize, _index: usize, value: &u32) -> Result<u32, String> {
    value.checked_mul(2).ok_or_else(|| format!("{value} cannot be doubled"))
}

pub(crate) fn collection() -> pasha::Result<()> {
    let ctx = pasha::default_context()?;
    let inp = vec![1, 2, 3];
    let kernel = kernel {};
    let doubled: SharedArray<u32, pasha::Ix1> = ctx.collect(kernel, &inp)?;
    assert_eq!((inp.len(), doubled.to_vec()), (3, vec![2, 4, 6]));
    Ok(())
}

fn add(total: &mut f64, part: &f64) {
    *total += part;
}

/// Every row of the table of parameters.
#[pasha::kernel]
#[allow(clippy::too_many_arguments)]
fn every(
    worker_id: usize,
    index: usize,
    train_id: u64,
    frame: ArrayView3<'_, u16>,
    &value: &f64,
    #[out] element: &mut f64,
    #[out] row: &mut [f64],
    #[out] view: ArrayViewMut2<'_, f64>,
    #[out(axis = 1)] mut column: ArrayViewMut1<'_, f64>,
    #[out(ranges)] run: &mut [u64],
    #[out(ranges)] mut runs: ArrayViewMut2<'_, u64>,
    #[out] maybe: Option<&mut f64>,
    #[per_worker] own: &mut u64,
    #[per_worker] own_row: &mut [u64],
    #[reduce(sum)] sum: &mut f64,
    #[reduce(min)] least: &mut [f64],
    #[reduce(with = add, identity = 0.0)] total: &mut f64,
    #[scratch] buffer: &mut Vec<f64>,
    #[param] gain: f64,
    #[param] name: &str,
) {
    buffer.clear();
    buffer.push(gain * value);
    *element = buffer[0];
    row.fill(value);
    let mut view = view;
    view.fill(f64::from(frame.sum()));
    column.fill(train_id as f64);
    run.fill(index as u64 + 1);
    runs.fill(name.len() as u64);
    if let Some(maybe) = maybe {
        *maybe = value;
    }
    *own += 1;
    own_row[0] = worker_id as u64;
    *sum += value;
    least[0] = least[0].min(value);
    *total += value;
}

pub(crate) fn every_role() -> pasha::Result<()> {
    let ctx = pasha::default_context()?;
    let values = vec![1.0, 2.0, 3.0];
    let frames = ndarray::Array4::<u16>::ones((3, 1, 2, 2));
    let mut element = every::alloc_element(&ctx, 3).build()?;
    let mut row = every::alloc_row(&ctx, (3, 2)).build()?;
    let mut view = every::alloc_view(&ctx, (3, 2, 2)).build()?;
    let mut column = every::alloc_column(&ctx, (2, 3)).build()?;
    let mut run = every::alloc_run(&ctx, 6).build()?;
    let mut runs = every::alloc_runs(&ctx, (2, 6)).build()?;
    let mut own = every::alloc_own(&ctx, ()).build()?;
    let mut own_row = every::alloc_own_row(&ctx, 2).build()?;
    let mut sum = every::alloc_sum(&ctx, ()).build()?;
    let mut least = every::alloc_least(&ctx, 1).build()?;
    let mut total = every::alloc_total(&ctx, ()).build()?;
    let offsets = [0, 1, 3, 6];
    let report = ctx.map(
        every {
            element: &mut element,
            row: &mut row,
            view: &mut view,
            column: &mut column,
            run: run.ranges(&offsets)?,
            runs: runs.ranges_along(Axis(1), &offsets)?,
            maybe: None,
            own: &mut own,
            own_row: &mut own_row,
            sum: &mut sum,
            least: &mut least,
            total: &mut total,
            buffer: || Vec::new(),
            gain: 2.0,
            name: "every",
        },
        zip(10..13_u64, &frames).and(&values),
    )?;
    assert_eq!(report.items(), 3);
    assert_eq!(element.to_vec(), [2.0, 4.0, 6.0]);
    assert_eq!((row.sum(), view.sum(), column.sum()), (12.0, 48.0, 66.0));
    assert_eq!((run.to_vec(), runs.sum()), (vec![1, 2, 2, 3, 3, 3], 60));
    assert_eq!((own.sum(), sum[()], least[0], total[()]), (3, 6.0, 1.0, 6.0));
    let cube: Array3<f64> = view.into();
    assert_eq!(cube.len(), 12);
    Ok(())
}
