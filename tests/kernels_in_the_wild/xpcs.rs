//! Blocks of rows, as XPCS takes them: the frames of a train are correlated with each other, and what comes out of a block is
//! written beside that of the others, along axis 1 or in rows of a flat table.

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, ArrayViewMut1, ArrayViewMut2, Axis, s};
use pasha::prelude::*;

use super::noise::Noise;
use crate::support::cases;

cases![
    azimuthal_means_of_blocks_lie_side_by_side,
    correlations_of_blocks_of_different_lengths_lie_below_each_other,
    blocks_of_one_frame_are_what_frames_are,
];

const RINGS: usize = 4;
const FRAMES: usize = 50;

fn frames() -> Array3<f64> {
    let mut noise = Noise::new(9);
    Array3::from_shape_simple_fn((FRAMES, 6, 7), || noise.unit())
}

/// The ring of each pixel; pixels of ring `RINGS` and beyond are masked.
fn rings() -> Array2<usize> {
    Array2::from_shape_fn((6, 7), |(row, column)| (row.abs_diff(3) + column.abs_diff(3)) % 5)
}

/// The mean of the pixels of each ring of one frame.
fn fill_rings(
    frame: ArrayView2<'_, f64>,
    rings: &Array2<usize>,
    counts: &mut [u32; RINGS],
    mut means: ArrayViewMut1<'_, f64>,
) {
    *counts = [0; RINGS];
    means.fill(0.0);
    for (value, ring) in frame.iter().zip(rings) {
        if *ring < RINGS {
            means[*ring] += value;
            counts[*ring] += 1;
        }
    }
    means.iter_mut().zip(counts).for_each(|(mean, count)| *mean /= f64::from(*count));
}

#[pasha::kernel]
fn azimuthal(
    _worker_id: usize,
    index: usize,
    block: ArrayView3<'_, f64>,
    #[param] rings: &Array2<usize>,
    #[scratch] counts: &mut [u32; RINGS],
    #[out(ranges)] mut means: ArrayViewMut2<'_, f64>,
    #[out(ranges)] block_number: &mut [usize],
) {
    for (frame, column) in block.outer_iter().zip(means.columns_mut()) {
        fill_rings(frame, rings, counts, column);
    }
    block_number.fill(index);
}

fn expected_means(frames: &Array3<f64>) -> Array2<f64> {
    let mut means = Array2::zeros((RINGS, frames.len_of(Axis(0))));
    for (frame, mut column) in frames.outer_iter().zip(means.columns_mut()) {
        for ring in 0..RINGS {
            let pixels: Vec<f64> =
                frame.iter().zip(&rings()).filter(|(_, of)| **of == ring).map(|(value, _)| *value).collect();
            column[ring] = pixels.iter().sum::<f64>() / pixels.len() as f64;
        }
    }
    means
}

fn check_azimuthal(ctx: &Context, rows: usize, order: Order) {
    let frames = frames();
    let blocks = FRAMES.div_ceil(rows);
    let offsets: Vec<usize> = (0..=blocks).map(|block| (block * rows).min(FRAMES)).collect();
    let mut means = ctx.alloc::<f64>().shape((RINGS, FRAMES)).order(order).build().unwrap();
    let mut block_number = ctx.alloc::<usize>().shape(FRAMES).build().unwrap();
    let kernel = azimuthal {
        rings: &rings(),
        counts: || [0; RINGS],
        means: means.ranges_along(Axis(1), &offsets).unwrap(),
        block_number: block_number.ranges(&offsets).unwrap(),
    };
    ctx.map(kernel, chunks(&frames, rows)).unwrap();
    assert_eq!(means, expected_means(&frames));
    assert_eq!(block_number.to_vec(), (0..FRAMES).map(|frame| frame / rows).collect::<Vec<_>>());
}

fn azimuthal_means_of_blocks_lie_side_by_side(ctx: &Context) {
    for order in [Order::C, Order::F] {
        [3, 7, 50, 64].into_iter().for_each(|rows| check_azimuthal(ctx, rows, order));
    }
}

fn blocks_of_one_frame_are_what_frames_are(ctx: &Context) {
    check_azimuthal(ctx, 1, Order::C);
}

/// Trains with different numbers of frames, in one long stack.
struct Trains<'a> {
    frames: &'a Array3<f64>,
    first: &'a [usize],
}

impl<'a> pasha::functor::Items<'a> for Trains<'_> {
    type Item = ArrayView3<'a, f64>;
}

impl Functor for Trains<'_> {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        self.first.len().checked_sub(1).ok_or_else(|| pasha::Error::functor("a run has an end"))
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<ArrayView3<'a, f64>> {
        Ok(self.frames.slice(s![self.first[index]..self.first[index + 1], .., ..]))
    }
}

/// The correlation of all pairs of frames of a train, and the contrast of each frame.
#[pasha::kernel]
fn two_times(
    _worker_id: usize,
    _index: usize,
    train: ArrayView3<'_, f64>,
    #[scratch] flat: &mut Vec<f64>,
    #[out(ranges)] mut correlation: ArrayViewMut2<'_, f64>,
    #[out(ranges)] contrast: &mut [f32],
    #[out] length: &mut u8,
) {
    let frames = train.len_of(Axis(0));
    *length = frames as u8;
    let pixels = 42;
    flat.clear();
    flat.extend(train.iter());
    for (one, first) in flat.chunks(pixels).enumerate() {
        for (two, second) in flat.chunks(pixels).enumerate() {
            correlation[[one, two]] = first.iter().zip(second).map(|(left, right)| left * right).sum();
        }
        let highest = first.iter().copied().fold(0.0, f64::max);
        contrast[one] = (highest * pixels as f64 / first.iter().sum::<f64>()) as f32;
    }
}

fn correlations_of_blocks_of_different_lengths_lie_below_each_other(ctx: &Context) {
    let frames = frames();
    let first = [0, 5, 5, 9, 10, 16, 16, 23, 26, 33, 40, 41, 48, 50];
    let trains = first.len() - 1;
    let widest = 7;
    let mut correlation = ctx.alloc().shape((FRAMES, widest)).fill(f64::NAN).build().unwrap();
    let mut contrast = ctx.alloc::<f32>().shape(FRAMES).build().unwrap();
    let mut length = ctx.alloc::<u8>().shape(trains).build().unwrap();
    let kernel = two_times {
        flat: Vec::new,
        correlation: correlation.ranges(&first).unwrap(),
        contrast: contrast.ranges(&first).unwrap(),
        length: &mut length,
    };
    ctx.map(kernel, Trains { frames: &frames, first: &first }).unwrap();
    for train in 0..trains {
        let frames_of = first[train]..first[train + 1];
        assert_eq!(usize::from(length[train]), frames_of.len());
        for one in frames_of.clone() {
            for column in 0..widest {
                let found = correlation[[one, column]];
                let two = frames_of.start + column;
                if frames_of.contains(&two) {
                    let product = &frames.index_axis(Axis(0), one) * &frames.index_axis(Axis(0), two);
                    assert_eq!(found, product.iter().sum::<f64>());
                } else {
                    assert!(found.is_nan());
                }
            }
            let frame = frames.index_axis(Axis(0), one);
            let highest = frame.iter().copied().fold(0.0, f64::max);
            assert_eq!(contrast[one], (highest * 42.0 / frame.iter().sum::<f64>()) as f32);
        }
    }
}
