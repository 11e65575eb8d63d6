//! Images between their pixels.

use ndarray::ArrayView2;

/// The value at a place between the centres of four pixels; an image is 0 outside.
pub(crate) fn between<T: Copy + Into<f64>>(image: ArrayView2<'_, T>, row: f64, column: f64) -> f64 {
    let (above, left) = (row.floor(), column.floor());
    let (down, right) = (row - above, column - left);
    let pixel = |row: f64, column: f64| {
        let inside = row >= 0.0 && column >= 0.0;
        image.get((row as usize, column as usize)).filter(|_| inside).map_or(0.0, |value| (*value).into())
    };
    let upper = pixel(above, left) * (1.0 - right) + pixel(above, left + 1.0) * right;
    let lower = pixel(above + 1.0, left) * (1.0 - right) + pixel(above + 1.0, left + 1.0) * right;
    upper * (1.0 - down) + lower * down
}
