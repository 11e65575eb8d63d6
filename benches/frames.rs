//! Detector frames: the mean of each and the histogram of all, beside rayon's fold and reduce.

use std::cell::RefCell;

use ndarray::{Array3, ArrayView2, Axis};
use pasha::{Context, SharedArray};
use pasha_benches::Bar::{AtMost, None as NoBar};
use pasha_benches::{Pool, Race, Table, Unit, clock, quick};
use rayon::prelude::*;

const FRAME: (usize, usize) = (512, 128);
/// Counts of 12 bits.
const BINS: usize = 1 << 12;

/// The mean of a frame, and its part of the histogram.
#[pasha::kernel]
fn analyse(
    _worker_id: usize,
    _index: usize,
    frame: ArrayView2<'_, u16>,
    #[out] mean: &mut f64,
    #[reduce(sum)] histogram: &mut [u64],
) {
    *mean = count(frame, histogram);
}

/// One piece of code for all contenders: where the linker lays a copy of this loop makes it a fifth slower or faster.
#[inline(never)]
fn count(frame: ArrayView2<'_, u16>, histogram: &mut [u64]) -> f64 {
    let mut sum = 0;
    for &count in frame {
        sum += u64::from(count);
        if let Some(bin) = histogram.get_mut(usize::from(count)) {
            *bin += 1;
        }
    }
    sum as f64 / frame.len() as f64
}

/// Photons on a smooth background, the same in every run.
fn frames(number: usize) -> Array3<u16> {
    let mut state = 1u64;
    Array3::from_shape_simple_fn((number, FRAME.0, FRAME.1), || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let bits = state >> 32;
        let background = 200 + (bits & 0x3f) + (bits >> 6 & 0x3f) + (bits >> 12 & 0x3f);
        let photons = (bits >> 18 & 0xfff).leading_zeros() as u64 - 52;
        (background + 150 * photons) as u16
    })
}

fn main() {
    pasha::init().expect("there is one thread");
    for number in if quick() { [50, 100] } else { [100, 1000] } {
        let title = format!("frames: {number} frames of {} × {} u16, mean and histogram", FRAME.0, FRAME.1);
        if let Some(table) = Table::begin(&title) {
            compare(&table, number);
        }
    }
}

fn compare(table: &Table, number: usize) {
    let heap = frames(number);
    let processes = || Context::processes().workers(2).build().expect("a context of processes starts nothing");
    let mut shared: SharedArray<u16, _> = processes().alloc_like(&heap).expect("there is memory for the bench");
    shared.view_mut().assign(&heap);
    let residents = Context::processes().workers(2).resident().build().expect("`main` begins with `init`");
    let resident_frames = residents.alloc().shape(heap.raw_dim()).fill_from(&heap).build();
    let resident_frames = resident_frames.expect("there is memory for the bench");
    let expected = RefCell::new(None);
    let checked = |mean: &[f64], histogram: &[u64]| {
        let mut expected = expected.borrow_mut();
        let (first_mean, first_histogram) = expected.get_or_insert_with(|| (mean.to_vec(), histogram.to_vec()));
        assert_eq!((mean, histogram), (&first_mean[..], &first_histogram[..]), "all contenders find the same");
    };
    let map = |context: &Context, frames: &dyn Fn(&Context, analyse<'_>)| {
        let mut mean = context.alloc::<f64>().shape(number).build().expect("there is memory for the bench");
        let mut histogram = context.alloc::<u64>().shape(BINS).build().expect("there is memory for the bench");
        let seconds = clock(|| frames(context, analyse { mean: &mut mean, histogram: &mut histogram }));
        checked(&mean.to_vec(), &histogram.to_vec());
        seconds
    };
    let on_heap =
        |context: &Context, kernel: analyse<'_>| drop(context.map(kernel, &heap).expect("the kernel does not fail"));
    let on_shared =
        |context: &Context, kernel: analyse<'_>| drop(context.map(kernel, &shared).expect("the kernel does not fail"));
    let on_resident = |context: &Context, kernel: analyse<'_>| {
        let report = context.map(kernel, &resident_frames).expect("the kernel does not fail");
        assert_eq!(report.why_forked(), None);
    };

    let mut race = Race::default();
    race.enter("threads:2", || {
        map(&Context::threads().workers(2).build().expect("two threads can be started"), &on_heap)
    });
    race.enter("rayon fold, reduce", || {
        let (pool, mut mean) = (Pool::new(2), vec![0.0; number]);
        let counts = heap.as_slice().expect("a new array is contiguous");
        let mut histogram = Vec::new();
        let seconds = clock(|| {
            let items = counts.par_chunks_exact(FRAME.0 * FRAME.1).zip(&mut mean);
            let folded = items.fold(
                || vec![0; BINS],
                |mut histogram, (counts, mean)| {
                    let frame = ArrayView2::from_shape(FRAME, counts).expect("a chunk is a frame");
                    analyse(0, 0, frame, mean, &mut histogram);
                    histogram
                },
            );
            let sum = |mut total: Vec<u64>, part: Vec<u64>| {
                total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
                total
            };
            histogram = pool.install(|| folded.reduce(|| vec![0; BINS], sum));
        });
        checked(&mean, &histogram);
        seconds
    });
    race.enter("processes:2", || map(&processes(), &on_heap));
    race.enter("processes:2, shared input", || map(&processes(), &on_shared));
    race.enter("residents:2", || map(&residents, &on_resident));
    race.enter("serial", || map(&Context::serial(), &on_heap));
    race.enter("loop", || {
        let (mut mean, mut histogram) = (vec![0.0; number], vec![0; BINS]);
        let seconds = clock(|| {
            histogram.fill(0);
            for (frame, mean) in heap.axis_iter(Axis(0)).zip(&mut mean) {
                analyse(0, 0, frame, mean, &mut histogram);
            }
        });
        checked(&mean, &histogram);
        seconds
    });
    let [threads, rayon, processes, processes_shared, residents, serial, hand] = race.run();
    let items = Unit::Item(number);
    table.row(&threads, &rayon, items, AtMost("9", 1.0));
    table.row(&residents, &threads, items, AtMost("10", 1.05));
    table.row(&processes, &threads, items, AtMost("10", 1.05));
    table.row(&processes_shared, &threads, items, AtMost("10", 1.05));
    table.row(&serial, &hand, items, NoBar);
    table.row(&threads, &hand.divided(2.0, "half of a loop"), items, NoBar);
}
