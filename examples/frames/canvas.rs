//! A canvas: discs, bars, lines of text and images, blended into an array of colours.

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use ndarray::{Array2, ArrayView2};

use crate::color::{Color, mix};
use crate::font;
use crate::interpolate::between;

pub(crate) struct Canvas {
    pixels: Array2<Color>,
}

/// Where a text stands with respect to its place.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

impl Canvas {
    pub(crate) fn new(width: usize, height: usize, background: Color) -> Self {
        Self { pixels: Array2::from_elem((height, width), background) }
    }

    pub(crate) fn bar(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], color: Color) {
        let overlap = |pixel: usize, from: f64, len: f64| {
            ((pixel as f64 + 1.0).min(from + len) - (pixel as f64).max(from)).clamp(0.0, 1.0)
        };
        self.paint([x, y], [width, height], |row, column| (color, overlap(row, y, height) * overlap(column, x, width)));
    }

    pub(crate) fn disc(&mut self, [x, y]: [f64; 2], radius: f64, color: Color, alpha: f64) {
        let corner = [x - radius - 1.0, y - radius - 1.0];
        self.paint(corner, [2.0 * radius + 2.0; 2], |row, column| {
            let distance = (column as f64 + 0.5 - x).hypot(row as f64 + 0.5 - y);
            (color, alpha * (radius + 0.5 - distance).clamp(0.0, 1.0))
        });
    }

    /// An image with values from 0 to 1, stretched to a size.
    pub(crate) fn image(
        &mut self,
        corner: [f64; 2],
        size: [f64; 2],
        values: ArrayView2<'_, f64>,
        map: fn(f64) -> Color,
    ) {
        let [across, down] = [values.ncols() as f64 / size[0], values.nrows() as f64 / size[1]];
        self.paint(corner, size, |row, column| {
            let row = (row as f64 + 0.5 - corner[1]) * down - 0.5;
            let column = (column as f64 + 0.5 - corner[0]) * across - 0.5;
            (map(between(values, row, column)), 1.0)
        });
    }

    /// A line of text with `place` on its base line; a pixel of the font is `scale` pixels wide.
    pub(crate) fn text(&mut self, place: [f64; 2], scale: f64, anchor: Anchor, color: Color, text: &str) {
        let advance = (font::WIDTH + 1) as f64 * scale;
        let width = text.chars().count() as f64 * advance - scale;
        let mut left = match anchor {
            Anchor::Left => place[0],
            Anchor::Middle => place[0] - width / 2.0,
            Anchor::Right => place[0] - width,
        };
        let top = place[1] - font::ASCENT as f64 * scale;
        // The outlines reach half a pixel of the font beyond it.
        let size = [(font::WIDTH + 1) as f64 * scale, (font::HEIGHT + 1) as f64 * scale];
        for character in text.chars() {
            let glyph = font::glyph(character);
            self.paint([left - scale / 2.0, top - scale / 2.0], size, |row, column| {
                let ink = between(
                    glyph.view(),
                    (row as f64 + 0.5 - top) / scale - 0.5,
                    (column as f64 + 0.5 - left) / scale - 0.5,
                );
                // The outline runs where the ink has almost faded by half; it is as soft as a pixel of the canvas.
                (color, ((ink - 0.42) * scale + 0.5).clamp(0.0, 1.0))
            });
            left += advance;
        }
    }

    pub(crate) fn save(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let (height, width) = self.pixels.dim();
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let bytes: Vec<u8> = self.pixels.iter().flatten().map(|channel| (channel * 255.0).round() as u8).collect();
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&bytes)?;
        Ok(writer.finish()?)
    }

    /// Blends what `color` gives for a pixel, by the opacity that it gives, over a rectangle.
    fn paint(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], color: impl Fn(usize, usize) -> (Color, f64)) {
        let (rows, columns) = self.pixels.dim();
        for row in y.max(0.0) as usize..((y + height).ceil().max(0.0) as usize).min(rows) {
            for column in x.max(0.0) as usize..((x + width).ceil().max(0.0) as usize).min(columns) {
                let (color, alpha) = color(row, column);
                let pixel = &mut self.pixels[[row, column]];
                *pixel = mix(*pixel, color, alpha as f32);
            }
        }
    }
}
