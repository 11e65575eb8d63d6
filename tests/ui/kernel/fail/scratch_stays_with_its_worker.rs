use std::sync::Mutex;

#[pasha::kernel]
fn leak<'a>(
    _worker_id: usize,
    _index: usize,
    _value: &f64,
    #[scratch] buffer: &'a mut Vec<f64>,
    #[param] kept: &Mutex<Vec<&'a mut Vec<f64>>>,
) {
    kept.lock().unwrap().push(buffer);
}

fn main() {}
