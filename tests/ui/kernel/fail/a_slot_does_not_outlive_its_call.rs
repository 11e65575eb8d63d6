use std::sync::Mutex;

use ndarray::ArrayViewMut1;

#[pasha::kernel]
fn to_param<'a>(
    _worker_id: usize,
    _index: usize,
    _value: &f64,
    #[param] slots: &Mutex<Vec<&'a mut f64>>,
    #[out] slot: &'a mut f64,
) {
    slots.lock().unwrap().push(slot);
}

#[pasha::kernel]
fn elided(
    _worker_id: usize,
    _index: usize,
    _value: &f64,
    #[param] slots: &Mutex<Vec<&mut f64>>,
    #[out] slot: &mut f64,
) {
    slots.lock().unwrap().push(slot);
}

#[pasha::kernel]
fn to_scratch<'a>(
    _worker_id: usize,
    _index: usize,
    _value: &f64,
    #[scratch] slots: &mut Vec<ArrayViewMut1<'a, f64>>,
    #[per_worker] slot: ArrayViewMut1<'a, f64>,
) {
    slots.push(slot);
}

#[pasha::kernel]
fn to_item<'a>(_worker_id: usize, _index: usize, item: &Mutex<Option<&'a mut f64>>, #[out] slot: &'a mut f64) {
    *item.lock().unwrap() = Some(slot);
}

fn main() {}
