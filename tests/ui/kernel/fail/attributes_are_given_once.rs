#[pasha::kernel]
fn out_twice(_worker_id: usize, _index: usize, _value: &f64, #[out] #[out] _sum: &mut f64) {}

#[pasha::kernel]
fn two_roles(_worker_id: usize, _index: usize, _value: &f64, #[out] #[per_worker] _sum: &mut f64) {}

#[pasha::kernel]
fn axis_twice(_worker_id: usize, _index: usize, _value: &f64, #[out(axis = 0, axis = 1)] _row: &mut [f64]) {}

#[pasha::kernel]
fn ranges_twice(_worker_id: usize, _index: usize, _value: &f64, #[out(ranges, ranges)] _row: &mut [f64]) {}

#[pasha::kernel(crate = ::pasha, crate = ::pasha)]
fn crate_twice(_worker_id: usize, _index: usize, _value: &f64) {}

fn main() {}
