use pasha::prelude::*;
use std::sync::Mutex;

#[pasha::kernel]
fn to_param<'a>(_worker_id: usize, _index: usize, value: &'a f64, #[param] seen: &Mutex<Vec<&'a f64>>) {
    seen.lock().unwrap().push(value);
}

#[pasha::kernel]
fn to_scratch<'a>(_worker_id: usize, _index: usize, value: &'a f64, #[scratch] seen: &mut Vec<&'a f64>) {
    seen.push(value);
}

#[pasha::kernel]
fn to_slot<'a>(_worker_id: usize, _index: usize, value: &'a f64, #[scratch] last: &mut Option<&'a f64>) {
    *last = Some(value);
}

#[pasha::kernel]
fn forever(_worker_id: usize, _index: usize, _value: &'static f64) {}

fn main() -> pasha::Result<()> {
    let values = vec![1.0];
    Context::serial().map(forever {}, &values)?;
    Ok(())
}
