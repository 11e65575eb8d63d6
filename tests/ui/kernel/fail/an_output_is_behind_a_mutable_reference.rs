use ndarray::{ArrayView1, ArrayViewMut1};

#[pasha::kernel]
fn by_value(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: f64) {}

#[pasha::kernel]
fn shared(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: &f64) {}

#[pasha::kernel]
fn shared_row(_worker_id: usize, _index: usize, _value: &f64, #[per_worker] _sum: &[f64]) {}

#[pasha::kernel]
fn shared_view(_worker_id: usize, _index: usize, _value: &f64, #[reduce(sum)] _sum: ArrayView1<'_, f64>) {}

#[pasha::kernel]
fn view_twice_borrowed(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: &mut ArrayViewMut1<'_, f64>) {}

#[pasha::kernel]
fn owned(_worker_id: usize, _index: usize, _value: &f64, #[out] _all: Vec<f64>) {}

#[pasha::kernel]
fn optional(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: Option<f64>) {}

#[pasha::kernel]
fn generic<T>(_worker_id: usize, _index: usize, _value: &T, #[out] _sum: T) {}

#[pasha::kernel]
fn fixed(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: [f64; 3]) {}

#[pasha::kernel]
fn pair(_worker_id: usize, _index: usize, _value: &f64, #[out] _sums: (&mut f64, &mut f64)) {}

fn main() {}
