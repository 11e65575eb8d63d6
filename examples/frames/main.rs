//! The main job on real input: 1797 images, straightened and averaged by class, with statistics of each one, made into a picture.
//!
//! `cargo run --release --example frames [PICTURE.png]`

mod canvas;
mod color;
mod font;
mod interpolate;
mod picture;
mod straighten;

use std::error::Error;
use std::path::PathBuf;

use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayViewMut3};
use pasha::prelude::*;

/// Images of 8 by 8 pixels, with values from 0 to 16.
const LEVELS: usize = 17;
const CLASSES: usize = 10;
/// Straightened images have this many pixels on a side.
const SIDE: usize = 60;

/// Measures an image, straightens it, and adds it to those of its class.
#[pasha::kernel]
fn analyse(
    _worker_id: usize,
    _index: usize,
    image: ArrayView2<'_, u8>,
    &class: &u8,
    #[scratch] upright: &mut Array2<f64>,
    #[out] mean: &mut f64,
    #[out] slant: &mut f64,
    #[reduce(sum)] members: &mut [f64],
    #[reduce(sum)] mut sum: ArrayViewMut3<'_, f64>,
    #[reduce(sum)] mut squares: ArrayViewMut3<'_, f64>,
    #[reduce(sum)] histogram: &mut [u64],
) {
    let class = usize::from(class);
    *mean = image.iter().copied().map(f64::from).sum::<f64>() / image.len() as f64;
    *slant = straighten::straighten(image, upright);
    members[class] += 1.0;
    sum.index_axis_mut(Axis(0), class).zip_mut_with(upright, |sum, value| *sum += value);
    squares.index_axis_mut(Axis(0), class).zip_mut_with(upright, |sum, value| *sum += value * value);
    image.iter().for_each(|value| histogram[usize::from(*value)] += 1);
}

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let images: Array3<u8> = ndarray_npy::read_npy(here.join("data/digits.npy"))?;
    let classes: Array1<u8> = ndarray_npy::read_npy(here.join("data/digits_labels.npy"))?;

    let mut mean = pasha::alloc().shape(images.len_of(Axis(0))).build()?;
    let mut slant = pasha::alloc_like(&mean)?;
    let mut members = pasha::alloc().shape(CLASSES).build()?;
    let mut sum = pasha::alloc().shape((CLASSES, SIDE, SIDE)).build()?;
    let mut squares = pasha::alloc_like(&sum)?;
    let mut histogram = pasha::alloc().shape(LEVELS).build()?;
    let bound = analyse {
        upright: || Array2::zeros((SIDE, SIDE)),
        mean: &mut mean,
        slant: &mut slant,
        members: &mut members,
        sum: &mut sum,
        squares: &mut squares,
        histogram: &mut histogram,
    };
    let report = pasha::map(bound, zip(&images, &classes))?;
    println!("{report}");

    // Known of this data set.
    assert_eq!(members.to_vec(), [178.0, 182.0, 177.0, 183.0, 181.0, 182.0, 181.0, 179.0, 174.0, 180.0]);
    assert_eq!(histogram.sum(), 1797 * 64);
    let ink: u64 = histogram.iter().zip(0..).map(|(pixels, value)| pixels * value).sum();
    assert_eq!(ink, 561_718);
    assert!((mean.sum() * 64.0 - 561_718.0).abs() < 1e-6);

    let of_class = members.to_shape((CLASSES, 1, 1))?;
    let average = sum.into_owned() / &of_class;
    let deviation = (squares.into_owned() / &of_class - &average * &average).mapv(|variance| variance.max(0.0).sqrt());
    let picture = picture::draw(&picture::Results {
        class: classes.view(),
        mean: mean.view(),
        slant: slant.view(),
        members: members.view(),
        average: &average,
        deviation: &deviation,
        histogram: histogram.view(),
    });

    let path =
        std::env::args_os().nth(1).map_or_else(|| here.with_file_name("target").join("frames.png"), PathBuf::from);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    picture.save(&path)?;
    println!("\nThe picture is {}", path.display());
    Ok(())
}
