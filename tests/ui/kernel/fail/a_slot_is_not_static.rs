#[pasha::kernel]
fn element(_worker_id: usize, _index: usize, _value: &f64, #[out] _slot: &'static mut f64) {}

#[pasha::kernel]
fn row(_worker_id: usize, _index: usize, _value: &f64, #[reduce(sum)] _row: &'static mut [f64]) {}

#[pasha::kernel]
fn view(_worker_id: usize, _index: usize, _value: &f64, #[per_worker] _row: ndarray::ArrayViewMut1<'static, f64>) {}

#[pasha::kernel]
fn scratch(_worker_id: usize, _index: usize, _value: &f64, #[scratch] _buffer: &'static mut Vec<f64>) {}

fn main() {}
