//! Straightening: an image is sheared until it stands upright, and moved until its centre of mass is in the middle.

use ndarray::{Array2, ArrayView2};

use crate::interpolate::between;

/// The side of a straightened image, in pixels of the original.
const WINDOW: f64 = 10.0;

/// Writes the straightened image, of any size, and returns the slant that it had: columns to the right per row upwards.
pub(crate) fn straighten(image: ArrayView2<'_, u8>, upright: &mut Array2<f64>) -> f64 {
    let [mut mass, mut row_sum, mut column_sum] = [0.0; 3];
    for ((row, column), &value) in image.indexed_iter() {
        let value = f64::from(value);
        mass += value;
        row_sum += value * row as f64;
        column_sum += value * column as f64;
    }
    let (middle_row, middle_column) = (row_sum / mass, column_sum / mass);

    let [mut variance, mut covariance] = [0.0; 2];
    for ((row, column), &value) in image.indexed_iter() {
        let down = row as f64 - middle_row;
        variance += f64::from(value) * down * down;
        covariance += f64::from(value) * down * (column as f64 - middle_column);
    }
    let shear = covariance / variance;

    let centred = |index: usize, len: usize| ((index as f64 + 0.5) / len as f64 - 0.5) * WINDOW;
    let (rows, columns) = upright.dim();
    for ((row, column), value) in upright.indexed_iter_mut() {
        let down = centred(row, rows);
        let right = centred(column, columns) + shear * down;
        *value = between(image, middle_row + down, middle_column + right);
    }
    -shear
}
