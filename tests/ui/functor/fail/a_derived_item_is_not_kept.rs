use std::sync::Mutex;

#[derive(pasha::Functor)]
struct Shots {
    train_id: Vec<u64>,
    pixels: ndarray::Array2<u16>,
}

#[pasha::kernel]
fn keep<'a>(_worker_id: usize, _index: usize, shot: ShotsItem<'a>, #[param] kept: &Mutex<Vec<ShotsItem<'a>>>) {
    kept.lock().unwrap().push(shot);
}

fn main() {}
