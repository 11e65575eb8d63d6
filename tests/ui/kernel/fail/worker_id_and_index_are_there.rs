#[pasha::kernel]
fn nothing() {}

#[pasha::kernel]
fn worker_only(_worker_id: usize) {}

#[pasha::kernel]
fn output_first(#[out] _sum: &mut f64, _worker_id: usize, _index: usize, _value: &f64) {}

#[pasha::kernel]
fn output_second(_worker_id: usize, #[out] _sum: &mut f64, _index: usize, _value: &f64) {}

fn main() {}
