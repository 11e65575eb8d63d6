//! European XFEL: a kernel over the frames of a camera, train by train, with a picture of their average and a plot over the trains.
//!
//! `cargo run --release --example euxfel [PICTURE.png]`

#[expect(dead_code, reason = "drawing is shared with `frames`, which draws more")]
#[path = "frames/canvas.rs"]
mod canvas;
#[path = "frames/color.rs"]
mod color;
#[path = "frames/font.rs"]
mod font;
#[path = "frames/interpolate.rs"]
mod interpolate;

use std::error::Error;
use std::path::PathBuf;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, Ix1, Ix3};
use pasha::euxfel::run_directory;

use canvas::{Anchor, Canvas};
use color::{magma, rgb, viridis};

/// The mean of a train's frame, and its part of the average of all. `None` where the camera missed a train.
#[pasha::kernel]
fn analysis_kernel(
    _worker_id: usize,
    _index: usize,
    _train_id: u64,
    data: Option<ArrayView2<'_, u16>>,
    #[out] mean: &mut f64,
    #[reduce(sum)] mut sum: ArrayViewMut2<'_, f64>,
) {
    let Some(frame) = data else { return *mean = f64::NAN };
    *mean = frame.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / frame.len() as f64;
    sum.zip_mut_with(&frame, |sum, &pixel| *sum += f64::from(pixel));
}

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let run = run_directory(here.join("../tests/fixtures/euxfel/demo"))?;
    let frames = run.key::<u16, Ix3>("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels")?.single().optional();

    let trains = run.train_ids();
    let mut mean = pasha::alloc().shape(trains.len()).build()?;
    let mut sum = pasha::alloc().shape((48, 64)).build()?;
    println!("{}\n", pasha::map(analysis_kernel { mean: &mut mean, sum: &mut sum }, &frames)?);

    // What the gas monitor saw: index by index of the same trains.
    let energy = run.key::<f32, Ix1>("SA1_XTD2_XGM/DOOCS/MAIN", "pulseEnergy.photonFlux")?.ndarray()?;
    for ((train_id, mean), energy) in trains.iter().zip(&mean).zip(&energy).take(6) {
        println!("train {train_id}: {energy:.2} mJ, mean of the frame {mean:6.2}");
    }

    // The camera missed the second and the third train of each of two files; every other frame is as bright as its pulse.
    let missed: Vec<usize> = (0..trains.len()).filter(|&index| mean[index].is_nan()).collect();
    assert_eq!(missed, [1, 2, 10, 11]);
    let seen = trains.len() - missed.len();
    let all = run.key::<u16, Ix3>("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels")?.ndarray()?;
    assert_eq!(sum, all.mapv(f64::from).sum_axis(Axis(0)));
    let points: Vec<[f64; 2]> = (0..trains.len())
        .filter(|index| !mean[*index].is_nan())
        .map(|index| [energy[index].into(), mean[index]])
        .collect();
    assert!(correlation(&points) > 0.95, "the mean follows the pulse energy");

    let path =
        std::env::args_os().nth(1).map_or_else(|| here.with_file_name("target").join("euxfel.png"), PathBuf::from);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let average = sum.into_owned() / seen as f64;
    draw(&average, trains, &mean.to_vec(), &energy.mapv(f64::from).to_vec()).save(&path)?;
    println!("\nThe picture is {}", path.display());
    Ok(())
}

fn correlation(points: &[[f64; 2]]) -> f64 {
    let mean = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(0), mean(1));
    let moment = |of: &dyn Fn(f64, f64) -> f64| points.iter().map(|point| of(point[0] - x, point[1] - y)).sum::<f64>();
    moment(&|x, y| x * y) / (moment(&|x, _| x * x) * moment(&|_, y| y * y)).sqrt()
}

fn draw(average: &Array2<f64>, trains: &[u64], mean: &[f64], energy: &[f64]) -> Canvas {
    const INK: u32 = 0xE8E6F0;
    const FAINT: u32 = 0x8F8BA3;
    let mut canvas = Canvas::new(1280, 560, rgb(0x0B0A12));
    canvas.text([40.0, 50.0], 2.0, Anchor::Left, rgb(INK), "average of the frames");
    let most = average.iter().copied().fold(0.0, f64::max);
    canvas.image([40.0, 80.0], [560.0, 420.0], average.mapv(|value| (value / most).sqrt()).view(), magma);

    canvas.text([660.0, 50.0], 2.0, Anchor::Left, rgb(INK), "mean of the frame of each train, colour: energy");
    let [left, top, width, height] = [660.0, 80.0, 580.0, 380.0];
    let most = mean.iter().copied().filter(|mean| !mean.is_nan()).fold(0.0, f64::max);
    let [least_energy, most_energy] =
        energy.iter().fold([f64::MAX, f64::MIN], |[least, most], &energy| [least.min(energy), most.max(energy)]);
    for (index, (&mean, &energy)) in mean.iter().zip(energy).enumerate() {
        let x = left + width * (index as f64 + 0.5) / trains.len() as f64;
        if mean.is_nan() {
            canvas.bar([x - 1.0, top + height - 14.0], [2.0, 14.0], rgb(FAINT));
            continue;
        }
        let tall = height * mean / most;
        let color = viridis((energy - least_energy) / (most_energy - least_energy));
        canvas.bar([x - 10.0, top + height - tall], [20.0, tall], color);
    }
    canvas.bar([left, top + height], [width, 1.0], rgb(FAINT));
    canvas.text([left, top + height + 30.0], 2.0, Anchor::Left, rgb(FAINT), &trains[0].to_string());
    let last = trains[trains.len() - 1].to_string();
    canvas.text([left + width, top + height + 30.0], 2.0, Anchor::Right, rgb(FAINT), &last);
    canvas.text([left + width / 2.0, top + height + 30.0], 2.0, Anchor::Middle, rgb(FAINT), "train");
    canvas
}
