#[pasha::kernel]
fn pattern(_worker_id: usize, _index: usize, _value: &f64, #[param] (low, high): (f64, f64), #[out] sum: &mut f64) {
    *sum = low + high;
}

#[pasha::kernel]
fn anonymous(_worker_id: usize, _index: usize, _value: &f64, #[out] _: &mut f64) {}

fn main() {}
