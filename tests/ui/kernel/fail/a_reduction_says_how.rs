#[pasha::kernel]
fn not_said(_worker_id: usize, _index: usize, _value: &f64, #[reduce] _sum: &mut f64) {}

#[pasha::kernel]
fn nothing_said(_worker_id: usize, _index: usize, _value: &f64, #[reduce()] _sum: &mut f64) {}

#[pasha::kernel]
fn two_ways(_worker_id: usize, _index: usize, _value: &f64, #[reduce(sum, max)] _sum: &mut f64) {}

#[pasha::kernel]
fn unknown_way(_worker_id: usize, _index: usize, _value: &f64, #[reduce(mean)] _sum: &mut f64) {}

#[pasha::kernel]
fn identity_of_sum(_worker_id: usize, _index: usize, _value: &f64, #[reduce(sum, identity = 1.0)] _sum: &mut f64) {}

#[pasha::kernel]
fn no_function(_worker_id: usize, _index: usize, _value: &f64, #[reduce(with)] _sum: &mut f64) {}

#[pasha::kernel]
fn closure(_worker_id: usize, _index: usize, _value: &f64, #[reduce(with = |a, b| *a += b)] _sum: &mut f64) {}

fn main() {}
