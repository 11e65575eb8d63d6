#[pasha::kernel]
fn by_value(_worker_id: usize, _index: usize, _value: &f64, #[scratch] _buffer: Vec<f64>) {}

#[pasha::kernel]
fn shared(_worker_id: usize, _index: usize, _value: &f64, #[scratch] _buffer: &Vec<f64>) {}

#[pasha::kernel]
fn slice(_worker_id: usize, _index: usize, _value: &f64, #[scratch] _buffer: &mut [f64]) {}

#[pasha::kernel]
fn object(_worker_id: usize, _index: usize, _value: &f64, #[scratch] _log: &mut dyn std::fmt::Write) {}

fn main() {}
