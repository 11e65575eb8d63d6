//! The intensity in a region of each of 16 detector modules, by train: the values of one source with their train ids.

use ndarray::{Array2, Array4, ArrayView3, Axis, s};
use pasha::prelude::*;

use super::noise::Noise;
use crate::support::cases;

cases![
    intensities_of_all_modules_are_found,
    modules_that_are_missing_stay_nan,
    the_variance_may_be_left_out,
    trains_of_an_f_ordered_stack_are_the_same,
];

const MODULES: usize = 16;

/// Rows and columns of a module.
#[derive(Clone, Copy)]
struct Region {
    rows: (usize, usize),
    columns: (usize, usize),
}

/// A source by train, as an experiment's file gives it: 0 counts everywhere means that the module was missing.
#[derive(Functor)]
struct KeyData {
    train_id: Vec<u64>,
    values: Array4<u16>,
}

fn key_data(trains: usize) -> KeyData {
    let mut noise = Noise::new(123);
    let mut values = Array4::from_shape_simple_fn((trains, MODULES, 8, 6), || 1 + noise.below(500) as u16);
    for train in 0..trains {
        values.slice_mut(s![train, train % MODULES, .., ..]).fill(0);
        if train % 6 == 3 {
            values.slice_mut(s![train, .., .., ..]).fill(0);
        }
    }
    KeyData { train_id: (0..trains as u64).map(|train| 500 + 2 * train).collect(), values }
}

fn regions() -> Vec<Region> {
    (0..MODULES)
        .map(|module| Region { rows: (module % 4, 4 + module % 5), columns: (module % 3, 3 + module % 4) })
        .collect()
}

#[pasha::kernel]
fn integrate(
    _worker_id: usize,
    _index: usize,
    item: KeyDataItem<'_>,
    #[param] regions: &[Region],
    #[param] pulse_energy: f64,
    #[out] intensity: &mut [f64],
    #[out] variance: Option<&mut [f64]>,
    #[out] seen: &mut u16,
    #[out] train_id: &mut u64,
) {
    *train_id = *item.train_id;
    let modules: ArrayView3<'_, u16> = item.values;
    if modules.iter().all(|pixel| *pixel == 0) {
        return;
    }
    let mut variance = variance;
    for (number, (module, region)) in modules.outer_iter().zip(regions).enumerate() {
        if module.iter().all(|pixel| *pixel == 0) {
            continue;
        }
        *seen |= 1 << number;
        let pixels = module.slice(s![region.rows.0..region.rows.1, region.columns.0..region.columns.1]);
        let pixels = pixels.mapv(f64::from);
        intensity[number] = pixels.sum() / pulse_energy;
        if let Some(variance) = &mut variance {
            variance[number] = pixels.var(0.0);
        }
    }
}

struct Integrated {
    intensity: SharedArray<f64, pasha::Ix2>,
    variance: SharedArray<f64, pasha::Ix2>,
    seen: SharedArray<u16, pasha::Ix1>,
    train_id: SharedArray<u64, pasha::Ix1>,
}

fn integrated(ctx: &Context, data: &KeyData, with_variance: bool) -> Integrated {
    let trains = data.train_id.len();
    let nan = || ctx.alloc().shape((trains, MODULES)).fill(f64::NAN).build().unwrap();
    let (mut intensity, mut variance) = (nan(), nan());
    let mut seen = ctx.alloc::<u16>().shape(trains).build().unwrap();
    let mut train_id = ctx.alloc_like(&data.train_id).unwrap();
    let kernel = integrate {
        regions: &regions(),
        pulse_energy: 0.5,
        intensity: &mut intensity,
        variance: with_variance.then_some(&mut variance),
        seen: &mut seen,
        train_id: &mut train_id,
    };
    ctx.map(kernel, data).unwrap();
    Integrated { intensity, variance, seen, train_id }
}

/// Intensity and variance by a plain loop over indices, NaN where a module is missing.
fn expected(data: &KeyData) -> [Array2<f64>; 2] {
    let trains = data.train_id.len();
    let nan = || Array2::from_elem((trains, MODULES), f64::NAN);
    let (mut intensity, mut variance) = (nan(), nan());
    for train in 0..trains {
        for (module, region) in regions().iter().enumerate() {
            let pixels = data.values.slice(s![train, module, .., ..]);
            if pixels.iter().any(|pixel| *pixel > 0) {
                let part = pixels.slice(s![region.rows.0..region.rows.1, region.columns.0..region.columns.1]);
                intensity[[train, module]] = part.mapv(f64::from).sum() / 0.5;
                variance[[train, module]] = part.mapv(f64::from).var(0.0);
            }
        }
    }
    [intensity, variance]
}

fn same(found: &SharedArray<f64, pasha::Ix2>, expected: &Array2<f64>) -> bool {
    found.shape() == expected.shape()
        && found.iter().zip(expected).all(|(left, right)| left == right || (left.is_nan() && right.is_nan()))
}

fn intensities_of_all_modules_are_found(ctx: &Context) {
    let data = key_data(40);
    let found = integrated(ctx, &data, true);
    let [intensity, variance] = expected(&data);
    assert!(same(&found.intensity, &intensity) && same(&found.variance, &variance));
    assert_eq!(found.train_id.to_vec(), data.train_id);
}

fn modules_that_are_missing_stay_nan(ctx: &Context) {
    let data = key_data(40);
    let found = integrated(ctx, &data, true);
    for train in 0..40 {
        let present = if train % 6 == 3 { 0 } else { !(1 << (train % MODULES)) };
        assert_eq!(found.seen[train], present);
        for module in 0..MODULES {
            assert_eq!(found.intensity[[train, module]].is_nan(), present >> module & 1 == 0, "{train}, {module}");
        }
    }
}

fn the_variance_may_be_left_out(ctx: &Context) {
    let data = key_data(20);
    let found = integrated(ctx, &data, false);
    assert!(same(&found.intensity, &expected(&data)[0]));
    assert!(found.variance.iter().all(|variance| variance.is_nan()));
}

fn trains_of_an_f_ordered_stack_are_the_same(ctx: &Context) {
    let data = key_data(20);
    let mut values = Array4::zeros(ndarray::ShapeBuilder::f((20, MODULES, 8, 6)));
    values.assign(&data.values);
    assert_ne!(values.strides(), data.values.strides());
    let f_ordered = KeyData { values, train_id: data.train_id.clone() };
    assert!(same(&integrated(ctx, &f_ordered, true).intensity, &expected(&data)[0]));
    assert_eq!(data.values.len_of(Axis(0)), 20);
}
