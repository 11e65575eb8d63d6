#[pasha::kernel]
fn item(_worker_id: usize, _index: usize, _value: impl Copy, #[out] _sum: &mut f64) {}

#[pasha::kernel]
fn param(_worker_id: usize, _index: usize, _value: &f64, #[param] _gain: &impl Into<f64>, #[out] _sum: &mut f64) {}

#[pasha::kernel]
fn output(_worker_id: usize, _index: usize, value: &f64) -> impl Copy {
    *value
}

fn main() {}
