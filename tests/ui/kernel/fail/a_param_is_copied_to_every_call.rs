#[pasha::kernel]
fn vector(_worker_id: usize, _index: usize, _value: &f64, #[param] _weights: Vec<f64>) {}

#[pasha::kernel]
fn text(_worker_id: usize, _index: usize, _value: &f64, #[param] _name: String) {}

#[pasha::kernel]
fn mutable(_worker_id: usize, _index: usize, _value: &f64, #[param] _count: &mut usize) {}

struct Calibration {
    _gain: Vec<f64>,
}

#[pasha::kernel]
fn own(_worker_id: usize, _index: usize, _value: &f64, #[param] _calibration: Calibration) {}

fn main() {}
