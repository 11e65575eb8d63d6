#[pasha::kernel]
fn no_item(_worker_id: usize, _index: usize, #[out] _sum: &mut f64) {}

#[pasha::kernel]
fn nothing_but_index(_worker_id: usize, _index: usize) -> f64 {
    0.0
}

fn main() {}
