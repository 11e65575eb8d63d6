use ndarray::ArrayViewMut2;

#[pasha::kernel]
fn of_elements(_worker_id: usize, _index: usize, _value: &f64, #[out(axis = 1)] _sum: &mut f64) {}

#[pasha::kernel]
fn of_rows(_worker_id: usize, _index: usize, _value: &f64, #[out(axis = 2)] _row: &mut [f64]) {}

#[pasha::kernel]
fn of_frames(_worker_id: usize, _index: usize, _value: &f64, #[out(axis = 3)] _frame: ArrayViewMut2<'_, f64>) {}

#[pasha::kernel]
fn of_ranges(_worker_id: usize, _index: usize, _value: &f64, #[out(axis = 1, ranges)] _run: &mut [f64]) {}

#[pasha::kernel]
fn by_name(_worker_id: usize, _index: usize, _value: &f64, #[out(axis = "x")] _row: &mut [f64]) {}

#[pasha::kernel]
fn below_zero(_worker_id: usize, _index: usize, _value: &f64, #[out(axis = -1)] _row: &mut [f64]) {}

#[pasha::kernel]
fn no_number(_worker_id: usize, _index: usize, _value: &f64, #[out(axis)] _row: &mut [f64]) {}

fn main() {}
