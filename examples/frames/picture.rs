//! The picture: the classes side by side, and below them the statistics of their members.

use ndarray::{Array3, ArrayView1};

use crate::canvas::{Anchor, Canvas};
use crate::color::{Color, magma, mix, rgb, viridis};

const WIDTH: usize = 1720;
const HEIGHT: usize = 1240;
const LEFT: f64 = 100.0;
const TILE: f64 = 140.0;
const STEP: f64 = 152.0;

const BACKGROUND: u32 = 0x0B0A12;
const INK: u32 = 0xE8E6F0;
const FAINT: u32 = 0x8F8BA3;
const GRID: u32 = 0x2A2838;

/// What the picture shows. `class`, `mean` and `slant` have an entry for each image; the others are by class or by value.
pub(crate) struct Results<'r> {
    pub(crate) class: ArrayView1<'r, u8>,
    pub(crate) mean: ArrayView1<'r, f64>,
    pub(crate) slant: ArrayView1<'r, f64>,
    pub(crate) members: ArrayView1<'r, f64>,
    pub(crate) average: &'r Array3<f64>,
    pub(crate) deviation: &'r Array3<f64>,
    pub(crate) histogram: ArrayView1<'r, u64>,
}

pub(crate) fn draw(results: &Results<'_>) -> Canvas {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, rgb(BACKGROUND));
    let images = results.class.len();
    canvas.text([LEFT, 66.0], 4.0, Anchor::Left, rgb(INK), &format!("{images} handwritten digits"));
    let x = LEFT + 10.0 * STEP - 12.0;
    canvas.text(
        [x, 66.0],
        2.0,
        Anchor::Right,
        rgb(FAINT),
        "each one measured, straightened and added to its class, in parallel",
    );

    tiles(&mut canvas, 116.0, "average of each class", results.average, magma);
    tiles(&mut canvas, 336.0, "standard deviation: where the writers differ", results.deviation, viridis);
    slants(&mut canvas, 556.0, results);
    histogram(&mut canvas, [LEFT, 956.0], 596.0, results.histogram);
    order(&mut canvas, [LEFT + 5.0 * STEP, 956.0], results);
    canvas
}

/// An image for each class, and the scale of their colours.
fn tiles(canvas: &mut Canvas, top: f64, title: &str, images: &Array3<f64>, map: fn(f64) -> Color) {
    heading(canvas, [LEFT, top], title);
    let most = images.iter().copied().fold(0.0, f64::max);
    for (class, image) in images.outer_iter().enumerate() {
        let x = LEFT + class as f64 * STEP;
        canvas.image([x, top + 24.0], [TILE; 2], (&image / most).view(), map);
    }
    let [x, y] = [LEFT + 10.0 * STEP + 8.0, top + 24.0];
    for step in 0..TILE as usize {
        canvas.bar([x, y + step as f64], [14.0, 1.0], map(1.0 - step as f64 / TILE));
    }
    canvas.text([x + 22.0, y + 14.0], 2.0, Anchor::Left, rgb(FAINT), &format!("{most:.1}"));
    canvas.text([x + 22.0, y + TILE], 2.0, Anchor::Left, rgb(FAINT), "0");
}

/// A swarm of points for each class, as wide as there are images of one slant, and the median.
fn slants(canvas: &mut Canvas, top: f64, results: &Results<'_>) {
    const MOST: f64 = 24.0;
    const HEIGHT: f64 = 240.0;
    const BIN: f64 = 4.0;
    heading(
        canvas,
        [LEFT, top],
        "slant of each image in degrees to the right, with the median of the class. colour: mean value, as below",
    );
    let y = |degrees: f64| top + 24.0 + (MOST - degrees) / (2.0 * MOST) * HEIGHT;
    for degrees in [-20, -10, 0, 10, 20] {
        tick(canvas, [LEFT, y(degrees.into())], 10.0 * STEP - 12.0, &format!("{degrees}"));
    }
    for class in 0..10 {
        let middle = LEFT + f64::from(class) * STEP + TILE / 2.0;
        let all = results.class.iter().zip(results.slant).zip(results.mean);
        let members = all.filter(|((of, _), _)| **of == class);
        let mut points: Vec<_> = members.map(|((_, slant), mean)| (slant.atan().to_degrees(), *mean)).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        for bin in points.chunk_by_mut(|a, b| (y(a.0) / BIN).floor() == (y(b.0) / BIN).floor()) {
            bin.sort_by(|a, b| a.1.total_cmp(&b.1));
            for (number, &(degrees, mean)) in bin.iter().enumerate() {
                let x = middle + (number as f64 - (bin.len() - 1) as f64 / 2.0) * 5.4;
                canvas.disc([x, y(degrees)], 2.3, color_of(mean), 0.9);
            }
        }
        canvas.bar([middle - 40.0, y(points[points.len() / 2].0) - 1.0], [80.0, 2.0], rgb(INK));
        canvas.text([middle, top + HEIGHT + 62.0], 4.0, Anchor::Middle, rgb(INK), &class.to_string());
        let members = format!("{} images", results.members[usize::from(class)]);
        canvas.text([middle, top + HEIGHT + 88.0], 2.0, Anchor::Middle, rgb(FAINT), &members);
    }
}

/// How often each value occurs in all images.
fn histogram(canvas: &mut Canvas, [left, top]: [f64; 2], width: f64, histogram: ArrayView1<'_, u64>) {
    const HEIGHT: f64 = 180.0;
    heading(canvas, [left, top], "pixels by value, on a logarithmic scale");
    let bottom = top + 24.0 + HEIGHT;
    // From a thousand to a hundred thousand.
    let height = |pixels: f64| (pixels.log10() - 3.0).max(0.0) / 2.0 * HEIGHT;
    for (pixels, name) in [(1e3, "1k"), (1e4, "10k"), (1e5, "100k")] {
        tick(canvas, [left, bottom - height(pixels)], width, name);
    }
    let step = width / histogram.len() as f64;
    for (value, &pixels) in histogram.iter().enumerate() {
        let x = left + value as f64 * step;
        let height = height(pixels as f64);
        canvas.bar([x + 3.0, bottom - height], [step - 6.0, height], magma(0.15 + 0.85 * value as f64 / 16.0));
        if value % 4 == 0 {
            canvas.text([x + step / 2.0, bottom + 26.0], 2.0, Anchor::Middle, rgb(FAINT), &value.to_string());
        }
    }
}

/// The mean of each image in the order of the file, and its running average.
fn order(canvas: &mut Canvas, [left, top]: [f64; 2], results: &Results<'_>) {
    const HEIGHT: f64 = 180.0;
    const WINDOW: usize = 41;
    let width = 5.0 * STEP - 12.0;
    heading(canvas, [left, top], "mean value of each image, in the order of the file");
    let y = |mean: f64| top + 24.0 + (7.0 - mean) / 4.0 * HEIGHT;
    for mean in [3, 4, 5, 6, 7] {
        tick(canvas, [left, y(mean.into())], width, &mean.to_string());
    }
    let images = results.mean.len();
    let x = |index: f64| left + index / images as f64 * width;
    for (index, &mean) in results.mean.iter().enumerate() {
        canvas.disc([x(index as f64), y(mean)], 1.6, color_of(mean), 0.8);
    }
    for (index, window) in results.mean.windows(WINDOW).into_iter().enumerate() {
        let mean = window.sum() / WINDOW as f64;
        canvas.disc([x((index + WINDOW / 2) as f64), y(mean)], 1.6, rgb(INK), 1.0);
    }
    for index in (0..images).step_by(300) {
        canvas.text([x(index as f64), top + 24.0 + HEIGHT + 26.0], 2.0, Anchor::Middle, rgb(FAINT), &index.to_string());
    }
}

/// The colour of an image with this mean value.
fn color_of(mean: f64) -> Color {
    magma(0.3 + 0.65 * (mean - 3.0) / 4.0)
}

fn heading(canvas: &mut Canvas, place: [f64; 2], title: &str) {
    canvas.text([place[0], place[1] + 8.0], 2.0, Anchor::Left, mix(rgb(INK), rgb(FAINT), 0.3), title);
}

/// A line of the grid, with its value to the left.
fn tick(canvas: &mut Canvas, [left, y]: [f64; 2], width: f64, value: &str) {
    canvas.bar([left, y - 0.5], [width, 1.0], rgb(GRID));
    canvas.text([left - 12.0, y + 7.0], 2.0, Anchor::Right, rgb(FAINT), value);
}
