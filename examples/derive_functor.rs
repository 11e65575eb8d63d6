//! A functor of one's own: a struct of arrays that are walked together, by `derive`.

use ndarray::{Array3, ArrayView2};
use pasha::prelude::*;

/// What was recorded, shot by shot.
#[derive(Functor)]
struct Shots {
    train_id: Vec<u64>,
    /// Shape (rows, shots, columns): a shot is a slice of axis 1.
    #[functor(axis = 1)]
    pixels: Array3<u16>,
    /// Every shot is given the whole of it.
    #[functor(broadcast)]
    gain: Vec<f64>,
    #[functor(skip)]
    comment: &'static str,
}

/// The energy of one shot, with a gain for each column.
#[pasha::kernel]
fn energy(_worker_id: usize, _index: usize, shot: ShotsItem<'_>, #[out] train_id: &mut u64, #[out] energy: &mut f64) {
    let energy_of = |row: ndarray::ArrayView1<'_, u16>| -> f64 {
        row.iter().zip(shot.gain).map(|(&pixel, gain)| f64::from(pixel) * gain).sum()
    };
    *train_id = *shot.train_id;
    *energy = shot.pixels.rows().into_iter().map(energy_of).sum();
}

/// The brightest pixel of one shot. An item can be taken apart where it comes in.
#[pasha::kernel]
fn brightest(_worker_id: usize, _index: usize, ShotsItem { pixels, .. }: ShotsItem<'_>) -> u16 {
    largest(pixels)
}

fn largest(pixels: ArrayView2<'_, u16>) -> u16 {
    pixels.iter().copied().max().unwrap_or(0)
}

fn main() -> pasha::Result<()> {
    let mut shots = Shots {
        train_id: (10_000..10_008).collect(),
        pixels: Array3::from_shape_fn((4, 8, 6), |(row, shot, column)| (row + column + shot * shot) as u16),
        gain: vec![0.5, 0.5, 1.0, 1.0, 0.5, 0.5],
        comment: "a ramp",
    };
    let items = shots.items()?;
    println!("{items} shots of {}:", shots.comment);

    let mut train_id = pasha::alloc_like(&shots.train_id)?;
    let mut energies = pasha::alloc().shape(items).build()?;
    pasha::map(energy { train_id: &mut train_id, energy: &mut energies }, &shots)?;
    let brightest = pasha::collect(brightest {}, &shots)?;
    for shot in 0..items {
        println!("train {}: energy {:>6}, brightest pixel {:>3}", train_id[shot], energies[shot], brightest[shot]);
        assert_eq!(brightest[shot] as usize, 3 + 5 + shot * shot);
    }
    assert_eq!(train_id.to_vec(), shots.train_id);

    shots.train_id.pop();
    let error = pasha::collect(brightest {}, &shots).expect_err("a train id is missing");
    println!("without the last train id: {error}");
    Ok(())
}
