#[pasha::kernel]
fn of_arrays(_worker_id: usize, _index: usize, _value: &f64, #[reduce(sum)] _sum: &mut [f64; 3]) {}

fn main() {}
