//! The powder sum and a histogram for each memory cell of a detector: what a train holds is scattered by the cell its frames
//! were stored in, so that accumulators are needed.

use ndarray::{Array2, Array3, Array4, ArrayViewMut2, ArrayViewMut3, Axis};
use pasha::prelude::*;

use super::noise::Noise;
use crate::support::{Setting, cases};

cases![
    sums_and_histograms_by_cell_are_those_of_a_loop,
    accumulators_of_all_workers_add_up_to_the_reduction,
    an_average_of_trains_goes_on_over_several_runs,
    floating_point_sums_are_reproducible_with_a_static_schedule,
];

const CELLS: usize = 5;
const BINS: usize = 8;

/// The frames of a train and the cell each was stored in.
#[derive(Functor)]
struct Run {
    cells: Array2<u8>,
    frames: Array4<u16>,
}

fn run(trains: usize, seed: u64) -> Run {
    let mut noise = Noise::new(seed);
    Run {
        cells: Array2::from_shape_simple_fn((trains, 4), || noise.below(CELLS as u64 + 1) as u8),
        frames: Array4::from_shape_simple_fn((trains, 4, 3, 5), || noise.below(800) as u16),
    }
}

fn bin(pixel: u16) -> usize {
    usize::from(pixel / 100)
}

#[pasha::kernel]
fn by_cell(
    _worker_id: usize,
    _index: usize,
    RunItem { cells, frames }: RunItem<'_>,
    #[reduce(sum)] mut powder: ArrayViewMut3<'_, u64>,
    #[reduce(sum)] mut histogram: ArrayViewMut2<'_, u32>,
    #[reduce(max)] brightest: &mut [u16],
    #[per_worker] mut own_histogram: ArrayViewMut2<'_, u32>,
    #[per_worker] frames_seen: &mut u64,
    #[out] kept: &mut u8,
) {
    for (cell, frame) in cells.iter().map(|cell| usize::from(*cell)).zip(frames.outer_iter()) {
        *frames_seen += 1;
        if cell >= CELLS {
            continue;
        }
        *kept += 1;
        powder.index_axis_mut(Axis(0), cell).zip_mut_with(&frame, |sum, pixel| *sum += u64::from(*pixel));
        for pixel in frame {
            histogram[[cell, bin(*pixel)]] += 1;
            own_histogram[[cell, bin(*pixel)]] += 1;
            brightest[cell] = brightest[cell].max(*pixel);
        }
    }
}

struct Sums {
    powder: SharedArray<u64, pasha::Ix3>,
    histogram: SharedArray<u32, pasha::Ix2>,
    brightest: SharedArray<u16, pasha::Ix1>,
    own_histogram: SharedArray<u32, pasha::Ix3>,
    frames_seen: SharedArray<u64, pasha::Ix1>,
}

impl Sums {
    fn alloc(ctx: &Context) -> Self {
        Self {
            powder: by_cell::alloc_powder(ctx, (CELLS, 3, 5)).build().unwrap(),
            histogram: by_cell::alloc_histogram(ctx, (CELLS, BINS)).build().unwrap(),
            brightest: by_cell::alloc_brightest(ctx, CELLS).build().unwrap(),
            own_histogram: by_cell::alloc_own_histogram(ctx, (CELLS, BINS)).order(Order::F).build().unwrap(),
            frames_seen: by_cell::alloc_frames_seen(ctx, ()).build().unwrap(),
        }
    }

    fn add(&mut self, ctx: &Context, run: &Run) -> Vec<u8> {
        let mut kept = ctx.alloc::<u8>().shape(run.cells.nrows()).build().unwrap();
        let kernel = by_cell {
            powder: &mut self.powder,
            histogram: &mut self.histogram,
            brightest: &mut self.brightest,
            own_histogram: &mut self.own_histogram,
            frames_seen: &mut self.frames_seen,
            kept: &mut kept,
        };
        ctx.map(kernel, run).unwrap();
        kept.to_vec()
    }
}

/// Powder, histogram and brightest pixel by a plain loop.
fn looped(run: &Run) -> (Array3<u64>, Array2<u32>, Vec<u16>) {
    let mut powder = Array3::zeros((CELLS, 3, 5));
    let mut histogram = Array2::zeros((CELLS, BINS));
    let mut brightest = vec![0; CELLS];
    for ((train, frame, row, column), pixel) in run.frames.indexed_iter() {
        let cell = usize::from(run.cells[[train, frame]]);
        if cell < CELLS {
            powder[[cell, row, column]] += u64::from(*pixel);
            histogram[[cell, bin(*pixel)]] += 1;
            brightest[cell] = *pixel.max(&brightest[cell]);
        }
    }
    (powder, histogram, brightest)
}

fn sums_and_histograms_by_cell_are_those_of_a_loop(ctx: &Context) {
    for trains in [0, 1, 3, 60] {
        let run = run(trains, 31);
        let mut sums = Sums::alloc(ctx);
        let kept = sums.add(ctx, &run);
        let (powder, histogram, brightest) = looped(&run);
        assert_eq!(sums.powder, powder);
        assert_eq!(sums.histogram, histogram);
        assert_eq!(sums.brightest.to_vec(), brightest);
        let expected: Vec<u8> = run
            .cells
            .rows()
            .into_iter()
            .map(|cells| cells.iter().filter(|cell| usize::from(**cell) < CELLS).count() as u8)
            .collect();
        assert_eq!(kept, expected);
    }
}

fn accumulators_of_all_workers_add_up_to_the_reduction(ctx: &Context) {
    let run = run(60, 32);
    let mut sums = Sums::alloc(ctx);
    sums.add(ctx, &run);
    assert_eq!(sums.own_histogram.shape(), [CELLS, BINS, ctx.workers()]);
    assert_eq!(sums.own_histogram.sum_axis(Axis(2)), sums.histogram.to_owned());
    assert_eq!(sums.frames_seen.sum(), 240);
}

fn an_average_of_trains_goes_on_over_several_runs(ctx: &Context) {
    let mut sums = Sums::alloc(ctx);
    let runs = [run(20, 1), run(7, 2), run(33, 3)];
    let mut histograms = Array2::<u32>::zeros((CELLS, BINS));
    for run in &runs {
        sums.add(ctx, run);
        let (powder, histogram, _) = looped(run);
        assert_eq!(sums.powder, powder, "a reduction is of the last run");
        histograms += &histogram;
    }
    assert_eq!(sums.own_histogram.sum_axis(Axis(2)), histograms, "accumulators are of all runs");
    assert_eq!(sums.frames_seen.sum(), 4 * 60);
}

fn floating_point_sums_are_reproducible_with_a_static_schedule(setting: &Setting) {
    #[pasha::kernel]
    fn average(
        _worker_id: usize,
        _index: usize,
        RunItem { frames, .. }: RunItem<'_>,
        #[param] trains: f32,
        #[reduce(sum)] mut average: ArrayViewMut3<'_, f32>,
    ) {
        average.zip_mut_with(&frames, |sum, pixel| *sum += (f32::from(*pixel) / 7.0).sqrt() / trains);
    }

    let ctx = setting.with_schedule(Schedule::Static);
    let run = run(200, 5);
    let bits = || {
        let mut sum = ctx.alloc::<f32>().shape((4, 3, 5)).build().unwrap();
        ctx.map(average { trains: 200.0, average: &mut sum }, &run).unwrap();
        sum.mapv(f32::to_bits)
    };
    let first = bits();
    for _ in 0..5 {
        assert_eq!(bits(), first);
    }
    let found = first.mapv(|bits| f64::from(f32::from_bits(bits)));
    let expected = run.frames.mapv(|pixel| (f64::from(pixel) / 7.0).sqrt()).mean_axis(Axis(0)).unwrap();
    assert!((&found - &expected).iter().all(|difference| difference.abs() < 1e-3));
}
