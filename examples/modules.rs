//! Modules: a detector of 16 modules, each a source of its own, stacked; one is missing.
//!
//! `cargo run --release --example modules [PICTURE.png]`

#[expect(dead_code, reason = "drawing is shared with `frames`, which draws more")]
#[path = "frames/canvas.rs"]
mod canvas;
#[expect(dead_code, reason = "as above")]
#[path = "frames/color.rs"]
mod color;
#[path = "frames/font.rs"]
mod font;
#[path = "frames/interpolate.rs"]
mod interpolate;

use std::error::Error;
use std::path::PathBuf;

use ndarray::{Array3, ArrayView4, ArrayViewMut3, Axis, Ix4};
use pasha::euxfel::run_directory;

use canvas::{Anchor, Canvas};
use color::{magma, rgb};

/// Adds up the frames of a train: module, row, column.
#[pasha::kernel]
fn powder(
    _worker_id: usize,
    _index: usize,
    _train_id: u64,
    data: ArrayView4<'_, u16>,
    #[out] frames: &mut u64,
    #[reduce(sum)] mut sum: ArrayViewMut3<'_, f64>,
) {
    *frames = data.len_of(Axis(1)) as u64;
    for pulse in data.axis_iter(Axis(1)) {
        sum.zip_mut_with(&pulse, |sum, &pixel| *sum += f64::from(pixel));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let run = run_directory(here.join("../tests/fixtures/euxfel/demo"))?;
    let detector = run.detector::<u16, Ix4>("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data", 0..16)?;

    let mut frames = pasha::alloc().shape(run.train_ids().len()).build()?;
    let mut sum = pasha::alloc().shape((16, 32, 16)).build()?;
    println!("{}\n", pasha::map(powder { frames: &mut frames, sum: &mut sum }, &detector)?);

    let total: u64 = frames.iter().sum();
    println!("{total} frames of {} modules", detector.modules().len());
    for (number, module) in sum.outer_iter().enumerate() {
        let photons = module.sum();
        let there = if detector.modules().contains(&number) { "" } else { "  missing: filled with 0" };
        println!("module {number:>2}: {:>8.1} photons a frame{there}", photons / total as f64);
        assert_eq!(photons > 0.0, number != 9);
    }
    let counts: usize = detector.data_counts()?.iter().sum();
    assert_eq!(total, counts as u64);

    let path =
        std::env::args_os().nth(1).map_or_else(|| here.with_file_name("target").join("modules.png"), PathBuf::from);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    draw(&sum.into_owned()).save(&path)?;
    println!("\nThe picture is {}", path.display());
    Ok(())
}

/// Two columns of eight modules, each lying on its side.
fn draw(sum: &Array3<f64>) -> Canvas {
    let mut canvas = Canvas::new(500, 1000, rgb(0x0B0A12));
    canvas.text([40.0, 46.0], 2.0, Anchor::Left, rgb(0xE8E6F0), "sum of all frames, by module");
    let most = sum.iter().copied().fold(0.0, f64::max);
    for (number, module) in sum.outer_iter().enumerate() {
        let [x, y] = [40.0 + (number / 8) as f64 * 214.0, 80.0 + (number % 8) as f64 * 112.0];
        let image = module.t().mapv(|value| (value / most).sqrt());
        canvas.image([x, y], [204.0, 102.0], image.view(), magma);
        canvas.text([x + 8.0, y + 20.0], 2.0, Anchor::Left, rgb(0x8F8BA3), &number.to_string());
    }
    canvas
}
