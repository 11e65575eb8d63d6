//! Perceptually uniform colour maps, interpolated between their published control points.
//!
//! Magma and viridis by Nathaniel Smith and Stéfan van der Walt, in the public domain (CC0): every eighth of the way.

/// Red, green and blue from 0 to 1, as they are stored (not linear light).
pub(crate) type Color = [f32; 3];

const MAGMA: [u32; 9] = [0x000004, 0x1D1147, 0x51127C, 0x822681, 0xB63679, 0xE65164, 0xFB8861, 0xFEC287, 0xFCFDBF];
const VIRIDIS: [u32; 9] = [0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21908C, 0x27AD81, 0x5DC863, 0xAADC32, 0xFDE725];

/// From black by purple and orange to light yellow, for 0 to 1.
pub(crate) fn magma(value: f64) -> Color {
    interpolate(&MAGMA, value)
}

/// From dark blue by green to yellow, for 0 to 1.
pub(crate) fn viridis(value: f64) -> Color {
    interpolate(&VIRIDIS, value)
}

/// The colour of a number `0xRRGGBB`.
pub(crate) fn rgb(hex: u32) -> Color {
    [hex >> 16, hex >> 8, hex].map(|channel| (channel & 0xFF) as f32 / 255.0)
}

pub(crate) fn mix(from: Color, to: Color, part: f32) -> Color {
    std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * part)
}

fn interpolate(points: &[u32], value: f64) -> Color {
    let place = value.clamp(0.0, 1.0) * (points.len() - 1) as f64;
    let before = (place as usize).min(points.len() - 2);
    mix(rgb(points[before]), rgb(points[before + 1]), (place - before as f64) as f32)
}
