use ndarray::{ArrayView2, ArrayViewMut, ArrayViewMut1, Ix2};

#[pasha::kernel]
fn output(_worker_id: usize, _index: usize, _value: &f64, #[out] _row: ArrayViewMut1<f64>) {}

#[pasha::kernel]
fn general(_worker_id: usize, _index: usize, _value: &f64, #[out] _frame: ArrayViewMut<f64, Ix2>) {}

#[pasha::kernel]
fn item(_worker_id: usize, _index: usize, _frame: ArrayView2<f64>, #[out] _sum: &mut f64) {}

#[pasha::kernel]
fn param(_worker_id: usize, _index: usize, _value: &f64, #[param] _dark: ArrayView2<f64>, #[out] _sum: &mut f64) {}

fn main() {}
