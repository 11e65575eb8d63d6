//! Edges found in the traces of a digitizer: two outputs that are NaN where there is no edge, a row for the edges of a trace
//! that a callee fills, and working memory of the worker.

use ndarray::{Array2, s};
use pasha::prelude::*;

use super::noise::Noise;
use crate::support::cases;

cases![
    edges_are_found_in_every_trace,
    traces_without_edges_stay_nan,
    a_single_trace_may_be_looked_at_by_calling_the_kernel,
];

const ROOM: usize = 12;

/// The positions where `smooth` rises through `threshold`, as many as there is room for; returns how many there are.
fn fill_edges(smooth: &[f64], threshold: f64, edges: &mut [f64]) -> usize {
    let rising = smooth.windows(2).enumerate().filter(|(_, pair)| pair[0] < threshold && pair[1] >= threshold);
    let positions = rising.map(|(sample, pair)| sample as f64 + (threshold - pair[0]) / (pair[1] - pair[0]));
    let mut found = 0;
    for position in positions {
        if let Some(edge) = edges.get_mut(found) {
            *edge = position;
        }
        found += 1;
    }
    found
}

/// The running mean of three samples, less that of the first ten.
fn smoothed(trace: &[i16], smooth: &mut Vec<f64>) {
    let base = trace.iter().take(10).map(|sample| f64::from(*sample)).sum::<f64>() / 10.0;
    smooth.clear();
    smooth
        .extend(trace.windows(3).map(|three| three.iter().map(|sample| f64::from(*sample)).sum::<f64>() / 3.0 - base));
}

/// Finds the edges of one trace and the height of its first pulse.
#[pasha::kernel]
fn find_edges(
    _worker_id: usize,
    _index: usize,
    trace: &Vec<i16>,
    #[param] threshold: f64,
    #[scratch] smooth: &mut Vec<f64>,
    #[out] edges: &mut [f64],
    #[out] height: &mut f64,
    #[out] count: &mut u32,
) {
    if trace.len() < 13 {
        return;
    }
    smoothed(trace, smooth);
    *count = fill_edges(smooth, threshold, edges) as u32;
    if *count > 0 {
        let first = edges[0].ceil() as usize;
        *height = smooth[first..].iter().take(8).copied().fold(f64::NEG_INFINITY, f64::max);
    }
}

/// A list of traces of different lengths, some of them empty, some flat.
fn traces() -> Vec<Vec<i16>> {
    let mut noise = Noise::new(4);
    let trace = |number: usize| {
        let samples = if number % 9 == 4 { 0 } else { 200 + noise.below(100) as usize };
        let mut trace: Vec<i16> = (0..samples).map(|_| 500 + noise.below(9) as i16).collect();
        if number % 5 != 2 {
            for _ in 0..1 + noise.below(20) {
                let at = 12 + noise.below(250) as usize;
                trace.iter_mut().skip(at).take(5).for_each(|sample| *sample += 900);
            }
        }
        trace
    };
    (0..80).map(trace).collect()
}

struct Found {
    edges: SharedArray<f64, pasha::Ix2>,
    height: SharedArray<f64, pasha::Ix1>,
    count: SharedArray<u32, pasha::Ix1>,
}

fn find(ctx: &Context, traces: &Vec<Vec<i16>>) -> Found {
    let mut edges = find_edges::alloc_edges(ctx, (traces.len(), ROOM)).fill(f64::NAN).build().unwrap();
    let mut height = ctx.alloc().shape(traces.len()).fill(f64::NAN).build().unwrap();
    let mut count = ctx.alloc::<u32>().shape(traces.len()).build().unwrap();
    let kernel = find_edges {
        threshold: 250.0,
        smooth: || Vec::with_capacity(300),
        edges: &mut edges,
        height: &mut height,
        count: &mut count,
    };
    ctx.map(kernel, traces).unwrap();
    Found { edges, height, count }
}

/// Equal, with NaN equal to itself.
fn same(left: f64, right: f64) -> bool {
    left == right || (left.is_nan() && right.is_nan())
}

fn edges_are_found_in_every_trace(ctx: &Context) {
    let traces = traces();
    let found = find(ctx, &traces);
    let mut edges = Array2::from_elem((traces.len(), ROOM), f64::NAN);
    for (index, trace) in traces.iter().enumerate().filter(|(_, trace)| trace.len() >= 13) {
        let mut smooth = Vec::new();
        smoothed(trace, &mut smooth);
        let mut row = vec![f64::NAN; 500];
        let count = fill_edges(&smooth, 250.0, &mut row);
        edges.slice_mut(s![index, ..]).iter_mut().zip(&row).for_each(|(edge, found)| *edge = *found);
        assert_eq!(found.count[index] as usize, count);
        let highest =
            |from: f64| smooth[from.ceil() as usize..].iter().take(8).copied().fold(f64::NEG_INFINITY, f64::max);
        let height = if count > 0 { highest(row[0]) } else { f64::NAN };
        assert!(same(found.height[index], height), "{index}: {} is not {height}", found.height[index]);
    }
    assert!(found.edges.iter().zip(&edges).all(|(found, expected)| same(*found, *expected)));
    assert!(found.count.iter().any(|count| *count as usize > 3), "the data are worth a test");
}

fn traces_without_edges_stay_nan(ctx: &Context) {
    let traces = traces();
    let found = find(ctx, &traces);
    let silent: Vec<usize> = (0..traces.len()).filter(|index| index % 9 == 4 || index % 5 == 2).collect();
    assert!(silent.len() > 10);
    for index in silent {
        assert!(found.edges.row(index).iter().all(|edge| edge.is_nan()) && found.height[index].is_nan(), "{index}");
        assert_eq!(found.count[index], 0);
    }
}

fn a_single_trace_may_be_looked_at_by_calling_the_kernel(ctx: &Context) {
    let traces = traces();
    let found = find(ctx, &traces);
    let (mut edges, mut height, mut count) = ([f64::NAN; ROOM], f64::NAN, 0);
    find_edges(0, 0, &traces[7], 250.0, &mut Vec::new(), &mut edges, &mut height, &mut count);
    assert!(found.edges.row(7).iter().zip(edges).all(|(found, called)| same(*found, called)));
    assert!(same(found.height[7], height) && found.count[7] == count);
}
