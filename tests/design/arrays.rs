//! "Contexts and arrays": contexts of all kinds and the default one, then arrays and a map, in one program.

use ndarray::{Array1, Array3, ArrayView2, Axis};
use pasha::prelude::*;

#[pasha::kernel]
fn analyse(
    _worker_id: usize,
    _index: usize,
    frame: ArrayView2<'_, u16>,
    #[out] mean: &mut f64,
    #[reduce(sum)] hist: &mut [u64],
    #[param] gain: f64,
) {
    *mean = gain * frame.iter().copied().map(f64::from).sum::<f64>() / frame.len() as f64;
    for pixel in frame {
        hist[usize::from(*pixel)] += 1;
    }
}

pub(crate) fn main() -> pasha::Result<()> {
    let (n, row) = (5, Array1::from_elem(128, 2.5_f32));
    let run = Array3::from_shape_fn((n, 4, 8), |(frame, _, column)| (100 * frame + column) as u16);

    let ctx = Context::serial();
    assert_eq!(ctx.to_string(), "serial");
    let ctx = Context::threads().workers(4).build()?;
    assert_eq!(ctx.to_string(), "threads:4");
    let ctx = Context::processes().workers(4).build()?;
    assert_eq!(ctx.to_string(), "processes:4");
    let ctx: Context = "processes:4".parse()?; // serial | threads[:N] | processes[:N]
    pasha::set_default_context(ctx.clone()); // else PASHA_CONTEXT, else processes
    assert_eq!(pasha::default_context()?.to_string(), "processes:4");
    pasha::set_default_context("threads:4".parse()?);
    assert_eq!(pasha::default_context()?.to_string(), "threads:4");

    let mut hist = ctx.alloc::<u64>().shape(4096).build()?; // zeros
    let mut cube = ctx.alloc::<f32>().shape((n, 512, 128)).order(Order::F).fill(f32::NAN).build()?;
    let mut sums = ctx.alloc::<f64>().shape((512, 128)).per_worker().build()?; // (workers, 512, 128)
    let mut same = ctx.alloc_like(&cube)?; // shape, type, order
    let mut flat = ctx.alloc().shape((n, 128)).fill_from(&row).build()?; // broadcast; type inferred
    let mut mean = ctx.alloc::<f64>().shape(n).build()?;

    let report = ctx.map(analyse { mean: &mut mean, hist: &mut hist, gain: 1.5 }, &run)?;
    println!("{report}"); // items, wall time, a line a worker

    assert_eq!(report.items(), n);
    assert_eq!(report.to_string().lines().count(), 2 + ctx.workers());
    assert_eq!(mean.to_vec(), [5.25, 155.25, 305.25, 455.25, 605.25]);
    assert_eq!((hist.sum(), hist[403]), (n as u64 * 32, 4));
    assert!(cube.iter().all(|value| value.is_nan()));
    assert_eq!(sums.shape(), [4, 512, 128]);
    assert_eq!((same.shape(), same.strides(), same.sum()), (cube.shape(), cube.strides(), 0.0));
    assert_eq!((flat.shape(), flat.sum()), (&[n, 128][..], 128.0 * 2.5 * n as f32));

    // Written by the caller, too.
    cube.view_mut().index_axis_mut(Axis(0), 1).fill(1.0);
    sums[[3, 511, 127]] = 2.0;
    same[[0, 0, 0]] = 3.0;
    flat.view_mut().fill(0.0);
    assert_eq!((cube[[1, 0, 0]], sums.sum(), same.sum(), flat.sum()), (1.0, 2.0, 3.0, 0.0));
    Ok(())
}
