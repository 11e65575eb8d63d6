//! "Functors".

use ndarray::{Array3, ArrayView2, ArrayView3};
use pasha::prelude::*;

#[derive(Functor)]
struct Shots<'a> {
    train_id: Vec<u64>,
    #[functor(axis = 1)]
    pixels: ArrayView3<'a, u16>, // item: the 2-D slice of axis 1
    #[functor(skip)]
    comment: String,
}
// item: ShotsItem<'_> { train_id: &u64, pixels: ArrayView2<'_, u16> }, passed whole or taken apart

fn pixels() -> Array3<u16> {
    Array3::from_shape_fn((2, 3, 4), |(_, shot, _)| shot as u16)
}

fn shots(pixels: &Array3<u16>) -> Shots<'_> {
    Shots { train_id: vec![10, 20, 30], pixels: pixels.view(), comment: "a good run".to_owned() }
}

#[pasha::kernel]
fn sum_whole(_worker_id: usize, _index: usize, shot: ShotsItem<'_>, #[out] sum: &mut u64) {
    let train_id: &u64 = shot.train_id;
    let pixels: ArrayView2<'_, u16> = shot.pixels;
    *sum = train_id + pixels.iter().copied().map(u64::from).sum::<u64>();
}

pub(crate) fn whole() -> pasha::Result<()> {
    let pixels = pixels();
    let shots = shots(&pixels);
    let mut sum = pasha::alloc().shape(3).build()?;
    pasha::map(sum_whole { sum: &mut sum }, &shots)?;
    assert_eq!(sum.to_vec(), [10, 28, 46]);
    assert_eq!(shots.comment, "a good run");
    Ok(())
}

#[pasha::kernel]
fn sum_apart(_worker_id: usize, _index: usize, ShotsItem { train_id, pixels }: ShotsItem<'_>, #[out] sum: &mut u64) {
    *sum = train_id + pixels.iter().copied().map(u64::from).sum::<u64>();
}

pub(crate) fn taken_apart() -> pasha::Result<()> {
    let mut sum = pasha::alloc().shape(3).build()?;
    pasha::map(sum_apart { sum: &mut sum }, shots(&pixels()))?;
    assert_eq!(sum.to_vec(), [10, 28, 46]);
    Ok(())
}
